"""The things in a project that policies judge, with the values of everything that can be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from celerylint.model.beat import BeatEntry
from celerylint.model.call import Call
from celerylint.model.place import Place
from celerylint.model.project import App, Project, Queue, Task
from celerylint.model.value import State, Step, Value, celery_default, unknown
from celerylint.policy.expectation import Answer
from celerylint.policy.fields import SELECTED_SETTING, Field, Kind, fields_of
from celerylint.policy.policy import Selection


class Subject(msgspec.Struct, frozen=True):
    """A selected thing.

    ``place`` is where it is blamed; ``values`` gives a field's effective value, ``given`` the
    places of what it states itself, ``app`` the app it belongs to. ``task`` is the name of its
    task, for things that have one.
    """

    kind: Kind
    name: str
    place: Place
    values: Callable[[str], Value]
    given: Mapping[str, Place]
    app: App | None = None
    task: str | None = None

    def asked(self, field: Field) -> tuple[Value, Answer]:
        """The value of a field, and whether the project gives it."""
        value = self.values(field.name)
        if value.is_unknown:
            return value, True if field.name in self.given else None
        return value, value.is_set

    def is_setting(self, field: Field) -> bool:
        """Whether the field is a setting of its app, and not something of its own."""
        return self.app is not None and field.name in self.app.defaults


def selected(selection: Selection, project: Project) -> Iterator[Subject]:
    """Everything that the selection means, in the project's order."""
    for subject in everything(selection.kind, project):
        if not any(name.matches(subject.name) for name in selection.names):
            continue
        if selection.path is not None and not _lies_in(subject.place, selection):
            continue
        if selection.app is not None and not _belongs_to(subject.app, selection):
            continue
        yield subject


def everything(kind: Kind, project: Project) -> Iterator[Subject]:
    """All things of one kind that have a name."""
    if kind is Kind.TASK:
        yield from (_task(task, project) for task in project.tasks if not task.opaque)
    elif kind is Kind.SETTING:
        version = project.celery_version
        for app in project.apps:
            yield from (_setting(app, name, version) for name in sorted(app.defaults))
    elif kind is Kind.QUEUE:
        yield from (_queue(queue, project) for queue in project.queues)
    elif kind is Kind.BEAT:
        tasks = _by_name(project)
        yield from (_beat(entry, project, tasks) for entry in project.beat if entry.entry)
    elif kind is Kind.CALL:
        tasks = _by_name(project)
        yield from (_call(call, project, tasks) for call in project.calls if call.task)
    # Nothing reads deployment files yet, so there are no workers.


def _lies_in(place: Place, selection: Selection) -> bool:
    """Whether the path matches from some folder on: what is shown depends on where one stands."""
    parts = place.path.split("/")
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return selection.path is not None and any(map(selection.path.matches, tails))


def _belongs_to(app: App | None, selection: Selection) -> bool:
    return (
        app is not None
        and selection.app is not None
        and any(selection.app.matches(name) for name in (app.variable, app.name) if name)
    )


def _task(task: Task, project: Project) -> Subject:
    app = project.app_of(task)
    own = {
        "app": _fact(task.app) if task.app else unknown("no Celery app was found"),
        "function": _fact(task.function),
        "has_retry": _has_retry(task),
        "module": _fact(task.module),
        "name": _fact(task.name),
        "queue": task.queue,
        "routed_by": (
            unknown(task.queue.reason or "what decides its queue cannot be told")
            if task.routed_by == "unknown"
            else Value(State.KNOWN, task.routed_by, task.queue.trail)
        ),
    }

    def value(name: str) -> Value:
        if name in own:
            return own[name]
        if name in task.options:
            return task.options[name]
        return _setting_value(app, name, project.celery_version)

    return Subject(Kind.TASK, task.name, task.decorator, value, task.given, app, task.name)


def _has_retry(task: Task) -> Value:
    """Whether anything makes it run again: a call of ``retry`` in its body, or exceptions that
    it is retried for."""
    if task.body is not None and task.body.retries:
        return Value(State.KNOWN, True, (Step("retries here", task.body.retries[0].place),))
    autoretry_for = task.option("autoretry_for")
    if (task.body is None or task.body.hands_on) and not autoretry_for.always(bool):
        return unknown("its body hands itself to code that was not read")
    if autoretry_for.is_unknown:
        return autoretry_for
    answers = {bool(classes) for classes in autoretry_for.possibilities()}
    if len(answers) == 1:
        return Value(State.KNOWN, answers.pop(), autoretry_for.trail)
    return Value(State.ONE_OF, (False, True), autoretry_for.trail)


def _setting(app: App, name: str, celery_version: str | None) -> Subject:
    def value(field: str) -> Value:
        return _setting_value(app, name if field == SELECTED_SETTING else field, celery_version)

    return Subject(Kind.SETTING, name, app.setting(name).place or app.place, value, {}, app)


def _setting_value(app: App | None, name: str, celery_version: str | None) -> Value:
    if app is None:
        return unknown("no Celery app was found whose settings would apply")
    if name not in app.defaults:
        return _missing(celery_version)
    return app.setting(name)


def _missing(celery_version: str | None) -> Value:
    """The value of something that the project's Celery does not know: nothing reads it."""
    version = f"Celery {celery_version}" if celery_version else "this Celery"
    return Value(State.DEFAULT, None, (Step(f"{version} knows no such option"),))


def _queue(queue: Queue, project: Project) -> Subject:
    values = {
        "declared": Value(State.KNOWN, queue.is_declared, _step("declared here", queue.declared)),
        "name": _fact(queue.name),
        "tasks": _fact(len(queue.tasks)),
    }
    return Subject(Kind.QUEUE, queue.name, _place_of(queue, project), values.__getitem__, {})


def _place_of(queue: Queue, project: Project) -> Place:
    """Where a queue is declared, else where something is sent to it."""
    if queue.declared is not None:
        return queue.declared
    for task in project.tasks:
        if queue.name in task.queue.possibilities():
            return task.queue.place or task.decorator
    sent = [(call.queue, call.place) for call in project.calls]
    sent += [(entry.queue, entry.place) for entry in project.beat]
    for to, place in sent:
        if queue.name in to.possibilities():
            return place
    return project.apps[0].place if project.apps else Place(".", 1, 1, 1, 1)


def _beat(entry: BeatEntry, project: Project, tasks: Mapping[str, Task]) -> Subject:
    app = next((app for app in project.apps if app.variable == entry.app), None)
    task = entry.task.value if isinstance(entry.task.value, str) else None
    own = {
        "entry": _fact(entry.entry),
        "queue": entry.queue,
        "resolves": (
            unknown("another package may register that task")
            if entry.resolves is None
            else _fact(entry.resolves)
        ),
        "schedule": entry.schedule,
        "task": entry.task,
    }
    values = _sent({**entry.options, **own}, tasks.get(task or ""))
    given = _given(entry.options, entry.place)
    return Subject(Kind.BEAT, entry.entry, entry.place, values, given, app, task)


def _call(call: Call, project: Project, tasks: Mapping[str, Task]) -> Subject:
    name = call.task or ""
    own = {"kind": _fact(call.kind), "queue": call.queue, "task": _fact(name)}
    if call.kind == "reference":
        handed_on = unknown("it is handed on, and called elsewhere")
        own = {**own, **dict.fromkeys(fields_of(Kind.CALL).keys() - {"kind", "task"}, handed_on)}
    task = tasks.get(name)
    return Subject(
        Kind.CALL,
        name,
        call.place,
        _sent({**call.options, **own}, task),
        _given(call.options, call.place),
        project.app_of(task) if task is not None else None,
        name,
    )


def _sent(own: Mapping[str, Value], task: Task | None) -> Callable[[str], Value]:
    """The values of something that sends a task: its own options come before the task's."""

    def value(name: str) -> Value:
        if name in own:
            return own[name]
        if task is not None and name in task.options:
            return task.options[name]
        return celery_default(None)

    return value


def _given(options: Mapping[str, Value], place: Place) -> dict[str, Place]:
    """What a call or an entry states; nothing where none of its options can be told."""
    if len(options) > 1 and all(value.is_unknown for value in options.values()):
        return {}
    return {name: value.place or place for name, value in options.items()}


def _by_name(project: Project) -> dict[str, Task]:
    return {task.name: task for task in project.tasks if task.is_registered}


def _fact(value: Any) -> Value:
    """Something that is simply so, and decided by no place in particular."""
    return Value(State.KNOWN, value)


def _step(text: str, place: Place | None) -> tuple[Step, ...]:
    return (Step(text, place),) if place is not None else ()
