"""Proofs of rules/definition."""

from __future__ import annotations

from live.proofs.project import Project
from live.proofs.proof import proves


@proves(
    "async-task",
    bad={
        "tasks.py": """
        from pathlib import Path

        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(ignore_result=True)
        async def greet(name):
            Path("greeted.txt").write_text(name)
        """
    },
    good={
        "tasks.py": """
        import asyncio
        from pathlib import Path

        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(ignore_result=True)
        def greet(name):
            asyncio.run(write_greeting(name))


        async def write_greeting(name):
            Path("greeted.txt").write_text(name)
        """
    },
)
def test_the_body_of_an_async_task_never_runs(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.worker()
        project.wait_for("succeeded", project.delay("tasks.greet", "ada"))
    assert not (bad.folder / "greeted.txt").exists()
    assert (good.folder / "greeted.txt").exists()


@proves(
    "async-task",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task
        async def total(numbers):
            return sum(numbers)
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task
        def total(numbers):
            return sum(numbers)
        """
    },
)
def test_nor_can_its_result_be_stored(bad: Project, good: Project) -> None:
    bad.worker()
    good.worker()
    (failed,) = bad.wait_for("failed", bad.delay("tasks.total", [1, 2]))
    assert failed["error"] == "EncodeError"
    good.wait_for("succeeded", good.delay("tasks.total", [1, 2]))


@proves(
    "update-state-failure",
    bad={
        "tasks.py": """
        from celery import Celery
        from celery.exceptions import Ignore

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task(bind=True)
        def export(self):
            self.update_state(state="FAILURE", meta={"reason": "disk full"})
            raise Ignore
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task
        def export():
            raise OSError("disk full")
        """
    },
)
def test_a_failure_without_an_exception_cannot_be_read(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.worker()
    unreadable = bad.delay("tasks.export")
    bad.processes[0].wait_for(rf"Task tasks\.export\[{unreadable}\] received")
    # It ends without any signal; the next one comes after it.
    bad.wait_for("started", bad.delay("tasks.export"))
    read = f"from tasks import app; print(app.AsyncResult('{unreadable}').state)"
    assert bad.error(read).startswith("ValueError: Exception information must include")
    failed = good.delay("tasks.export")
    good.wait_for("failed", failed)
    assert good.state(failed) == "FAILURE"


@proves(
    "update-state-failure",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task(bind=True)
        def export(self):
            meta = {"exc_type": "OSError", "exc_message": ["disk full"]}
            self.update_state(state="FAILURE", meta=meta)
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task
        def export():
            raise OSError("disk full")
        """
    },
)
def test_a_failure_that_returns_is_a_success(bad: Project, good: Project) -> None:
    for project, event, state in ((bad, "succeeded", "SUCCESS"), (good, "failed", "FAILURE")):
        project.worker()
        id = project.delay("tasks.export")
        project.wait_for(event, id)
        assert project.state(id) == state
