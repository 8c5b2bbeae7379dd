"""Proofs of rules/routing."""

from __future__ import annotations

from live.proofs.project import Project
from live.proofs.proof import proves

STRICT = "app.conf.task_create_missing_queues = False"


@proves(
    "unrouted-task",
    bad="The route has the name of another module",
    good="Every task has a route",
)
def test_nobody_reads_the_queue_of_a_forgotten_task(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.worker("-I", "observer,emails", "-Q", "email,files")
    stuck = bad.delay("tasks.export")
    bad.wait_for("succeeded", bad.delay("emails.welcome", "ada"))
    assert (bad.events("started", stuck), bad.waiting("celery")) == ([], 1)
    good.wait_for("succeeded", good.delay("tasks.export"))


@proves(
    "unconsumed-default-queue",
    bad="The default queue is not among them",
    good="The default queue is one of them",
    brokers=("redis", "rabbitmq"),
)
def test_nobody_reads_a_default_queue_that_is_left_out(bad: Project, good: Project) -> None:
    bad.worker()
    good.worker()
    stuck = bad.delay("tasks.purge")
    bad.wait_for("succeeded", bad.delay("tasks.export"))
    assert (bad.events("started", stuck), bad.waiting("celery")) == ([], 1)
    good.wait_for("succeeded", good.delay("tasks.purge"))


@proves(
    "unconsumed-default-queue",
    bad="The default queue is not among them",
    good="The default queue is one of them",
)
def test_without_missing_queues_the_caller_gets_an_error(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.edit("@app.task\ndef purge", f"{STRICT}\n\n\n@app.task\ndef purge")
    error = bad.error("from tasks import purge; purge.delay()")
    assert error == "celery.exceptions.QueueNotFound: \"Queue 'celery' missing from task_queues\""
    good.delay("tasks.purge")


@proves("missing-task-routes", bad="Everything in one queue", good="A queue for each group")
def test_short_tasks_wait_behind_long_ones(bad: Project, good: Project) -> None:
    for project in (bad, good):
        project.body("tasks.export", "hangs")
    bad.worker()
    good.worker("-Q", "files")
    good.worker("-Q", "celery")
    for project in (bad, good):
        project.wait_for("started", project.delay("tasks.export"))
    stuck = bad.delay("tasks.welcome", "ada")
    good.wait_for("succeeded", good.delay("tasks.welcome", "ada"))
    assert not bad.events("started", stuck)


@proves(
    "queue-not-consumed",
    bad="A worker without `-Q` reads the default queue only",
    good="`task_queues` lists it, and a worker without `-Q` reads all of them",
    brokers=("redis", "rabbitmq"),
)
def test_a_queue_in_a_route_is_not_thereby_read(bad: Project, good: Project) -> None:
    bad.worker()
    good.worker()
    stuck = bad.delay("tasks.export")
    bad.wait_for("succeeded", bad.delay("tasks.purge"))
    assert (bad.events("started", stuck), bad.waiting("files")) == ([], 1)
    good.wait_for("succeeded", good.delay("tasks.export"))
