"""What makes a finding the same finding in another run, when the code around it has moved."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from celerylint.model.finding import Finding


def subject(finding: Finding) -> str:
    """What the finding is about, independently of lines: a task, a setting, or else its file."""
    return finding.symbol or finding.task or finding.place.path


def numbered(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Each finding with its number, from 1, among those of the same rule and subject.

    Rule, subject and number together are unique among the findings, and stay what they are when
    lines are added or the file is renamed.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        key = (finding.code, subject(finding))
        seen[key] += 1
        yield finding, seen[key]


def fingerprint(finding: Finding, number: int) -> str:
    """32 hexadecimal digits for a finding and its number (see `numbered`)."""
    identity = "\0".join((finding.code, subject(finding), str(number)))
    return hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()[:32]
