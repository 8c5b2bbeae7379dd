"""Pages and proofs agree: what claims a proof has one, and every proof is claimed.

These tests need no server.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import celery
import pytest

from celerylint.catalogue import Rule, load_rules
from celerylint.checks.page import examples
from live.proofs.proof import Proof, proof_of

FOLDER = Path(__file__).parent
RULES = load_rules().rules
NAMES = {rule.name for rule in RULES}

WAITING_FOR_PAGE = (
    "async-task",
    "autoretry-catches-soft-timeout",
    "chord-without-results",
    "crontab-missing-minute",
    "ignored-result-read",
    "invalid-rate-limit",
    "late-ack-connection-loss",
    "no-effect-ack-option",
    "periodic-handler-too-late",
    "rabbitmq-consumer-timeout",
    "requeue-forever-on-timeout",
    "serializer-not-accepted",
    "soft-timeout-swallowed",
    "swallowed-retry",
    "transport-option-unknown",
    "update-state-failure",
    "visibility-timeout-too-short",
)
"""Rules that are proved before anybody has written them."""


def _proofs() -> Iterator[tuple[Callable[..., Any], Proof]]:
    for path in sorted(FOLDER.glob("test_*.py")):
        module = import_module(f"live.proofs.{path.stem}")
        for test in vars(module).values():
            if inspect.isfunction(test) and (proof := proof_of(test)):
                yield test, proof


PROOFS = list(_proofs())
every_proof = pytest.mark.parametrize(
    ("test", "proof"), PROOFS, ids=[test.__name__ for test, _ in PROOFS]
)
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def proofs_of(rule: Rule) -> list[tuple[Callable[..., Any], Proof]]:
    return [(test, proof) for test, proof in PROOFS if proof.rule == rule.name]


@every_proof
def test_a_proof_is_about_a_rule_and_its_examples(test: Callable[..., Any], proof: Proof) -> None:
    if proof.waits_for_page:
        assert proof.rule not in NAMES, (
            f"{proof.rule} has a page now: give headings of its examples instead of files, and the"
            " page a table `proof`"
        )
        return
    rule = load_rules().get(proof.rule)
    titles = {(example.title, example.good) for example in examples(rule)}
    assert {(proof.bad, False), (proof.good, True)} <= titles
    assert rule.proof, f"{rule.path} does not say that it is proved"
    assert set(proof.brokers) <= set(rule.proof.brokers)


@every_rule
def test_what_claims_a_proof_has_one_and_links_it(rule: Rule) -> None:
    found = proofs_of(rule)
    if rule.proof is None:
        assert not found
        return
    assert any(proof.kind == rule.proof.kind for _, proof in found)
    assert {broker for _, proof in found for broker in proof.brokers} == set(rule.proof.brokers)
    for test, _ in found:
        link = f"(../../tests/live/proofs/{test.__module__.rpartition('.')[2]}.py)"
        assert link in rule.page()


def test_proofs_are_run_on_the_version_that_pages_name() -> None:
    named = {rule.proof.celery for rule in RULES if rule.proof}
    assert named == {celery.__version__.rpartition(".")[0]}


def test_which_proofs_wait_for_their_page() -> None:
    waiting = {proof.rule for _, proof in PROOFS if proof.waits_for_page}
    assert sorted(waiting) == sorted(WAITING_FOR_PAGE)
