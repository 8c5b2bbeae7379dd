"""A look at how deep a text nests, before libcst does.

libcst's parser is recursive native code: a deep enough text brings down the whole process.
Measured with libcst 1.9 and a stack of 8 MB, 1,500 brackets do, 4,000 ``lambda``, 7,000 ``if``
expressions, 10,000 ``not`` or ``elif``. Python itself allows 200 brackets.
"""

from __future__ import annotations

import re

from celerylint.read.lexical import QUOTED, is_formatted
from celerylint.read.unreadable import Unreadable

_MOST_BRACKETS = 200
_MOST_OPERATORS = 1_000
_MOST_ELIFS = 3_000

_MARK = re.compile(r"[()\[\]{},;\r\n]|\\\r?\n")
_OPERATOR = re.compile(r"[-+~.]|\*\*|[)\]]\s*[(\[]|\b(?:and|if|lambda|not|or)\b")
_OPERATORS = ("-", "+", "~", ".", "**", ")(", "](", ")[", "][", "and", "if", "lambda", "not", "or")


def check_nesting(text: str) -> None:
    """Raise `Unreadable` for a text that might overflow the native stack."""
    brackets = sum(map(text.count, "([{"))
    operators = sum(map(text.count, _OPERATORS))
    elifs = text.count("elif ")
    if elifs > _MOST_ELIFS:
        raise Unreadable(text, text.index("elif "), f"it has {elifs} `elif`")
    if brackets > _MOST_BRACKETS or operators > _MOST_OPERATORS:
        _check(text, QUOTED.sub(_blank, text) + "\n")


def _blank(quoted: re.Match[str]) -> str:
    """Spaces in place of a string or comment, but not of an f-string that may nest deep."""
    if quoted[0].count("{") > _MOST_BRACKETS and is_formatted(quoted):
        return quoted[0]
    return " " * len(quoted[0])


def _check(text: str, bare: str) -> None:
    """Check a text whose strings and comments are blank."""
    depth = start = 0
    for mark in _MARK.finditer(bare):
        if mark[0] in "([{":
            depth += 1
            if depth > _MOST_BRACKETS:
                reason = f"more than {_MOST_BRACKETS} brackets are open here"
                raise Unreadable(text, mark.start(), reason)
        elif mark[0] in ")]}":
            depth = max(depth - 1, 0)
        elif mark[0] in ",;" or (depth == 0 and mark[0] in "\r\n"):
            long = mark.start() - start > _MOST_OPERATORS
            if long and len(_OPERATOR.findall(bare, start, mark.start())) > _MOST_OPERATORS:
                reason = f"more than {_MOST_OPERATORS} operators are in this expression"
                raise Unreadable(text, start, reason)
            start = mark.end()
