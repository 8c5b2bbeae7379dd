"""A look at how deep a text nests, before libcst does.

libcst's parser is recursive native code: a deep enough text brings down the whole process.
Measured with libcst 1.9 and a stack of 8 MB, 1,500 brackets do, 4,000 ``lambda``, 7,000 ``if``
expressions, 10,000 ``not`` or ``elif``. Python itself allows 200 brackets.
"""

from __future__ import annotations

import re

from celerylint.read.unreadable import Unreadable

_MOST_BRACKETS = 200
_MOST_OPERATORS = 1_000
_MOST_ELIFS = 3_000

_TOKEN = re.compile(
    r"""
      (?P<open>[(\[{]) | (?P<close>[)\]}]) | \#[^\r\n]*
    | \"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3})? | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?
    | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3})?   | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMATTED = re.compile(r"(?:[ft]r?|r[ft])$", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,;]|[\r\n](?=\w)")
_OPERATOR = re.compile(r"[-+~]|\*\*|\b(?:and|if|lambda|not|or)\b")


def check_nesting(text: str) -> None:
    """Raise `Unreadable` for a text that might overflow the native stack."""
    offset = _too_many_brackets(text)
    if offset is None:
        offset = _too_many_operators(text)
    if offset is None and text.count("elif ") > _MOST_ELIFS:
        offset = text.index("elif ")
    if offset is not None:
        raise Unreadable(text, offset, "it nests too deep here")


def _too_many_brackets(text: str) -> int | None:
    if sum(map(text.count, "([{")) <= _MOST_BRACKETS:
        return None
    depth = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
            if depth > _MOST_BRACKETS:
                return token.start()
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif token[0].count("{") > _MOST_BRACKETS and _FORMATTED.search(text, 0, token.start()):
            return ...
    return None


def _too_many_operators(text: str) -> int | None:
    """Where an expression, which ends at a comma or the next statement at the margin, is long."""
    start = 0
    ...
