"""What is wrong with policies. An invalid policy is not a broken one: this is about the former."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from celerylint.model.place import Place

KeyPath = tuple[str | int, ...]
"""Keys of tables and indices of arrays, from a policy's table to a value in it."""


class Mistake(msgspec.Struct, frozen=True):
    """One thing that is wrong with a policy. ``suggestion`` is what may have been meant."""

    place: Place
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        hint = f"; did you mean `{self.suggestion}`?" if self.suggestion else ""
        return f"{self.place}: {self.message}{hint}"


class PolicyErrors(Exception):
    """Policies that cannot be used, with everything that is wrong with them, in order of place."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.place))
        super().__init__("\n".join(map(str, self.mistakes)))


class PolicySource(msgspec.Struct, frozen=True):
    """A policy as it stands in a file: its table, and where its keys and values stand there.

    The path of a key that is missing means the table that it is missing from; the empty one means
    the policy itself.
    """

    table: dict[str, Any]
    key: Callable[[KeyPath], Place]
    value: Callable[[KeyPath], Place]
