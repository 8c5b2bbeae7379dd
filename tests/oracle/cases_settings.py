"""Where settings come from, under which names, and which of them wins.

celery/app/base.py (``Celery.__init__``, ``config_from_object``, ``_load_config``),
celery/app/utils.py (``detect_settings``) and celery/utils/collections.py
(``ConfigurationView``).
"""

from __future__ import annotations

from .cases import case

SOURCES = [
    case(
        "no-configuration",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(): ...
        """,
        settings={"task_acks_late": False, "task_default_queue": "celery", "result_expires": 86400},
        tasks={
            "app.add": {
                "acks_late": False,
                "max_retries": 3,
                "default_retry_delay": 180,
                "serializer": "json",
                "queue": "celery",
            }
        },
    ),
    case(
        "constructor-keywords",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", broker="redis://r/0", backend="redis://r/1", include=["jobs"],
                     task_acks_late=True, task_time_limit=10)

        # jobs.py
        from app import app

        @app.task
        def add(): ...
        """,
        settings={
            "broker_url": "redis://r/0",
            "result_backend": "redis://r/1",
            "include": ["jobs"],
        },
        tasks={"jobs.add": {"acks_late": True, "time_limit": 10}},
    ),
    case(
        "constructor-positional",
        """
        # app.py
        from celery import Celery
        OPTIONS = {"broker": "redis://r/0", "task_acks_late": True}
        app = Celery("proj", None, "redis://r/1", **OPTIONS)
        """,
        settings={"result_backend": "redis://r/1", "broker_url": "redis://r/0"},
    ),
    case(
        "constructor-changes",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", changes={"task_acks_late": True, "task_time_limit": 9})
        """,
        settings={"task_acks_late": True, "task_time_limit": 9},
    ),
    case(
        "constructor-none-is-not-given",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", result_expires=None, task_default_queue=None)
        """,
        settings={"result_expires": 86400, "task_default_queue": "celery"},
    ),
    case(
        "conf-attribute",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.result_expires = None
        app.conf.task_acks_late = True
        """,
        settings={"result_expires": None, "task_acks_late": True},
    ),
    case(
        "conf-item",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf["task_acks_late"] = True
        KEY = "task_time_limit"
        app.conf[KEY] = 5
        """,
        settings={"task_acks_late": True, "task_time_limit": 5},
    ),
    case(
        "conf-update-forms",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        MORE = {"task_time_limit": 5}
        app.conf.update(task_acks_late=True)
        app.conf.update({"task_soft_time_limit": 4})
        app.conf.update(MORE)
        app.conf.update(**{"result_expires": 7})
        app.conf.update([("task_default_queue", "q")])
        app.conf.update({"worker_concurrency": 1}, worker_prefetch_multiplier=1)
        """,
        settings={
            "task_acks_late": True,
            "task_soft_time_limit": 4,
            "task_time_limit": 5,
            "result_expires": 7,
            "task_default_queue": "q",
            "worker_concurrency": 1,
            "worker_prefetch_multiplier": 1,
        },
    ),
    case(
        "conf-update-later-wins",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_time_limit=1)
        app.conf.update(task_time_limit=2)
        app.conf.task_time_limit += 1
        """,
        settings={"task_time_limit": 3},
    ),
    case(
        "conf-setdefault",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_time_limit=1)
        app.conf.setdefault("task_time_limit", 2)
        app.conf.setdefault("task_soft_time_limit", 2)
        """,
        settings={"task_time_limit": 1, "task_soft_time_limit": 2},
    ),
    case(
        "conf-setattr-in-a-loop",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        for key, value in {"task_time_limit": 5, "task_acks_late": True}.items():
            setattr(app.conf, key, value)
        """,
        settings={"task_time_limit": 5, "task_acks_late": True},
    ),
    case(
        "conf-through-an-alias",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        conf = app.conf
        conf.task_acks_late = True
        celery_app = app
        celery_app.conf.task_time_limit = 5
        """,
        settings={"task_acks_late": True, "task_time_limit": 5},
    ),
    case(
        "conf-written-in-another-module",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        import setup_app

        # setup_app.py
        from app import app
        app.conf.task_acks_late = True
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "conf-written-by-a-function",
        """
        # app.py
        from celery import Celery

        def configure(celery_app, limit=10):
            celery_app.conf.update(task_time_limit=limit)
            celery_app.conf.task_acks_late = True

        app = Celery("proj")
        configure(app, limit=20)
        """,
        settings={"task_time_limit": 20, "task_acks_late": True},
    ),
    case(
        "conf-nested-item",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.broker_transport_options = {"visibility_timeout": 3600}
        app.conf.broker_transport_options["priority_steps"] = [0, 5]
        app.conf.beat_schedule = {}
        app.conf.beat_schedule["a"] = {"task": "x", "schedule": 5}
        """,
        settings={
            "broker_transport_options": {"visibility_timeout": 3600, "priority_steps": [0, 5]},
            "beat_schedule": {"a": {"task": "x", "schedule": 5}},
        },
    ),
    case(
        "conf-written-under-main-guard",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        if __name__ == "__main__":
            app.conf.task_acks_late = True
        """,
        settings={"task_acks_late": False},
    ),
    case(
        "config-module",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("celeryconfig")

        # celeryconfig.py
        from datetime import timedelta
        task_acks_late = True
        result_expires = timedelta(hours=1)
        unrelated = 5
        """,
        settings={"task_acks_late": True, "result_expires": 3600},
    ),
    case(
        "config-module-object",
        """
        # app.py
        from celery import Celery
        from proj import celeryconfig
        app = Celery("proj")
        app.config_from_object(celeryconfig)

        # proj/__init__.py

        # proj/celeryconfig.py
        task_acks_late = True
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "config-module-attribute",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("conf.settings:CeleryConfig")

        # conf/__init__.py

        # conf/settings.py
        class Common:
            task_acks_late = True
            task_time_limit = 1

        class CeleryConfig(Common):
            task_time_limit = 2
        """,
        settings={"task_acks_late": True, "task_time_limit": 2},
    ),
    case(
        "config-dotted-attribute",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("conf.CONFIG")

        # conf.py
        CONFIG = {"task_acks_late": True}
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "config-class",
        """
        # app.py
        from celery import Celery

        class Config:
            enable_utc = False
            timezone = "Europe/London"
            task_acks_late = True

        app = Celery("proj")
        app.config_from_object(Config)
        """,
        settings={"enable_utc": False, "timezone": "Europe/London", "task_acks_late": True},
    ),
    case(
        "config-class-instance",
        """
        # app.py
        from celery import Celery

        class Config:
            task_acks_late = True

            def __init__(self, limit):
                self.task_time_limit = limit

            @property
            def task_soft_time_limit(self):
                return self.task_time_limit - 1

        app = Celery("proj")
        app.config_from_object(Config(10))
        """,
        settings={"task_acks_late": True, "task_time_limit": 10, "task_soft_time_limit": 9},
    ),
    case(
        "config-dict",
        """
        # app.py
        from celery import Celery
        CONFIG = {"task_acks_late": True}
        CONFIG["task_time_limit"] = 5
        app = Celery("proj")
        app.config_from_object(CONFIG)
        """,
        settings={"task_acks_late": True, "task_time_limit": 5},
    ),
    case(
        "config-source-keyword",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", config_source="celeryconfig")

        # celeryconfig.py
        task_acks_late = True
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "config-source-keyword-with-namespace",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", config_source={"JOBS_TASK_ACKS_LATE": True}, namespace="JOBS")
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "config-from-environment-variable",
        """
        # app.py
        import os
        from celery import Celery
        os.environ.setdefault("CELERY_CONFIG_MODULE", "celeryconfig")
        app = Celery("proj")
        app.config_from_envvar("CELERY_CONFIG_MODULE")

        # celeryconfig.py
        task_acks_late = True
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "config-silent-missing",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_time_limit=5)
        app.config_from_object("no_such_module", silent=True, force=True)
        """,
        settings={"task_time_limit": 5},
        # 5.6 and older forget ``silent`` for the lazy load.
        not_on=("5.4", "5.5", "5.6"),
    ),
    case(
        "second-config-replaces-the-first",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"task_acks_late": True, "task_time_limit": 1})
        app.config_from_object({"task_time_limit": 2})
        """,
        settings={"task_acks_late": False, "task_time_limit": 2},
    ),
    case(
        "conf-after-config-wins",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"task_time_limit": 1})
        app.conf.task_time_limit = 2
        """,
        settings={"task_time_limit": 2},
    ),
    case(
        "conf-before-config-wins-too",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_soft_time_limit=3)
        app.conf.task_time_limit = 2
        app.config_from_object({"task_time_limit": 1, "task_soft_time_limit": 1})
        """,
        settings={"task_time_limit": 2, "task_soft_time_limit": 3},
    ),
    case(
        "namespaced-config-against-conf",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", task_soft_time_limit=3)
        app.config_from_object({"CELERY_TASK_TIME_LIMIT": 1, "CELERY_TASK_SOFT_TIME_LIMIT": 1},
                               namespace="CELERY")
        app.conf.task_time_limit = 2
        """,
        settings={"task_time_limit": 2, "task_soft_time_limit": 3},
        before_5_7={"settings": {"task_time_limit": 1, "task_soft_time_limit": 1}},
    ),
    case(
        "add-defaults",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.add_defaults({"task_time_limit": 1, "task_soft_time_limit": 1})
        app.add_defaults(lambda: {"result_expires": 5})
        app.conf.task_time_limit = 2
        """,
        settings={"task_time_limit": 2, "task_soft_time_limit": 1, "result_expires": 5},
    ),
    case(
        "strings-are-not-converted",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_acks_late = "False"

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": "False"}},
    ),
    case(
        "unknown-names-do-nothing",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_ack_late = True
        app.conf.acks_late = True
        app.conf.TASK_ACKS_LATE = True
        app.conf.CELERY_TASK_ACKS_LATE = True
        app.conf.task_max_retries = 9
        app.conf.task_default_retry_delay = 9

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": False, "max_retries": 3, "default_retry_delay": 180}},
    ),
]

NAMES = [
    case(
        "old-names-in-a-module",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("celeryconfig")

        # celeryconfig.py
        CELERY_ACKS_LATE = True
        CELERYD_TASK_TIME_LIMIT = 5
        CELERYD_CONCURRENCY = 2
        CELERY_DEFAULT_QUEUE = "q"
        CELERY_TASK_RESULT_EXPIRES = 9
        BROKER_URL = "redis://r/0"
        CELERYBEAT_SCHEDULE = {"a": {"task": "x", "schedule": 1}}
        """,
        settings={
            "task_acks_late": True,
            "task_time_limit": 5,
            "worker_concurrency": 2,
            "task_default_queue": "q",
            "result_expires": 9,
            "broker_url": "redis://r/0",
        },
        beat={"a": {"task": "x", "schedule": 1}},
    ),
    case(
        "old-names-on-conf",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.update(CELERY_ACKS_LATE=True, CELERYD_CONCURRENCY=2)
        app.conf.CELERY_IGNORE_RESULT = True
        app.conf["CELERYD_TASK_TIME_LIMIT"] = 5
        """,
        settings={
            "task_acks_late": True,
            "worker_concurrency": 2,
            "task_ignore_result": True,
            "task_time_limit": 5,
        },
    ),
    case(
        "old-config-with-new-names-on-conf",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"CELERY_ACKS_LATE": True, "CELERYD_TASK_TIME_LIMIT": 5})
        app.conf.task_time_limit = 6
        """,
        settings={"task_acks_late": True, "task_time_limit": 6},
    ),
    case(
        "both-spellings-in-one-object",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"CELERY_ACKS_LATE": True, "task_acks_late": False,
                                "CELERYD_TASK_TIME_LIMIT": 5, "task_time_limit": 6})
        """,
        settings={"task_acks_late": False, "task_time_limit": 6},
    ),
    case(
        "namespace-names",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings", namespace="CELERY")

        # settings.py
        CELERY_TASK_ACKS_LATE = True
        CELERY_RESULT_BACKEND = "redis://r/1"
        task_time_limit = 5
        TASK_SOFT_TIME_LIMIT = 4
        celery_task_ignore_result = True
        CELERY_task_track_started = True
        CELERY_CELERYD_CONCURRENCY = 3
        """,
        settings={
            "task_acks_late": True,
            "result_backend": "redis://r/1",
            "task_time_limit": 5,
            "task_soft_time_limit": None,
            "task_ignore_result": False,
            "task_track_started": False,
            "worker_concurrency": None,
        },
    ),
    case(
        "namespace-with-underscore",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"CELERY_TASK_ACKS_LATE": True}, namespace="CELERY_")
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "other-namespace",
        """
        # app.py
        from celery import Celery
        NAMESPACE = "JOBS"
        app = Celery("proj")
        app.config_from_object({"JOBS_TASK_ACKS_LATE": True, "CELERY_TASK_TIME_LIMIT": 5},
                               namespace=NAMESPACE)
        """,
        settings={"task_acks_late": True, "task_time_limit": None},
    ),
    case(
        "lower-case-namespace",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"celery_task_acks_late": True, "CELERY_TASK_TIME_LIMIT": 5},
                               namespace="celery")
        """,
        settings={"task_acks_late": True, "task_time_limit": None},
    ),
    case(
        "namespace-set-on-the-app",
        """
        # app.py
        from celery import Celery
        import settings
        app = Celery("proj")
        names = {k: v for k, v in settings.__dict__.items() if k.startswith("CELERY")}
        names["CELERY_QUEUES"] = {"slow": {"exchange": "slow"}}
        app.namespace = "CELERY"
        app.conf.update(names)

        # settings.py
        CELERY_TASK_ACKS_LATE = True
        CELERY_TASK_TIME_LIMIT = 5
        """,
        settings={"task_acks_late": True, "task_time_limit": 5},
    ),
    case(
        "old-names-under-a-namespace",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings", namespace="CELERY")

        # settings.py
        CELERY_ACKS_LATE = True
        CELERYD_TASK_TIME_LIMIT = 5
        CELERYBEAT_SCHEDULE = {"a": {"task": "x", "schedule": 1}}
        CELERY_DEFAULT_QUEUE = "q"
        BROKER_URL = "redis://r/0"
        """,
        settings={
            "task_acks_late": True,
            "task_time_limit": 5,
            "task_default_queue": "q",
            "broker_url": "redis://r/0",
        },
        before_5_7={
            "settings": {
                "task_acks_late": False,
                "task_time_limit": None,
                "task_default_queue": "celery",
                "broker_url": None,
            }
        },
    ),
    case(
        "new-beats-old-under-a-namespace",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"CELERY_TASK_ACKS_LATE": False, "CELERY_ACKS_LATE": True},
                               namespace="CELERY")
        """,
        settings={"task_acks_late": False},
    ),
    case(
        "prefixed-name-on-conf",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"CELERY_TASK_TIME_LIMIT": 1}, namespace="CELERY")
        app.conf.CELERY_TASK_ACKS_LATE = True
        """,
        settings={"task_acks_late": True, "task_time_limit": 1},
    ),
    case(
        "lower-and-prefixed-name",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"task_time_limit": 1, "CELERY_TASK_TIME_LIMIT": 2},
                               namespace="CELERY")
        """,
        settings={"task_time_limit": 2},
    ),
    case(
        "time-zone-of-django",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object({"TIME_ZONE": "Europe/Paris"}, namespace="CELERY")
        """,
        settings={"timezone": "Europe/Paris"},
    ),
]

SPREAD = [
    case(
        "settings-star-imports",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings.production")

        # settings/__init__.py

        # settings/base.py
        task_acks_late = False
        task_time_limit = 10
        beat_schedule = {"a": {"task": "x", "schedule": 1}}

        # settings/production.py
        from .base import *
        task_acks_late = True
        beat_schedule["b"] = {"task": "y", "schedule": 2}
        """,
        settings={"task_acks_late": True, "task_time_limit": 10},
        beat={"a": {"schedule": 1}, "b": {"schedule": 2}},
    ),
    case(
        "settings-local-override",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings")

        # settings.py
        task_time_limit = 10
        try:
            from local_settings import *
        except ImportError:
            pass
        """,
        settings={"task_time_limit": 10},
    ),
    case(
        "optional-star-import-with-more-in-the-try",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings")

        # settings.py
        task_time_limit = 10
        try:
            from local_settings import *

            task_time_limit = task_time_limit * 2
        except ImportError:
            pass
        """,
        settings={"task_time_limit": 10},
    ),
    case(
        "set-only-where-the-environment-says-so",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        if int(os.environ.get("MEMORY", "0")) > 0:
            app.conf.worker_max_memory_per_child = int(os.environ["MEMORY"])
        if int(os.environ.get("LIMIT", "60")) > 0:
            app.conf.task_time_limit = int(os.environ.get("LIMIT", "60"))
        if int(os.environ.get("TASKS", "0")) > 0:
            app.conf.worker_max_tasks_per_child = int(os.environ.get("TASKS", "0"))
        """,
        settings={"task_time_limit": 60},
    ),
    case(
        "settings-class-based",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings.docker", namespace="CELERY")

        # settings/__init__.py

        # settings/base.py
        import sys

        class Settings:
            @classmethod
            def load_settings(cls, module_name):
                module = sys.modules[module_name]
                self = cls()
                for name in dir(self):
                    if name.isupper():
                        setattr(module, name, getattr(self, name))

        class CommunitySettings(Settings):
            CELERY_TASK_ACKS_LATE = True
            CELERY_TASK_TIME_LIMIT = 60
            MULTIPLIER = 2

            @property
            def CELERY_TASK_SOFT_TIME_LIMIT(self):
                return self.CELERY_TASK_TIME_LIMIT // self.MULTIPLIER

        # settings/docker.py
        from .base import CommunitySettings

        class DockerSettings(CommunitySettings):
            CELERY_TASK_TIME_LIMIT = 100

        DockerSettings.load_settings(__name__)
        """,
        settings={"task_acks_late": True, "task_time_limit": 100, "task_soft_time_limit": 50},
    ),
    case(
        "imported-names-are-settings-too",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("celeryconfig")

        # celeryconfig.py
        from datetime import timezone
        from names import imports
        task_acks_late = True

        # names.py
        imports = ["jobs"]

        # jobs.py
        from app import app

        @app.task
        def add(): ...
        """,
        settings={"timezone": "datetime.timezone", "imports": ["jobs"]},
        tasks={"jobs.add": {"acks_late": True}},
    ),
    case(
        "settings-globals-update",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings")

        # settings.py
        task_time_limit = 1
        globals().update({"task_time_limit": 5})
        globals()["task_acks_late"] = True
        """,
        settings={"task_time_limit": 5, "task_acks_late": True},
    ),
    case(
        "settings-split",
        """
        # app.py
        import os
        from celery import Celery
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
        app = Celery("proj")
        app.config_from_object("django.conf:settings", namespace="CELERY")

        # settings/__init__.py
        from split_settings.tools import include, optional
        include("base.py", "settings.dist.py", optional("local.py"))

        # settings/base.py
        SECRET_KEY = "x"
        CELERY_TASK_TIME_LIMIT = 10
        CELERY_TASK_ACKS_LATE = True

        # settings/settings.dist.py
        CELERY_TASK_TIME_LIMIT = CELERY_TASK_TIME_LIMIT * 2
        """,
        settings={"task_time_limit": 20, "task_acks_late": True},
        needs=("django", "split_settings"),
    ),
    case(
        "settings-executed-file",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.config_from_object("settings", namespace="CELERY")

        # settings.py
        import os
        CELERY_TASK_TIME_LIMIT = 10
        with open(os.path.join(os.path.dirname(__file__), "settings.dist.py")) as source:
            exec(source.read())

        # settings.dist.py
        CELERY_TASK_ACKS_LATE = True
        """,
        settings={"task_time_limit": 10, "task_acks_late": True},
        unknown=("setting ", "task "),
    ),
    case(
        "settings-object-of-attributes",
        """
        # app.py
        from celery import Celery
        from config import settings
        app = Celery("proj", broker=settings.broker, backend=settings.backend)
        app.conf.update(task_default_queue=settings.queues.default, result_expires=settings.ttl)

        # config.py
        import os

        class Queues:
            default = "main"

        class Settings:
            host = os.getenv("REDIS_HOST", "localhost")
            queues = Queues
            ttl = 60 * 60

            @property
            def broker(self):
                return f"redis://{self.host}/0"

            @property
            def backend(self):
                return self.broker.replace("/0", "/1")

        settings = Settings()
        """,
        settings={
            "broker_url": "redis://localhost/0",
            "result_backend": "redis://localhost/1",
            "task_default_queue": "main",
            "result_expires": 3600,
        },
    ),
    case(
        "settings-flask-mapping",
        """
        # app.py
        from celery import Celery

        class Flask:
            def __init__(self):
                self.config = {}

        flask_app = Flask()
        flask_app.config.update(CELERY={"task_acks_late": True, "task_time_limit": 5}, DEBUG=True)
        app = Celery("proj")
        app.config_from_object(flask_app.config["CELERY"])
        """,
        settings={"task_acks_late": True, "task_time_limit": 5},
    ),
    case(
        "settings-flask-config-update",
        """
        # app.py
        from celery import Celery

        CONFIG = {"task_acks_late": True, "SECRET_KEY": "x", "SQLALCHEMY_ECHO": False}
        app = Celery("proj")
        app.conf.update(CONFIG)
        """,
        settings={"task_acks_late": True},
    ),
    case(
        "settings-by-environment-class",
        """
        # app.py
        import os
        from celery import Celery

        class Common:
            task_acks_late = True

        class Development(Common):
            task_time_limit = 5

        class Production(Common):
            task_time_limit = 50

        CONFIGS = {"development": Development, "production": Production}
        app = Celery("proj")
        app.config_from_object(CONFIGS[os.getenv("APP_ENV", "development")])
        """,
        settings={"task_acks_late": True, "task_time_limit": 5},
    ),
    case(
        "settings-branches-agree",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        if os.environ.get("PRODUCTION"):
            app.conf.update(task_acks_late=True, task_time_limit=50)
        else:
            app.conf.update(task_acks_late=True, task_time_limit=5)
        """,
        settings={"task_acks_late": True, "task_time_limit": 5},
    ),
    case(
        "setting-in-one-branch-only",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        if os.environ.get("PRODUCTION"):
            app.conf.task_acks_late = True

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": False}},
    ),
]


DJANGO = [
    case(
        "django-settings-by-name",
        """
        # proj/__init__.py
        from .celery import app as celery_app
        __all__ = ("celery_app",)

        # proj/celery.py
        import os
        from celery import Celery
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "proj.settings")
        app = Celery("proj")
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.autodiscover_tasks()

        # proj/settings.py
        SECRET_KEY = "x"
        TIME_ZONE = "Europe/Paris"
        INSTALLED_APPS = ["shop", "stock.apps.StockConfig"]
        CELERY_TASK_ACKS_LATE = True
        CELERY_TASK_ROUTES = {"shop.*": {"queue": "shop"}}
        CELERY_BEAT_SCHEDULE = {"a": {"task": "shop.tasks.add", "schedule": 60}}
        CELERY_OWN_THING = 5

        # shop/__init__.py

        # shop/tasks.py
        from celery import shared_task

        @shared_task
        def add(): ...

        # stock/__init__.py

        # stock/apps.py
        from django.apps import AppConfig

        class StockConfig(AppConfig):
            name = "stock"

        # stock/tasks.py
        from celery import shared_task
        from django.conf import settings

        @shared_task(time_limit=getattr(settings, "LIMIT", 7),
                     soft_time_limit=settings.CELERY_OWN_THING)
        def count(): ...
        """,
        apps=("proj.celery:app",),
        needs=("django",),
        settings={"task_acks_late": True, "timezone": "Europe/Paris"},
        tasks={
            "shop.tasks.add": {"queue": "shop"},
            "stock.tasks.count": {"time_limit": 7, "soft_time_limit": 5, "queue": "celery"},
        },
        beat={"a": {"resolves": True, "queue": "shop"}},
    ),
    case(
        "django-settings-object",
        """
        # app.py
        import os
        from celery import Celery
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.production"
        from django.conf import settings
        app = Celery("proj")
        app.config_from_object(settings, namespace="CELERY")
        app.autodiscover_tasks(lambda: settings.INSTALLED_APPS)

        # config/__init__.py

        # config/settings/__init__.py

        # config/settings/base.py
        SECRET_KEY = "x"
        INSTALLED_APPS = ["shop"]
        CELERY_TASK_TIME_LIMIT = 10

        # config/settings/production.py
        from .base import *
        CELERY_TASK_TIME_LIMIT *= 2

        # shop/__init__.py

        # shop/tasks.py
        from celery import shared_task

        @shared_task
        def add(): ...
        """,
        needs=("django",),
        tasks={"shop.tasks.add": {"time_limit": 20}},
    ),
    case(
        "django-old-names-without-a-namespace",
        """
        # app.py
        import os
        from celery import Celery
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
        app = Celery("proj")
        app.config_from_object("django.conf:settings")

        # settings.py
        SECRET_KEY = "x"
        CELERY_ACKS_LATE = True
        BROKER_URL = "redis://r/0"
        """,
        needs=("django",),
        settings={"task_acks_late": True, "broker_url": "redis://r/0"},
    ),
    case(
        "django-setting-in-a-branch",
        """
        # app.py
        import os
        from celery import Celery
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
        app = Celery("proj")
        app.config_from_object("django.conf:settings", namespace="CELERY")

        # settings.py
        import os
        SECRET_KEY = "x"
        DEBUG = os.environ.get("DEBUG", "0") == "1"
        if DEBUG:
            CELERY_TASK_ALWAYS_EAGER = True
            CELERY_BROKER_URL = "memory://"
        else:
            CELERY_BROKER_URL = os.environ.get("BROKER", "redis://r/0")
        """,
        needs=("django",),
        settings={"task_always_eager": False, "broker_url": "redis://r/0"},
    ),
    case(
        "django-environ-in-settings",
        """
        # app.py
        import os
        from celery import Celery
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
        app = Celery("proj")
        app.config_from_object("django.conf:settings", namespace="CELERY")

        # settings.py
        import environ
        env = environ.Env(DEBUG=(bool, False))
        SECRET_KEY = env("SECRET_KEY", default="x")
        REDIS_URL = env("REDIS_URL", default="redis://redis:6379/0")
        CELERY_BROKER_URL = REDIS_URL
        CELERY_TASK_TIME_LIMIT = 5 * env.int("MINUTE", default=60)
        CELERY_TASK_ACKS_LATE = env.bool("ACKS_LATE", default=True)
        """,
        needs=("django", "environ"),
        settings={
            "broker_url": "redis://redis:6379/0",
            "task_time_limit": 300,
            "task_acks_late": True,
        },
    ),
]

CASES = [*SOURCES, *NAMES, *SPREAD, *DJANGO]
