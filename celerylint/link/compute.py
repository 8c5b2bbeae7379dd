"""Computing with abstract values: no interpreter is needed for these."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from celerylint.link import plain
from celerylint.link.abstract import (
    MISSING,
    MOST_OPTIONS,
    Abstract,
    Class,
    Deferred,
    EnumMember,
    External,
    Function,
    Items,
    Known,
    Made,
    Mapping,
    Missing,
    OneOf,
    Scope,
    Unknown,
    join,
    options_of,
    resolved,
    variables_of,
    with_step,
    with_variables,
)
from celerylint.link.natives import Arguments
from celerylint.model.place import Place
from celerylint.model.value import Step
from celerylint.read import syntax as s

MOST_ITERATIONS = 2_000


def bind_parameters(
    names: dict[str, Abstract],
    parameters: tuple[s.Parameter, ...],
    defaults: dict[str, Abstract],
    arguments: Arguments,
    place: Place,
) -> None:
    """Bind a call's arguments to a function's parameters."""
    positional = list(arguments.args)
    keywords = dict(arguments.kwargs)
    for parameter in parameters:
        name = parameter.name
        if parameter.kind == "var-positional":
            names[name] = Items("tuple", positional, (), arguments.more)
            positional = []
        elif parameter.kind == "var-keyword":
            names[name] = Mapping(keywords, (), arguments.more)
            keywords = {}
        elif positional and parameter.kind != "keyword-only":
            names[name] = positional.pop(0)
        elif name in keywords:
            given = resolved(keywords.pop(name))
            if maybe_missing(given):
                otherwise = defaults.get(name, Unknown(f"`{name}` may not be given ({place})"))
                given = either(given, otherwise)
            names[name] = given
        elif arguments.more is not None:
            names[name] = arguments.more
        elif name in defaults:
            names[name] = defaults[name]
        else:
            names[name] = Unknown(f"the argument `{name}` is not given ({place})")


def present(value: Abstract) -> Abstract:
    """A value, without the case in which it is missing."""
    given = [option for option in options_of(value) if option is not MISSING]
    result = given[0]
    for option in given[1:]:
        result = join(result, option)
    return result


def either(value: Abstract, otherwise: Abstract) -> Abstract:
    """A value that may be missing, with what there is in that case."""
    result = resolved(otherwise)
    for option in options_of(value):
        if option is not MISSING:
            result = join(option, result)
    return result


def joined_returns(scope: Scope) -> Abstract:
    """What a call returns: one of its return statements' values."""
    usual = [value for value, elsewhere in scope.returned if not elsewhere]
    others = [(value, elsewhere) for value, elsewhere in scope.returned if elsewhere]
    if not usual and not others:
        return Unknown("it raises")
    if not usual:
        usual, others = [value for value, _ in others], []
    result = usual[0]
    for value in usual[1:]:
        result = join(result, value)
    for value, variables in others:
        result = prefer(result, value, variables)
    return result


def prefer(usual: Abstract, other: Abstract, variables: tuple[str, ...]) -> Abstract:
    """Either of two values: the usual one, unless the environment variables say otherwise."""
    usual_is_plain = isinstance(usual, (Known, Items, Mapping))
    if variables and isinstance(other, Unknown) and usual_is_plain:
        return with_variables(usual, variables)
    return join(usual, other)


def derived(result: Any, *operands: Known) -> Known:
    """A value computed from others: where they came from is where it comes from."""
    steps: dict[Place | None, Step] = {}
    variables: dict[str, None] = {}
    for operand in operands:
        for step in operand.trail:
            steps.setdefault(step.place, step)
        variables.update(dict.fromkeys(operand.variables))
    return Known(result, tuple(steps.values())[:6], tuple(variables))


def pure(function: Callable[..., Any], *values: Abstract, place: Place) -> Abstract:
    """Apply a function of plain values; unknown where an argument is, or where it raises."""
    arguments = [unmember(value) for value in values]
    if prod(len(options_of(argument)) for argument in arguments) > MOST_OPTIONS:
        return Unknown(f"it has too many possible values ({place})")
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


def with_origin(value: Abstract, before: str, place: Place) -> Abstract:
    """The value, with the place it was given at: "`time_limit=60`" for ``before`` "time_limit="."""
    if isinstance(value, Deferred):
        return Deferred(value.file, lambda: with_origin(resolved(value), before, place))
    return with_step(value, Step(f"`{before}{describe(value)}`", place))


def describe(value: Abstract) -> str:
    """A short text for a value in a trail."""
    if isinstance(value, Known):
        return plain.shown(value.value)
    if isinstance(value, EnumMember):
        return f"{value.cls.name}.{value.name}"
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    if isinstance(value, (Class, Function)):
        return value.name
    if isinstance(value, Items):
        inner = ", ".join(describe(item) for item in value.items[:3])
        return f"({inner})" if value.kind == "tuple" else f"[{inner}]"
    return "{...}" if isinstance(value, Mapping) else "..."


def unmember(value: Abstract) -> Abstract:
    """The plain value of an enumeration member that is a str or int itself."""
    value = resolved(value)
    return value.value if isinstance(value, EnumMember) and value.mixin else value


def formats_as_value(member: EnumMember) -> bool:
    """``f"{member}"`` gives the value for StrEnum and Django's choices, on every Python."""
    return bool(member.cls.outside & {"enum.StrEnum", "django.db.models.TextChoices"})


def enum_mixin(cls: Class) -> str | None:
    """ "" for an enumeration, str or int for one whose members are that; None for other classes."""
    names = cls.outside
    if names & {"enum.StrEnum", "django.db.models.TextChoices"}:
        return "str"
    if names & {"enum.IntEnum", "enum.IntFlag", "django.db.models.IntegerChoices"}:
        return "int"
    if names & {"enum.Enum", "enum.Flag"}:
        return "str" if "builtins.str" in names else "int" if "builtins.int" in names else ""
    return None


def hashable_key(value: Abstract) -> Any:
    """A plain key for a dict; None where it cannot be told."""
    if isinstance(value, Known) and value.value is not None:
        return value.value
    if isinstance(value, Made):
        return value
    return None


def contains(container: Abstract, wanted: Any) -> bool | None:
    if isinstance(container, Mapping):
        found = container.entries.get(wanted)
        if found is None:
            return None if container.open else False
        return None if maybe_missing(found) else True
    if isinstance(container, Items):
        values = [unmember(item) for item in container.items]
        if any(isinstance(value, Known) and value.value == wanted for value in values):
            return True
        known = all(isinstance(value, Known) for value in values) and not container.open
        return False if known else None
    return None


def maybe_missing(value: Abstract) -> bool:
    return isinstance(value, Missing) or (isinstance(value, OneOf) and MISSING in value.options)


def present_entries(mapping: Mapping) -> tuple[dict[Any, Abstract], Unknown | None]:
    """The entries that a dict certainly has, and why there may be others."""
    present = {key: value for key, value in mapping.entries.items() if not maybe_missing(value)}
    if mapping.open is None and len(present) < len(mapping.entries):
        return present, Unknown("a key is there only in some cases")
    return present, mapping.open


def size_of(value: Items | Mapping) -> Abstract:
    """``len(value)``"""
    members = value.items if isinstance(value, Items) else tuple(value.entries.values())
    if value.open is not None:
        return Unknown(value.open.reason, value.open.trail, value.open.variables)
    if isinstance(value, Items) and value.kind in ("set", "frozenset"):
        plain_members = [m.value for m in map(unmember, members) if isinstance(m, Known)]
        if len(plain_members) < len(members):
            return Unknown("how many elements the set has cannot be told")
        return Known(len(set(plain_members)), (), members_variables(value))
    most = len(members)
    least = most - sum(1 for member in members if maybe_missing(member))
    if most - least >= MOST_OPTIONS:
        return Unknown("it has too many possible values")
    variables = members_variables(value)
    result: Abstract = Known(least, (), variables)
    for size in range(least + 1, most + 1):
        result = join(result, Known(size, (), variables))
    return result


def members_variables(value: Items | Mapping) -> tuple[str, ...]:
    """The environment variables that a container, or its elements, may be made from."""
    found = dict.fromkeys(value.variables)
    for item in value.items if isinstance(value, Items) else ():
        found.update(dict.fromkeys(variables_of(item)))
    return tuple(found)


def spoil(entries: dict[Any, Abstract], reason: str) -> None:
    for key in entries:
        entries[key] = Unknown(reason)
