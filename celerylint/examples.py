"""Trying policies on their own examples, as `celerylint test` does."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from celerylint.checks.policy import policy_rule
from celerylint.checks.rule import Rule
from celerylint.discover import DiscoverError, discover
from celerylint.link import link
from celerylint.model.place import Place
from celerylint.model.project import Project
from celerylint.policy import Policy

_MARK = re.compile(r"# (error|warning|info): \[([a-z0-9-]+)\]")


class Mark(msgspec.Struct, frozen=True, order=True):
    """A finding where an example expects one, or where a rule makes one."""

    path: str
    line: int
    severity: str
    name: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: [{self.name}]"


class TestResult(msgspec.Struct, frozen=True):
    """What became of one example: ``problems`` says what is not as it claims, in words."""

    __test__ = False  # pytest would take it for a test

    policy: str
    title: str
    good: bool
    place: Place
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def run_policy_tests(policies: Iterable[Policy]) -> list[TestResult]:
    """Try every example of the policies, in order. Each is linked by itself, as a project of the
    newest Celery; only its own policy is run."""
    return [
        TestResult(
            policy.name,
            example.title,
            example.good,
            example.place,
            tuple(_problems(policy_rule(policy), example.files, example.good)),
        )
        for policy in policies
        for example in policy.examples
    ]


def expected_marks(files: Mapping[str, str]) -> list[Mark]:
    """The findings that the files of an example are marked with."""
    return sorted(
        Mark(path, number, *mark.groups())
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for mark in _MARK.finditer(line)
    )


def _problems(rule: Rule, files: Mapping[str, str], good: bool) -> Iterator[str]:
    expected = expected_marks(files)
    if good and expected:
        yield f"a good example has no marks, and this has one: {expected[0]}"
    if not good and not expected:
        yield f"a bad example marks what is found: # {rule.severity.value}: [{rule.name}]"
    for mark in expected:
        if mark.name != rule.name:
            yield f"a mark is for another rule: {mark}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.realpath(temporary)
        try:
            project = _linked(files, folder)
        except DiscoverError:
            yield "there is no production code in it"
            return
        found = [
            Mark(_inside(folder, one.place.path), one.place.line, one.severity.value, one.name)
            for one in rule.check(project)
        ]
        for unreadable in project.unreadable:
            yield f"{_inside(folder, unreadable.place.path)} cannot be read: {unreadable.reason}"
    yield from (f"expected, but not found: {mark}" for mark in _without(expected, found))
    yield from (f"found, but not expected: {mark}" for mark in _without(found, expected))


def _linked(files: Mapping[str, str], folder: str) -> Project:
    for name, text in files.items():
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    discovery = discover([Path(folder)], root=folder)
    return link(
        discovery.files,
        root=discovery.root,
        deployment=discovery.deployment,
        is_development=discovery.is_development,
    )


def _inside(folder: str, path: str) -> str:
    """A path as the example spells it; what is shown is relative to the current directory."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _without(marks: Iterable[Mark], others: Iterable[Mark]) -> list[Mark]:
    """The marks that have no counterpart; of equal ones, as many as there are too many."""
    rest = list(others)
    left = []
    for mark in sorted(marks):
        if mark in rest:
            rest.remove(mark)
        else:
            left.append(mark)
    return left
