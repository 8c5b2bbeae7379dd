"""Who reads which queue, and which tasks each worker will run."""

from __future__ import annotations

from collections.abc import Mapping

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


def _names(values: tuple[object, ...]) -> set[str]:
    return {value for value in values if isinstance(value, str)}
