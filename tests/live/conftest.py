"""The servers, started when the first test wants them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from live import servers
from live.leash import Leash

REQUIRED = os.environ.get("LIVE_TESTS") == "required"


@pytest.fixture(scope="session")
def leash_and_folder() -> Iterator[tuple[Leash, Path]]:
    # Not pytest's folder for temporary files, which outlives the tests: this is a lot of data.
    folder = Path(tempfile.mkdtemp(prefix="celerylint-live-"))
    leash = Leash(folder)
    yield leash, folder
    leash.release()


@pytest.fixture(scope="session")
def leash(leash_and_folder: tuple[Leash, Path]) -> Leash:
    return leash_and_folder[0]


@pytest.fixture(scope="session")
def live_folder(leash_and_folder: tuple[Leash, Path]) -> Path:
    return leash_and_folder[1]


@pytest.fixture(scope="session")
def redis(leash: Leash, live_folder: Path) -> Iterator[servers.Redis]:
    program = servers.find_redis() or missing("redis-server")
    folder = live_folder / "redis"
    folder.mkdir()
    server = servers.Redis(program, leash, folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq(leash: Leash, live_folder: Path) -> Iterator[servers.RabbitMq]:
    program = servers.find_rabbitmq() or missing("rabbitmq-server")
    folder = live_folder / "rabbitmq"
    folder.mkdir()
    server = servers.RabbitMq(program, leash, folder)
    yield server
    server.stop()


def missing(package: str) -> str:
    reason = f"{package} is not installed (on Debian and Ubuntu: apt install {package})"
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the tests measured."""
    told = [
        (report.nodeid, text)
        for report in terminalreporter.stats.get("passed", [])
        for name, text in report.user_properties
        if name == "told"
    ]
    if told:
        terminalreporter.section("measured")
    for nodeid, text in told:
        terminalreporter.line(f"{nodeid.rpartition('::')[2]}: {text}")
