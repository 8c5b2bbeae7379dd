"""The catalogue of rules: as a table, as JSON, and one page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from celerylint.checks.rule import Proof, Rule
from celerylint.report import markdown
from celerylint.report.style import Style, rule_title
from celerylint.report.table import Cell, table
from celerylint.report.values import Plain

SCHEMA = 1
"""Version of the JSON document's shape, see `celerylint.report.json.SCHEMA`."""

_SEVERITY_STYLES = {"error": ("red",), "warning": ("yellow",), "info": ("cyan",)}
_BROKERS = {"redis": "Redis", "rabbitmq": "RabbitMQ"}
_MANIFEST = "```toml\n"


def render_table(rules: Sequence[Rule], style: Style, width: int | None) -> str:
    """A line a rule, and how to read more."""
    rows = [
        [
            Cell(rule.code, ("bold",)),
            Cell(rule.name, ("bold",)),
            Cell(rule.severity.value, _SEVERITY_STYLES[rule.severity.value]),
            Cell(", ".join(rule.presets) or "-"),
            Cell("-" if rule.fix == "none" else rule.fix),
            Cell(rule.summary),
        ]
        for rule in rules
    ]
    headers = ("CODE", "NAME", "SEVERITY", "PRESETS", "FIX", "SUMMARY")
    hint = "`celerylint explain CODE` tells more about a rule."
    return "\n".join([*table(headers, rows, style, width), "", hint, ""])


def render_json(rules: Sequence[Rule]) -> str:
    """One JSON document, ending in a newline."""
    document: dict[str, Plain] = {"schema": SCHEMA, "rules": [_rule(rule) for rule in rules]}
    return json.dumps(document, indent=2) + "\n"


def _rule(rule: Rule) -> Plain:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "category": rule.category,
        "severity": rule.severity.value,
        "presets": list(rule.presets),
        "fix": rule.fix,
        "celery": rule.celery,
        "docs": list(rule.docs),
        "proof": None if rule.proof is None else msgspec.to_builtins(rule.proof),
    }


def render_page(rule: Rule, style: Style, width: int) -> str:
    """The page of a rule for a terminal: its manifest as a header, then its prose."""
    severity = rule.severity.value
    facts = [
        ("category", rule.category),
        ("presets", ", ".join(rule.presets) or "none: it has to be selected"),
        ("fix", rule.fix),
        ("Celery", "every version" if rule.celery == "*" else rule.celery),
        *([("proved", _proved(rule.proof))] if rule.proof else []),
        *(("docs", link) for link in rule.docs),
    ]
    lines = [
        style.severity(f"{severity}[{rule_title(rule.code, rule.name)}]", severity),
        style(rule.summary, "bold"),
        "",
        *(f"{style(f'{name:<9}', 'dim')} {value}" for name, value in facts),
        "",
        markdown.render(_prose(rule.page()), style, width),
    ]
    return "\n".join(lines)


def _proved(proof: Proof) -> str:
    where = f"on Celery {proof.celery}"
    if proof.kind == "in-process":
        return f"{where}, without a broker"
    return f"{where} with {' and '.join(_BROKERS[broker] for broker in proof.brokers)}"


def _prose(page: str) -> str:
    """A page without its title and its manifest, which the header tells."""
    _, _, rest = page.partition(_MANIFEST)
    _, _, prose = rest.partition("\n```")
    return prose
