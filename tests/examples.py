"""Running the examples of the rule pages: files to a folder, the whole pipeline over it."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from celerylint.catalogue import Rule
from celerylint.checks.page import Example, examples
from celerylint.config.options import Options
from celerylint.config.settings import isolated
from celerylint.engine import run

_MARK = re.compile(r"# (error|warning|info): \[([a-z0-9-]+)\]")


class Mark(msgspec.Struct, frozen=True, order=True):
    """A finding where an example expects one, or where the pipeline made one."""

    path: str
    line: int
    severity: str
    name: str


class Case(msgspec.Struct, frozen=True):
    """An example together with the rule whose page it is on."""

    rule: Rule
    example: Example

    def __str__(self) -> str:
        kind = "good" if self.example.good else "bad"
        slug = re.sub(r"\W+", "-", self.example.title.lower()).strip("-")
        return f"{self.rule.code}-{kind}-{slug}"

    @property
    def expected(self) -> list[Mark]:
        """The findings that its files are marked with."""
        return sorted(
            Mark(file.path, number, *mark.groups())
            for file in self.example.files
            for number, line in enumerate(file.text.splitlines(), 1)
            for mark in _MARK.finditer(line)
        )

    def run(self) -> list[Mark]:
        """What the rule finds in its files, written to the current directory."""
        for file in self.example.files:
            path = Path(file.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
        result = run(isolated(options=Options(select=(self.rule.name,))))
        return sorted(
            Mark(found.place.path, found.place.line, found.severity.value, found.name)
            for found in result.findings
        )


def cases(rules: tuple[Rule, ...]) -> list[Case]:
    """Every example of every rule."""
    return [Case(rule, example) for rule in rules for example in examples(rule)]
