"""How a task comes to be: decorators under any name, wrappers of them, classes.

celery/app/base.py (``Celery.task``, ``_task_from_fun``, ``register_task``),
celery/app/__init__.py (``shared_task``).
"""

from __future__ import annotations

from .cases import case

SPELLINGS = [
    case(
        "decorator-spellings",
        """
        # app.py
        import celery
        import celery as c
        from celery import Celery, shared_task as job
        from celery.app import shared_task
        app = celery.Celery("proj")
        queue = app
        task = app.task

        @app.task
        def one(): ...

        @app.task()
        def two(): ...

        @job
        def three(): ...

        @celery.shared_task(bind=True)
        def four(self): ...

        @c.shared_task
        def five(): ...

        @queue.task(acks_late=True)
        def six(): ...

        @task(max_retries=1)
        def seven(): ...

        @shared_task()
        def eight(): ...

        @celery.current_app.task
        def nine(): ...
        """,
        tasks={
            "app.four": {"bind": True},
            "app.six": {"acks_late": True},
            "app.seven": {"max_retries": 1},
            "app.nine": {},
        },
    ),
    case(
        "app-in-another-module",
        """
        # proj/__init__.py
        from .celery import app as celery_app

        # proj/celery.py
        from celery import Celery
        app = Celery("proj", include=["proj.one", "proj.two", "proj.three"], task_acks_late=True)

        # proj/one.py
        from .celery import app as application

        @application.task(max_retries=1)
        def add(): ...

        # proj/two.py
        from proj import celery_app

        @celery_app.task(max_retries=2)
        def add(): ...

        # proj/three.py
        import proj.celery

        @proj.celery.app.task(max_retries=3)
        def add(): ...
        """,
        apps=("proj.celery:app",),
        tasks={
            "proj.one.add": {"max_retries": 1, "acks_late": True},
            "proj.two.add": {"max_retries": 2},
            "proj.three.add": {"max_retries": 3},
        },
    ),
    case(
        "module-named-celery-app",
        """
        # proj/__init__.py

        # proj/worker.py
        from proj import celery_app
        app = celery_app.app
        app.conf.include = ["proj.jobs"]

        # proj/celery_app.py
        from celery import Celery, shared_task
        app = Celery("proj")

        # proj/jobs.py
        from proj import celery_app as app

        @app.shared_task(acks_late=True)
        def add(): ...
        """,
        apps=("proj.worker:app",),
        tasks={"proj.jobs.add": {"acks_late": True}},
    ),
    case(
        "decorated-by-call",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        def add(): ...
        def sub(): ...

        add_task = app.task(add)
        sub_task = app.task(name="sub", acks_late=True)(sub)
        """,
        tasks={"app.add": {}, "sub": {"acks_late": True}},
    ),
    case(
        "decorated-in-a-loop",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        def make(name):
            @app.task(name=f"job.{name}")
            def job(): ...
            return job

        for name in ("a", "b"):
            make(name)
        """,
        tasks={"job.a": {}, "job.b": {}},
        unknown=("task ",),
    ),
    case(
        "decorated-in-a-branch",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        FEATURE = True

        if FEATURE:
            @app.task
            def add(): ...
        else:
            @app.task
            def sub(): ...

        try:
            import no_such_module
        except ImportError:
            pass
        else:
            @app.task
            def mul(): ...
        """,
        tasks={"app.add": {}},
    ),
    case(
        "async-and-nested-and-method",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task
        async def fetch(): ...

        def outer():
            @app.task
            def inner(): ...

        outer()

        class Jobs:
            @staticmethod
            @app.task(acks_late=True)
            def run(): ...
        """,
        tasks={"app.fetch": {}, "app.inner": {}, "app.run": {"acks_late": True}},
    ),
    case(
        "unknown-option-becomes-an-attribute",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task(verbose_name="adds", max_retry=9, retries=4, acks_lates=True)
        def add(): ...
        """,
        tasks={"app.add": {"max_retries": 3, "acks_late": False}},
    ),
    case(
        "pydantic-task",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        @app.task(pydantic=True, bind=True, time_limit=5)
        def add(self, x: int) -> int:
            return x
        """,
        tasks={"app.add": {"bind": True, "time_limit": 5}},
        needs=("pydantic",),
    ),
]

WRAPPERS = [
    case(
        "wrapper-returns-the-decorator",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")

        def durable_task(**options):
            options.setdefault("acks_late", True)
            options.setdefault("max_retries", 5)
            return shared_task(**options)

        @durable_task()
        def add(): ...

        @durable_task(max_retries=9, name="sub")
        def sub(): ...
        """,
        tasks={
            "app.add": {"acks_late": True, "max_retries": 5},
            "sub": {"acks_late": True, "max_retries": 9},
        },
    ),
    case(
        "wrapper-with-named-arguments",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        def task(queue="default", *, retries=4, **kwargs):
            return app.task(queue=queue, max_retries=retries, acks_late=True, **kwargs)

        @task()
        def add(): ...

        @task("files", retries=1, time_limit=5)
        def sub(): ...
        """,
        tasks={
            "app.add": {"queue": "default", "max_retries": 4},
            "app.sub": {"queue": "files", "max_retries": 1, "time_limit": 5, "acks_late": True},
        },
    ),
    case(
        "wrapper-merges-options",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")
        DEFAULTS = {"acks_late": True, "time_limit": 60}

        def task(*args, **kwargs):
            return shared_task(*args, **{**DEFAULTS, **kwargs})

        @task
        def add(): ...

        @task(time_limit=5)
        def sub(): ...
        """,
        tasks={
            "app.add": {"acks_late": True, "time_limit": 60},
            "app.sub": {"acks_late": True, "time_limit": 5},
        },
    ),
    case(
        "wrapper-pops-an-option",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")

        def task(**kwargs):
            timeout = kwargs.pop("timeout", 30)
            kwargs["time_limit"] = timeout
            kwargs["soft_time_limit"] = timeout - 5
            return shared_task(**kwargs)

        @task(timeout=100)
        def add(): ...

        @task(priority=3)
        def sub(): ...
        """,
        tasks={
            "app.add": {"time_limit": 100, "soft_time_limit": 95},
            "app.sub": {"time_limit": 30, "soft_time_limit": 25, "priority": 3},
        },
    ),
    case(
        "wrapper-decorates-inside",
        """
        # app.py
        import functools
        from celery import Celery, shared_task
        app = Celery("proj")

        def tracked(**options):
            def decorate(function):
                @shared_task(bind=True, acks_late=True, **options)
                @functools.wraps(function)
                def wrapper(self, *args, **kwargs):
                    return function(*args, **kwargs)
                return wrapper
            return decorate

        @tracked(max_retries=2)
        def add(): ...
        """,
        tasks={"app.add": {"bind": True, "acks_late": True, "max_retries": 2}},
    ),
    case(
        "wrapper-plain-function",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")

        def durable(function):
            return shared_task(acks_late=True, name="durable." + function.__name__)(function)

        @durable
        def add(): ...
        """,
        tasks={"durable.add": {"acks_late": True}},
    ),
    case(
        "wrapper-in-another-module",
        """
        # app.py
        from celery import Celery
        from decorators import task
        from decorators import durable as strong
        app = Celery("proj")

        @task(max_retries=1)
        def add(): ...

        @strong
        def sub(): ...

        # decorators.py
        from celery import shared_task

        def task(**options):
            return shared_task(acks_late=True, **options)

        durable = task(max_retries=8)
        """,
        tasks={
            "app.add": {"acks_late": True, "max_retries": 1},
            "app.sub": {"acks_late": True, "max_retries": 8},
        },
    ),
    case(
        "wrapper-assigned",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")
        OPTIONS = {"acks_late": True, "max_retries": 6}
        io_task = shared_task(**OPTIONS, queue="io")
        cpu_task = app.task(time_limit=9)

        @io_task
        def add(): ...

        @cpu_task
        def sub(): ...
        """,
        tasks={
            "app.add": {"acks_late": True, "max_retries": 6, "queue": "io"},
            "app.sub": {"time_limit": 9},
        },
    ),
    case(
        "wrapper-partial",
        """
        # app.py
        import functools
        from functools import partial
        from celery import Celery, shared_task
        app = Celery("proj")
        late_task = partial(shared_task, acks_late=True, max_retries=2)
        later_task = functools.partial(app.task, bind=True)

        @late_task
        def add(): ...

        @late_task(max_retries=9)
        def sub(): ...

        @later_task(time_limit=5)
        def mul(self): ...
        """,
        tasks={
            "app.add": {"acks_late": True, "max_retries": 2},
            "app.sub": {"acks_late": True, "max_retries": 9},
            "app.mul": {"bind": True, "time_limit": 5},
        },
    ),
    case(
        "wrapper-callable-instance",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")

        class TaskMaker:
            def __init__(self, **defaults):
                self.defaults = defaults

            def __call__(self, **options):
                return shared_task(**{**self.defaults, **options})

        durable = TaskMaker(acks_late=True, max_retries=4)

        @durable(time_limit=5)
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True, "max_retries": 4, "time_limit": 5}},
    ),
    case(
        "wrapper-class-as-decorator",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")

        class durable:
            def __init__(self, retries):
                self.retries = retries

            def __call__(self, function):
                return shared_task(function, max_retries=self.retries, acks_late=True)

        @durable(7)
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True, "max_retries": 7}},
    ),
    case(
        "wrapper-with-or-without-call",
        """
        # app.py
        from celery import Celery, shared_task
        app = Celery("proj")

        def task(function=None, **options):
            options["acks_late"] = True
            if function is None:
                return shared_task(**options)
            return shared_task(**options)(function)

        @task
        def add(): ...

        @task(max_retries=2)
        def sub(): ...
        """,
        tasks={"app.add": {"acks_late": True}, "app.sub": {"acks_late": True, "max_retries": 2}},
    ),
    case(
        "wrapper-with-base",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        class Base(Task):
            default_retry_delay = 5

        def task(**options):
            return app.task(base=options.pop("base", Base), **options)

        @task(acks_late=True)
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True, "default_retry_delay": 5}},
    ),
    case(
        "wrapper-method-of-the-app",
        """
        # app.py
        from celery import Celery

        class Proj(Celery):
            def task(self, *args, **options):
                options.setdefault("acks_late", True)
                return super().task(*args, **options)

            def durable(self, **options):
                return self.task(max_retries=None, **options)

        app = Proj("proj")

        @app.task
        def add(): ...

        @app.durable(time_limit=4)
        def sub(): ...
        """,
        tasks={
            "app.add": {"acks_late": True},
            "app.sub": {"acks_late": True, "max_retries": None, "time_limit": 4},
        },
    ),
]

STACKED = [
    case(
        "stacked-below",
        """
        # app.py
        import functools
        from celery import Celery
        app = Celery("proj")

        def logged(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper

        @app.task(acks_late=True)
        @logged
        def add(): ...
        """,
        tasks={"app.add": {"acks_late": True}},
    ),
    case(
        "stacked-below-without-wraps",
        """
        # app.py
        from celery import Celery
        from tools import logged
        app = Celery("proj")

        @app.task
        @logged
        def add(): ...

        # tools.py
        def logged(function):
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper
        """,
        tasks={"tools.wrapper": {}},
    ),
    case(
        "stacked-above",
        """
        # app.py
        import functools
        from celery import Celery
        app = Celery("proj")

        def logged(task):
            return task

        @logged
        @app.task(max_retries=1)
        def add(): ...

        @functools.lru_cache
        @app.task(max_retries=2)
        def sub(): ...
        """,
        tasks={"app.add": {"max_retries": 1}, "app.sub": {"max_retries": 2}},
    ),
    case(
        "stacked-decorator-with-arguments",
        """
        # app.py
        from contextlib import contextmanager
        from celery import Celery
        app = Celery("proj")

        @contextmanager
        def locked(name):
            yield

        @app.task(time_limit=5)
        @locked("x")
        def add(): ...
        """,
        tasks={"app.add": {"time_limit": 5}},
    ),
    case(
        "task-of-a-method-and-a-partial",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        def send(to): ...

        mail = app.task(send, name="mail", acks_late=True)
        text = app.task(send, name="text")
        """,
        tasks={"mail": {"acks_late": True}, "text": {"acks_late": False}},
    ),
]

CLASSES = [
    case(
        "register-task-class",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj", task_time_limit=9)

        class Add(Task):
            acks_late = True
            max_retries = 2

            def run(self): ...

        add = app.register_task(Add())
        """,
        tasks={"app.Add": {"acks_late": True, "max_retries": 2, "time_limit": 9}},
    ),
    case(
        "register-task-with-a-name",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        NAME = "jobs.add"

        class Add(app.Task):
            name = NAME
            queue = "files"
            ignore_result = True

            def run(self): ...

        class Sub(Add):
            name = "jobs.sub"

        app.register_task(Add)
        app.register_task(Sub())
        """,
        tasks={
            "jobs.add": {"queue": "files", "ignore_result": True},
            "jobs.sub": {"queue": "files"},
        },
    ),
    case(
        "register-task-options-feed-autoretry-only",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        class Add(Task):
            def run(self): ...

        app.register_task(Add(), max_retries=1, acks_late=True, autoretry_for=(KeyError,),
                          retry_backoff=3)
        """,
        tasks={
            "app.Add": {
                "max_retries": 3,
                "acks_late": False,
                "retry_backoff": 3,
                "autoretry_for": ["builtins.KeyError"],
            }
        },
    ),
    case(
        "register-task-autoretry-attributes",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        class Base(Task):
            autoretry_for = (OSError,)
            retry_kwargs = {"max_retries": 5}

        class Add(Base):
            def run(self): ...

        app.register_task(Add())
        """,
        tasks={
            "app.Add": {"autoretry_for": ["builtins.OSError"], "retry_kwargs": {"max_retries": 5}}
        },
    ),
    case(
        "register-task-annotated",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")
        app.conf.task_annotations = {
            "add": {"max_retries": 8, "retry_backoff": 4},
            "app.Sub": {"max_retries": 8},
            "*": {"priority": 5},
        }

        class Add(Task):
            name = "add"
            max_retries = 1

            def run(self): ...

        class Sub(Task):
            max_retries = 1

            def run(self): ...

        app.register_task(Add())
        app.register_task(Sub())
        """,
        # Annotations come when the task is bound, after autoretry has read its options. They
        # are looked up by the name of the class, which a generated name is not: that is given
        # to the instance.
        tasks={
            "add": {"max_retries": 8, "retry_backoff": False, "priority": 5},
            "app.Sub": {"max_retries": 1, "priority": 5},
        },
    ),
    case(
        "subclass-alone-registers-nothing",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        class Add(Task):
            name = "add"

            def run(self): ...

        @app.task
        def sub(): ...
        """,
        tasks={"app.sub": {}},
    ),
    case(
        "register-task-last-wins",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        class One(Task):
            name = "job"
            max_retries = 1

            def run(self): ...

        class Two(Task):
            name = "job"
            max_retries = 2

            def run(self): ...

        app.register_task(One())
        app.register_task(Two())
        """,
        tasks={"job": {"max_retries": 2}},
    ),
    case(
        "register-task-by-init-subclass",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        class Registered(Task):
            acks_late = True

            def __init_subclass__(cls, **kwargs):
                super().__init_subclass__(**kwargs)
                app.register_task(cls())

            def run(self): ...

        class Add(Registered):
            name = "add"

        class Sub(Registered):
            max_retries = 1
        """,
        tasks={"add": {"acks_late": True}, "app.Sub": {"max_retries": 1}},
    ),
    case(
        "register-task-in-a-loop",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj")

        class One(Task):
            def run(self): ...

        class Two(Task):
            def run(self): ...

        for cls in (One, Two):
            app.register_task(cls())
        """,
        tasks={"app.One": {}, "app.Two": {}},
    ),
    case(
        "tasks-register",
        """
        # app.py
        from celery import Celery, Task
        app = Celery("proj", task_acks_late=True)

        class Add(Task):
            name = "add"
            autoretry_for = (OSError,)

            def run(self): ...

        app.tasks.register(Add())
        """,
        # Straight into the registry: bound, but never given autoretry.
        tasks={"add": {"acks_late": True, "autoretry_for": []}},
    ),
]

CASES = [*SPELLINGS, *WRAPPERS, *STACKED, *CLASSES]
