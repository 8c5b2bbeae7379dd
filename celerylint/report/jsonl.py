"""JSON Lines: a finding a line, for `jq` and log collectors."""

from __future__ import annotations

import json

from celerylint.engine import Result
from celerylint.report.json import plain_finding


def render(result: Result) -> str:
    """The objects of ``findings`` in the JSON report, each on a line of its own."""
    return "".join(f"{json.dumps(plain_finding(finding))}\n" for finding in result.findings)
