"""CEL90x: what becomes of running tasks when a worker is stopped, and of the schedule when there
are several of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celerylint.checks.limits import is_limit
from celerylint.checks.pools import POOLS_WITHOUT_LIMITS
from celerylint.checks.rule import Rule
from celerylint.checks.story import labels
from celerylint.checks.worker_story import once_a_place, some, symbol, tasks_of
from celerylint.model.finding import Finding, Label
from celerylint.model.project import Project, Task
from celerylint.model.value import Value
from celerylint.model.worker import Worker

_WITHOUT_LOCK = ("celery.beat:", "celery.beat.", "django_celery_beat.schedulers")
"""Schedulers that start everything, whoever else does. Others may take turns, as RedBeat does."""


@once_a_place
def grace_period_below_time_limit(rule: Rule, project: Project) -> Iterator[Finding]:
    """Workers that are killed before the tasks that they run have to be done."""
    for worker in project.production:
        grace = worker.grace_period
        if worker.kind != "worker" or len(grace.possibilities()) != 1 or grace.is_unknown:
            continue
        if worker.pool.always(lambda pool: pool in POOLS_WITHOUT_LIMITS):
            continue  # time-limit-unsupported-pool says that the limits are none
        if "REMAP_SIGTERM" in worker.environment:
            continue  # SIGTERM then is a cold shutdown, which does not wait
        seconds = grace.value
        limits = [(task, _limit(project, task, worker)) for task in tasks_of(project, worker)]
        longer = [(task, limit) for task, limit in limits if _is_above(limit, seconds)]
        if not longer:
            continue
        longest, limit = max(longer, key=lambda pair: min(pair[1].possibilities()))
        decided = grace.place
        yield rule.finding(
            decided or worker.unit,
            label="" if decided else f"nobody gives a grace period: {_whose(grace)}",
            labels=(
                *(labels(grace, f"killed {seconds:g} s after SIGTERM") if decided else ()),
                *labels(limit, f"`{longest.name}` may run for {min(limit.possibilities()):g} s"),
            ),
            symbol=f"{symbol(worker)}:grace",
            worker=worker.name,
            grace=f"{seconds:g} s",
            limit=f"{min(limit.possibilities()):g} s",
            tasks=some(task.name for task, _ in longer),
            consequence=_consequence([task for task, _ in longer]),
            setting=_GRACE_SETTINGS.get(worker.platform, "the grace period"),
        )


_GRACE_SETTINGS = {
    "compose": "`stop_grace_period`",
    "dockerfile": "`docker run --stop-timeout`",
    "kubernetes": "`terminationGracePeriodSeconds`",
    "systemd": "`TimeoutStopSec`",
    "supervisor": "`stopwaitsecs`",
}


def _limit(project: Project, task: Task, worker: Worker) -> Value:
    """When the task is stopped at the latest: its hard limit, else its soft one."""
    app = project.app_named(worker.app)
    for name, fallback in (
        ("time_limit", worker.time_limit),
        ("soft_time_limit", worker.soft_time_limit),
    ):
        own = task.option(name)
        setting = app.setting(f"task_{name}") if app is not None else None
        # What the task has from the app, the worker decides with it: see `Worker.time_limit`.
        is_own = own.place is None or setting is None or own.place != setting.place
        value = own if is_own and not own.always(lambda limit: not limit) else fallback
        if value.is_unknown or value.always(bool):
            return value
    return fallback


def _is_above(limit: Value, seconds: float) -> bool:
    return limit.always(lambda value: is_limit(value) and value > seconds)


def _whose(grace: Value) -> str:
    step = grace.trail[0].text if grace.trail else "the default"
    return f"{grace.value:g} s is {step}"


def _consequence(tasks: list[Task]) -> str:
    late = [task for task in tasks if task.option("acks_late").always(bool)]
    if len(late) == len(tasks):
        return "its message is delivered again, and all the work is done twice"
    early = [task for task in tasks if task.option("acks_late").always(lambda late: not late)]
    if len(early) == len(tasks):
        return "its message is acknowledged already, so it is lost"
    return "it is lost, or starts again from the beginning"


@once_a_place
def worker_not_first(rule: Rule, project: Project) -> Iterator[Finding]:
    """Workers that are not told to stop: a shell stands between, or they run in the background."""
    for worker in project.production:
        if worker.kind != "worker":
            continue
        detach = worker.cli.get("detach")
        if worker.in_container and detach is not None and detach.value.always(bool):
            yield rule.finding(
                detach.place,
                symbol=f"{symbol(worker)}:detach",
                worker=worker.name,
                problem="runs in the background of its container",
                consequence="the container ends when its first process does, and Celery with it",
                remedy="leave out `--detach`",
            )
        elif worker.between is not None:
            inside = worker.in_container
            yield rule.finding(
                worker.between.place,
                label="started without `exec`",
                labels=(Label(worker.unit, f"`{worker.name}` is started here"),),
                symbol=f"{symbol(worker)}:exec",
                worker=worker.name,
                problem=f"does not get SIGTERM: {worker.between.what} stays above it",
                consequence=(
                    "when the container is stopped, Celery runs on, and is killed with its tasks"
                    if inside
                    else "when the program is stopped, the shell ends and Celery runs on"
                ),
                remedy="write `exec` before `celery`"
                + ("" if inside else ", or set `stopasgroup=true`"),
            )


@once_a_place
def multiple_beat(rule: Rule, project: Project) -> Iterator[Finding]:
    """More than one beat for the same schedule."""
    beats = [
        worker
        for worker in project.production
        if worker.runs_beat and _has_no_lock(worker.scheduler)
    ]
    for worker in beats:
        many = worker.replicas.always(lambda count: isinstance(count, int) and count > 1)
        if many and worker.replicas.place is not None:
            yield rule.finding(
                worker.replicas.place,
                label=f"{_count(worker.replicas)} of it",
                labels=(Label(worker.place, "each of them runs beat"),),
                symbol=f"{symbol(worker)}:replicas",
                worker=worker.name,
                problem=f"is started {_count(worker.replicas)} times",
            )
    seen: dict[tuple[str, str], Worker] = {}
    for worker in beats:
        if not worker.group or not worker.app:
            continue
        first = seen.setdefault((worker.group, worker.app), worker)
        if first is not worker and first.place != worker.place:
            yield rule.finding(
                worker.place,
                labels=(Label(first.place, f"`{first.name}` runs beat, too"),),
                symbol=f"{symbol(worker)}:beat",
                worker=worker.name,
                problem=f"runs beside that of `{first.name}`",
            )


def _has_no_lock(scheduler: Value) -> bool:
    return scheduler.always(
        lambda name: name is None or (isinstance(name, str) and name.startswith(_WITHOUT_LOCK))
    )


def _count(replicas: Value) -> str:
    return str(min(replicas.possibilities()))


@once_a_place
def duplicate_node_name(rule: Rule, project: Project) -> Iterator[Finding]:
    """Workers that are all called the same."""
    seen: dict[tuple[str, Any], Worker] = {}
    for worker in project.production:
        name = worker.hostname
        if worker.kind != "worker" or name.is_unknown or len(name.possibilities()) != 1:
            continue
        is_fixed = "%" not in str(name.value)
        if is_fixed and worker.replicas.always(lambda count: isinstance(count, int) and count > 1):
            yield rule.finding(
                name.place or worker.place,
                labels=labels(worker.replicas, f"{_count(worker.replicas)} of it"),
                symbol=f"{symbol(worker)}:node",
                worker=worker.name,
                node=name.value,
                others=f"all {_count(worker.replicas)} of it are",
            )
            continue
        # Containers have host names of their own; programs of one machine do not.
        shares_host = worker.platform == "supervisor" or is_fixed
        if not shares_host or not worker.group:
            continue
        first = seen.setdefault((worker.group, name.value), worker)
        if first is not worker:
            yield rule.finding(
                name.place or worker.place,
                labels=(Label(first.place, f"`{first.name}` has this name"),),
                symbol=f"{symbol(worker)}:node",
                worker=worker.name,
                node=name.value,
                others=f"`{first.name}` is, too",
            )
