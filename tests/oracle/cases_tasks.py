"""Which value of an option wins: call > annotation > decorator > base > app.Task > setting.

celery/app/task.py (``Task.bind``, ``from_config``, ``annotate``), celery/app/annotations.py,
celery/app/autoretry.py.
"""

from __future__ import annotations

from .cases import case

PRECEDENCE = [
    case(
        "setting-fills-none",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_acks_late=True, task_time_limit=1, task_soft_time_limit=1,
                     task_ignore_result=True, task_serializer="pickle", task_track_started=True,
                     task_default_rate_limit="1/s", task_default_priority=1,
                     task_reject_on_worker_lost=True, task_acks_on_failure_or_timeout=False)

        @app.task
        def add(): ...
        """,
        tasks={
            "app.add": {
                "acks_late": True,
                "time_limit": 1,
                "soft_time_limit": 1,
                "ignore_result": True,
                "serializer": "pickle",
                "track_started": True,
                "rate_limit": "1/s",
                "priority": 1,
                "reject_on_worker_lost": True,
                "acks_on_failure_or_timeout": False,
            }
        },
    ),
    case(
        "decorator-beats-setting",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_acks_late=True, task_time_limit=1, task_default_rate_limit="1/s",
                     task_serializer="json", task_ignore_result=False)

        @app.task(acks_late=False, time_limit=2, rate_limit="2/s", serializer="pickle",
                  ignore_result=True, priority=4, expires=9, track_started=True, max_retries=5,
                  default_retry_delay=6, soft_time_limit=1, reject_on_worker_lost=True)
        def add(): ...
        """,
        tasks={
            "app.add": {
                "acks_late": False,
                "time_limit": 2,
                "rate_limit": "2/s",
                "serializer": "pickle",
                "ignore_result": True,
                "priority": 4,
                "expires": 9,
                "track_started": True,
                "max_retries": 5,
                "default_retry_delay": 6,
            }
        },
    ),
    case(
        "none-means-the-setting",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_acks_late=True, task_time_limit=7, task_default_rate_limit="1/s")

        @app.task(acks_late=None, time_limit=None, rate_limit=None, max_retries=None,
                  default_retry_delay=None)
        def add(): ...
        """,
        tasks={
            "app.add": {
                "acks_late": True,
                "time_limit": 7,
                "rate_limit": "1/s",
                "max_retries": None,
                "default_retry_delay": None,
            }
        },
    ),
    case(
        "false-and-zero-stay",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_ignore_result=True, task_default_rate_limit="1/s")

        @app.task(ignore_result=False, rate_limit=0, max_retries=0, priority=0)
        def add(): ...

        @app.task(rate_limit="")
        def sub(): ...
        """,
        tasks={
            "app.add": {"ignore_result": False, "rate_limit": 0, "max_retries": 0, "priority": 0},
            "app.sub": {"rate_limit": ""},
        },
    ),
    case(
        "zero-limit-is-not-off",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_time_limit=10)

        @app.task(time_limit=0, soft_time_limit=0)
        def add(): ...
        """,
        tasks={"app.add": {"time_limit": 10, "soft_time_limit": 0}},
    ),
    case(
        "no-setting-exists",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_max_retries=9, task_default_retry_delay=9, task_expires=9)

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"max_retries": 3, "default_retry_delay": 180, "expires": None}},
    ),
    case(
        "every-level",
        """
        # app.py
        from celery import Celery, Task

        class AppTask(Task):
            time_limit = 3
            max_retries = 13
            acks_late = True
            priority = 3
            rate_limit = "3/s"

        class Base(AppTask):
            time_limit = 2
            max_retries = 12
            priority = 2

        app = Celery("proj", task_cls=AppTask, task_time_limit=1, task_acks_late=False,
                     task_default_rate_limit="1/s")
        app.conf.task_annotations = {"annotated": {"time_limit": 5, "max_retries": 15}}

        @app.task(name="plain")
        def plain(): ...

        @app.task(name="based", base=Base)
        def based(): ...

        @app.task(name="decorated", base=Base, time_limit=4, max_retries=14)
        def decorated(): ...

        @app.task(name="annotated", base=Base, time_limit=4, max_retries=14)
        def annotated(): ...
        """,
        tasks={
            "plain": {"time_limit": 3, "max_retries": 13, "acks_late": True, "rate_limit": "3/s"},
            "based": {"time_limit": 2, "max_retries": 12, "acks_late": True, "priority": 2},
            "decorated": {"time_limit": 4, "max_retries": 14},
            "annotated": {"time_limit": 5, "max_retries": 15},
        },
    ),
    case(
        "options-from-constants",
        """
        # app.py
        from celery import Celery
        from limits import HARD, Retry, RETRY
        app = Celery("proj")
        SOFT = HARD - 10

        @app.task(time_limit=HARD, soft_time_limit=SOFT, max_retries=Retry.TIMES, **RETRY)
        def add(): ...

        # limits.py
        HARD = 5 * 60
        RETRY = {"default_retry_delay": 7, "acks_late": True}

        class Retry:
            TIMES = 9
        """,
        tasks={
            "app.add": {
                "time_limit": 300,
                "soft_time_limit": 290,
                "max_retries": 9,
                "default_retry_delay": 7,
                "acks_late": True,
            }
        },
    ),
    case(
        "option-from-the-environment",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")

        @app.task(time_limit=int(os.getenv("LIMIT", "30")))
        def add(): ...
        """,
        tasks={"app.add": {"time_limit": 30}},
    ),
    case(
        "task-binds-late",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(): ...

        app.conf.task_acks_late = True
        app.conf.task_time_limit = 5
        """,
        tasks={"app.add": {"acks_late": True, "time_limit": 5}},
    ),
    case(
        "eager-task-binds-at-once",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task(lazy=False)
        def early(): ...

        app.conf.task_acks_late = True
        app.conf.task_time_limit = 5
        """,
        # Bound before: only what is still None is filled again when the app is finalized.
        tasks={"app.early": {"acks_late": False, "time_limit": 5}},
        unknown=("task app.early",),
    ),
]

BASES = [
    case(
        "base-class",
        """
        # app.py
        from celery import Celery, Task

        class Base(Task):
            acks_late = True
            abstract = True
            max_retries = None

        app = Celery("proj", task_acks_late=False)

        @app.task(base=Base, bind=True)
        def add(self): ...
        """,
        tasks={"app.add": {"acks_late": True, "max_retries": None, "bind": True}},
    ),
    case(
        "base-over-several-levels",
        """
        # app.py
        from celery import Celery
        from bases import Third
        app = Celery("proj")

        @app.task(base=Third)
        def add(): ...

        # bases.py
        import celery

        class First(celery.Task):
            time_limit = 1
            soft_time_limit = 1
            max_retries = 1
            rate_limit = "1/s"

        class Second(First):
            soft_time_limit = 2
            max_retries = 2

        class Third(Second):
            max_retries = 4
            rate_limit = None
        """,
        tasks={
            "app.add": {"time_limit": 1, "soft_time_limit": 2, "max_retries": 4, "rate_limit": None}
        },
    ),
    case(
        "mixin-before-base",
        """
        # app.py
        from celery import Celery, Task

        class Retrying:
            autoretry_for = (ConnectionError,)
            max_retries = 7

        class Late:
            acks_late = True
            max_retries = 8

        class Base(Task):
            max_retries = 9
            time_limit = 5

        class Both(Retrying, Late, Base):
            pass

        app = Celery("proj")

        @app.task(base=Both)
        def add(): ...
        """,
        tasks={
            "app.add": {
                "max_retries": 7,
                "acks_late": True,
                "time_limit": 5,
                "autoretry_for": ["builtins.ConnectionError"],
            }
        },
    ),
    case(
        "diamond",
        """
        # app.py
        from celery import Celery, Task

        class Root(Task):
            time_limit = 1

        class Left(Root):
            pass

        class Right(Root):
            time_limit = 3

        class Bottom(Left, Right):
            pass

        app = Celery("proj")

        @app.task(base=Bottom)
        def add(): ...
        """,
        tasks={"app.add": {"time_limit": 3}},
    ),
    case(
        "base-is-app-task",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        class Base(app.Task):
            acks_late = True

        @app.task(base=Base)
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "app-task-replaced",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        class ContextTask(app.Task):
            acks_late = True

            def __call__(self, *args, **kwargs):
                return self.run(*args, **kwargs)

        app.Task = ContextTask

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "app-task-replaced-after-the-decorator",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        @app.task
        def add(): ...

        class Late(Task):
            acks_late = True

        app.Task = Late
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "task-cls-as-a-string",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_cls="bases:Late")

        @app.task
        def add(): ...

        # bases.py
        from celery import Task

        class Late(Task):
            acks_late = True
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "task-cls-on-the-app-class",
        """
        # app.py
        from celery import Celery, Task

        class Late(Task):
            acks_late = True

        class Proj(Celery):
            task_cls = Late

        app = Proj("proj")

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "base-made-by-a-function",
        """
        # app.py
        from celery import Celery, Task

        def make(limit):
            class Base(Task):
                time_limit = limit
            return Base

        app = Celery("proj")

        @app.task(base=make(9))
        def add(): ...
        """,
        tasks={"app.add": {"time_limit": 9}},
        unknown=("task app.add",),
    ),
    case(
        "base-with-init",
        """
        # app.py
        from celery import Celery, Task

        class Base(Task):
            def __init__(self):
                self.max_retries = 11

        app = Celery("proj")
        app.conf.task_annotations = {"app.add": {"max_retries": 5}}

        @app.task(base=Base, max_retries=4)
        def add(): ...
        """,
        tasks={"app.add": {"max_retries": 11}},
    ),
    case(
        "base-with-property",
        """
        # app.py
        from celery import Celery, Task

        class Base(Task):
            @property
            def rate_limit(self):
                return "3/m"

        app = Celery("proj", task_default_rate_limit="1/s")

        @app.task(base=Base)
        def add(): ...

        @app.task(base=Base, rate_limit="9/s")
        def sub(): ...
        """,
        tasks={"app.add": {"rate_limit": "3/m"}, "app.sub": {"rate_limit": "9/s"}},
    ),
    case(
        "base-attribute-from-settings",
        """
        # app.py
        import os
        from celery import Celery, Task

        class Base(Task):
            default_retry_delay = int(os.environ.get("DELAY", 30))
            retry_kwargs = {"max_retries": 5}
            retry_backoff = True
            autoretry_for = (Exception,)

        app = Celery("proj")

        @app.task(base=Base)
        def add(): ...
        """,
        tasks={
            "app.add": {
                "default_retry_delay": 30,
                "retry_kwargs": {"max_retries": 5},
                "retry_backoff": True,
                "autoretry_for": ["builtins.Exception"],
            }
        },
    ),
]

ANNOTATIONS = [
    case(
        "annotation-beats-decorator",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_annotations = {"app.add": {"rate_limit": "5/s", "acks_late": True}}

        @app.task(rate_limit="1/s", acks_late=False)
        def add(): ...
        """,
        tasks={"app.add": {"rate_limit": "5/s", "acks_late": True}},
    ),
    case(
        "annotation-star-beats-exact",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_annotations = {"*": {"max_retries": 1}, "app.add": {"max_retries": 2,
                                                                          "priority": 3}}

        @app.task(max_retries=9)
        def add(): ...
        """,
        tasks={"app.add": {"max_retries": 1, "priority": 3}},
    ),
    case(
        "annotation-has-no-globs",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_annotations = {"app.*": {"max_retries": 1}}

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"max_retries": 3}},
    ),
    case(
        "annotation-list-first-match",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_annotations = [
            {"app.add": {"max_retries": 1}},
            {"app.add": {"max_retries": 2, "priority": 2}, "*": {"rate_limit": "2/s"}},
            {"*": {"rate_limit": "3/s", "time_limit": 3}},
        ]

        @app.task
        def add(): ...
        """,
        tasks={
            "app.add": {"max_retries": 1, "priority": None, "rate_limit": "2/s", "time_limit": None}
        },
    ),
    case(
        "annotation-tuple",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_annotations=({"app.add": {"time_limit": 4}},))

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"time_limit": 4}},
    ),
    case(
        "annotation-none-is-the-setting",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_acks_late=True, task_time_limit=5)
        app.conf.task_annotations = {"app.add": {"acks_late": None, "time_limit": None}}

        @app.task(acks_late=False, time_limit=9)
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True, "time_limit": 5}},
    ),
    case(
        "annotation-routes",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_annotations = {"app.add": {"queue": "annotated"}}
        app.conf.task_routes = {"app.add": "routed"}

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"queue": "annotated"}},
    ),
    case(
        "annotation-of-autoretry",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_annotations = {"*": {"autoretry_for": (KeyError,), "retry_backoff": 9}}

        @app.task
        def add(): ...

        @app.task(autoretry_for=(ValueError,), retry_backoff=2)
        def sub(): ...
        """,
        tasks={
            "app.add": {"autoretry_for": ["builtins.KeyError"], "retry_backoff": 9},
            "app.sub": {"autoretry_for": ["builtins.ValueError"], "retry_backoff": 2},
        },
    ),
    case(
        "annotation-function-is-ignored",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        def annotate(task):
            return {"max_retries": 1}

        app.conf.task_annotations = annotate

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"max_retries": 3}},
    ),
    case(
        "annotation-object",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        class Annotate:
            def annotate(self, task):
                if task.name.startswith("app.a"):
                    return {"max_retries": 1}

        app.conf.task_annotations = (Annotate(), {"app.sub": {"max_retries": 2}})

        @app.task
        def add(): ...

        @app.task
        def sub(): ...
        """,
        tasks={"app.add": {"max_retries": 1}, "app.sub": {"max_retries": 2}},
        unknown=("task ", "setting task_annotations"),
    ),
    case(
        "annotation-by-dotted-path",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_annotations=["annotations.Annotate"])

        @app.task
        def add(): ...

        # annotations.py
        class Annotate:
            def annotate(self, task):
                return {"max_retries": 1}

            def annotate_any(self):
                return {"priority": 1}
        """,
        tasks={"app.add": {"max_retries": 1, "priority": 1}},
        unknown=("task ",),
    ),
    case(
        "annotation-in-a-namespace",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings", namespace="CELERY")

        @app.task
        def add(): ...

        # settings.py
        CELERY_TASK_ANNOTATIONS = {name: {"rate_limit": "1/m"} for name in ("app.add", "app.sub")}
        """,
        tasks={"app.add": {"rate_limit": "1/m"}},
    ),
    case(
        "annotation-wraps-a-method",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        def on_failure(self, *args):
            pass

        app.conf.task_annotations = {"*": {"on_failure": on_failure, "max_retries": 2}}

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"max_retries": 2}},
    ),
]

RETRIES = [
    case(
        "autoretry-options",
        """
        # app.py
        from celery import Celery, shared_task
        from celery.exceptions import SoftTimeLimitExceeded
        app = Celery("proj")

        class Flaky(Exception):
            pass

        @shared_task(bind=True, autoretry_for=(Flaky, OSError, SoftTimeLimitExceeded),
                     retry_backoff=5, retry_backoff_max=300, retry_jitter=False,
                     retry_kwargs={"max_retries": 5, "countdown": 2}, max_retries=3)
        def add(self): ...
        """,
        tasks={
            "app.add": {
                "bind": True,
                "autoretry_for": [
                    "app.Flaky",
                    "builtins.OSError",
                    "billiard.exceptions.SoftTimeLimitExceeded",
                ],
                "retry_backoff": 5,
                "retry_backoff_max": 300,
                "retry_jitter": False,
                "retry_kwargs": {"max_retries": 5, "countdown": 2},
                "max_retries": 3,
            }
        },
    ),
    case(
        "autoretry-of-a-constant-list",
        """
        # app.py
        from celery import Celery
        from errors import NETWORK, Base
        app = Celery("proj")

        @app.task(autoretry_for=NETWORK + (Base.Wrong,), retry_backoff=True)
        def add(): ...

        @app.task(autoretry_for=[TimeoutError])
        def sub(): ...

        # errors.py
        import json
        NETWORK = (ConnectionError, json.JSONDecodeError)

        class Base:
            class Wrong(Exception):
                pass
        """,
        tasks={
            "app.add": {
                "autoretry_for": [
                    "builtins.ConnectionError",
                    "json.decoder.JSONDecodeError",
                    "errors.Base.Wrong",
                ]
            },
            "app.sub": {"autoretry_for": ["builtins.TimeoutError"]},
        },
    ),
    case(
        "autoretry-empty-switches-the-base-off",
        """
        # app.py
        from celery import Celery, Task

        class Base(Task):
            autoretry_for = (Exception,)
            retry_backoff = 7
            max_retries = 5

        app = Celery("proj")

        @app.task(base=Base, autoretry_for=(), retry_jitter=False)
        def add(): ...
        """,
        tasks={"app.add": {"autoretry_for": [], "retry_backoff": 7, "retry_jitter": False}},
    ),
    case(
        "autoretry-defaults",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task(retry_backoff=True)
        def add(): ...
        """,
        tasks={
            "app.add": {
                "autoretry_for": [],
                "retry_backoff": True,
                "retry_backoff_max": 600,
                "retry_jitter": True,
                "retry_kwargs": {},
            }
        },
    ),
    case(
        "infinite-retries",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task(max_retries=None)
        def forever(): ...

        @app.task(max_retries=float("inf"))
        def infinite(): ...

        @app.task(max_retries=-1, retry_kwargs={"max_retries": None})
        def never(): ...
        """,
        tasks={
            "app.forever": {"max_retries": None},
            "app.infinite": {"max_retries": "inf"},
            "app.never": {"max_retries": -1, "retry_kwargs": {"max_retries": None}},
        },
    ),
]

CASES = [*PRECEDENCE, *BASES, *ANNOTATIONS, *RETRIES]
