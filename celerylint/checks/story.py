"""How findings tell where a value came from."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.celery_schema import SUPPORTED, Version
from celerylint.model.finding import Label
from celerylint.model.place import Place
from celerylint.model.project import App, Project, Task
from celerylint.model.value import State, Value


def place_of(task: Task, *options: str) -> Place:
    """Where the task itself states one of the options, the first that it does; else where it is
    made a task: that is what somebody will have to change."""
    return next((task.given[name] for name in options if name in task.given), task.decorator)


def labels(value: Value, role: str) -> tuple[Label, ...]:
    """The trail of a value: the winner under the role it plays, the others in their own words."""
    return tuple(
        Label(step.place, role if index == 0 else step.text)
        for index, step in enumerate(value.trail)
        if step.place is not None
    )


def seconds(value: Value) -> str:
    """A time limit in words, such as ``600 s`` or ``60 s or 90 s``, and whether it may differ."""
    options = " or ".join(f"{option:g} s" for option in sorted(value.possibilities()))
    if value.state is State.ENVIRONMENT:
        return f"{options} unless {' or '.join(f'`{name}`' for name in value.variables)} is set"
    return options


def versions(project: Project) -> tuple[Version, ...]:
    """The Celery versions that the project may run on, as far as Celery differs between them: the
    one it pins, else every supported one, in ascending order."""
    if project.celery_version is None:
        return SUPPORTED
    return (Version.parse(project.celery_version),)


def setting_name(app: App, setting: str) -> str:
    """A setting as this app's configuration spells it: ``CELERY_TASK_ACKS_LATE`` where the app
    reads its settings with a namespace."""
    namespace = app.namespace.value
    if isinstance(namespace, str) and namespace:
        return f"{namespace.rstrip('_')}_{setting.upper()}"
    return setting


def settings_place(app: App) -> str:
    """Where a new setting of the app would go: the file that most settings under its namespace
    come from, else the app itself."""
    if isinstance(app.namespace.value, str) and app.namespace.value:
        files = [place.path for place in _winners(app) if place.path != app.place.path]
        if files:
            return max(sorted(set(files)), key=files.count)
    return f"{app.place.path}:{app.place.line}"


def _winners(app: App) -> Iterator[Place]:
    return (value.place for value in app.settings.values() if value.place is not None)
