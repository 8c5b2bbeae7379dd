"""What is sent on a schedule, and what is called when something happens."""

from __future__ import annotations

import msgspec

from celerylint.model.place import Place
from celerylint.model.value import Value, celery_default


class BeatEntry(msgspec.Struct, frozen=True):
    """One entry of ``beat_schedule``, or one call of ``add_periodic_task``.

    ``given`` has the keys that are written (the parameters, for ``add_periodic_task``), with their
    places. ``args`` and ``kwargs`` are what the task is called with, ``options`` the call options.
    """

    app: str
    entry: str
    task: Value
    resolves: bool | None
    """Whether the project registers that task; None where that cannot be told."""
    schedule: Value
    queue: Value
    place: Place
    options: dict[str, Value] = {}
    conditional: bool = False
    """It is there only where something outside the code says so."""
    args: Value = celery_default(())
    kwargs: Value = celery_default({})
    given: dict[str, Place] = {}
    is_periodic: bool = False
    """It is added by ``add_periodic_task``"""
    replaces: Place | None = None
    """An entry of the same key, which is lost"""


class CrontabCall(msgspec.Struct, frozen=True):
    """A call of ``celery.schedules.crontab``, in a schedule or elsewhere.

    ``fields`` are those that are given, by name, and ``positional`` of them by position;
    ``others`` are keywords that crontab does not have. ``is_complete`` is False where there may be
    further arguments.
    """

    place: Place
    fields: dict[str, Value]
    positional: int
    others: dict[str, Place]
    is_complete: bool


class Receiver(msgspec.Struct, frozen=True):
    """A function that is connected to a signal of an app or of ``celery.signals``.

    ``signal`` is the dotted name (``celery.signals.worker_ready``), or the app's attribute
    (``on_after_configure``). A receiver is held weakly unless ``weak`` is False, so that one that
    is ``nested_in`` a function is gone when that returns.
    """

    signal: str
    function: str
    place: Place
    nested_in: str
    weak: Value
    takes_keywords: bool
    comes_late: bool | None = None
    """For ``on_after_configure``: it is connected after the configuration was read"""
