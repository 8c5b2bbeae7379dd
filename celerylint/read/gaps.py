"""Which bodies of functions can be left out when a file is parsed.

Two thirds of the code in files that mention Celery are in functions that do not, and libcst reads
half a megabyte a second. So their bodies are cut out before it parses, and parsed only if somebody
asks for them (`celerylint.read.syntax.Unread`). The cut goes by indentation; whatever is not plain
to see stays in.
"""

from __future__ import annotations

import re
import symtable
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from celerylint.read.lexical import QUOTED, code_of, is_formatted

STAND_IN = " ..."
"""What is parsed in place of a body."""

_SHORTEST = 100
_IN_PARENTHESES = r"\([^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*\)"
_HEADER = re.compile(
    rf"""
    \n(?P<indent>\ *)(?P<async>async\ +)?def\ +(?P<name>\w+)\ *{_IN_PARENTHESES}
    \s*(?:->[^:]+)?:(?=[ \t]*\r?\n)
    """,
    re.VERBOSE,
)

# Bodies with these words will be asked for: they may make a task or an app, or call a task.
_TELLING = (
    "Celery(",
    ".conf.",
    ".conf[",
    ".delay",
    ".s(",
    ".si(",
    ".task",
    "apply_async",
    "config_from_object",
    "periodic_task",
    "register_task",
    "send_task",
    "shared_task",
    "signature(",
    "subtask",
)


class Gap(NamedTuple):
    """The body of a function, from behind the colon of its header to the end of its last
    statement. ``name`` is the offset of the function's name."""

    start: int
    end: int
    name: int
    is_async: bool


def gaps_in(text: str) -> list[Gap]:
    """The bodies that need not be parsed, in order. None of them is in another one."""
    try:
        gaps = list(_gaps(_bare(text)))
    except _Unclear:
        return []
    return gaps if gaps and _is_python(text) else []


def without(text: str, gaps: Iterable[Gap]) -> str:
    """The text with stand-ins for the bodies."""
    parts = []
    position = 0
    for gap in gaps:
        parts += [text[position : gap.start], STAND_IN]
        position = gap.end
    return "".join([*parts, text[position:]])


class _Unclear(Exception):
    """The text has what makes lines or strings hard to tell."""


def _bare(text: str) -> str:
    if "\f" in text or text.count("\r") != text.count("\r\n"):
        raise _Unclear
    for quoted in QUOTED.finditer(text):
        # Where a field has a string of its own, `QUOTED` does not see where the whole ends.
        if "{" in quoted[0] and is_formatted(quoted) and _is_unbalanced(quoted[0]):
            raise _Unclear
    return code_of(text)


def _is_unbalanced(formatted: str) -> bool:
    return formatted.count("{") != formatted.count("}")


def _gaps(bare: str) -> Iterator[Gap]:
    position = 0
    while header := _HEADER.search(bare, position):
        end = _end_of_block(bare, header.end(), len(header["indent"]))
        body = bare[header.end() : end].rstrip(" \t\r\n;")
        above = bare[max(header.start() - 500, 0) : header.start()].rpartition("\n\n")[2]
        if len(body) < _SHORTEST or "task" in above or any(word in body for word in _TELLING):
            position = header.end()
            continue
        stop = header.end() + len(body)
        yield Gap(header.end(), stop, header.start("name"), header["async"] is not None)
        position = stop


def _end_of_block(bare: str, start: int, indent: int) -> int:
    """Where the first line begins that is not indented deeper."""
    outside = _line_at_most(indent)
    while found := outside.search(bare, start):
        line = found.start()
        if not bare[:line].endswith(("\\", "\\\r"), line - 2):
            return line
        start = line + 1
    return len(bare)


@cache
def _line_at_most(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,{indent}}}\S")


def _is_python(text: str) -> bool:
    """Whether Python accepts the text. If not, it is for libcst to say where the mistake is, or
    that the syntax is newer than this Python, so it has to see all of it."""
    try:
        symtable.symtable(text, "", "exec")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
