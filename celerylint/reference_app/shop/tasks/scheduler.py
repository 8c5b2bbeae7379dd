"""Queue `celery`: what beat starts. These decide what is due and leave the work to other queues."""

from datetime import datetime, timedelta, timezone

from celery import group, shared_task
from kombu.exceptions import OperationalError

from shop import orders
from shop.tasks.email import send_receipt
from shop.tasks.files import export_orders

RECEIPT_OVERDUE = timedelta(minutes=30)


# No retry of its own: beat runs it again in half an hour.
@shared_task(name="scheduler.resend_receipts", ignore_result=True)
def resend_receipts() -> None:
    """Ask again for the receipts that were never sent: a safety net for lost messages."""
    overdue = orders.without_receipt(before=datetime.now(timezone.utc) - RECEIPT_OVERDUE)
    # Gone before the next run asks for them again, should the mail worker be down.
    group(send_receipt.s(order_id) for order_id in overdue).apply_async(expires=25 * 60)


@shared_task(
    name="scheduler.export_last_month",
    ignore_result=True,
    autoretry_for=(OperationalError,),
    max_retries=5,
    retry_backoff=30,
    retry_backoff_max=300,
    retry_jitter=True,
)
def export_last_month() -> None:
    """Export the orders of the month that has just ended."""
    first_of_this_month = datetime.now(timezone.utc).replace(day=1)
    month = (first_of_this_month - timedelta(days=1)).strftime("%Y-%m")
    export_orders.delay(month)
