"""Who reads which queue, and which tasks each worker will run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from celerylint.model.project import Project, Queue


def add_tasks(project: Project, owners: Mapping[str, set[str]]) -> None:
    """Fill in `Worker.tasks` and `Queue.workers`. ``owners`` are the apps of each task, by name."""
    queues_of: dict[str, set[str]] = {}
    for task in project.tasks:
        queues_of.setdefault(task.name, set()).update(_names(task.queue.possibilities()))
    for call in project.calls:
        if call.task in queues_of:
            queues_of[call.task].update(_names(call.queue.possibilities()))
    for entry in project.beat:
        for name in entry.task.possibilities():
            if name in queues_of:
                queues_of[name].update(_names(entry.queue.possibilities()))

    readers: dict[str, list[str]] = {}
    for worker in project.workers:
        if worker.kind != "worker":
            continue
        read = {queue for queues in worker.queues.possibilities() for queue in queues}
        for queue in sorted(read):
            readers.setdefault(queue, []).append(worker.name)
        worker.tasks = tuple(
            name
            for name in sorted(queues_of)
            if not read.isdisjoint(queues_of[name])
            and (not worker.app or worker.app in owners.get(name, ()))
        )
    known = {queue.name for queue in project.queues}
    project.queues = sorted(
        [
            *(
                msgspec.structs.replace(
                    queue, workers=tuple(dict.fromkeys(readers.get(queue.name, ())))
                )
                for queue in project.queues
            ),
            *(
                Queue(name, None, False, (), tuple(dict.fromkeys(workers)))
                for name, workers in readers.items()
                if name not in known
            ),
        ],
        key=lambda queue: queue.name,
    )


def add_mentions(project: Project, paths: Iterable[str]) -> None:
    """Fill in `Project.mentioned_queues`: code of the project's own may send to a queue in a way
    that nobody can follow, but hardly without its name."""
    used = {
        name
        for value in [
            *(task.queue for task in project.tasks),
            *(call.queue for call in project.calls),
            *(entry.queue for entry in project.beat),
        ]
        for name in _names(value.possibilities())
    }
    names = {
        name
        for worker in project.workers
        if worker.kind == "worker"
        for queues in worker.queues.possibilities()
        for name in queues
        if name and name not in used
    }
    if not names:
        return
    alternatives = b"|".join(re.escape(name.encode()) for name in sorted(names))
    quoted = re.compile(rb"[\"'](?P<name>" + alternatives + rb")[\"']")
    found: set[str] = set()
    for path in paths:
        try:
            with open(path, "rb") as file:
                found.update(match["name"].decode() for match in quoted.finditer(file.read()))
        except OSError:
            continue
    project.mentioned_queues = frozenset(found)


def _names(values: tuple[object, ...]) -> set[str]:
    return {value for value in values if isinstance(value, str)}
