"""What tasks do whose body in an example is `...`. Workers import this: nothing but Celery here.

Each function makes a body. Those that do something `first` return at once from then on.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from celery import current_task
from events import note, seen_before

Body = Callable[..., object]


def returns() -> Body:
    return lambda *args, **kwargs: None


def sleeps(seconds: float) -> Body:
    def body(*args: object, **kwargs: object) -> None:
        time.sleep(seconds)
        note("woke up", current_task)

    return body


def hangs() -> Body:
    return sleeps(10**6)


def dies() -> Body:
    """As when the out-of-memory killer takes the process."""
    return lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)


def dies_first() -> Body:

    def body(*args: object, **kwargs: object) -> None:
        if not seen_before(current_task.request.id):
            os.kill(os.getpid(), signal.SIGKILL)

    return body


def fails(error: str) -> Body:
    """Raises a builtin exception, every time."""

    def body(*args: object, **kwargs: object) -> None:
        raise {"ConnectionError": ConnectionError, "ValueError": ValueError}[error]("as always")

    return body


def cleans_up() -> Body:
    """Works until it is stopped, and takes a second for each step of putting things in order."""

    def body(*args: object, **kwargs: object) -> None:
        try:
            time.sleep(10**6)
        except Exception as error:
            note("handler begins", current_task, error=type(error).__name__)
            time.sleep(1)
            note("handler ends", current_task)
        finally:
            note("finally begins", current_task)
            time.sleep(1)
            note("finally ends", current_task)

    return body
