"""Write what is generated into README.md: the table of rules, and what the shown commands print.

Run it after changing a rule or a report: ``python tools/update_readme.py``. A test compares what it
would write with what is there.

The README shows a small project: a block of code whose first line is ``# path/of/the/file.py`` is a
file of it. A ``console`` block is a command, run in what the project is up to there, and what it
printed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from celerylint.catalogue import Rule, load_rules

REPOSITORY = Path(__file__).resolve().parent.parent
README = REPOSITORY / "README.md"

_TABLE = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- /rules -->)", re.DOTALL)
_BLOCK = re.compile(
    r"""
      ^```(?:python|toml)\n (?P<text> \#\ (?P<path>\S+)\n .*? ) ^```$
    | ^```console\n \$\ (?P<command>[^\n]*)\n .*? ^```$
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def render(readme: str) -> str:
    """The text of the README with today's table and today's output."""
    with tempfile.TemporaryDirectory() as folder:

        def shown(block: re.Match[str]) -> str:
            command = block["command"]
            if command is not None:
                return f"```console\n$ {command}\n{_output(command, folder)}```"
            file = Path(folder, block["path"])
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block["text"], encoding="utf-8")
            return block[0]

        readme = _BLOCK.sub(shown, readme)
    return _TABLE.sub(lambda _: table(), readme)


def _output(command: str, folder: str) -> str:
    """What a command prints, as a newcomer with the same installation sees it."""
    scripts = str(Path(sys.executable).parent)
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": os.pathsep.join([scripts, os.environ["PATH"]]), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout


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


def main() -> None:
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
