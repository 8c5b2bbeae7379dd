"""Values of the model as plain data, for programs."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from celerylint.model.value import Crontab, Symbol
from celerylint.wording import ordered, seconds

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


def crontab_field(value: object) -> str:
    """A field of a crontab as a string: ``*/15``, or ``0,30`` for a list."""
    if isinstance(value, (set, frozenset)):
        value = ordered(value)
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)
