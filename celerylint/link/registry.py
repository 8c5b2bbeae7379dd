"""Where functions from outside the project are given a meaning.

A module of externals decorates functions with `external`; `call` looks them up by dotted name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celerylint.link.abstract import Abstract, Known, OneOf, Unknown, join
from celerylint.link.interpreter import (
    Arguments,
    ExternalCall,
    Interpreter,
    derived,
    unmember,
)
from celerylint.model.place import Place

CALLS: dict[str, ExternalCall] = {}


def external(*names: str) -> Callable[[ExternalCall], ExternalCall]:
    """Register what a call of these dotted names does."""

    def register(function: ExternalCall) -> ExternalCall:
        for name in names:
            CALLS[name] = function
        return function

    return register


def pure(function: Callable[..., Any], *values: Abstract, place: Place) -> Abstract:
    """Apply a function of plain values; unknown where an argument is, or where it raises."""
    arguments = [unmember(value) for value in values]
    for index, argument in enumerate(arguments):
        if isinstance(argument, OneOf):
            result: Abstract | None = None
            for option in argument.options:
                chosen = [*arguments[:index], option, *arguments[index + 1 :]]
                applied = pure(function, *chosen, place=place)
                result = applied if result is None else join(result, applied)
            return result if result is not None else Unknown(f"nothing to call with ({place})")
    known = [argument for argument in arguments if isinstance(argument, Known)]
    if len(known) < len(arguments):
        blocker = next(a for a in arguments if not isinstance(a, Known))
        if isinstance(blocker, Unknown):
            return Unknown(blocker.reason, blocker.trail, blocker.variables)
        return Unknown(f"what the call returns cannot be told ({place})")
    try:
        result_value = function(*(argument.value for argument in known))
    except Exception as error:
        variables = tuple(name for argument in known for name in argument.variables)
        return Unknown(f"it raises {type(error).__name__} ({place})", (), variables)
    return derived(result_value, *known)


def text(value: Abstract | None) -> str | None:
    """The string a value is known to be, if it is."""
    value = unmember(value) if value is not None else None
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def flag(value: Abstract | None) -> bool | None:
    """The truth of a plain value; None where it cannot be told."""
    return bool(value.value) if isinstance(value, Known) else None


__all__ = ["CALLS", "Arguments", "Interpreter", "external", "flag", "pure", "text"]
