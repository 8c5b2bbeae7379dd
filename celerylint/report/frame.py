"""Code frames: source lines with the spans of a finding marked and labelled under them.

A span on one line is underlined; one over several lines has a bracket at its left::

    14 | @shared_task(soft_time_limit=120, time_limit=60)
       |              -------------------  ^^^^^^^^^^^^^ the hard limit strikes first
       |              |
       |              the soft limit

    20 | / @shared_task(
    21 | |     bind=True,
    22 | | )
       | |_^ nothing limits this task
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from celerylint.model.place import Place
from celerylint.report.excerpt import Excerpt, excerpt
from celerylint.report.source import Sources
from celerylint.report.style import Style, display_width, printable, wrap

_UNLIMITED = 160
"""Columns of source shown where the output is no terminal: enough for real code, and a minified
line does not flood a log."""
_NARROWEST = 24


class Mark(msgspec.Struct, frozen=True):
    """A span to mark, with what to say about it. The primary one is what the finding is about."""

    place: Place
    text: str
    primary: bool = False

    @property
    def many_lines(self) -> bool:
        return self.place.end_line > self.place.line


class Frames:
    """Draws the marks of one finding, file by file.

    ``severity`` colours the primary mark; ``width`` is that of the terminal, None where there is
    none.
    """

    def __init__(
        self,
        marks: Sequence[Mark],
        severity: str,
        sources: Sources,
        style: Style,
        width: int | None,
    ) -> None:
        self._marks = marks
        self._severity = severity
        self._sources = sources
        self._style = style
        self._width = width
        self._gutter = len(str(max(mark.place.end_line for mark in marks)))

    def lines(self) -> Iterator[str]:
        """The frames of every file: that of the primary mark first, the others in the order in
        which the finding names them."""
        paths = dict.fromkeys(mark.place.path for mark in self._marks)
        for path in paths:
            marks = [mark for mark in self._marks if mark.place.path == path]
            if self._sources.line(path, marks[0].place.line) is None:
                yield from self._without_source(marks)
                continue
            if not any(mark.primary for mark in marks):
                yield self._other_file(marks[0].place)
            yield self._bar()
            yield from self._file(path, marks)
            yield self._bar()

    def note(self, word: str, text: str) -> Iterator[str]:
        """A line such as ``= help: …`` that hangs under the frame."""
        head = f"{' ' * self._gutter} = {word}: "
        room = self._room(len(head))
        first, *rest = wrap(printable(text), room)
        equals = self._style("=", "bold", "blue")
        yield f"{' ' * self._gutter} {equals} {self._style(word, 'bold')}: {first}"
        for line in rest:
            yield " " * len(head) + line

    def _other_file(self, place: Place) -> str:
        arrow = self._style(":::", "bold", "blue")
        return f"{' ' * self._gutter} {arrow} {printable(str(place))}"

    def _without_source(self, marks: list[Mark]) -> Iterator[str]:
        """What the labels say, where the lines they stand on cannot be read (any more)."""
        for mark in marks:
            if not mark.primary:
                yield f"{self._other_file(mark.place)}: {printable(mark.text)}"
            elif mark.text:
                yield from self.note("note", mark.text)

    def _room(self, used: int) -> int | None:
        return None if self._width is None else max(self._width - used, _NARROWEST)

    def _bar(self, number: int | None = None, body: str = "") -> str:
        label = "" if number is None else str(number)
        return self._style(f"{label:>{self._gutter}} |", "bold", "blue") + (body and f" {body}")

    def _file(self, path: str, marks: list[Mark]) -> Iterator[str]:
        brackets = [mark for mark in marks if mark.many_lines]
        previous = None
        for number in _shown_lines(marks):
            text = self._sources.line(path, number)
            if text is None:
                continue
            if previous is not None and number > previous + 1:
                gap = self._style(f"{'...':<{self._gutter + 3}}", "bold", "blue")
                yield (gap + self._margin(brackets, number - 1)).rstrip()
            yield from self._line(number, text, marks, brackets)
            previous = number

    def _line(
        self, number: int, text: str, marks: list[Mark], brackets: list[Mark]
    ) -> Iterator[str]:
        here = [mark for mark in marks if not mark.many_lines and mark.place.line == number]
        margin = 2 * len(brackets)
        room = self._room(self._gutter + 3 + margin) or _UNLIMITED
        shown = excerpt(text, room, _focus(here))
        yield self._bar(number, (self._margin(brackets, number) + shown.text).rstrip())
        for row in self._underlines(shown, here, room):
            yield self._bar(None, self._margin(brackets, number, after=True) + row)
        for mark in brackets:
            if mark.place.end_line == number:
                yield from self._closing(mark, brackets, shown)

    def _margin(self, brackets: list[Mark], number: int, after: bool = False) -> str:
        """The brackets' part of a row: that of line ``number``, or of the rows under it."""
        parts = []
        for mark in brackets:
            place = mark.place
            if number == place.line and not after:
                parts.append(self._paint("/ ", mark))
            elif place.line <= number <= place.end_line:
                parts.append(self._paint("| ", mark))
            else:
                parts.append("  ")
        return "".join(parts)

    def _closing(self, mark: Mark, brackets: list[Mark], shown: Excerpt) -> Iterator[str]:
        """The row that ends a bracket: ``|_____^ label``."""
        place = mark.place
        index = brackets.index(mark)
        left = "".join(
            self._paint("| ", other)
            if other.place.line <= place.end_line < other.place.end_line
            else "  "
            for other in brackets[:index]
        )
        last_column = max(shown.column(place.end_column) - 1, 0)
        across = 2 * (len(brackets) - index) - 1 + last_column
        caret = "^" if mark.primary else "-"
        used = 2 * index + 1 + across + 2
        first, *rest = wrap(printable(mark.text), self._room(self._gutter + 3 + used))
        tail = self._paint(f"|{'_' * across}{caret} {first}".rstrip(), mark)
        yield self._bar(None, left + tail)
        for line in rest:
            yield self._bar(None, " " * used + self._paint(line, mark))

    def _underlines(self, shown: Excerpt, marks: list[Mark], room: int) -> Iterator[str]:
        """The rows under a source line: the underlines with the rightmost label, then the other
        labels from right to left, each hanging under its span."""
        if not marks:
            return
        spans = sorted(
            ((*_span(shown, mark), mark) for mark in marks),
            key=lambda span: (span[0], span[2].primary, -span[1]),
        )
        _, end, rightmost = spans[-1]
        # Beside the underline there is room for one label, if nothing else ends further right.
        inline = rightmost if end == max(span[1] for span in spans) else None
        underline = self._underline(spans)
        pieces = wrap(printable(inline.text), None) if inline else [""]
        if inline and self._width is not None:
            beside = room - end - 1
            pieces = wrap(printable(inline.text), beside)
            if max(map(display_width, pieces)) > beside or beside < _NARROWEST:
                inline, pieces = None, [""]
        yield underline + (f" {self._paint(pieces[0], inline)}" if inline and pieces[0] else "")
        for piece in pieces[1:]:
            yield " " * (end + 1) + self._paint(piece, rightmost)
        hanging = [(span[0], span[2]) for span in spans if span[2] is not inline and span[2].text]
        if hanging:
            yield self._connectors(hanging)
        while hanging:
            column, mark = hanging.pop()
            for piece in wrap(printable(mark.text), self._hanging_room(room, column)):
                yield self._connectors(hanging, column) + self._paint(piece, mark)

    def _hanging_room(self, room: int, column: int) -> int | None:
        return None if self._width is None else max(room - column, _NARROWEST)

    def _underline(self, spans: list[tuple[int, int, Mark]]) -> str:
        owners: list[Mark | None] = [None] * max(end for _, end, _ in spans)
        # The primary span is drawn last, over the others.
        for start, end, mark in sorted(spans, key=lambda span: span[2].primary):
            owners[start:end] = [mark] * (end - start)
        row = ""
        for owner, cells in groupby(owners):
            length = len(list(cells))
            if owner is None:
                row += " " * length
            else:
                row += self._paint(("^" if owner.primary else "-") * length, owner)
        return row

    def _connectors(self, hanging: list[tuple[int, Mark]], until: int | None = None) -> str:
        """``|`` under the start of each span whose label is still to come."""
        row, position = "", 0
        for column, mark in hanging:
            if column >= position and column != until:
                row += " " * (column - position) + self._paint("|", mark)
                position = column + 1
        return row if until is None else row + " " * (until - position)

    def _paint(self, text: str, mark: Mark) -> str:
        if mark.primary:
            return self._style.severity(text, self._severity)
        return self._style(text, "bold", "blue")


def _shown_lines(marks: Sequence[Mark]) -> list[int]:
    """The lines worth showing: those with an end of a span, one more inside a bracket, and
    lone lines between two shown ones, since a gap mark would take as much space."""
    wanted = set()
    for mark in marks:
        first, last = mark.place.line, mark.place.end_line
        wanted |= {first, last}
        if last - first > 1:
            wanted |= {first + 1, last - 1}
    wanted |= {line + 1 for line in wanted if line + 2 in wanted}
    return sorted(wanted)


def _focus(marks: list[Mark]) -> tuple[int, int]:
    if not marks:
        return 1, 1
    # Around the primary span first: with several marks far apart, it is the one to be seen.
    primary = [mark for mark in marks if mark.primary] or marks
    start = min(mark.place.column for mark in primary)
    return start, max(mark.place.end_column for mark in primary)


def _span(shown: Excerpt, mark: Mark) -> tuple[int, int]:
    """Display columns of a mark's first cell and just after its last; at least one cell."""
    start = shown.column(mark.place.column)
    return start, max(shown.column(mark.place.end_column), start + 1)
