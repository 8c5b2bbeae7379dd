"""Numbers and durations of deployment files, as values with trails."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from celerylint.deploy.words import Word
from celerylint.model.value import State, Step, Value, unknown

T = TypeVar("T", int, float)

_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_GO_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+")
_GO_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")

_SYSTEMD_UNITS = {
    **dict.fromkeys(("us", "usec", "µs"), 1e-6),
    **dict.fromkeys(("ms", "msec"), 1e-3),
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
_SYSTEMD_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*")


def converted(word: Word, step: str, convert: Callable[[str], T | None]) -> Value:
    """A word as a value; unknown where it cannot be converted."""
    value = word.value(step)
    if value.is_unknown:
        return value
    result = convert(value.value)
    if result is None:
        return unknown(f"`{value.value}` is none that can be read ({word.place})", value.trail)
    return Value(value.state, result, value.trail, "", value.variables)


def whole_number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def go_duration(text: str) -> float | None:
    """``1m30s`` in seconds, as compose writes durations."""
    if not _GO_DURATION.fullmatch(text.strip()):
        return None
    return sum(float(number) * _GO_UNITS[unit] for number, unit in _GO_PART.findall(text))


def systemd_duration(text: str) -> float | None:
    """``5min 20s`` in seconds, as systemd writes time spans; ``infinity`` is infinite."""
    if text.strip() == "infinity":
        return float("inf")
    position, total = 0, 0.0
    while position < len(text):
        part = _SYSTEMD_PART.match(text, position)
        if part is None or part[2] not in _SYSTEMD_UNITS:
            return None
        total += float(part[1]) * _SYSTEMD_UNITS[part[2]]
        position = part.end()
    return total if position else None


def platform_default(value: object, whose: str) -> Value:
    """What a platform does where nobody says anything: ``Docker's default``."""
    return Value(State.DEFAULT, value, (Step(whose),))
