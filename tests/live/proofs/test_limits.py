"""Proofs of rules/limits."""

from __future__ import annotations

import pytest

from live.proofs.project import Project
from live.proofs.proof import proves, shows

STEPS = ("handler begins", "handler ends", "finally begins", "finally ends")


def steps(project: Project, id: str) -> list[str]:
    """How far a task got in putting things in order, when it was stopped at a limit."""
    return [step for step in STEPS if project.events(step, id)]


@proves(
    "soft-limit-not-below-hard",
    bad="Equal limits leave no time either",
    good="A minute to clean up",
)
def test_equal_limits_leave_no_time_to_clean_up(bad: Project, good: Project) -> None:
    bad.edit("LIMIT = 5 * 60", "LIMIT = 1")
    good.edit("task_soft_time_limit=300", "task_soft_time_limit=1")
    for project in (bad, good):
        project.body("tasks.export", "cleans_up")
        project.worker()
    cut_off, in_order = bad.delay("tasks.export"), good.delay("tasks.export")
    bad.wait_for("failed", cut_off)
    assert set(steps(bad, cut_off)) <= {"handler begins", "finally begins"}
    good.wait_for("succeeded", in_order)
    assert steps(good, in_order) == list(STEPS)


@proves(
    "soft-limit-not-below-hard",
    bad="Equal limits leave no time either",
    good="A minute to clean up",
)
def test_the_hard_limit_waits_for_the_soft_one(bad: Project) -> None:
    """Where a soft limit above the hard one is let through, as before Celery 5.5 and in a call."""
    bad.body("tasks.export", "cleans_up")
    bad.worker()
    id = bad.delay("tasks.export", soft_time_limit=3, time_limit=1)
    failed, started = bad.wait_for("failed", id)[0], bad.events("started", id)[0]
    assert failed["error"] == "TimeLimitExceeded"
    assert failed["at"] - started["at"] >= 2.5
    assert set(steps(bad, id)) <= {"handler begins", "finally begins"}


@shows(
    "soft-limit-not-below-hard",
    bad="The task asks for more than the application allows",
    good="A minute to clean up",
)
def test_a_soft_limit_above_the_hard_one_is_refused(bad: Project, good: Project) -> None:
    refused = "ValueError: soft_time_limit must be less than or equal to time_limit"
    assert bad.error("from tasks import export; export.delay()") == refused
    good.delay("tasks.export_all")


@proves("missing-time-limit", bad="No limit at all", good="The environment sets it")
def test_a_hanging_task_holds_its_process_forever(bad: Project, good: Project) -> None:
    good.variables["TASK_TIME_LIMIT"] = "2"
    for project in (bad, good):
        project.body("tasks.fetch", "hangs")
        project.worker()
        project.wait_for("started", project.delay("tasks.fetch", "first"))
    stuck, next = bad.delay("tasks.fetch", "second"), good.delay("tasks.fetch", "second")
    good.wait_for("started", next)
    assert not bad.events("started", stuck)


@proves("missing-soft-time-limit", bad="A hard limit for all", good="Half a minute to clean up")
def test_a_hard_limit_alone_leaves_no_time_to_clean_up(bad: Project, good: Project) -> None:
    bad.edit("task_time_limit=600", "task_time_limit=1")
    good.edit("task_soft_time_limit=570", "task_soft_time_limit=1")
    for project in (bad, good):
        project.body("tasks.export", "cleans_up")
        project.worker()
    killed, in_order = bad.delay("tasks.export"), good.delay("tasks.export")
    bad.wait_for("failed", killed)
    assert set(steps(bad, killed)) <= {"finally begins"}
    good.wait_for("succeeded", in_order)
    assert steps(good, in_order) == list(STEPS)


@proves(
    "time-limit-unsupported-pool",
    bad="Threads by setting",
    good="prefork by setting",
)
@pytest.mark.parametrize("pool", ["threads", "solo"])
def test_a_pool_without_processes_ignores_limits(pool: str, bad: Project, good: Project) -> None:
    bad.edit('worker_pool="threads"', f'worker_pool="{pool}"')
    for project in (bad, good):
        project.edit("soft_time_limit=60, time_limit=90", "soft_time_limit=1, time_limit=2")
        project.body("tasks.export", "sleeps", seconds=3)
        project.worker()
    too_long, stopped = bad.delay("tasks.export"), good.delay("tasks.export")
    bad.wait_for("succeeded", too_long)
    good.wait_for("failed", stopped)
    assert not good.events("woke up")


@proves(
    "soft-timeout-swallowed",
    bad={
        "tasks.py": """
        import time

        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(soft_time_limit=60)
        def remind(users):
            for user in users:
                try:
                    time.sleep(1)
                except Exception as error:
                    print(user, error)
        """
    },
    good={
        "tasks.py": """
        import time

        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(soft_time_limit=60)
        def remind(users):
            for user in users:
                try:
                    time.sleep(1)
                except OSError as error:
                    print(user, error)
        """
    },
)
def test_a_loop_that_catches_everything_goes_on_after_its_soft_limit(
    bad: Project, good: Project
) -> None:
    for project in (bad, good):
        project.edit("soft_time_limit=60", "soft_time_limit=1.5")
        project.worker()
    users = ["ada", "alan", "grace"]
    went_on, stopped = bad.delay("tasks.remind", users), good.delay("tasks.remind", users)
    bad.wait_for("succeeded", went_on)
    (failed,) = good.wait_for("failed", stopped)
    assert failed["error"] == "SoftTimeLimitExceeded"
