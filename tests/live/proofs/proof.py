"""Saying which rule a test proves, and on which examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import dedent
from typing import Any, Literal, TypeVar

import pytest

from celerylint.catalogue import load_rules
from celerylint.checks.page import examples

Test = TypeVar("Test", bound=Callable[..., Any])
Kind = Literal["live", "in-process"]
Source = str | Mapping[str, str]
"""An example: its heading on the page, or, for a rule without a page, the texts of its files."""


@dataclass(frozen=True)
class Proof:
    """That a rule's bad example does harm and the good one does not."""

    rule: str
    bad: Source
    good: Source
    kind: Kind
    brokers: tuple[str, ...]

    @property
    def waits_for_page(self) -> bool:
        return not (isinstance(self.bad, str) and isinstance(self.good, str))

    def files(self, source: Source) -> dict[str, str]:
        """The files of an example, by path."""
        if not isinstance(source, str):
            return {path: dedent(text).lstrip("\n") for path, text in source.items()}
        rule = load_rules().get(self.rule)
        (found,) = (
            one for one in examples(rule) if (one.title, one.good) == (source, source is self.good)
        )
        return {file.path: file.text for file in found.files}


def proves(
    rule: str, *, bad: Source, good: Source, brokers: tuple[str, ...] = ("redis",)
) -> Callable[[Test], Test]:
    """The test proves a rule on a live worker, once with each broker: redis, rabbitmq."""
    return _marked(Proof(rule, bad, good, "live", brokers))


def shows(rule: str, *, bad: Source, good: Source) -> Callable[[Test], Test]:
    """The test shows what a rule says in a process with Celery, without a worker or a broker."""
    return _marked(Proof(rule, bad, good, "in-process", ()))


def _marked(proof: Proof) -> Callable[[Test], Test]:
    def mark(test: Test) -> Test:
        marked: Test = pytest.mark.proof(proof)(test)
        return pytest.mark.live(marked) if proof.kind == "live" else marked

    return mark


def proof_of(test: object) -> Proof | None:
    """The proof that a test function is."""
    marks = getattr(test, "pytestmark", [])
    return next((mark.args[0] for mark in marks if mark.name == "proof"), None)
