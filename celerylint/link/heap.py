"""Writes that can be taken back.

Both sides of a branch that cannot be decided are run, each from the state before it, and the
places they wrote to are joined. Every mutable thing the interpreter has is a dict underneath,
so a journal of (dict, key, old value) is all it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Known,
    Missing,
    Unknown,
    join,
    variables_of,
    with_variables,
)

Where = tuple[int, Any]
T = TypeVar("T")


class Branch:
    """What one side of a branch wrote: the places, and the values in the end."""

    __slots__ = ("mappings", "values")

    def __init__(self) -> None:
        self.mappings: dict[int, dict[Any, Any]] = {}
        self.values: dict[Where, Any] = {}


class Heap:
    """All writes of the interpreter go through `store` and `delete`."""

    def __init__(self) -> None:
        self._journals: list[list[tuple[dict[Any, Any], Any, Any]]] = []

    def store(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        if self._journals:
            self._journals[-1].append((mapping, key, mapping.get(key, MISSING)))
        mapping[key] = value

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Writes that stay, even where a branch that led to them is taken back."""
        journals, self._journals = self._journals, []
        try:
            yield
        finally:
            self._journals = journals

    def delete(self, mapping: dict[Any, Any], key: Any) -> None:
        if key in mapping:
            if self._journals:
                self._journals[-1].append((mapping, key, mapping[key]))
            del mapping[key]

    def attempt(self, run: Callable[[], T]) -> tuple[T, Branch]:
        """Run one side of a branch and take its writes back."""
        self._journals.append([])
        try:
            result = run()
        finally:
            journal = self._journals.pop()
        branch = Branch()
        for mapping, key, _ in journal:
            branch.mappings[id(mapping)] = mapping
            branch.values[id(mapping), key] = mapping.get(key, MISSING)
        for mapping, key, old in reversed(journal):
            _put(mapping, key, old)
        return result, branch

    def apply(self, branch: Branch) -> None:
        """Make what one side wrote the state."""
        for (identity, key), value in branch.values.items():
            self._write(branch.mappings[identity], key, value)

    def merge(self, *branches: Branch, variables: tuple[str, ...] = ()) -> None:
        """Make the state one in which any of the branches may have run. With a single branch,
        it may have run or not. With ``variables``, the first is what runs while none of these
        environment variables is set."""
        for where in dict.fromkeys(where for branch in branches for where in branch.values):
            identity, key = where
            mapping = next(b.mappings[identity] for b in branches if identity in b.mappings)
            before = mapping.get(key, MISSING)
            values = [branch.values.get(where, before) for branch in branches]
            if len(branches) == 1:
                values.append(before)
            self._write(mapping, key, _join_all(values, variables))

    def _write(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        if isinstance(value, Missing):
            self.delete(mapping, key)
        else:
            self.store(mapping, key, value)


def _put(mapping: dict[Any, Any], key: Any, old: Any) -> None:
    if old is MISSING:
        mapping.pop(key, None)
    else:
        mapping[key] = old


def _join_all(values: list[Any], variables: tuple[str, ...]) -> Any:
    """Join what a place may hold: abstract values, or the parts of a container."""
    result = values[0]
    if variables and set(variables) <= set(variables_of(result)):
        return result  # the same variables may override it: it is already known as a default
    for value in values[1:]:
        if variables and set(variables) & set(variables_of(value)):
            # `if env("X") > 0: y = env("X")`: what is given where X is not set is not given here.
            value = Unknown(f"it comes from {' or '.join(variables)}", value.trail, variables)
        if variables and isinstance(value, Unknown) and isinstance(result, Known):
            result = with_variables(result, variables)
        elif isinstance(result, Abstract) and isinstance(value, Abstract):
            result = join(result, value)
        elif result != value:
            result = _join_parts(result, value)
    return result


def _join_parts(left: Any, right: Any) -> Any:
    """``items`` tuples of different lengths or elements, and ``open`` marks."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) == len(right):
            return tuple(join(a, b) for a, b in zip(left, right, strict=True))
        longer, shorter = (left, right) if len(left) > len(right) else (right, left)
        padded = [*shorter, *([MISSING] * (len(longer) - len(shorter)))]
        return tuple(join(a, b) for a, b in zip(longer, padded, strict=True))
    return left if left is not None and left is not MISSING else right
