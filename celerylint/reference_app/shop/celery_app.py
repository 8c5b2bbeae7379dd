"""The Celery application: where each task goes, what happens when something breaks, and when."""

from datetime import timedelta

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

from shop import settings

celery_app = Celery(
    "shop",
    broker=settings.BROKER_URL,
    backend=settings.RESULT_BACKEND,
    include=["shop.tasks.email", "shop.tasks.files", "shop.tasks.scheduler"],
)
# "Current" holds for one thread only, and FastAPI runs `def` endpoints in a pool of threads.
# Without this line their @shared_task calls would go to Celery's fallback app on amqp://localhost.
celery_app.set_default()

celery_app.conf.update(
    # Messages: JSON and nothing else. Pickle would run code for whoever can reach Redis.
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    # Delivery: a message is deleted when its task has ended, so a dead worker loses nothing.
    # Every task may therefore run twice, and every task body here can bear it.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_retry_on_worker_lost=True,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    # Redis redelivers what is unacknowledged for this long: more than the longest retry delay
    # (300 s) and the longest hard limit (360 s) together, or tasks would run twice for nothing.
    broker_transport_options={"visibility_timeout": 1800} | settings.BROKER_FOLDERS,
    broker_connection_retry_on_startup=True,
    # Limits for tasks that name none: an exception at the soft one, a killed process at the hard.
    task_soft_time_limit=120,
    task_time_limit=150,
    # Workers: take one message per process, so that no task waits behind a slow one.
    worker_concurrency=settings.WORKER_CONCURRENCY,
    worker_prefetch_multiplier=1,
    # Results: kept for a day, and a request does not hang for long when Redis is away.
    task_track_started=True,
    result_expires=86400,
    result_backend_transport_options={"retry_policy": {"timeout": 5.0}},
    # Time.
    timezone="UTC",
    enable_utc=True,
)

# A queue that is missing here is an error when publishing, instead of a queue nobody reads.
celery_app.conf.task_create_missing_queues = False
celery_app.conf.task_default_queue = "celery"
celery_app.conf.task_queues = [Queue("celery"), Queue("files"), Queue("email")]
celery_app.conf.task_routes = {
    "email.*": {"queue": "email"},
    "files.*": {"queue": "files"},
    "scheduler.*": {"queue": "celery"},
}

# Each run expires before the next is due: after an outage one run is left, not a pile of them.
celery_app.conf.beat_schedule_filename = f"{settings.DATA_DIR}/beat-schedule"
celery_app.conf.beat_schedule = {
    "resend-receipts": {
        "task": "scheduler.resend_receipts",
        "schedule": timedelta(minutes=30),
        "options": {"expires": 25 * 60},
    },
    "delete-old-exports": {
        "task": "files.delete_old_exports",
        "schedule": crontab(minute=15, hour=3),
        "args": (30,),
        "options": {"expires": 12 * 3600},
    },
    "export-last-month": {
        "task": "scheduler.export_last_month",
        "schedule": crontab(minute=0, hour=4, day_of_month=1),
        "options": {"expires": 24 * 3600},
    },
}
