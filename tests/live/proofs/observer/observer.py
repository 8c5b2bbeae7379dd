"""Imported by the workers of a proof: gives tasks something to do, and logs what happens to them.

The example's own files stay as printed on the page.
"""

from __future__ import annotations

import json
import os
from typing import Any

import bodies
from celery import current_app, signals
from events import note
from kombu.transport import redis


def main() -> None:
    instructions = json.loads(os.environ["PROOF_INSTRUCTIONS"])
    for name, (body, parameters) in instructions["bodies"].items():
        give_body(current_app.tasks[name], getattr(bodies, body)(**parameters))
    for name, options in instructions["options"].items():
        vars(current_app.tasks[name]).update(options)
    # Kombu looks for what is to be redelivered every 100 seconds, unless told otherwise.
    redis.Channel.unacked_restore_interval = 1
    redis.Channel.unacked_restore_throttle = 1
    if timeout := instructions["visibility_timeout"]:
        redis.Channel.visibility_timeout = timeout


def give_body(task: Any, body: bodies.Body) -> None:
    """Replace the function that was decorated, behind what Celery wraps around it."""
    if hasattr(task, "_orig_run"):
        task._orig_run = body
    else:
        task.run = body


@signals.task_prerun.connect
def started(task: Any, **_: object) -> None:
    note("started", task)


@signals.task_success.connect
def succeeded(sender: Any, **_: object) -> None:
    note("succeeded", sender)


@signals.task_failure.connect
def failed(sender: Any, exception: BaseException, task_id: str, **_: object) -> None:
    note("failed", sender, error=type(exception).__name__, id=task_id)


@signals.task_retry.connect
def retried(sender: Any, reason: Any, **_: object) -> None:
    note("retried", sender, delay=reason.when)


main()
