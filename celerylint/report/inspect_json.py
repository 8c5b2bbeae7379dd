"""``celerylint inspect --output-format json``: the whole model, for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from celerylint.model.beat import BeatEntry
from celerylint.model.call import Call
from celerylint.model.project import App, Project, Queue, Route, Task
from celerylint.model.value import State, Value
from celerylint.model.worker import Worker
from celerylint.report.values import Plain, plain
from celerylint.wording import mask_passwords

SCHEMA = 1
"""Version of the document's shape. A field may be added without changing it; a field that is
removed or changes its meaning raises it."""


def render(project: Project, tasks: Sequence[Task]) -> str:
    """The document, ending in a newline. ``tasks`` are those to list, usually all."""
    document: dict[str, Plain] = {
        "schema": SCHEMA,
        "celery_version": {
            "value": project.celery_version,
            "source": project.celery_version_source,
        },
        "apps": [_app(app) for app in project.apps],
        "settings": [
            {"app": app.variable, "name": name, **_value(value)}
            for app in project.apps
            for name, value in sorted(app.settings.items())
        ],
        "tasks": [_task(task) for task in tasks if task.is_registered],
        "routes": [_route(route) for route in project.routes],
        "queues": [_queue(queue) for queue in project.queues],
        "beat": [_beat(entry) for entry in project.beat],
        "workers": [_worker(worker) for worker in project.workers],
        "calls": [_call(call) for call in project.calls],
    }
    return mask_passwords(json.dumps(document, indent=2)) + "\n"


def _value(value: Value) -> dict[str, Plain]:
    shown: dict[str, Plain] = {
        "state": value.state.value,
        "value": plain(value.value),
        "trail": [
            {
                "path": step.place.path if step.place else None,
                "line": step.place.line if step.place else None,
                "text": step.text,
            }
            for step in value.trail
        ],
    }
    if value.state is State.UNKNOWN:
        shown["reason"] = value.reason
    if value.variables:
        shown["variables"] = list(value.variables)
    return shown


def _app(app: App) -> Plain:
    return {
        "name": app.name,
        "variable": app.variable,
        "path": app.place.path,
        "line": app.place.line,
        "namespace": plain(app.namespace.value),
    }


def _task(task: Task) -> Plain:
    return {
        "name": task.name if not task.opaque else None,
        "app": task.app,
        "conditional": task.conditional,
        "loaded": task.loaded,
        "path": task.place.path,
        "line": task.place.line,
        "function": task.function,
        "bind": plain(task.bind.value),
        "options": {name: _value(value) for name, value in sorted(task.options.items())},
        "queue": _value(task.queue),
    }


def _route(route: Route) -> Plain:
    return {
        "pattern": route.pattern,
        "queue": plain(route.queue.value),
        "path": route.place.path,
        "line": route.place.line,
        "matches": list(route.matches),
        "values": {"queue": _value(route.queue)},
    }


def _worker(worker: Worker) -> Plain:
    return {
        "name": worker.name,
        "kind": worker.kind,
        "platform": worker.platform,
        "app": worker.app or None,
        "queues": _value(worker.queues),
        "pool": _value(worker.pool),
        "concurrency": _value(worker.concurrency),
        "autoscale": _value(worker.autoscale),
        "time_limit": _value(worker.time_limit),
        "soft_time_limit": _value(worker.soft_time_limit),
        "prefetch_multiplier": _value(worker.prefetch_multiplier),
        "max_tasks_per_child": _value(worker.max_tasks_per_child),
        "max_memory_per_child": _value(worker.max_memory_per_child),
        "beat": _value(worker.embedded_beat),
        "scheduler": _value(worker.scheduler),
        "hostname": _value(worker.hostname),
        "grace_period": _value(worker.grace_period),
        "replicas": _value(worker.replicas),
        "user": _value(worker.user),
        "tasks": list(worker.tasks),
        "development": worker.development,
        "path": worker.place.path,
        "line": worker.place.line,
    }


def _queue(queue: Queue) -> Plain:
    return {
        "name": queue.name,
        "declared": queue.is_declared,
        "tasks": list(queue.tasks),
        "workers": list(queue.workers),
    }


def _beat(entry: BeatEntry) -> Plain:
    return {
        "entry": entry.entry,
        "task": plain(entry.task.value),
        "resolves": entry.resolves,
        "schedule": plain(entry.schedule.value),
        "queue": plain(entry.queue.value),
        "path": entry.place.path,
        "line": entry.place.line,
        "conditional": entry.conditional,
        "values": {
            "task": _value(entry.task),
            "schedule": _value(entry.schedule),
            "queue": _value(entry.queue),
        },
    }


def _call(call: Call) -> Plain:
    return {
        "task": call.task,
        "kind": call.kind,
        "queue": plain(call.queue.value),
        "path": call.place.path,
        "line": call.place.line,
        "values": {"queue": _value(call.queue)},
    }
