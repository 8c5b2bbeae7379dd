"""SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (the §§ below). Braces in messages
stay single, against § 3.11.5: no message has placeholders, and viewers show a doubled one doubled.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from pathlib import Path
from urllib.parse import quote

from celerylint import __version__
from celerylint.checks.rule import Rule
from celerylint.engine import INTERNAL_ERROR, Result
from celerylint.model.finding import Finding, Label, Severity
from celerylint.model.place import Place
from celerylint.report import markdown
from celerylint.report.checkout import checkout_path
from celerylint.report.fingerprint import fingerprint, numbered
from celerylint.report.plain import advice
from celerylint.report.style import Style, printable
from celerylint.report.values import Plain
from celerylint.suppress import SuppressedFinding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_HELP_WIDTH = 80
_LONGEST_DESCRIPTION = 1024
"""GitHub's limit."""
_PAGE_LINK = re.compile(r"\[([^]]+)\]\((?:[\w./-]+/)?CEL\d{3}-[\w-]+\.md\)")


def render(result: Result, *, show_suppressed: bool = False) -> str:
    """One SARIF log with one run, ending in a newline.

    ``show_suppressed`` adds the suppressed findings, marked as such. They are left out otherwise
    because GitHub takes no notice of the mark: each of them would be an open alert.
    """
    suppressions = {id(hidden.finding): _suppression(hidden) for hidden in result.suppressed}
    findings = [*result.findings, *(hidden.finding for hidden in result.suppressed)]
    findings.sort(key=lambda finding: finding.sort_key)
    indices = {rule.code: index for index, rule in enumerate(result.rules)}
    results = [
        _result(finding, number, indices.get(finding.code), suppressions.get(id(finding)))
        # The numbers count all, so that suppressing one finding is no change to its twin.
        for finding, number in numbered(findings)
        if show_suppressed or id(finding) not in suppressions
    ]
    run: dict[str, Plain] = {
        "tool": {
            "driver": {
                "name": "celerylint",
                "version": __version__,
                "rules": [_rule(rule) for rule in result.rules],
            }
        },
        # A rule that crashed has missed findings: that they are absent does not mean mended.
        "invocations": [
            {"executionSuccessful": all(finding.code != INTERNAL_ERROR for finding in findings)}
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the checkout."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> Plain:
    prose = _prose(rule.page())
    first_paragraph, _, _ = prose.partition("\n\n")
    description = markdown.render(first_paragraph, Style(), _LONGEST_DESCRIPTION)
    descriptor: dict[str, Plain] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {
            "text": textwrap.shorten(description, _LONGEST_DESCRIPTION, placeholder=" ...")
        },
        "help": {"text": markdown.render(prose, Style(), _HELP_WIDTH), "markdown": prose},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.category, *rule.presets]},
    }
    if rule.docs:
        descriptor["helpUri"] = rule.docs[0]
    return descriptor


def _prose(page: str) -> str:
    """A page without its title and its manifest, which other properties tell, and without links
    to other pages, which are not where it is shown."""
    _, _, rest = page.partition("\n```toml\n")
    _, _, prose = rest.partition("\n```\n")
    return _PAGE_LINK.sub(r"\1", prose.strip())


def _suppression(hidden: SuppressedFinding) -> Plain:
    suppression: dict[str, Plain] = {"kind": "inSource", "location": _location(hidden.place)}
    if hidden.reason:
        suppression["justification"] = printable(hidden.reason)
    return suppression


def _result(
    finding: Finding, number: int, rule_index: int | None, suppression: Plain | None
) -> Plain:
    result: dict[str, Plain] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": _message(finding),
        "locations": [_location(finding.place, finding.label)],
        # GitHub wants a hash of the line besides, which its upload action adds.
        "partialFingerprints": {"celerylint/v1": fingerprint(finding, number)},
    }
    if rule_index is not None:
        result["ruleIndex"] = rule_index
    if finding.labels:
        result["relatedLocations"] = [
            {"id": index, **_location(label.place, label.text)}
            for index, label in enumerate(finding.labels, 1)
        ]
    if suppression:
        result["suppressions"] = [suppression]
    return result


def _message(finding: Finding) -> Plain:
    """What is wrong, what it does and what to change; then links to the related locations, since
    GitHub shows only those that the message links to (§ 3.11.6)."""
    lines = [_sentence(text) for text in (printable(finding.message), *advice(finding))]
    if finding.labels:
        links = (_link(label, index) for index, label in enumerate(finding.labels, 1))
        lines.append(f"see: {', '.join(links)}.")
    message = "\n".join(lines)
    # Plain text has no code spans: GitHub drops the backticks and escapes what is between them.
    return {"text": message.replace("`", "'"), "markdown": message}


def _sentence(text: str) -> str:
    """With a full stop, since viewers set lines as running text, and with no link in it."""
    stop = "" if text.endswith((".", "?", "!")) else "."
    return text.replace("](", "\\](") + stop


def _link(label: Label, related_location: int) -> str:
    text = re.sub(r"([\\\[\]])", r"\\\1", printable(label.text))
    return f"[{text}]({related_location})"


def _location(place: Place, text: str = "") -> dict[str, Plain]:
    region: Plain = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    location: dict[str, Plain] = {
        "physicalLocation": {"artifactLocation": _artifact(place.path), "region": region}
    }
    if text:
        location["message"] = {"text": printable(text)}
    return location


def _artifact(path: str) -> Plain:
    path = checkout_path(path)
    if os.path.isabs(path):
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path, errors="replace"), "uriBaseId": _ROOT}
