"""The orders, in SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime, timezone

from shop import settings

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    item TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    receipt_sent_at TEXT
)
"""


@dataclass(frozen=True)
class Order:
    """One order; times are ISO 8601 in UTC."""

    id: str
    email: str
    item: str
    quantity: int
    created_at: str
    receipt_sent_at: str | None = None


class UnknownOrder(LookupError):
    """No order has this id."""


def now() -> str:
    return iso(datetime.now(timezone.utc))


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """A connection that commits at the end of the block, or rolls back on an error."""
    connection = sqlite3.connect(f"{settings.DATA_DIR}/shop.db", timeout=10)
    try:
        with connection:
            connection.execute(SCHEMA)
            yield connection
    finally:
        connection.close()


def add(order: Order) -> None:
    """Store an order; storing it again changes nothing."""
    with database() as db:
        db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, ?, ?)", astuple(order))


def get(order_id: str) -> Order:
    with database() as db:
        row = db.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone()
    if row is None:
        raise UnknownOrder(order_id)
    return Order(*row)


def of_month(month: str) -> list[Order]:
    """The orders of a month such as `2026-11`, oldest first."""
    with database() as db:
        rows = db.execute(
            "SELECT * FROM orders WHERE created_at LIKE ? ORDER BY created_at, id", (f"{month}-%",)
        )
        return [Order(*row) for row in rows]


def without_receipt(before: datetime) -> list[str]:
    """Ids of the orders made before a moment whose receipt is still not sent."""
    with database() as db:
        rows = db.execute(
            "SELECT id FROM orders WHERE receipt_sent_at IS NULL AND created_at < ?", (iso(before),)
        )
        return [order_id for (order_id,) in rows]


def mark_receipt_sent(order_id: str) -> None:
    with database() as db:
        db.execute("UPDATE orders SET receipt_sent_at = ? WHERE id = ?", (now(), order_id))
