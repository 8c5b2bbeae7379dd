"""Text that knows where it stands in which file, through slicing and joining."""

from __future__ import annotations

import re
from bisect import bisect_right

import msgspec

from celerylint.model.place import Place


class Run(msgspec.Struct, frozen=True):
    """Where a stretch of text stands: its first character, the others follow on the same line.

    ``start`` counts in the text that the stretch is part of; line and column count from 1.
    """

    start: int
    path: str
    line: int
    column: int


class Text(msgspec.Struct, frozen=True):
    """A string, and where each of its characters stands. An empty one has a place, too."""

    value: str
    runs: tuple[Run, ...]

    def slice(self, start: int, end: int | None = None) -> Text:
        """The characters from ``start`` up to ``end``."""
        end = len(self.value) if end is None else end
        first = max(bisect_right(self.runs, start, key=lambda run: run.start) - 1, 0)
        runs: list[Run] = []
        for run in self.runs[first:]:
            if run.start >= end and runs:
                break
            skipped = max(start - run.start, 0)
            begins = max(run.start - start, 0)
            runs.append(Run(begins, run.path, run.line, run.column + skipped))
        return Text(self.value[start:end], tuple(runs))

    def __add__(self, other: Text) -> Text:
        if not other.value:
            return self
        if not self.value:
            return other
        size = len(self.value)
        moved = (Run(run.start + size, run.path, run.line, run.column) for run in other.runs)
        return Text(self.value + other.value, (*self.runs, *moved))

    def stripped(self) -> Text:
        """Without white space around it."""
        start = len(self.value) - len(self.value.lstrip())
        return self.slice(start, max(len(self.value.rstrip()), start))

    @property
    def place(self) -> Place:
        """From the first character to the last, as far as that is in the same file."""
        first = self.runs[0]
        last = next(run for run in reversed(self.runs) if run.path == first.path)
        later = [run.start for run in self.runs if run.start > last.start]
        length = (later[0] if later else len(self.value)) - last.start
        if (last.line, last.column) < (first.line, first.column):
            last, length = first, 1
        return Place(first.path, first.line, first.column, last.line, last.column + length)


_NEWLINE = re.compile("\n")


class Source:
    """The text of one file, cut into `Text`.

    ``path`` is as shown to people.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._lines = [0, *(found.end() for found in _NEWLINE.finditer(text))]

    @classmethod
    def decoded(cls, path: str, data: bytes) -> Source:
        """Of the bytes of a file, whatever they are."""
        return cls(path, data.decode("utf-8-sig", errors="replace"))

    def slice(self, start: int, end: int) -> Text:
        """The characters from ``start`` up to ``end``, with their places."""
        first = bisect_right(self._lines, start) - 1
        runs = [Run(0, self.path, first + 1, start - self._lines[first] + 1)]
        for line in range(first + 1, len(self._lines)):
            if self._lines[line] >= end:
                break
            runs.append(Run(self._lines[line] - start, self.path, line + 1, 1))
        return Text(self.text[start:end], tuple(runs))

    def all(self) -> Text:
        return self.slice(0, len(self.text))

    def lines(self) -> list[Text]:
        """Its lines without their ends."""
        ends = [*(start - 1 for start in self._lines[1:]), len(self.text)]
        return [
            self.slice(start, max(start, end - self.text.endswith("\r", start, end)))
            for start, end in zip(self._lines, ends, strict=True)
        ]
