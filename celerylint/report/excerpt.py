"""One source line as it is shown: tabs expanded, controls made visible, cropped to a width."""

from __future__ import annotations

import msgspec

from celerylint.report.style import character_width, printable

_TAB = 4
_CROPPED = "…"


class Excerpt(msgspec.Struct, frozen=True):
    """``text`` as printed. ``starts[i]`` is the display column (from 0) at which character ``i``
    of the source line starts; its last entry is where the line ends. Characters that were cropped
    away have the column of the edge they lie beyond."""

    text: str
    starts: tuple[int, ...]

    def column(self, source_column: int) -> int:
        """The display column (from 0) of a source column (from 1), clamped to the line."""
        return self.starts[min(max(source_column - 1, 0), len(self.starts) - 1)]


def excerpt(line: str, limit: int, focus: tuple[int, int]) -> Excerpt:
    """The part of ``line`` that fits into ``limit`` columns around ``focus`` (source columns of
    its first character and just after its last)."""
    cells = _cells(line)
    widths = [width for _, width in cells]
    first, last = _window(widths, limit, focus)
    text = "".join(cell for cell, _ in cells[first:last])
    column = 0
    if first > 0:
        text = _CROPPED + text
        column = 1
    if last < len(cells):
        text += _CROPPED
    starts = []
    for index, width in enumerate(widths):
        starts.append(column)
        if first <= index < last:
            column += width
    starts.append(column)
    return Excerpt(text, tuple(starts))


def _cells(line: str) -> list[tuple[str, int]]:
    """What each character is printed as, and how many columns that takes."""
    cells = []
    column = 0
    for character in line:
        if character == "\t":
            width = _TAB - column % _TAB
            cells.append((" " * width, width))
        else:
            shown = printable(character)
            width = character_width(shown)
            cells.append((shown, width))
        column += width
    return cells


def _window(widths: list[int], limit: int, focus: tuple[int, int]) -> tuple[int, int]:
    """The stretch of characters to show: the whole line, or else its beginning where that holds
    the focus, or else what surrounds the focus."""
    if sum(widths) <= limit:
        return 0, len(widths)
    room = limit - 2 * len(_CROPPED)
    first = min(max(focus[0] - 1, 0), len(widths) - 1)
    end = min(max(focus[1] - 1, first + 1), len(widths))
    if sum(widths[:end]) <= room:
        return 0, _fill(widths, 0, room)
    spare = (room - sum(widths[first:end])) // 2
    while first > 0 and spare >= widths[first - 1]:
        first -= 1
        spare -= widths[first]
    return first, _fill(widths, first, room)


def _fill(widths: list[int], first: int, room: int) -> int:
    """The end of the longest stretch from ``first`` that fits into ``room``."""
    end = first
    while end < len(widths) and widths[end] <= room:
        room -= widths[end]
        end += 1
    return end
