"""The reference app at work on Redis: web, beat and three workers, killed and restarted."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from live import servers
from live.leash import Leash
from live.shop import Shop
from live.waiting import eventually

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def running(redis: servers.Redis, leash: Leash, live_folder: Path) -> Iterator[Shop]:
    variables = {
        "CELERY_BROKER_URL": redis.new_database(),
        "CELERY_RESULT_BACKEND": redis.new_database(),
    }
    shop = Shop(live_folder / "shop", leash, variables)
    shop.start("web", "worker", "files", "email", "beat")
    yield shop
    shop.stop()


@pytest.fixture
def shop(running: Shop, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """The app with all its processes running; their logs are shown when a test fails."""
    running.start(*(name for name, one in running.processes.items() if one.code is not None))
    yield running
    for process in running.processes.values():
        print(process.tail())


def test_a_request_reaches_the_worker_of_its_queue(shop: Shop) -> None:
    order_id = shop.put_order()
    task_id = shop.request("POST", "/exports", {"month": "2026-01"})["task_id"]
    state = eventually(lambda: finished(shop, task_id), "the export is done")
    assert state == {"state": "SUCCESS", "result": "orders-2026-01.csv"}
    eventually(lambda: shop.receipt_sent(order_id), "the receipt is sent")
    assert shop.mail.mails_about(order_id) == 1
    ran = {name: tasks_in(shop.processes[name].log) for name in ("worker", "files", "email")}
    assert ran["email"] == {"email.send_receipt"}
    assert ran["files"] == {"files.export_orders"}
    assert ran["worker"] <= {"scheduler.resend_receipts"}


def test_beat_starts_what_is_due_and_the_work_goes_on_in_other_queues(shop: Shop) -> None:
    order_id = shop.add_old_order()
    eventually(lambda: shop.receipt_sent(order_id), "the lost receipt is sent after all")
    ran = r"(?s)(Task scheduler\.resend_receipts\S+ succeeded.*){2}"
    shop.processes["worker"].wait_for(ran)


def test_what_a_killed_worker_was_at_is_run_by_the_next(shop: Shop) -> None:
    with shop.mail.closed():
        orders = [shop.put_order() for _ in range(4)]
        # Two are being sent, the others wait: reserved, or still in the queue.
        eventually(lambda: attempts(shop, orders) >= 2, "the worker is at it")
        shop.processes["email"].kill()
        assert not any(shop.receipt_sent(order) for order in orders)
        shop.start("email")
    for order_id in orders:
        eventually(lambda order_id=order_id: shop.receipt_sent(order_id), "it is sent after all")


def test_a_task_whose_process_is_killed_is_run_again(shop: Shop) -> None:
    with shop.mail.closed():
        order_id = shop.put_order()
        eventually(lambda: shop.mail.attempts_at(order_id), "the receipt is being sent")
        (task,) = eventually(lambda: shop.active("email"), "the worker says what it is at")
        os.kill(task["worker_pid"], signal.SIGKILL)
        shop.processes["email"].wait_for(rf"{task['id']}\] retry: .*WorkerLostError")
    eventually(lambda: shop.receipt_sent(order_id), "the receipt is sent by another process")
    assert shop.mail.mails_about(order_id) == 1


def test_a_worker_that_is_told_to_stop_ends_what_it_is_at(shop: Shop) -> None:
    worker = shop.processes["email"]
    with shop.mail.closed():
        order_id = shop.put_order()
        eventually(lambda: shop.mail.attempts_at(order_id), "the receipt is being sent")
        worker.terminate()
        worker.wait_for("Warm shutdown")
        assert worker.code is None
    assert worker.wait() == 0
    assert shop.receipt_sent(order_id)
    assert len(shop.mail.attempts_at(order_id)) == 1


def test_the_soft_limit_leaves_time_to_clean_up(shop: Shop) -> None:
    task_id, month = "soft-limit", "2026-02"
    unfinished = shop.database.parent / f"orders-{month}.{task_id}.tmp"
    os.mkfifo(unfinished)  # opening it for writing blocks, as nobody reads
    shop.control.send_task(
        "files.export_orders",
        (month,),
        task_id=task_id,
        queue="files",
        soft_time_limit=1,
        time_limit=50,
    )
    files = shop.processes["files"]
    files.wait_for(rf"Soft time limit \(1s\) exceeded for files\.export_orders\[{task_id}\]")
    files.wait_for(rf"(?s){task_id}\] raised unexpected: SoftTimeLimitExceeded")
    assert not unfinished.exists()
    assert "Hard time limit" not in files.log


def test_retries_back_off_and_come_to_an_end(shop: Shop) -> None:
    with shop.mail.refusing():
        order_id = shop.put_order()
        email = shop.processes["email"]
        (task_id,) = eventually(
            lambda: set(re.findall(rf"\[([\w-]+)\]: order {order_id}", email.log)), "it is tried"
        )
        email.wait_for(rf"{task_id}\] raised unexpected: SMTPDataError")
    delays = [int(one) for one in re.findall(rf"{task_id}\] retry: Retry in (\d+)s", email.log)]
    longest = [1, 2, 2, 2, 2, 2]  # doubled each time, and capped at two seconds
    assert len(delays) == len(longest)
    assert all(delay <= most for delay, most in zip(delays, longest, strict=True)), delays
    assert len(shop.mail.attempts_at(order_id)) == 7
    assert not shop.receipt_sent(order_id)


def test_none_of_a_hundred_is_lost_while_workers_come_and_go(
    shop: Shop, record_property: Callable[[str, object], None]
) -> None:
    orders = []
    with shop.mail.taking(seconds=0.05):
        for number in range(100):
            orders.append(shop.put_order())
            if number in (20, 50, 80):
                eventually(shop.mail.is_taking, "the worker is at it")
                if number == 50:
                    shop.processes["email"].terminate()
                    assert shop.processes["email"].wait() == 0
                else:
                    shop.processes["email"].kill()
                shop.start("email")
        for order_id in orders:
            eventually(lambda order_id=order_id: shop.receipt_sent(order_id), "all are sent")
    tried = [len(shop.mail.attempts_at(order_id)) for order_id in orders]
    mails = [shop.mail.mails_about(order_id) for order_id in orders]
    assert min(mails) == 1
    ran_twice, came_twice = (sum(times > 1 for times in counts) for counts in (tried, mails))
    told = f"of 100, none was lost, {ran_twice} ran twice, {came_twice} mails came twice"
    record_property("told", told)


def attempts(shop: Shop, orders: list[str]) -> int:
    return sum(bool(shop.mail.attempts_at(order_id)) for order_id in orders)


def finished(shop: Shop, task_id: str) -> object:
    state = shop.request("GET", f"/tasks/{task_id}")
    return state["state"] in ("SUCCESS", "FAILURE") and state


def tasks_in(log: str) -> set[str]:
    return set(re.findall(r"Task (\S+)\[\S+\] received", log))
