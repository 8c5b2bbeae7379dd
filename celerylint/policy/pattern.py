"""How policies match names: exactly, with a glob, or with a regular expression."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache

import msgspec


class Pattern(msgspec.Struct, frozen=True):
    """A text to match names with.

    ``/…/`` is a regular expression that has to be found somewhere in the name. A text with ``*``,
    ``?`` or ``[`` is a glob over the whole name, in which ``*`` crosses dots and slashes. Anything
    else is the name itself. Upper and lower case differ.

    Raises ValueError, in words for the user, for a regular expression that is none.
    """

    text: str

    def __post_init__(self) -> None:
        try:
            _compiled(self)
        except re.error as error:
            raise ValueError(f"`{self.text}` is no regular expression: {error}") from None

    @property
    def is_regex(self) -> bool:
        return len(self.text) > 2 and self.text.startswith("/") and self.text.endswith("/")

    @property
    def is_glob(self) -> bool:
        return not self.is_regex and any(sign in self.text for sign in "*?[")

    @property
    def is_name(self) -> bool:
        return not self.is_regex and not self.is_glob

    def matches(self, name: str) -> bool:
        return _compiled(self).search(name) is not None


@cache
def _compiled(pattern: Pattern) -> re.Pattern[str]:
    if pattern.is_regex:
        return re.compile(pattern.text[1:-1])
    if pattern.is_glob:
        return re.compile(r"\A" + translate(pattern.text))
    return re.compile(rf"\A{re.escape(pattern.text)}\Z")
