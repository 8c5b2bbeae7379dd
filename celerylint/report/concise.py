"""One line a finding, for editors and for grep."""

from __future__ import annotations

from celerylint.engine import Result
from celerylint.model.finding import Finding
from celerylint.report.style import Style, printable
from celerylint.suppress import SuppressedFinding


def render(result: Result, style: Style, *, show_suppressed: bool = False) -> str:
    """``path:line:column: CODE [severity] message``, a line for each finding; then those that
    comments suppress, if they are to be shown, as `suppressed` has them."""
    lines = [_line(finding, style) for finding in result.findings]
    if show_suppressed:
        lines += [suppressed(hidden, style) for hidden in result.suppressed]
    return "".join(lines)


def suppressed(hidden: SuppressedFinding, style: Style) -> str:
    """``path:line:column: CODE [suppressed] message (reason)``, a line."""
    finding = hidden.finding
    place = style(printable(str(finding.place)), "bold")
    code = style(f"{finding.code} [suppressed]", "dim")
    reason = hidden.reason or "no reason given"
    return f"{place}: {code} {printable(finding.message)} ({printable(reason)})\n"


def _line(finding: Finding, style: Style) -> str:
    severity = finding.severity.value
    place = style(printable(str(finding.place)), "bold")
    code = style.severity(f"{finding.code} [{severity}]", severity)
    return f"{place}: {code} {printable(finding.message)}\n"
