"""How often each rule objects: where to begin in a project that has many findings."""

from __future__ import annotations

import json
from collections import Counter

import msgspec

from celerylint.engine import Result
from celerylint.model.finding import Finding, Severity
from celerylint.report.style import Style
from celerylint.report.table import Cell, table
from celerylint.report.values import Plain

SCHEMA = 1
"""Version of the JSON document's shape, see `celerylint.report.json.SCHEMA`."""

_PLAIN = Style()


class _Row(msgspec.Struct, frozen=True):
    code: str
    name: str
    severity: Severity


def render(result: Result, style: Style = _PLAIN, width: int | None = None) -> str:
    """A line for each rule that found something, the most frequent first; empty without any."""
    rows = _rows(result.findings)
    if not rows:
        return ""
    cells = [
        [
            Cell(row.code, ("bold",)),
            Cell(row.name),
            Cell(row.severity.value),
            Cell(str(count)),
        ]
        for row, count in rows
    ]
    lines = table(("CODE", "NAME", "SEVERITY", "COUNT"), cells, style, width)
    return "\n".join([*lines, ""])


def render_json(result: Result) -> str:
    """One JSON document, ending in a newline."""
    statistics: list[Plain] = [
        {"code": row.code, "name": row.name, "severity": row.severity.value, "count": count}
        for row, count in _rows(result.findings)
    ]
    return json.dumps({"schema": SCHEMA, "statistics": statistics}, indent=2) + "\n"


def _rows(findings: list[Finding]) -> list[tuple[_Row, int]]:
    counts = Counter(_Row(finding.code, finding.name, finding.severity) for finding in findings)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0].code, item[0].severity))
