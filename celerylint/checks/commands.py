"""CEL91x: what a worker's command line says, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from celerylint.checks.limits import HARD, SOFT, is_limit
from celerylint.checks.rule import Rule
from celerylint.checks.story import labels
from celerylint.checks.worker_story import once_a_place, symbol, tasks_of
from celerylint.model.finding import Finding, Label
from celerylint.model.project import Project
from celerylint.model.value import Value

FLAGS = {
    "time_limit": "--time-limit",
    "soft_time_limit": "--soft-time-limit",
    "max_tasks_per_child": "--max-tasks-per-child",
    "max_memory_per_child": "--max-memory-per-child",
    "concurrency": "--concurrency",
    "autoscale": "--autoscale",
    "beat": "--beat",
}
"""The options that findings speak of, as people write them."""


@once_a_place
def worker_cli_error(rule: Rule, project: Project) -> Iterator[Finding]:
    """Command lines that Celery refuses."""
    for worker in project.workers:
        for mistake in worker.mistakes:
            yield rule.finding(
                mistake.place,
                symbol=f"{symbol(worker)}:{mistake.text}",
                worker=worker.name,
                kind=worker.kind,
                problem=mistake.text,
                remedy=mistake.help,
            )


@once_a_place
def app_not_found(rule: Rule, project: Project) -> Iterator[Finding]:
    """``-A`` that names no app."""
    for worker in project.workers:
        place = worker.app_given.place
        if worker.app_problem and place is not None:
            yield rule.finding(
                place,
                symbol=f"{symbol(worker)}:app",
                worker=worker.name,
                kind=worker.kind,
                app=worker.app_given.value,
                problem=worker.app_problem,
                remedy=_known_apps(project),
            )


def _known_apps(project: Project) -> str:
    variables = [app.variable for app in project.apps if " " not in app.variable]
    named = [variable for variable in variables if "." in variable]
    if not named:
        return "name the module and the variable, as `module:variable`"
    module, _, attribute = named[0].rpartition(".")
    return f"there is `{module}:{attribute}`"


@once_a_place
def redundant_cli_time_limit(rule: Rule, project: Project) -> Iterator[Finding]:
    """Time limits on the command line that never apply: every task has one that comes before."""
    carries = version(project) >= (5, 7)
    for worker in project.production:
        app = project.app_named(worker.app)
        for name in (HARD, SOFT):
            given = worker.cli.get(name)
            if worker.kind != "worker" or given is None or not given.value.always(is_limit):
                continue
            setting = app.setting(f"task_{name}") if app is not None else None
            if carries and setting is not None and setting.is_set and setting.always(is_limit):
                if setting.possibilities() == given.value.possibilities():
                    continue
                yield rule.finding(
                    given.place,
                    labels=labels(setting, f"{_seconds(setting)} for every task"),
                    symbol=f"{symbol(worker)}:{name}",
                    worker=worker.name,
                    option=FLAGS[name],
                    why=f"tasks take `task_{name}` along, and that is {_seconds(setting)}",
                )
                continue
            tasks = tasks_of(project, worker)
            if not tasks or worker.queues.is_unknown:
                continue
            if all(_is_own(task.option(name), setting) for task in tasks):
                yield rule.finding(
                    given.place,
                    labels=tuple(
                        Label(task.given.get(name, task.decorator), f"`{task.name}` has its own")
                        for task in tasks[:1]
                    ),
                    symbol=f"{symbol(worker)}:{name}",
                    worker=worker.name,
                    option=FLAGS[name],
                    why="every task that it runs has a limit of its own",
                )


def _is_own(value: Value, setting: Value | None) -> bool:
    """Whether the task itself, a base class or an annotation gives it a limit."""
    if not value.is_set or not value.always(is_limit):
        return False
    return setting is None or value.place is None or value.place != setting.place


def version(project: Project) -> tuple[int, int]:
    """The version judged by; the newest where none is known."""
    number = re.match(r"(\d+)\.(\d+)", project.celery_version or "")
    return (int(number[1]), int(number[2])) if number else (99, 0)


def _seconds(value: Value) -> str:
    return " or ".join(f"{limit:g} s" for limit in value.possibilities())


@once_a_place
def concurrency_with_autoscale(rule: Rule, project: Project) -> Iterator[Finding]:
    """``-c`` beside ``--autoscale``."""
    for worker in project.production:
        fixed, scaled = worker.cli.get("concurrency"), worker.cli.get("autoscale")
        if fixed is None or scaled is None or not scaled.value.always(bool):
            continue
        if not fixed.value.always(bool):
            continue
        most, least = scaled.value.possibilities()[0]
        yield rule.finding(
            fixed.place,
            labels=(Label(scaled.place, f"{least} to {most} processes"),),
            symbol=f"{symbol(worker)}:concurrency",
            worker=worker.name,
            most=most,
            least=least,
        )
