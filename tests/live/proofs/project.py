"""An example that runs: its files in a folder, a broker, and workers that log what happens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from celery import Celery
from kombu.exceptions import ChannelError

from live import servers
from live.leash import Leash
from live.processes import Process, environment
from live.waiting import eventually

OBSERVER = Path(__file__).parent / "observer"


Event = dict[str, Any]
"""Something that happened to a task, as `observer.events.note` wrote it."""


@dataclass
class Project:
    """The files of an example, written to a folder of their own."""

    name: str
    folder: Path
    leash: Leash
    broker: str
    backend: str
    module: str
    """What `celery -A` is given."""
    processes: list[Process] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    """What is in the environment of everything that runs."""
    bodies: dict[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)
    options: dict[str, Mapping[str, object]] = field(default_factory=dict)
    visibility_timeout: float | None = None
    """Seconds that take the place of the hour that is kombu's default for Redis."""

    def __post_init__(self) -> None:
        self.client = Celery(broker=self.broker, backend=self.backend, set_as_current=False)

    def edit(self, old: str, new: str) -> None:
        """Replace a text that stands in the files once: mostly times that nobody can wait for."""
        found = [one for one in self.folder.rglob("*.py") if old in one.read_text()]
        assert len(found) == 1, f"{old!r} is in {len(found)} files"
        (file,) = found
        text = file.read_text()
        assert text.count(old) == 1, f"{old!r} is not in {file.name} exactly once"
        file.write_text(text.replace(old, new))

    def body(self, task: str, body: str, **parameters: object) -> None:
        """What a task does whose body in the example is `...`: a function of observer.bodies."""
        self.bodies[task] = (body, parameters)

    def set(self, task: str, **options: object) -> None:
        """Set attributes of a task that the example leaves at defaults nobody can wait for."""
        self.options[task] = options

    def worker(self, *options: str, ready: bool = True) -> Process:
        """A worker, ready to work; with one process, unless the options say otherwise."""
        command = ["-m", "celery", "-A", self.module, "worker", "-I", "observer", "-l", "INFO"]
        quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        name = f"{self.name}-{len(self.processes)}"
        process = self._start([*command, *quick, "-c", "1", "-n", name, *options], name)
        if ready:
            process.wait_for(r"@\S+ ready\.")
        return process

    def beat(self) -> Process:
        process = self._start(["-m", "celery", "-A", self.module, "beat", "-l", "INFO"], "beat")
        process.wait_for("beat: Starting")
        return process

    def python(self, code: str) -> str:
        """What a piece of Python prints that uses the modules of the example."""
        done = self._python(code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def error(self, code: str) -> str:
        """The last line of the traceback that a piece of Python ends with."""
        done = self._python(code)
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stderr.strip().splitlines()[-1]

    def delay(self, task: str, *args: object, **options: object) -> str:
        """Call a task of the example as its own code would; the id of the message."""
        module, name = task.rsplit(".", 1)
        call = f"{name}.apply_async({args!r}, **{options!r})"
        return self.python(f"from {module} import {name}; print({call}.id)")

    def events(self, what: str, id: str | None = None, task: str | None = None) -> list[Event]:
        """What has happened so far, of one kind; of one message or one task only."""
        log = self._events_log
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [
            event
            for event in map(json.loads, lines)
            if event["what"] == what
            and (id is None or event["id"] == id)
            and (task is None or event["task"] == task)
        ]

    def wait_for(
        self, what: str, id: str | None = None, task: str | None = None, times: int = 1
    ) -> list[Event]:
        """The events of that kind, once there are so many."""

        def happened() -> list[Event] | None:
            found = self.events(what, id, task)
            return found if len(found) >= times else None

        return eventually(happened, f"{self.name}: {task or id or 'a task'} {what} x{times}")

    def wait_until_accepted(self, id: str) -> None:
        """Until the worker knows that a process is at the task. Only then is it sure to have
        acknowledged it, if it does so early."""

        def accepted() -> bool:
            answers = self.client.control.inspect(timeout=5, limit=1).active() or {}
            return any(id == request["id"] for requests in answers.values() for request in requests)

        eventually(accepted, f"{self.name}: a process of the worker is at {id}")

    def state(self, id: str) -> str:
        """The state of a task's result in the backend."""
        return str(self.client.AsyncResult(id).state)

    def waiting(self, queue: str = "celery") -> int:
        """How many messages the broker holds in a queue, ready for a worker."""
        with self.client.connection_for_read() as connection:
            try:
                declared = connection.default_channel.queue_declare(queue, passive=True)
            except ChannelError:
                return 0
        return int(declared.message_count)

    def has_unacknowledged(self) -> bool:
        """Whether Redis keeps messages that a worker has taken and not acknowledged."""
        if not self.broker.startswith("redis:"):
            return False
        with servers.client(self.broker) as database:
            return bool(database.hlen("unacked"))

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
        self.client.close()

    @property
    def _events_log(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def _environment(self) -> dict[str, str]:
        instructions = {
            "bodies": self.bodies,
            "options": self.options,
            "visibility_timeout": self.visibility_timeout,
        }
        return environment(
            PYTHONPATH=str(OBSERVER),
            CELERY_BROKER_URL=self.broker,
            CELERY_RESULT_BACKEND=self.backend,
            PROOF_EVENTS=str(self._events_log),
            PROOF_INSTRUCTIONS=json.dumps(instructions),
            **self.variables,
        )

    def _start(self, arguments: list[str], name: str) -> Process:
        process = Process(
            self.leash,
            [sys.executable, *arguments],
            self.folder,
            self._environment,
            self.folder / f"{name}.log",
        )
        self.processes.append(process)
        return process

    def _python(self, code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


def write(folder: Path, files: Mapping[str, str]) -> str:
    """Write an example to a new folder; its module that has the tasks, or else the app."""
    folder.mkdir()
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return "tasks" if "tasks.py" in files else "app"
