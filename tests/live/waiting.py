"""Waiting for things to happen, and not a moment longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds until a test gives up; far above what anything takes, since machines may be busy."""


def eventually(condition: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """The first true value of the condition. AssertionError if there is none in so many seconds."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"in {within:.0f} seconds it did not happen that {what}")
        time.sleep(0.02)
    return value
