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

_OPERATORS = ("-", "+", "~", "**", "and", "if", "lambda", "not", "or")
_TOKEN = re.compile(
    r"""
      (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<separator>[,;])
    | (?P<line>[\r\n])
    | (?P<operator>[-+~]|\*\*|\b(?:and|if|lambda|not|or)\b)
    | \#[^\r\n]*
    | (?P<fields>\b(?:[ft]r?|r[ft]))?  # of a formatted string
      (?P<string>
        \"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3})? | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?
      | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3})?   | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?
      )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def check_nesting(text: str) -> None:
    """Raise `Unreadable` for a text that might overflow the native stack."""
    if text.count("elif ") > _MOST_ELIFS:
        raise Unreadable(text, 0, f"it has more than {_MOST_ELIFS} `elif`")
    if (
        sum(map(text.count, "([{")) <= _MOST_BRACKETS
        and sum(map(text.count, _OPERATORS)) <= _MOST_OPERATORS
    ):
        return
    operators = 0
    enclosing: list[int] = []  # for each open bracket, the operators around it
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            enclosing.append(operators)
        elif kind == "close":
            operators = enclosing.pop() if enclosing else 0
        elif kind == "operator":
            operators += 1
        elif kind == "separator":
            operators = enclosing[-1] if enclosing else 0
        elif kind == "line" and not enclosing:
            operators = 0
        fields = token["fields"] is not None and _depth(token["string"]) > _MOST_BRACKETS
        if len(enclosing) > _MOST_BRACKETS or operators > _MOST_OPERATORS or fields:
            raise Unreadable(text, token.start(), "it nests too deep from here on")


def _depth(text: str) -> int:
    """How many brackets are open at the deepest point, in quotes or not."""
    depth = deepest = 0
    for bracket in re.findall(r"[()\[\]{}]", text):
        depth += 1 if bracket in "([{" else -1
        deepest = max(depth, deepest)
    return deepest
