"""CEL2xx: how long a task may run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from celerylint.checks.rule import Rule
from celerylint.checks.story import labels, place_of, seconds, setting_name, settings_place
from celerylint.model.finding import Finding, Label
from celerylint.model.project import App, Project, Task

SOFT, HARD = "soft_time_limit", "time_limit"

POOLS_WITH_HARD_LIMITS = ("prefork", "processes", "gevent")
"""The others (solo, threads, eventlet) take a time limit and drop it: their ``on_apply`` swallows
``timeout`` in its ``**kwargs`` (celery/concurrency)."""


def soft_limit_not_below_hard(rule: Rule, project: Project) -> Iterator[Finding]:
    """Tasks whose soft limit can never be reached before the hard one, whatever the branch."""
    for task in project.tasks:
        soft, hard = task.option(SOFT), task.option(HARD)
        pairs = list(product(soft.possibilities(), hard.possibilities()))
        if not pairs or not all(is_limit(s) and is_limit(h) and s >= h for s, h in pairs):
            continue
        app = project.app_of(task)
        above = all(s > h for s, h in pairs)
        if app and not above and not _enforces_hard_limits(app):
            continue  # nothing refuses to send it, and nothing will stop it
        from_app = [option for option in (SOFT, HARD) if _is_from_app(task, app, option)]
        left_to_app = [task.given[option] for option in from_app if option in task.given]
        yield rule.finding(
            place_of(task, SOFT, HARD),
            labels=(
                *labels(soft, f"soft limit of {seconds(soft)}"),
                *labels(hard, f"hard limit of {seconds(hard)}"),
                *(Label(place, "leaves the limit to the app") for place in left_to_app),
            ),
            task=task.name,
            soft=seconds(soft),
            hard=seconds(hard),
            consequence=_consequence(
                project.celery_version,
                above=above,
                from_app=bool(from_app),
                left_to_app=bool(left_to_app),
            ),
            cause=f"both limits come from {settings_place(app)}"
            if app and len(from_app) == 2
            else "",
        )


def missing_time_limit(rule: Rule, project: Project) -> Iterator[Finding]:
    """Tasks that nothing will ever stop."""
    for task in project.tasks:
        app = project.app_of(task)
        # ``time_limit=0`` is somebody's decision, and leaves the worker's own limit in force.
        if app is None or not task.option(HARD).always(lambda limit: limit is None):
            continue
        if not _enforces_hard_limits(app):
            continue
        soft = task.option(SOFT)
        only_soft = soft.always(is_limit)
        yield rule.finding(
            task.decorator,
            label="may run forever",
            labels=labels(soft, "the soft limit only raises an exception") if only_soft else (),
            task=task.name,
            limits="only a soft time limit" if only_soft else "no time limit",
            cause=(
                f"setting `{setting_name(app, 'task_time_limit')}`"
                f" at {settings_place(app)} settles all of them"
            ),
        )


def _enforces_hard_limits(app: App) -> bool:
    return app.setting("worker_pool").always(lambda pool: pool in POOLS_WITH_HARD_LIMITS)


def is_limit(value: Any) -> bool:
    """None and 0 mean no limit; anything but a number is another rule's business."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_from_app(task: Task, app: App | None, option: str) -> bool:
    """Whether the app's setting decides it, rather than the task, its bases or annotations."""
    place = task.option(option).place
    return app is not None and place is not None and place == app.setting(f"task_{option}").place


def _consequence(version: str | None, *, above: bool, from_app: bool, left_to_app: bool) -> str:
    """What such limits do on a version of Celery; on any, where it is not known.

    ``Task.apply_async`` compares the limits since 5.5, only for "greater than", and only those on
    the task; since 5.7 the task takes over the app's (``Task.from_config``) where it says None,
    but not where it says 0, though the worker then applies them all the same.
    """
    killed = "the worker kills the task before it can clean up"
    if not above:
        return killed
    since = (5, 7) if from_app else (5, 5)
    number = re.match(r"(\d+)\.(\d+)", version or "")
    if number and (int(number[1]), int(number[2])) < since:
        return f"on Celery {version} {killed}"
    if left_to_app:
        return f"Celery refuses to send it, or {killed}"
    raises = "every `delay()` and `apply_async()` raises `ValueError`"
    if number:
        return f"{raises} on Celery {version}"
    return f"{raises} since Celery {since[0]}.{since[1]}, and before that {killed}"
