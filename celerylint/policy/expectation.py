"""What a condition expects of a value.

An expectation is asked about one possible value at a time; `verdict` puts the answers for all of
them together. Three answers are possible: it holds, it does not, or that cannot be told.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import product
from typing import Any, ClassVar

import msgspec

from celerylint.model.value import Crontab, Symbol, Value
from celerylint.policy.fields import Field, Type
from celerylint.policy.pattern import Pattern
from celerylint.wording import concise, seconds

Answer = bool | None
"""Whether it holds; None where that cannot be told."""


UNTOLD = object()
"""Stands for a value that cannot be told."""


class Actual(msgspec.Struct, frozen=True):
    """One possible value. ``member`` is a member of it where it has several, else the value
    itself; ``is_set`` tells whether the project gives it; ``compared`` holds the values of other
    fields in this case."""

    whole: Any
    member: Any
    is_set: Answer
    compared: Mapping[Field, Any]


class Expectation(msgspec.Struct, frozen=True):
    """The base of what can be expected. Its ``str`` reads well after "expected"."""

    of_members: ClassVar[bool] = True
    """Whether it is asked of each member of a value with several."""

    def holds(self, actual: Actual) -> Answer:
        return None if actual.member is UNTOLD else self._holds(actual)

    def _holds(self, actual: Actual) -> Answer:
        """The same, of a value that can be told."""
        raise NotImplementedError

    def compares_with(self) -> frozenset[Field]:
        """The other fields that it looks at."""
        return frozenset()


class IsTrue(Expectation, frozen=True):
    """True, or false, in the way Celery asks: an empty list and None are false."""

    of_members = False
    wanted: bool

    def _holds(self, actual: Actual) -> Answer:
        return bool(actual.whole) is self.wanted

    def __str__(self) -> str:
        return str(self.wanted)


class IsNone(Expectation, frozen=True):
    of_members = False

    def _holds(self, actual: Actual) -> Answer:
        return actual.whole is None

    def __str__(self) -> str:
        return "None"


class IsSet(Expectation, frozen=True):
    """The project gives it, or leaves it to Celery's default."""

    of_members = False
    wanted: bool

    def holds(self, actual: Actual) -> Answer:
        return None if actual.is_set is None else actual.is_set is self.wanted

    def __str__(self) -> str:
        return "it to be set" if self.wanted else "it not to be set"


class Equals(Expectation, frozen=True):
    """A certain number."""

    number: int | float

    def _holds(self, actual: Actual) -> Answer:
        return isinstance(actual.member, (int, float)) and actual.member == self.number

    def __str__(self) -> str:
        return f"{self.number}"


class Matches(Expectation, frozen=True):
    """A text that matches a pattern; things known by name only are matched by their names."""

    pattern: Pattern

    def _holds(self, actual: Actual) -> Answer:
        member = actual.member
        is_text = isinstance(member, (str, Symbol, Crontab))
        return is_text and self.pattern.matches(str(member))

    def __str__(self) -> str:
        if self.pattern.is_regex:
            return f"a match of {self.pattern.text}"
        like = "something like " if self.pattern.is_glob else ""
        return f"{like}{concise(self.pattern.text)}"


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Compares(Expectation, frozen=True):
    """A number that compares with a given one, or with that of another field.

    It holds of numbers only: without a value there is nothing to compare.
    """

    symbol: str
    bound: int | float | Field

    def _holds(self, actual: Actual) -> Answer:
        bound = actual.compared[self.bound] if isinstance(self.bound, Field) else self.bound
        if bound is UNTOLD or isinstance(actual.member, Crontab) or isinstance(bound, Crontab):
            return None  # the time between two runs of a crontab is now this, now that
        if not isinstance(actual.member, (int, float)) or not isinstance(bound, (int, float)):
            return False
        return _COMPARISONS[self.symbol](actual.member, bound)

    def compares_with(self) -> frozenset[Field]:
        return frozenset([self.bound] if isinstance(self.bound, Field) else [])

    def __str__(self) -> str:
        bound = f"`{self.bound.name}`" if isinstance(self.bound, Field) else self.bound
        return f"{self.symbol} {bound}"


class OneOf(Expectation, frozen=True):
    """Any of several."""

    options: tuple[Expectation, ...]

    def holds(self, actual: Actual) -> Answer:
        return _any(option.holds(actual) for option in self.options)

    def compares_with(self) -> frozenset[Field]:
        return frozenset().union(*(option.compares_with() for option in self.options))

    def __str__(self) -> str:
        return " or ".join(map(str, self.options))


class Not(Expectation, frozen=True):
    """Anything else."""

    inner: Expectation

    def holds(self, actual: Actual) -> Answer:
        answer = self.inner.holds(actual)
        return None if answer is None else not answer

    def compares_with(self) -> frozenset[Field]:
        return self.inner.compares_with()

    def __str__(self) -> str:
        if isinstance(self.inner, IsSet):
            return str(IsSet(not self.inner.wanted))
        if isinstance(self.inner, IsTrue):
            return str(IsTrue(not self.inner.wanted))
        return f"not {self.inner}"


def verdict(
    expectation: Expectation,
    field: Field,
    asked: Callable[[Field], tuple[Value, Answer]],
    *,
    every: bool = True,
) -> Answer:
    """Whether an effective value is as expected: True or False only where that is so in every
    possible case.

    ``asked`` tells the value of a field, and whether the project gives it. Of a value with several
    members, every one has to be as expected, or with ``every=False`` one.
    """
    value, is_set = asked(field)
    others = expectation.compares_with()
    cases = product(*(_possible(asked(other)[0], other.type) for other in others))
    compared = [dict(zip(others, case, strict=True)) for case in cases]
    answers: set[Answer] = set()
    for whole in _possible(value, field.type):
        members = _members(whole, field.type) if _is_of_members(expectation) else [whole]
        for case in compared:
            found = (expectation.holds(Actual(whole, one, is_set, case)) for one in members)
            answers.add(_all(found) if every else _any(found))
    return answers.pop() if len(answers) == 1 else None


def _possible(value: Value, type_: Type) -> list[Any]:
    """Every value that it can have, as they are compared."""
    if value.is_unknown:
        return [UNTOLD]
    return [_plain(possible, type_) for possible in value.possibilities()]


def _is_of_members(expectation: Expectation) -> bool:
    if isinstance(expectation, OneOf):
        return any(map(_is_of_members, expectation.options))
    if isinstance(expectation, Not):
        return _is_of_members(expectation.inner)
    return expectation.of_members


def _plain(value: Any, type_: Type) -> Any:
    """A value as it is compared: a time in seconds, and a limit of 0 as the None it amounts to."""
    if isinstance(value, timedelta):
        value = seconds(value)
    return None if type_ is Type.LIMIT and value == 0 else value


def _members(value: Any, type_: Type) -> list[Any]:
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    return list(value) if isinstance(value, dict) and type_ is Type.TEXTS else [value]


def _all(answers: Iterable[Answer]) -> Answer:
    given = set(answers)
    return False if False in given else None if None in given else True


def _any(answers: Iterable[Answer]) -> Answer:
    given = set(answers)
    return True if True in given else None if None in given else False
