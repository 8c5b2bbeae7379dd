"""GitLab's code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json

from celerylint.engine import Result
from celerylint.model.finding import Finding, Severity
from celerylint.report.checkout import checkout_path
from celerylint.report.fingerprint import fingerprint, numbered
from celerylint.report.style import printable
from celerylint.report.values import Plain

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(result: Result) -> str:
    """One JSON array, ending in a newline.

    GitLab compares the fingerprints of two branches to tell what is new, and shows nothing of a
    finding but description, severity and place.
    """
    issues = [_issue(finding, number) for finding, number in numbered(result.findings)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, number: int) -> Plain:
    return {
        "description": printable(f"{finding.code}: {finding.message}"),
        "check_name": finding.name,
        "fingerprint": fingerprint(finding, number),
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": checkout_path(finding.place.path),
            "lines": {"begin": finding.place.line},
        },
    }
