"""Files of sections with ``key = value`` lines: systemd, supervisor, tox.

configparser reads the same, but tells no places, and neither of the first two is quite its format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from celerylint.deploy.text import Source, Text

_SECTION = re.compile(r"\s*\[(?P<name>[^\]]+)\]")
_KEY = re.compile(r"(?P<key>[\w.%-]+(?::[\w.-]+)?)\s*[=:]\s*")


class Entry(msgspec.Struct, frozen=True):
    key: str
    value: Text


class Section(msgspec.Struct, frozen=True):
    name: Text
    entries: tuple[Entry, ...]

    def get(self, key: str) -> Text | None:
        """The last value of a key."""
        found = self.all(key)
        return found[-1] if found else None

    def all(self, key: str) -> list[Text]:
        return [entry.value for entry in self.entries if entry.key.lower() == key.lower()]


def sections(source: Source, *, backslash: bool = False, comments: str = "#;") -> Iterator[Section]:
    """The sections of a file. A value goes on in lines that are indented, or, with ``backslash``,
    behind one at the end of a line."""
    name: Text | None = None
    entries: list[Entry] = []
    lines = iter(source.lines())
    for line in lines:
        text = line.value
        if not text.strip() or text.lstrip()[0] in comments:
            continue
        section = _SECTION.match(text)
        if section and not text[:1].isspace():
            if name is not None:
                yield Section(name, tuple(entries))
            name, entries = line.slice(section.start("name"), section.end("name")), []
            continue
        if text[:1].isspace() and not backslash:
            if entries:
                last = entries[-1]
                entries[-1] = Entry(last.key, _joined(last.value, line, "\n"))
            continue
        key = _KEY.match(text)
        if key is None:
            continue
        value = line.slice(key.end())
        while backslash and value.value.endswith("\\"):
            value = value.slice(0, len(value.value) - 1)
            following = next(lines, None)
            if following is None:
                break
            value = _joined(value, following, " ")
        entries.append(Entry(key["key"], value))
    if name is not None:
        yield Section(name, tuple(entries))


def _joined(one: Text, other: Text, separator: str) -> Text:
    glue = msgspec.structs.replace(other.slice(0, 0), value=separator)
    return one + glue + other if one.value else other
