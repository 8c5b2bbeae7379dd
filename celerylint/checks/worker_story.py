"""How findings speak of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps

from celerylint.checks.rule import Rule
from celerylint.model.finding import Finding, Label
from celerylint.model.place import Place
from celerylint.model.project import Project, Task
from celerylint.model.worker import Worker

Check = Callable[[Rule, Project], Iterator[Finding]]

SHOWN = 3
"""How many of the tasks or workers that share a fate a finding points at."""


def symbol(worker: Worker) -> str:
    """What a finding about a worker is known by, without the line: its file and its name. What it
    is about follows behind a colon."""
    return f"{worker.unit.path}:{worker.name}"


def reads(workers: Iterable[Worker]) -> tuple[Label, ...]:
    """The workers with the queues that they read."""
    found = []
    for worker in workers:
        queues = sorted({name for names in worker.queues.possibilities() for name in names})
        listed = ", ".join(f"`{name}`" for name in queues) or "nothing"
        place = worker.queues.place if "queues" in worker.cli else worker.place
        found.append(Label(place or worker.place, f"`{worker.name}` reads {listed}"))
    return tuple(dict.fromkeys(found))[:SHOWN]


def once_a_place(check: Check) -> Check:
    """A check that says the same of a place once: several services may run one script."""

    @wraps(check)
    def checked(rule: Rule, project: Project) -> Iterator[Finding]:
        seen: set[tuple[Place, str]] = set()
        for finding in check(rule, project):
            key = (finding.place, finding.symbol.rpartition(":")[2])
            if key not in seen:
                seen.add(key)
                yield finding

    return checked


def tasks_of(project: Project, worker: Worker) -> list[Task]:
    """The tasks that a worker may run."""
    names = set(worker.tasks)
    return [task for task in project.tasks if task.name in names and task.is_registered]


def some(names: Iterable[str]) -> str:
    """Names for a sentence: ``` `a`, `b` and 3 more ```."""
    listed = list(dict.fromkeys(names))
    shown = ", ".join(f"`{name}`" for name in listed[:SHOWN])
    return f"{shown} and {len(listed) - SHOWN} more" if len(listed) > SHOWN else shown
