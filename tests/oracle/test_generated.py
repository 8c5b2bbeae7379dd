"""Generated projects: real Celery loads all of them, and celerylint must say the same.

``ORACLE_EXAMPLES=5000 pytest tests/oracle/test_generated.py`` runs longer, with a new seed each
time; without it the same few projects are tried every time.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from .harness import Oracle, compare, inspect_project, same
from .real import plain
from .strategy import Code, Generated, projects

EXAMPLES = os.environ.get("ORACLE_EXAMPLES")
MAX_UNKNOWN_SHARE = 0.0
"""Nothing that the strategy writes may be called unknown."""

few_or_many = settings(
    max_examples=int(EXAMPLES or 60),
    derandomize=EXAMPLES is None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def figures(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What the comparisons add up to; a long run prints it."""
    counted: Counter[str] = Counter()
    yield counted
    if EXAMPLES:
        line = ", ".join(f"{name}: {number}" for name, number in counted.items())
        request.config.get_terminal_writer().line(f"\n{line}")


@few_or_many
@given(generated=projects())
def test_real_celery_accepts_generated_projects(oracle: Oracle, generated: Generated) -> None:
    """And what nothing overrides arrives as drawn, however it was written."""
    tasks = oracle.run(generated.project)["apps"]["proj.app.app"]["tasks"]
    for name, options in generated.certain.items():
        for option, value in options.items():
            if option in tasks[name]["options"] and may_be_checked(option, value):
                assert same(tasks[name]["options"][option], plain(value)), (name, option)


def may_be_checked(option: str, value: object) -> bool:
    """Not what falls back on a setting, nor classes, which are drawn as source text."""
    if value is None or (option == "time_limit" and value == 0):
        return False
    return not (isinstance(value, tuple) and any(isinstance(item, Code) for item in value))


@few_or_many
@given(generated=projects())
def test_celerylint_agrees_on_generated_projects(
    oracle: Oracle, figures: Counter[str], generated: Generated
) -> None:
    project = generated.project
    with project.written() as root:
        real = oracle.run_at(root, project)
        result = compare(real, inspect_project(root, oracle.celery_version))
    figures.update(
        projects=1,
        agreed=len(result.agreed),
        one_of=len(result.one_of),
        unknown=len(result.unknown),
        different=len(result.differences),
    )
    assert not result.differences, "\n".join([*map(str, result.differences), str(project)])
    assert result.unknown_share <= MAX_UNKNOWN_SHARE, f"{result.unknown}\n{project}"
