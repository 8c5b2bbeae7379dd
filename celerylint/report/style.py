"""Terminal text: colours, display width, wrapping, and words that agree with their number."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
_SEVERITY_COLORS = {"error": "red", "warning": "yellow", "info": "cyan"}


class Style:
    """Paints text with ANSI colours, or leaves it alone."""

    def __init__(self, color: bool = False) -> None:
        self.color = color

    def __call__(self, text: str, *names: str) -> str:
        """``text`` in the named colours (the keys of ``_CODES``)."""
        if not self.color or not names or not text:
            return text
        codes = ";".join(_CODES[name] for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def severity(self, text: str, severity: str) -> str:
        """``text`` in the colour of a severity, by its word."""
        return self(text, "bold", _SEVERITY_COLORS[severity])


def printable(text: str) -> str:
    """``text`` without characters that steer a terminal.

    Paths, names and source lines come from the files that are checked: an escape sequence or a
    bidirectional override in them must not reach the reader's terminal. Control characters become
    their pictures (``␛``), invisible format characters ``�``; the width in columns is kept simple:
    one a character.
    """
    if text.isprintable():
        return text
    return "".join(map(_printable_character, text))


def _printable_character(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and code != 0x200D:
        return "�"
    return character


def character_width(character: str) -> int:
    """How many columns a character takes on a terminal: 0, 1 or 2."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def display_width(text: str) -> int:
    """How many columns ``text`` (without colours) takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(character_width, text))


def wrap(text: str, width: int | None, used: int = 0) -> list[str]:
    """``text`` as lines of at most ``width`` columns, broken at spaces; one line for None.

    ``used`` is how much of the first line is taken by something else already. A word wider than
    the line stands alone on its line: names and commands stay whole, so that they can be copied.
    """
    words = text.split()
    if width is None or not words:
        return [" ".join(words)]
    lines = [words[0]]
    if used and used + display_width(words[0]) > width:
        lines.insert(0, "")
        used = 0
    for word in words[1:]:
        if used + display_width(lines[-1]) + 1 + display_width(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
            used = 0
    return lines


def rule_title(code: str, name: str) -> str:
    """``CEL201 soft-limit-not-below-hard``; the code of a policy is its name."""
    return name if code == name else f"{code} {name}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 task``, ``61 tasks``; ``plural`` is needed where adding an s is wrong."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(parts: Iterable[str]) -> str:
    """``a, b and c``."""
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else last
