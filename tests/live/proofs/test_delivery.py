"""Proofs of rules/delivery."""

from __future__ import annotations

import os

from live import servers
from live.proofs.project import Project
from live.proofs.proof import proves


def survives_its_worker(project: Project, task: str, *args: object) -> bool:
    """Whether a task is run by another worker when the one that was at it is killed."""
    project.body(task, "hangs")
    worker = project.worker()
    id = project.delay(task, *args)
    project.wait_until_accepted(id)
    worker.kill()

    project.body(task, "returns")
    project.visibility_timeout = 1
    project.worker()
    later = project.delay(task, *args)
    project.wait_for("succeeded", later)
    # RabbitMQ has put back what it will: in front of that one. Redis has it as unacknowledged.
    if not project.events("succeeded", id) and not project.has_unacknowledged():
        return False
    project.wait_for("succeeded", id)
    return True


@proves(
    "missing-acks-late",
    bad="Nobody has said anything",
    good="Each task says what it can bear",
    brokers=("redis", "rabbitmq"),
)
def test_a_killed_worker_takes_along_what_it_acknowledged(bad: Project, good: Project) -> None:
    assert not survives_its_worker(bad, "tasks.import_prices", "acme")
    assert survives_its_worker(good, "tasks.import_prices", "acme")


@proves(
    "explicit-early-ack",
    bad="The application chose it for all",
    good="Acknowledged late",
)
def test_nor_does_it_help_to_have_chosen_that(bad: Project, good: Project) -> None:
    assert not survives_its_worker(bad, "tasks.charge", 1)
    assert survives_its_worker(good, "tasks.import_prices", "acme")


@proves(
    "late-ack-without-reject",
    bad="Only half of it",
    good="Both",
    brokers=("redis", "rabbitmq"),
)
def test_a_killed_process_fails_its_task(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.body("tasks.import_prices", "dies_first")
        project.worker()
    failing = bad.delay("tasks.import_prices", "acme")
    (failed,) = bad.wait_for("failed", failing)
    assert failed["error"] == "WorkerLostError"
    assert bad.state(failing) == "FAILURE"
    assert (bad.waiting(), len(bad.events("started"))) == (0, 1)

    put_back = good.delay("tasks.import_prices", "acme")
    good.wait_for("succeeded", put_back)
    assert len(good.events("started")) == 2


@proves("late-ack-without-reject", bad="Only half of it", good="Counted as retries")
def test_retrying_it_instead_takes_three_minutes(good: Project) -> None:
    good.body("tasks.import_prices", "dies_first")
    good.worker()
    id = good.delay("tasks.import_prices", "acme")
    (retried,) = good.wait_for("retried", id)
    assert retried["delay"] == 180
    assert good.state(id) == "RETRY"


@proves("late-ack-without-reject", bad="Only half of it", good="Counted as retries")
def test_a_task_that_always_dies_is_run_as_often_as_it_may_be_retried(good: Project) -> None:
    good.body("tasks.import_prices", "dies")
    good.set("tasks.import_prices", default_retry_delay=0, max_retries=1)
    good.worker()
    id = good.delay("tasks.import_prices", "acme")
    good.wait_for("failed", id)
    assert len(good.events("started", id)) == 2


@proves(
    "no-effect-ack-option",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(reject_on_worker_lost=True)
        def import_prices(supplier): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(acks_late=True, reject_on_worker_lost=True)
        def import_prices(supplier): ...
        """
    },
)
def test_what_is_acknowledged_already_cannot_be_put_back(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.body("tasks.import_prices", "dies_first")
        project.worker()
    failing, put_back = (one.delay("tasks.import_prices", "acme") for one in (bad, good))
    bad.wait_for("failed", failing)
    assert len(bad.events("started")) == 1
    good.wait_for("succeeded", put_back)


@proves(
    "requeue-forever-on-timeout",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(acks_late=True, acks_on_timeout=False, time_limit=600)
        def export(): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")


        @app.task(acks_late=True, time_limit=600)
        def export(): ...
        """
    },
    brokers=("redis", "rabbitmq"),
)
def test_what_takes_too_long_comes_back_forever(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.edit("time_limit=600", "time_limit=1")
        project.body("tasks.export", "hangs")
        project.worker()
    comes_back, given_up = bad.delay("tasks.export"), good.delay("tasks.export")
    good.wait_for("failed", given_up)
    bad.wait_for("started", comes_back, times=4)  # more often than anything else would retry it
    assert len(good.events("started")) == 1


CANCEL = "worker_cancel_long_running_tasks_on_connection_loss"


@proves(
    "late-ack-connection-loss",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", task_acks_late=True)


        @app.task
        def export(): ...
        """
    },
    good={
        "tasks.py": f"""
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", task_acks_late=True)
        app.conf.{CANCEL} = True


        @app.task
        def export(): ...
        """
    },
)
def test_after_a_lost_connection_a_task_runs_beside_itself(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.body("tasks.export", "hangs")
        project.worker("-c", "2")
        id = project.delay("tasks.export")
        project.wait_for("started", id)
        with servers.client(project.broker) as database:
            database.client_kill_filter(_type="normal", skipme=True)
        project.wait_for("started", id, times=2)
    both = [exists(event["pid"]) for event in bad.events("started")]
    only_the_second = [exists(event["pid"]) for event in good.events("started")]
    assert (both, only_the_second) == ([True, True], [False, True])


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@proves(
    "visibility-timeout-too-short",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", task_acks_late=True)
        app.conf.broker_transport_options = {"visibility_timeout": 300}


        @app.task(time_limit=3600)
        def export(): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", task_acks_late=True)
        app.conf.broker_transport_options = {"visibility_timeout": 7200}


        @app.task(time_limit=3600)
        def export(): ...
        """
    },
)
def test_a_task_that_takes_longer_is_given_to_a_second_worker(bad: Project, good: Project) -> None:
    bad.edit('"visibility_timeout": 300', '"visibility_timeout": 1')
    for project in (bad, good):
        project.body("tasks.export", "hangs")
        project.worker()
        project.worker()
        project.wait_for("started", project.delay("tasks.export"))
    bad.wait_for("started", times=2)
    assert not bad.events("failed")
    assert len(good.events("started")) == 1


@proves(
    "visibility-timeout-too-short",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")
        app.conf.broker_transport_options = {"visibility_timeout": 300}


        @app.task
        def remind(user): ...


        def tomorrow(user):
            return remind.apply_async((user,), countdown=86400)
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")
        app.conf.broker_transport_options = {"visibility_timeout": 90000}


        @app.task
        def remind(user): ...


        def tomorrow(user):
            return remind.apply_async((user,), countdown=86400)
        """
    },
)
def test_a_delayed_task_is_delivered_again_and_again(bad: Project, good: Project) -> None:
    bad.edit('"visibility_timeout": 300', '"visibility_timeout": 1')
    for project in (bad, good):
        project.edit("countdown=86400", "countdown=8")
        project.worker()
        project.worker()
        project.python("from tasks import tomorrow; tomorrow('ada')")
    good.wait_for("succeeded")
    bad.wait_for("succeeded", times=2)
    assert len(good.events("succeeded")) == 1


@proves(
    "transport-option-unknown",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", task_acks_late=True)
        app.conf.broker_transport_options = {"visibilty_timeout": 7200}
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", task_acks_late=True)
        app.conf.broker_transport_options = {"visibility_timeout": 7200}
        """
    },
)
def test_a_misspelt_transport_option_is_ignored(bad: Project, good: Project) -> None:
    code = (
        "from tasks import app\n"
        "with app.connection() as connection:\n"
        "    print(connection.default_channel.visibility_timeout)"
    )
    assert (bad.python(code), good.python(code)) == ("3600", "7200")


@proves(
    "rabbitmq-consumer-timeout",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="amqp://localhost")


        @app.task(acks_late=True, time_limit=3600)
        def export(): ...
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="amqp://localhost")


        @app.task(time_limit=3600)
        def export(): ...
        """
    },
    brokers=("rabbitmq",),
)
def test_a_task_that_outlasts_the_patience_of_rabbitmq_ends_its_worker(
    bad: Project, good: Project, rabbitmq: servers.RabbitMq
) -> None:
    with rabbitmq.waiting_only(4):
        for project in (bad, good):
            project.body("tasks.export", "sleeps", seconds=8)
            project.worker()
            project.delay("tasks.export")
        worker = bad.processes[0]
        worker.wait_for("Unrecoverable error: PreconditionFailed.* delivery acknowledgement")
        bad.worker()
        bad.wait_for("started", times=2)
        # The first worker ends what it is at, and then itself.
        assert worker.wait() != 0
        good.wait_for("succeeded")
        assert good.processes[0].code is None
        assert len(good.events("started")) == 1
