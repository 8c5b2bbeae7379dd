"""Write the table of rules into README.md, between its two markers.

Run it after adding or changing a rule: ``python tools/update_rules_table.py``. A test compares
what it would write with what is there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from celerylint.catalogue import Rule, load_rules

REPOSITORY = Path(__file__).resolve().parent.parent
START, END = "<!-- rules -->\n", "<!-- /rules -->"


def table() -> str:
    """The rules as a Markdown table, a row a rule, linked to their pages."""
    rows = [
        "| code | rule | severity | preset | finds |",
        "|---|---|---|---|---|",
        *map(_row, load_rules().rules),
    ]
    return "\n".join(rows) + "\n"


def _row(rule: Rule) -> str:
    page = Path(rule.path).resolve().relative_to(REPOSITORY).as_posix()
    preset = ", ".join(rule.presets) or "-"
    cells = (rule.code, f"[{rule.name}]({page})", rule.severity.value, preset, rule.summary)
    return f"| {' | '.join(cells)} |"


def with_table(readme: str) -> str:
    """The text of a README with today's table. Raises ValueError where it has no markers."""
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"no place for the table: {START.strip()} and {END} are not both there")
    return f"{before}{START}{table()}{END}{after}"


def main() -> int:
    readme = REPOSITORY / "README.md"
    try:
        readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"{readme}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
