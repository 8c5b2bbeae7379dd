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

COMPOSE, PROCFILE = "compose.yaml", "Procfile"
CELERY_APP, EMAIL, FILES = "shop/celery_app.py", "shop/tasks/email.py", "shop/tasks/files.py"

SEND_RECEIPT = "email.send_receipt"
DELETE_OLD_EXPORTS, EXPORT_ORDERS = "files.delete_old_exports", "files.export_orders"
RESEND_RECEIPTS, EXPORT_LAST_MONTH = "scheduler.resend_receipts", "scheduler.export_last_month"

WITH_LIMITS_OF_THE_APP = (DELETE_OLD_EXPORTS, RESEND_RECEIPTS, EXPORT_LAST_MONTH)
ALL = (SEND_RECEIPT, EXPORT_ORDERS, *WITH_LIMITS_OF_THE_APP)


@dataclass(frozen=True)
class Expected:
    """A finding on the line with the text ``on``, in the file of the mistake or in ``path``; by
    default on the task's decorator."""

    code: str
    task: str | None
    on: str = ""
    path: str = ""


@dataclass(frozen=True)
class Mutation:
    """One mistake in one file: pairs of text that stands there once, and what replaces it;
    ``also`` are the edits of other files that it takes."""

    name: str
    path: str
    edits: tuple[tuple[str, str], ...]
    findings: tuple[Expected, ...]
    also: tuple[tuple[str, str, str], ...] = ()

    def apply(self, app: Path) -> None:
        for path, old, new in (*((self.path, *edit) for edit in self.edits), *self.also):
            file = app / path
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{path} has changed: {old!r}"
            file.write_text(text.replace(old, new), encoding="utf-8")


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
        (
            Expected("CEL201", SEND_RECEIPT, "soft_time_limit=200"),
            Expected("CEL907", None, "stop_grace_period: 1m", COMPOSE),
        ),
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
        (
            Expected("CEL410", None, "celery_app = Celery("),
            Expected("CEL907", None, "stop_grace_period: 3m", COMPOSE),
        ),
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
            Expected("CEL907", None, "stop_grace_period: 3m", COMPOSE),
        ),
        (
            (COMPOSE, "-Q celery -n celery@%h ", ""),
            (PROCFILE, "-Q celery -n celery@%h ", ""),
        ),
    ),
    Mutation(
        "threads have no limits",
        COMPOSE,
        (("-Q files -n files@%h", "-Q files -n files@%h -P threads"),),
        (Expected("CEL203", None, "-P threads"),),
    ),
    Mutation(
        "files go to a queue of another name",
        CELERY_APP,
        (
            ('"files.*": {"queue": "files"}', '"files.*": {"queue": "archive"}'),
            ('Queue("files")', 'Queue("archive")'),
        ),
        (
            Expected("CEL901", None, '"files.*"'),
            Expected("CEL903", None, "worker -Q files", COMPOSE),
            Expected("CEL903", None, "worker -Q files", PROCFILE),
        ),
    ),
    Mutation(
        "a blank behind a comma",
        COMPOSE,
        (("-Q email", '-Q "email, files"'),),
        (Expected("CEL902", None, "email, files"),),
    ),
    Mutation(
        "a queue that is no more",
        COMPOSE,
        (("-Q files", "-Q files,thumbnails"),),
        (Expected("CEL903", None, "thumbnails"),),
    ),
    Mutation(
        "nobody reads the default queue",
        CELERY_APP,
        (('    "scheduler.*": {"queue": "celery"},\n', ""),),
        (
            Expected("CEL904", RESEND_RECEIPTS),
            *of_each("CEL401", RESEND_RECEIPTS, EXPORT_LAST_MONTH),
            Expected("CEL907", None, "stop_grace_period: 3m", COMPOSE),
        ),
        ((COMPOSE, "-Q celery", "-Q files"), (PROCFILE, "-Q celery", "-Q files")),
    ),
    Mutation(
        "a limit that comes second",
        COMPOSE,
        (("-Q celery", "-Q celery --time-limit 60"),),
        (Expected("CEL905", None, "--time-limit 60"),),
    ),
    Mutation(
        "options in the wrong order",
        COMPOSE,
        (("-A shop.celery_app worker -Q celery", "worker -A shop.celery_app -Q celery"),),
        (Expected("CEL906", None, "worker -A"),),
    ),
    Mutation(
        "too little time to end",
        COMPOSE,
        (("stop_grace_period: 7m", "stop_grace_period: 5m"),),
        (Expected("CEL907", None, "stop_grace_period: 5m"),),
    ),
    Mutation(
        "a shell that stays",
        COMPOSE,
        (
            (
                "celery -A shop.celery_app worker -Q email -n email@%h -l INFO",
                'sh -c "celery -A shop.celery_app worker -Q email -n email@%h"',
            ),
        ),
        (Expected("CEL908", None, "sh -c"),),
    ),
    Mutation(
        "two beats",
        COMPOSE,
        (("shop.celery_app beat -l INFO\n", "shop.celery_app beat\n    scale: 2\n"),),
        (Expected("CEL909", None, "scale: 2"),),
    ),
    Mutation(
        "two numbers of processes",
        COMPOSE,
        (("-Q files", "-Q files -c 2 --autoscale 4,1"),),
        (Expected("CEL910", None, "--autoscale"),),
    ),
    Mutation(
        "four processes in one",
        COMPOSE,
        (("-Q files", "-Q files -P solo -c 4"),),
        (Expected("CEL203", None, "-P solo"), Expected("CEL911", None, "-P solo")),
    ),
    Mutation(
        "the app is misspelt",
        COMPOSE,
        (("-A shop.celery_app worker -Q files", "-A shop.celery_ap worker -Q files"),),
        (Expected("CEL912", None, "celery_ap "),),
    ),
    Mutation(
        "nodes of one name",
        COMPOSE,
        (("-Q files -n files@%h -l INFO\n", "-Q files -n files\n    scale: 2\n"),),
        (Expected("CEL913", None, "-n files"),),
    ),
    Mutation(
        "as many processes as there are CPUs",
        CELERY_APP,
        (("    worker_concurrency=settings.WORKER_CONCURRENCY,\n", ""),),
        tuple(
            Expected("CEL914", None, f"worker -Q {queue} ", COMPOSE)
            for queue in ("celery", "files", "email")
        ),
    ),
    Mutation(
        "root unpickles",
        CELERY_APP,
        (('accept_content=["json"]', 'accept_content=["json", "pickle"]'),),
        (
            Expected("CEL510", None, "accept_content="),
            Expected("CEL915", None, "user: root", COMPOSE),
        ),
        ((COMPOSE, "  build: .\n", "  build: .\n  user: root\n"),),
    ),
)

Finding = tuple[str, str | None, str, int]
"""Code, task, path and line."""


def check(app: Path) -> Result:
    return run(isolated([str(app)], Options(preset="all")))


def place_of(expected: Expected, mutation: Mutation, app: Path) -> tuple[str, int]:
    """The path and the line where a finding is expected."""
    if expected.on:
        path = expected.path or mutation.path
        return path, line_number(app / path, expected.on)
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
