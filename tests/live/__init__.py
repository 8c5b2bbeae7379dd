"""Celery for real: brokers, workers and beat run as they do in production, and are killed.

`pytest -m live` runs these tests alone. They start redis-server and rabbitmq-server themselves, and
are skipped where those are not installed, unless LIVE_TESTS=required.
"""
