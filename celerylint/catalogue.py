"""The rules: all of them, and those that a run is to use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from celerylint.checks.page import RuleError, closest, read_rule
from celerylint.checks.rule import Rule

__all__ = [
    "PRESETS",
    "REDIRECTS",
    "Catalogue",
    "Rule",
    "RuleError",
    "UnknownRule",
    "load_rules",
    "rules_folder",
]

PRESETS: Mapping[str, tuple[str, ...]] = {
    "default": ("default",),
    "strict": ("default", "strict"),
    "celery-best-practice": ("default", "celery-best-practice"),
    "all": (),
}
"""The sets of rules, each with the words that pages join it by; `all` needs none."""

REDIRECTS: Mapping[str, str] = {}
"""Codes and names that rules once had, with the name of today. Entries stay forever."""


class UnknownRule(LookupError):
    """No rule has that code, code prefix or name; ``suggestion`` is the nearest there is."""

    def __init__(self, selector: str, known: Iterable[str]) -> None:
        self.selector = selector
        self.suggestion = closest(selector, known)
        hint = f"; did you mean `{self.suggestion}`?" if self.suggestion else ""
        super().__init__(f"unknown rule `{selector}`{hint}")


class Catalogue:
    """All rules, sorted by code."""

    def __init__(self, rules: Iterable[Rule], redirects: Mapping[str, str] = REDIRECTS) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.code))
        self._redirects = redirects
        self._by_key = {key: rule for rule in self.rules for key in (rule.code, rule.name)}

    def get(self, code_or_name: str) -> Rule:
        """The rule that has, or once had, that code or name. Raises `UnknownRule`."""
        rule = self._by_key.get(self._redirects.get(code_or_name, code_or_name))
        if rule is None:
            raise UnknownRule(code_or_name, self._by_key)
        return rule

    def select(
        self,
        preset: str = "default",
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        extend_select: Sequence[str] = (),
    ) -> tuple[Rule, ...]:
        """The rules to run: what ``select`` names, or the preset without it; and what
        ``extend_select`` names; less ``ignore``.

        Selectors are codes, code prefixes (``CEL2``) or names; an unknown one raises
        `UnknownRule`. The linter's own rules run whatever ``select`` says, unless they are
        ignored: a file that could not be read hides findings of every rule.
        """
        if select:
            chosen = {rule.code for rule in self.rules if rule.category == "linter"}
            chosen = chosen.intersection(self._preset("default"))
            chosen.update(*map(self.codes, select))
        else:
            chosen = set(self._preset(preset))
        chosen.update(*map(self.codes, extend_select))
        chosen.difference_update(*map(self.codes, ignore))
        return tuple(rule for rule in self.rules if rule.code in chosen)

    def codes(self, selector: str) -> set[str]:
        """The codes of the rules that a selector means. Raises `UnknownRule`."""
        if re.fullmatch(r"CEL\d{0,2}", selector):
            codes = {rule.code for rule in self.rules if rule.code.startswith(selector)}
            if codes:
                return codes
        return {self.get(selector).code}

    def _preset(self, preset: str) -> Iterator[str]:
        if preset not in PRESETS:
            raise ValueError(f"unknown preset `{preset}`, expected one of {', '.join(PRESETS)}")
        held = PRESETS[preset]
        return (
            rule.code
            for rule in self.rules
            if preset == "all" or any(name in held for name in rule.presets)
        )


def load_rules(folder: Path | None = None) -> Catalogue:
    """Read the manifest of every page of a folder, celerylint's own if none is given.

    Raises `RuleError` for the first page that is not well-formed.
    """
    rules: list[Rule] = []
    taken: dict[str, str] = {}
    for path in sorted((folder or rules_folder()).glob("*/*.md")):
        rule = read_rule(path)
        for key in (rule.code, rule.name):
            if key in taken:
                raise RuleError(path, [(1, f"`{key}` is already the rule of {taken[key]}")])
            taken[key] = rule.path
        rules.append(rule)
    return Catalogue(rules)


def rules_folder() -> Path:
    """Where the pages are: the installed package celerylint.rules, or rules/ of a source tree."""
    package = Path(__file__).parent
    installed = package / "rules"
    return installed if installed.is_dir() else package.parent / "rules"
