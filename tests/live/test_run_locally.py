"""The one command of the reference app's README, with Redis and without."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from live import servers
from live.conftest import missing
from live.leash import Leash
from live.processes import Process, environment, free_port
from live.shop import Shop, ask, write_copy
from live.waiting import eventually

pytestmark = pytest.mark.live

ORDER = "5f0c1a52-3b0e-4f0e-9a53-0d8b8f3f7c11"


class Started:
    """A copy that `honcho` runs, on free ports."""

    def __init__(self, folder: Path, leash: Leash, env: str, variables: str, *options: str) -> None:
        self.port, mail, redis = free_port(), free_port(), free_port()
        procfile = {"localhost:1025": f"localhost:{mail}", "--port 6379": f"--port {redis}"}
        write_copy(folder, {"Procfile": procfile})
        ports = f"UVICORN_PORT={self.port}\nSMTP_PORT={mail}\n"
        with (folder / env).open("a") as file:
            file.write(ports + variables.format(redis=f"redis://localhost:{redis}"))
        command = ["honcho", "-e", env, "start", *options]
        self.honcho = Process(leash, command, folder, environment(), folder / "honcho.log")


@contextmanager
def started(folder: Path, leash: Leash, *arguments: str) -> Iterator[Started]:
    """The copy at work. honcho puts each process into a group of its own."""
    copy = Started(folder, leash, *arguments)
    try:
        copy.honcho.wait_for("Uvicorn running")
        groups = [int(pid) for pid in re.findall(r"started \(pid=(\d+)\)", copy.honcho.log)]
        for group in groups:
            leash.hold(group)
        for worker in ("celery", "files", "email"):
            copy.honcho.wait_for(rf"{worker}@\S+ ready\.")
        yield copy
        copy.honcho.interrupt()
        assert copy.honcho.wait() in (0, 130)
        for group in groups:
            leash.let_go(group)
    finally:
        print(copy.honcho.tail())


def sell_a_lamp(copy: Started) -> None:
    """What the README shows, and what comes of it."""
    order = {"email": "ada@example.org", "item": "lamp", "quantity": 2}
    ask(copy.port, "PUT", f"/orders/{ORDER}", order)
    copy.honcho.wait_for(rf"mail\S* +\| Message-ID: <receipt-{ORDER}")
    copy.honcho.wait_for(r"Thank you for your order: 2 x lamp\.")

    month = json.loads(ask(copy.port, "GET", f"/orders/{ORDER}"))["created_at"][:7]
    task_id = json.loads(ask(copy.port, "POST", "/exports", {"month": month}))["task_id"]
    eventually(lambda: "SUCCESS" in ask(copy.port, "GET", f"/tasks/{task_id}"), "it is exported")
    assert ask(copy.port, "GET", f"/exports/{month}").startswith(f"{ORDER},ada@example.org,lamp,2,")


def test_with_redis(leash: Leash, live_folder: Path) -> None:
    if servers.find_redis() is None:
        missing("redis-server")
    urls = "CELERY_BROKER_URL={redis}/0\nCELERY_RESULT_BACKEND={redis}/1\n"
    with started(live_folder / "with-redis", leash, ".env.example", urls) as copy:
        sell_a_lamp(copy)


def test_with_nothing_but_python(leash: Leash, live_folder: Path) -> None:
    folder = live_folder / "embedded"
    with started(folder, leash, ".env.embedded", "", "-c", "redis=0") as copy:
        sell_a_lamp(copy)


def test_files_as_a_broker_lose_what_a_killed_worker_was_at(
    leash: Leash, live_folder: Path
) -> None:
    """As the README says of running without Redis."""
    variables = {
        "CELERY_BROKER_URL": "filesystem://localhost/",
        "CELERY_RESULT_BACKEND": "file://data",
    }
    shop = Shop(live_folder / "lossy", leash, variables)
    try:
        shop.start("web", "email")
        with shop.mail.closed():
            lost = shop.put_order()
            eventually(lambda: shop.mail.attempts_at(lost), "the receipt is being sent")
            shop.processes["email"].kill()
        shop.start("email")
        later = shop.put_order()
        eventually(lambda: shop.receipt_sent(later), "the next receipt is sent")
        assert not shop.receipt_sent(lost)
    finally:
        shop.stop()
