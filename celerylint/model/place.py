"""Where something stands in a file."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, order=True):
    """A stretch of text in a file.

    ``path`` is as shown to people: relative to the current directory where it can be, with
    forward slashes. Lines and columns count from 1, columns in characters; ``end_column`` is
    the column just after the last character.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
