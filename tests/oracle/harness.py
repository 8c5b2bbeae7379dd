"""Run a small project through real Celery and through celerylint, and compare.

`Oracle` keeps one process with Celery imported and forks it for each project, so that
thousands of projects are cheap. `compare` demands that what celerylint claims to know is true.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from celerylint.discover import discover
from celerylint.link import link
from celerylint.report import inspect_json

REAL = Path(__file__).with_name("real.py")
TITLE = re.compile(r"^# (\S+\.\w+|\.env)$", re.MULTILINE)


class ProjectFailed(Exception):
    """Real Celery does not load the project. ``str()`` is the error, ``trace`` its traceback."""

    def __init__(self, error: str, trace: str) -> None:
        super().__init__(error)
        self.trace = trace


@dataclass(frozen=True)
class Project:
    """A project as text: ``files`` maps paths to sources; ``apps`` are references such as
    ``proj.celery:app``, the main one first; ``modules`` are imported besides what a worker
    imports by itself; ``env`` is set for real Celery only (celerylint must not look at it)."""

    files: Mapping[str, str]
    apps: tuple[str, ...] = ("app:app",)
    modules: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        for path, source in self.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source, encoding="utf-8")

    @contextmanager
    def written(self) -> Iterator[Path]:
        """The project in a temporary folder of its own."""
        with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
            root = Path(folder).resolve()
            self.write(root)
            yield root

    def __str__(self) -> str:
        return "\n".join(f"# {path}\n{source}" for path, source in self.files.items())


def files(text: str) -> dict[str, str]:
    """Split an indented text into files: a line ``# path.py`` begins each."""
    parts = TITLE.split(textwrap.dedent(text).strip("\n"))
    if parts[0].strip():
        raise ValueError(f"text before the first '# path' title: {parts[0]!r}")
    bodies = (body.strip("\n") for body in parts[2::2])
    return {
        path: f"{body}\n" if body else "" for path, body in zip(parts[1::2], bodies, strict=True)
    }


# Real Celery --------------------------------------------------------------------------------


def bare_environment() -> dict[str, str]:
    """The environment without anything that Celery or a project of ours would read."""
    kept = ("PATH", "HOME", "LANG", "PYTHONPATH", "SYSTEMROOT", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }


def run_real(project: Project, python: str = sys.executable) -> dict[str, Any]:
    """What real Celery makes of the project, in a process of its own (about 0.3 s)."""
    modules = [f"--module={module}" for module in project.modules]
    with project.written() as root:
        done = subprocess.run(
            [python, str(REAL), *modules, *project.apps],
            cwd=root,
            env=bare_environment() | dict(project.env),
            capture_output=True,
            text=True,
        )
    if done.returncode != 0:
        raise ProjectFailed(f"exit status {done.returncode}", done.stderr)
    return _checked(json.loads(done.stdout))


class Oracle:
    """Real Celery in a process that forks for every project (about 30 ms each)."""

    def __init__(self, python: str = sys.executable) -> None:
        self.python = python
        self._server = subprocess.Popen(
            [python, str(REAL), "--serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=bare_environment(),
        )
        self.celery_version: str = self._ask({"path": ".", "apps": [], "modules": [], "env": {}})[
            "celery_version"
        ]
        """Such as "5.7.0"."""

    @property
    def version(self) -> tuple[int, int]:
        """Such as (5, 7)."""
        major, minor, _ = self.celery_version.split(".")
        return int(major), int(minor)

    def run(self, project: Project) -> dict[str, Any]:
        """What real Celery makes of the project."""
        with project.written() as root:
            return self.run_at(root, project)

    def run_at(self, root: Path, project: Project) -> dict[str, Any]:
        """The same for a project that is already written to ``root``."""
        request = {
            "path": str(root),
            "apps": project.apps,
            "modules": project.modules,
            "env": dict(project.env),
        }
        return self._ask(request)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        line = self._server.stdout.readline()
        if not line:
            raise RuntimeError(f"{REAL.name} --serve ended with {self._server.wait()}")
        return _checked(json.loads(line))

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(timeout=10)
        self._server.stdout.close()


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise ProjectFailed(answer["error"], answer["traceback"])
    return answer


# celerylint ---------------------------------------------------------------------------------


def inspect_project(path: Path, celery_version: str) -> dict[str, Any]:
    """What ``celerylint inspect PATH --output-format json`` prints for a Celery version such as
    "5.7.0", without starting a process."""
    found = discover([path])
    project = link(found.files, root=found.root, celery_version=celery_version)
    told: dict[str, Any] = json.loads(inspect_json.render(project, project.tasks))
    return told


# Comparing ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """``what`` celerylint says (``shown``) and what is true (``real``)."""

    what: str
    real: object
    shown: object
    trail: tuple[str, ...] = ()

    def __str__(self) -> str:
        trail = "".join(f"\n    {step}" for step in self.trail)
        return f"{self.what}: Celery has {self.real!r}, celerylint says {self.shown!r}{trail}"


@dataclass
class Comparison:
    """Everything celerylint says of a project, judged.

    ``agreed`` and ``one_of`` name what is right; ``unknown`` maps what it does not tell to its
    reason; ``differences`` is what must be empty.
    """

    differences: list[Difference] = field(default_factory=list)
    agreed: list[str] = field(default_factory=list)
    one_of: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def unknown_share(self) -> float:
        """Unknown values as a share of all values, 0 to 1."""
        told = (len(self.differences), len(self.agreed), len(self.one_of), len(self.unknown))
        total = sum(told)
        return len(self.unknown) / total if total else 0.0

    def value(self, what: str, real: object, shown: Mapping[str, Any]) -> None:
        """Judge one value of the form ``{"state", "value", "trail", "reason"}``."""
        if shown["state"] == "unknown":
            self.unknown[what] = shown.get("reason") or ""
        elif shown["state"] == "one-of":
            right = any(same(real, possibility) for possibility in shown["value"])
            self._judge(self.one_of, right, what, real, shown)
        else:
            self._judge(self.agreed, same(real, shown["value"]), what, real, shown)

    def fact(self, what: str, real: object, shown: object) -> None:
        """Judge something that is told without a state; null means that it is not known."""
        if isinstance(shown, Mapping) and "state" in shown:
            self.value(what, real, shown)
        elif shown is None and real is not None:
            self.unknown[what] = "null"
        else:
            self.value(what, real, {"state": "known", "value": shown})

    def missing(self, what: str, real: object) -> None:
        self.differences.append(Difference(what, real, None))

    def additional(self, what: str, shown: object) -> None:
        self.differences.append(Difference(what, None, shown))

    def _judge(
        self, right: list[str], is_right: bool, what: str, real: object, shown: Mapping[str, Any]
    ) -> None:
        if is_right:
            right.append(what)
            return
        trail = tuple(f"{step}" for step in shown.get("trail", ()))
        self.differences.append(
            Difference(what, real, {k: shown[k] for k in ("state", "value")}, trail)
        )


def compare(real: Mapping[str, Any], inspected: Mapping[str, Any]) -> Comparison:
    """Judge the JSON of ``celerylint inspect`` by the answer of `Oracle.run`.

    Every statement about an app must be true for that app. Every task, beat entry and setting
    that differs from Celery's default must be there; a task that several apps share may be told
    under one of them.
    """
    result = Comparison()
    apps = real["apps"]
    _compare_tasks(result, apps, inspected["tasks"])
    _compare_settings(result, apps, inspected["settings"])
    _compare_beat(result, apps, inspected["beat"])
    return result


def _app(apps: Mapping[str, Any], name: str | None) -> dict[str, Any] | None:
    """The app a statement is about; the only one, whatever it is called."""
    if len(apps) == 1:
        only: dict[str, Any] = next(iter(apps.values()))
        return only
    return apps.get(name or "")


def _compare_tasks(
    result: Comparison, apps: Mapping[str, Any], shown_tasks: list[dict[str, Any]]
) -> None:
    told: set[tuple[str | None, str]] = set()
    for shown in shown_tasks:
        what = f"task {shown['name']}"
        key = (shown["app"], shown["name"])
        app = _app(apps, shown["app"])
        if shown["name"] is None:
            result.unknown[f"name of {shown['function']}"] = ""
            continue
        if shown.get("conditional") and app is not None and shown["name"] not in app["tasks"]:
            continue
        if app is None or shown["name"] not in app["tasks"] or key in told:
            result.additional(what, f"{shown['path']}:{shown['line']}, app {shown['app']}")
            continue
        told.add(key)
        real = app["tasks"][shown["name"]]
        for option, value in real["options"].items():
            if option in shown["options"]:
                result.value(f"{what} {option}", value, shown["options"][option])
            else:
                result.missing(f"{what} {option}", value)
        _compare_queue(result, f"{what} queue", real["queue"], shown["queue"])
        place, shown_place = f"{real['path']}:{real['line']}", f"{shown['path']}:{shown['line']}"
        is_placed = real["line"] is not None and not shown.get("conditional")
        if is_placed and not f"/{shown_place}".endswith(f"/{place}"):
            result.differences.append(Difference(f"{what} line", place, shown_place))
    names = {name for _, name in told}
    for real_name in sorted({name for app in apps.values() for name in app["tasks"]} - names):
        result.missing(f"task {real_name}", "a task")


def _compare_queue(result: Comparison, what: str, real: Any, shown: Any) -> None:
    """Where Celery names no queue or raises, only unknown is true."""
    if isinstance(real, str):
        result.fact(what, real, shown)
    elif isinstance(shown, Mapping) and shown.get("state") == "unknown":
        result.unknown[what] = shown.get("reason") or ""
    elif shown is not None:
        result.additional(f"{what} ({real})", shown)


def _compare_settings(
    result: Comparison, apps: Mapping[str, Any], shown_settings: list[dict[str, Any]]
) -> None:
    """All but ``beat_schedule``, which ``add_periodic_task`` adds to: see `_compare_beat`."""
    told: set[tuple[int, str]] = set()
    for shown in shown_settings:
        app = _app(apps, shown["app"])
        if app is None:
            result.additional(f"setting {shown['name']}", f"app {shown['app']}")
            continue
        real = app["settings"].get(shown["name"])
        if real is None:
            result.additional(f"setting {shown['name']}", "not a setting of this Celery")
            continue
        told.add((id(app), shown["name"]))
        if shown["name"] != "beat_schedule":
            result.value(f"setting {shown['name']}", real["value"], shown)
    for app in apps.values():
        for name, setting in app["settings"].items():
            given = setting["given"] and name != "beat_schedule"
            if given and (id(app), name) not in told:
                result.missing(f"setting {name}", setting["value"])


def _compare_beat(
    result: Comparison, apps: Mapping[str, Any], shown_beat: list[dict[str, Any]]
) -> None:
    entries = {name: entry for app in apps.values() for name, entry in app["beat"].items()}
    for shown in shown_beat:
        what = f"beat {shown['entry']}"
        real = entries.pop(shown["entry"], None)
        if real is None and shown["conditional"]:
            continue
        if real is None:
            result.additional(what, shown["task"])
            continue
        if "error" in real:
            continue
        told = shown["values"]
        result.fact(f"{what} task", real["task"], told["task"])
        result.fact(f"{what} schedule", real["schedule"], told["schedule"])
        if not (shown["resolves"] is None and _may_be_of_another_package(apps, real["task"])):
            result.fact(f"{what} resolves", real["resolves"], shown["resolves"])
        _compare_queue(result, f"{what} queue", real["queue"], told["queue"])
    for name, entry in sorted(entries.items()):
        if "error" not in entry:
            result.missing(f"beat {name}", entry["task"])


def _may_be_of_another_package(apps: Mapping[str, Any], task: str) -> bool:
    """A name that no task of the project starts like: an installed package may register it."""
    top, dot, _ = task.partition(".")
    own = {name.partition(".")[0] for app in apps.values() for name in app["tasks"]}
    return bool(dot) and top not in own


def same(real: object, shown: object) -> bool:
    """Equality of JSON data: true is not 1, and 1 is 1.0.

    A class may be told by any of the names it can be imported under, and an object that JSON has
    no form for by any text that names its type.
    """
    if isinstance(real, bool) or isinstance(shown, bool):
        return real is shown
    if isinstance(real, list) and isinstance(shown, list):
        return len(real) == len(shown) and all(map(same, real, shown))
    if isinstance(real, dict) and real.keys() == {"repr"}:
        named = str(shown).replace("re.compile(", "re.Pattern(")
        return real["repr"] in named
    if isinstance(real, dict) and isinstance(shown, dict):
        return real.keys() == shown.keys() and all(same(real[k], shown[k]) for k in real)
    if isinstance(real, str) and isinstance(shown, str):
        return real == shown or real == _canonical(shown)
    return real == shown


@cache
def _canonical(name: str) -> str:
    """``celery.exceptions.SoftTimeLimitExceeded`` is ``billiard.exceptions...`` to Python."""
    module, _, attribute = name.rpartition(".")
    if module.split(".")[0] not in {"celery", "kombu", "billiard"} | sys.stdlib_module_names:
        return name
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError):
        return name
    return f"{found.__module__}.{found.__qualname__}" if isinstance(found, type) else name
