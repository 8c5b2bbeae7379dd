"""A Celery project as Celery will see it. Rules look at nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from celerylint.model.beat import BeatEntry, CrontabCall, Receiver
from celerylint.model.call import Call, Canvas, CanvasSend, Link, ResultRead
from celerylint.model.configuration import (
    Annotation,
    Autodiscovery,
    ConfigSource,
    Load,
    Overwritten,
    Positional,
    RouteMistake,
    WrittenSetting,
)
from celerylint.model.definition import Body, CeleryImport, Definition, Parameter, TaskClass
from celerylint.model.place import Place
from celerylint.model.value import State, Value, celery_default, unknown
from celerylint.model.worker import Worker


class App(msgspec.Struct):
    """One Celery application: an instance of ``celery.Celery`` or of a subclass.

    ``variable`` is the dotted path it is bound to (``proj.celery.app``), empty when it is bound
    to none. ``settings`` has an entry for every setting the project gives; `setting` falls back
    on Celery's defaults.
    """

    name: str | None
    variable: str
    place: Place
    namespace: Value
    settings: dict[str, Value]
    defaults: dict[str, Any]
    opaque: str = ""
    """Why the settings cannot be known completely; empty where they can."""
    conditional: bool = False
    """It is made only where something outside the code says so."""
    written: tuple[WrittenSetting, ...] = ()
    sources: tuple[ConfigSource, ...] = ()
    positional: tuple[Positional, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    route_mistakes: tuple[RouteMistake, ...] = ()
    loads: tuple[Load, ...] = ()
    autodiscoveries: tuple[Autodiscovery, ...] = ()
    overwritten: tuple[Overwritten, ...] = ()
    is_django: bool = False
    """It takes its settings from Django's."""
    is_imported: bool | None = None
    """Whether a module other than its own imports it; None where that cannot be told."""

    def setting(self, name: str) -> Value:
        """The effective value of a setting by its new-style name (seconds, counts or strings,
        as in Celery's documentation)."""
        found = self.settings.get(name)
        if found is not None:
            return found
        if self.opaque:
            return unknown(self.opaque)
        return celery_default(self.defaults.get(name))


class Route(msgspec.Struct, frozen=True):
    """One key of ``task_routes``. ``matches`` names the project's tasks that it decides."""

    app: str
    pattern: str
    kind: str
    """exact, glob, regex, or function"""
    queue: Value
    place: Place
    matches: tuple[str, ...] = ()


class Task(msgspec.Struct):
    """A task under the name it is registered with.

    ``place`` is the ``def`` or ``class`` line's name; ``decorator`` the expression that makes it
    a task. ``options`` are effective values by option name, for every option of
    ``celery_schema``; ``given`` names the options that the task itself states (decorator, or
    class attributes of a class task), with their places.

    ``queue`` is where a plain ``delay()`` sends it. ``routed_by`` is option, route, default or
    unknown: what decided ``queue``.
    """

    name: str
    app: str
    module: str
    function: str
    place: Place
    decorator: Place
    bind: Value
    options: dict[str, Value]
    queue: Value
    routed_by: str
    given: dict[str, Place]
    parameters: tuple[Parameter, ...] | None = None
    definition: Definition | None = None
    """How its function is written; None where it was not read."""
    body: Body | None = None
    """What its code does; None where it was not read."""
    extra: dict[str, Place] = {}
    """What it is given that is no option of Celery's and no attribute of its base classes."""
    conditional: bool = False
    """It is defined only where something outside the code says so."""
    loaded: bool | None = None
    """Whether the worker of its app imports its module; None where that cannot be told."""
    is_class: bool = False
    is_registered: bool = True
    """False where another task of the same name is registered in its place."""
    opaque: str = ""
    """Why its name cannot be told; ``name`` is then that of its function."""

    def option(self, name: str) -> Value:
        """The effective value of an option."""
        return self.options[name]

    @property
    def retries_automatically(self) -> bool:
        """Whether some exceptions make it retry by themselves, as far as that can be told."""
        return any(self.option("autoretry_for").possibilities())

    @property
    def automatic_retries(self) -> Value:
        """How often an exception in ``autoretry_for`` retries it: ``max_retries`` in
        ``retry_kwargs``, unless that is None, before the task's own (celery/app/autoretry.py)."""
        kwargs = self.option("retry_kwargs")
        limits = [(given or {}).get("max_retries") for given in kwargs.possibilities()]
        if kwargs.state is not State.ONE_OF and limits and limits[0] is not None:
            return Value(kwargs.state, limits[0], kwargs.trail, "", kwargs.variables)
        if kwargs.is_unknown or any(limit is not None for limit in limits):
            return unknown(kwargs.reason or "retry_kwargs is one of several", kwargs.trail)
        return self.option("max_retries")


class Queue(msgspec.Struct, frozen=True):
    """A queue by name. ``declared`` is its place in ``task_queues`` (or the default queue that
    Celery declares itself when ``task_queues`` is empty); None where it only gets created when
    something is published to it. ``is_declared`` is None where ``task_queues`` cannot be told."""

    name: str
    declared: Place | None
    is_declared: bool | None
    tasks: tuple[str, ...]
    workers: tuple[str, ...] = ()


class Unreadable(msgspec.Struct, frozen=True):
    """A file, or a part of one, that could not be read, and why."""

    place: Place
    reason: str


class Crash(msgspec.Struct, frozen=True):
    """A file that celerylint failed on, through a mistake of its own: what was raised, where."""

    place: Place
    error: str


class Project(msgspec.Struct):
    """Everything the rules may look at.

    ``celery_version`` is the version the project pins, such as "5.6.3"; None where nothing
    decides it, and then ``celery_version_source`` is empty.
    """

    celery_version: str | None
    celery_version_source: str
    apps: list[App]
    tasks: list[Task]
    routes: list[Route]
    queues: list[Queue]
    beat: list[BeatEntry]
    calls: list[Call]
    unreadable: list[Unreadable]
    crashes: list[Crash] = msgspec.field(default_factory=list)
    task_classes: list[TaskClass] = msgspec.field(default_factory=list)
    imports: list[CeleryImport] = msgspec.field(default_factory=list)
    results: list[ResultRead] = msgspec.field(default_factory=list)
    canvases: list[Canvas] = msgspec.field(default_factory=list)
    canvas_sends: list[CanvasSend] = msgspec.field(default_factory=list)
    links: list[Link] = msgspec.field(default_factory=list)
    crontabs: list[CrontabCall] = msgspec.field(default_factory=list)
    receivers: list[Receiver] = msgspec.field(default_factory=list)
    attributes_read: frozenset[str] = frozenset()
    """Of the names in `Task.extra` and the retry options, those that some code reads itself."""
    workers: list[Worker] = msgspec.field(default_factory=list)
    mentioned_queues: frozenset[str] = frozenset()
    """Of the queues that workers read and nothing is known to be sent to, those that the code names
    all the same."""
    templates: int = 0
    """How many deployment files are templates that cannot be read before they are filled in."""
    files_read: int = 0
    files_parsed: int = 0

    def app_of(self, task: Task) -> App | None:
        """The app a task belongs to; None for a task of no app that was found."""
        return next((app for app in self.apps if app.variable == task.app), None)

    def tasks_of(self, app: App) -> Iterator[Task]:
        return (task for task in self.tasks if task.app == app.variable)

    def app_named(self, variable: str) -> App | None:
        return next((app for app in self.apps if app.variable == variable), None)

    @property
    def production(self) -> list[Worker]:
        """The processes of production: not those of files for development."""
        return [worker for worker in self.workers if not worker.development]

    def workers_of(self, task: Task) -> list[Worker]:
        """The workers of production that may run a task."""
        return [
            worker
            for worker in self.production
            if worker.kind == "worker" and task.name in worker.tasks
        ]

    @property
    def queues_are_known(self) -> bool:
        """Whether the picture of who reads which queue is complete: there is a worker of
        production, and every worker's queues are certain. Rules that find a queue without a reader
        are silent without it."""
        readers = [worker for worker in self.workers if worker.kind == "worker"]
        return (
            not self.templates
            and any(not worker.development for worker in readers)
            and all(
                worker.queues.state in (State.KNOWN, State.DEFAULT, State.ONE_OF)
                for worker in readers
            )
        )
