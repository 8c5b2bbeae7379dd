"""`bad` and `good`: the examples that a proof names, ready to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from live.leash import Leash
from live.proofs.project import Project, write
from live.proofs.proof import Proof, Source, proof_of

Urls = Callable[[], tuple[str, str]]
"""Gives the URLs of an empty broker and an empty result backend."""

_numbers = count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    proof = proof_of(metafunc.function)
    if proof and "urls" in metafunc.fixturenames:
        brokers = proof.brokers or ("memory",)
        metafunc.parametrize("urls", brokers, indirect=True, ids=brokers)


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Proof:
    found = proof_of(request.function)
    assert found
    return found


@pytest.fixture
def urls(request: pytest.FixtureRequest) -> Urls:
    """Where messages go, to the broker that the proof names, and results, to Redis."""
    if request.param == "memory":
        return lambda: ("memory://", "cache+memory://")
    redis: Any = request.getfixturevalue("redis")
    if request.param == "redis":
        return lambda: (redis.new_database(), redis.new_database())
    rabbitmq: Any = request.getfixturevalue("rabbitmq")
    return lambda: (rabbitmq.new_virtual_host(), redis.new_database())


@pytest.fixture
def bad(proof: Proof, urls: Urls, leash: Leash, live_folder: Path) -> Iterator[Project]:
    yield from _running("bad", proof, proof.bad, urls, leash, live_folder)


@pytest.fixture
def good(proof: Proof, urls: Urls, leash: Leash, live_folder: Path) -> Iterator[Project]:
    yield from _running("good", proof, proof.good, urls, leash, live_folder)


def _running(
    name: str, proof: Proof, source: Source, urls: Urls, leash: Leash, live_folder: Path
) -> Iterator[Project]:
    folder = live_folder / f"{next(_numbers)}-{proof.rule}-{name}"
    module = write(folder, proof.files(source))
    project = Project(name, folder, leash, *urls(), module)
    yield project
    project.stop()
    for process in project.processes:
        print(process.tail())  # shown when the test has failed
