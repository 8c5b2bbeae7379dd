"""Apps that are not one ``app = Celery()`` in one module.

With several apps, `Case.tasks` is stated for the first.
"""

from __future__ import annotations

from .cases import case

MADE = [
    case(
        "app-from-a-factory",
        """
        # app.py
        from celery import Celery

        def make_celery(name="proj", **options):
            celery = Celery(name, **options)
            celery.conf.update(task_acks_late=True)
            celery.conf.task_time_limit = 9
            return celery

        app = make_celery("shop", task_ignore_result=True)

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True, "time_limit": 9, "ignore_result": True}},
    ),
    case(
        "app-from-a-flask-factory",
        """
        # app.py
        from celery import Celery, Task

        class Flask:
            def __init__(self, name):
                self.config = {}
                self.extensions = {}

            def app_context(self):
                import contextlib
                return contextlib.nullcontext()

        def celery_init_app(flask_app):
            class FlaskTask(Task):
                acks_late = True

                def __call__(self, *args, **kwargs):
                    with flask_app.app_context():
                        return self.run(*args, **kwargs)

            celery_app = Celery("proj", task_cls=FlaskTask)
            celery_app.config_from_object(flask_app.config["CELERY"])
            celery_app.set_default()
            flask_app.extensions["celery"] = celery_app
            return celery_app

        def create_app():
            flask_app = Flask(__name__)
            flask_app.config["CELERY"] = dict(task_ignore_result=True, task_time_limit=9)
            celery_init_app(flask_app)
            return flask_app

        flask_app = create_app()
        app = flask_app.extensions["celery"]
        import jobs

        # jobs.py
        from celery import shared_task

        @shared_task
        def add(): ...
        """,
        tasks={"jobs.add": {"acks_late": True, "ignore_result": True, "time_limit": 9}},
    ),
    case(
        "app-with-init-app",
        """
        # app.py
        from celery import Celery

        class FlaskCelery(Celery):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.patch_task()

            def patch_task(self):
                class ContextTask(self.Task):
                    abstract = True
                    max_retries = 6

                self.Task = ContextTask

            def init_app(self, config):
                self.conf.update(config)

        app = FlaskCelery("proj")
        app.init_app({"task_acks_late": True})

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True, "max_retries": 6}},
    ),
    case(
        "app-subclass",
        """
        # app.py
        from celery import Celery

        class Proj(Celery):
            def on_init(self):
                self.conf.task_track_started = True

        app = Proj("proj", task_acks_late=True)

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True, "track_started": True}},
    ),
    case(
        "app-subclass-with-defaults",
        """
        # app.py
        from celery import Celery

        class Proj(Celery):
            def __init__(self, name, **kwargs):
                super().__init__(name, task_acks_late=True, **kwargs)
                self.config_from_object("celeryconfig")

        app = Proj("proj", task_time_limit=4)

        @app.task
        def add(): ...

        # celeryconfig.py
        task_ignore_result = True
        """,
        tasks={"app.add": {"acks_late": True, "time_limit": 4, "ignore_result": True}},
    ),
    case(
        "app-behind-a-lazy-proxy",
        """
        # app.py
        from celery import Celery
        from celery.local import Proxy

        _app = None

        def get_app():
            global _app
            if _app is None:
                _app = Celery("proj", task_acks_late=True)
            return _app

        app = Proxy(get_app)

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "app-from-a-cached-getter",
        """
        # app.py
        from functools import lru_cache
        from celery import Celery

        @lru_cache(maxsize=1)
        def get_celery():
            app = Celery("proj")
            app.conf.task_acks_late = True
            return app

        app = get_celery()

        @get_celery().task
        def add(): ...

        @app.task(max_retries=2)
        def sub(): ...
        """,
        tasks={"app.add": {"acks_late": True}, "app.sub": {"max_retries": 2}},
    ),
    case(
        "app-in-a-class",
        """
        # app.py
        from celery import Celery

        class Workers:
            app = Celery("proj", task_acks_late=True)

        app = Workers.app

        @Workers.app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "app-in-a-registry",
        """
        # app.py
        from celery import Celery

        APPS = {}
        APPS["main"] = Celery("proj", task_acks_late=True)
        app = APPS["main"]

        @APPS["main"].task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "app-set-twice",
        """
        # app.py
        import os
        from celery import Celery

        if os.getenv("TESTING"):
            app = Celery("proj", task_always_eager=True)
        else:
            app = Celery("proj", task_acks_late=True)

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
        unknown=("task app.add", "setting "),
    ),
    case(
        "current-app-is-the-app",
        """
        # utils.py
        from celery import current_app as current_celery_app
        from config import settings

        def create_celery():
            celery_app = current_celery_app
            celery_app.config_from_object(settings, namespace="CELERY")
            return celery_app

        # config.py
        import os

        class Base:
            CELERY_TASK_TIME_LIMIT = 60
            CELERY_TASK_ROUTES = {"*": {"queue": "jobs"}}

        class Production(Base):
            CELERY_TASK_TIME_LIMIT = 90

        def get_settings():
            return {"dev": Base, "prod": Production}[os.environ.get("CONFIG", "prod")]()

        settings = get_settings()

        # main.py
        from utils import create_celery

        celery = create_celery()

        import jobs

        # jobs.py
        from celery import current_app, shared_task

        @shared_task
        def add(): ...

        @current_app.task(acks_late=True)
        def sub(): ...
        """,
        apps=("main:celery",),
        tasks={"jobs.add": {"time_limit": 90, "queue": "jobs"}, "jobs.sub": {"acks_late": True}},
    ),
    case(
        "base-class-in-a-cycle-of-imports",
        """
        # bases.py
        from celery import Task
        from models import LIMIT

        class Base(Task):
            time_limit = LIMIT * 2

        # models.py
        from z_app import app

        LIMIT = 30

        from bases import Base

        class Import(Base):
            acks_late = True

        @app.task(base=Import)
        def load(): ...

        # z_app.py
        from celery import Celery

        app = Celery("proj", include=["models"])
        """,
        apps=("z_app:app",),
        tasks={"models.load": {"acks_late": True, "time_limit": 60}},
    ),
    case(
        "app-from-pydantic-settings",
        """
        # app.py
        from celery import Celery
        from config import settings

        celery_app = Celery("worker", broker=settings.redis_url, backend=settings.redis_url,
                            include=["jobs"])
        celery_app.conf.update(task_time_limit=settings.limit, task_acks_late=True,
                               task_default_queue=settings.queue)
        celery_app.conf.task_routes = {"jobs.*": {"queue": "jobs"}}

        # config.py
        from pydantic_settings import BaseSettings

        class Settings(BaseSettings):
            redis_host: str = "redis"
            limit: int = 60
            queue: str = "main"

            @property
            def redis_url(self) -> str:
                return f"redis://{self.redis_host}:6379/0"

        settings = Settings()

        # jobs.py
        from celery import shared_task
        from config import settings

        @shared_task(soft_time_limit=settings.limit - 5)
        def add(): ...
        """,
        apps=("app:celery_app",),
        needs=("pydantic_settings",),
        settings={"broker_url": "redis://redis:6379/0", "task_default_queue": "main"},
        tasks={
            "jobs.add": {
                "time_limit": 60,
                "soft_time_limit": 55,
                "acks_late": True,
                "queue": "jobs",
            }
        },
    ),
]

SEVERAL = [
    case(
        "two-apps",
        """
        # first.py
        from celery import Celery
        app = Celery("first", task_acks_late=True)

        @app.task(shared=False)
        def add(): ...

        # second.py
        from celery import Celery
        app = Celery("second", task_time_limit=5, task_default_queue="two")

        @app.task(shared=False)
        def sub(): ...
        """,
        apps=("first:app", "second:app"),
        tasks={"first.add": {"acks_late": True, "time_limit": None, "queue": "celery"}},
    ),
    case(
        "two-apps-share-tasks",
        """
        # first.py
        from celery import Celery
        app = Celery("first", task_acks_late=True)

        @app.task
        def add(): ...

        # second.py
        from celery import Celery
        app = Celery("second", task_time_limit=5)

        @app.task(max_retries=1)
        def sub(): ...
        """,
        apps=("first:app", "second:app"),
        # Tasks are shared unless they say otherwise: every app gets a copy with its own settings.
        tasks={
            "first.add": {"acks_late": True, "time_limit": None},
            "second.sub": {"acks_late": True, "time_limit": None, "max_retries": 1},
        },
    ),
    case(
        "two-apps-with-shared-task",
        """
        # first.py
        from celery import Celery
        app = Celery("first", task_acks_late=True, include=["jobs"])

        # second.py
        from celery import Celery
        app = Celery("second", set_as_current=False, task_acks_late=False)

        # jobs.py
        from celery import shared_task

        @shared_task(max_retries=4)
        def add(): ...
        """,
        apps=("first:app", "second:app"),
        tasks={"jobs.add": {"acks_late": True, "max_retries": 4}},
    ),
    case(
        "two-apps-with-a-base-each",
        """
        # first.py
        from celery import Celery, Task

        class Late(Task):
            acks_late = True

        app = Celery("first", task_cls=Late)

        @app.task
        def add(): ...

        # second.py
        from celery import Celery
        app = Celery("second")
        app.config_from_object({"CELERY_TASK_TRACK_STARTED": True}, namespace="CELERY")
        """,
        apps=("first:app", "second:app"),
        tasks={"first.add": {"acks_late": True, "track_started": False}},
    ),
]

CASES = [*MADE, *SEVERAL]
