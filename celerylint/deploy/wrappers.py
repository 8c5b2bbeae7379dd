"""Programs that only run another one: what is left of a command line without them."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from celerylint.deploy.shell.variables import Pieces
from celerylint.deploy.split import words_of
from celerylint.deploy.words import Word

Words = tuple[Word, ...]


class Peeled(msgspec.Struct, frozen=True):
    """A command line without what is around its program. ``user`` is as whom a wrapper runs it;
    ``reloads`` says that one restarts it when files change."""

    words: Words
    environment: dict[str, Pieces] = {}
    user: Word | None = None
    reloads: bool = False


class _Wrapper(msgspec.Struct, frozen=True):
    """``values`` are the options that take the next word, ``skip`` how many words come before the
    program, ``commands`` what has to follow the name. ``user`` is the word (or the option) that
    names the user."""

    values: tuple[str, ...] = ()
    skip: int = 0
    commands: tuple[str, ...] = ()
    reloads: bool = False
    user: int | str | None = None
    in_one_word: bool = False
    """The program with its arguments is one word."""


_RUN = _Wrapper(commands=("run",))
_WRAPPERS = {
    **dict.fromkeys(
        ("nohup", "setsid", "time", "command", "exec", "catchsegv", "ddtrace-run", "with-contenv"),
        _Wrapper(),
    ),
    "env": _Wrapper(values=("-u", "--unset", "-C", "--chdir")),
    "nice": _Wrapper(values=("-n", "--adjustment")),
    "ionice": _Wrapper(values=("-c", "-n", "--class", "--classdata")),
    "stdbuf": _Wrapper(values=("-i", "-o", "-e")),
    "timeout": _Wrapper(values=("-s", "--signal", "-k", "--kill-after"), skip=1),
    **dict.fromkeys(("gosu", "su-exec", "s6-setuidgid", "setuidgid"), _Wrapper(skip=1, user=0)),
    "chpst": _Wrapper(values=("-u", "-U", "-e", "-n", "-l", "-L"), user="-u"),
    "sudo": _Wrapper(values=("-u", "--user", "-g", "--group"), user="-u"),
    "runuser": _Wrapper(values=("-u", "--user", "-g", "--group"), user="-u"),
    "setpriv": _Wrapper(values=("--reuid", "--regid", "--groups"), user="--reuid"),
    "s6-envdir": _Wrapper(skip=1),
    "tini": _Wrapper(values=("-p", "-e")),
    "dumb-init": _Wrapper(values=("-r", "--rewrite")),
    "catatonit": _Wrapper(),
    "newrelic-admin": _Wrapper(commands=("run-program", "run-python")),
    "opentelemetry-instrument": _Wrapper(
        values=(
            "--traces_exporter",
            "--metrics_exporter",
            "--logs_exporter",
            "--service_name",
            "--exporter_otlp_endpoint",
        )
    ),
    **dict.fromkeys(("poetry", "pipenv", "pdm", "hatch", "rye"), _RUN),
    "uv": _Wrapper(
        commands=("run",),
        values=(
            "--with",
            "--extra",
            "--group",
            "--only-group",
            "--no-group",
            "--package",
            "--project",
            "--directory",
            "--env-file",
            "--python",
            "-p",
        ),
    ),
    **dict.fromkeys(
        ("conda", "mamba", "micromamba"),
        _Wrapper(commands=("run",), values=("-n", "--name", "-p", "--prefix")),
    ),
    "dockerize": _Wrapper(
        values=(
            "-wait",
            "-timeout",
            "-template",
            "-stdout",
            "-stderr",
            "-wait-retry-interval",
            "-wait-http-header",
        )
    ),
    "watchmedo": _Wrapper(
        commands=("auto-restart",),
        values=(
            "-d",
            "--directory",
            "-p",
            "--pattern",
            "--patterns",
            "-i",
            "--ignore-pattern",
            "--ignore-patterns",
            "--interval",
            "--signal",
            "--kill-after",
            "--debounce-interval",
        ),
        reloads=True,
    ),
    "hupper": _Wrapper(
        values=("--shutdown-interval", "--reload-interval", "-w", "-x"), reloads=True
    ),
    "watchfiles": _Wrapper(
        values=("--filter", "--ignore-paths", "--target-type", "--args", "--grace-period"),
        reloads=True,
        in_one_word=True,
    ),
}
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})

_PROGRAM_BEHIND = {
    "nodemon": ("--exec", "-x"),
    "su": ("-c", "--command"),
    "onchange": (),
    "entr": (),
}
_MODULES_THAT_RUN_OTHERS = {
    "watchfiles": "watchfiles",
    "poetry": "poetry",
    "pipenv": "pipenv",
    "pdm": "pdm",
    "uv": "uv",
}
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=")
PYTHON = re.compile(r"python(?:\d(?:\.\d+)?)?|pypy3?")
_PYTHON_OPTIONS_WITH_VALUE = ("-X", "-W")
_MOST_WRAPPERS = 12


def program(word: Word) -> str:
    """The name of a program without its path; empty where it cannot be told."""
    return (word.known or "").rstrip("/").rpartition("/")[2]


def peel(words: Words) -> Peeled:
    """Take off every wrapper that is known."""
    peeled = Peeled(words)
    for _ in range(_MOST_WRAPPERS):
        inner = _peel_once(peeled)
        if inner is None:
            break
        peeled = inner
    return peeled


def _peel_once(peeled: Peeled) -> Peeled | None:
    words = peeled.words
    if not words:
        return None
    if assigned := _ASSIGNMENT.match(words[0].head):
        value = words[0].after(assigned.end()).pieces
        environment = {**peeled.environment, assigned["name"]: value}
        return msgspec.structs.replace(peeled, words=words[1:], environment=environment)
    name = program(words[0])
    if name == "celery" or name in SHELLS or name in NOT_STARTING:
        return None
    if PYTHON.fullmatch(name):
        return _behind_python(peeled)
    if name in _PROGRAM_BEHIND:
        for index, word in enumerate(words[:-1]):
            if word.known in _PROGRAM_BEHIND[name]:
                inner = words_of(words[index + 1].pieces)
                return msgspec.structs.replace(peeled, words=inner, reloads=name == "nodemon")
        return None
    if name.startswith(("wait-for", "wait_for")) or name not in _WRAPPERS:
        return _behind_dashes(peeled)
    return _behind_wrapper(peeled, _WRAPPERS[name])


def _behind_wrapper(peeled: Peeled, wrapper: _Wrapper) -> Peeled | None:
    words = peeled.words[1:]
    if wrapper.commands:
        # `uv --quiet run`
        while words and (words[0].known or "").startswith("-"):
            words = words[1:]
        if not words or words[0].known not in wrapper.commands:
            return None
        words = words[1:]
    user: Word | None = None
    while words and (option := words[0].head).startswith("-") and len(option) > 1:
        words = words[1:]
        if option == "--":
            break
        flag, equals, _ = option.partition("=")
        if flag == wrapper.user and equals:
            user = peeled.words[len(peeled.words) - len(words) - 1].after(len(flag) + 1)
        if option in wrapper.values and words:
            if option == wrapper.user or option == "--user":
                user = words[0]
            words = words[1:]
    if isinstance(wrapper.user, int) and len(words) > wrapper.user:
        user = words[wrapper.user]
    words = words[wrapper.skip :]
    if words and words[0].known == "--":
        words = words[1:]
    if not words:
        return None
    if wrapper.in_one_word and (words[0].known or "").count(" "):
        words = words_of(_unquoted(words[0]))
    return msgspec.structs.replace(
        peeled,
        words=words,
        user=user or peeled.user,
        reloads=peeled.reloads or wrapper.reloads,
    )


def _unquoted(word: Word) -> Pieces:
    return tuple(msgspec.structs.replace(piece, quoted=False) for piece in word.pieces)


def _behind_python(peeled: Peeled) -> Peeled | None:
    """``python -m celery`` is ``celery``; other modules that run a program are taken off."""
    words = peeled.words[1:]
    while words and (option := words[0].known) is not None and option.startswith("-"):
        if option == "-m" and len(words) > 1:
            return _behind_module(peeled, words[1], words[2:])
        if option in ("-c", "-"):
            return None
        words = words[2:] if option in _PYTHON_OPTIONS_WITH_VALUE else words[1:]
    return None


def _behind_module(peeled: Peeled, module: Word, rest: Words) -> Peeled | None:
    name = module.known
    if name == "celery" or name in _MODULES_THAT_RUN_OTHERS:
        return msgspec.structs.replace(peeled, words=(module, *rest))
    if name in ("debugpy", "coverage", "ddtrace", "scalene", "memray", "cProfile"):
        # `python -m debugpy --listen 0.0.0.0:5678 -m celery ...`
        for index, word in enumerate(rest[:-1]):
            if word.known == "-m":
                inner = (rest[index + 1], *rest[index + 2 :])
                return msgspec.structs.replace(
                    peeled, words=inner, reloads=peeled.reloads or name == "debugpy"
                )
    return None


def _behind_dashes(peeled: Peeled) -> Peeled | None:
    """Any program that is given another behind ``--``: ``wait-for-it db:5432 -- celery``."""
    for index, word in enumerate(peeled.words):
        if word.known == "--" and 0 < index < len(peeled.words) - 1:
            return msgspec.structs.replace(peeled, words=peeled.words[index + 1 :])
    return None


_DO_NOT_START = """
    pkill pgrep kill killall echo printf grep which type pip pip3 apt apt-get apk rm cp mv ls docker
    docker-compose podman kubectl helm supervisorctl systemctl service chown chmod touch mkdir
    install ln cat tail head tee sed awk test [ true false sleep wait ssh scp rsync git npm pnpm
    yarn npx
"""
NOT_STARTING = frozenset(_DO_NOT_START.split())
"""Programs that may well be given the word "celery", and start none."""


def opaque_wrapper(words: Words, starts: Callable[[Words], bool]) -> Words | None:
    """The Celery command behind a program that nobody knows, where there is one: the words from
    it on."""
    if not words or program(words[0]) in NOT_STARTING:
        return None
    for index in range(1, len(words)):
        if starts(words[index:]):
            return words[index:]
        if (
            words[index].known == "-m"
            and len(words) > index + 1
            and words[index + 1].known == "celery"
        ):
            return words[index + 1 :]
    return None
