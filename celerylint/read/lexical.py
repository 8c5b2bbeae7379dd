"""Strings, comments and words of Python code, told without parsing it."""

from __future__ import annotations

import re

QUOTED = re.compile(
    r"""
      \#[^\r\n]*
    | \"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3})? | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?
    | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3})?   | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?
    """,
    re.VERBOSE | re.DOTALL,
)
"""A comment or a string, without the prefix; one that is not closed ends with its line or the text.

A string within a field of an f-string may end the latter early (PEP 701): see `is_formatted`."""


class Words:
    """What code has to say to be worth reading: one of some words, in the way that ``pattern``
    tells, by default as a word of its own."""

    def __init__(self, *words: str, pattern: str = "") -> None:
        self._words = words
        self._pattern = re.compile(pattern or rf"\b(?:{'|'.join(words)})\b")

    def are_in(self, text: str) -> bool:
        """Whether the code of a text says so; in strings and comments it does not count."""
        if not any(word in text for word in self._words):
            return False  # by far the fastest way to tell
        found = self._pattern.search
        return found(text) is not None and found(code_of(text)) is not None


ANYTHING = Words("", pattern=".?")


def code_of(text: str) -> str:
    """The text with its strings and comments blank, but for f-strings, which may hold code. What
    was blanked has its length, and no line ends."""
    return QUOTED.sub(_blank, text)


def _blank(quoted: re.Match[str]) -> str:
    found = quoted[0]
    if found[0] == "#":
        return " " * len(found)
    if is_formatted(quoted):
        return found.replace("\n", " ")
    return "_" * len(found)


def is_formatted(quoted: re.Match[str]) -> bool:
    """Whether what `QUOTED` matched may be an f-string or t-string, by the letters before it."""
    start = quoted.start()
    prefix = quoted.string[max(start - 2, 0) : start].lower()
    return "f" in prefix or "t" in prefix
