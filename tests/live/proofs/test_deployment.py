"""Proofs of rules/deployment."""

from __future__ import annotations

import yaml

from live.processes import Process
from live.proofs.project import Project
from live.proofs.proof import proves


@proves(
    "grace-period-below-time-limit",
    bad="Half a minute for ten",
    good="Half a minute more than the limit",
)
def test_a_worker_is_killed_in_the_middle_of_a_task(bad: Project, good: Project) -> None:
    """What `docker stop` does, on a scale of a hundredth."""
    for project in (bad, good):
        project.body("tasks.export", "sleeps", seconds=3)
        worker = project.worker()
        project.wait_until_accepted(project.delay("tasks.export"))
        stop(worker, grace_period(project) / 100)
    assert not bad.events("woke up")
    assert bad.waiting() == 0 and not bad.has_unacknowledged()
    good.wait_for("succeeded")


def grace_period(project: Project) -> float:
    compose = yaml.safe_load((project.folder / "compose.yaml").read_text(encoding="utf-8"))
    return float(compose["services"]["worker"]["stop_grace_period"].removesuffix("s"))


def stop(worker: Process, grace_period: float) -> None:
    worker.terminate()
    try:
        worker.wait(grace_period)
    except AssertionError:
        worker.kill()
