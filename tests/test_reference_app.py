"""The reference app against real Celery: a fresh copy of it is imported, published to and run."""

import json
import os
import re
import shlex
import shutil
import smtplib
import sys
import uuid
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import celery
import pytest
import yaml
from celery import _state
from celery.beat import ScheduleEntry
from celery.exceptions import (
    CDeprecationWarning,
    CPendingDeprecationWarning,
    SoftTimeLimitExceeded,
)
from fastapi.testclient import TestClient

from celerylint.catalogue import load_rules

REFERENCE_APP = Path(__file__).parent.parent / "celerylint" / "reference_app"
QUEUE_OF_TASK = {
    "email.send_receipt": "email",
    "files.delete_old_exports": "files",
    "files.export_orders": "files",
    "scheduler.export_last_month": "celery",
    "scheduler.resend_receipts": "celery",
}


def text(name: str) -> str:
    return (REFERENCE_APP / name).read_text()


def procfile() -> dict[str, list[str]]:
    lines = (line.split(":", 1) for line in text("Procfile").splitlines())
    return {name: shlex.split(command) for name, command in lines}


def compose_services() -> dict[str, dict[str, Any]]:
    services = yaml.safe_load(text("compose.yaml"))["services"]
    return {name: service for name, service in services.items() if "build" in service}


def consumed_queues(command: list[str]) -> list[str]:
    return command[command.index("-Q") + 1].split(",") if "worker" in command else []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The modules of a copy of the app, on an in-memory broker.

    Other tests have shared tasks, and publish to the same broker, as there is one a process: both
    are out of the way meanwhile, and Celery's globals are put back.
    """
    copy = tmp_path_factory.mktemp("copy") / "app"
    shutil.copytree(REFERENCE_APP, copy, ignore=shutil.ignore_patterns("__pycache__"))
    default_app, current_app = _state.default_app, _state._tls.current_app
    finalizers = set(_state._on_app_finalizers)
    _state._on_app_finalizers.intersection_update(
        finalizer for finalizer in finalizers if finalizer.__module__ == "celery.app.builtins"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELERY_BROKER_URL", "memory://")
        patch.setenv("CELERY_RESULT_BACKEND", "cache+memory://")
        patch.setenv("DATA_DIR", str(copy / "data"))
        patch.syspath_prepend(str(copy))
        with warnings.catch_warnings():
            warnings.simplefilter("error", CDeprecationWarning)
            warnings.simplefilter("error", CPendingDeprecationWarning)
            modules = {
                name.rpartition(".")[2]: import_module(name)
                for name in ("shop.api", "shop.orders", "shop.tasks.email", "shop.tasks.files")
            }
            app = import_module("shop").celery_app
            app.loader.import_default_modules()
            app.finalize()
        take_messages(app)
        yield SimpleNamespace(app=app, data=copy / "data", **modules)
    app.close()
    _state._on_app_finalizers.clear()
    _state._on_app_finalizers.update(finalizers)
    _state.set_default_app(default_app)
    _state._set_current_app(current_app)
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def client(shop: SimpleNamespace) -> TestClient:
    return TestClient(shop.api.app)


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """What the tasks mail."""
    sent: list[EmailMessage] = []

    class Server:
        def __init__(self, *args: object, **kwargs: object) -> None: ...
        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *error: object) -> None: ...
        def send_message(self, message: EmailMessage) -> None:
            sent.append(message)

    monkeypatch.setattr(smtplib, "SMTP", Server)
    return sent


def own_tasks(app: celery.Celery) -> dict[str, celery.Task]:
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def hard_limit(task: celery.Task) -> float:
    return task.time_limit or task.app.conf.task_time_limit


def take_messages(app: celery.Celery) -> list[tuple[str, str, list[Any]]]:
    """Empty the queues; (queue, task, arguments) of what was in them."""
    taken = []
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        for queue in app.amqp.queues.values():
            queue(channel).declare()
            while message := queue(channel).get(no_ack=True):
                taken.append((queue.name, message.headers["task"], message.decode()[0]))
    return taken


def add_order(shop: SimpleNamespace, created_at: str) -> str:
    order_id = str(uuid.uuid4())
    shop.orders.add(shop.orders.Order(order_id, "ada@example.org", "lamp", 2, created_at))
    return order_id


def test_every_task_is_registered_and_routed_to_its_queue(shop: SimpleNamespace) -> None:
    routed = {
        name: shop.app.amqp.router.route({}, name, task_type=task)["queue"].name
        for name, task in own_tasks(shop.app).items()
    }
    assert routed == QUEUE_OF_TASK


def test_each_declared_queue_has_one_worker_and_the_default_queue_is_declared(
    shop: SimpleNamespace,
) -> None:
    consumed = [queue for command in procfile().values() for queue in consumed_queues(command)]
    assert sorted(consumed) == sorted(shop.app.amqp.queues) == ["celery", "email", "files"]
    assert shop.app.amqp.default_queue.name in consumed


def test_procfile_compose_and_dockerfile_run_the_same_commands() -> None:
    composed = {name: shlex.split(s["command"]) for name, s in compose_services().items()}
    started = procfile()
    assert composed.items() < started.items()
    assert started.keys() == yaml.safe_load(text("compose.yaml"))["services"].keys()
    (image_command,) = re.findall(r"^CMD (.*)$", text("Dockerfile"), re.MULTILINE)
    assert json.loads(image_command) == composed["web"]


def test_workers_are_killed_only_after_their_tasks_may_end(shop: SimpleNamespace) -> None:
    for service in compose_services().values():
        for queue in consumed_queues(shlex.split(service["command"])):
            longest = max(
                hard_limit(task)
                for name, task in own_tasks(shop.app).items()
                if QUEUE_OF_TASK[name] == queue
            )
            minutes = int(service["stop_grace_period"].removesuffix("m"))
            assert minutes * 60 > longest, queue


def test_the_environment_has_the_same_names_and_defaults_everywhere() -> None:
    read = dict(re.findall(r'environ\.get\("(\w+)", "(.*?)"\)', text("shop/settings.py")))
    defaults = {name: default for name, default in read.items() if default}
    example = (line for line in text(".env.example").splitlines() if not line.startswith("#"))
    assert dict(line.split("=", 1) for line in example) == defaults
    for service in compose_services().values():
        assert service["environment"].keys() == defaults.keys()
    embedded = re.findall(r"^(\w+)=", text(".env.embedded"), re.MULTILINE)
    assert embedded and set(embedded) < defaults.keys()


def test_the_readme_explains_every_setting(shop: SimpleNamespace) -> None:
    rows = re.findall(r"^\| (`.*?`) \|", text("README.md").partition("## Settings")[2], re.M)
    explained = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    not_explained = {"broker_url", "result_backend", "include", "deprecated_settings"}
    assert explained == shop.app.conf.changes.keys() - not_explained


def test_the_readme_names_rules_that_exist() -> None:
    table = text("README.md").partition("## Settings")[2].partition("And on the tasks")[0]
    asked_for_by = re.findall(r"^\| `.*?` \| (.*?) \|", table, re.MULTILINE)
    names = {name for cell in asked_for_by for name in re.findall(r"`([a-z-]+)`", cell)}
    rules = {rule.name for rule in load_rules().rules}
    assert names and names <= rules


def test_no_task_is_lost_with_its_worker(shop: SimpleNamespace) -> None:
    for task in own_tasks(shop.app).values():
        assert task.acks_late and task.reject_on_worker_lost, task.name


def test_limits_and_retries_are_bounded_and_below_the_visibility_timeout(
    shop: SimpleNamespace,
) -> None:
    conf = shop.app.conf
    visibility_timeout = conf.broker_transport_options["visibility_timeout"]
    for task in own_tasks(shop.app).values():
        soft = task.soft_time_limit or conf.task_soft_time_limit
        assert hard_limit(task) - soft >= 5, task.name
        assert task.max_retries is not None, task.name
        delay = max(getattr(task, "retry_backoff_max", 0), task.default_retry_delay)
        assert hard_limit(task) + delay < visibility_timeout, task.name
        retried = getattr(task, "autoretry_for", ())
        assert not issubclass(SoftTimeLimitExceeded, retried), task.name


def test_beat_sends_registered_tasks_arguments_that_they_take(shop: SimpleNamespace) -> None:
    entries = [
        ScheduleEntry(name=name, app=shop.app, **entry)
        for name, entry in shop.app.conf.beat_schedule.items()
    ]
    assert entries
    for entry in entries:
        shop.app.tasks[entry.task].__header__(*entry.args, **entry.kwargs)
        due_again = entry.schedule.remaining_estimate(datetime.now(timezone.utc))
        assert entry.options["expires"] > 0
        if not hasattr(entry.schedule, "hour"):
            assert timedelta(seconds=entry.options["expires"]) < due_again, entry.name


def test_an_order_is_stored_and_its_receipt_asked_for(
    shop: SimpleNamespace, client: TestClient
) -> None:
    url = f"/orders/{uuid.uuid4()}"
    order = {"email": "ada@example.org", "item": "lamp", "quantity": 2}
    first, second = client.put(url, json=order), client.put(url, json=order)
    assert (first.status_code, second.status_code) == (202, 202)
    assert client.get(url).json() == first.json() == second.json()
    assert take_messages(shop.app) == [("email", "email.send_receipt", [first.json()["id"]])] * 2


@pytest.mark.parametrize(
    "wrong", [{"email": "nobody"}, {"email": "a@b.org\nBcc: c@d.org"}, {"quantity": 0}]
)
def test_a_wrong_order_is_neither_stored_nor_published(
    shop: SimpleNamespace, client: TestClient, wrong: dict[str, Any]
) -> None:
    url = f"/orders/{uuid.uuid4()}"
    order = {"email": "ada@example.org", "item": "lamp", "quantity": 2} | wrong
    assert client.put(url, json=order).status_code == 422
    assert client.get(url).status_code == 404
    assert take_messages(shop.app) == []


def test_an_export_is_started_watched_and_fetched(
    shop: SimpleNamespace, client: TestClient
) -> None:
    order_id = add_order(shop, "2026-02-03T04:05:06+00:00")
    task_id = client.post("/exports", json={"month": "2026-02"}).json()["task_id"]
    assert take_messages(shop.app) == [("files", "files.export_orders", ["2026-02"])]
    assert client.get(f"/tasks/{task_id}").json() == {"state": "PENDING", "result": None}
    assert client.get("/exports/2026-02").status_code == 404

    name = shop.files.export_orders.apply(("2026-02",), task_id=task_id, throw=True).result
    shop.app.backend.mark_as_done(task_id, name)
    assert client.get(f"/tasks/{task_id}").json() == {"state": "SUCCESS", "result": name}
    assert client.get("/exports/2026-02").text.startswith(f"{order_id},ada@example.org,lamp,2,")


def test_health_follows_the_broker(
    shop: SimpleNamespace, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    nobody = shop.app.connection("redis://localhost:1/0")
    monkeypatch.setattr(shop.app, "connection_for_write", lambda: nobody)
    assert client.get("/health").status_code == 503


def test_a_receipt_is_mailed_once_however_often_the_task_runs(
    shop: SimpleNamespace, outbox: list[EmailMessage]
) -> None:
    order_id = add_order(shop, shop.orders.now())
    for _ in range(2):
        shop.email.send_receipt.apply((order_id,), throw=True)
    (message,) = outbox
    assert (message["To"], order_id in message["Message-ID"]) == ("ada@example.org", True)
    assert shop.orders.get(order_id).receipt_sent_at


def test_only_errors_that_may_pass_are_retried(
    shop: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def runs_until_given_up(error: Exception) -> int:
        attempts: list[object] = []

        def fail(*args: object, **kwargs: object) -> None:
            attempts.append(args)
            raise error

        monkeypatch.setattr(smtplib, "SMTP", fail)
        result = shop.email.send_receipt.apply((add_order(shop, shop.orders.now()),))
        assert result.failed()
        return len(attempts)

    assert runs_until_given_up(ConnectionRefusedError()) == 7
    assert runs_until_given_up(smtplib.SMTPRecipientsRefused({})) == 1
    assert runs_until_given_up(SoftTimeLimitExceeded()) == 1


def test_an_interrupted_export_leaves_no_file(
    shop: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(month: str) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(shop.orders, "of_month", too_slow)
    assert shop.files.export_orders.apply(("2026-05",)).failed()
    assert list(shop.data.glob("orders-2026-05*")) == []


def test_old_exports_are_deleted(shop: SimpleNamespace) -> None:
    old, new = shop.data / "orders-2020-01.csv", shop.data / "orders-2020-02.csv"
    for path in (old, new):
        path.touch()
    month_ago = (datetime.now(timezone.utc) - timedelta(days=31)).timestamp()
    os.utime(old, (month_ago, month_ago))
    shop.files.delete_old_exports.apply((30,), throw=True)
    assert (old.exists(), new.exists()) == (False, True)


def test_scheduler_asks_again_for_overdue_receipts_only(shop: SimpleNamespace) -> None:
    with shop.orders.database() as db:
        db.execute("DELETE FROM orders")
    overdue = add_order(shop, "2026-01-01T00:00:00+00:00")
    sent = add_order(shop, "2026-01-01T00:00:00+00:00")
    shop.orders.mark_receipt_sent(sent)
    add_order(shop, shop.orders.now())
    shop.app.tasks["scheduler.resend_receipts"].apply(throw=True)
    assert take_messages(shop.app) == [("email", "email.send_receipt", [overdue])]


def test_scheduler_exports_the_month_before(shop: SimpleNamespace) -> None:
    shop.app.tasks["scheduler.export_last_month"].apply(throw=True)
    today = datetime.now(timezone.utc)
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    assert take_messages(shop.app) == [
        ("files", "files.export_orders", [f"{year}-{month:02}"]),
    ]
