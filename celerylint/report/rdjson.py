"""reviewdog's diagnostic format, `DiagnosticResult` as JSON.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

import json

from celerylint.engine import Result
from celerylint.model.finding import Finding, Severity
from celerylint.model.place import Place
from celerylint.report.plain import advice
from celerylint.report.source import Sources
from celerylint.report.style import printable
from celerylint.report.values import Plain

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(result: Result) -> str:
    """One JSON document, ending in a newline."""
    sources = Sources()
    document: Plain = {
        "source": {"name": "celerylint"},
        "diagnostics": [_diagnostic(finding, sources) for finding in result.findings],
    }
    return json.dumps(document, indent=2) + "\n"


def _diagnostic(finding: Finding, sources: Sources) -> Plain:
    diagnostic: dict[str, Plain] = {
        "message": "\n".join([printable(finding.message), *advice(finding)]),
        "location": _location(finding.place, sources),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code},
    }
    if finding.labels:
        diagnostic["related_locations"] = [
            {"message": printable(label.text), "location": _location(label.place, sources)}
            for label in finding.labels
        ]
    return diagnostic


def _location(place: Place, sources: Sources) -> Plain:
    start = _position(place.path, place.line, place.column, sources)
    end = _position(place.path, place.end_line, place.end_column, sources)
    if not ("column" in start and "column" in end):
        # Positions without columns mean whole lines. With one of the two they would mean nothing.
        start.pop("column", None)
        end.pop("column", None)
    return {"path": place.path, "range": {"start": start, "end": end}}


def _position(path: str, line: int, column: int, sources: Sources) -> dict[str, Plain]:
    """Columns count from 1 and in bytes of UTF-8, so they cannot be told without the line."""
    text = sources.line(path, line)
    if text is None:
        return {"line": line}
    return {"line": line, "column": len(text[: column - 1].encode("utf-8", "replace")) + 1}
