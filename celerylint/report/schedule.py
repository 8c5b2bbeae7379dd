"""When beat sends an entry: in words, and the next time where that can be told."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any

from celerylint.model.project import App
from celerylint.model.value import Crontab, Value
from celerylint.report.values import crontab_field
from celerylint.wording import concise

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def in_words(schedule: Any) -> str:
    """``every 30 s``, ``every day``, ``crontab 0 3 * * *``."""
    if isinstance(schedule, Crontab):
        fields = (
            schedule.minute,
            schedule.hour,
            schedule.day_of_month,
            schedule.month_of_year,
            schedule.day_of_week,
        )
        return f"crontab {' '.join(map(crontab_field, fields))}"
    if isinstance(schedule, timedelta):
        return _every(schedule.total_seconds())
    if isinstance(schedule, (int, float)) and not isinstance(schedule, bool):
        return _every(schedule)
    return concise(schedule)


def _every(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    return f"every {seconds:g} s"


def next_run(schedule: Value, app: App | None, now: datetime) -> str:
    """The next time of a crontab after ``now`` (aware), such as ``Tue 2025-03-04 03:00 UTC``.

    Empty for an interval, which counts from beat's start, and where schedule or time zone are
    unknown.
    """
    crontab = schedule.value
    if not isinstance(crontab, Crontab) or app is None:
        return ""
    zone = _zone(app)
    if zone is None:
        return ""
    # Celery's own arithmetic, with no app of Celery's behind it: one would read its configuration
    # from the environment, and that may be a module of the project.
    from celery import schedules

    local_now = now.astimezone(zone)
    try:
        real = schedules.crontab(
            **{field: getattr(crontab, field) for field in Crontab.__struct_fields__},
            app=SimpleNamespace(timezone=zone, conf=SimpleNamespace(enable_utc=True)),
            nowfun=lambda: local_now,
        )
        last, delta, _ = real.remaining_delta(local_now)
        coming: datetime = last + delta
    except (TypeError, ValueError, RuntimeError) as error:
        return f"never: {error}"
    return f"{coming:%a %Y-%m-%d %H:%M} {coming.tzname()}"


def _zone(app: App) -> tzinfo | None:
    """The app's time zone, as ``Celery.timezone`` computes it; None where it cannot be told."""
    from celery.utils.time import timezone

    name, utc = app.setting("timezone"), app.setting("enable_utc")
    if name.is_unknown or utc.is_unknown or len(name.possibilities()) != 1:
        return None
    name_value, utc_value = name.possibilities()[0], utc.possibilities()[0]
    if not name_value:
        return timezone.utc if utc_value else timezone.local
    try:
        return timezone.get_timezone(name_value)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None
