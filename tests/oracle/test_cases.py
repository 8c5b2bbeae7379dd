"""Hand-written projects: real Celery runs each of them, and celerylint must say the same.

``ORACLE_PYTHONS=/venvs/5.4/bin/python:/venvs/5.6/bin/python pytest tests/oracle`` tries other
versions of Celery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from . import (
    cases_apps,
    cases_beat,
    cases_decorators,
    cases_maybe,
    cases_names,
    cases_routing,
    cases_settings,
    cases_tasks,
    cases_values,
)
from .cases import Case
from .harness import Oracle, ProjectFailed, compare, inspect_project, same

CASES = [
    *cases_values.CASES,
    *cases_settings.CASES,
    *cases_tasks.CASES,
    *cases_decorators.CASES,
    *cases_routing.CASES,
    *cases_names.CASES,
    *cases_apps.CASES,
    *cases_beat.CASES,
    *cases_maybe.CASES,
]

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def run(oracle: Oracle, case: Case) -> dict[str, Any]:
    if oracle.celery_version[:3] in case.not_on:
        pytest.skip(f"does not load on Celery {oracle.celery_version}")
    try:
        return oracle.run(case.project)
    except ProjectFailed as failure:
        if any(f"No module named '{package}'" in str(failure) for package in case.needs):
            pytest.skip(str(failure))
        pytest.fail(f"{failure.trace}\n{case.project}", pytrace=False)


def test_case_names_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


@each_case
def test_real_celery_accepts_every_case(oracle: Oracle, case: Case) -> None:
    real = next(iter(run(oracle, case)["apps"].values()))
    older = oracle.version < (5, 7)
    stated = {"tasks": case.tasks, "settings": case.settings, "beat": case.beat}
    true: dict[str, Mapping[str, Any]] = {
        "tasks": {
            name: task["options"] | {"queue": task["queue"]} for name, task in real["tasks"].items()
        },
        "settings": {name: setting["value"] for name, setting in real["settings"].items()},
        "beat": real["beat"],
    }
    for part, expected in stated.items():
        if older:
            expected = {**expected, **case.before_5_7.get(part, {})}
        for name, value in expected.items():
            assert name in true[part]
            found = true[part][name]
            if part == "settings":
                assert same(found, value), name
            else:
                assert {key: found.get(key, "?") for key in value} == value, name


@each_case
def test_celerylint_agrees_with_real_celery(oracle: Oracle, case: Case) -> None:
    real = run(oracle, case)
    with case.project.written() as root:
        result = compare(real, inspect_project(root, oracle.celery_version))
    assert not result.differences, "\n".join([*map(str, result.differences), str(case.project)])
    untold = {
        what: reason for what, reason in result.unknown.items() if not what.startswith(case.unknown)
    }
    assert not untold, f"must be resolved:\n{untold}\n{case.project}"


@pytest.mark.parametrize("case", cases_values.ENVIRONMENT, ids=lambda case: case.name)
def test_what_the_environment_may_override_is_not_called_known(oracle: Oracle, case: Case) -> None:
    with case.project.written() as root:
        inspected = inspect_project(root, oracle.celery_version)
    [setting] = case.settings
    states = {told["state"] for told in inspected["settings"] if told["name"] == setting}
    assert "known" not in states
