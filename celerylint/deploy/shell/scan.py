"""A shell word taken apart: literal text, expansions of variables, and what only runs can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from celerylint.deploy.text import Text


class Literal(msgspec.Struct, frozen=True):
    """Text that stands for itself, without its quotes and backslashes."""

    text: Text
    quoted: bool


class Expansion(msgspec.Struct, frozen=True):
    """``$NAME`` or ``${NAME<operator><argument>}``; ``text`` is all of it as written.

    ``each`` says that it is every element of an array, or every argument (``"$@"``).
    """

    text: Text
    name: str
    quoted: bool
    operator: str = ""
    argument: Text | None = None
    each: bool = False


class Computed(msgspec.Struct, frozen=True):
    """``$(command)``, backticks, arithmetic."""

    text: Text
    quoted: bool


Segment: TypeAlias = Literal | Expansion | Computed

_NAME = re.compile(r"[A-Za-z_]\w*|[0-9]|[@*#?$!-]")
_BRACED = re.compile(r"(?P<name>[A-Za-z_]\w*|\d+|[@*#?$!-])(?P<each>\[[@*]\])?(?P<rest>.*)", re.S)
_OPERATOR = re.compile(r":?[-=+?]")


def segments(text: Text) -> Iterator[Segment]:
    """The parts of one word, in order."""
    value = text.value
    position = start = 0
    in_quotes = False

    def literal(end: int) -> Iterator[Segment]:
        if end > start:
            yield Literal(text.slice(start, end), in_quotes)

    while position < len(value):
        character = value[position]
        if character == "\\" and (not in_quotes or value[position + 1 : position + 2] in '$`"\\\n'):
            yield from literal(position)
            following = value[position + 1 : position + 2]
            if following and following != "\n":
                yield Literal(text.slice(position + 1, position + 2), True)
            position = start = position + 2
        elif character == "'" and not in_quotes:
            yield from literal(position)
            end = value.find("'", position + 1)
            end = len(value) if end < 0 else end
            yield Literal(text.slice(position + 1, end), True)
            position = start = end + 1
        elif character == '"':
            yield from literal(position)
            if not in_quotes:
                yield Literal(text.slice(position + 1, position + 1), True)
            in_quotes = not in_quotes
            position = start = position + 1
        elif character in "$`" and (end := end_of_expansion(value, position)) > position + 1:
            yield from literal(position)
            yield expansion(text.slice(position, end), in_quotes)
            position = start = end
        else:
            position += 1
    yield from literal(position)


def end_of_expansion(value: str, start: int) -> int:
    """Where the expansion that may start here ends; just behind the ``$`` where none does."""
    if value[start] == "`":
        end = value.find("`", start + 1)
        return len(value) if end < 0 else end + 1
    following = value[start + 1 : start + 2]
    if following == "{":
        return _closing(value, start + 1, "{", "}")
    if following == "(":
        return _closing(value, start + 1, "(", ")")
    name = _NAME.match(value, start + 1)
    return name.end() if name else start + 1


def _closing(value: str, start: int, opening: str, closing: str) -> int:
    """The end of what is bracketed, with quotes and nested brackets in it."""
    depth, position, quote = 0, start, ""
    while position < len(value):
        character = value[position]
        if character == "\\":
            position += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if not depth:
                return position + 1
        position += 1
    return len(value)


def expansion(text: Text, quoted: bool) -> Segment:
    value = text.value
    if value.startswith(("$(", "`")):
        return Computed(text, quoted)
    if not value.startswith("${"):
        return Expansion(text, value[1:], quoted, each=value == "$@")
    found = _BRACED.fullmatch(value[2:].removesuffix("}"))
    if found is None:
        return Computed(text, quoted)
    operator = _OPERATOR.match(found["rest"])
    if found["rest"] and operator is None:
        return Computed(text, quoted)
    each = found["name"] == "@" or found["each"] == "[@]"
    if operator is None:
        return Expansion(text, found["name"], quoted, each=each)
    start = 2 + found.start("rest") + operator.end()
    argument = text.slice(start, 2 + found.end("rest"))
    return Expansion(text, found["name"], quoted, operator[0], argument, each)
