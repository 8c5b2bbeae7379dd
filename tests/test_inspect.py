"""`celerylint inspect` over projects made by hand: values, tables, trails, the JSON document."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from celerylint.model.beat import BeatEntry
from celerylint.model.place import Place
from celerylint.model.project import App, Call, Project, Queue, Route, Task
from celerylint.model.value import Crontab, State, Step, Symbol, Value, celery_default, unknown
from celerylint.report import inspect_json, inspect_text, schedule
from celerylint.report.inspect_text import marked
from celerylint.report.style import Style
from celerylint.report.values import plain
from celerylint.wording import concise, mask_passwords

PLAIN = Style(color=False)
NOW = datetime(2025, 3, 4, 12, 30, tzinfo=timezone.utc)  # a Tuesday


def at(path: str, line: int) -> Place:
    return Place(path, line, 1, line, 9)


def known(
    value: Any, path: str = "shop/settings.py", line: int = 1, text: str = "set here"
) -> Value:
    return Value(State.KNOWN, value, (Step(text, at(path, line)),))


def environment(value: Any, *variables: str) -> Value:
    return Value(State.ENVIRONMENT, value, (Step("os.environ", at("s.py", 2)),), "", variables)


def one_of(*values: Any) -> Value:
    return Value(State.ONE_OF, values)


def app_with(**settings: Value) -> App:
    defaults = {"timezone": None, "enable_utc": True, "task_acks_late": False}
    return App(
        "shop", "shop.celery.app", at("shop/celery.py", 3), known("CELERY"), settings, defaults
    )


OPTIONS = {
    "acks_late": known(True, "shop/tasks.py", 5, "decorator"),
    "soft_time_limit": environment(60, "SOFT_LIMIT"),
    "time_limit": one_of(90, 120),
    "max_retries": celery_default(3),
    "autoretry_for": known([Symbol("builtins.OSError")]),
    "retry_kwargs": celery_default({}),
    "rate_limit": unknown("`limits()` at shop/tasks.py:4 is not read"),
}


def task(name: str = "shop.tasks.charge", **changes: Any) -> Task:
    fields: dict[str, Any] = {
        "name": name,
        "app": "shop.celery.app",
        "module": "shop.tasks",
        "function": "charge",
        "place": at("shop/tasks.py", 6),
        "decorator": at("shop/tasks.py", 5),
        "bind": known(True),
        "options": OPTIONS,
        "queue": known("billing", "shop/settings.py", 8, 'route "shop.*"'),
        "routed_by": "route",
        "given": {},
    }
    return Task(**{**fields, **changes})


def project(**changes: Any) -> Project:
    nightly = BeatEntry(
        "shop.celery.app",
        "nightly",
        known("shop.tasks.charge"),
        True,
        known(Crontab(minute=0, hour=[3, 15])),
        known("billing"),
        at("shop/settings.py", 20),
    )
    fields: dict[str, Any] = {
        "celery_version": "5.6.3",
        "celery_version_source": "uv.lock:512",
        "apps": [app_with(task_acks_late=known(True), broker_url=known("redis://u:secret@r/0"))],
        "tasks": [task()],
        "routes": [
            Route(
                "shop.celery.app",
                "shop.*",
                "glob",
                known("billing"),
                at("shop/settings.py", 8),
                ("shop.tasks.charge",),
            )
        ],
        "queues": [Queue("billing", None, False, ("shop.tasks.charge",))],
        "beat": [nightly],
        "calls": [Call("shop.tasks.charge", "delay", unknown("dynamic"), at("shop/api.py", 9), {})],
        "unreadable": [],
    }
    return Project(**{**fields, **changes})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (math.inf, "inf"),
        (timedelta(minutes=2), 120),
        (timedelta(milliseconds=1500), 1.5),
        (Symbol("builtins.Exception"), "builtins.Exception"),
        ((1, "a"), [1, "a"]),
        ({"b", "a", 3, 2}, [2, 3, "a", "b"]),
        (frozenset({Symbol("b"), Symbol("a")}), ["a", "b"]),
        ({"x": {timedelta(1)}}, {"x": [86400]}),
        (b"\x00a", "b'\\x00a'"),
        (
            Crontab(minute=0, hour=[3, 15], day_of_week={"mon", "fri"}),
            {
                "minute": "0",
                "hour": "3,15",
                "day_of_week": "fri,mon",
                "day_of_month": "*",
                "month_of_year": "*",
            },
        ),
    ],
)
def test_plain_data(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


def test_short_text() -> None:
    value = {"a": [Symbol("builtins.OSError"), Symbol("x.Y")], "b": {timedelta(seconds=5)}}
    assert concise(value) == '{"a": [OSError, x.Y], "b": {5s}}'


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("redis://:hunter2@host:6379/0", "redis://:***@host:6379/0"),
        ("amqp://me:p@ss@host//", "amqp://me:***@host//"),
        ('["redis://a:b@c", "redis://d:e@f"]', '["redis://a:***@c", "redis://d:***@f"]'),
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("https://example.org/a@b", "https://example.org/a@b"),
    ],
)
def test_passwords_are_masked(text: str, masked: str) -> None:
    assert mask_passwords(text) == masked


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (known(5), "5"),
        (celery_default(5), "(5)"),
        (environment(5, "X"), "$5"),
        (one_of(5, 6, 5), "5 | 6"),
        (unknown("why"), "?"),
    ],
)
def test_marks(value: Value, expected: str) -> None:
    assert marked(value, concise) == expected


class TestTables:
    def test_all(self) -> None:
        assert inspect_text.render_project(project(), PLAIN, None, NOW) == (
            "Tasks (1)\n"
            "NAME               QUEUE    ACKS  SOFT  HARD        RETRIES   DEFINED AT\n"
            "shop.tasks.charge  billing  late  $60s  90s | 120s  (3) auto  shop/tasks.py:6\n"
            "\n"
            "Apps (1)\n"
            "VARIABLE         NAME  NAMESPACE  TASKS  CREATED AT\n"
            "shop.celery.app  shop  CELERY     1      shop/celery.py:3\n"
            "\n"
            "Queues (1)\n"
            "NAME     DECLARED  READ BY  TASKS\n"
            "billing  no        -        shop.tasks.charge\n"
            "\n"
            "Beat (1)\n"
            "ENTRY    SENDS              QUEUE    SCHEDULE              NEXT"
            "                      DEFINED AT\n"
            "nightly  shop.tasks.charge  billing  crontab 0 3,15 * * *  Tue 2025-03-04 15:00 UTC"
            "  shop/settings.py:20\n"
            "\n"
            "Settings that differ from Celery's defaults (2)\n"
            "SETTING         VALUE                SET AT\n"
            'broker_url      "redis://u:***@r/0"  shop/settings.py:1\n'
            "task_acks_late  True                 shop/settings.py:1\n"
            "\n"
            "(x) the default; $x the environment may override x; x | y one of them\n"
            "\n"
            "Judged by Celery 5.6.3 (uv.lock:512).\n"
        )

    def test_readable_at_a_hundred_columns_and_less(self) -> None:
        for width in (100, 72, 40, 20):
            lines = inspect_text.render_project(project(), PLAIN, width, NOW).splitlines()
            tables = lines[: lines.index("")]
            assert max(map(len, tables)) <= width

    def test_settings_at_their_default_are_left_out(self) -> None:
        same = app_with(task_acks_late=known(False))
        report = inspect_text.render_project(project(apps=[same]), PLAIN, None, NOW)
        assert "Settings" not in report

    def test_several_apps_tell_whose_setting_it_is(self) -> None:
        apps = [app_with(), app_with(task_acks_late=known(True))]
        apps[1].variable = "mail.app"
        report = inspect_text.render_project(project(apps=apps), PLAIN, None, NOW)
        assert "mail.app: task_acks_late  True" in report

    def test_beat_entries_that_send_nothing_stand_out(self) -> None:
        entry = project().beat[0]
        lost = BeatEntry(
            entry.app, "lost", known("gone"), False, known(30), entry.queue, entry.place
        )
        report = inspect_text.render_project(project(beat=[lost]), PLAIN, None, NOW)
        assert "lost   gone (no such task)  billing  every 30 s  -" in report

    def test_an_empty_project(self) -> None:
        empty = Project(None, "", [], [], [], [], [], [], [])
        assert inspect_text.render_project(empty, PLAIN, 80, NOW).startswith("No Celery app")


class TestTrail:
    def test_every_option_winner_first(self) -> None:
        winner = Step("decorator: acks_late=False", at("shop/tasks.py", 5))
        loser = Step("task_acks_late = True", at("shop/settings.py", 41))
        value = Value(State.KNOWN, False, (winner, loser, Step("Celery's default")))
        subject = task(options={**OPTIONS, "acks_late": value})
        assert inspect_text.render_tasks([subject], PLAIN, None) == (
            "shop.tasks.charge\n"
            "  charge at shop/tasks.py:6, bound\n"
            "  app shop.celery.app\n"
            "\n"
            "queue = billing\n"
            '   shop/settings.py:8  route "shop.*"\n'
            "acks_late = False\n"
            "   shop/tasks.py:5      decorator: acks_late=False\n"
            "   shop/settings.py:41  task_acks_late = True\n"
            "   -                    Celery's default\n"
            "autoretry_for = [OSError]\n"
            "   shop/settings.py:1  set here\n"
            "rate_limit cannot be told: `limits()` at shop/tasks.py:4 is not read\n"
            "soft_time_limit = 60, unless SOFT_LIMIT says otherwise\n"
            "   s.py:2  os.environ\n"
            "time_limit = 90 or 120\n"
            "\n"
            "Celery's defaults\n"
            "  max_retries = 3\n"
            "  retry_kwargs = {}\n"
        )


class TestSchedules:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (30, "every 30 s"),
            (1.5, "every 1.5 s"),
            (60, "every minute"),
            (timedelta(hours=2), "every 2 hours"),
            (timedelta(days=1), "every day"),
            (90, "every 90 s"),
            (Crontab(), "crontab * * * * *"),
            (Crontab(minute="*/5", day_of_week="mon", month_of_year=2), "crontab */5 * * 2 mon"),
            (Symbol("celery.schedules.solar"), "celery.schedules.solar"),
        ],
    )
    def test_in_words(self, value: Any, words: str) -> None:
        assert schedule.in_words(value) == words

    @pytest.mark.parametrize(
        ("crontab", "expected"),
        [
            (Crontab(minute=0, hour=3), "Wed 2025-03-05 03:00 UTC"),
            (Crontab(minute="*/15"), "Tue 2025-03-04 12:45 UTC"),
            (Crontab(minute=0, hour=0, day_of_month=1), "Tue 2025-04-01 00:00 UTC"),
            (Crontab(minute=0, hour=0, day_of_month="29", month_of_year=2), "2028-02-29"),
        ],
    )
    def test_next_run(self, crontab: Crontab, expected: str) -> None:
        assert expected in schedule.next_run(known(crontab), app_with(), NOW)

    def test_next_run_in_the_apps_time_zone(self) -> None:
        berlin = app_with(timezone=known("Europe/Berlin"))
        crontab = known(Crontab(minute=0, hour=14))
        assert schedule.next_run(crontab, berlin, NOW) == "Tue 2025-03-04 14:00 CET"

    def test_next_run_that_never_comes(self) -> None:
        assert schedule.next_run(known(Crontab(minute=99)), app_with(), NOW).startswith("never: ")

    @pytest.mark.parametrize(
        ("value", "app"),
        [
            (known(30), app_with()),
            (unknown("why"), app_with()),
            (known(Crontab()), None),
            (known(Crontab()), app_with(timezone=unknown("why"))),
            (known(Crontab()), app_with(timezone=known("No/Where"))),
            (known(Crontab()), app_with(timezone=one_of("UTC", "Europe/Berlin"))),
        ],
    )
    def test_no_guess_where_it_cannot_be_told(self, value: Value, app: App | None) -> None:
        assert schedule.next_run(value, app, NOW) == ""


class TestJson:
    def test_shape(self) -> None:
        document = json.loads(inspect_json.render(project(), project().tasks))
        assert list(document) == [
            *("schema", "celery_version", "apps", "settings", "tasks", "routes", "queues", "beat"),
            *("workers", "calls"),
        ]
        options = document["tasks"][0].pop("options")
        # Beside what is flat for convenience, the values whole.
        [route], [entry], [call] = document["routes"], document["beat"], document["calls"]
        assert route.pop("values")["queue"]["state"] == "known"
        assert {name: value["state"] for name, value in entry.pop("values").items()} == {
            "task": "known",
            "schedule": "known",
            "queue": "known",
        }
        assert call.pop("values")["queue"]["reason"]
        assert document == {
            "schema": 1,
            "celery_version": {"value": "5.6.3", "source": "uv.lock:512"},
            "apps": [
                {
                    "name": "shop",
                    "variable": "shop.celery.app",
                    "path": "shop/celery.py",
                    "line": 3,
                    "namespace": "CELERY",
                }
            ],
            "settings": [
                {
                    "app": "shop.celery.app",
                    "name": name,
                    "state": "known",
                    "value": value,
                    "trail": [{"path": "shop/settings.py", "line": 1, "text": "set here"}],
                }
                for name, value in (("broker_url", "redis://u:***@r/0"), ("task_acks_late", True))
            ],
            "tasks": [
                {
                    "name": "shop.tasks.charge",
                    "app": "shop.celery.app",
                    "conditional": False,
                    "loaded": None,
                    "path": "shop/tasks.py",
                    "line": 6,
                    "function": "charge",
                    "bind": True,
                    "queue": {
                        "state": "known",
                        "value": "billing",
                        "trail": [
                            {"path": "shop/settings.py", "line": 8, "text": 'route "shop.*"'}
                        ],
                    },
                }
            ],
            "routes": [
                {
                    "pattern": "shop.*",
                    "queue": "billing",
                    "path": "shop/settings.py",
                    "line": 8,
                    "matches": ["shop.tasks.charge"],
                }
            ],
            "queues": [
                {
                    "name": "billing",
                    "declared": False,
                    "tasks": ["shop.tasks.charge"],
                    "workers": [],
                }
            ],
            "beat": [
                {
                    "entry": "nightly",
                    "task": "shop.tasks.charge",
                    "resolves": True,
                    "schedule": {
                        "minute": "0",
                        "hour": "3,15",
                        "day_of_week": "*",
                        "day_of_month": "*",
                        "month_of_year": "*",
                    },
                    "queue": "billing",
                    "path": "shop/settings.py",
                    "line": 20,
                    "conditional": False,
                }
            ],
            "workers": [],
            "calls": [
                {
                    "task": "shop.tasks.charge",
                    "kind": "delay",
                    "queue": None,
                    "path": "shop/api.py",
                    "line": 9,
                }
            ],
        }
        assert options["max_retries"] == {
            "state": "default",
            "value": 3,
            "trail": [{"path": None, "line": None, "text": "Celery's default"}],
        }
        assert options["soft_time_limit"]["state"] == "environment"
        assert options["soft_time_limit"]["value"] == 60
        assert options["time_limit"] == {"state": "one-of", "value": [90, 120], "trail": []}
        assert options["autoretry_for"]["value"] == ["builtins.OSError"]
        assert options["rate_limit"] == {
            "state": "unknown",
            "value": None,
            "trail": [],
            "reason": "`limits()` at shop/tasks.py:4 is not read",
        }

    def test_tasks_can_be_limited(self) -> None:
        document = json.loads(inspect_json.render(project(), []))
        assert document["tasks"] == []
        assert document["queues"]
