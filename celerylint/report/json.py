"""The report for programs."""

from __future__ import annotations

import json
from collections import Counter

from celerylint.engine import Result
from celerylint.model.finding import Finding, Severity
from celerylint.report.values import Plain

SCHEMA = 1
"""Version of the document's shape. A field may be added without changing it; a field that is
removed or changes its meaning raises it."""


def render(result: Result, *, show_suppressed: bool = False) -> str:
    """One JSON document, ending in a newline; with ``suppressed``, the findings that comments
    suppress, if they are to be shown."""
    project = result.project
    severities = Counter(finding.severity for finding in result.findings)
    document: dict[str, Plain] = {
        "schema": SCHEMA,
        "findings": [plain_finding(finding) for finding in result.findings],
        "summary": {
            "files": len(result.discovery.files),
            "skipped": dict(sorted(result.discovery.skipped.items())),
            "apps": len(project.apps),
            "tasks": len(project.tasks),
            "queues": len(project.queues),
            "beat": len(project.beat),
            "workers": len(project.workers),
            "findings": {severity.value: severities[severity] for severity in Severity},
            "suppressed": len(result.suppressed),
            "baselined": result.baselined,
            "stale_baseline": list(result.stale_baseline),
            "celery_version": {
                "value": project.celery_version,
                "source": project.celery_version_source,
            },
        },
    }
    if show_suppressed:
        document["suppressed"] = [
            {**plain_finding(hidden.finding), "reason": hidden.reason}
            for hidden in result.suppressed
        ]
    return json.dumps(document, indent=2) + "\n"


def plain_finding(finding: Finding) -> dict[str, Plain]:
    """A finding as an object of the report."""
    place = finding.place
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "help": finding.help,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "task": finding.task,
        "trail": [
            {"path": label.place.path, "line": label.place.line, "text": label.text}
            for label in finding.labels
        ],
    }
