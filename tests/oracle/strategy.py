"""Projects made up by hypothesis, out of what celerylint claims to understand.

A project is always loadable by real Celery, whatever the draw: old and new setting names are
never mixed where Celery refuses that, and imports run in one direction
(``consts`` < ``bases`` < ``config`` < ``app`` < task modules).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from textwrap import indent
from typing import Any

from celery.app.defaults import _TO_OLD_KEY
from hypothesis import strategies as st

from .harness import Project

Draw = Callable[[st.SearchStrategy[Any]], Any]


class Code(str):
    """A value that is drawn as source text: the expression itself."""


# What values there are ----------------------------------------------------------------------

booleans = st.booleans()
small = st.integers(0, 900)
limits = st.integers(1, 900)
queues = st.sampled_from(["main", "low", "files", "celery"])
exceptions = st.lists(
    st.sampled_from([Code("ValueError"), Code("OSError"), Code("Oops")]), max_size=2, unique=True
).map(tuple)

OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "acks_late": booleans | st.none(),
    "acks_on_failure_or_timeout": booleans,
    "reject_on_worker_lost": booleans | st.none(),
    "max_retries": st.integers(-1, 9) | st.none(),
    "default_retry_delay": small,
    "autoretry_for": exceptions,
    "retry_backoff": booleans | st.integers(1, 60),
    "retry_backoff_max": limits,
    "retry_jitter": booleans,
    "retry_kwargs": st.fixed_dictionaries({"max_retries": st.integers(0, 9) | st.none()}),
    "time_limit": limits | st.none() | st.just(0),
    "soft_time_limit": limits | st.none(),
    "ignore_result": booleans | st.none(),
    "serializer": st.sampled_from(["json", "pickle", "yaml"]),
    "rate_limit": st.sampled_from(["10/m", "1/s", 5, 0, "", None]),
    "priority": st.integers(0, 9) | st.none(),
    "expires": limits | st.none(),
    "track_started": booleans | st.none(),
    "queue": queues | st.none(),
}

SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "task_acks_late": booleans,
    "task_acks_on_failure_or_timeout": booleans,
    "task_reject_on_worker_lost": booleans,
    "task_ignore_result": booleans,
    "task_track_started": booleans,
    "task_time_limit": limits | st.none(),
    "task_soft_time_limit": limits,
    "task_serializer": st.sampled_from(["json", "pickle"]),
    "task_default_rate_limit": st.sampled_from(["10/m", "1/s", None]),
    "task_default_priority": st.integers(0, 9) | st.none(),
    "task_default_queue": queues,
    "result_expires": limits.map(lambda n: timedelta(seconds=n)) | small | st.none(),
    "worker_concurrency": limits,
    "worker_prefetch_multiplier": small,
    "enable_utc": booleans,
    "timezone": st.sampled_from(["Europe/Paris", "UTC"]),
    "broker_url": st.sampled_from(["redis://r/0", "amqp://"]),
    "result_backend": st.sampled_from(["redis://r/1", "rpc://"]),
}


# Source text --------------------------------------------------------------------------------


@dataclass
class Module:
    """A Python file under way. ``helpers`` come between imports and body."""

    imports: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)

    def need(self, statement: str) -> None:
        if statement not in self.imports:
            self.imports.append(statement)

    def text(self) -> str:
        return "\n".join([*self.imports, "", *self.helpers, "", *self.body, ""])


class Writer:
    """The files of one project, and the many ways to write a value in them."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.count = 0
        self.consts = Module(helpers=["class Oops(Exception):\n    pass\n"])

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def choose(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def maybe(self) -> bool:
        return bool(self.draw(st.booleans()))

    def literal(self, module: Module, value: Any) -> str:
        """The value written out; containers may hold values written in other ways."""
        if isinstance(value, Code):
            if value == "Oops" and module is not self.consts:
                module.need("from proj.consts import Oops")
            return str(value)
        if isinstance(value, timedelta):
            module.need("from datetime import timedelta")
            return f"timedelta(seconds={value.seconds})"
        if isinstance(value, tuple):
            items = "".join(f"{self.literal(module, item)}, " for item in value)
            return f"({items.strip()})"
        if isinstance(value, list):
            return f"[{', '.join(self.literal(module, item) for item in value)}]"
        if isinstance(value, dict):
            items = ", ".join(
                f"{self.literal(module, key)}: {self.literal(module, item)}"
                for key, item in value.items()
            )
            return f"{{{items}}}"
        return repr(value)

    def write(self, module: Module, value: Any) -> str:
        """An expression for the value, in any dialect that fits; may add to the module."""
        undecided = [self.branch, self.conditional_expression, self.changed_later]
        if self.choose(False, False, False, True):
            dialect: Callable[[Module, Any], str] = self.choose(*undecided)
            return dialect(module, value)
        return self.write_certain(module, value)

    def write_certain(self, module: Module, value: Any) -> str:
        """The same, in a dialect that leaves no doubt of the value."""
        dialects: list[Callable[[Module, Any], str]] = [self.literal, self.constant]
        if module is not self.consts:
            dialects += [self.imported, self.attribute_of_module, self.class_attribute]
        if value is not None and not isinstance(value, (tuple, dict, timedelta)):
            dialects += [self.from_environment]
        if isinstance(value, int) and not isinstance(value, bool):
            dialects += [self.arithmetic]
        if isinstance(value, str) and value:
            dialects += [self.formatted, self.enum_value]
        dialects += [self.returned]
        dialect: Callable[[Module, Any], str] = self.choose(*dialects)
        return dialect(module, value)

    def constant(self, module: Module, value: Any) -> str:
        name = self.fresh("C")
        module.helpers.append(f"{name} = {self.literal(module, value)}")
        return name

    def imported(self, module: Module, value: Any) -> str:
        name = self.constant(self.consts, value)
        if self.maybe():
            module.need(f"from proj.consts import {name} as {name}x")
            return f"{name}x"
        module.need(f"from proj.consts import {name}")
        return name

    def attribute_of_module(self, module: Module, value: Any) -> str:
        module.need("from proj import consts")
        return f"consts.{self.constant(self.consts, value)}"

    def class_attribute(self, module: Module, value: Any) -> str:
        name = self.fresh("Names")
        self.consts.helpers.append(
            f"class {name}:\n    VALUE = {self.literal(self.consts, value)}\n"
        )
        module.need(f"from proj.consts import {name}")
        return f"{name}.VALUE"

    def from_environment(self, module: Module, value: Any) -> str:
        module.need("import os")
        variable = f"ORACLE_{self.fresh('V')}"
        if isinstance(value, bool):
            return f"os.getenv({variable!r}, {str(value)!r}).lower() == 'true'"
        if isinstance(value, int):
            return f"int(os.environ.get({variable!r}, {str(value)!r}))"
        return f"os.environ.get({variable!r}, {value!r})"

    def arithmetic(self, module: Module, value: int) -> str:
        if self.maybe():
            return f"{value // 2} * 2 + {value % 2}"
        return f"{value + 7} - 7"

    def formatted(self, module: Module, value: str) -> str:
        part = self.constant(module, value[:2])
        return f"f'{{{part}}}{value[2:]}'"

    def enum_value(self, module: Module, value: str) -> str:
        name = self.fresh("Kind")
        module.need("from enum import Enum")
        module.helpers.append(f"class {name}(str, Enum):\n    IT = {value!r}\n")
        return f"{name}.IT.value"

    def returned(self, module: Module, value: Any) -> str:
        name = self.fresh("get")
        module.helpers.append(f"def {name}():\n    return {self.literal(module, value)}\n")
        return f"{name}()"

    def variable(self, module: Module) -> str:
        """A condition on an environment variable that is not set where real Celery runs."""
        module.need("import os")
        return f"os.environ.get('ORACLE_{self.fresh('V')}')"

    def branch(self, module: Module, value: Any) -> str:
        """A constant that the environment decides on: celerylint may only say "one of"."""
        name, variable = self.fresh("C"), self.variable(module)
        other, written = self.literal(module, self.other(value)), self.literal(module, value)
        module.helpers += self.choose(
            [f"if {variable}:", f"    {name} = {other}", "else:", f"    {name} = {written}"],
            [f"if not {variable}:", f"    {name} = {written}", "else:", f"    {name} = {other}"],
            [f"{name} = {written}", f"if {variable} == 'on':", f"    {name} = {other}"],
            [f"{name} = {other}", f"if {variable} is None:", f"    {name} = {written}"],
        )
        return name

    def conditional_expression(self, module: Module, value: Any) -> str:
        other, written = self.literal(module, self.other(value)), self.literal(module, value)
        return f"({other} if {self.variable(module)} else {written})"

    def changed_later(self, module: Module, value: Any) -> str:
        """An entry of a dict, written under a condition that holds or does not hold."""
        name, variable = self.fresh("TABLE"), self.variable(module)
        other, written = self.literal(module, self.other(value)), self.literal(module, value)
        first, test, then = self.choose(
            (other, f"not {variable}", written), (written, variable, other)
        )
        module.helpers += [
            f"{name} = {{'it': {first}}}",
            f"if {test}:",
            f"    {name}" + self.choose(f"['it'] = {then}", f".update(it={then})"),
        ]
        return f"{name}['it']"

    def sometimes(self, module: Module, statement: str) -> str:
        """The statement, now and then under a condition that holds, or does not hold."""
        if not self.choose(False, False, False, True):
            return statement
        negation = self.choose("", "not ")
        return f"if {negation}{self.variable(module)}:\n{indent(statement, '    ')}"

    def other(self, value: Any) -> Any:
        """Another value of the same type, for the branch that is not taken."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + 1
        if isinstance(value, str) and not isinstance(value, Code):
            return value + "-not"
        return value if value is None else type(value)()

    def some(self, pool: dict[str, st.SearchStrategy[Any]], at_most: int) -> list[tuple[str, Any]]:
        """Some names of a pool with values, each name once."""
        names = self.draw(st.lists(st.sampled_from(sorted(pool)), max_size=at_most, unique=True))
        return [(name, self.draw(pool[name])) for name in names]


# The parts of a project ---------------------------------------------------------------------


@dataclass(frozen=True)
class Generated:
    """A project, and the decorator options that nothing in it can override, by task name."""

    project: Project
    certain: dict[str, dict[str, Any]]


@dataclass
class PlannedTask:
    module: str
    function: str
    name: str | None
    shared: bool
    bind: bool

    @property
    def full_name(self) -> str:
        return self.name or f"proj.{self.module}.{self.function}"


def write_bases(writer: Writer) -> tuple[Module, list[str]]:
    """Base classes over several levels, some with a mixin: ``B0`` < ``B1`` < ``B2``."""
    module = Module(imports=["from celery import Task"])
    bases: list[str] = []
    for level in range(writer.choose(0, 1, 2, 3)):
        parents = bases[-1:] or ["Task"]
        if writer.maybe():
            write_class(writer, module, f"Mixin{level}", "")
            parents = [f"Mixin{level}", *parents]
        write_class(writer, module, f"B{level}", ", ".join(parents))
        bases.append(f"B{level}")
    return module, bases


def write_class(writer: Writer, module: Module, name: str, parents: str) -> None:
    attributes = [
        f"    {option} = {writer.write(module, value)}" for option, value in writer.some(OPTIONS, 4)
    ]
    module.body.append("\n".join([f"class {name}({parents}):", *(attributes or ["    pass"]), ""]))


def draw_annotations(writer: Writer, names: list[str]) -> Any:
    """``task_annotations``: a dict, or a list of dicts."""

    def one() -> dict[str, Any]:
        keys = writer.draw(st.lists(st.sampled_from([*names, "*"]), max_size=3, unique=True))
        return {key: dict(writer.some(OPTIONS, 3)) for key in keys}

    return writer.choose(one, lambda: [one(), one()], lambda: (one(),))()


def draw_routes(writer: Writer, names: list[str]) -> Any:
    """``task_routes``: a dict, a list of dicts, or pairs; exact names, globs, expressions."""
    keys = [
        *names,
        *("proj.*", "proj.one.*", "job.*", "*two*", "*", "proj.one.t?", "PROJ.*"),
        *(Code("re.compile('proj')"), Code(r"re.compile(r'job\.\d')"), Code("re.compile('one')")),
    ]

    def one() -> dict[str, Any]:
        chosen = writer.draw(st.lists(st.sampled_from(keys), max_size=3, unique=True))
        return {key: destination() for key in chosen}

    def destination() -> Any:
        queue = writer.draw(queues)
        return writer.choose(queue, {"queue": queue}, {"queue": queue, "priority": 3}, {})

    return writer.choose(
        one,
        lambda: [one(), one()],
        lambda: ([(key, value) for key, value in one().items()],),
    )()


def draw_beat(writer: Writer, names: list[str]) -> dict[str, Any]:
    schedules = [
        30,
        2.5,
        timedelta(seconds=90),
        Code("crontab()"),
        Code("crontab(minute=0, hour='*/3')"),
        Code("crontab(0, 0, day_of_month=1)"),
    ]
    found: dict[str, Any] = {}
    for number in range(writer.choose(0, 1, 2)):
        entry = {"task": writer.choose(*names, "gone.task"), "schedule": writer.choose(*schedules)}
        if writer.maybe():
            entry["options"] = {"queue": writer.draw(queues)}
        found[f"entry-{number}"] = entry
    return found


STRUCTURED: dict[str, Callable[[Writer, list[str]], Any]] = {
    "task_annotations": draw_annotations,
    "task_routes": draw_routes,
    "beat_schedule": draw_beat,
}


def write_value(writer: Writer, module: Module, setting: str, value: Any) -> str:
    """Structured settings are written out where they stand, with what they need imported."""
    if setting == "task_routes":
        module.need("import re")
    if setting == "beat_schedule":
        module.need("from celery.schedules import crontab")
    if setting in STRUCTURED:
        written = writer.literal(module, value)
        if writer.maybe():
            return written
        name = writer.fresh("C")
        module.helpers.append(f"{name} = {written}")
        return name
    return writer.write(module, value)


def write_config_source(
    writer: Writer, app: Module, config: Module, given: list[tuple[str, Any]]
) -> str:
    """Write the settings to the config module; the ``config_from_object`` call is returned."""
    namespace = writer.choose(None, "CELERY", "JOBS_")
    old = writer.maybe()
    lines = []
    for setting, value in given:
        if namespace is None:
            name = _TO_OLD_KEY[setting] if old else setting
        else:
            prefixed = f"{namespace.rstrip('_')}_{setting.upper()}"
            name = writer.choose(prefixed, prefixed, setting, _TO_OLD_KEY[setting])
        lines.append((name, write_value(writer, config, setting, value)))
    form = writer.choose("module", "module name", "dict", "class", "class name", "dotted class")
    if form.startswith("module"):
        config.body += [f"{name} = {value}" for name, value in lines]
        app.need("from proj import config")
    elif form == "dict":
        items = ", ".join(f"{name!r}: {value}" for name, value in lines)
        config.body.append(f"CONFIG = {{{items}}}")
    else:
        # The first half is inherited.
        half = len(lines) // 2
        for header, part in (("Common", lines[:half]), ("Config(Common)", lines[half:])):
            config.body.append(f"class {header}:")
            config.body += [f"    {name} = {value}" for name, value in part] or ["    pass"]
        app.need("from proj.config import Config")
    source = {
        "module": "config",
        "module name": "'proj.config'",
        "dict": "'proj.config:CONFIG'",
        "class": "Config",
        "class name": "'proj.config:Config'",
        "dotted class": "'proj.config.Config'",
    }[form]
    suffix = "" if namespace is None else f", namespace={namespace!r}"
    return f"app.config_from_object({source}{suffix})"


def write_conf_lines(
    writer: Writer, app: Module, given: list[tuple[str, Any]], old: bool
) -> list[str]:
    lines = []
    for setting, value in given:
        name = _TO_OLD_KEY[setting] if old else setting
        written = write_value(writer, app, setting, value)
        line = writer.choose(
            f"app.conf.{name} = {written}",
            f"app.conf[{name!r}] = {written}",
            f"app.conf.update({name}={written})",
            f"app.conf.update({{{name!r}: {written}}})",
        )
        lines.append(writer.sometimes(app, line))
    return lines


def write_task(
    writer: Writer, module: Module, task: PlannedTask, bases: list[str]
) -> dict[str, Any]:
    """A task function; the options of its decorator are returned."""
    options = dict(writer.some(OPTIONS, 5))
    if task.shared:
        module.need("from celery import shared_task")
        decorator = "shared_task"
    else:
        module.need("from proj.app import app")
        decorator = "app.task"
    keywords = [f"{name}={writer.write(module, value)}" for name, value in options.items()]
    if keywords and writer.choose(False, False, True):
        split = ", ".join(f"{k.split('=', 1)[0]!r}: {k.split('=', 1)[1]}" for k in keywords)
        name = writer.fresh("OPTIONS")
        module.helpers.append(f"{name} = {{{split}}}")
        option, value = writer.draw(st.sampled_from(list(options.items())))
        other = writer.literal(module, writer.other(value))
        line = f"{name}[{option!r}] = {other}"
        if writer.maybe():
            module.helpers.append(f"if {writer.variable(module)}:\n    {line}")
        keywords = [f"**{name}"]
    if task.name:
        keywords.insert(0, f"name={writer.write_certain(module, task.name)}")
    if bases and writer.maybe():
        base = writer.choose(*bases)
        module.need(f"from proj.bases import {base}")
        keywords.append(f"base={base}")
    if task.bind:
        keywords.append("bind=True")
    called = f"({', '.join(keywords)})" if keywords or writer.maybe() else ""
    parameters = "self, x" if task.bind else "x"
    definition = f"@{decorator}{called}\ndef {task.function}({parameters}): ..."
    if writer.choose(False, False, False, True):
        definition = f"if not {writer.variable(module)}:\n{indent(definition, '    ')}"
    module.body.append(f"{definition}\n")
    return options


@dataclass
class Plan:
    """What is decided about a project before it is written."""

    writer: Writer
    tasks: list[PlannedTask]
    annotated: bool = False

    @property
    def names(self) -> list[str]:
        return [task.full_name for task in self.tasks]

    def settings(self, at_most: int) -> list[tuple[str, Any]]:
        """Some settings with values, for one of the places that settings are given in."""
        found = self.writer.some(SETTINGS, at_most)
        for setting, draw_value in STRUCTURED.items():
            if self.writer.choose(False, False, True):
                self.annotated = self.annotated or setting == "task_annotations"
                found.append((setting, draw_value(self.writer, self.names)))
        return found


def plan_tasks(writer: Writer) -> list[PlannedTask]:
    return [
        PlannedTask(
            module=writer.choose("one", "two"),
            function=f"t{number}",
            name=writer.choose(None, None, f"job.{number}"),
            shared=writer.maybe(),
            bind=writer.maybe(),
        )
        for number in range(writer.choose(1, 2, 3, 4))
    ]


def write_app(plan: Plan, bases: list[str]) -> tuple[Module, Module]:
    """The module with the app and all its configuration, and the config module."""
    writer = plan.writer
    app, config = Module(imports=["from celery import Celery"]), Module()
    arguments = ["'proj'"]
    arguments += [f"{name}={write_value(writer, app, name, v)}" for name, v in plan.settings(3)]
    discovery = writer.choose("include", "imports", "autodiscover")
    if discovery == "include":
        arguments.append("include=['proj.one', 'proj.two']")
    base = writer.choose(None, "task_cls", "task_cls by name", "app.Task") if bases else None
    if base == "task_cls":
        app.need(f"from proj.bases import {bases[-1]}")
        arguments.append(f"task_cls={bases[-1]}")
    elif base == "task_cls by name":
        arguments.append(f"task_cls='proj.bases:{bases[-1]}'")
    app.body.append(f"app = Celery({', '.join(arguments)})")

    has_source = writer.maybe()
    # Without a config object Celery refuses old and new names side by side on app.conf.
    old = writer.maybe()
    lines = write_conf_lines(writer, app, plan.settings(3), old)
    if has_source:
        call = write_config_source(writer, app, config, plan.settings(6))
        lines.insert(writer.choose(*range(len(lines) + 1)), call)
    app.body += lines

    if base == "app.Task":
        app.need(f"from proj.bases import {bases[0]}")
        app.body.append(f"app.Task = {bases[0]}")
    if discovery == "imports":
        name = "CELERY_IMPORTS" if old and not has_source else "imports"
        app.body.append(f"app.conf[{name!r}] = ('proj.one', 'proj.two')")
    elif discovery == "autodiscover":
        app.body.append("app.autodiscover_tasks(['proj'], related_name='one')")
        app.body.append("app.autodiscover_tasks(['proj'], 'two')")
    return app, config


def write_second_app(writer: Writer) -> Module:
    """Another app; tasks that are shared exist under both, with the settings of each."""
    module = Module(imports=["from celery import Celery"])
    arguments = ["'other'"]
    arguments += [f"{name}={writer.write(module, v)}" for name, v in writer.some(SETTINGS, 4)]
    module.body.append(f"other = Celery({', '.join(arguments)})")
    shared = writer.choose("", "shared=False, ")
    module.body.append(f"@other.task({shared}max_retries=1)\ndef elsewhere(): ...\n")
    return module


@st.composite
def projects(draw: Draw) -> Generated:
    """Whole projects with one or two apps and one to four tasks."""
    writer = Writer(draw)
    bases_module, bases = write_bases(writer)
    plan = Plan(writer, plan_tasks(writer))
    modules = {"consts": writer.consts, "bases": bases_module}
    modules["app"], modules["config"] = write_app(plan, bases)
    modules |= {"one": Module(), "two": Module()}
    certain = {
        task.full_name: write_task(writer, modules[task.module], task, bases) for task in plan.tasks
    }
    apps = ["proj.app:app"]
    if writer.choose(False, False, True):
        modules["other"] = write_second_app(writer)
        apps.append("proj.other:other")
    files = {f"proj/{name}.py": module.text() for name, module in modules.items()}
    project = Project({"proj/__init__.py": "", **files}, tuple(apps))
    return Generated(project, {} if plan.annotated else certain)
