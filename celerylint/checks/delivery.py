"""CEL1xx: what becomes of a message when the worker dies."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.checks.rule import Rule
from celerylint.checks.story import labels, place_of, setting_name, settings_place
from celerylint.model.finding import Finding
from celerylint.model.project import Project


def missing_acks_late(rule: Rule, project: Project) -> Iterator[Finding]:
    """Tasks that are acknowledged early because nobody said anything."""
    for task in project.tasks:
        app = project.app_of(task)
        acks_late = task.option("acks_late")
        # Without its app, Celery's default is only what was not found, not what applies.
        if app is None or not acks_late.is_default or acks_late.value:
            continue
        yield rule.finding(
            task.decorator,
            label="acknowledged before it runs",
            task=task.name,
            cause=(
                f"setting `{setting_name(app, 'task_acks_late')} = True`"
                f" at {settings_place(app)} settles all of them"
            ),
        )


def explicit_early_ack(rule: Rule, project: Project) -> Iterator[Finding]:
    """Tasks that are acknowledged early because somebody decided so."""
    for task in project.tasks:
        acks_late = task.option("acks_late")
        if not acks_late.is_set or not acks_late.always(lambda late: not late):
            continue
        decided_elsewhere = "acks_late" not in task.given and acks_late.place
        yield rule.finding(
            place_of(task, "acks_late"),
            label="acknowledged before it runs",
            labels=labels(acks_late, "decided here"),
            task=task.name,
            cause=f"decided for all of them at {acks_late.place}" if decided_elsewhere else "",
        )
