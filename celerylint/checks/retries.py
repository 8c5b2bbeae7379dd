"""CEL3xx: trying again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from celerylint.checks.rule import Rule
from celerylint.checks.story import labels, place_of
from celerylint.model.finding import Finding, Label
from celerylint.model.project import Project, Task
from celerylint.model.value import Value


def unbounded_retries(rule: Rule, project: Project) -> Iterator[Finding]:
    """Tasks with a way to retry that nothing ever ends."""
    for task in project.tasks:
        endless = tuple(_endless_retries(task))
        if not endless:
            continue
        max_retries = task.option("max_retries")
        unlimited = max_retries.always(_is_endless)
        yield rule.finding(
            place_of(task, "max_retries") if unlimited else endless[0].place,
            label="" if unlimited else "no limit",
            labels=(*(labels(max_retries, "no limit") if unlimited else ()), *endless),
            task=task.name,
        )


def _endless_retries(task: Task) -> Iterator[Label]:
    """The ways in which the task retries without a limit.

    A body that hands its task to other code may retry there, or not.
    """
    max_retries = task.option("max_retries")
    for retry in task.body.retries if task.body is not None else ():
        own = retry.options.get("max_retries")
        if _never_end(own.possibilities() if own else (None,), max_retries):
            yield Label(retry.place, "retries here")

    autoretry_for = task.option("autoretry_for")
    if autoretry_for.always(lambda classes: isinstance(classes, (tuple, list)) and bool(classes)):
        # The wrapper calls ``task.retry(exc=exc, **retry_kwargs)`` (celery/app/autoretry.py).
        kwargs = task.option("retry_kwargs").possibilities()
        if _never_end([(given or {}).get("max_retries") for given in kwargs], max_retries):
            yield Label(autoretry_for.place or task.decorator, "retries on these exceptions")


def _never_end(own_limits: Iterable[Any], max_retries: Value) -> bool:
    """Whether a retry goes on forever under every limit it may be given. ``None`` there does not
    mean "no limit", but the task's own (``Task.retry`` in celery/app/task.py)."""
    own_limits = list(own_limits)
    return bool(own_limits) and all(
        max_retries.always(_is_endless) if own is None else own == math.inf for own in own_limits
    )


def _is_endless(max_retries: Any) -> bool:
    return max_retries is None or max_retries == math.inf
