"""Where functions from outside the project are given a meaning.

A module of externals decorates functions with `external`; `call` looks them up by dotted name.
"""

from __future__ import annotations

from collections.abc import Callable

from celerylint.link.abstract import Abstract, Known
from celerylint.link.compute import unmember
from celerylint.link.natives import ExternalCall

CALLS: dict[str, ExternalCall] = {}


def external(*names: str) -> Callable[[ExternalCall], ExternalCall]:
    """Register what a call of these dotted names does."""

    def register(function: ExternalCall) -> ExternalCall:
        for name in names:
            CALLS[name] = function
        return function

    return register


def text(value: Abstract | None) -> str | None:
    """The string a value is known to be, if it is."""
    value = unmember(value) if value is not None else None
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def flag(value: Abstract | None) -> bool | None:
    """The truth of a plain value; None where it cannot be told."""
    return bool(value.value) if isinstance(value, Known) else None
