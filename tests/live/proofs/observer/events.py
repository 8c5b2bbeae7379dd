"""The log of what happened: a JSON document a line."""

from __future__ import annotations

import json
import os
import time
from typing import Any


def note(what: str, task: Any, **more: object) -> None:
    """Write that something happened to the task that is running, or to one by a name of its own."""
    request = getattr(task, "request", None)
    event = {
        "what": what,
        "task": getattr(task, "name", task),
        "id": getattr(request, "id", None),
        "pid": os.getpid(),
        "at": time.time(),
        **more,
    }
    with open(os.environ["PROOF_EVENTS"], "a", encoding="utf-8") as log:
        log.write(json.dumps(event) + "\n")


def seen_before(key: str) -> bool:
    """Whether any process has asked that of this key before."""
    try:
        os.close(os.open(f"{os.environ['PROOF_EVENTS']}.{key}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return True
    return False
