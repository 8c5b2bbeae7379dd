"""What linking does beside agreeing with Celery, which tests/oracle judges."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from celerylint.discover import discover
from celerylint.link import link
from celerylint.link.abstract import Abstract, Scope
from celerylint.link.interpreter import Interpreter
from celerylint.model.project import Project, Task
from celerylint.model.value import State


def project(root: Path, files: dict[str, str], *, jobs: int = 1) -> Project:
    """Link a project of these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    found = discover([root])
    return link(found.files, root=str(root), celery_version="5.7.0", jobs=jobs)


def task(linked: Project, name: str) -> Task:
    [found] = [task for task in linked.tasks if task.name == name]
    return found


APP = """
    from celery import Celery
    app = Celery("proj")
    """


def test_the_usual_production_configuration_is_understood(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/config.py": """
                from pydantic_settings import BaseSettings

                class Settings(BaseSettings):
                    broker: str = "redis://localhost:6379/0"
                    backend: str = "redis://localhost:6379/1"

                settings = Settings()
                """,
            "shop/worker.py": """
                from celery import Celery
                from shop.config import settings

                celery_app = Celery(
                    "shop",
                    broker=settings.broker,
                    backend=settings.backend,
                    include=["shop.tasks.files", "shop.tasks.email"],
                )
                celery_app.conf.update(
                    task_serializer="json",
                    result_serializer="json",
                    accept_content=["json"],
                    task_acks_late=True,
                    task_reject_on_worker_lost=True,
                    task_track_started=True,
                    result_expires=86400,
                    worker_prefetch_multiplier=1,
                    worker_concurrency=10,
                    task_soft_time_limit=300,
                    task_time_limit=360,
                    task_default_retry_delay=60,
                    timezone="UTC",
                    enable_utc=True,
                    broker_connection_retry_on_startup=True,
                )
                celery_app.conf.task_routes = {
                    "shop.tasks.files.*": {"queue": "files"},
                    "shop.tasks.email.*": {"queue": "email"},
                }
                """,
            "shop/tasks/__init__.py": "",
            "shop/tasks/files.py": """
                from celery import shared_task

                @shared_task(queue="slow")
                def convert(path): ...
                """,
            "shop/tasks/email.py": """
                from celery import shared_task

                @shared_task(
                    bind=True, max_retries=3, default_retry_delay=60, autoretry_for=(Exception,),
                    retry_backoff=True, retry_backoff_max=300, retry_jitter=True,
                    soft_time_limit=120, time_limit=180,
                )
                def send(self, to): ...
                """,
        },
    )
    [app] = linked.apps
    values = {name: app.setting(name).value for name in app.settings}
    # `task_default_retry_delay` is missing: Celery has no such setting.
    assert values == {
        "broker_url": "redis://localhost:6379/0",
        "result_backend": "redis://localhost:6379/1",
        "include": ["shop.tasks.files", "shop.tasks.email"],
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_track_started": True,
        "result_expires": 86400,
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": 10,
        "task_soft_time_limit": 300,
        "task_time_limit": 360,
        "timezone": "UTC",
        "enable_utc": True,
        "broker_connection_retry_on_startup": True,
        "task_routes": {
            "shop.tasks.files.*": {"queue": "files"},
            "shop.tasks.email.*": {"queue": "email"},
        },
    }
    assert app.setting("broker_url").variables == ("BROKER", "CELERY_BROKER_URL")
    convert, send = task(linked, "shop.tasks.files.convert"), task(linked, "shop.tasks.email.send")
    assert (convert.queue.value, convert.routed_by) == ("slow", "option")
    assert (send.queue.value, send.routed_by) == ("email", "route")
    limits = ("soft_time_limit", "time_limit")
    assert [convert.option(name).value for name in limits] == [300, 360]
    assert [send.option(name).value for name in limits] == [120, 180]
    assert send.option("max_retries").value == 3
    assert send.option("acks_late").value is True
    assert {value.state for value in send.options.values()} <= {State.KNOWN, State.DEFAULT}


def test_a_trail_names_the_winner_then_where_it_got_it_then_the_losers(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "consts.py": "LIMIT = 60\n",
            "app.py": """
                from celery import Celery, Task
                from consts import LIMIT

                class Base(Task):
                    time_limit = 90

                app = Celery("proj")

                @app.task(base=Base, time_limit=LIMIT)
                def add(): ...
                """,
        },
    )
    value = task(linked, "app.add").option("time_limit")
    assert value.value == 60
    assert [(Path(place.path).name, place.line) for _, place in value.places()] == [
        ("app.py", 10),
        ("consts.py", 1),
        ("app.py", 6),
    ]


def test_what_cannot_be_told_says_why_and_where(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "app.py": """
                from celery import Celery
                from somewhere import limits

                app = Celery("proj")

                @app.task(time_limit=limits()["hard"])
                def add(): ...
                """
        },
    )
    value = task(linked, "app.add").option("time_limit")
    assert value.is_unknown
    assert "somewhere.limits()" in value.reason
    assert "app.py:7:22" in value.reason


def test_a_wrapper_with_a_name_that_says_nothing_is_found(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "app.py": APP,
            "tools.py": """
                from celery import shared_task

                def background(**options):
                    return shared_task(acks_late=True, **options)
                """,
            "jobs.py": """
                from tools import background

                @background(queue="slow")
                def convert(): ...
                """,
        },
    )
    found = task(linked, "jobs.convert")
    assert found.option("acks_late").value is True
    assert found.queue.value == "slow"


def test_a_crash_in_one_file_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Interpreter.bind

    def bind(self: Interpreter, name: str, value: Abstract, scope: Scope) -> None:
        if name == "boom":
            raise KeyError(name)
        original(self, name, value, scope)

    monkeypatch.setattr(Interpreter, "bind", bind)
    linked = project(
        tmp_path,
        {
            "app.py": APP,
            "bad.py": "from app import app\nboom = app.task(print)\n",
            "good.py": """
                from app import app

                @app.task
                def add(): ...
                """,
        },
    )
    assert [found.name for found in linked.tasks] == ["good.add"]
    [crash] = linked.crashes
    assert crash.place.path.endswith("bad.py")
    assert crash.error.startswith("KeyError: 'boom' (test_link.py:")


def test_modules_that_never_mention_celery_are_not_read_without_need(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "app.py": APP,
            "models.py": "class Order: ...\n",
            "tools.py": "import models\nLIMIT = 5\n",
            "jobs.py": """
                from app import app
                from models import Order
                from tools import LIMIT

                class Report(Order): ...

                @app.task(time_limit=LIMIT)
                def add(order: Order) -> Report:
                    return Order.objects.get(order)
                """,
        },
    )
    assert task(linked, "jobs.add").option("time_limit").value == 5
    assert (linked.files_read, linked.files_parsed) == (4, 3)


def test_the_project_is_the_same_with_one_process_and_with_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("celerylint.read._BYTES_WORTH_A_PROCESS", 1)
    files = {"app.py": APP}
    for number in range(6):
        files[f"jobs{number}.py"] = f"""
            from app import app

            @app.task(time_limit={number + 1})
            def add(): ...
            """
    assert project(tmp_path, files, jobs=1) == project(tmp_path, files, jobs=2)


def test_of_class_tasks_with_one_name_the_last_is_registered(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "app.py": """
                from celery import Celery, Task

                app = Celery("proj")

                class One(Task):
                    name = "job"

                class Two(Task):
                    name = "job"

                app.register_task(One())
                app.register_task(Two())
                """
        },
    )
    assert [(found.function, found.is_registered) for found in linked.tasks] == [
        ("One", False),
        ("Two", True),
    ]


@pytest.mark.parametrize(
    ("source", "kind", "queue"),
    [
        ("add.delay(1)", "delay", "celery"),
        ("add.apply_async((1,), queue='fast')", "apply_async", "fast"),
        ("add.s(1).set(queue='fast').delay()", "delay", "fast"),
        ("add.signature((1,), queue='fast')", "signature", "fast"),
        ("app.send_task('jobs.add', queue='fast')", "send_task", "fast"),
        ("on_commit(add.delay)", "reference", "celery"),
    ],
)
def test_calls(tmp_path: Path, source: str, kind: str, queue: str) -> None:
    linked = project(
        tmp_path,
        {
            "app.py": APP,
            "jobs.py": """
                from app import app

                @app.task
                def add(x): ...
                """,
            "views.py": f"""
                from django.db.transaction import on_commit
                from app import app
                from jobs import add

                def view(request):
                    {source}
                """,
        },
    )
    found = [call for call in linked.calls if call.kind == kind]
    assert [(call.task, call.queue.value) for call in found] == [("jobs.add", queue)]


def test_send_task_of_something_unknown_counts_for_names_of_tasks(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "app.py": APP,
            "jobs.py": """
                from app import app

                @app.task
                def add(x): ...

                def schedule(celery_app):
                    celery_app.send_task("jobs.add", queue="fast")
                    celery_app.send_task("elsewhere", queue="fast")
                """,
        },
    )
    assert [(call.task, call.queue.value) for call in linked.calls] == [("jobs.add", "fast")]


def test_things_that_merely_have_a_method_called_delay_are_no_calls(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "app.py": APP,
            "jobs.py": """
                from app import app

                @app.task
                def add(x): ...

                def view(add, pool):
                    add.delay(1)
                    pool.apply_async(print)
                """,
        },
    )
    assert linked.calls == []


def test_a_task_of_a_module_that_is_imported_from_a_package(tmp_path: Path) -> None:
    """The package itself has nothing to do with Celery."""
    linked = project(
        tmp_path,
        {
            "app.py": APP,
            "jobs/__init__.py": "",
            "jobs/mail.py": """
                from app import app

                @app.task
                def send(x): ...
                """,
            "views.py": """
                from functools import partial
                from jobs import mail
                import celery

                def view(wrap):
                    wrap(mail.send)
                """,
        },
    )
    assert [(call.task, call.kind) for call in linked.calls] == [("jobs.mail.send", "reference")]


def test_a_shared_task_is_not_one_of_an_app_that_loads_nothing(tmp_path: Path) -> None:
    files = {
        "worker.py": """
            from celery import Celery
            from names import modules
            app = Celery("worker", include=modules())
            app.conf.task_acks_late = True
            """,
        "beat.py": """
            from celery import Celery
            app = Celery("beat")
            """,
        "jobs.py": """
            from celery import shared_task

            @shared_task
            def add(x): ...
            """,
    }
    add = task(project(tmp_path, files), "jobs.add")
    assert add.app == "worker.app"
    assert add.option("acks_late").value is True


def test_whether_a_queue_is_declared_is_unknown_where_the_queues_are(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from celery import Celery
            from elsewhere import queues
            app = Celery("proj", task_queues=queues())

            @app.task(queue="slow")
            def add(x): ...
            """
    }
    assert [queue.is_declared for queue in project(tmp_path, files).queues] == [None]


def test_a_queue_that_the_environment_may_name_tells_so(tmp_path: Path) -> None:
    files = {
        "app.py": """
            import os
            from celery import Celery
            app = Celery("proj")

            @app.task(queue=os.environ.get("SLOW_QUEUE"))
            def add(x): ...
            """
    }
    queue = task(project(tmp_path, files), "app.add").queue
    assert (queue.state, queue.value) == (State.ENVIRONMENT, "celery")
    assert queue.variables == ("SLOW_QUEUE",)
    assert queue.trail[0].text.startswith("`queue=")


def test_a_beat_entry_that_is_there_in_some_cases_is_conditional(tmp_path: Path) -> None:
    files = {
        "app.py": """
            import sys
            from celery import Celery
            app = Celery("proj")
            app.conf.beat_schedule = {"always": {"task": "a", "schedule": 1}}
            if sys.platform == "linux":
                app.conf.beat_schedule["sometimes"] = {"task": "b", "schedule": 2}
            """
    }
    linked = project(tmp_path, files)
    assert {entry.entry: entry.conditional for entry in linked.beat} == {
        "always": False,
        "sometimes": True,
    }


def test_losers_below_a_task_include_the_setting(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from celery import Celery
            app = Celery("proj", task_time_limit=60)

            @app.task(time_limit=90)
            def add(x): ...
            """
    }
    trail = task(project(tmp_path, files), "app.add").option("time_limit").trail
    assert [step.text for step in trail] == [
        "`time_limit=90`",
        "`task_time_limit=60` is overridden",
    ]


def test_a_folder_called_like_a_package_says_nothing_about_names(tmp_path: Path) -> None:
    linked = project(
        tmp_path,
        {
            "services/eventlet/tasks.py": "import eventlet",
            "services/shop/manage.py": "",
            "services/shop/proj/__init__.py": "",
            "services/shop/proj/celery.py": APP
            + """
    @app.task
    def add(x): ...
    """,
        },
    )
    assert [found.name for found in linked.tasks] == ["proj.celery.add"]


def test_apps_of_one_name_in_two_programs_are_apart(tmp_path: Path) -> None:
    app = """
        from celery import Celery
        app = Celery("worker", task_acks_late={})

        @app.task
        def add(x): ...
        """
    linked = project(
        tmp_path,
        {"one/worker.py": app.format(True), "two/worker.py": app.format(False)},
    )
    assert len({found.variable for found in linked.apps}) == 2
    assert [found.option("acks_late").value for found in linked.tasks] == [True, False]
    assert all(found.is_registered for found in linked.tasks)


def test_a_module_that_the_app_is_imported_into_may_be_what_a_worker_starts_from(
    tmp_path: Path,
) -> None:
    files = {
        "config.py": APP,
        "jobs.py": """
            from config import app

            @app.task
            def add(x): ...
            """,
    }
    assert task(project(tmp_path, files), "jobs.add").loaded is False
    files["main.py"] = "import jobs\nfrom config import app\nimport celery\n"
    assert task(project(tmp_path, files), "jobs.add").loaded is None
