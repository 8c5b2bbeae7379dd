"""Annotations on GitHub: workflow commands, which a job prints to its log.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from celerylint.engine import Result
from celerylint.model.finding import Finding, Severity
from celerylint.report import concise
from celerylint.report.checkout import checkout_path
from celerylint.report.plain import advice, trail
from celerylint.report.style import Style

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: Result) -> str:
    """A line for each finding, whose message begins with its line of the concise report.

    GitHub shows at most ten annotations of a kind for a step, and in the log it shows messages
    only. With place and code in the message, the log has the whole list. Printed by themselves,
    these lines could be forged: a path that begins with ``::`` is a command to GitHub, too.
    """
    lines = concise.render(result, Style()).splitlines()
    return "".join(map(_annotation, result.findings, lines))


def _annotation(finding: Finding, line: str) -> str:
    place = finding.place
    properties: dict[str, str | int] = {
        "file": checkout_path(place.path),
        "line": place.line,
        "endLine": place.end_line,
    }
    # With columns, GitHub rejects a span of several lines.
    if place.line == place.end_line:
        properties["col"] = place.column
        properties["endColumn"] = place.end_column
    # A policy has a name only.
    is_policy = finding.code == finding.name
    properties["title"] = finding.name if is_policy else f"{finding.code} {finding.name}"
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    message = "\n".join([line, *trail(finding), *advice(finding)])
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
