"""What a task is called, and which modules are imported to find it.

celery/utils/imports.py (``gen_task_name``), celery/loaders/base.py
(``import_default_modules``, ``autodiscover_tasks``).
"""

from __future__ import annotations

from .cases import case

NAMES = [
    case(
        "name-from-module-and-function",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", include=["pkg", "pkg.sub.jobs"])

        # pkg/__init__.py
        from app import app

        @app.task
        def root(): ...

        # pkg/sub/__init__.py

        # pkg/sub/jobs.py
        from app import app

        @app.task
        def leaf(): ...
        """,
        tasks={"pkg.root": {}, "pkg.sub.jobs.leaf": {}},
    ),
    case(
        "name-given",
        """
        # app.py
        from enum import Enum
        from celery import Celery
        app = Celery("proj")
        PREFIX = "jobs"

        class Names(str, Enum):
            SUB = "jobs.sub"

        @app.task(name="jobs.add")
        def add(): ...

        @app.task(name=Names.SUB.value)
        def sub(): ...

        @app.task(name=f"{PREFIX}.mul")
        def mul(): ...

        @app.task(name=PREFIX + ".div")
        def div(): ...

        @app.task(name=None)
        def mod(): ...

        @app.task(name="")
        def neg(): ...
        """,
        tasks={
            "jobs.add": {},
            "jobs.sub": {},
            "jobs.mul": {},
            "jobs.div": {},
            "app.mod": {},
            "app.neg": {},
        },
    ),
    case(
        "name-of-a-nested-function",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        class Jobs:
            @app.task
            def method(self): ...
        """,
        tasks={"app.method": {}},
    ),
    case(
        "name-generated-by-the-app",
        """
        # app.py
        from celery import Celery, shared_task, Task

        class Proj(Celery):
            def gen_task_name(self, name, module):
                if module.endswith(".tasks"):
                    module = module[:-6]
                return super().gen_task_name(name, module)

        app = Proj("proj", include=["shop.tasks"])
        app.conf.beat_schedule = {"a": {"task": "shop.pay", "schedule": 1}}

        # shop/__init__.py

        # shop/tasks.py
        from celery import Task, shared_task
        from app import app

        @shared_task
        def pay(): ...

        @app.task(name="named")
        def refund(): ...

        class Report(Task):
            def run(self): ...

        app.register_task(Report())
        """,
        tasks={"shop.pay": {}, "named": {}, "shop.Report": {}},
        beat={"a": {"resolves": True}},
    ),
    case(
        "name-assigned-to-the-function",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        def make(job_name):
            def run(): ...
            run.__name__ = job_name
            return app.task(run)

        one = make("one")
        """,
        tasks={"app.one": {}},
        unknown=("task ",),
    ),
    case(
        "name-given-twice",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task(name="job", shared=False, max_retries=1)
        def one(): ...

        @app.task(name="job", shared=False, max_retries=2)
        def two(): ...
        """,
        # Shared tasks of one name come in no certain order; these come in the order written.
        tasks={"job": {"max_retries": 1}},
    ),
    case(
        "name-of-main-does-not-matter",
        """
        # app.py
        from celery import Celery
        app = Celery("shop")

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {}},
    ),
]

ROOTS = [
    case(
        "root-src",
        """
        # pyproject.toml
        [tool.setuptools.packages.find]
        where = ["src"]

        # run.py
        import sys
        from pathlib import Path
        sys.path.insert(0, str(Path(__file__).parent / "src"))
        from proj.celery import app

        # src/proj/__init__.py

        # src/proj/celery.py
        from celery import Celery
        app = Celery("proj", include=["proj.jobs"])

        # src/proj/jobs.py
        from proj.celery import app

        @app.task
        def add(): ...
        """,
        apps=("run:app",),
        tasks={"proj.jobs.add": {}},
    ),
    case(
        "root-apps-on-the-path",
        """
        # app.py
        import os
        import sys
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "apps"))
        from celery import Celery
        app = Celery("proj")
        app.autodiscover_tasks(["shop"])

        # apps/shop/__init__.py

        # apps/shop/tasks.py
        from celery import shared_task

        @shared_task
        def pay(): ...
        """,
        tasks={"shop.tasks.pay": {}},
    ),
    case(
        "root-without-init-files",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", include=["pkg.deep.jobs"])

        # pkg/deep/jobs.py
        from app import app

        @app.task
        def add(): ...
        """,
        tasks={"pkg.deep.jobs.add": {}},
    ),
]

DISCOVERY = [
    case(
        "include-and-imports",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", include=["one"])
        app.conf.imports = ("two", "three")

        # one.py
        from app import app

        @app.task
        def add(): ...

        # two.py
        from app import app

        @app.task
        def add(): ...

        # three.py
        import four

        # four.py
        from app import app

        @app.task
        def add(): ...
        """,
        tasks={"one.add": {}, "two.add": {}, "four.add": {}},
    ),
    case(
        "imports-as-a-string",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", imports="jobs")

        # jobs.py
        from app import app

        @app.task
        def add(): ...
        """,
        tasks={"jobs.add": {}},
    ),
    case(
        "autodiscover-packages",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        PACKAGES = ["shop", "stock"]
        app.autodiscover_tasks(PACKAGES)
        app.autodiscover_tasks(packages=["mail"], related_name="jobs")

        # shop/__init__.py

        # shop/tasks.py
        from celery import shared_task

        @shared_task
        def pay(): ...

        # stock/__init__.py

        # mail/__init__.py

        # mail/jobs.py
        from celery import shared_task

        @shared_task
        def send(): ...
        """,
        tasks={"shop.tasks.pay": {}, "mail.jobs.send": {}},
    ),
    case(
        "autodiscover-tasks-package",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.autodiscover_tasks(["shop"], force=True)

        # shop/__init__.py

        # shop/tasks/__init__.py
        from .orders import pay

        # shop/tasks/orders.py
        from celery import shared_task

        @shared_task
        def pay(): ...
        """,
        tasks={"shop.tasks.orders.pay": {}},
    ),
    case(
        "autodiscover-the-package-itself",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.autodiscover_tasks(["jobs.mail", "jobs.shop"], related_name=None)

        # jobs/__init__.py

        # jobs/mail.py
        from celery import shared_task

        @shared_task
        def send(): ...

        # jobs/shop.py
        from celery import shared_task

        @shared_task
        def pay(): ...
        """,
        tasks={"jobs.mail.send": {}, "jobs.shop.pay": {}},
    ),
    case(
        "autodiscover-a-function",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.autodiscover_tasks(lambda: ["shop"])

        # shop/__init__.py

        # shop/tasks.py
        from celery import shared_task

        @shared_task
        def pay(): ...
        """,
        tasks={"shop.tasks.pay": {}},
    ),
    case(
        "autodiscover-module-given",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.autodiscover_tasks(["shop.tasks"])

        # shop/__init__.py

        # shop/tasks.py
        from celery import shared_task

        @shared_task
        def pay(): ...
        """,
        # Looks for shop.tasks.tasks, but imports shop.tasks on the way.
        tasks={"shop.tasks.pay": {}},
    ),
    case(
        "autodiscover-by-comprehension",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.autodiscover_tasks([f"domains.{name}" for name in ("shop", "mail")])

        # domains/shop/tasks.py
        from celery import shared_task

        @shared_task
        def pay(): ...

        # domains/mail/tasks.py
        from celery import shared_task

        @shared_task
        def send(): ...
        """,
        tasks={"domains.shop.tasks.pay": {}, "domains.mail.tasks.send": {}},
    ),
    case(
        "django-autodiscover",
        """
        # app.py
        import os
        from celery import Celery
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
        app = Celery("proj")
        app.autodiscover_tasks(related_name="jobs")

        # settings.py
        SECRET_KEY = "x"
        LOCAL = ["shop"]
        INSTALLED_APPS = ["django.contrib.contenttypes"] + LOCAL
        INSTALLED_APPS += ["mail.apps.MailConfig"]

        # shop/__init__.py

        # shop/jobs.py
        from celery import shared_task

        @shared_task
        def pay(): ...

        # mail/__init__.py

        # mail/apps.py
        from django.apps import AppConfig

        class MailConfig(AppConfig):
            name = "mail"

            def ready(self):
                from mail import more

        # mail/jobs.py
        from celery import shared_task

        @shared_task
        def send(): ...

        # mail/more.py
        from celery import shared_task

        @shared_task
        def digest(): ...
        """,
        needs=("django",),
        tasks={"shop.jobs.pay": {}, "mail.jobs.send": {}, "mail.more.digest": {}},
    ),
    case(
        "modules-imported-by-others",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        # views.py
        from jobs import add

        # jobs.py
        from app import app

        @app.task
        def add(): ...
        """,
        modules=("views",),
        tasks={"jobs.add": {}},
    ),
]

CASES = [*NAMES, *ROOTS, *DISCOVERY]
