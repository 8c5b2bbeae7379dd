"""Celery's command line: what celerylint makes of it, against click with Celery's real options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import pytest
from celery import Celery
from celery.bin.base import CLIContext
from celery.bin.celery import celery as group
from deployments import nowhere
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.celery_schema.commands import command_options
from celerylint.deploy.command_line import CommandLine, parse
from celerylint.deploy.multi import nodes
from celerylint.deploy.split import words_of
from celerylint.deploy.words import Piece, Word, literal, opaque
from celerylint.model.value import State


def words(argv: list[str]) -> list[Word]:
    return [literal(nowhere(word)) for word in argv]


def parsed(argv: list[str], environment: Mapping[str, str] | None = None) -> CommandLine:
    known = {name: ((Piece(nowhere(value)),),) for name, value in (environment or {}).items()}
    return parse(words(argv), known, None)


class Real:
    """What click says: the options that were given, or that it refuses the command line."""

    def __init__(self, argv: list[str]) -> None:
        self.refused = ""
        self.command = ""
        self.options: dict[str, Any] = {}
        try:
            self._run(argv)
        except click.UsageError as error:
            self.refused = error.format_message()
        except AttributeError as error:  # `--autoscale a,b`: Celery trips over its own message
            self.refused = str(error)
        except click.exceptions.Exit:
            self.command = "--help"

    def _run(self, argv: list[str]) -> None:
        with group.make_context("celery", list(argv), auto_envvar_prefix="CELERY") as context:
            context.obj = CLIContext(Celery(set_as_current=False), True, None)
            rest = [*context._protected_args, *context.args]
            if not rest:
                return
            name, command, rest = group.resolve_command(context, rest)
            assert name is not None and command is not None
            self.command = name
            with command.make_context(name, rest, parent=context) as inner:
                if any("=" not in extra for extra in inner.args):
                    raise click.UsageError("Unable to parse extra configuration")
                for option, value in inner.params.items():
                    source = inner.get_parameter_source(option)
                    assert source is not None
                    if source.name in ("COMMANDLINE", "ENVIRONMENT"):
                        self.options[option] = value


CONVERTED_BY_CELERY = {"hostname", "pool_cls", "pool", "loglevel", "statedb"}
"""Options that become something that a command line cannot hold: classes, numbers, host names."""


def compare(argv: list[str]) -> None:
    real, ours = Real(argv), parsed(argv)
    if ours.shows_help and not ours.mistakes:
        assert real.command == "--help"
        return
    if ours.command not in ("worker", "beat") and not ours.mistakes:
        return  # no process that keeps running, whether Celery knows the command or not
    assert bool(ours.mistakes) == bool(real.refused), (real.refused, ours.mistakes)
    if real.refused:
        return
    assert ours.command == real.command
    if any(given.value.is_unknown for given in ours.options.values()):
        return
    assert ours.options.keys() == {name.replace("pool_cls", "pool") for name in real.options}
    for name, value in real.options.items():
        if name in CONVERTED_BY_CELERY:
            continue
        found = ours.options[name].value.value
        if value and isinstance(value, list):
            found = list(found)
        if not found and command_options(None, ours.command)[name].setting:  # type: ignore[arg-type]
            continue  # Celery has put the setting in its place
        assert found == value, name


VALUES = ["4", "0", "-1", "1.5", "auto", "x", "", "a,b", "a, b", "10,3", "3,10", "1,2,3", "info",
          "INFO", "prefork", "threads", "nopool", "fair", "spawn", "w@%h", "=4", "--",
          "-x"]  # fmt: skip
FLAGS = sorted(
    {
        flag
        for command in ("worker", "beat")
        for option in command_options(None, command).values()
        for flag in (*option.flags, *option.off)
    }
    - {"--executable"}
)
OPTIONS = st.one_of(
    st.sampled_from(FLAGS).map(lambda flag: [flag]),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(VALUES)).map(list),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(VALUES)).map(lambda p: [f"{p[0]}={p[1]}"]),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(VALUES)).map(lambda p: ["".join(p)]),
    st.sampled_from(["-EB", "-EBc4", "-c4", "-lINFO", "--maxtasksperchild=3", "-A", "extra", "a=b",
                     "--help", "-Ofair", "--conc", "-Z"]).map(lambda word: [word]),
)  # fmt: skip
BEFORE = st.sampled_from(
    [text.split() for text in (
        "", "-A proj", "--app=proj", "-q -b redis://x", "-Aproj", "-E", "--appp=x", "-A",
        "--no-color=1", "-qC",
    )]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    before=BEFORE,
    command=st.sampled_from(["worker", "beat"]),
    options=st.lists(OPTIONS, max_size=4),
)
def test_any_command_line_is_parsed_as_click_does(
    before: list[str], command: str, options: list[list[str]]
) -> None:
    compare([*before, command, *(word for option in options for word in option)])


@pytest.mark.parametrize(
    "argv",
    [
        "-A tasks worker -l INFO -Q a,b -c 4 --autoscale 10,3 -EB",
        "worker -A tasks",
        "-A tasks worker -Q a, b",
        "-A tasks beat --beat",
        "-A tasks worker -c=4",
        "-A tasks worker --time-limit=x",
        "-A tasks worker -- a=b",
        "-A tasks worker a=b",
        "-A tasks worker --help --nonsense",
        "-A tasks worker -P processes --max-memory-per-child 1000",
        "-A tasks beat --no-enable-remote-control -S x",
        "-A tasks worker --purge=1",
        "-A tasks worker -Q",
    ],
)
def test_these_are_parsed_as_click_does(argv: str) -> None:
    compare(argv.split(" "))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CELERY_WORKER_CONCURRENCY", "3"),
        ("CELERY_WORKER_QUEUES", "a,b"),
        ("CELERY_WORKER_TIME_LIMIT", "1.5"),
        ("CELERY_WORKER_WITHOUT_GOSSIP", "true"),
        ("CELERY_WORKER_WITHOUT_MINGLE", "0"),
        ("CELERY_WORKER_MAX_TASKS_PER_CHILD", "7"),
        ("CELERY_BEAT_MAX_INTERVAL", "9"),
    ],
)
def test_click_reads_these_variables(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = "beat" if variable.startswith("CELERY_BEAT_") else "worker"
    monkeypatch.setenv(variable, value)
    real = Real(["-A", "proj", command]).options
    ours = parsed(["-A", "proj", command], {variable: value}).options
    assert real.keys() == ours.keys()
    for name, option in ours.items():
        found = option.value.value
        assert (list(found) if isinstance(found, tuple) else found) == real[name]


def test_the_command_line_beats_the_variable() -> None:
    line = parsed(["worker", "-c", "4"], {"CELERY_WORKER_CONCURRENCY": "3"})
    assert line.options["concurrency"].value.value == 4


class TestWhatIsNotKnown:
    def line(self, *given: Word | str) -> CommandLine:
        return parse(
            [literal(nowhere(one)) if isinstance(one, str) else one for one in given], {}, None
        )

    def test_a_value(self) -> None:
        line = self.line("worker", "-c", opaque(nowhere("$C"), "not set", open=True), "-B")
        assert line.options["concurrency"].value.state is State.UNKNOWN
        assert line.options["beat"].value.value is True
        assert not line.rest

    def test_a_part_of_a_value(self) -> None:
        word = Word((Piece(nowhere("--concurrency=")), Piece(nowhere("$C"), reason="not set")))
        line = self.line("worker", word)
        assert line.options["concurrency"].value.state is State.UNKNOWN
        assert not line.rest and not line.mistakes

    def test_any_number_of_options(self) -> None:
        line = self.line("worker", opaque(nowhere("$@"), "the caller's", open=True), "-c", "4")
        assert line.rest == "the caller's"

    def test_a_default_of_the_environment(self) -> None:
        word = Word((Piece(nowhere("4"), variables=("C",)),))
        value = self.line("worker", "-c", word).options["concurrency"].value
        assert (value.state, value.value, value.variables) == (State.ENVIRONMENT, 4, ("C",))


class TestMistakes:
    @pytest.mark.parametrize(
        ("argv", "text", "help"),
        [
            (
                "worker -A tasks",
                "`celery worker` has no option `-A`",
                "write `-A` before `worker`",
            ),
            ("-c 4 worker", "`celery` has no option `-c`", "write `-c` behind `worker`"),
            (
                "worker --maxtasksperchild=4",
                "`celery worker` has no option `--maxtasksperchild`",
                "write `--max-tasks-per-child`",
            ),
            (
                "worker --pool process",
                "`--pool process`: it takes one of prefork, eventlet, gevent, solo, processes,"
                " threads, custom",
                "give one of `prefork`, `eventlet`, `gevent`, `solo`, `processes`, `threads`,"
                " `custom`",
            ),
            ("worker -Q", "`-Q` needs a value", "give one behind `-Q`"),
        ],
    )
    def test_are_told_with_a_remedy(self, argv: str, text: str, help: str) -> None:
        [mistake] = parsed(argv.split()).mistakes
        assert (mistake.text, mistake.help) == (text, help)


class TestMulti:
    def nodes(self, text: str) -> list[tuple[str, str]]:
        return [
            (name, " ".join(word.known or "?" for word in line))
            for name, line in nodes(words_of((Piece(nowhere(text)),)))
        ]

    def test_names(self) -> None:
        assert self.nodes("multi start a b -A proj -c 4 --logfile=%n.log") == [
            ("a", "-A proj worker -c 4 --logfile=%n.log"),
            ("b", "-A proj worker -c 4 --logfile=%n.log"),
        ]

    def test_a_number_and_options_for_some(self) -> None:
        assert self.nodes("multi restart 3 -c 2 -c:1-2 8 -Q:celery3 slow") == [
            ("celery1", "worker -c 2 -c 8"),
            ("celery2", "worker -c 2 -c 8"),
            ("celery3", "worker -c 2 -Q slow"),
        ]

    def test_what_starts_nothing(self) -> None:
        assert self.nodes("multi stopwait a b") == []
