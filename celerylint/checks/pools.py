"""Pools: which options, limits and rights go with them."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.checks.commands import FLAGS, version
from celerylint.checks.limits import HARD, SOFT, is_limit
from celerylint.checks.rule import Rule
from celerylint.checks.story import labels
from celerylint.checks.worker_story import SHOWN, once_a_place, some, symbol, tasks_of
from celerylint.model.finding import Finding, Label
from celerylint.model.project import Project, Task
from celerylint.model.value import Value
from celerylint.model.worker import Worker

POOLS_WITHOUT_LIMITS = ("solo", "threads", "eventlet")
"""They take time limits and drop them (``on_apply`` in celery/concurrency)."""

_PREFORK = ("prefork", "processes")


@once_a_place
def pool_incompatible_option(rule: Rule, project: Project) -> Iterator[Finding]:
    """Options on the command line that the worker's pool does not know."""
    for worker in project.production:
        pool = worker.pool
        if worker.kind != "worker" or pool.is_unknown or len(pool.possibilities()) != 1:
            continue
        for name, why in _not_for(worker, str(pool.value)):
            yield rule.finding(
                worker.cli[name].place,
                labels=labels(pool, f"the pool is `{pool.value}`"),
                symbol=f"{symbol(worker)}:{name}",
                worker=worker.name,
                option=FLAGS[name],
                pool=pool.value,
                why=why,
            )


def _not_for(worker: Worker, pool: str) -> Iterator[tuple[str, str]]:
    given = {name for name, one in worker.cli.items() if one.value.always(bool)}
    if pool not in _PREFORK:
        for name in ("max_tasks_per_child", "max_memory_per_child"):
            if name in given:
                yield name, "it has no child processes to replace"
    if pool in ("solo", "threads") and "autoscale" in given:
        yield "autoscale", "it cannot grow, and stays at the least"
    concurrency = worker.cli.get("concurrency")
    if pool == "solo" and concurrency is not None and concurrency.value.always(_is_several):
        yield "concurrency", "it runs one task at a time"
    if pool in ("gevent", "eventlet") and "beat" in given:
        yield "beat", "the worker raises `ImproperlyConfigured` and does not start"


def _is_several(count: object) -> bool:
    return isinstance(count, int) and count > 1


@once_a_place
def container_concurrency(rule: Rule, project: Project) -> Iterator[Finding]:
    """Workers in containers with a process for each CPU of the machine."""
    for worker in project.production:
        if worker.kind != "worker" or not worker.in_container:
            continue
        if not worker.pool.always(lambda pool: pool in _PREFORK):
            continue
        if worker.autoscale.is_unknown or not worker.autoscale.always(lambda value: not value):
            continue
        if worker.concurrency.is_default and worker.concurrency.value is None:
            yield rule.finding(
                worker.place,
                label="no `-c`",
                symbol=f"{symbol(worker)}:concurrency",
                worker=worker.name,
                remedy="`-c auto`, which counts what the container may use"
                if version(project) >= (5, 7)
                else "`-c` and the number of processes that the container is sized for",
            )


@once_a_place
def root_with_pickle(rule: Rule, project: Project) -> Iterator[Finding]:
    """Workers that run as root and unpickle messages."""
    for worker in project.production:
        app = project.app_named(worker.app)
        if worker.kind != "worker" or app is None or "uid" in worker.cli:
            continue
        if not worker.user.always(lambda user: str(user).partition(":")[0] in ("root", "0")):
            continue
        accepted = app.setting("accept_content")
        if not accepted.always(
            lambda kinds: isinstance(kinds, (list, tuple, set, frozenset)) and "pickle" in kinds
        ):
            continue
        forced = worker.environment.get("C_FORCE_ROOT")
        yield rule.finding(
            worker.user.place or worker.place,
            label="" if worker.user.place else "root, since the image says nothing else",
            labels=labels(accepted, "messages are unpickled"),
            symbol=f"{symbol(worker)}:root",
            worker=worker.name,
            consequence="whoever can send a message runs code as root"
            if forced is not None and forced.always(bool)
            else "Celery refuses to start, unless `C_FORCE_ROOT` is set",
        )


@once_a_place
def time_limit_unsupported_pool(rule: Rule, project: Project) -> Iterator[Finding]:
    """Pools that take a time limit and drop it."""
    workers = [worker for worker in project.production if worker.kind == "worker"]
    for worker in workers:
        found = _dropped(worker.pool, tasks_of(project, worker))
        own = [
            name
            for name in _drops(worker.pool)
            if name in worker.cli and worker.cli[name].value.always(is_limit)
        ]
        if found or own:
            yield from _drop(rule, worker.pool, worker, found, own)
    served = {worker.app for worker in workers}
    for app in project.apps:
        if app.variable in served or "" in served:
            continue
        pool = app.setting("worker_pool")
        found = _dropped(pool, list(project.tasks_of(app)))
        if found and pool.place is not None:
            yield from _drop(rule, pool, None, found, [])


def _drops(pool: Value) -> tuple[str, ...]:
    """The limits that the pool does not enforce."""
    if pool.always(lambda name: name in POOLS_WITHOUT_LIMITS):
        return (HARD, SOFT)
    return (SOFT,) if pool.always(lambda name: name == "gevent") else ()


def _dropped(pool: Value, tasks: list[Task]) -> list[Task]:
    return [
        task for task in tasks if any(task.option(name).always(is_limit) for name in _drops(pool))
    ]


def _drop(
    rule: Rule,
    pool: Value,
    worker: Worker | None,
    tasks: list[Task],
    own: list[str],
) -> Iterator[Finding]:
    place = pool.place or (worker.place if worker is not None else None)
    if place is None:
        return
    limits = "soft time limits" if len(_drops(pool)) == 1 else "time limits"
    name = pool.possibilities()[0]
    yield rule.finding(
        place,
        label=f"`{name}` enforces no {limits}",
        labels=tuple(
            Label(task.option(limit).place or task.decorator, f"limit of `{task.name}`")
            for task in tasks[:SHOWN]
            for limit in _drops(pool)
            if task.option(limit).always(is_limit)
        )[:SHOWN],
        symbol=f"{symbol(worker)}:limits" if worker is not None else f"{place.path}:limits",
        pool=name,
        whose=f"worker `{worker.name}`" if worker is not None else "the app",
        limits=limits,
        tasks=f"of {some(task.name for task in tasks)}"
        if tasks
        else f"on its command line ({FLAGS[own[0]]})",
    )
