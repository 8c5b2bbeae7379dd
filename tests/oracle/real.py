"""Import a small project with real Celery and print, as JSON, what Celery makes of it.

One project, in the current directory (the main app first, as a worker's ``-A``)::

    python real.py proj.celery:app proj.other:app --module proj.extra

Many projects: ``python real.py --serve`` imports Celery once, then answers one JSON request a
line, ``{"path", "apps", "modules", "env"}``, each in a fork of its own.

The answer is ``{"celery_version", "apps": {"proj.celery.app": {"tasks", "settings", "beat"}}}``,
or ``{"error", "traceback"}`` where the project does not load. Values are normalised by `plain`.

Runs by itself on Celery 5.4 to 5.7: imports nothing but Celery and the standard library.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import json
import math
import os
import re
import signal
import sys
import traceback
import warnings
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import celery
import celery.app.amqp
import celery.app.base
import celery.app.builtins
import celery.beat
import celery.loaders.app
import celery.schedules
from celery.app.defaults import DEFAULTS
from kombu import Queue  # type: ignore[attr-defined]

TASK_ATTRIBUTES = (
    "acks_late",
    "acks_on_failure_or_timeout",
    "reject_on_worker_lost",
    "max_retries",
    "default_retry_delay",
    "ignore_result",
    "serializer",
    "rate_limit",
    "priority",
    "expires",
    "track_started",
    "typing",
)

AUTORETRY_DEFAULTS: dict[str, Any] = {
    "autoretry_for": (),
    "retry_backoff": False,
    "retry_backoff_max": 600,
    "retry_jitter": True,
    "retry_kwargs": {},
}
"""celery/app/autoretry.py, ``add_autoretry_behaviour``."""

SECONDS_FOR_A_PROJECT = 30


# What autoretry was given -------------------------------------------------------------------

_add_autoretry_behaviour = celery.app.base.add_autoretry_behaviour
_autoretry_of: dict[int, tuple[Any, dict[str, Any]]] = {}


def remember_autoretry(task: Any, **options: Any) -> None:
    """Note the options that autoretry uses for a task: they live only in its closure."""
    _add_autoretry_behaviour(task, **options)
    used = {
        name: options.get(name, getattr(task, name, default))
        for name, default in AUTORETRY_DEFAULTS.items()
    }
    used["autoretry_for"] = tuple(used["autoretry_for"])
    # A task that already retries is not wrapped again: what was used first stays.
    if id(task) not in _autoretry_of or not _autoretry_of[id(task)][1]["autoretry_for"]:
        _autoretry_of[id(task)] = (task, used)


# Values as JSON -----------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A value as JSON data.

    timedelta and ``celery.schedules.schedule`` become seconds, crontab an object of its five
    fields, tuples lists, sets sorted lists, classes and functions dotted names, kombu queues their
    names, keys strings, what JSON cannot hold (bytes, infinity) its ``repr``, and anything else
    ``{"repr": its type's name}``.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else repr(value)
    if isinstance(value, bytes):
        return repr(value)
    if isinstance(value, timedelta):
        return seconds(value)
    if isinstance(value, Mapping):
        return {plain_key(key): plain(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=json.dumps)
    if inspect.isclass(value) or inspect.isfunction(value):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, Queue):
        return value.name
    if isinstance(value, celery.schedules.crontab):
        names = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
        return {name: crontab_field(getattr(value, f"_orig_{name}")) for name in names}
    if type(value) is celery.schedules.schedule:
        return seconds(value.run_every)
    return {"repr": type(value).__name__}


def plain_key(key: Any) -> str:
    """The key of a dict as a string, which is all that JSON has."""
    if isinstance(key, re.Pattern):
        return f"re.compile({key.pattern!r})"
    return str.__str__(key) if isinstance(key, str) else str(key)


def seconds(delta: timedelta) -> float:
    total = delta.total_seconds()
    return int(total) if total.is_integer() else total


def crontab_field(field: Any) -> str:
    """``"*/15"``, or ``"0,30"`` for a list: numbers as strings, since they mean the same."""
    if isinstance(field, (set, frozenset)):
        field = sorted(field)
    if isinstance(field, Iterable) and not isinstance(field, str):
        return ",".join(map(str, field))
    return str(field)


# Tasks --------------------------------------------------------------------------------------


def describe_task(app: Any, task: Any, root: Path) -> dict[str, Any]:
    # A task put into the registry after the app was finalized is bound when a worker first
    # uses it: ``Task.app`` does that.
    assert task.app
    options = {name: getattr(task, name, None) for name in TASK_ATTRIBUTES}
    _, autoretry = _autoretry_of.get(id(task), (task, AUTORETRY_DEFAULTS))
    options.update(autoretry)
    options["time_limit"] = limit_that_runs(app, task, "time_limit")
    options["soft_time_limit"] = limit_that_runs(app, task, "soft_time_limit")
    if getattr(task, "_decorated", False):
        options["bind"] = not isinstance(inspect.getattr_static(type(task), "run"), staticmethod)
    path, line = definition(task, root)
    return {
        "options": {name: plain(value) for name, value in sorted(options.items())},
        "queue": queue_of(app, task.name, task._get_exec_options(), task),
        "path": path,
        "line": line,
    }


def limit_that_runs(app: Any, task: Any, name: str) -> Any:
    """The limit a prefork worker applies to a plain call, whatever the version.

    From 5.7 on ``bind`` copies the setting to the task; before, the pool falls back on it. The
    fallback is by truth, not by None: celery/worker/request.py (``time_limit or
    task.time_limit``) and billiard/pool.py (``timeout or self.timeout``), so that 0 on a task
    does not switch the setting off.
    """
    own = getattr(task, name, None)
    setting = app.conf[f"task_{name}"]
    return own or setting or (setting if own is None else own)


def queue_of(app: Any, name: str, options: Mapping[str, Any], task: Any = None) -> Any:
    """The queue a message goes to: a name, ``{"exchange", "routing_key"}`` where it goes to an
    exchange that no queue is named for, or ``{"error"}`` where publishing raises."""
    options = dict(options)
    # Celery.send_task (celery/app/base.py) takes these out before it routes ...
    for name_of_argument in ("time_limit", "soft_time_limit", "expires", "ignore_result"):
        options.pop(name_of_argument, None)
    try:
        routed = app.amqp.router.route(options, name, (), {}, task)
        # ... and passes them to as_task_v2() beside what the route says.
        if {"time_limit", "soft_time_limit", "expires", "countdown", "eta"} & set(routed):
            return {"error": "TypeError"}
        return destination(app, routed)
    except Exception as error:
        return {"error": type(error).__name__}


def destination(app: Any, routed: Mapping[str, Any]) -> Any:
    """As ``send_task_message`` in celery/app/amqp.py: an exchange counts only with a routing key
    (or when it is not direct), and otherwise the message goes to the queue."""
    queue, exchange = routed.get("queue"), routed.get("exchange")
    routing_key = routed.get("routing_key")
    if queue is None and exchange is None:
        queue = app.amqp.default_queue
    if isinstance(queue, str):
        queue = app.amqp.queues[queue]
    if queue is None:
        return {"exchange": plain(exchange), "routing_key": routing_key}
    kind = routed.get("exchange_type") or queue.exchange.type
    if exchange is None or (kind == "direct" and not (exchange and routing_key)):
        return queue.name
    if (exchange, routing_key) == (queue.exchange.name, queue.routing_key):
        return queue.name
    return {"exchange": plain(exchange), "routing_key": routing_key}


def definition(task: Any, root: Path) -> tuple[str | None, int | None]:
    """File (relative to the project) and line of the task's ``def`` or ``class``, if found."""
    target: Any = type(task)
    if getattr(task, "_decorated", False):
        target = inspect.unwrap(inspect.unwrap(task.__wrapped__))
        target = getattr(target, "__func__", target)
    try:
        file = Path(inspect.getsourcefile(target) or "")
        tree = ast.parse(file.read_text(encoding="utf-8"))
        path = file.resolve().relative_to(root).as_posix()
    except (OSError, TypeError, ValueError):
        return None, None
    if inspect.isclass(target):
        lines = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and node.name == target.__name__
        ]
    else:
        # The code object's first line is that of the first decorator.
        first = target.__code__.co_firstlineno
        lines = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and first == min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
        ]
    return path, lines[0] if len(lines) == 1 else None


# Settings and beat --------------------------------------------------------------------------


def describe_settings(app: Any) -> dict[str, dict[str, Any]]:
    """Every setting by its new-style name.

    ``value`` is what Celery's code gets by ``app.conf.name``, where some settings fall back on
    the environment or on others (celery/app/utils.py, ``Settings``); ``given`` tells whether
    the project's own value differs from Celery's default.
    """
    return {
        name: {
            "value": plain(getattr(app.conf, name)),
            "given": plain(app.conf[name]) != plain(default),
        }
        for name, default in sorted(DEFAULTS.items())
    }


def describe_beat(app: Any) -> dict[str, dict[str, Any]]:
    return {
        str(name): describe_entry(app, name, entry)
        for name, entry in (app.conf.beat_schedule or {}).items()
    }


def describe_entry(app: Any, name: str, entry: Any) -> dict[str, Any]:
    """An entry as ``celery.beat.Scheduler`` takes it; ``error`` where beat refuses it."""
    try:
        made = celery.beat.ScheduleEntry(**dict(entry, name=name, app=app))
    except Exception as error:
        return {"error": type(error).__name__}
    task = app.tasks.get(made.task)
    own = task._get_exec_options() if task is not None else {}
    return {
        "task": plain(made.task),
        "schedule": plain(made.schedule),
        "resolves": task is not None,
        "options_queue": plain(made.options.get("queue")),
        "queue": queue_of(app, made.task, {**own, **made.options}, task),
    }


# A project ----------------------------------------------------------------------------------


def describe(path: str, apps: list[str], modules: list[str]) -> dict[str, Any]:
    """Load the project in the current process, as ``celery -A APP worker`` does."""
    warnings.simplefilter("ignore")
    os.chdir(path)
    sys.path.insert(0, path)
    celery.app.base.add_autoretry_behaviour = remember_autoretry
    loaded = {reference.replace(":", "."): find(reference) for reference in apps}
    for app in loaded.values():
        # The command line reads the configuration before it imports task modules
        # (celery/bin/worker.py takes the defaults of its options from it).
        assert app.conf.worker_pool
        app.loader.import_default_modules()
    for module in modules:
        importlib.import_module(module)
    for app in loaded.values():
        app.finalize()
    root = Path(path).resolve()
    return {
        "celery_version": re.match(r"\d+\.\d+\.\d+", celery.__version__)[0],  # type: ignore[index]
        "apps": {
            name: {
                "tasks": {
                    task_name: describe_task(app, task, root)
                    for task_name, task in sorted(app.tasks.items())
                    if not task_name.startswith("celery.")
                },
                "settings": describe_settings(app),
                "beat": describe_beat(app),
            }
            for name, app in loaded.items()
        },
    }


def find(reference: str) -> Any:
    """The app ``module:attribute`` names."""
    module, _, attribute = reference.partition(":")
    found: Any = importlib.import_module(module)
    for name in attribute.split("."):
        found = getattr(found, name)
    return found


def answer(path: str, apps: list[str], modules: list[str]) -> dict[str, Any]:
    try:
        return describe(path, apps, modules)
    except BaseException as error:
        return {
            "error": f"{type(error).__name__}: {error}",
            "traceback": traceback.format_exc(),
        }


def serve() -> None:
    """Answer requests, each in a fork, until the standard input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            answer_in_fork(request, writer)
        os.close(writer)
        with open(reader, "rb") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        sys.stdout.write(told.decode() or '{"error": "the process died", "traceback": ""}')
        sys.stdout.write("\n")
        sys.stdout.flush()


def answer_in_fork(request: dict[str, Any], writer: int) -> None:
    signal.alarm(SECONDS_FOR_A_PROJECT)
    # What the project prints must not get into the answers.
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.environ.update(request["env"])
    told = answer(request["path"], request["apps"], request["modules"])
    with open(writer, "w", encoding="utf-8") as pipe:
        json.dump(told, pipe)
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("apps", nargs="*", metavar="MODULE:APP", help="the main app first")
    parser.add_argument("--module", action="append", default=[], help="import this module too")
    parser.add_argument("--serve", action="store_true", help="answer requests on standard input")
    arguments = parser.parse_args()
    if arguments.serve:
        return serve()
    if not arguments.apps:
        parser.error("name at least one app, such as proj.celery:app")
    out, sys.stdout = sys.stdout, sys.stderr
    json.dump(answer(os.getcwd(), arguments.apps, arguments.module), out)


if __name__ == "__main__":
    main()
