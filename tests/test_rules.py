"""The rule pages: their examples run, and nothing in them is left to chance."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import string
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from examples import Case, cases

import celerylint.checks
from celerylint.catalogue import Rule, load_rules, rules_folder
from celerylint.model.project import Project

RULES = load_rules().rules
CASES = cases(RULES)
MADE_BY_THE_ENGINE = {
    "internal-error",
    "unused-suppression",
    "invalid-suppression",
    "suppression-without-reason",
}

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.code}")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_example(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert case.run() == case.expected


@every_rule
def test_has_a_bad_and_a_good_example(rule: Rule) -> None:
    kinds = {case.example.good for case in CASES if case.rule is rule}
    assert kinds == ({True, False} if rule.name not in MADE_BY_THE_ENGINE else set())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_example_says_what_it_expects(case: Case) -> None:
    assert case.example.title, "an example stands under a ### heading of its own"
    paths = [file.path for file in case.example.files]
    assert len(set(paths)) == len(paths)
    if case.example.good:
        assert case.expected == []
    else:
        marks = {(mark.name, mark.severity) for mark in case.expected}
        assert marks == {(case.rule.name, case.rule.severity.value)}


def test_titles_are_unique() -> None:
    names = [str(case) for case in CASES]
    assert len(set(names)) == len(names)


def test_every_check_is_used_and_every_rule_has_one() -> None:
    exist = {
        f"{module}.{name}"
        for _, module, _ in pkgutil.iter_modules(celerylint.checks.__path__)
        if module not in ("page", "python_check", "rule", "story")
        for name, function in inspect.getmembers(
            importlib.import_module(f"celerylint.checks.{module}"), inspect.isgeneratorfunction
        )
        if function.__module__ == f"celerylint.checks.{module}" and not name.startswith("_")
    }
    assert exist == {rule.check_name for rule in RULES if rule.check_name}
    assert {rule.name for rule in RULES if not rule.check_name} == MADE_BY_THE_ENGINE


@every_rule
def test_finds_nothing_where_nothing_is(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """And asks for exactly the parameters its page documents."""
    asked: set[str] = set()
    convert = Rule.parameters

    def parameters(self: Rule, kind: type[msgspec.Struct]) -> msgspec.Struct:
        asked.update(kind.__struct_fields__)
        return convert(self, kind)

    monkeypatch.setattr(Rule, "parameters", parameters)
    assert list(rule.check(Project("5.7.0", "", [], [], [], [], [], [], []))) == []
    assert asked == rule.params.keys()


@every_rule
def test_prose(rule: Rule) -> None:
    page = rule.page()
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    if rule.name not in MADE_BY_THE_ENGINE:
        assert headings[-4:] == ["In production", "When not to follow it", "Bad", "Good"]
    assert not rule.summary.endswith(".")
    for text in (rule.summary, rule.message, rule.impact, rule.help):
        assert len(text) <= 110, text
    for template in (rule.message, rule.impact, rule.help):
        assert all(name is None or name.isidentifier() for name in _fields(template))


def _fields(template: str) -> Iterator[str | None]:
    return (name for _, name, _, _ in string.Formatter().parse(template))


@every_rule
def test_cites_celery(rule: Rule) -> None:
    if rule.category != "linter":
        assert any(urlsplit(link).hostname == "docs.celeryq.dev" for link in rule.docs)


@every_rule
def test_links(rule: Rule) -> None:
    for link in [*rule.docs, *re.findall(r"\]\(([^)]+)\)", rule.page())]:
        url = urlsplit(link)
        if url.scheme or url.netloc:
            assert url.scheme == "https" and url.hostname and " " not in link, link
        else:
            assert (Path(rule.path).parent / url.path).is_file(), link


def test_every_page_is_a_rule() -> None:
    pages = {str(path) for path in rules_folder().rglob("*.md")}
    assert pages - {str(rules_folder() / "README.md")} == {rule.path for rule in RULES}
