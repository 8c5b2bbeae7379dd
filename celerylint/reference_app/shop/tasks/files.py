"""Queue `files`: long tasks that read and write the disk."""

import csv
import sqlite3
import time
from dataclasses import astuple
from pathlib import Path

from celery import Task, shared_task

from shop import orders, settings


def export_path(month: str) -> Path:
    return Path(settings.DATA_DIR, f"orders-{month}.csv")


@shared_task(
    name="files.export_orders",
    bind=True,
    autoretry_for=(OSError, sqlite3.OperationalError),
    max_retries=5,
    retry_backoff=10,
    retry_backoff_max=120,
    retry_jitter=True,
    soft_time_limit=300,
    time_limit=360,
)
def export_orders(self: "Task[[str], str]", month: str) -> str:
    """Write the orders of a month to a CSV file, and return the name of the file."""
    path = export_path(month)
    unfinished = path.with_suffix(f".{self.request.id}.tmp")
    try:
        with unfinished.open("w", newline="") as file:
            csv.writer(file).writerows(astuple(order) for order in orders.of_month(month))
        # All of the file at once: nobody reads half an export, and a second run is harmless.
        unfinished.replace(path)
    finally:
        # Runs when the soft limit raises, too. After the hard limit `delete_old_exports` tidies up.
        unfinished.unlink(missing_ok=True)
    return path.name


@shared_task(
    name="files.delete_old_exports",
    ignore_result=True,
    autoretry_for=(OSError,),
    max_retries=3,
    retry_backoff=10,
    retry_backoff_max=120,
    retry_jitter=True,
)
def delete_old_exports(days: int) -> None:
    """Delete the exports, finished or not, that are older than so many days."""
    oldest = time.time() - days * 86400
    for path in Path(settings.DATA_DIR).glob("orders-*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
