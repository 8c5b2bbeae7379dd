"""From abstract values to the values of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from math import prod
from typing import Any

from celerylint.link.abstract import (
    Abstract,
    Class,
    EnumMember,
    External,
    Function,
    Instance,
    Items,
    Known,
    Made,
    Mapping,
    Missing,
    ModuleValue,
    Partial,
    Trail,
    Unknown,
    Wrapped,
    options_of,
    resolved,
)
from celerylint.model.value import Crontab, State, Step, Symbol, Value, unknown


class _Undecided(Exception):
    """Part of a value cannot be told."""

    def __init__(self, reason: str, variables: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.variables = variables


def to_value(value: Abstract, absent: Callable[[], Value]) -> Value:
    """The model's value; ``absent`` is what holds where nothing is bound."""
    choices = [one for option in options_of(resolved(value)) for one in _variants(option)]
    return merge([_one(option, absent) for option in choices])


_MOST_VARIANTS = 8


def _variants(value: Abstract) -> list[Abstract]:
    """A container with members that may be missing, or are one of several, in every form it may
    have: as far as these are few."""
    if isinstance(value, Items):
        members = [options_of(item) for item in value.items]
    elif isinstance(value, Mapping):
        members = [options_of(value.at(key)) for key in value.entries]
    else:
        return [value]
    count = prod(len(options) for options in members)
    if value.open is not None or not 1 < count <= _MOST_VARIANTS:
        return [value]
    found: list[Abstract] = []
    for chosen in product(*members):
        if isinstance(value, Items):
            present = (item for item in chosen if not isinstance(item, Missing))
            found.append(Items(value.kind, present, value.trail))
        else:
            pairs = zip(value.entries, chosen, strict=True)
            kept = {key: item for key, item in pairs if not isinstance(item, Missing)}
            found.append(Mapping(kept, value.trail))
    return found


def _one(value: Abstract, absent: Callable[[], Value]) -> Value:
    if isinstance(value, Missing):
        return absent()
    variables: dict[str, None] = {}
    try:
        plain = to_plain(value, variables)
    except _Undecided as error:
        return Value(State.UNKNOWN, None, _trail(value), error.reason, error.variables)
    if variables:
        return Value(State.ENVIRONMENT, plain, _trail(value), "", tuple(variables))
    return Value(State.KNOWN, plain, _trail(value))


def _trail(value: Abstract) -> Trail:
    return value.trail


def merge(values: Iterable[Value]) -> Value:
    """One value for several possibilities."""
    distinct: list[Value] = []
    for value in values:
        known = next((seen for seen in distinct if _equal(seen, value)), None)
        if known is None:
            distinct.append(value)
        elif known.is_default and not value.is_default:
            distinct[distinct.index(known)] = value
    if len(distinct) == 1:
        return distinct[0]
    blocked = [value for value in distinct if value.is_unknown]
    decided = [value for value in distinct if not value.is_unknown]
    if blocked and not all(value.variables for value in blocked):
        first = next(value for value in blocked if not value.variables)
        return unknown(first.reason, first.trail)
    variables = tuple(dict.fromkeys(name for value in distinct for name in value.variables))
    if blocked and len(decided) == 1:
        only = decided[0]
        trail = tuple(dict.fromkeys((*only.trail, *(s for value in blocked for s in value.trail))))
        return Value(State.ENVIRONMENT, only.value, trail, "", variables)
    if blocked:
        return Value(State.UNKNOWN, None, blocked[0].trail, blocked[0].reason, variables)
    options = _distinct(option for value in decided for option in value.possibilities())
    trail = tuple(dict.fromkeys(step for value in decided for step in value.trail))
    return Value(State.ONE_OF, options, trail, "", variables)


def _distinct(options: Iterable[Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    for option in options:
        if not any(type(seen) is type(option) and seen == option for seen in found):
            found.append(option)
    return tuple(found)


def unless_set(value: Value, own: Value) -> Value:
    """What holds where something is nothing as long as its environment variables are not set."""
    if own.state is not State.ENVIRONMENT or value.state is State.ONE_OF or value.is_unknown:
        return value
    variables = tuple(dict.fromkeys((*own.variables, *value.variables)))
    return Value(State.ENVIRONMENT, value.value, (*own.trail, *value.trail), "", variables)


def _equal(left: Value, right: Value) -> bool:
    if left.is_unknown or right.is_unknown:
        return left.is_unknown and right.is_unknown and left.reason == right.reason
    if State.ONE_OF in (left.state, right.state):
        return left.state is right.state and left.value == right.value
    return type(left.value) is type(right.value) and left.value == right.value


def with_losers(value: Value, losers: Iterable[Step]) -> Value:
    """The value, with the places that would have decided it had the winner not."""
    seen = {step.place for step in value.trail}
    extra = tuple(step for step in losers if step.place not in seen)
    if not extra:
        return value
    trail = (*value.trail, *extra)
    return Value(value.state, value.value, trail, value.reason, value.variables)


def plain_or_none(value: Abstract | None) -> Any:
    """The plain value, or None where it cannot be told."""
    if value is None:
        return None
    try:
        return to_plain(value, {})
    except _Undecided:
        return None


def to_plain(value: Abstract, variables: dict[str, None]) -> Any:
    """Plain data for a value; notes the environment variables that may override a part of it."""
    value = resolved(value)
    if isinstance(value, Known):
        variables.update(dict.fromkeys(value.variables))
        return value.value
    if isinstance(value, (Items, Mapping)):
        variables.update(dict.fromkeys(value.variables))
    if isinstance(value, Items):
        return _plain_items(value, variables)
    if isinstance(value, Mapping):
        if value.open is not None:
            raise _Undecided(value.open.reason, value.open.variables)
        return {
            _plain_key(key, variables): to_plain(item, variables)
            for key, item in value.entries.items()
        }
    if isinstance(value, EnumMember):
        if value.mixin:
            return to_plain(value.value, variables)
        return Symbol(f"{value.cls.module.name}.{value.cls.name}.{value.name}")
    if isinstance(value, Unknown):
        raise _Undecided(value.reason, value.variables)
    name = symbol_name(value)
    if name is not None:
        return Symbol(name)
    if isinstance(value, Made):
        return _plain_made(value, variables)
    raise _Undecided(_reason(value))


def _reason(value: Abstract) -> str:
    options = options_of(value)
    if len(options) > 1:
        return "a part of it is one of several values"
    return f"it is {value!r}, which is no plain value"


def _plain_key(key: Any, variables: dict[str, None]) -> Any:
    return to_plain(key, variables) if isinstance(key, Abstract) else key


def _plain_items(value: Items, variables: dict[str, None]) -> Any:
    if value.open is not None:
        raise _Undecided(value.open.reason, value.open.variables)
    items = [to_plain(item, variables) for item in value.items]
    if value.kind == "tuple":
        return tuple(items)
    if value.kind in ("set", "frozenset"):
        try:
            return frozenset(items)
        except TypeError:
            raise _Undecided("an element of the set is not hashable") from None
    return items


def _plain_made(value: Made, variables: dict[str, None]) -> Any:
    if value.maker == "celery.schedules.crontab":
        return _crontab(value, variables)
    if value.maker in ("kombu.Queue", "kombu.common.Broadcast"):
        name = value.argument(0, "name")
        return to_plain(name, variables) if name is not None else ""
    if value.maker == "re.compile":
        pattern = value.argument(0, "pattern")
        text = to_plain(pattern, variables) if pattern is not None else ""
        return Symbol(f"re.compile({text!r})")
    if value.maker == "celery.schedules.schedule":
        run_every = value.argument(0, "run_every")
        if run_every is not None:
            return to_plain(run_every, variables)
    raise _Undecided(f"it is the result of {value.maker}()")


_CRONTAB_FIELDS = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")


def _crontab(value: Made, variables: dict[str, None]) -> Crontab:
    if value.more is not None:
        raise _Undecided(value.more.reason)
    fields: dict[str, Any] = {}
    for position, name in enumerate(_CRONTAB_FIELDS):
        given = value.argument(position, name)
        if given is not None:
            fields[name] = to_plain(given, variables)
    return Crontab(**fields)


# Where the standard library's own names for the same exceptions lead.
_REAL_NAMES = {
    "builtins.IOError": "builtins.OSError",
    "builtins.EnvironmentError": "builtins.OSError",
    "socket.error": "builtins.OSError",
    "socket.timeout": "builtins.TimeoutError",
    "json.JSONDecodeError": "json.decoder.JSONDecodeError",
}


def symbol_name(value: Abstract) -> str | None:
    """The dotted name of a class, function or module; None for anything else."""
    if isinstance(value, External):
        return _REAL_NAMES.get(value.name, value.name)
    if isinstance(value, Class):
        return f"{value.module.name}.{value.qualified_name}"
    if isinstance(value, Function):
        return f"{value.scope.module.name}.{value.name}"
    if isinstance(value, Wrapped):
        return symbol_name(value.function)
    if isinstance(value, ModuleValue):
        return value.file.name
    if isinstance(value, Instance) and not _is_a_value(value.cls):
        return f"{value.cls.module.name}.{value.cls.name}()"
    if isinstance(value, Partial):
        return symbol_name(value.func)
    return None


_VALUE_METHODS = frozenset({
    "__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__int__", "__float__", "__str__", "__bool__",
})  # fmt: skip


def _is_a_value(cls: Class) -> bool:
    """Whether instances stand for some value that only running their methods can tell."""
    return any(
        not _VALUE_METHODS.isdisjoint(ancestor.names)
        for ancestor in cls.ancestors()
        if isinstance(ancestor, Class)
    )
