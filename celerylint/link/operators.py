"""Operators and comparisons of abstract values."""

from __future__ import annotations

from celerylint.link import plain
from celerylint.link.abstract import (
    Abstract,
    Class,
    Function,
    Instance,
    Items,
    Known,
    Made,
    Mapping,
    ModuleValue,
    OneOf,
    Partial,
    Unknown,
    variables_of,
)
from celerylint.link.compute import (
    MOST_ITERATIONS,
    contains,
    derived,
    unmember,
)
from celerylint.link.natives import Arguments, Native
from celerylint.link.objects import Objects
from celerylint.model.place import Place

_NEVER_NONE = (Function, Class, Instance, Items, Mapping, ModuleValue, Native, Made, Partial)


class Operators(Objects):
    """Operators and comparisons of abstract values."""

    def binary(self, operator: str, left: Abstract, right: Abstract, place: Place) -> Abstract:
        """``left operator right``"""
        left, right = unmember(left), unmember(right)
        if isinstance(left, OneOf):
            return self._each(left, lambda option: self.binary(operator, option, right, place))
        if isinstance(right, OneOf):
            return self._each(right, lambda option: self.binary(operator, left, option, place))
        if isinstance(left, Known) and operator == "%" and isinstance(left.value, str):
            return self._percent(left, right, place)
        if isinstance(left, Known) and isinstance(right, Known):
            try:
                result = plain.binary(operator, left.value, right.value)
            except plain.CannotCompute as error:
                variables = (*left.variables, *right.variables)
                return Unknown(f"{error} ({place})", (), variables)
            return derived(result, left, right)
        if isinstance(left, Items) and isinstance(right, Items) and operator in ("+", "|"):
            return Items(left.kind, (*left.items, *right.items), (), left.open or right.open)
        repeats = right.value if isinstance(right, Known) and operator == "*" else None
        if isinstance(left, Items) and type(repeats) is int and repeats <= MOST_ITERATIONS:
            return Items(left.kind, left.items * repeats, (), left.open)
        if isinstance(left, Mapping) and operator == "|":
            result_map = Mapping(dict(left.entries), (), left.open)
            self.merge_into(result_map, right)
            return result_map
        native = self._native_operator(operator, left, right, place)
        if native is not None:
            return native
        return self._not_computed(left, right, place)

    def _native_operator(
        self, operator: str, left: Abstract, right: Abstract, place: Place
    ) -> Abstract | None:
        """An operator that an object from outside defines (``signature | signature``)."""
        for side, other in ((left, right), (right, left)):
            if isinstance(side, Native):
                return side.invoke(self._whole, f"operator {operator}", Arguments((other,)), place)
        return None

    def _not_computed(self, left: Abstract, right: Abstract, place: Place) -> Unknown:
        for side in (left, right):
            if isinstance(side, Unknown):
                both = (*variables_of(left), *variables_of(right))
                return Unknown(side.reason, side.trail, both if side.variables else ())
        return Unknown(f"the expression at {place} is not evaluated")

    def _percent(self, left: Known, right: Abstract, place: Place) -> Abstract:
        values = right.items if isinstance(right, Items) else (right,)
        known = [value for value in map(unmember, values) if isinstance(value, Known)]
        if len(known) != len(values) or (isinstance(right, Items) and right.open):
            return self._not_computed(left, right, place)
        try:
            result = left.value % tuple(value.value for value in known)
        except Exception as error:
            return Unknown(f"it raises {type(error).__name__} ({place})")
        return derived(result, left, *known)

    def _compare_one(self, operator: str, left: Abstract, right: Abstract) -> bool | None:
        if isinstance(left, Known) and isinstance(right, Known):
            try:
                return plain.compare(operator, left.value, right.value)
            except plain.CannotCompute:
                return None
        if operator in ("in", "not in") and isinstance(left, Known):
            if isinstance(right, Native):
                contained = right.contains(left.value)
                return contained if contained is None or operator == "in" else not contained
            found = contains(right, left.value)
            return found if found is None or operator == "in" else not found
        if operator in ("is", "is not", "==", "!="):
            nothing = [isinstance(side, Known) and side.value is None for side in (left, right)]
            other = right if nothing[0] else left
            if any(nothing) and isinstance(other, _NEVER_NONE):
                return operator in ("is not", "!=")
            if left is right:
                return operator in ("is", "==")
        return None
