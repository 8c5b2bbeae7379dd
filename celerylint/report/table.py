"""Tables for people, which give way on narrow terminals without losing a word."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from celerylint.report.style import Style, display_width, printable

_GAP = "  "
_NARROWEST_COLUMN = 14
_NARROWEST_CELL = 8
_BREAKS = re.compile(r"(?<=[ ./,|])")


class Cell(msgspec.Struct, frozen=True):
    """The text of a cell and the names of its colours (see `Style`)."""

    text: str
    styles: tuple[str, ...] = ()


def table(
    headers: Sequence[str], rows: Sequence[Sequence[Cell]], style: Style, width: int | None
) -> list[str]:
    """The lines of a table.

    Without a ``width`` every row is one line, whatever its length, so that it can be searched.
    With one, cells that are too wide are broken at dots, slashes and the like, the widest columns
    first; where not even that fits, every row becomes a block of ``HEADER  value`` lines.
    """
    head = [Cell(header, ("bold",)) for header in headers]
    rows = [[Cell(printable(cell.text), cell.styles) for cell in row] for row in rows]
    widths = [
        max(display_width(cell.text) for cell in column) for column in zip(head, *rows, strict=True)
    ]
    if width is not None:
        if _total([min(size, _NARROWEST_COLUMN) for size in widths]) > width:
            return _blocks(headers, rows, style, width)
        widths = _shrunk(widths, width)
    return [line for row in (head, *rows) for line in _row(row, widths, style)]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _shrunk(widths: Sequence[int], width: int) -> list[int]:
    widths = list(widths)
    while _total(widths) > width:
        widths[widths.index(max(widths))] -= 1
    return widths


def _row(cells: Sequence[Cell], widths: Sequence[int], style: Style) -> list[str]:
    columns = [broken(cell.text, size) for cell, size in zip(cells, widths, strict=True)]
    lines = []
    for index in range(max(map(len, columns))):
        line, gap = "", ""
        for cell, column, size in zip(cells, columns, widths, strict=True):
            text = column[index] if index < len(column) else ""
            if text:
                line += gap + style(text, *cell.styles)
                gap = ""
            gap += " " * (size - display_width(text)) + _GAP
        lines.append(line)
    return lines


def _blocks(
    headers: Sequence[str], rows: Sequence[Sequence[Cell]], style: Style, width: int
) -> list[str]:
    indent = max(map(len, headers)) + len(_GAP)
    lines: list[str] = []
    for row in rows:
        if lines:
            lines.append("")
        for header, cell in zip(headers, row, strict=True):
            first, *rest = broken(cell.text, max(width - indent, _NARROWEST_CELL))
            lines.append(style(f"{header:<{indent}}", "bold") + style(first, *cell.styles))
            lines += [" " * indent + style(piece, *cell.styles) for piece in rest]
    return lines


def broken(text: str, width: int) -> list[str]:
    """``text`` in pieces of at most ``width`` columns, cut after a separator where there is one."""
    if display_width(text) <= width:
        return [text]
    pieces = [""]
    for part in _BREAKS.split(text):
        if display_width(pieces[-1] + part.rstrip()) <= width:
            pieces[-1] += part
            continue
        if pieces[-1]:
            pieces.append("")
        for character in part:
            if display_width(pieces[-1] + character) > width:
                pieces.append("")
            pieces[-1] += character
    return [piece.rstrip() for piece in pieces]
