"""Policies tried on their own examples, and the documentation of policies."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from policy_projects import linked, place_of, policy, project, read, task

from celerylint.checks.policy import policy_rule
from celerylint.examples import run_policy_tests
from celerylint.policy.fields import Kind, fields_of

REPOSITORY = Path(__file__).parent.parent

GOOD = """
    [[policy.example]]
    title = "short"
    good = true
    files."tasks.py" = '''
    from celery import Celery
    app = Celery("shop", task_time_limit=60)
    @app.task
    def export(): ...
    '''
    """
BAD = """
    [[policy.example]]
    good = false
    files."app.py" = '''
    from celery import Celery
    app = Celery("shop")
    '''
    files."jobs/tasks.py" = '''
    from app import app
    @app.task(time_limit=900)  # warning: [ours]
    def export(): ...
    '''
    """
LIMITED = 'select = { task = "*" }\nrequire = { time_limit = "<= 600" }\n'


def problems(examples: str) -> list[tuple[str, ...]]:
    results = run_policy_tests([policy(LIMITED + dedent(examples))])
    return [result.problems for result in results]


def test_examples_are_tried() -> None:
    one, two = run_policy_tests([policy(LIMITED + dedent(GOOD + BAD))])
    assert (one.policy, one.title, one.good, one.passed) == ("ours", "short", True, True)
    assert (two.title, two.good, two.problems) == ("example 2", False, ())
    assert two.place == place_of(("policy", 0, "example", 1))


@pytest.mark.parametrize(
    ("example", "old", "new", "expected"),
    [
        (GOOD, "=60", "=900", ["found, but not expected: tasks.py:3: warning: [ours]"]),
        (BAD, "=900", "=60", ["expected, but not found: jobs/tasks.py:2: warning: [ours]"]),
        (
            BAD,
            "# warning:",
            "# error:",
            [
                "expected, but not found: jobs/tasks.py:2: error: [ours]",
                "found, but not expected: jobs/tasks.py:2: warning: [ours]",
            ],
        ),
        (
            BAD,
            "  # warning: [ours]",
            "",
            [
                "a bad example marks what is found: # warning: [ours]",
                "found, but not expected: jobs/tasks.py:2: warning: [ours]",
            ],
        ),
        (
            BAD,
            "[ours]",
            "[theirs]",
            [
                "a mark is for another rule: jobs/tasks.py:2: warning: [theirs]",
                "expected, but not found: jobs/tasks.py:2: warning: [theirs]",
                "found, but not expected: jobs/tasks.py:2: warning: [ours]",
            ],
        ),
        (
            GOOD,
            "def export(): ...",
            "def export(): ... # warning: [ours]",
            [
                "a good example has no marks, and this has one: tasks.py:4: warning: [ours]",
                "expected, but not found: tasks.py:4: warning: [ours]",
            ],
        ),
        (GOOD, "tasks.py", "tasks.txt", ["there is no production code in it"]),
    ],
)
def test_examples_that_are_not_what_they_claim(
    example: str, old: str, new: str, expected: list[str]
) -> None:
    (found,) = problems(example.replace(old, new))
    assert list(found) == expected


def test_an_example_that_cannot_be_read() -> None:
    ((problem,),) = problems(GOOD.replace("def export(): ...", "def export( ..."))
    assert problem.startswith("tasks.py cannot be read: ")


# Documentation


DOCS = (REPOSITORY / "docs" / "policies.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCS, re.DOTALL | re.MULTILINE)


def test_documented_policies_are_policies_and_their_examples_hold() -> None:
    policies = read("".join(text for text in blocks("toml") if text.startswith("[[policy]]")))
    results = run_policy_tests(policies)
    assert {result.policy for result in results} == {"billing-tasks-are-durable"}
    assert [result.problems for result in results] == [(), ()]


def test_documented_findings_are_found(tmp_path: Path) -> None:
    (durable, *_) = read(blocks("toml")[0])
    (tmp_path / "billing.py").write_text(durable.examples[0].files["billing.py"])
    of = linked(tmp_path)
    printed = [
        f"billing.py:{one.place.line}: {one.severity.value}[{one.name}]: {one.message}\n"
        for one in policy_rule(durable).check(of)
    ]
    assert blocks("text") == ["".join(sorted(printed))]


def test_documented_operators_are_understood() -> None:
    rows = re.findall(r"^\| `(\w+ = [^`]+)` \|", DOCS, re.MULTILINE)
    assert len(rows) >= 10
    for condition in rows:
        policy(f"select = {{ task = '*' }}\n[policy.require]\n{condition}")


def test_every_key_is_documented() -> None:
    from celerylint.policy.shape import PolicyTable

    rows = re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", DOCS, re.MULTILINE)
    documented = {key for row in rows for key in re.findall(r"`([\w-]+)`", row)}
    assert set(PolicyTable.__struct_encode_fields__) == documented


@pytest.mark.parametrize("kind", [Kind.QUEUE, Kind.BEAT, Kind.CALL, Kind.WORKER])
def test_every_field_is_documented(kind: Kind) -> None:
    section = DOCS.partition("## What can be asked")[2].partition("## ")[0]
    assert [field for field in fields_of(kind) if f"`{field}`" not in section] == []
    for words in (field.words for field in fields_of(kind).values()):
        assert [word for word in words if f"`{word}`" not in section] == []


def test_the_documented_check_runs() -> None:
    (code,) = blocks("python")
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    long_name = "shop." + "x" * 40
    (found,) = namespace["check"](project(task(long_name), task("short")))
    assert found.message == f"`{long_name}` is longer than 40 characters"
