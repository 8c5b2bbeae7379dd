"""A copy of the reference app, each process of its Procfile run by the test."""

from __future__ import annotations

import json
import shlex
import socket
import sqlite3
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from celery import Celery

from celerylint.cli import run as celerylint
from live.leash import Leash
from live.mail import MailServer
from live.processes import Process, environment, free_port
from live.waiting import eventually

SHORTER = {
    "shop/celery_app.py": {
        # Kombu looks for what is to be redelivered every 100 seconds, unless told otherwise.
        '{"visibility_timeout": 1800}': """{
        "visibility_timeout": 5,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }""",
        '"schedule": timedelta(minutes=30)': '"schedule": timedelta(seconds=1)',
    },
    "shop/tasks/email.py": {
        "retry_backoff=10": "retry_backoff=1,\n    default_retry_delay=1",
        "retry_backoff_max=300": "retry_backoff_max=2",
    },
}
"""The times of the copy that the tests cannot wait for; nothing else is changed."""

WORKERS = ("worker", "files", "email")


def write_copy(folder: Path, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Write the reference app to a new folder, with some texts replaced that stand there once."""
    assert celerylint(["reference-app", str(folder)]) == 0
    for name, pairs in changes.items():
        file = folder / name
        text = file.read_text(encoding="utf-8")
        for old, new in pairs.items():
            assert text.count(old) == 1, f"{name} has changed: {old!r}"
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")


def ask(port: int, method: str, path: str, body: object = None) -> str:
    """What the API answers on that port; raises HTTPError if it complains."""
    request = Request(
        f"http://127.0.0.1:{port}{path}",
        None if body is None else json.dumps(body).encode(),
        {"content-type": "application/json"},
        method=method,
    )
    with urlopen(request, timeout=30) as response:
        return str(response.read().decode())


class Shop:
    """The app in a folder, on a broker."""

    def __init__(self, folder: Path, leash: Leash, variables: Mapping[str, str]) -> None:
        write_copy(folder, SHORTER)
        self.mail = MailServer()
        self.port = free_port()
        self.database = folder / "data" / "shop.db"
        self._folder = folder
        self._leash = leash
        self._variables = environment(
            SMTP_PORT=str(self.mail.port),
            SMTP_HOST="127.0.0.1",
            UVICORN_PORT=str(self.port),
            WORKER_CONCURRENCY="2",
            **variables,
        )
        lines = (line.split(":", 1) for line in (folder / "Procfile").read_text().splitlines())
        self._commands = {name: shlex.split(command) for name, command in lines}
        self.processes: dict[str, Process] = {}
        self.control = Celery(
            broker=variables["CELERY_BROKER_URL"],
            backend=variables["CELERY_RESULT_BACKEND"],
            set_as_current=False,
        )

    def start(self, *names: str) -> None:
        """Start processes of the Procfile, and wait until they work."""
        for name in names:
            port = 5000 + 100 * list(self._commands).index(name)  # as from honcho
            self.processes[name] = Process(
                self._leash,
                self._commands[name],
                self._folder,
                {**self._variables, "PORT": str(port)},
                self._folder / f"{name}.{uuid.uuid4().hex[:6]}.log",
            )
        for name in names:
            if name in WORKERS:
                self.processes[name].wait_for(r"@\S+ ready\.")
            elif name == "beat":
                self.processes[name].wait_for("beat: Starting")
            else:
                eventually(self._answers, "the web server answers")

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        self.mail.stop()
        self.control.close()

    def put_order(self) -> str:
        """Order a lamp; the id of the order."""
        order_id = str(uuid.uuid4())
        order = {"email": "ada@example.org", "item": "lamp", "quantity": 2}
        self.request("PUT", f"/orders/{order_id}", order)
        return order_id

    def request(self, method: str, path: str, body: object = None) -> Any:
        """What the API answers."""
        return json.loads(ask(self.port, method, path, body))

    def add_old_order(self) -> str:
        """An order of long ago whose receipt got lost; its id."""
        order_id = str(uuid.uuid4())
        row = (order_id, "ada@example.org", "lamp", 1, "2026-01-01T00:00:00+00:00", None)
        with sqlite3.connect(self.database, timeout=10) as database:
            database.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", row)
        return order_id

    def receipt_sent(self, order_id: str) -> bool:
        return self.request("GET", f"/orders/{order_id}")["receipt_sent_at"] is not None

    def active(self, worker: str) -> list[dict[str, Any]]:
        """What a worker's processes are at."""
        name = self.processes[worker].wait_for(r"(\S+@\S+) ready\.")[1]
        answer = self.control.control.inspect([name], timeout=5).active() or {}
        return list(answer.get(name, []))

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0
