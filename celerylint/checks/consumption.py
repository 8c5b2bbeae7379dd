"""CEL90x: which queues the workers of a deployment read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

import msgspec

from celerylint.checks.rule import Rule
from celerylint.checks.story import labels
from celerylint.checks.worker_story import SHOWN, once_a_place, reads, some, symbol
from celerylint.model.finding import Finding, Label
from celerylint.model.place import Place
from celerylint.model.project import App, Project, Task
from celerylint.model.value import Value
from celerylint.model.worker import Worker


class _Use(msgspec.Struct, frozen=True):
    """Something that sends to a queue: who, and where that is said."""

    who: str
    place: Place


def queue_not_consumed(rule: Rule, project: Project) -> Iterator[Finding]:
    """Queues that something is sent to, and that no worker of the deployment reads."""
    if not project.queues_are_known:
        return
    read = _read(project)
    misspelt = {used for _, _, used in _near_misses(project)}
    for queue, uses in sorted(_uses(project).items()):
        if queue in read or queue in misspelt:
            continue
        yield rule.finding(
            uses[0].place,
            label=f"sends to `{queue}`",
            labels=(
                *(Label(use.place, f"{use.who} goes there, too") for use in uses[1:SHOWN]),
                *reads(_readers(project)),
            ),
            symbol=f"queue:{queue}",
            queue=queue,
            who=uses[0].who if len({use.who for use in uses}) == 1 else f"{uses[0].who} and others",
        )


@once_a_place
def misspelt_queue(rule: Rule, project: Project) -> Iterator[Finding]:
    """Queues of ``-Q`` that are almost one that is used."""
    for worker in _readers(project):
        names = {name for queues in worker.queues.possibilities() for name in queues}
        for name in sorted(names):
            if name.strip() == name or "queues" not in worker.cli:
                continue
            meant = f"`{name.strip()}`" if name.strip() else "another queue"
            yield rule.finding(
                worker.cli["queues"].place,
                symbol=f"{symbol(worker)}:{name}",
                worker=worker.name,
                queue=name,
                meant=meant,
                why="a name in `-Q` has a blank, which is part of it"
                if name.strip()
                else "a name in `-Q` is empty",
            )
    uses = _uses(project)
    for worker, name, used in _near_misses(project):
        use = uses[used][0]
        yield rule.finding(
            worker.cli["queues"].place,
            labels=(Label(use.place, f"{use.who} goes to `{used}`, which nobody reads"),),
            symbol=f"{symbol(worker)}:{name}",
            worker=worker.name,
            queue=name,
            meant=f"`{used}`",
            why=f"nothing is sent to `{name}`, and nobody reads `{used}`",
        )


@once_a_place
def unused_queue(rule: Rule, project: Project) -> Iterator[Finding]:
    """Queues that a worker reads and nothing in the project sends to."""
    if not _senders_are_known(project):
        return
    used = set(_uses(project, with_default=True))
    declared = {queue.name for queue in project.queues if queue.is_declared is not False}
    declared |= project.mentioned_queues
    misspelt = {name for _, name, _ in _near_misses(project)}
    for worker in _readers(project):
        if not worker.app or "queues" not in worker.cli:
            continue
        for name in sorted({name for names in worker.queues.possibilities() for name in names}):
            if name in used or name in declared or name in misspelt or name != name.strip():
                continue
            yield rule.finding(
                worker.cli["queues"].place,
                label=f"reads `{name}`",
                symbol=f"{symbol(worker)}:{name}",
                worker=worker.name,
                queue=name,
            )


def unread_default_queue(rule: Rule, project: Project) -> Iterator[Finding]:
    """Apps whose default queue gets tasks that no worker takes."""
    if not project.queues_are_known:
        return
    read = _read(project)
    for app in project.apps:
        if not any(worker.app == app.variable for worker in _readers(project)):
            continue
        default = app.setting("task_default_queue")
        if default.is_unknown or not read.isdisjoint(default.possibilities()):
            continue
        if _leaves_out_default(app, default):
            continue  # unconsumed-default-queue says more about that
        fallen = [
            task
            for task in project.tasks_of(app)
            if task.routed_by == "default" and _is_sent_to(project, task, default)
        ]
        if not fallen:
            continue
        names = " or ".join(f"`{name}`" for name in default.possibilities())
        yield rule.finding(
            fallen[0].decorator,
            label=f"goes to {names}",
            labels=(
                *(Label(task.decorator, f"goes to {names}, too") for task in fallen[1:SHOWN]),
                *labels(default, "the default queue"),
                *reads(_readers(project)),
            ),
            task=fallen[0].name,
            symbol=f"{app.variable}:task_default_queue",
            queue=names,
            tasks=some(task.name for task in fallen),
        )


def _readers(project: Project) -> list[Worker]:
    return [worker for worker in project.production if worker.kind == "worker"]


def _read(project: Project) -> set[str]:
    """Every queue that some worker may read, those for development included."""
    return {
        name
        for worker in project.workers
        if worker.kind == "worker"
        for names in worker.queues.possibilities()
        for name in names
    }


def _uses(project: Project, *, with_default: bool = False) -> dict[str, list[_Use]]:
    """What is sent to which queue. The default queue of tasks that nothing routes is left out,
    unless it is asked for."""
    served = {worker.app for worker in _readers(project)}
    found: dict[str, list[_Use]] = {}

    def add(value: Value, who: str, place: Place) -> None:
        if len(value.possibilities()) != 1:
            return  # one of several: no one of them is certainly used
        name = value.possibilities()[0]
        if isinstance(name, str) and name and (with_default or not value.is_default):
            found.setdefault(name, []).append(_Use(who, value.place or place))

    for task in project.tasks:
        if not task.is_registered or not (task.app in served or "" in served):
            continue
        if with_default or task.routed_by != "default":
            add(task.queue, f"`{task.name}`", task.decorator)
    for call in project.calls:
        given = call.options.get("queue")
        if call.task is not None and given is not None and given.is_set:
            add(call.queue, f"a call of `{call.task}`", call.place)
    for entry in project.beat:
        given = entry.options.get("queue")
        if given is not None and given.is_set:
            add(entry.queue, f"beat's `{entry.entry}`", entry.place)
    return found


def _near_misses(project: Project) -> list[tuple[Worker, str, str]]:
    """Workers with a queue that nothing is sent to, and the one that is probably meant: nobody
    reads that, and it is spelt almost like it."""
    if not _senders_are_known(project):
        return []
    uses = _uses(project, with_default=True)
    read = _read(project)
    declared = {queue.name for queue in project.queues if queue.is_declared is not False}
    declared |= project.mentioned_queues
    unread = sorted(name for name in uses if name not in read)
    found = []
    for worker in _readers(project):
        if "queues" not in worker.cli or worker.queues.is_unknown:
            continue
        for name in sorted({name for names in worker.queues.possibilities() for name in names}):
            if name in uses or name in declared or name != name.strip():
                continue
            meant = next((used for used in unread if _is_near(name, used)), None)
            if meant is not None:
                found.append((worker, name, meant))
    return found


_DIGITS = re.compile(r"\d+")
_SEPARATORS = re.compile(r"[-_.: ]")
_NEAR = 0.84


def _is_near(one: str, other: str) -> bool:
    """Whether two names are one with a slip of the pen: ``emails`` and ``email``, or other
    separators. Names that differ in a number are meant to differ."""
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return False
    if _SEPARATORS.sub("", one).lower() == _SEPARATORS.sub("", other).lower():
        return True
    return min(len(one), len(other)) >= 4 and SequenceMatcher(None, one, other).ratio() >= _NEAR


def _senders_are_known(project: Project) -> bool:
    """Whether everything that may send to a queue says which."""
    return (
        bool(project.tasks)
        and not any(task.queue.is_unknown for task in project.tasks if task.is_registered)
        and not any(route.kind == "function" for route in project.routes)
        and not any(app.setting("task_routes").is_unknown for app in project.apps)
        and not any(call.queue.is_unknown for call in project.calls)
        and not any(entry.queue.is_unknown for entry in project.beat)
    )


def _is_sent_to(project: Project, task: Task, default: Value) -> bool:
    """Whether something certainly sends the task to the default queue. Where nobody is seen to
    call it, whoever does may name a queue."""
    names = default.possibilities()
    return task.is_registered and (
        any(
            call.task == task.name
            and call.kind in ("delay", "apply_async", "send_task")
            and call.queue.always(lambda name: name in names)
            for call in project.calls
        )
        or any(
            entry.task.always(lambda name: name == task.name)
            and entry.queue.always(lambda name: name in names)
            for entry in project.beat
        )
    )


def _leaves_out_default(app: App, default: Value) -> bool:
    task_queues = app.setting("task_queues")
    return task_queues.is_set and task_queues.always(
        lambda queues: (
            isinstance(queues, (list, tuple, dict))
            and not set(default.possibilities()) & set(queues)
        )
    )
