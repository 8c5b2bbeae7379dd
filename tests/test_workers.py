"""Workers in the model: their app, queues and options, against real Celery where it can be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest
from celery import Celery
from deployments import APP, linked, text_at, write
from kombu import Queue

from celerylint.config.options import Options
from celerylint.config.settings import isolated
from celerylint.discover import discover
from celerylint.engine import run
from celerylint.model.project import Project
from celerylint.model.value import State
from celerylint.model.worker import Worker


def worker(folder: Path, command: str, **files: str) -> Worker:
    """The only worker of a project that starts this command."""
    [found] = linked(folder, {"Procfile": f"worker: {command}\n", **files}).workers
    return found


FIND_APP = {
    "module": ({"proj.py": "one = Celery('one')"}, "proj"),
    "app before celery": ({"proj.py": "celery = Celery('two')\napp = Celery('one')"}, "proj"),
    "celery": ({"proj.py": "x = Celery('two')\ncelery = Celery('one')"}, "proj"),
    "submodule celery": ({"proj/__init__.py": "", "proj/celery.py": "z = Celery('one')"}, "proj"),
    "package before submodule": (
        {"proj/__init__.py": "app = Celery('one')", "proj/celery.py": "app = Celery('two')"},
        "proj",
    ),
    "attribute": ({"proj.py": "a = Celery('two')\nb = Celery('one')"}, "proj.b"),
    "attribute by colon": ({"proj.py": "a = Celery('two')\nb = Celery('one')"}, "proj:b"),
    "module of a package": (
        {"proj/__init__.py": "app = Celery('two')", "proj/queue.py": "app = Celery('one')"},
        "proj.queue",
    ),
    "a module called app": (
        {"proj/__init__.py": "from proj import app", "proj/app.py": "q = Celery('one')"},
        "proj.app",
    ),
    "imported under a name": (
        {"proj/__init__.py": "from proj.q import c as celery", "proj/q.py": "c = Celery('one')"},
        "proj",
    ),
    "no attribute": ({"proj.py": "a = Celery('one')"}, "proj:b"),
    "no app": ({"proj.py": "a = 1"}, "proj"),
    "no module": ({"proj/__init__.py": "", "proj/q.py": "app = Celery('one')"}, "proj.qq"),
    "no module by colon": ({"proj/__init__.py": "", "proj/q.py": ""}, "proj.qq:app"),
    "any app of the submodule": (
        {"proj/__init__.py": "x = 1", "proj/celery.py": "first = Celery('one')"},
        "proj.celery",
    ),
}


@pytest.mark.parametrize("case", FIND_APP)
def test_the_app_is_looked_for_as_celery_does(case: str, tmp_path: Path) -> None:
    files, name = FIND_APP[case]
    sources = {path: f"from celery import Celery\n{text}\n" for path, text in files.items()}
    found = linked(
        tmp_path, {**sources, "tasks.py": "", "Procfile": f"w: celery -A {name} worker\n"}
    )
    [one] = found.workers
    script = "import sys; from celery.app.utils import find_app; print(find_app(sys.argv[1]).main)"
    real = subprocess.run(
        [sys.executable, "-c", script, name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    app = found.app_named(one.app)
    assert (app.name if app is not None else "") == real.stdout.strip()
    assert bool(one.app_problem) == bool(real.returncode)


QUEUES: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({}, "", {}),
    ({"task_default_queue": "shop"}, "", {}),
    ({"task_queues": ["a", "b"]}, "", {}),
    ({"task_queues": ["a", "b"]}, "-Q b,c", {"queues": ["b", "c"]}),
    ({}, "-Q a,b -X a", {"queues": ["a", "b"], "exclude_queues": ["a"]}),
    ({"task_queues": ["a", "b"]}, "-X a", {"exclude_queues": ["a"]}),
    ({}, "-X celery", {"exclude_queues": ["celery"]}),
    ({}, '-Q "a, b"', {"queues": ["a", " b"]}),
]


@pytest.mark.parametrize(("conf", "options", "given"), QUEUES, ids=str)
def test_queues_are_those_that_a_real_worker_reads(
    conf: dict[str, Any], options: str, given: dict[str, Any], tmp_path: Path
) -> None:
    written = {
        name: f"[{', '.join(f'Queue({one!r})' for one in value)}]"
        if isinstance(value, list)
        else repr(value)
        for name, value in conf.items()
    }
    lines = "".join(f"app.conf.{name} = {value}\n" for name, value in written.items())
    source = f"from celery import Celery\nfrom kombu import Queue\napp = Celery('shop')\n{lines}"
    found = worker(tmp_path, f"celery -A tasks worker {options}", **{"tasks.py": source})

    app = Celery("shop", broker="memory://", set_as_current=False)
    for name, value in conf.items():
        real = [Queue(one) for one in value] if isinstance(value, list) else value
        setattr(app.conf, name, real)
    controller = app.WorkController(**given)
    assert set(found.queues.value) == set(controller.app.amqp.queues.consume_from)


class TestOptions:
    def test_the_command_line_comes_before_the_settings(self, tmp_path: Path) -> None:
        source = APP + "app.conf.worker_concurrency = 2\napp.conf.worker_prefetch_multiplier = 1\n"
        found = worker(tmp_path, "celery -A tasks worker -c 8", **{"tasks.py": source})
        assert found.concurrency.value == 8
        assert found.concurrency.place is not None
        assert text_at((tmp_path / "Procfile").read_text(), found.concurrency.place) == "8"
        assert found.prefetch_multiplier.value == 1

    def test_zero_is_as_good_as_none(self, tmp_path: Path) -> None:
        source = APP + "app.conf.worker_concurrency = 2\n"
        found = worker(tmp_path, "celery -A tasks worker -c 0", **{"tasks.py": source})
        assert found.concurrency.value == 2

    def test_defaults_are_celerys(self, tmp_path: Path) -> None:
        found = worker(tmp_path, "celery -A tasks worker")
        assert found.queues.value == ("celery",)
        assert (found.pool.value, found.pool.state) == ("prefork", State.DEFAULT)
        assert found.concurrency.value is None
        assert found.embedded_beat.value is False
        assert found.tasks == ("tasks.export",)

    @pytest.mark.parametrize(
        ("pool", "setting", "expected"),
        [
            ("", "threads", "threads"),
            ("-P prefork", "threads", "threads"),
            ("-P solo", "threads", "solo"),
            ("-P prefork", "", "prefork"),
        ],
    )
    def test_the_pool(self, pool: str, setting: str, expected: str, tmp_path: Path) -> None:
        source = APP + (f"app.conf.worker_pool = {setting!r}\n" if setting else "")
        found = worker(tmp_path, f"celery -A tasks worker {pool}", **{"tasks.py": source})
        assert found.pool.value == expected

    @pytest.mark.parametrize(("version", "limit"), [("5.4.0", 5), ("5.6.3", 5), ("5.7.0", 600)])
    def test_which_limit_comes_first_depends_on_the_version(
        self, version: str, limit: int, tmp_path: Path
    ) -> None:
        found = worker(
            tmp_path,
            "celery -A tasks worker --time-limit 5",
            **{
                "tasks.py": APP + "app.conf.task_time_limit = 600\n",
                "requirements.txt": f"celery=={version}\n",
            },
        )
        assert found.time_limit.value == limit

    def test_what_may_be_given_besides_makes_everything_unknown(self, tmp_path: Path) -> None:
        found = worker(tmp_path, "celery -A tasks worker -Q a $MORE")
        assert found.queues.is_unknown and found.pool.is_unknown
        assert not linked(tmp_path, {}).queues_are_known

    def test_branches_are_alternatives(self, tmp_path: Path) -> None:
        script = """
        #!/bin/bash
        if [ -n "$SQS" ]; then QUEUES=a.fifo; else QUEUES=a,b; fi
        exec celery -A tasks worker -Q $QUEUES
        """
        [found] = linked(tmp_path, {"run.sh": script}).workers
        assert found.queues.possibilities() == (("a.fifo",), ("a", "b"))

    def test_multi_starts_several(self, tmp_path: Path) -> None:
        text = "[program:w]\ncommand=celery multi start a b -A tasks -Q:a one -Q:b two\n"
        found = linked(tmp_path, {"s.conf": text}).workers
        assert [(one.name, one.queues.value) for one in found] == [("a", ("one",)), ("b", ("two",))]
        assert all(one.grace_period.is_unknown for one in found)

    def test_python_starts_workers_too(self, tmp_path: Path) -> None:
        source = (
            APP
            + """
import subprocess
QUEUES = "files"
if __name__ == "__main__":
    app.worker_main(["worker", "-Q", QUEUES, "-c", "2"])
    subprocess.run(["celery", "-A", "tasks", "beat", "-l", LEVEL])
    other.worker_main(["worker"])
"""
        )
        found = linked(tmp_path, {"tasks.py": source}).workers
        assert [(one.kind, one.queues.value) for one in found] == [
            ("worker", ("files",)),
            ("beat", ("celery",)),
        ]

    def test_a_command_of_django(self, tmp_path: Path) -> None:
        found = linked(
            tmp_path,
            {
                "manage.py": "",
                "shop/management/commands/start_worker.py": """
                import subprocess

                def handle():
                    subprocess.call("celery -A tasks worker -Q files", shell=True)
                """,
                "compose.yaml": """
                services:
                  worker:
                    image: shop
                    command: python manage.py start_worker
                """,
            },
        ).workers
        assert [(one.name, one.platform, one.queues.value) for one in found] == [
            ("worker", "compose", ("files",))
        ]


class TestWhereFilesAreLookedFor:
    FILES: ClassVar = {
        "src/shop/__init__.py": "",
        "src/shop/app.py": APP,
        "compose.yaml": "services: {w: {image: x, command: celery -A shop.app worker}}\n",
        "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n",
    }

    def test_beside_the_code(self, tmp_path: Path) -> None:
        write(tmp_path, self.FILES)
        result = run(isolated((str(tmp_path / "src"),)))
        assert [one.app for one in result.project.workers] == ["shop.app.app"]

    def test_not_where_git_ignores_them_or_code_is_vendored(self, tmp_path: Path) -> None:
        ignored = {"secret/compose.yaml": "", "node_modules/x/Procfile": "", "tests/run.sh": ""}
        write(tmp_path, {**self.FILES, **ignored, ".gitignore": "secret/\n"})
        found = discover([tmp_path], root=str(tmp_path)).deployment
        names = {Path(file.absolute).relative_to(tmp_path).as_posix() for file in found}
        assert names == {"compose.yaml", "pyproject.toml"}

    @pytest.mark.parametrize(
        ("name", "development"),
        [
            ("compose.yaml", False),
            ("compose.override.yaml", True),
            ("docker-compose.dev.yml", True),
            ("local.yml", True),
            ("deploy/prod/worker.yaml", False),
            ("examples/compose.yaml", True),
            ("compose-e2e.yml", True),
            ("k8s/development/worker.yaml", True),
            ("devices/run.sh", False),
            ("localhost.sh", True),
        ],
    )
    def test_development_is_told_by_name(
        self, name: str, development: bool, tmp_path: Path
    ) -> None:
        write(tmp_path, {"app.py": "", name: "celery"})
        found = discover([tmp_path], root=str(tmp_path))
        [file] = found.deployment
        assert found.is_development(file.absolute) is development

    def test_or_by_the_configuration(self, tmp_path: Path) -> None:
        write(tmp_path, {**self.FILES, "compose.dev.yaml": self.FILES["compose.yaml"]})
        options = Options(development=("/compose.yaml",))
        os.chdir(tmp_path)
        result = run(isolated((str(tmp_path),), options=options))
        assert [(one.place.path, one.development) for one in result.project.workers] == [
            ("compose.dev.yaml", False),
            ("compose.yaml", True),
        ]

    def test_what_cannot_be_read_is_a_finding(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": APP, "compose.yaml": "services:\n  celery: worker: x\n"})
        os.chdir(tmp_path)
        [finding] = run(isolated(options=Options(select=("CEL001",)))).findings
        assert str(finding.place) == "compose.yaml:2:17"
        assert "no YAML" in finding.message


@pytest.fixture(autouse=True)
def stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


class TestWhoReadsWhat:
    FILES: ClassVar = {
        "tasks.py": """
        from celery import Celery

        app = Celery("shop")
        app.conf.task_routes = {"tasks.export": {"queue": "files"}}

        @app.task
        def export(): ...

        @app.task
        def send(): ...

        def nightly():
            send.apply_async(queue="night")
        """,
        "Procfile": "a: celery -A tasks worker -Q files,night\nb: celery -A tasks worker\n",
    }

    def project(self, folder: Path) -> Project:
        return linked(folder, self.FILES)

    def test_tasks_of_workers(self, tmp_path: Path) -> None:
        assert {one.name: one.tasks for one in self.project(tmp_path).workers} == {
            "a": ("tasks.export", "tasks.send"),
            "b": ("tasks.send",),
        }

    def test_workers_of_queues(self, tmp_path: Path) -> None:
        assert {one.name: one.workers for one in self.project(tmp_path).queues} == {
            "celery": ("b",),
            "files": ("a",),
            "night": ("a",),
        }

    def test_workers_of_a_task(self, tmp_path: Path) -> None:
        project = self.project(tmp_path)
        [export] = [task for task in project.tasks if task.name == "tasks.export"]
        assert [one.name for one in project.workers_of(export)] == ["a"]
        assert project.queues_are_known


class TestSuppression:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("compose.yaml", "services:\n  w:\n    image: x\n    command: celery worker -A tasks"),
            ("run.sh", "#!/bin/sh\nexec celery worker -A tasks"),
            ("Procfile", "w: celery worker -A tasks"),
            ("s.conf", "[program:w]\nnumprocs=1\ncommand=celery worker -A tasks ;"),
            ("Makefile", "w:\n\tcelery worker -A tasks"),
            ("Dockerfile", "FROM x\nCMD celery worker -A tasks"),
        ],
    )
    def test_comments_work_where_there_are_comments(
        self, name: str, text: str, tmp_path: Path
    ) -> None:
        options = Options(select=("CEL906", "CEL003"))
        write(tmp_path, {"tasks.py": APP, name: text + "\n"})
        assert [one.code for one in run(isolated(options=options)).findings] == ["CEL906"]
        write(tmp_path, {name: text + "  # celerylint: ignore[worker-cli-error] as before\n"})
        result = run(isolated(options=options))
        assert result.findings == []
        assert [one.reason for one in result.suppressed] == ["as before"]


SHELLS = [
    ("dash", "sleep 9", False),
    ("dash", "true && sleep 9", False),
    ("dash", "exec sleep 9", True),
    ("bash", "sleep 9", True),
    ("bash", "true && sleep 9", True),
    ("bash", "sleep 9 || true", False),
    ("bash", "sleep 9 | cat", False),
    ("bash", "exec sleep 9", True),
]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="asks Linux what runs")
@pytest.mark.parametrize(("shell", "script", "makes_way"), SHELLS)
@pytest.mark.parametrize("as_file", [False, True], ids=["-c", "file"])
def test_which_shells_make_way_for_their_last_command(
    shell: str, script: str, makes_way: bool, as_file: bool, tmp_path: Path
) -> None:
    """What worker-not-pid1 says of shells is what they do here."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell}")
    write(tmp_path, {"run.sh": script + "\n"})
    argv = [program, "run.sh"] if as_file else [program, "-c", script]
    process = subprocess.Popen(argv, start_new_session=True)
    try:
        became_sleep = False
        for _ in range(20):
            time.sleep(0.02)
            words = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
            became_sleep = words[0] == b"sleep"
            if became_sleep:
                break
    finally:
        os.killpg(process.pid, 9)
        process.wait()
    expected = script.startswith("exec") if as_file else makes_way
    assert became_sleep is expected

    command = f"exec {script[5:]}" if script.startswith("exec") else script
    started = command.replace("sleep 9", "celery -A tasks worker")
    text = f"#!/bin/{shell}\n{started}\n" if as_file else ""
    service = "./run.sh" if as_file else json.dumps([shell, "-c", started])
    compose = f"services: {{w: {{image: x, command: {service}}}}}\n"
    files = {"compose.yaml": compose, **({"run.sh": text} if as_file else {})}
    (tmp_path / "run.sh").unlink()
    [found] = linked(tmp_path, files).workers
    assert (found.between is None) is expected
