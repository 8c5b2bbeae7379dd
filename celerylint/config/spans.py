"""Where the keys and values of a TOML document stand in its text.

The parser that is used for the values tells no positions. This scanner tells nothing else, and
relies on the parser having accepted the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import tomli

from celerylint.model.place import Place

KeyPath = tuple[str | int, ...]
"""Keys of tables and indices of arrays, from the top of the document to a value."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\d{4}-\d\d-\d\d [\d:.]+(?:[zZ]|[+-]\d\d:\d\d)?"
    r"|[^\s,\]}#]+"
)


class Span(msgspec.Struct, frozen=True):
    """A stretch of a text, as offsets of its first character and of the one after its last."""

    start: int
    end: int


class Entry(msgspec.Struct, frozen=True):
    """A key and its value. An element of an array has no key of its own, and a table with a
    header no value: both spans are then the same."""

    key: Span
    value: Span


class Document:
    """The positions in a document, by path."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        """As shown to people."""
        self.text = text
        self._entries: Mapping[KeyPath, Entry] = _Scanner(text).entries

    def key(self, path: KeyPath) -> Place:
        """Where a key stands; for one that is not there, the table it is missing from."""
        return self.place(self._entry(path).key)

    def value(self, path: KeyPath) -> Place:
        """Where a value stands; for one that is not there, the table it is missing from."""
        return self.place(self._entry(path).value)

    def place(self, span: Span) -> Place:
        line, column = self._position(span.start)
        end_line, end_column = self._position(span.end)
        return Place(self.path, line, column, end_line, end_column)

    def _entry(self, path: KeyPath) -> Entry:
        while path and path not in self._entries:
            path = path[:-1]
        return self._entries.get(path) or Entry(Span(0, 0), Span(0, 0))

    def _position(self, offset: int) -> tuple[int, int]:
        line_start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - line_start + 1


class _Scanner:
    """Walks once through a valid document."""

    def __init__(self, text: str) -> None:
        self.entries: dict[KeyPath, Entry] = {}
        self._text = text
        self._at = 0
        self._tables: dict[KeyPath, int] = {}
        """How many elements the arrays of tables have so far."""
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(text):
            if text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()

    def _eat(self, mark: str) -> bool:
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True

    def _header(self) -> KeyPath:
        """``[a.b]`` or ``[[a.b]]``: the path of the table that begins."""
        start = self._at
        is_element = self._eat("[[")
        if not is_element:
            self._eat("[")
        path: KeyPath = ()
        parts = self._keys()
        for index, (name, span) in enumerate(parts):
            path = (*path, name)
            self.entries.setdefault(path, Entry(span, span))
            is_last = index == len(parts) - 1
            if path in self._tables and not (is_last and is_element):
                path = (*path, self._tables[path] - 1)
        self._eat("]]" if is_element else "]")
        if is_element:
            number = self._tables.get(path, 0)
            self._tables[path] = number + 1
            path = (*path, number)
            span = Span(start, self._at)
            self.entries[path] = Entry(span, span)
        return path

    def _pair(self, table: KeyPath) -> None:
        """``key = value``, in a table that stands for itself or inline."""
        keys = self._keys()
        self._eat("=")
        self._skip(_SPACE)
        path = table
        for name, span in keys[:-1]:
            path = (*path, name)
            self.entries.setdefault(path, Entry(span, span))
        name, span = keys[-1]
        path = (*path, name)
        self.entries[path] = Entry(span, self._value(path))

    def _keys(self) -> list[tuple[str, Span]]:
        """The parts of a dotted key; leaves off at what follows it."""
        parts = []
        while True:
            self._skip(_SPACE)
            start = self._at
            quoted = self._text[start] in "\"'"
            self._skip(_SCALAR if quoted else _BARE_KEY)
            name = self._text[start : self._at]
            if quoted:
                name = tomli.loads(f"{name} = 0").popitem()[0]
            parts.append((name, Span(start, self._at)))
            self._skip(_SPACE)
            if not self._eat("."):
                return parts

    def _value(self, path: KeyPath) -> Span:
        start = self._at
        if self._eat("["):
            self._skip(_BLANK)
            index = 0
            while not self._eat("]"):
                element = (*path, index)
                span = self._value(element)
                self.entries[element] = Entry(span, span)
                index += 1
                self._next()
        elif self._eat("{"):
            self._skip(_BLANK)
            while not self._eat("}"):
                self._pair(path)
                self._next()
        else:
            self._skip(_SCALAR)
        return Span(start, self._at)

    def _next(self) -> None:
        """On to the next element of an array or of an inline table, or to its end."""
        self._skip(_BLANK)
        self._eat(",")
        self._skip(_BLANK)
