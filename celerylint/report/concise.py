"""One line a finding, for editors and for grep."""

from __future__ import annotations

from celerylint.engine import Result
from celerylint.model.finding import Finding
from celerylint.report.style import Style, printable


def render(result: Result, style: Style) -> str:
    """``path:line:column: CODE [severity] message``, a line for each finding."""
    return "".join(_line(finding, style) for finding in result.findings)


def _line(finding: Finding, style: Style) -> str:
    severity = finding.severity.value
    place = style(printable(str(finding.place)), "bold")
    code = style.severity(f"{finding.code} [{severity}]", severity)
    return f"{place}: {code} {printable(finding.message)}\n"
