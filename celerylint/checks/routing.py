"""CEL4xx: which queue a task goes to, and who reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celerylint.checks.rule import Rule
from celerylint.checks.story import labels, setting_name, settings_place
from celerylint.model.call import Call
from celerylint.model.finding import Finding, Label
from celerylint.model.project import App, Project, Route, Task
from celerylint.model.value import Value

SHOWN_TASKS = 3
"""How many of the tasks that share a fate a finding points at."""


def unrouted_task(rule: Rule, project: Project) -> Iterator[Finding]:
    """Tasks without a route or a queue, in an app that gives its other tasks one."""
    for app in project.apps:
        routing = _where_it_routes(project, app)
        if routing is None or _may_route_anything(project, app):
            continue
        # A route that names no queue sends its tasks to the default queue, but on purpose.
        matched = {name for route in _routes(project, app) for name in route.matches}
        for task in project.tasks_of(app):
            if task.routed_by != "default" or task.name in matched:
                continue
            if "queue" in task.given:
                continue  # `queue=settings.SLOW_QUEUE`: the environment may name one
            if _is_always_sent_to_a_queue(project, task):
                continue
            yield rule.finding(
                task.decorator,
                label="no queue of its own, and no route matches it",
                labels=(routing, *labels(task.queue, "the default queue")),
                task=task.name,
                queue=_names(task.queue),
                cause=(
                    f'a route for `"*"` in `{setting_name(app, "task_routes")}`'
                    f" at {settings_place(app)} would say that the default queue is meant"
                ),
            )


def unconsumed_default_queue(rule: Rule, project: Project) -> Iterator[Finding]:
    """Apps whose ``task_queues`` leave out the default queue that tasks of theirs fall to."""
    for app in project.apps:
        task_queues = app.setting("task_queues")
        default = app.setting("task_default_queue")
        if not task_queues.always(lambda queues: _are_names(queues) and bool(queues)):
            continue
        # Beside the declared queues, a worker reads those that its `-Q` names.
        read = {queue.name for queue in project.queues if queue.workers}
        for queues in task_queues.possibilities():
            read.update(queues)
        if default.is_unknown or not read.isdisjoint(default.possibilities()):
            continue
        fallen = [task for task in project.tasks_of(app) if task.routed_by == "default"]
        if not fallen:
            continue
        refused = app.setting("task_create_missing_queues").always(lambda create: not create)
        names = _names(default)
        yield rule.finding(
            task_queues.place or app.place,
            label=f"{names} is not among them",
            labels=(
                *labels(default, "the default queue"),
                *(Label(task.decorator, f"goes to {names}") for task in fallen[:SHOWN_TASKS]),
            ),
            symbol=f"{app.variable}:task_queues",
            queue=names,
            setting=setting_name(app, "task_queues"),
            tasks=f"`{fallen[0].name}` goes" if len(fallen) == 1 else f"{len(fallen)} tasks go",
            consequence=(
                "every call raises `QueueNotFound`"
                if refused
                else "messages pile up there: no worker reads that queue unless its `-Q` names it"
            ),
        )


def _routes(project: Project, app: App) -> Iterator[Route]:
    return (route for route in project.routes if route.app == app.variable)


def _where_it_routes(project: Project, app: App) -> Label | None:
    """The first place that shows that the app's tasks are meant to have queues; None without."""
    if route := next(_routes(project, app), None):
        return Label(route.place, "tasks are routed here")
    for task in project.tasks_of(app):
        if task.routed_by == "option" and task.queue.place is not None:
            return Label(task.queue.place, "this task names its queue")
    task_queues = app.setting("task_queues")
    default = set(app.setting("task_default_queue").possibilities())
    if task_queues.place and task_queues.always(
        lambda queues: _are_names(queues) and not default.issuperset(queues)
    ):
        return Label(task_queues.place, "there are queues to choose from")
    return None


def _are_names(queues: Any) -> bool:
    """Queues that are known by name: a list of them, or a dict with their options."""
    return isinstance(queues, (list, tuple, dict)) and all(
        isinstance(name, str) and name for name in queues
    )


def _names(queue: Value) -> str:
    return " or ".join(f"`{name}`" for name in queue.possibilities()) or "of the app"


def _may_route_anything(project: Project, app: App) -> bool:
    """A router function decides at run time, and so may routes that cannot be told."""
    return app.setting("task_routes").is_unknown or any(
        route.kind == "function" for route in _routes(project, app)
    )


def _is_always_sent_to_a_queue(project: Project, task: Task) -> bool:
    """Whether the task is called at all, and never without naming a queue; or only, as far as
    can be seen, by a scheduler whose entries are not in the code."""
    named = [_names_a_queue(call) for call in project.calls if call.task == task.name]
    for entry in project.beat:
        if entry.task.always(lambda name: name == task.name):
            named.append(not entry.queue.is_default and entry.queue.place != task.queue.place)
    if not named:
        return any(_schedules_elsewhere(app) for app in project.apps)
    return all(named)


def _schedules_elsewhere(app: App) -> bool:
    """Whether beat takes its entries from a database, or from code of the project's own."""
    return not app.setting("beat_scheduler").is_default


def _names_a_queue(call: Call) -> bool:
    """``queue=None`` is as good as none; a queue that cannot be told is one all the same."""
    queue = call.options.get("queue")
    return queue is not None and not queue.always(lambda name: name is None)
