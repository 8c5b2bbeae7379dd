"""The parts of a finding as plain lines, for formats that have one field for all text."""

from __future__ import annotations

from celerylint.model.finding import Finding
from celerylint.report.style import printable


def trail(finding: Finding) -> list[str]:
    """A line for each place that tells part of the story: ``shop/app.py:9:5: limit of 600 s``."""
    return [printable(f"{label.place}: {label.text}") for label in finding.labels]


def advice(finding: Finding) -> list[str]:
    """What it does in production and what to change, each where the rule says so."""
    parts = (("impact", finding.impact), ("help", finding.help))
    return [f"{word}: {printable(text)}" for word, text in parts if text]
