"""Queue `email`: short tasks that talk to the mail server."""

import smtplib
import sqlite3
from email.message import EmailMessage

from celery import Task, shared_task
from celery.utils.log import get_task_logger

from shop import orders, settings

logger = get_task_logger(__name__)


# Every error of smtplib and of the network is an OSError; a refused address stays refused.
@shared_task(
    name="email.send_receipt",
    bind=True,
    ignore_result=True,
    autoretry_for=(OSError, sqlite3.OperationalError),
    dont_autoretry_for=(smtplib.SMTPRecipientsRefused,),
    max_retries=6,
    retry_backoff=10,
    retry_backoff_max=300,
    retry_jitter=True,
    soft_time_limit=30,
    time_limit=45,
)
def send_receipt(self: "Task[[str], None]", order_id: str) -> None:
    """Mail the receipt of an order, unless that is done already."""
    order = orders.get(order_id)
    if order.receipt_sent_at:
        return

    message = EmailMessage()
    message["From"] = "shop@example.com"
    message["To"] = order.email
    message["Subject"] = "Your receipt"
    # A worker may die right here, after sending and before the mark. The second copy then carries
    # the same Message-ID, and mail programs show it once.
    message["Message-ID"] = f"<receipt-{order.id}@shop.example.com>"
    message.set_content(f"Thank you for your order: {order.quantity} x {order.item}.")

    logger.info("order %s, attempt %d", order.id, self.request.retries + 1)
    with smtplib.SMTP(settings.SMTP_HOST, settings.SMTP_PORT, timeout=20) as server:
        server.send_message(message)
    orders.mark_receipt_sent(order.id)
