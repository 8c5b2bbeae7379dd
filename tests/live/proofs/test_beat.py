"""Proofs of rules/beat."""

from __future__ import annotations

from live.proofs.project import Project
from live.proofs.proof import proves, shows

RUNS_A_DAY = """
from datetime import datetime, timedelta, timezone
from tasks import app

schedule = app.conf.beat_schedule["clean-up"]["schedule"]
now = start = datetime(2026, 1, 5, tzinfo=timezone.utc)
schedule.nowfun = lambda: now
runs = 0
while (now := now + schedule.remaining_estimate(now)) < start + timedelta(days=1):
    runs += 1
print(runs)
"""


@shows(
    "crontab-missing-minute",
    bad={
        "tasks.py": """
        from celery import Celery
        from celery.schedules import crontab

        app = Celery("shop", broker="redis://localhost")
        app.conf.beat_schedule = {
            "clean-up": {"task": "tasks.clean_up", "schedule": crontab(hour=3)},
        }


        @app.task
        def clean_up(): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery
        from celery.schedules import crontab

        app = Celery("shop", broker="redis://localhost")
        app.conf.beat_schedule = {
            "clean-up": {"task": "tasks.clean_up", "schedule": crontab(minute=0, hour=3)},
        }


        @app.task
        def clean_up(): ...
        """
    },
)
def test_an_hour_without_a_minute_is_every_minute_of_it(bad: Project, good: Project) -> None:
    assert (bad.python(RUNS_A_DAY), good.python(RUNS_A_DAY)) == ("60", "1")


@proves(
    "periodic-handler-too-late",
    bad={
        "app.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", include=["tasks"])
        """,
        "tasks.py": """
        from app import app


        @app.on_after_configure.connect
        def schedule(sender, **kwargs):
            sender.add_periodic_task(60, clean_up.s())


        @app.task
        def clean_up(): ...
        """,
    },
    good={
        "app.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", include=["tasks"])
        """,
        "tasks.py": """
        from app import app


        @app.on_after_finalize.connect
        def schedule(sender, **kwargs):
            sender.add_periodic_task(60, clean_up.s())


        @app.task
        def clean_up(): ...
        """,
    },
)
def test_beat_never_hears_of_a_handler_that_comes_too_late(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.module = "app"
        project.edit("add_periodic_task(60", "add_periodic_task(1")
        project.beat()
    good.processes[0].wait_for(r"(?s)(Sending due task tasks\.clean_up.*){2}")
    assert "Sending due task" not in bad.processes[0].log
    assert (bad.waiting() == 0) and good.waiting() > 0
