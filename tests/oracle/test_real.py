"""The program that asks real Celery, and the process that serves it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .harness import REAL, Oracle, Project, ProjectFailed, bare_environment, files, run_real

PROJECT = Project(
    files(
        """
        # app.py
        import datetime, enum, re
        from celery import Celery
        from kombu import Exchange, Queue
        print("printed by the project")
        app = Celery("proj", task_queues=[Queue("celery"), Queue("b")])

        class Level(str, enum.Enum):
            LOW = "low"

        app.conf.broker_transport_options = {
            "set": {3, 1}, "tuple": (1, None, True), "delta": datetime.timedelta(seconds=1.5),
            "class": KeyError, "function": re.compile, "enum": Level.LOW, "inf": float("inf"),
            "keys": {1: 2, re.compile("x"): 3}, "object": Exchange("x"),
        }

        @app.task
        def add(): ...

        class Other:
            @staticmethod
            @app.task
            def sub(): ...
        """
    )
)


def test_values_become_json(oracle: Oracle) -> None:
    settings = oracle.run(PROJECT)["apps"]["app.app"]["settings"]
    assert settings["broker_transport_options"] == {
        "value": {
            "set": [1, 3],
            "tuple": [1, None, True],
            "delta": 1.5,
            "class": "builtins.KeyError",
            "function": "re.compile",
            "enum": "low",
            "inf": "inf",
            "keys": {"1": 2, "re.compile('x')": 3},
            "object": {"repr": "Exchange"},
        },
        "given": True,
    }
    assert settings["task_queues"]["value"] == ["celery", "b"]
    assert settings["task_acks_late"] == {"value": False, "given": False}


def test_a_task_has_the_place_of_its_def(oracle: Oracle) -> None:
    tasks = oracle.run(PROJECT)["apps"]["app.app"]["tasks"]
    lines = PROJECT.files["app.py"].splitlines()
    assert {name: (task["path"], lines[task["line"] - 1]) for name, task in tasks.items()} == {
        "app.add": ("app.py", "def add(): ..."),
        "app.sub": ("app.py", "    def sub(): ..."),
    }


def test_a_process_of_its_own_says_the_same(oracle: Oracle) -> None:
    assert run_real(PROJECT, oracle.python) == oracle.run(PROJECT)


def test_projects_do_not_see_each_other(oracle: Oracle) -> None:
    first = Project(files("# app.py\nfrom celery import Celery\napp = Celery(task_time_limit=1)"))
    second = Project(
        files(
            """
            # app.py
            import os, sys
            from celery import Celery, _state
            assert "oracle_leak" not in os.environ and not _state._get_active_apps()
            os.environ["oracle_leak"] = "1"
            app = Celery()
            """
        )
    )
    for project, limit in ((first, 1), (second, None), (second, None), (first, 1)):
        settings = oracle.run(project)["apps"]["app.app"]["settings"]
        assert settings["task_time_limit"]["value"] == limit


def test_a_project_that_does_not_load_says_why(oracle: Oracle) -> None:
    broken = Project({"app.py": "import celery\n1 / 0\n"})
    with pytest.raises(ProjectFailed, match="ZeroDivisionError") as failure:
        oracle.run(broken)
    assert 'app.py", line 2' in failure.value.trace
    with pytest.raises(ProjectFailed, match="ZeroDivisionError"):
        run_real(broken, oracle.python)
    with pytest.raises(ProjectFailed, match="the process died"):
        oracle.run(Project({"app.py": "import os\nos._exit(3)\n"}))
    assert oracle.run(PROJECT)["apps"]


def test_the_environment_beats_the_broker_that_code_names(oracle: Oracle) -> None:
    """celery/app/utils.py, ``Settings.broker_url``; the reason why `bare_environment` is bare."""
    source = {"app.py": "from celery import Celery\napp = Celery(broker='redis://code')\n"}
    project = Project(source, env={"CELERY_BROKER_URL": "redis://environment"})
    settings = oracle.run(project)["apps"]["app.app"]["settings"]
    assert settings["broker_url"]["value"] == "redis://environment"
    assert settings["broker_write_url"]["value"] == "redis://environment"
    settings = oracle.run(Project(source))["apps"]["app.app"]["settings"]
    assert settings["broker_url"]["value"] == "redis://code"


def test_the_command_line_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, str(REAL)], capture_output=True, text=True, env=bare_environment()
    )
    assert done.returncode == 2
    assert "name at least one app, such as proj.celery:app" in done.stderr
