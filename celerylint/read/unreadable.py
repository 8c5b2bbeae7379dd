"""Why a file cannot be read, at the place where a person would look for the reason."""

from __future__ import annotations

import ast
import re
from itertools import islice

import libcst as cst

_LINE_END = re.compile(r"\r\n?|\n")
_PLACE = re.compile(r"^parser error: error at (\d+):(\d+): ")
_LAST_TOKEN = re.compile(r"(?:\w+|\S)\s*$")
_TOP_LEVEL = re.compile(r"(?<=[\r\n])[^\s#)\]}]")


class Unreadable(Exception):
    """A text (as far as it could be decoded) has no facts.

    ``offset`` is where, in characters; ``message`` completes "the file cannot be read: ...".
    """

    def __init__(self, text: str, offset: int, message: str) -> None:
        super().__init__(message)
        self.text = text
        self.offset = offset
        self.message = message


def line_starts_of(text: str) -> tuple[int, ...]:
    """The offsets at which lines begin, for every way to end a line."""
    return (0, *(match.end() for match in _LINE_END.finditer(text)))


def rejected(text: str, error: Exception) -> Unreadable:
    """A text that libcst rejects, or fails on.

    libcst names the token after the one that it stumbled over, and every token that it would
    have liked better. Python's own parser finds the true place and has words for people, so it is
    asked; unless it stumbles earlier, over syntax that is only newer than it is.
    """
    lines = line_starts_of(text)
    fault = "syntax error"
    try:
        ast.parse(text)
        fault = "libcst does not read this, though Python does"
    except SyntaxError as refusal:
        line = min(max(refusal.lineno or 1, 1), len(lines))
        offset = min(lines[line - 1] + max(refusal.offset or 1, 1) - 1, len(text))
        if not _is_newer_syntax(text, offset):
            vague = refusal.msg.startswith("invalid syntax")
            return Unreadable(text, offset, refusal.msg if vague else f"{fault}: {refusal.msg}")
    except (ValueError, MemoryError, RecursionError):
        pass
    offset, reason = _in_libcst_words(text, lines, error)
    return Unreadable(text, offset, fault + reason)


def _is_newer_syntax(text: str, offset: int) -> bool:
    """Whether libcst reads the text up to the end of the top-level statement at the offset."""
    # A line that begins at the margin mostly starts a statement; in a string or after a
    # decorator it does not, which a few more tries get over.
    for following in islice(_TOP_LEVEL.finditer(text, offset + 1), 3):
        try:
            cst.parse_module(text[: following.start()])
        except Exception:  # see `rejected`
            continue
        return True
    return False


def _in_libcst_words(text: str, lines: tuple[int, ...], error: Exception) -> tuple[int, str]:
    if not isinstance(error, cst.ParserSyntaxError):  # a fault, as CSTLogicError for t"a" t"b"
        return 0, f" ({type(error).__name__}: {error})"
    message = error.message.splitlines()[0]
    place = _PLACE.match(message)
    if place is None:  # libcst's tokenizer does not say where
        return 0, f": {message.removeprefix('tokenizer error: ')}"
    line, column = int(place[1]), int(place[2])
    token = _LAST_TOKEN.search(text, 0, lines[min(line, len(lines)) - 1] + column)
    if token is None:
        return 0, f": {message[place.end() :]}"
    return token.start(), f" near `{token[0].strip()}`"
