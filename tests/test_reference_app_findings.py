"""celerylint on the reference app: silent as it is; once it is broken, what is found, and where."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from celerylint.catalogue import load_rules
from celerylint.config.options import Options
from celerylint.config.settings import isolated
from celerylint.engine import Result, run
from celerylint.model.value import State

REFERENCE_APP = Path(__file__).parent.parent / "celerylint" / "reference_app"

CELERY_APP, EMAIL, FILES = "shop/celery_app.py", "shop/tasks/email.py", "shop/tasks/files.py"

SEND_RECEIPT = "email.send_receipt"
DELETE_OLD_EXPORTS, EXPORT_ORDERS = "files.delete_old_exports", "files.export_orders"
RESEND_RECEIPTS, EXPORT_LAST_MONTH = "scheduler.resend_receipts", "scheduler.export_last_month"

WITH_LIMITS_OF_THE_APP = (DELETE_OLD_EXPORTS, RESEND_RECEIPTS, EXPORT_LAST_MONTH)
ALL = (SEND_RECEIPT, EXPORT_ORDERS, *WITH_LIMITS_OF_THE_APP)


@dataclass(frozen=True)
class Expected:
    """A finding on the line of ``path`` with the text ``on``, by default the task's decorator."""

    code: str
    task: str | None
    on: str = ""


@dataclass(frozen=True)
class Mutation:
    """One mistake in one file: pairs of text that stands there once, and what replaces it."""

    name: str
    path: str
    edits: tuple[tuple[str, str], ...]
    findings: tuple[Expected, ...]

    def apply(self, app: Path) -> None:
        file = app / self.path
        text = file.read_text(encoding="utf-8")
        for old, new in self.edits:
            assert text.count(old) == 1, f"{self.path} has changed: {old!r}"
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")


def of_each(code: str, *tasks: str) -> tuple[Expected, ...]:
    return tuple(Expected(code, task) for task in tasks)


MUTATIONS = (
    Mutation(
        "a file with a syntax error",
        EMAIL,
        (("message = EmailMessage()", "message = = EmailMessage()"),),
        (Expected("CEL001", None, "= = EmailMessage()"),),
    ),
    Mutation(
        "nobody decides when to acknowledge",
        CELERY_APP,
        (("    task_acks_late=True,\n", ""),),
        of_each("CEL101", *ALL),
    ),
    Mutation(
        "one task is acknowledged early",
        EMAIL,
        (("    max_retries=6,\n", "    max_retries=6,\n    acks_late=False,\n"),),
        (Expected("CEL102", SEND_RECEIPT, "acks_late=False"),),
    ),
    Mutation(
        "a task dies with its process",
        EMAIL,
        (
            (
                "    max_retries=6,\n",
                "    max_retries=6,\n"
                "    reject_on_worker_lost=False,\n    retry_on_worker_lost=False,\n",
            ),
        ),
        (Expected("CEL110", SEND_RECEIPT, "reject_on_worker_lost=False"),),
    ),
    Mutation(
        "the limits of a task are equal",
        EMAIL,
        (("    time_limit=45,", "    time_limit=30,"),),
        (Expected("CEL201", SEND_RECEIPT, "soft_time_limit=30"),),
    ),
    Mutation(
        "a task outlives the hard limit of the app",
        EMAIL,
        (("    soft_time_limit=30,\n    time_limit=45,\n", "    soft_time_limit=200,\n"),),
        (Expected("CEL201", SEND_RECEIPT, "soft_time_limit=200"),),
    ),
    Mutation(
        "the limits of the app are the wrong way round",
        CELERY_APP,
        (
            ("task_soft_time_limit=120", "task_soft_time_limit=150"),
            ("task_time_limit=150", "task_time_limit=120"),
        ),
        of_each("CEL201", *WITH_LIMITS_OF_THE_APP),
    ),
    Mutation(
        "the app has no hard limit",
        CELERY_APP,
        (("    task_time_limit=150,\n", ""),),
        of_each("CEL202", *WITH_LIMITS_OF_THE_APP),
    ),
    Mutation(
        "the app has no soft limit",
        CELERY_APP,
        (("    task_soft_time_limit=120,\n", ""),),
        of_each("CEL210", *WITH_LIMITS_OF_THE_APP),
    ),
    Mutation(
        "a task retries at a constant pace",
        FILES,
        (
            (
                "    retry_backoff=10,\n    retry_backoff_max=120,\n    retry_jitter=True,\n    s",
                "    s",
            ),
        ),
        of_each("CEL310", EXPORT_ORDERS),
    ),
    Mutation(
        "all retries come at once",
        EMAIL,
        (("retry_jitter=True", "retry_jitter=False"),),
        (Expected("CEL311", SEND_RECEIPT, "retry_jitter=False"),),
    ),
    Mutation(
        "a task retries forever",
        FILES,
        (("max_retries=5", "max_retries=None"),),
        (Expected("CEL301", EXPORT_ORDERS, "max_retries=None"),),
    ),
    Mutation(
        "a route has a typing error",
        CELERY_APP,
        (('"email.*"', '"emails.*"'),),
        of_each("CEL401", SEND_RECEIPT),
    ),
    Mutation(
        "there are no routes",
        CELERY_APP,
        (
            ("celery_app.conf.task_routes = {", "unused_routes = {"),
            (
                'celery_app.conf.task_queues = [Queue("celery"), Queue("files"), Queue("email")]\n',
                "",
            ),
        ),
        (Expected("CEL410", None, "celery_app = Celery("),),
    ),
    Mutation(
        "pickle is accepted",
        CELERY_APP,
        (('accept_content=["json"]', 'accept_content=["json", "pickle"]'),),
        (Expected("CEL510", None, "accept_content="),),
    ),
    Mutation(
        "a task is sent as pickle",
        FILES,
        (("max_retries=5", 'serializer="pickle",\n    max_retries=5'),),
        (Expected("CEL511", EXPORT_ORDERS, 'serializer="pickle"'),),
    ),
    Mutation(
        "results are kept forever",
        CELERY_APP,
        (("result_expires=86400", "result_expires=None"),),
        (Expected("CEL512", None, "result_expires="),),
    ),
    Mutation(
        "workers reserve messages",
        CELERY_APP,
        (("worker_prefetch_multiplier=1", "worker_prefetch_multiplier=4"),),
        (Expected("CEL513", None, "worker_prefetch_multiplier="),),
    ),
    Mutation(
        "the default queue is used, but not declared",
        CELERY_APP,
        (
            ("celery_app.conf.task_create_missing_queues = False\n", ""),
            ('Queue("celery"), ', ""),
            ('    "scheduler.*": {"queue": "celery"},\n', ""),
        ),
        (
            Expected("CEL402", None, "celery_app.conf.task_queues ="),
            *of_each("CEL401", RESEND_RECEIPTS, EXPORT_LAST_MONTH),
        ),
    ),
)

Finding = tuple[str, str | None, str, int]
"""Code, task, path and line."""


def check(app: Path) -> Result:
    return run(isolated([str(app)], Options(preset="all")))


def place_of(expected: Expected, mutation: Mutation, app: Path) -> tuple[str, int]:
    """The path and the line where a finding is expected."""
    if expected.on:
        return mutation.path, line_number(app / mutation.path, expected.on)
    assert expected.task is not None
    path = f"shop/tasks/{expected.task.partition('.')[0]}.py"
    source = (app / path).read_text(encoding="utf-8")
    decorator = re.compile(rf'^@shared_task\(\s*name="{re.escape(expected.task)}"', re.MULTILINE)
    (found,) = decorator.finditer(source)
    return path, source.count("\n", 0, found.start()) + 1


def line_number(file: Path, text: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if text in line)
    return number


def test_nothing_is_found_in_it() -> None:
    result = check(REFERENCE_APP)
    assert result.findings == []
    assert sorted(task.name for task in result.project.tasks) == sorted(ALL)


def test_nothing_in_it_is_unknown() -> None:
    """Silence about what cannot be told is no praise."""
    project = check(REFERENCE_APP).project
    values = {
        f"{task.name} {name}": task.option(name) for task in project.tasks for name in task.options
    }
    values |= {f"{task.name} queue": task.queue for task in project.tasks}
    values |= {name: value for app in project.apps for name, value in app.settings.items()}
    assert [name for name, value in values.items() if value.state is State.UNKNOWN] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mistake_is_found_where_it_is(
    mutation: Mutation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tmp_path / "app"
    shutil.copytree(REFERENCE_APP, app, ignore=shutil.ignore_patterns("__pycache__"))
    mutation.apply(app)
    monkeypatch.chdir(app)  # so that paths are shown relative to it
    found: list[Finding] = [
        (finding.code, finding.task, finding.place.path, finding.place.line)
        for finding in check(app).findings
    ]
    expected: list[Finding] = [
        (finding.code, finding.task, *place_of(finding, mutation, app))
        for finding in mutation.findings
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_there_is_a_mistake_for_every_rule_about_tasks() -> None:
    tripped = {finding.code for mutation in MUTATIONS for finding in mutation.findings}
    assert tripped >= {rule.code for rule in load_rules().rules if rule.category != "linter"}
