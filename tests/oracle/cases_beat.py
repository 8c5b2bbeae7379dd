"""What beat sends, when, and where to: celery/beat.py (``ScheduleEntry``, ``Scheduler``)."""

from __future__ import annotations

from .cases import case

CASES = [
    case(
        "schedules",
        """
        # app.py
        from datetime import timedelta
        from celery import Celery
        from celery.schedules import crontab, schedule
        app = Celery("proj")
        app.conf.beat_schedule = {
            "int": {"task": "app.add", "schedule": 30},
            "float": {"task": "app.add", "schedule": 0.5},
            "timedelta": {"task": "app.add", "schedule": timedelta(minutes=5)},
            "every-minute": {"task": "app.add", "schedule": crontab()},
            "crontab": {"task": "app.add", "schedule": crontab(minute=0, hour="*/3",
                                                               day_of_week="mon,fri")},
            "positional": {"task": "app.add", "schedule": crontab("15", 7, 1)},
            "schedule": {"task": "app.add", "schedule": schedule(run_every=60)},
        }

        @app.task
        def add(): ...
        """,
        beat={
            "int": {"schedule": 30, "task": "app.add", "resolves": True, "queue": "celery"},
            "float": {"schedule": 0.5},
            "timedelta": {"schedule": 300},
            "crontab": {
                "schedule": {
                    "minute": "0",
                    "hour": "*/3",
                    "day_of_week": "mon,fri",
                    "day_of_month": "*",
                    "month_of_year": "*",
                }
            },
            "positional": {
                "schedule": {
                    "minute": "15",
                    "hour": "7",
                    "day_of_week": "1",
                    "day_of_month": "*",
                    "month_of_year": "*",
                }
            },
            "schedule": {"schedule": 60},
        },
    ),
    case(
        "crontab-of-a-list",
        """
        # app.py
        import celery.schedules
        from celery import Celery
        app = Celery("proj")
        HOURS = [3, 15]
        app.conf.beat_schedule = {
            "a": {"task": "x", "schedule": celery.schedules.crontab(minute="0, 15", hour=HOURS)},
        }
        """,
        beat={
            "a": {
                "resolves": False,
                "schedule": {
                    "minute": "0, 15",
                    "hour": "3,15",
                    "day_of_week": "*",
                    "day_of_month": "*",
                    "month_of_year": "*",
                },
            }
        },
    ),
    case(
        "beat-queue",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_routes = {"app.sub": "routed", "elsewhere.*": "far"}
        app.conf.beat_schedule = {
            "options": {"task": "app.add", "schedule": 1, "options": {"queue": "beat"}},
            "of-the-task": {"task": "app.add", "schedule": 1},
            "routed": {"task": "app.sub", "schedule": 1, "options": {"expires": 10}},
            "unknown-task": {"task": "elsewhere.job", "schedule": 1},
            "none": {"task": "app.add", "schedule": 1, "options": {"queue": None}},
        }

        @app.task(queue="own")
        def add(): ...

        @app.task
        def sub(): ...
        """,
        beat={
            "options": {"queue": "beat"},
            "of-the-task": {"queue": "own"},
            "routed": {"queue": "routed"},
            "none": {"queue": "celery"},
            "unknown-task": {"queue": "far", "resolves": False},
        },
    ),
    case(
        "beat-entry-forms",
        """
        # app.py
        from celery import Celery
        from schedule import SCHEDULE, hourly
        app = Celery("proj")
        app.conf.beat_schedule = {**SCHEDULE, "hourly": hourly("app.add")}
        app.conf.beat_schedule["item"] = {"task": "app.add", "schedule": 1}
        app.conf.beat_schedule.update({"updated": {"task": "app.add", "schedule": 2}})
        app.conf.beat_schedule |= {f"job-{n}": {"task": "app.add", "schedule": n} for n in (3, 4)}

        @app.task
        def add(): ...

        # schedule.py
        from celery.schedules import crontab
        TASK = "app.add"
        SCHEDULE = dict(named=dict(task=TASK, schedule=9, args=(1,), kwargs={"a": 1}))

        def hourly(task):
            return {"task": task, "schedule": crontab(minute=0)}
        """,
        beat={
            "named": {"schedule": 9, "resolves": True},
            "item": {"schedule": 1},
            "updated": {"schedule": 2},
            "job-3": {"schedule": 3},
            "job-4": {"schedule": 4},
            "hourly": {"task": "app.add"},
        },
    ),
    case(
        "beat-task-by-reference",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(): ...

        @app.task(name="named")
        def sub(): ...

        app.conf.beat_schedule = {
            "a": {"task": add.name, "schedule": 1},
            "b": {"task": sub.name, "schedule": 2},
        }
        """,
        beat={"a": {"task": "app.add", "resolves": True}, "b": {"task": "named"}},
    ),
    case(
        "beat-in-a-branch",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        app.conf.beat_schedule = {"always": {"task": "app.add", "schedule": 1}}
        if os.getenv("CLEAN", "yes") == "yes":
            app.conf.beat_schedule["sometimes"] = {"task": "app.add", "schedule": 2}

        @app.task
        def add(): ...
        """,
        beat={"always": {"schedule": 1}, "sometimes": {"schedule": 2}},
    ),
    case(
        "beat-schedule-from-the-environment",
        """
        # app.py
        import os
        from datetime import timedelta
        from celery import Celery
        from celery.schedules import crontab
        app = Celery("proj")
        app.conf.beat_schedule = {
            "a": {"task": "x", "schedule": float(os.getenv("EVERY", "60"))},
            "b": {"task": "x", "schedule": timedelta(hours=int(os.getenv("HOURS", "2")))},
            "c": {"task": "x", "schedule": crontab(hour=os.getenv("HOUR", "3"), minute=0)},
        }
        """,
        beat={
            "a": {"schedule": 60},
            "b": {"schedule": 7200},
            "c": {
                "schedule": {
                    "minute": "0",
                    "hour": "3",
                    "day_of_week": "*",
                    "day_of_month": "*",
                    "month_of_year": "*",
                }
            },
        },
    ),
    case(
        "add-periodic-task",
        """
        # app.py
        from celery import Celery
        from celery.schedules import crontab
        app = Celery("proj")

        @app.task
        def add(x, y): ...

        @app.on_after_finalize.connect
        def setup(sender, **kwargs):
            sender.add_periodic_task(10.0, add.s(1, 2), name="ten")
            sender.add_periodic_task(crontab(hour=7, minute=30), add.s(3, 4).set(queue="morning"),
                                     name="morning")
            sender.add_periodic_task(5, add.s(), name="opts", queue="opted", expires=10)
        """,
        beat={
            "ten": {"task": "app.add", "schedule": 10, "queue": "celery", "resolves": True},
            "morning": {"queue": "morning"},
            "opts": {"queue": "opted", "schedule": 5},
        },
    ),
    case(
        "add-periodic-task-unnamed",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(x, y): ...

        @app.on_after_configure.connect
        def setup(sender, **kwargs):
            sender.add_periodic_task(10.0, add.s(1, 2))
            sender.add_periodic_task(20.0, add.s(1, 2))
            sender.add_periodic_task(30.0, add.s(2, 2), name=None)
        """,
        beat={"app.add(1, 2)": {"schedule": 20}, "app.add(2, 2)": {"schedule": 30}},
    ),
    case(
        "add-periodic-task-at-module-level",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(): ...

        app.conf.beat_schedule = {"dict": {"task": "app.add", "schedule": 1}}
        app.add_periodic_task(10.0, add.s(), name="ten")
        """,
        beat={"ten": {"schedule": 10}, "dict": {"schedule": 1}},
    ),
    case(
        "add-periodic-task-then-an-assignment",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(): ...

        app.add_periodic_task(10.0, add.s(), name="ten")
        app.conf.beat_schedule = {"dict": {"task": "app.add", "schedule": 1}}
        """,
        # add.s() makes the task, which reads the configuration; the entry goes into the
        # beat_schedule of that moment, and the assignment replaces it.
        beat={"dict": {"schedule": 1}},
    ),
    case(
        "handler-connected-too-late",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", include=["jobs"])

        # jobs.py
        from app import app

        @app.task
        def add(): ...

        @app.on_after_configure.connect
        def never(sender, **kwargs):
            sender.add_periodic_task(10.0, add.s(), name="never")

        @app.on_after_finalize.connect
        def always(sender, **kwargs):
            sender.add_periodic_task(10.0, add.s(), name="always")
        """,
        beat={"always": {"schedule": 10}},
    ),
    case(
        "periodic-task-objects",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(*args, **kwargs): ...

        @app.on_after_configure.connect
        def schedule(sender, **kwargs):
            sender.add_periodic_task(10, add)
            sender.add_periodic_task(20, add, (1,), {"x": 2})
            sender.add_periodic_task(30, add.s(3, y=4), (1,), kwargs={"z": 5})
            sender.add_periodic_task(40, add, name="named")
        """,
        beat={
            "app.add()": {"schedule": 10},
            "app.add(1, x=2)": {"schedule": 20},
            "app.add(1, 3, y=4, z=5)": {"schedule": 30},
            "named": {"schedule": 40},
        },
    ),
    case(
        "beat-old-and-namespaced-names",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings", namespace="CELERY")

        # settings.py
        CELERY_BEAT_SCHEDULE = {"a": {"task": "x", "schedule": 1}}
        CELERYBEAT_SCHEDULE = {"b": {"task": "y", "schedule": 2}}
        CELERY_BEAT_SCHEDULE["c"] = {"task": "z", "schedule": 3}
        """,
        beat={"a": {"schedule": 1}, "c": {"schedule": 3}},
    ),
    case(
        "beat-entry-with-a-wrong-key",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.beat_schedule = {
            "wrong": {"task": "x", "schedule": 1, "queue": "q"},
            "right": {"task": "x", "schedule": 1, "relative": True},
        }
        """,
        beat={"right": {"schedule": 1}},
    ),
    case(
        "beat-solar-and-own-schedule",
        """
        # app.py
        from celery import Celery
        from celery.schedules import schedule
        app = Celery("proj")

        class Sometimes(schedule):
            pass

        app.conf.beat_schedule = {"a": {"task": "x", "schedule": Sometimes(5)}}
        """,
        unknown=("beat a", "setting beat_schedule"),
    ),
]
