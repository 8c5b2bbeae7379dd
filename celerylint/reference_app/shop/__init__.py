"""A small shop: FastAPI takes the orders, Celery does the slow work."""

# @shared_task belongs to whichever app is current: load ours wherever `shop` is imported.
from shop.celery_app import celery_app

__all__ = ["celery_app"]
