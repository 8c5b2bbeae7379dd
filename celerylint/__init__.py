"""celerylint: read a Celery project without running it and tell what Celery will really do."""

__version__ = "0.1.0"
