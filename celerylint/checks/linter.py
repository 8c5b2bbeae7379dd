"""CEL0xx: what the linter could not do."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.checks.rule import Rule
from celerylint.model.finding import Finding
from celerylint.model.project import Project


def unreadable_file(rule: Rule, project: Project) -> Iterator[Finding]:
    """Every file, or part of one, that was skipped because it could not be read."""
    for skipped in project.unreadable:
        yield rule.finding(skipped.place, symbol=skipped.place.path, reason=skipped.reason)
