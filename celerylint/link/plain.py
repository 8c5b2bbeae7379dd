"""Arithmetic on plain values, with Python's own operators and string methods."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "|": operator.or_,
    "&": operator.and_,
    "^": operator.xor,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "is": lambda left, right: left is right or left == right,
    "is not": lambda left, right: not (left is right or left == right),
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "not": operator.not_,
    "-": operator.neg,
    "+": operator.pos,
    "~": operator.invert,
}

PLAIN = (bool, int, float, str, bytes, timedelta)

_TOO_LONG = 100_000


class CannotCompute(Exception):
    """The operation fails, or its result is not a plain value; the message says so."""


def binary(symbol: str, left: Any, right: Any) -> Any:
    """``left symbol right``. Raises CannotCompute where Python would raise."""
    if symbol not in _OPERATORS:
        raise CannotCompute(f"the operator `{symbol}` is not evaluated")
    if symbol in ("**", "<<", "*") and _explodes(symbol, left, right):
        raise CannotCompute("the result is too large to be evaluated")
    try:
        result = _OPERATORS[symbol](left, right)
    except Exception as error:
        raise CannotCompute(f"it raises {type(error).__name__}") from None
    return _plain(result)


def _explodes(symbol: str, left: Any, right: Any) -> bool:
    if symbol == "*":
        sizes = [len(side) for side in (left, right) if isinstance(side, (str, bytes))]
        numbers = [side for side in (left, right) if isinstance(side, int)]
        return bool(sizes and numbers) and sizes[0] * numbers[0] > _TOO_LONG
    if isinstance(left, int) and isinstance(right, int):
        return right > 256 or abs(left) > 2**64
    return False


def compare(symbol: str, left: Any, right: Any) -> bool:
    """``left symbol right`` as a truth value. Raises CannotCompute where Python would raise."""
    try:
        return bool(_COMPARISONS[symbol](left, right))
    except Exception as error:
        raise CannotCompute(f"it raises {type(error).__name__}") from None


def unary(symbol: str, operand: Any) -> Any:
    try:
        return _plain(_UNARY[symbol](operand))
    except CannotCompute:
        raise
    except Exception as error:
        raise CannotCompute(f"it raises {type(error).__name__}") from None


def _plain(result: Any) -> Any:
    if result is None or isinstance(result, PLAIN):
        return result
    raise CannotCompute("the result is not a plain value")


_STRING_METHODS = frozenset(
    {
        "lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "replace", "format",
        "startswith", "endswith", "removeprefix", "removesuffix", "join", "split", "rsplit",
        "isdigit", "isupper", "islower", "isalnum",
        "isidentifier", "casefold", "zfill", "encode", "decode", "swapcase", "find", "count",
        "splitlines", "isnumeric", "isalpha", "partition", "rpartition",
    }
)  # fmt: skip
_NUMBER_METHODS = frozenset({"is_integer", "bit_length", "total_seconds"})


def method(owner: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a method of a plain value. May return a list or tuple of plain values.

    Raises CannotCompute for a method that is not known to be pure, and where Python would raise.
    """
    allowed = _STRING_METHODS if isinstance(owner, (str, bytes)) else _NUMBER_METHODS
    if name not in allowed:
        raise CannotCompute(f"the method `.{name}()` is not evaluated")
    if name == "zfill" or name == "format":
        _check_format(owner, name, args)
    try:
        return getattr(owner, name)(*args, **kwargs)
    except Exception as error:
        raise CannotCompute(f"it raises {type(error).__name__}") from None


def _check_format(owner: Any, name: str, args: tuple[Any, ...]) -> None:
    """``"{:9999999999}".format(1)`` and ``"1".zfill(10**9)`` would fill the memory."""
    if name == "format" and ":" in str(owner):
        raise CannotCompute("a format specification is not evaluated")
    if name == "zfill" and args and isinstance(args[0], int) and args[0] > _TOO_LONG:
        raise CannotCompute("the result is too large to be evaluated")


def formatted(value: Any, conversion: str, spec: str) -> str:
    """``f"{value!conversion:spec}"``. Raises CannotCompute where it would fill the memory."""
    if any(int(number) > _TOO_LONG for number in re.findall(r"\d+", spec)):
        raise CannotCompute("the result is too large to be evaluated")
    return format(_CONVERSIONS[conversion](value) if conversion else value, spec)


_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


def shown(value: Any) -> str:
    """How a plain value is written in messages: short, and on one line."""
    text = repr(value) if not isinstance(value, timedelta) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
