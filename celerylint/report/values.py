"""Values of the model as plain data for programs and as short text for people."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celerylint.model.value import Crontab, Symbol

_PASSWORD = re.compile(r"(://[^\s:/@\"']*):[^\s/\"']+@")

Plain = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None
"""What JSON can hold."""


def plain(value: Any) -> Plain:
    """A Python value of the model as JSON data.

    A class is its dotted name, a timedelta its seconds, a set a sorted list, a crontab an object
    of its five fields as strings. What JSON cannot hold at all (bytes, infinity) is its ``repr``.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, timedelta):
        return seconds(value)
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, Crontab):
        return {field: crontab_field(getattr(value, field)) for field in Crontab.__struct_fields__}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return [plain(item) for item in ordered(value)]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return repr(value)


def seconds(value: timedelta) -> int | float:
    """The seconds of a timedelta: an integer where they are whole."""
    total = value.total_seconds()
    return int(total) if total.is_integer() else total


def ordered(values: Iterable[Any]) -> list[Any]:
    """The members of a set in an order that is the same in every run."""
    return sorted(values, key=_sort_key)


def _sort_key(value: Any) -> tuple[str, Any]:
    comparable = isinstance(value, (int, float, str, bytes))
    return type(value).__name__, value if comparable else str(value)


def crontab_field(value: object) -> str:
    """A field of a crontab as a string: ``*/15``, or ``0,30`` for a list."""
    if isinstance(value, (set, frozenset)):
        value = ordered(value)
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)


def concise(value: Any) -> str:
    """A Python value of the model as short text: ``"billing"``, ``300``, ``[TypeError]``."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, timedelta):
        return f"{seconds(value)}s"
    if isinstance(value, (Symbol, Crontab)):
        return str(value).removeprefix("builtins.")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{concise(k)}: {concise(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(map(concise, ordered(value))) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(concise, value)) + "]"
    return repr(value)


def mask_passwords(text: str) -> str:
    """``text`` with the password of every URL in it replaced: reports end up in public logs."""
    return _PASSWORD.sub(r"\1:***@", text)
