"""The lines of the checked files, for showing them."""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Callable
from pathlib import Path

from celerylint import disk

_NEWLINE = re.compile(r"\r\n|\r|\n")


class Sources:
    """Reads the lines of files that findings point into, each file once.

    ``root`` is the folder that the paths of places are relative to: the current directory.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or Path()
        self._lines: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str | None:
        """The text of a line (counted from 1) without its line end; None where there is none."""
        if path not in self._lines:
            self._lines[path] = self._read(path)
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _read(self, path: str) -> list[str]:
        # A report is written even where its subject has gone or was never readable.
        try:
            data = disk.read(os.path.abspath(self._root / path))
            text = data.decode(_encoding(io.BytesIO(data).readline), errors="replace")
        except (OSError, ValueError):
            return []
        # Not str.splitlines: it also splits at form feeds and U+2028, which Python does not.
        return _NEWLINE.split(text)


def _encoding(readline: Callable[[], bytes]) -> str:
    try:
        return tokenize.detect_encoding(readline)[0]
    except SyntaxError:  # an unknown coding cookie, or bytes that are not UTF-8
        return "utf-8-sig"
