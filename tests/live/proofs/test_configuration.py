"""Proofs of rules/configuration."""

from __future__ import annotations

from live import servers
from live.proofs.project import Project
from live.proofs.proof import proves
from live.waiting import eventually

INTRUDER = """
import os
from kombu import Connection

class Harmless:
    def __reduce__(self):
        return os.system, ("echo ran > ran.txt",)

headers = {"task": "celery.accumulate", "id": "intruder", "lang": "py"}
body = ((Harmless(),), {}, {})
with Connection(os.environ["CELERY_BROKER_URL"]) as connection:
    queue = connection.SimpleQueue("celery")
    queue.put(body, serializer="pickle", headers=headers)
"""

ACCUMULATE = "app.tasks['celery.accumulate'].delay(1)"
"""A task that every application has."""


@proves(
    "non-json-messages",
    bad="Pickle, as before Celery 4",
    good="Celery's defaults",
    brokers=("redis", "rabbitmq"),
)
def test_whoever_reaches_the_broker_runs_code_in_workers_that_accept_pickle(
    bad: Project, good: Project
) -> None:
    bad.variables["C_FORCE_ROOT"] = "1"  # to accept pickle as root, as some test machines have it
    for project in (bad, good):
        project.worker()
        project.python(INTRUDER)
    eventually(lambda: (bad.folder / "ran.txt").exists(), "the code in the message is run")
    good.processes[0].wait_for("Refusing to deserialize untrusted content of type pickle")
    assert not (good.folder / "ran.txt").exists()


@proves(
    "non-json-task",
    bad="A task that is given objects",
    good="Ids instead of objects",
    brokers=("redis", "rabbitmq"),
)
def test_a_message_that_is_not_accepted_is_thrown_away(bad: Project, good: Project) -> None:
    bad.worker()
    good.worker()
    dropped = bad.delay("tasks.resize", "image")
    bad.processes[0].wait_for("Refusing to deserialize untrusted content of type pickle")
    assert (bad.state(dropped), bad.waiting()) == ("PENDING", 0)
    good.wait_for("succeeded", good.delay("tasks.resize", 1))


@proves("results-never-expire", bad="Never", good="After a day, as Celery has it")
def test_results_are_kept_forever(bad: Project, good: Project) -> None:
    assert time_to_live(bad) == -1
    assert 86_000 < time_to_live(good) <= 86_400


@proves("results-never-expire", bad="Never", good="After an hour")
def test_zero_seconds_are_forever_too(bad: Project, good: Project) -> None:
    bad.edit("result_expires = None", "result_expires = 0")
    assert time_to_live(bad) == -1
    assert 3500 < time_to_live(good) <= 3600


def time_to_live(project: Project) -> int:
    """Redis's word on how many seconds a result will be kept; -1 is forever."""
    project.worker()
    id = project.python(f"from {project.module} import app; print({ACCUMULATE}.id)")
    project.wait_for("succeeded", id)
    with servers.client(project.backend) as database:
        return int(database.ttl(f"celery-task-meta-{id}"))


@proves(
    "prefetching-long-tasks",
    bad="Celery's default, and no limits",
    good="One message a process",
    brokers=("redis", "rabbitmq"),
)
def test_messages_wait_in_one_worker_while_another_is_idle(bad: Project, good: Project) -> None:
    for project, left in ((bad, 0), (good, 3)):
        project.body("tasks.export", "hangs")
        project.worker()
        for _ in range(5):
            project.delay("tasks.export")
        eventually(
            lambda project=project, left=left: project.waiting() == left,
            f"the first worker leaves {left} messages in the queue",
        )
        project.worker()
    good.wait_for("started", times=2)
    bad.wait_for(
        "succeeded", bad.delay("tasks.export_all")
    )  # by the second, which has nothing else
    assert len(bad.events("started", task="tasks.export")) == 1


@proves(
    "invalid-rate-limit",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(rate_limit="10/minute")
        def fetch(url): ...


        @app.task
        def purge(): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(rate_limit="10/m")
        def fetch(url): ...


        @app.task
        def purge(): ...
        """
    },
)
def test_one_wrong_rate_limit_keeps_the_worker_from_starting(bad: Project, good: Project) -> None:
    bad.delay("tasks.fetch", "https://example.com")  # nobody objects here
    worker = bad.worker(ready=False)
    worker.wait_for("KeyError: 'minute'")
    assert worker.wait() != 0
    good.worker()
    good.wait_for("succeeded", good.delay("tasks.fetch", "https://example.com"))


@proves(
    "serializer-not-accepted",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")
        app.conf.task_serializer = "pickle"


        @app.task
        def resize(image): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")
        app.conf.task_serializer = "pickle"
        app.conf.accept_content = ["json", "pickle"]


        @app.task
        def resize(image): ...
        """
    },
)
def test_workers_throw_away_what_their_own_settings_write(bad: Project, good: Project) -> None:
    good.variables["C_FORCE_ROOT"] = "1"  # to accept pickle as root, as some test machines have it
    bad.worker()
    good.worker()
    dropped = bad.delay("tasks.resize", "image")
    bad.processes[0].wait_for("Refusing to deserialize untrusted content of type pickle")
    assert (bad.state(dropped), bad.waiting()) == ("PENDING", 0)
    good.wait_for("succeeded", good.delay("tasks.resize", "image"))
