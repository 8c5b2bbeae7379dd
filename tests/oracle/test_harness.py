"""The judge itself: it must see every kind of mistake celerylint could make."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from .harness import Oracle, Project, compare, files, same

PROJECT = Project(
    files(
        """
        # app.py
        from celery import Celery
        from celery.exceptions import SoftTimeLimitExceeded
        app = Celery("proj", task_acks_late=True)
        app.conf.beat_schedule = {"nightly": {"task": "app.add", "schedule": 60}}

        @app.task(autoretry_for=(SoftTimeLimitExceeded,))
        def add(): ...

        @app.task(exchange="x", routing_key="y")
        def sub(): ...
        """
    )
)


def perfect(real: dict[str, Any]) -> dict[str, Any]:
    """What ``celerylint inspect`` would print if it knew everything."""

    def known(value: object) -> dict[str, Any]:
        return {"state": "known", "value": value, "trail": []}

    def queue(value: object) -> dict[str, Any]:
        if isinstance(value, str):
            return known(value)
        return {"state": "unknown", "value": None, "trail": [], "reason": "an exchange"}

    told: dict[str, Any] = {"tasks": [], "settings": [], "beat": []}
    for variable, app in real["apps"].items():
        for name, task in app["tasks"].items():
            place = {"path": f"/somewhere/{task['path']}", "line": task["line"]}
            options = {option: known(value) for option, value in task["options"].items()}
            about = {"name": name, "app": variable, **place, "options": options}
            told["tasks"].append(about | {"queue": queue(task["queue"])})
        for name, setting in app["settings"].items():
            told["settings"].append({"app": variable, "name": name, **known(setting["value"])})
        for name, entry in app["beat"].items():
            values = {
                key: {"state": "known", "value": entry[key]}
                for key in ("task", "schedule", "queue")
            }
            shown = {"resolves": entry["resolves"], "conditional": False, "values": values}
            told["beat"].append({"entry": name, "task": entry["task"], **shown})
    return copy.deepcopy(told)


@pytest.fixture(scope="module")
def real(oracle: Oracle) -> dict[str, Any]:
    return oracle.run(PROJECT)


def test_the_truth_is_accepted(real: dict[str, Any]) -> None:
    result = compare(real, perfect(real))
    assert result.differences == []
    assert result.unknown == {"task app.sub queue": "an exchange"}
    assert len(result.agreed) > 150
    assert 0 < result.unknown_share < 0.01


def _drop_task(told: dict[str, Any]) -> None:
    told["tasks"].pop(0)


def _invent_task(told: dict[str, Any]) -> None:
    told["tasks"].append(told["tasks"][0] | {"name": "app.mul"})


def _repeat_task(told: dict[str, Any]) -> None:
    told["tasks"].append(told["tasks"][0])


def _wrong_option(told: dict[str, Any]) -> None:
    told["tasks"][0]["options"]["acks_late"]["value"] = False


def _one_of_without_the_truth(told: dict[str, Any]) -> None:
    told["tasks"][0]["options"]["acks_late"] = {"state": "one-of", "value": [False, None]}


def _drop_option(told: dict[str, Any]) -> None:
    del told["tasks"][0]["options"]["max_retries"]


def _wrong_line(told: dict[str, Any]) -> None:
    told["tasks"][0]["line"] += 1


def _wrong_queue(told: dict[str, Any]) -> None:
    told["tasks"][0]["queue"] = {"state": "default", "value": "other"}


def _queue_where_there_is_none(told: dict[str, Any]) -> None:
    told["tasks"][1]["queue"] = {"state": "known", "value": "celery"}


def _wrong_setting(told: dict[str, Any]) -> None:
    for setting in told["settings"]:
        if setting["name"] == "task_always_eager":
            setting["value"] = True


def _drop_setting(told: dict[str, Any]) -> None:
    told["settings"] = [s for s in told["settings"] if s["name"] != "task_acks_late"]


def _invent_setting(told: dict[str, Any]) -> None:
    told["settings"][0]["name"] = "task_max_retries"


def _drop_entry(told: dict[str, Any]) -> None:
    told["beat"].clear()


def _invent_entry(told: dict[str, Any]) -> None:
    told["beat"].append(told["beat"][0] | {"entry": "hourly"})


def _wrong_schedule(told: dict[str, Any]) -> None:
    told["beat"][0]["values"]["schedule"]["value"] = 61


def _wrong_resolution(told: dict[str, Any]) -> None:
    told["beat"][0]["resolves"] = False


@pytest.mark.parametrize(
    ("mistake", "about"),
    [
        (_drop_task, "task app.add"),
        (_invent_task, "task app.mul"),
        (_repeat_task, "task app.add"),
        (_wrong_option, "task app.add acks_late"),
        (_one_of_without_the_truth, "task app.add acks_late"),
        (_drop_option, "task app.add max_retries"),
        (_wrong_line, "task app.add line"),
        (_wrong_queue, "task app.add queue"),
        (_queue_where_there_is_none, "task app.sub queue"),
        (_wrong_setting, "setting task_always_eager"),
        (_drop_setting, "setting task_acks_late"),
        (_invent_setting, "setting task_max_retries"),
        (_drop_entry, "beat nightly"),
        (_invent_entry, "beat hourly"),
        (_wrong_schedule, "beat nightly schedule"),
        (_wrong_resolution, "beat nightly resolves"),
    ],
)
def test_a_mistake_is_seen(
    real: dict[str, Any], mistake: Callable[[dict[str, Any]], None], about: str
) -> None:
    told = perfect(real)
    mistake(told)
    [difference] = compare(real, told).differences
    assert difference.what.startswith(about)


def test_what_is_not_claimed_is_counted_not_judged(real: dict[str, Any]) -> None:
    told = perfect(real)
    options = told["tasks"][0]["options"]
    options["acks_late"] = {"state": "unknown", "value": None, "reason": "app.py:9: a call"}
    options["bind"] = {"state": "one-of", "value": [True, False]}
    told["beat"][0]["resolves"] = None
    # Settings that Celery leaves at its default need not be listed.
    told["settings"] = [
        s for s in told["settings"] if s["name"] in ("task_acks_late", "beat_schedule")
    ]
    result = compare(real, told)
    assert result.differences == []
    assert result.one_of == ["task app.add bind"]
    assert result.unknown["task app.add acks_late"] == "app.py:9: a call"
    assert "beat nightly resolves" in result.unknown


def test_a_task_of_several_apps_is_judged_by_the_app_it_is_told_under(oracle: Oracle) -> None:
    project = Project(
        files(
            """
            # one.py
            from celery import Celery
            app = Celery("one", task_time_limit=1)

            @app.task
            def add(): ...

            # two.py
            from celery import Celery
            app = Celery("two", task_time_limit=2)
            """
        ),
        apps=("one:app", "two:app"),
    )
    real = oracle.run(project)
    told = perfect(real)
    assert compare(real, told).differences == []
    told["tasks"] = [task for task in told["tasks"] if task["app"] == "two.app"]
    assert compare(real, told).differences == []
    told["tasks"][0]["app"] = "one.app"
    assert [d.what for d in compare(real, told).differences] == ["task one.add time_limit"]
    told["tasks"][0]["app"] = "three.app"
    assert [d.what for d in compare(real, told).differences] == ["task one.add", "task one.add"]


def test_equality_is_that_of_json() -> None:
    assert same({"a": [1, None]}, {"a": [1.0, None]})
    assert not same(True, 1)
    assert not same({"a": 1}, {"a": 1, "b": 2})
    assert not same([1], [1, 1])
    assert not same("1", 1)
    assert same({"repr": "Router"}, "app.Router()")
    assert not same({"repr": "Router"}, ["app.Other()"])
    assert same(["json.decoder.JSONDecodeError"], ["json.JSONDecodeError"])
    assert same(
        ["billiard.exceptions.SoftTimeLimitExceeded"], ["celery.exceptions.SoftTimeLimitExceeded"]
    )


def test_files_are_split_at_their_titles() -> None:
    text = """
        # pkg/__init__.py

        # pkg/a.py
        # a comment
        X = 1

        # .env
        Y=1
        """
    assert files(text) == {
        "pkg/__init__.py": "",
        "pkg/a.py": "# a comment\nX = 1\n",
        ".env": "Y=1\n",
    }
    with pytest.raises(ValueError, match=r"before the first '# path' title"):
        files("X = 1\n# a.py\nY = 2\n")
