"""What is known of a value: the value itself, how sure we are, and who decided it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import msgspec

from celerylint.model.place import Place


class State(str, Enum):
    """How much is known of a value."""

    KNOWN = "known"
    """The project sets it, to one value."""
    ENVIRONMENT = "environment"
    """A known default that an environment variable may override."""
    ONE_OF = "one-of"
    """Several possible values; which one depends on something outside the code."""
    DEFAULT = "default"
    """Nobody set it: Celery's own default applies."""
    UNKNOWN = "unknown"
    """Cannot be told without running the code."""


class Step(msgspec.Struct, frozen=True):
    """One place that had a say in a value: ``text`` says what it did there.

    ``place`` is None where no file of the project is involved (Celery's own default).
    """

    text: str
    place: Place | None = None


class Symbol(msgspec.Struct, frozen=True):
    """A thing known by its dotted name only, such as the class ``builtins.Exception``."""

    name: str

    def __str__(self) -> str:
        return self.name


class Crontab(msgspec.Struct, frozen=True):
    """A ``celery.schedules.crontab`` with the fields as written; Celery's defaults are ``"*"``."""

    minute: object = "*"
    hour: object = "*"
    day_of_week: object = "*"
    day_of_month: object = "*"
    month_of_year: object = "*"

    def __str__(self) -> str:
        fields = (self.minute, self.hour, self.day_of_month, self.month_of_year, self.day_of_week)
        return " ".join(str(field) for field in fields)


class Value(msgspec.Struct, frozen=True):
    """A value with its trail.

    ``value`` is plain Python data (None, bool, int, float, str, bytes, timedelta, tuple, list,
    set, frozenset, dict), a `Symbol` or a `Crontab`. In state ONE_OF it is a tuple of the
    possibilities; in state UNKNOWN it is None and ``reason`` says why, naming the place.

    ``trail`` is the chain of places that decided the value: the winner first, then the places
    that the winner got it from, then the losers. ``variables`` names the environment variables
    that may override it (state ENVIRONMENT).
    """

    state: State
    value: Any = None
    trail: tuple[Step, ...] = ()
    reason: str = ""
    variables: tuple[str, ...] = ()

    @property
    def is_unknown(self) -> bool:
        return self.state is State.UNKNOWN

    @property
    def is_default(self) -> bool:
        return self.state is State.DEFAULT

    @property
    def is_set(self) -> bool:
        """The project sets it, whatever to: neither Celery's default nor unknown."""
        return self.state in (State.KNOWN, State.ENVIRONMENT, State.ONE_OF)

    @property
    def place(self) -> Place | None:
        """The place of the winner, if it is in the project."""
        return self.trail[0].place if self.trail else None

    def possibilities(self) -> tuple[Any, ...]:
        """Every value it can have, as far as the code tells; empty when unknown."""
        if self.state is State.UNKNOWN:
            return ()
        if self.state is State.ONE_OF:
            return tuple(self.value)
        return (self.value,)

    def always(self, predicate: Callable[[Any], bool]) -> bool:
        """True only where every possibility satisfies the predicate; False when unknown."""
        options = self.possibilities()
        return bool(options) and all(predicate(option) for option in options)

    def places(self) -> Iterator[tuple[str, Place]]:
        """The steps of the trail that are in the project's files."""
        for step in self.trail:
            if step.place is not None:
                yield step.text, step.place


def celery_default(value: Any) -> Value:
    """The value of something nobody set."""
    return Value(State.DEFAULT, value, (Step("Celery's default"),))


def unknown(reason: str, trail: tuple[Step, ...] = ()) -> Value:
    """A value that cannot be told, and why."""
    return Value(State.UNKNOWN, None, trail, reason)
