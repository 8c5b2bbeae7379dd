"""Real Celery, ready to be asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from .harness import Oracle

PYTHONS = os.environ.get("ORACLE_PYTHONS", sys.executable).split(os.pathsep)
"""Interpreters with different Celery versions; by default this one only."""


@pytest.fixture(scope="session", params=PYTHONS)
def oracle(request: pytest.FixtureRequest) -> Iterator[Oracle]:
    with Oracle(request.param) as running:
        yield running
