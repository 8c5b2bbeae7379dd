"""A process that a deployment starts with Celery: worker, beat or flower."""

from __future__ import annotations

from typing import Literal

import msgspec

from celerylint.model.place import Place
from celerylint.model.value import Value

WorkerKind = Literal["worker", "beat", "flower"]

Platform = Literal[
    "procfile",
    "dockerfile",
    "compose",
    "kubernetes",
    "systemd",
    "supervisor",
    "script",
    "makefile",
    "pyproject",
    "tox",
    "package.json",
    "python",
]

CONTAINERS = frozenset({"compose", "dockerfile", "kubernetes"})
"""The platforms on which a process is the first of its container."""


class CliOption(msgspec.Struct, frozen=True):
    """An option as the command line gives it, or a variable that click reads in its place."""

    value: Value
    place: Place


class CliMistake(msgspec.Struct, frozen=True):
    """Why Celery refuses a command line. ``option_is_unknown`` says that an option of the
    project's own might be what is meant (``app.user_options``)."""

    text: str
    help: str
    place: Place
    option_is_unknown: bool = False


class Between(msgspec.Struct, frozen=True):
    """A shell that stays between what starts a container and Celery, and does not pass signals on.

    ``what`` names it (``sh -c``, ``start.sh``), ``place`` is where it starts Celery.
    """

    what: str
    place: Place


class Worker(msgspec.Struct, kw_only=True):
    """One process, under the name that its deployment gives it.

    ``place`` is the command, ``unit`` where the service or program is defined. ``app_given`` is
    what ``-A`` says, ``app`` the variable of the app that this is (empty where none of the project
    is known to be it), ``app_problem`` why there certainly is none.

    Option values are those that hold when it runs: command line, then the variables that click
    reads, then the settings of the app. ``queues`` is a tuple of names. ``concurrency`` is a
    number, None for one per CPU, or ``auto``; ``autoscale`` is None or (most, least).
    ``time_limit`` and ``soft_time_limit`` are in seconds: what a task without limits of its own
    gets from this worker's pool. ``grace_period`` is how many seconds pass between SIGTERM and
    SIGKILL.

    ``cli`` are the options as given, ``embedded_beat`` says that it runs beat besides (``-B``).
    ``between`` is a shell that keeps signals from it. ``group`` is the same for what is started
    together, empty where that is not known.
    """

    name: str
    kind: WorkerKind
    platform: Platform
    place: Place
    unit: Place
    app_given: Value
    app: str = ""
    app_problem: str = ""
    queues: Value
    pool: Value
    concurrency: Value
    autoscale: Value
    time_limit: Value
    soft_time_limit: Value
    prefetch_multiplier: Value
    max_tasks_per_child: Value
    max_memory_per_child: Value
    embedded_beat: Value
    scheduler: Value
    hostname: Value
    replicas: Value
    grace_period: Value
    user: Value
    cli: dict[str, CliOption] = {}
    mistakes: tuple[CliMistake, ...] = ()
    environment: dict[str, Value] = {}
    between: Between | None = None
    development: bool = False
    group: str = ""
    tasks: tuple[str, ...] = ()
    """The names of the tasks that it may run: those that go to a queue it reads."""

    @property
    def runs_beat(self) -> bool:
        """Whether it certainly sends what is scheduled."""
        return self.kind == "beat" or self.embedded_beat.always(bool)

    @property
    def in_container(self) -> bool:
        return self.platform in CONTAINERS
