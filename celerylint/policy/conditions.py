"""Reading what a policy expects: a value of TOML in, an `Expectation` of the field's type out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from celerylint.policy.expectation import (
    Compares,
    Equals,
    Expectation,
    IsNone,
    IsSet,
    IsTrue,
    Matches,
    Not,
    OneOf,
)
from celerylint.policy.fields import Field
from celerylint.policy.pattern import Pattern
from celerylint.wording import closest

_COMPARISON = re.compile(r"(<=|>=|==|!=|<|>)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d[\d_]*(\.\d+)?")
_WORDS: Mapping[str, Expectation] = {
    "set": IsSet(True),
    "unset": IsSet(False),
    "none": IsNone(),
}
_SWITCHES = {"true": True, "false": False}


class Unfit(Exception):
    """This cannot be expected of that field; ``suggestion`` is what may have been meant."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        self.suggestion = suggestion
        super().__init__(message)


def expectation(raw: Any, field: Field, fields: Mapping[str, Field]) -> Expectation:
    """What a value of TOML expects of a field. ``fields`` are those it may be compared with.

    Raises `Unfit`.
    """
    if isinstance(raw, bool):
        if not field.type.is_switch:
            raise _unfit(raw, field)
        return IsTrue(raw)
    if isinstance(raw, (int, float)):
        if not field.type.is_number:
            raise _unfit(raw, field, f'"{raw}"' if field.type.is_text else "")
        return Equals(raw)
    if isinstance(raw, str):
        return _from_text(raw, field, fields)
    if isinstance(raw, list):
        if not raw:
            raise Unfit(f"`{field.name}`: one of an empty list is nothing at all")
        return OneOf(tuple(_option(option, field, fields) for option in raw))
    if isinstance(raw, dict):
        for key in raw:
            if key != "not":
                raise Unfit(f"`{field.name}`: the only key here is `not`, and this is `{key}`")
        if not raw:
            raise Unfit(f"`{field.name}`: an empty table expects nothing")
        return Not(expectation(raw["not"], field, fields))
    raise _unfit(raw, field)


def _option(raw: Any, field: Field, fields: Mapping[str, Field]) -> Expectation:
    if isinstance(raw, list):
        raise Unfit(f"`{field.name}`: a list within a list; one list of what is allowed will do")
    return expectation(raw, field, fields)


def _from_text(raw: str, field: Field, fields: Mapping[str, Field]) -> Expectation:
    if raw in _WORDS:
        return _WORDS[raw]
    if comparison := _COMPARISON.fullmatch(raw):
        return _comparison(comparison[1], comparison[2].strip(), field, fields)
    if not field.type.is_text:
        raise _unfit(raw, field, _without_quotes(raw, field))
    if not raw:
        raise Unfit(f'`{field.name}`: an empty text; "none" is what stands for no value')
    try:
        pattern = Pattern(raw)
    except ValueError as error:
        raise Unfit(f"`{field.name}`: {error}") from None
    if field.words and pattern.is_name and raw not in field.words:
        known = ", ".join(f'"{word}"' for word in field.words)
        raise Unfit(
            f'`{field.name}` is never "{raw}", only one of {known}', closest(raw, field.words) or ""
        )
    return Matches(pattern)


def _comparison(symbol: str, bound: str, field: Field, fields: Mapping[str, Field]) -> Expectation:
    if field.type.is_number:
        if _NUMBER.fullmatch(bound):
            return Compares(symbol, float(bound) if "." in bound else int(bound))
        if bound in fields and bound != field.name and fields[bound].type.is_number:
            return Compares(symbol, fields[bound])
    if symbol in ("==", "!="):
        same = _equality(bound, field, fields)
        if same is not None:
            return same if symbol == "==" else Not(same)
    if not field.type.is_number:
        raise Unfit(f"`{field.name}`: expected {field.type.value}; `{symbol}` compares numbers")
    if bound == field.name:
        raise Unfit(f"`{field.name}`: `{symbol}` compares it with itself")
    numbers = [name for name, other in fields.items() if other.type.is_number]
    raise Unfit(
        f"`{field.name}`: `{symbol}` compares with a number or with another field that is one,"
        f' and "{bound}" is neither',
        closest(bound, numbers) or "",
    )


def _equality(bound: str, field: Field, fields: Mapping[str, Field]) -> Expectation | None:
    """What ``== …`` and ``!= …`` compare with besides numbers; None where it makes no sense."""
    if bound in _SWITCHES and field.type.is_switch:
        return IsTrue(_SWITCHES[bound])
    if bound == "none" or (bound and field.type.is_text and not _COMPARISON.fullmatch(bound)):
        return _from_text(bound, field, fields)
    return None


def _without_quotes(raw: str, field: Field) -> str:
    if raw.lower() in _SWITCHES and field.type.is_switch:
        return raw.lower()
    return raw if _NUMBER.fullmatch(raw) and field.type.is_number else ""


def _unfit(raw: Any, field: Field, suggestion: str = "") -> Unfit:
    got = f'"{raw}"' if isinstance(raw, str) else str(raw).lower()
    words = ", ".join(f'"{word}"' for word in _WORDS)
    return Unfit(
        f"`{field.name}`: expected {field.type.value}, or one of {words}; got {got}", suggestion
    )
