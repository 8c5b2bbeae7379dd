"""From the Celery commands of a deployment to workers with effective options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from celerylint.celery_schema import Version
from celerylint.deploy.command_line import CommandLine, parse
from celerylint.deploy.multi import nodes
from celerylint.deploy.processes import Process
from celerylint.deploy.words import Piece, Word
from celerylint.link.celery_app import AppObject
from celerylint.link.find_app import find_app
from celerylint.link.interpreter import Interpreter
from celerylint.link.values import merge
from celerylint.model.project import App
from celerylint.model.value import State, Step, Value, celery_default, unknown
from celerylint.model.worker import Between, CliMistake, CliOption, Worker

_KINDS = ("worker", "beat", "flower")

_LIMITS_OF_TASKS = Version(5, 7)
"""Since then a task takes the app's limits along, and these come before the worker's own."""

_SETTINGS = {
    "prefetch_multiplier": "worker_prefetch_multiplier",
    "max_tasks_per_child": "worker_max_tasks_per_child",
    "max_memory_per_child": "worker_max_memory_per_child",
    "concurrency": "worker_concurrency",
}
_NO_LIMIT = celery_default(None)


class AppOf(msgspec.Struct, frozen=True):
    """An app with what a worker of it needs: the queues that it declares, with why these may not
    be all, and the tasks that it registers."""

    app: App
    declared: tuple[str, ...]
    declared_place: Value
    all_declared: bool


def workers(
    processes: Iterable[Process],
    interpreter: Interpreter,
    apps: Mapping[str, AppOf],
    version: Version | None,
) -> list[Worker]:
    """The workers, beats and flowers of a project; ``apps`` by their variables."""
    linker = _Workers(interpreter, apps, version)
    return [worker for process in processes for worker in linker.of(process)]


class _Workers:
    def __init__(
        self, interpreter: Interpreter, apps: Mapping[str, AppOf], version: Version | None
    ) -> None:
        self._interpreter = interpreter
        self._apps = apps
        self._version = version
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}

    def of(self, process: Process) -> list[Worker]:
        if any(word.known == "multi" for word in process.argvs[0]):
            process = msgspec.structs.replace(
                process, grace=unknown("`celery multi` leaves it to itself"), by_shell=True
            )
            found = [
                self._worker(msgspec.structs.replace(process, name=name), [words], is_node=True)
                for name, words in nodes(process.argvs[0])
            ]
        else:
            found = [self._worker(process, process.argvs)]
        return [worker for worker in found if worker is not None]

    def _worker(
        self, process: Process, argvs: Sequence[Sequence[Word]], *, is_node: bool = False
    ) -> Worker | None:
        lines = [parse(words, process.environment, self._version) for words in argvs]
        kinds = {line.command for line in lines}
        kind = next((name for name in _KINDS if name in kinds), None)
        if kind is None:
            return None
        lines = [line for line in lines if line.command == kind and not line.shows_help]
        if not lines:
            return None
        found = [self._options(process, line) for line in lines]
        options = {name: merge([one[name] for one in found]) for name in found[0]}
        variable, problem = self._app(process, lines)
        if is_node:
            options["hostname"] = Value(
                State.KNOWN, process.name, (Step("`celery multi`", process.place),)
            )
        # Options by name are all of them values; the checker takes them for any field.
        made: dict[str, Any] = options
        return Worker(
            name=process.name,
            kind=kind,  # type: ignore[arg-type]
            platform=process.kind,
            place=process.place,
            unit=process.unit,
            app=variable,
            app_problem=problem,
            replicas=process.replicas,
            grace_period=process.grace,
            user=_user(process),
            cli=_cli(lines),
            mistakes=_mistakes(lines),
            environment={
                name: value
                for name, ways in process.environment.items()
                if (value := _variable(name, ways)) is not None
            },
            between=_between(process),
            development=process.development,
            group=process.group,
            **made,
        )

    # The app

    def _app(self, process: Process, lines: Sequence[CommandLine]) -> tuple[str, str]:
        """The variable of the app, and why there certainly is none."""
        if process.app:
            return process.app, ""
        given = merge([_global(line, "app") for line in lines])
        names = [name for name in given.possibilities() if isinstance(name, str)]
        if len(names) == 1 and names[0]:
            return self._named(names[0], process.folders)
        # Whatever it is called, it can only be the one that there is.
        return (next(iter(self._apps)) if len(self._apps) == 1 else ""), ""

    def _named(self, name: str, folders: tuple[str, ...]) -> tuple[str, str]:
        key = (name, folders)
        if key not in self._found:
            found = find_app(self._interpreter, name, folders)
            app: AppObject | None = found.app
            known = app is not None and app.variable in self._apps
            self._found[key] = (app.variable if known and app is not None else "", found.problem)
        return self._found[key]

    # Options

    def _options(self, process: Process, line: CommandLine) -> dict[str, Value]:
        variable, _ = self._app(process, [line])
        app = self._apps.get(variable)
        given = _Options(line, app.app if app is not None else None)
        time_limit, soft_time_limit = (
            self._limit(given, name) for name in ("time_limit", "soft_time_limit")
        )
        return {
            "app_given": _global(line, "app"),
            "queues": _queues(given, app),
            "pool": _pool(given),
            "autoscale": given.cli("autoscale", _NO_LIMIT),
            "time_limit": time_limit,
            "soft_time_limit": soft_time_limit,
            "embedded_beat": given.cli("beat", celery_default(False)),
            "scheduler": given.effective("scheduler", "beat_scheduler"),
            "hostname": given.cli(
                "hostname",
                celery_default("celery@%h" if line.command == "worker" else "celerybeat@%h"),
            ),
            **{name: given.effective(name, setting) for name, setting in _SETTINGS.items()},
        }

    def _limit(self, given: _Options, name: str) -> Value:
        """The limit of a task that has none of its own on this worker."""
        cli = given.cli(name, _NO_LIMIT)
        setting = given.setting(f"task_{name}")
        config_wins = self._version is None or self._version >= _LIMITS_OF_TASKS
        first, second = (setting, cli) if config_wins else (cli, setting)
        return _first_given(first, second)


class _Options:
    """The options of one command line, over the settings of its app."""

    def __init__(self, line: CommandLine, app: App | None) -> None:
        self._line = line
        self._app = app

    def cli(self, name: str, default: Value) -> Value:
        """What the command line says; ``default`` where it certainly says nothing."""
        given = self._line.options.get(name)
        if given is None:
            return unknown(self._line.rest) if self._line.rest else default
        if self._line.rest and not given.value.is_unknown:
            # What cannot be seen may give it again, and the last one counts.
            return unknown(self._line.rest, given.value.trail)
        return given.value

    def is_given(self, name: str) -> bool:
        return name in self._line.options

    def setting(self, name: str) -> Value:
        if self._app is None:
            return unknown("its app was not found")
        if self._line.configuration:
            return unknown(self._line.configuration)
        return self._app.setting(name)

    def effective(self, name: str, setting: str) -> Value:
        """The command line, and the setting where that says nothing, 0 or an empty text."""
        return _first_given(self.cli(name, _NO_LIMIT), self.setting(setting))


def _first_given(first: Value, second: Value) -> Value:
    """The first value as far as it says something (``first or second`` in Celery's code)."""
    if first.is_unknown:
        return first
    if first.always(bool):
        return first
    if not any(first.possibilities()):
        return second
    return merge(
        [
            *(
                Value(State.KNOWN, option, first.trail, "", first.variables)
                for option in first.possibilities()
                if option
            ),
            second,
        ]
    )


def _pool(given: _Options) -> Value:
    """``-P prefork`` is as good as none: the setting then decides (celery/bin/worker.py)."""
    cli = given.cli("pool", celery_default("prefork"))
    setting = given.setting("worker_pool")
    if cli.is_unknown:
        return cli
    if cli.always(lambda pool: pool == "prefork"):
        if setting.is_default or (cli.is_set and setting.is_unknown):
            return cli
        return setting
    if cli.always(lambda pool: pool == "custom"):
        return unknown("`CELERY_CUSTOM_WORKER_POOL` names the pool", cli.trail)
    return cli


def _queues(given: _Options, app: AppOf | None) -> Value:
    """The queues that it reads: ``-Q``, else all of ``task_queues``, else the default queue; but
    for ``-X`` (celery/app/amqp.py, ``Queues.select`` and ``deselect``)."""
    chosen = given.cli("queues", _NO_LIMIT)
    if not chosen.is_set and not chosen.is_unknown:
        chosen = _declared(app)
    if not given.is_given("exclude_queues") or chosen.is_unknown:
        return chosen
    left_out = given.cli("exclude_queues", _NO_LIMIT)
    if left_out.is_unknown:
        return left_out
    values = [
        Value(
            State.KNOWN,
            tuple(queue for queue in queues if queue not in excluded),
            (*left_out.trail, *chosen.trail),
            "",
            (*chosen.variables, *left_out.variables),
        )
        for queues in chosen.possibilities()
        for excluded in left_out.possibilities()
    ]
    return merge(values)


def _declared(app: AppOf | None) -> Value:
    if app is None:
        return unknown("its app was not found")
    if not app.all_declared:
        return unknown("the queues of its app cannot be told", app.declared_place.trail)
    place = app.declared_place
    return Value(
        place.state if place.state is not State.ONE_OF else State.ENVIRONMENT,
        app.declared,
        place.trail,
        "",
        place.variables,
    )


def _global(line: CommandLine, name: str) -> Value:
    given = line.globals.get(name)
    if given is not None:
        return given.value
    return unknown(line.rest) if line.rest else celery_default(None)


def _cli(lines: Sequence[CommandLine]) -> dict[str, CliOption]:
    found: dict[str, CliOption] = {}
    for name in dict.fromkeys(name for line in lines for name in line.options):
        given = [line.options[name] for line in lines if name in line.options]
        values = [one.value for one in given]
        if len(given) < len(lines):
            values.append(celery_default(None))
        found[name] = CliOption(merge(values), given[0].place)
    return found


def _mistakes(lines: Sequence[CommandLine]) -> tuple[CliMistake, ...]:
    """The mistakes that the command has whatever way it comes out."""
    shared = [
        mistake
        for mistake in lines[0].mistakes
        if all(any(one.text == mistake.text for one in line.mistakes) for line in lines)
    ]
    return tuple(
        CliMistake(one.text, one.help, one.place, option_is_unknown=one.kind == "unknown")
        for one in shared
    )


_TELLING = re.compile(r"C_FORCE_ROOT|(?:\w+_)?(?:BROKER|CELERY|RESULT|REDIS|RABBIT)\w*")


def _variable(name: str, ways: Sequence[Sequence[Piece]]) -> Value | None:
    """A variable of the environment that may have to do with Celery; None for others."""
    if not _TELLING.fullmatch(name):
        return None
    return merge([Word(tuple(pieces)).value(f"`{name}`") for pieces in ways if pieces])


def _user(process: Process) -> Value:
    if process.user is not None:
        return process.user
    if process.root_by_default:
        return Value(State.DEFAULT, "root", (Step("the image's default"),))
    return unknown("nobody says as whom it runs")


def _between(process: Process) -> Between | None:
    """The outermost shell that certainly stays, and keeps signals from Celery.

    A shell that reads a script stays while a program runs, unless that is started with ``exec``.
    With ``-c`` it depends: bash and the ash of Alpine let the last command take their place, dash
    never does.
    """
    if process.by_shell or not (process.in_container or process.kind == "supervisor"):
        return None
    for shell in process.shells:
        name = shell.name
        if name == "make":
            return Between("make", shell.place)
        if shell.form != "-c":
            return Between(f"`{shell.form}`", shell.place)
        if name == "sh":
            name = process.system_shell
        if name == "dash" or (name == "bash" and not shell.is_last):
            return Between(f"`{shell.name} -c`", shell.place)
    return None
