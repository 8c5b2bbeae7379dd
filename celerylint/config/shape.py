"""Comparing what a TOML document holds with the type it should have, all mistakes at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any, NamedTuple

from msgspec import inspect

from celerylint.config.spans import KeyPath
from celerylint.wording import did_you_mean


class Misfit(NamedTuple):
    """What does not fit. ``at_key``: the key itself is to blame, not its value."""

    path: KeyPath
    message: str
    at_key: bool = False


def misfits(value: Any, expected: inspect.Type, path: KeyPath = ()) -> Iterator[Misfit]:
    """Everything in ``value`` (as tomli makes it) that is not of the type.

    Knows the types that configuration is made of: structs, dicts with string keys, lists, enums,
    literals, and scalars; strings may have a pattern, and then need a title that says in words
    what they are.
    """
    if isinstance(expected, inspect.Metadata):
        yield from misfits(value, expected.type, path)
        yield from _mismatches(value, expected, path)
    elif isinstance(expected, inspect.StructType):
        yield from _struct_misfits(value, expected, path)
    elif isinstance(expected, inspect.DictType):
        if not isinstance(value, dict):
            yield _other_kind(value, expected, path)
            return
        for key, inner in value.items():
            yield from misfits(inner, expected.value_type, (*path, key))
    elif isinstance(expected, (inspect.ListType, inspect.VarTupleType)):
        if not isinstance(value, list):
            yield _other_kind(value, expected, path)
            return
        for index, inner in enumerate(value):
            yield from misfits(inner, expected.item_type, (*path, index))
    elif isinstance(expected, (inspect.EnumType, inspect.LiteralType)):
        if value not in (words := _words(expected)):
            yield Misfit(path, _not_one_of(value, words))
    elif not _is_scalar(value, expected):
        yield _other_kind(value, expected, path)


def _mismatches(value: Any, expected: inspect.Metadata, path: KeyPath) -> Iterator[Misfit]:
    pattern = expected.type.pattern if isinstance(expected.type, inspect.StrType) else None
    if pattern is not None and isinstance(value, str) and not re.search(pattern, value):
        title = (expected.extra_json_schema or {})["title"]
        yield Misfit(path, f"expected a {title}, not `{value}`")


def _struct_misfits(value: Any, expected: inspect.StructType, path: KeyPath) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield _other_kind(value, expected, path)
        return
    fields = {field.encode_name: field for field in expected.fields}
    for key, inner in value.items():
        if key in fields:
            yield from misfits(inner, fields[key].type, (*path, key))
        else:
            hint = did_you_mean(key, fields)
            yield Misfit((*path, key), f"unknown key `{key}`{hint}", at_key=True)
    for key, field in fields.items():
        if field.required and key not in value:
            yield Misfit(path, f"the key `{key}` is missing", at_key=True)


def _words(expected: inspect.EnumType | inspect.LiteralType) -> tuple[str, ...]:
    if isinstance(expected, inspect.LiteralType):
        return tuple(str(word) for word in expected.values)
    return tuple(str(member.value) for member in expected.cls)


def _not_one_of(value: Any, words: Iterable[str]) -> str:
    if not isinstance(value, str):
        return f"expected one of {_listed(words)}, not {kind(value)}"
    hint = did_you_mean(value, words)
    return f"`{value}` is none of {_listed(words)}{hint}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


_SCALARS: tuple[tuple[type[inspect.Type], tuple[type, ...]], ...] = (
    (inspect.BoolType, (bool,)),
    (inspect.IntType, (int,)),
    (inspect.FloatType, (int, float)),
    (inspect.StrType, (str,)),
)


def _is_scalar(value: Any, expected: inspect.Type) -> bool:
    if isinstance(expected, inspect.AnyType):
        return True
    if isinstance(value, bool):  # which is an int to Python, but not to anybody who writes TOML
        return isinstance(expected, inspect.BoolType)
    return any(
        isinstance(expected, known) and isinstance(value, types) for known, types in _SCALARS
    )


def _other_kind(value: Any, expected: inspect.Type, path: KeyPath) -> Misfit:
    return Misfit(path, f"expected {_kind_of_type(expected)}, not {kind(value)}")


_KINDS_OF_TYPES: tuple[tuple[type[inspect.Type], str], ...] = (
    (inspect.BoolType, "true or false"),
    (inspect.IntType, "a whole number"),
    (inspect.FloatType, "a number"),
    (inspect.StrType, "a string"),
    (inspect.ListType, "a list"),
    (inspect.VarTupleType, "a list"),
    (inspect.DictType, "a table"),
    (inspect.StructType, "a table"),
)


def _kind_of_type(expected: inspect.Type) -> str:
    return next(words for known, words in _KINDS_OF_TYPES if isinstance(expected, known))


_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((bool,), "a boolean"),
    ((str,), "a string"),
    ((list,), "a list"),
    ((dict,), "a table"),
    ((date, datetime, time), "a date or time"),
)


def kind(value: Any) -> str:
    """What sort of TOML value it is, in words: ``a string``, ``a table``, ``the number 3``."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"the number {value}"
    return next(words for types, words in _KINDS if isinstance(value, types))
