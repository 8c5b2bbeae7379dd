"""Proofs of rules/retries."""

from __future__ import annotations

import json

from live.proofs.project import Project
from live.proofs.proof import proves, shows

NO_BOUND = 25
"""So many runs are more than any limit in the examples would let pass."""


@proves(
    "unbounded-retries",
    bad="No limit on automatic retries",
    good="Each retry has its own limit",
)
def test_without_a_limit_a_task_is_retried_on_and_on(bad: Project, good: Project) -> None:
    bad.body("tasks.fetch", "fails", error="ConnectionError")
    good.body("tasks.fetch_quietly", "fails", error="ConnectionError")
    bad.set("tasks.fetch", default_retry_delay=0)
    good.set("tasks.fetch", default_retry_delay=0)
    good.set("tasks.fetch_quietly", default_retry_delay=0)
    bad.worker()
    good.worker()
    endless = bad.delay("tasks.fetch", "https://example.com")
    bad.wait_for("started", endless, times=NO_BOUND)
    assert not bad.events("failed")
    for task in ("tasks.fetch", "tasks.fetch_quietly"):
        id = good.delay(task, "https://example.com")
        good.wait_for("failed", id)
        assert len(good.events("started", id)) == 6


@proves(
    "unbounded-retries",
    bad="The retry itself is without limit",
    good="Celery's default is a number too",
)
def test_none_in_a_retry_is_the_limit_of_the_task_and_infinity_is_none(
    bad: Project, good: Project
) -> None:
    bad.set("tasks.fetch", default_retry_delay=0)
    good.set("tasks.fetch", default_retry_delay=0)
    good.set("tasks.fetch_quietly", default_retry_delay=0)
    good.body("tasks.fetch_quietly", "fails", error="ConnectionError")
    bad.worker()
    good.worker()
    bad.wait_for("started", bad.delay("tasks.fetch", "https://example.com"), times=NO_BOUND)
    for task in ("tasks.fetch", "tasks.fetch_quietly"):
        id = good.delay(task, "https://example.com")
        good.wait_for("failed", id)
        assert len(good.events("started", id)) == 4


ROUNDS = 20
RETRIES = 3

DELAYS = """
import json
from celery.exceptions import Retry
from tasks import fetch

def fail(*args):
    raise ConnectionError

def delay(retries):
    request = {"id": "id", "args": ("url",), "kwargs": {}, "retries": retries}
    fetch.push_request(**request, called_directly=False, delivery_info={"routing_key": "celery"})
    try:
        fetch.run("url")
    except Retry as retry:
        return retry.when

fetch._orig_run = fail
print(json.dumps([[delay(retries) for retries in range(%d)] for _ in range(%d)]))
"""


def delays(project: Project) -> list[list[float]]:
    """The seconds before each retry of a task that fails every time, for many such messages."""
    return list(json.loads(project.python(DELAYS % (RETRIES, ROUNDS))))


@shows("retry-without-backoff", bad="Every three minutes", good="Backing off")
def test_without_backoff_the_delay_stays_the_same(bad: Project, good: Project) -> None:
    assert delays(bad) == [[180] * RETRIES] * ROUNDS
    backing_off = delays(good)
    assert all(delay <= 2**retry for row in backing_off for retry, delay in enumerate(row))
    assert max(row[2] for row in backing_off) > max(row[0] for row in backing_off)


@shows("backoff-without-jitter", bad="Exactly so long", good="Celery's default")
def test_without_jitter_what_fails_together_comes_back_together(
    bad: Project, good: Project
) -> None:
    assert delays(bad) == [[10, 20, 40]] * ROUNDS
    assert len(set(map(tuple, delays(good)))) > ROUNDS // 2


@proves(
    "autoretry-catches-soft-timeout",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(autoretry_for=(Exception,), max_retries=2, soft_time_limit=60)
        def export(): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery
        from celery.exceptions import SoftTimeLimitExceeded

        app = Celery("shop", broker="redis://localhost")


        @app.task(
            autoretry_for=(Exception,),
            dont_autoretry_for=(SoftTimeLimitExceeded,),
            max_retries=2,
            soft_time_limit=60,
        )
        def export(): ...
        """
    },
)
def test_what_takes_too_long_is_done_all_over_again(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.edit("soft_time_limit=60", "soft_time_limit=1")
        project.set("tasks.export", default_retry_delay=0)
        project.body("tasks.export", "hangs")
        project.worker()
    too_long, given_up = bad.delay("tasks.export"), good.delay("tasks.export")
    for project, id, runs in ((bad, too_long, 3), (good, given_up, 1)):
        (failed,) = project.wait_for("failed", id)
        assert failed["error"] == "SoftTimeLimitExceeded"
        assert len(project.events("started", id)) == runs


@proves(
    "swallowed-retry",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(bind=True)
        def fetch(self, url):
            try:
                if not is_up(url):
                    raise self.retry(countdown=60)
            except Exception as error:
                print(error)


        def is_up(url):
            return False
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(bind=True)
        def fetch(self, url):
            try:
                up = is_up(url)
            except Exception as error:
                print(error)
                raise
            if not up:
                raise self.retry(countdown=60)


        def is_up(url):
            return False
        """
    },
)
def test_a_swallowed_retry_makes_every_attempt_a_success(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.edit("countdown=60", "countdown=0")
        project.worker()
    swallowed, told = (one.delay("tasks.fetch", "https://example.com") for one in (bad, good))
    (failed,) = good.wait_for("failed", told)
    assert failed["error"] == "MaxRetriesExceededError"
    assert len(good.events("retried", told)) == 3
    # The last one asks for a retry too many, and swallows that error as well.
    assert len(bad.wait_for("succeeded", swallowed, times=4)) == 4
    assert not bad.events("retried") and not bad.events("failed")
    assert bad.state(swallowed) == "SUCCESS"
