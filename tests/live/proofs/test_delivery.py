"""Proofs of rules/delivery."""

from __future__ import annotations

from live.proofs.project import Project
from live.proofs.proof import proves


def survives_its_worker(project: Project, task: str, *args: object) -> bool:
    """Whether a task is run by another worker when the one that was at it is killed."""
    project.body(task, "hangs")
    worker = project.worker()
    id = project.delay(task, *args)
    project.wait_for("started", id)
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
    good.set("tasks.import_prices", default_retry_delay=0)
    good.worker()
    id = good.delay("tasks.import_prices", "acme")
    good.wait_for("failed", id)
    assert len(good.events("started", id)) == 4
