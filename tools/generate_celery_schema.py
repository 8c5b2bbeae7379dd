"""Write ``celerylint/celery_schema/data.json``: what each supported Celery knows.

    python tools/generate_celery_schema.py
    python tools/generate_celery_schema.py --python 5.7=/venvs/celery57/bin/python

Every supported release is asked by a probe that runs inside an interpreter which has that release
installed; releases without a ``--python`` get a virtual environment of their own for the occasion.
The probe reads Celery's own tables, signatures and source, and uses the standard library only, so
that any of those interpreters can run this file.

Layout of the data: a table maps a name to *spans*. A span holds the facts about the name from the
version ``since`` to the version ``until``, both included; a missing bound means the oldest or the
newest supported version. A name whose facts changed has several spans.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import datetime
import inspect
import json
import math
import re
import subprocess
import sys
import tempfile
import textwrap
import venv
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

#: The release that speaks for each supported version; the versions are in ascending order.
RELEASES = {"5.4": "5.4.0", "5.5": "5.5.3", "5.6": "5.6.3", "5.7": "5.7.0"}

DATA = Path(__file__).resolve().parent.parent / "celerylint" / "celery_schema" / "data.json"

PACKAGES = ("amqp", "billiard", "celery", "kombu")
"""The distributions that the facts come from, besides the interpreter."""

TABLES = (
    "settings",
    "extra_settings",
    "task_options",
    "task_members",
    "call_options",
    "command_options",
)

COMMANDS = ("worker", "beat")
"""The commands whose options are worth knowing, besides those before a command."""

Facts = dict[str, Any]
Table = dict[str, Facts]

# Parameters that Celery and kombu fill in themselves on the way from `apply_async` to the broker
# (celery.app.base.Celery.send_task, kombu.transport.pyamqp.Channel.prepare_message). Given by the
# caller they end in "got multiple values for argument".
FILLED_BY_CELERY = frozenset(
    {"application_headers", "body", "callbacks", "create_sent_event", "errbacks", "message"}
)

# Message properties that single transports read (kombu/transport/SQS/__init__.py and
# kombu/transport/pgmq.py); kombu has no table of them.
TRANSPORT_PROPERTIES = frozenset(
    {
        "DelaySeconds",
        "MessageDeduplicationId",
        "MessageGroupId",
        "delay_seconds",
        "message_attributes",
    }
)


# -- the probe: runs in the interpreter of one Celery release ---------------------------------


def probe() -> dict[str, Any]:
    """Everything data.json says about one version, asked of the Celery installed here.

    Returns ``packages`` (distribution to version) and one entry for each of `TABLES`.
    """
    call_options = _call_options()
    task_options = _task_options(candidates=call_options)
    return {
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "settings": _settings(),
        "extra_settings": {**_settings_read_in_source(), **_daemon_settings()},
        "task_options": task_options,
        "task_members": _task_members(task_options),
        "call_options": call_options,
        "command_options": _command_options(),
    }


def encode(value: object) -> object:
    """`value` as JSON that says what it was; `celerylint.celery_schema` has the inverse.

    Raises TypeError for a value that has no encoding, so that a new kind of default is noticed.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, datetime.timedelta):
        return {"timedelta": value.total_seconds()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(encode(item) for item in value)}  # type: ignore[type-var]
    if isinstance(value, dict):
        return {"dict": {key: encode(item) for key, item in value.items()}}
    raise TypeError(f"no JSON encoding for {value!r} of type {type(value).__name__}")


def _settings() -> Table:
    """The settings that `celery.app.defaults` lists."""
    from celery.app import defaults

    old_names: dict[str, list[str]] = {}
    for old, new in defaults._TO_NEW_KEY.items():
        old_names.setdefault(new, []).append(old)

    table: Table = {}
    for name, option in defaults.flatten(defaults.NAMESPACES):
        facts = {
            "default": encode(option.default),
            "old": sorted(old_names[name]),
            "type": _type_name(option.type),
        }
        if option.deprecate_by or option.remove_by:
            facts["deprecated"] = {
                "since": option.deprecate_by,
                "removal": option.remove_by,
                "instead": option.alt,
            }
        table[name] = facts
    return table


def _type_name(declared: object) -> str:
    """Celery spells some types in two ways: ``int`` is also the class, ``string`` also ``str``."""
    name = declared.__name__ if isinstance(declared, type) else str(declared)
    return "string" if name == "str" else name


def _settings_read_in_source() -> Table:
    """Settings that Celery's code asks its configuration for and does not list."""
    import celery
    from celery.app import defaults
    from celery.app.utils import Settings

    own_attributes = {*dir(Settings), *vars(Settings({}))}
    listed = {*defaults.SETTING_KEYS, *defaults._TO_NEW_KEY, *own_attributes}
    root = Path(celery.__file__).parent
    table: Table = {}
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "conf" not in text:
            continue
        reads = _SettingReads()
        reads.visit(ast.parse(text))
        source = f"celery/{path.relative_to(root).as_posix()}"
        for name in reads.names - listed:
            if not name.startswith("_"):
                table.setdefault(name, {"source": source})
    return table


class _SettingReads(ast.NodeVisitor):
    """Collects the names that a module reads from the configuration.

    Seen are ``conf.name``, ``conf["name"]``, ``conf.get("name")``, ``conf.first("a", "b")`` and
    ``app.either("name", …)``, where ``conf`` is a variable or attribute of that name (or
    ``_conf``), ``self`` inside the class `Settings`, or a local alias of the ``get`` method.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._aliases_of_get: set[str] = set()
        self._inside_settings = False

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._inside_settings = self._inside_settings, node.name == "Settings"
        self.generic_visit(node)
        self._inside_settings = outer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for child in node.body:  # not the decorators: ``@conf.setter`` reads no setting
            self.visit(child)

    def visit_Assign(self, node: ast.Assign) -> None:
        value, target = node.value, node.targets[0]
        if isinstance(value, ast.Attribute) and value.attr == "get" and self._is_conf(value.value):
            if isinstance(target, ast.Name):
                self._aliases_of_get.add(target.id)
            return
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load) and self._is_conf(node.value):
            self.names.add(node.attr)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load) and self._is_conf(node.value):
            self._add_strings([node.slice])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            if function.id in self._aliases_of_get or function.id == "either":
                self._add_strings(node.args[:1])
        elif isinstance(function, ast.Attribute):
            if function.attr == "either" or (
                function.attr == "get" and self._is_conf(function.value)
            ):
                self._add_strings(node.args[:1])
            elif function.attr == "first" and self._is_conf(function.value):
                self._add_strings(node.args)
        self.generic_visit(node)

    def _is_conf(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute):
            return node.attr in ("conf", "_conf")
        return isinstance(node, ast.Name) and (
            node.id == "conf" or (self._inside_settings and node.id == "self")
        )

    def _add_strings(self, nodes: list[ast.expr]) -> None:
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.names.add(node.value)


def _daemon_settings() -> Table:
    """``worker_logfile`` and its like: `celery.bin.base.DaemonOption` composes their names."""
    from celery.bin.base import DaemonOption
    from celery.bin.celery import celery as command_line

    return {
        f"{command.name}_{option.name}": {"source": "celery/bin/base.py"}
        for command in command_line.commands.values()
        for option in command.params
        if isinstance(option, DaemonOption)
    }


def _task_options(candidates: Table) -> Table:
    """What a task decorator, a task class or an annotation may set, with the class's default.

    `candidates` are names to try for the deprecation warnings of `Task.bind`.
    """
    from celery import Celery
    from celery.app.task import Task, extract_exec_options

    table: Table = {}

    def add(kind: str, defaults: dict[str, object]) -> None:
        for name, default in defaults.items():
            table[name] = {"default": encode(default), "kind": kind}

    published = extract_exec_options(object())
    add("attribute", {**published, **{name: None for name, _ in Task.from_config}})
    add("attribute", _task_attributes(Task))
    add("autoretry", _autoretry_defaults())
    add("decorator", _parameters(Celery._task_from_fun, leave_out=("fun",)))
    add("app.task", _nested_parameters(Celery.task, "inner_create_task_cls"))

    for name in published:
        table[name]["published"] = True
    for name, setting in Task.from_config:
        table[name]["setting"] = setting
    for name, advice in _deprecated_attributes({*table, *candidates}).items():
        table.setdefault(name, {"default": None, "kind": "attribute"})["deprecated"] = advice
    return table


def _task_attributes(task: type) -> dict[str, object]:
    """The public data attributes of the class `Task`.

    ``backend`` is a property over ``_backend``, and is meant to be set all the same.
    ``request_stack`` is overwritten and ``from_config`` read when a task is bound: neither is an
    option.
    """
    attributes = {
        name: value
        for name, value in vars(task).items()
        if not name.startswith("_")
        and not callable(value)
        and not hasattr(type(value), "__get__")
        and name not in ("from_config", "request_stack")
    }
    for name, value in vars(task).items():
        if isinstance(value, property) and f"_{name}" in vars(task):
            attributes[name] = vars(task)[f"_{name}"]
    return attributes


def _task_members(task_options: Table) -> Table:
    """The other public names of `Task`: an option of that name replaces a method or property."""
    from celery.app.task import Task

    return {name: {} for name in dir(Task) if not name.startswith("_") and name not in task_options}


def _autoretry_defaults() -> dict[str, object]:
    """The options of `add_autoretry_behaviour`, read from ``getattr(task, name, default)``."""
    from celery.app.autoretry import add_autoretry_behaviour

    defaults: dict[str, object] = {}
    for node in ast.walk(_syntax_tree(add_autoretry_behaviour)):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "options.get"
            and isinstance(node.args[1], ast.Call)
        ):
            _task, name, default = node.args[1].args
            defaults[ast.literal_eval(name)] = ast.literal_eval(default)
    return defaults


def _deprecated_attributes(names: set[str]) -> dict[str, str]:
    """Which of `names` Celery warns about when a task class sets them, and what it advises."""
    from celery import Celery
    from celery.app.task import Task

    # Not hasattr(): reading Task.app would bind the class Task, and a bound class is not warned of.
    settable = (names - set(dir(Task))) | {"priority"}
    task = type("Probe", (Task,), dict.fromkeys(settable))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        task.bind(Celery("probe", set_as_current=False))  # type: ignore[attr-defined]

    advice: dict[str, str] = {}
    for warning in caught:
        text = " ".join(str(warning.message).split())
        if match := re.search(r"The '(\w+)' task attribute is deprecated .*?\. (\S.*)$", text):
            advice[match[1]] = match[2]
    return advice


def _call_options() -> Table:
    """What a call may pass: `Task.apply_async`, ``send_task``, ``retry`` and `Signature.set`.

    ``only`` names the one of the last three that alone takes the option.
    """
    from amqp.basic_message import Message  # type: ignore[import-untyped]
    from celery import Celery
    from celery.app.amqp import AMQP
    from celery.app.task import Task
    from celery.canvas import Signature
    from kombu.messaging import Producer

    def options(function: Callable[..., object]) -> set[str]:
        return set(_parameters(function))

    everywhere = (
        options(Task.apply_async)
        | options(Celery.send_task)
        | options(AMQP.as_task_v2)
        | set(_nested_parameters(AMQP._create_task_sender, "send_task_message"))
        | options(Producer.publish)
        | {name for name, _ in Message.PROPERTIES}
        | TRANSPORT_PROPERTIES
    ) - FILLED_BY_CELERY

    # Task.apply_async passes these to send_task itself.
    only_send_task = {"name", "result_cls", "task_type"}
    everywhere -= only_send_task
    only = {
        "send_task": only_send_task,
        "retry": options(Task.retry) - everywhere,
        "signature": options(Signature.__init__) - everywhere,
    }
    table: Table = {name: {} for name in everywhere}
    for kind, names in only.items():
        table.update({name: {"only": kind} for name in names})
    return table


def _command_options() -> Table:
    """The options of ``celery`` itself and of `COMMANDS`, as ``command name``.

    ``flags`` are its spellings, ``off`` those that switch it off, ``variables`` the environment
    variables that click reads where the command line says nothing, ``setting`` the one that
    applies where both say nothing.
    """
    from celery.bin.celery import celery as group

    table: Table = {}
    for name, command in [("celery", group), *((name, group.commands[name]) for name in COMMANDS)]:
        taken_over = _settings_of_the_worker() if name == "worker" else {}
        prefix = "CELERY" if name == "celery" else f"CELERY_{name.upper()}"
        for option in command.params:
            variables = [
                *([option.envvar] if option.envvar else ()),
                f"{prefix}_{option.name.upper()}",
            ]
            # click does not know what a switch of another type is to make of a text.
            is_read = not option.is_flag or type(option.type).__name__ == "BoolParamType"
            facts: Facts = {
                "flags": list(option.opts),
                "type": "flag" if option.is_flag else _option_type(option),
                "variables": variables if is_read else [],
            }
            if option.secondary_opts:
                facts["off"] = list(option.secondary_opts)
            if facts["type"] in ("choice", "pool", "loglevel"):
                facts["choices"] = list(option.type.choices)
            if setting := _setting_behind(command, option) or taken_over.get(option.name):
                facts["setting"] = setting
            table[f"{name} {option.name}"] = facts
    return table


def _option_type(option: Any) -> str:
    """How click converts the option: ``list`` is split at commas, ``autoscale`` is one or two
    whole numbers, ``concurrency`` a number that is not negative or ``auto``; ``pool`` and
    ``loglevel`` are choices with rules of their own."""
    if getattr(option.callback, "__name__", "") == "_concurrency_value":
        return "concurrency"
    types = {
        "CommaSeparatedList": "list",
        "Autoscale": "autoscale",
        "WorkersPool": "pool",
        "LogLevel": "loglevel",
        "Choice": "choice",
        "IntParamType": "int",
        "FloatParamType": "float",
    }
    return types.get(type(option.type).__name__, "string")


def _setting_behind(command: Any, option: Any) -> str | None:
    """The setting that an option's callback asks for where no value was given.

    The pool has no callback: its type asks, while it converts its default.
    """
    import types as namespaces

    asked: list[str] = []

    class Conf:
        def __getattr__(self, name: str) -> None:
            asked.append(name)

    app = namespaces.SimpleNamespace(conf=Conf(), IS_WINDOWS=False)
    context = namespaces.SimpleNamespace(
        obj=namespaces.SimpleNamespace(app=app), command=command, params={}
    )
    if type(option.type).__name__ == "WorkersPool":
        with contextlib.suppress(AttributeError):  # None is no pool
            option.type.convert("prefork", option, context)
    elif option.callback is not None and not option.is_eager:
        option.callback(context, option, None)
    return asked[0] if asked else None


def _settings_of_the_worker() -> dict[str, str]:
    """Options to the settings that stand in for them in ``WorkController.setup_defaults``."""
    from celery.worker.worker import WorkController

    return {
        argument.id: ast.literal_eval(node.args[0])
        for node in ast.walk(_syntax_tree(WorkController.setup_defaults))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "either"
        for argument in node.args[1:]
        if isinstance(argument, ast.Name)
    }


def _parameters(
    function: Callable[..., object], leave_out: tuple[str, ...] = ()
) -> dict[str, object]:
    """Parameters of a function to their defaults (None where required); ``self`` left out."""
    return {
        name: None if parameter.default is parameter.empty else parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        and name != "self"
        and name not in leave_out
    }


def _nested_parameters(function: Callable[..., object], name: str) -> dict[str, object]:
    """The same for the function called `name` that `function` defines inside itself."""
    for node in ast.walk(_syntax_tree(function)):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            names = [argument.arg for argument in node.args.args]
            defaults = [ast.literal_eval(default) for default in node.args.defaults]
            return {
                **dict.fromkeys(names),
                **dict(zip(reversed(names), reversed(defaults), strict=False)),
            }
    raise LookupError(f"{function.__qualname__} no longer defines {name}")


def _syntax_tree(function: Callable[..., object]) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


# -- the generator: puts the probes of all versions into one file -----------------------------


def combine(probes: dict[str, dict[str, Any]], date: str) -> dict[str, Any]:
    """The contents of data.json from `probes`, which maps every version to its `probe` result."""
    versions = list(RELEASES)
    tables = {
        table: {
            name: list(_spans([probes[version][table].get(name) for version in versions]))
            for name in sorted(set().union(*(probes[version][table] for version in versions)))
        }
        for table in TABLES
    }
    packages = {version: probes[version]["packages"] for version in versions}
    return {"generated": date, "packages": packages, **tables}


def _spans(facts_by_version: list[Facts | None]) -> Iterator[Facts]:
    """Runs of consecutive versions with equal facts; None says the name does not exist there."""
    versions = list(RELEASES)
    start = 0
    for index, facts in enumerate(facts_by_version):
        last = index + 1 == len(versions)
        if not last and facts_by_version[index + 1] == facts:
            continue
        if facts is not None:
            bounds = {}
            if start > 0:
                bounds["since"] = versions[start]
            if not last:
                bounds["until"] = versions[index]
            yield {**facts, **bounds}
        start = index + 1


def render(data: dict[str, Any]) -> str:
    """`data` as JSON with sorted keys and one name a line, so that a diff shows what changed."""
    sections = []
    for key in sorted(data):
        value = data[key]
        if isinstance(value, dict):
            lines = ",\n".join(f"{_dump(name)}: {_dump(value[name])}" for name in sorted(value))
            sections.append(f"{_dump(key)}: {{\n{lines}\n}}")
        else:
            sections.append(f"{_dump(key)}: {_dump(value)}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _run_probe(version: str, python: str) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [python, __file__, "--probe"], stdout=subprocess.PIPE, check=True, encoding="utf-8"
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"cannot ask Celery {version}: {error}") from None
    result: dict[str, Any] = json.loads(done.stdout)
    installed = result["packages"]["celery"]
    if not installed.startswith(f"{version}."):
        raise SystemExit(f"{python} has Celery {installed}; --python {version}=… needs {version}")
    return result


def _python_with(release: str, folder: Path) -> str:
    """The interpreter of a new virtual environment in `folder` that has Celery `release`."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"celery=={release}"], check=True)
    return str(python)


def main() -> None:
    """Run the probes and write data.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="VERSION=PATH",
        help="an interpreter that has this Celery version; may be repeated",
    )
    parser.add_argument("--probe", action="store_true", help="print the facts of this interpreter")
    arguments = parser.parse_args()
    if arguments.probe:
        print(json.dumps(probe()))
        return

    interpreters = {}
    for given in arguments.python:
        version, _, python = given.partition("=")
        if version not in RELEASES or not python:
            parser.error(f"--python {given}: write VERSION=PATH, with one of {', '.join(RELEASES)}")
        interpreters[version] = python

    probes = {}
    with tempfile.TemporaryDirectory() as folder:
        for version, release in RELEASES.items():
            python = interpreters.get(version) or _python_with(release, Path(folder, version))
            print(f"Celery {version}: {python}", file=sys.stderr)
            probes[version] = _run_probe(version, python)
    DATA.write_text(render(combine(probes, date=str(datetime.date.today()))), encoding="utf-8")
    print(f"wrote {DATA}", file=sys.stderr)


if __name__ == "__main__":
    main()
