"""From the command of a unit to the Celery commands that come of it: through wrappers, shells, the
scripts of the repository, make and Python."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

import msgspec

from celerylint.deploy.facts import Command
from celerylint.deploy.repository import Repository
from celerylint.deploy.shell import Branch, Started, run
from celerylint.deploy.shell.variables import Scalar
from celerylint.deploy.text import Text
from celerylint.deploy.words import Argv, Word, alternatives
from celerylint.deploy.wrappers import PYTHON, SHELLS, Words, opaque_wrapper, peel, program
from celerylint.model.place import Place
from celerylint.model.value import Value

COMMANDS = frozenset({"worker", "beat", "flower", "multi"})
"""The commands of Celery that keep running."""

_MOST_FOLLOWED = 8
_SHEBANG_OF_SHELL = re.compile(r"#!.*?\b(?P<shell>bash|dash|ash|zsh|ksh|sh)\b")


class Shell(msgspec.Struct, frozen=True):
    """A shell that stays between what starts a unit and Celery.

    ``name`` is ``sh``, ``bash`` and so on. ``form`` is ``-c`` for one that is given its commands,
    else the path of the script that it reads. ``is_last``: it does nothing behind Celery.
    """

    name: str
    form: str
    place: Place
    is_last: bool = False


class Found(msgspec.Struct, frozen=True):
    """A Celery command: ``words`` are those behind ``celery``, ``place`` is where it starts.

    ``reloads`` says that something restarts it when files change; ``label`` and ``branch`` are
    those of `Started`. ``folders`` are where in the repository it may be run. ``app`` is the
    variable of the app, where it is a method of that which starts the command.
    """

    words: Words
    place: Place
    environment: dict[str, Scalar]
    shells: tuple[Shell, ...] = ()
    user: Value | None = None
    reloads: bool = False
    label: str = ""
    branch: Branch = ()
    folders: tuple[str, ...] = ()
    app: str = ""


class PythonStart(msgspec.Struct, frozen=True):
    """A Celery command that a Python file starts, see `celerylint.link.worker_calls`.
    ``command`` is the name of a command of Django's, if it is one."""

    path: str
    words: Words
    place: Place
    command: str = ""
    app: str = ""


class Context(msgspec.Struct, frozen=True):
    """What is known where a command is run. ``folder`` is its folder in the repository, ``copies``
    see `Repository.find`. ``is_definition`` says that the command is all that a unit runs, so that
    a program nobody knows may be a wrapper of Celery's."""

    environment: dict[str, Scalar]
    folder: str
    copies: Mapping[str, str] = {}
    shells: tuple[Shell, ...] = ()
    user: Value | None = None
    reloads: bool = False
    label: str = ""
    branch: Branch = ()
    is_definition: bool = False
    depth: int = 0
    place: Place | None = None
    """The statement of a script that runs it"""


class Follower:
    def __init__(self, repository: Repository, python: Iterable[PythonStart] = ()) -> None:
        self._repository = repository
        self._python: dict[str, list[PythonStart]] = {}
        self._django: dict[str, list[PythonStart]] = {}
        for start in python:
            self._python.setdefault(start.path, []).append(start)
            if start.command:
                self._django.setdefault(start.command, []).append(start)

    def follow(self, command: Command, context: Context) -> list[Found]:
        """Every Celery command that a command may come to."""
        if command.script is None:
            return self._argv(command.words, context)
        if command.shell == "file":
            return self._script(command.script, (), None, context)
        return self._started(command.script, command.shell, "-c", (), context)

    def _argv(self, argv: Argv, context: Context) -> list[Found]:
        found: list[Found] = []
        for words in alternatives(argv):
            found += [one for one in self._words(words, context) if one not in found]
        return found

    def _words(self, words: Words, context: Context) -> list[Found]:
        peeled = peel(words)
        words = peeled.words
        if not words or context.depth > _MOST_FOLLOWED:
            return []
        context = msgspec.structs.replace(
            context,
            environment={
                **context.environment,
                **{name: (pieces,) for name, pieces in peeled.environment.items()},
            },
            user=peeled.user.value("whom the command is run as") if peeled.user else context.user,
            reloads=context.reloads or peeled.reloads,
            depth=context.depth + 1,
        )
        name = program(words[0])
        if starts_celery(words):
            return [_found(words, context)]
        if name in SHELLS:
            return self._shell(name, words, context)
        if name in ("make", "gmake"):
            return self._make(words[1:], context)
        if PYTHON.fullmatch(name) or name.endswith(".py"):
            return self._python_program(words, context)
        script = self._repository.find(words[0].known or "", context.folder, context.copies)
        text = self._repository.text(script) if script is not None else None
        if text is not None:
            behind = self._script(text, words[1:], words[1:], context)
            if behind:
                return behind
        if context.is_definition:
            inner = opaque_wrapper(words, starts_celery)
            if inner is not None:
                return [_found(inner, context)]
        return []

    # Shells

    def _shell(self, name: str, words: Words, context: Context) -> list[Found]:
        rest = words[1:]
        while rest and (option := rest[0].head)[:1] in ("-", "+") and rest[0].known is not None:
            rest = rest[1:]
            if not option.startswith("--") and "c" in option:
                if not rest:
                    return []
                text = _as_script(rest[0])
                named = {"0": (rest[1].pieces,)} if len(rest) > 1 else {}  # `$0`
                inner = {**context.environment, **named}
                context = msgspec.structs.replace(context, environment=inner)
                return self._started(text, name, "-c", rest[2:], context)
            if option in ("-o", "-O", "+o"):
                rest = rest[1:]
        if not rest:
            return []
        path = self._repository.find(rest[0].known or "", context.folder, context.copies)
        script = self._repository.text(path) if path is not None else None
        if script is not None:
            return self._script(script, rest[1:], rest[1:], context)
        # A script that is not here may run its arguments.
        behind = opaque_wrapper(rest, starts_celery) if context.is_definition else None
        return [_found(behind, context)] if behind is not None else []

    def _script(
        self, text: Text, rest: Words, arguments: Words | None, context: Context
    ) -> list[Found]:
        path = text.runs[0].path
        shebang = _SHEBANG_OF_SHELL.match(text.value)
        if text.value.startswith("#!") and not shebang and "with-contenv" not in text.value[:80]:
            return []
        name = shebang["shell"] if shebang else "sh"
        return self._started(text, name, path, arguments, context)

    def _started(
        self, text: Text, shell: str, form: str, arguments: Words | None, context: Context
    ) -> list[Found]:
        if "celery" not in text.value.lower() and not self._may_matter(text.value):
            return []
        found: list[Found] = []
        started = run(
            text,
            arguments=arguments,
            variables=context.environment,
            include=lambda name: self._include(name, context),
        )
        for start in started:
            found += self._argv(start.argv, self._within(start, shell, form, context))
        return found

    def _may_matter(self, script: str) -> bool:
        """A script that never says "celery" may run another that does, or what it is given."""
        return any(
            sign in script for sign in ("$@", "$*", "${@", "$1", "$0", ".sh", "make ", "./", ".py")
        )

    def _within(self, start: Started, shell: str, form: str, context: Context) -> Context:
        stays = () if start.replaces else (Shell(shell, form, start.place, start.is_last),)
        folder = context.folder
        if start.folder:
            inner = os.path.normpath(os.path.join(folder, start.folder))
            if not start.folder.startswith("/"):
                folder = inner
        return msgspec.structs.replace(
            context,
            environment=start.environment,
            shells=(*context.shells, *stays),
            label=start.label or context.label,
            branch=(*context.branch, *start.branch),
            folder=folder,
            place=start.place,
            is_definition=context.is_definition and start.replaces,
        )

    def _include(self, name: str, context: Context) -> Text | None:
        path = self._repository.find(name, context.folder, context.copies)
        return self._repository.text(path) if path is not None else None

    # Other programs

    def _make(self, words: Words, context: Context) -> list[Found]:
        folder, targets = context.folder, []
        rest = list(words)
        while rest:
            known = rest.pop(0).known
            if known in ("-C", "--directory") and rest:
                folder = os.path.normpath(os.path.join(folder, rest.pop(0).known or ""))
            elif known in ("-f", "-j", "-o") and rest:
                rest.pop(0)
            elif known is not None and not known.startswith("-") and "=" not in known:
                targets.append(known)
        path = self._repository.find("Makefile", folder, {})
        facts = self._repository.facts(path) if path is not None else None
        found: list[Found] = []
        for unit in facts.units if facts is not None else ():
            if (
                unit.name in targets
                and unit.command is not None
                and unit.command.script is not None
            ):
                inner = msgspec.structs.replace(context, folder=folder)
                script = unit.command.script
                found += self._started(script, "make", unit.path, (), inner)
        return found

    def _python_program(self, words: Words, context: Context) -> list[Found]:
        """A Python file that starts Celery, or a command of Django's that does."""
        names = [word.known or "" for word in words]
        if not names[0].endswith(".py"):
            names = names[1:]
        while names and names[0].startswith("-") and names[0] != "-m":
            names = names[1:]
        if not names:
            return []
        starts: list[PythonStart] = []
        if names[0].endswith("manage.py") and len(names) > 1:
            starts = self._django.get(names[1], [])
        else:
            is_module = names[0] == "-m" and len(names) > 1
            ending = names[1].replace(".", "/") if is_module else names[0]
            ending = ending.removesuffix(".py").removeprefix("./").strip("/")
            matching = [
                path
                for path in self._python
                if path.removesuffix(".py").removesuffix("/__main__").endswith(f"/{ending}")
                or path.removesuffix(".py").removesuffix("/__main__") == ending
            ]
            starts = self._python[matching[0]] if len(matching) == 1 else []
        return [
            msgspec.structs.replace(
                _found((start.words[0], *start.words), context), place=start.place, app=start.app
            )
            for start in starts
            if start.words
        ]


def starts_celery(words: Words) -> bool:
    """Whether a command line is one of Celery's that keeps running."""
    if not words:
        return False
    is_celery = program(words[0]) == "celery" or (
        # `$CELERY_BIN -A proj worker`: nothing else takes these words.
        words[0].known is None and "celery" in words[0].written.lower()
    )
    return is_celery and any(word.known in COMMANDS for word in words[1:] if not word.open)


def _found(words: Words, context: Context) -> Found:
    last = words[-1].place
    first = words[0].place
    place = first
    if last.path == first.path and (last.end_line, last.end_column) > (first.line, first.column):
        place = Place(first.path, first.line, first.column, last.end_line, last.end_column)
    statement = context.place
    is_here = statement is not None and statement.path == place.path
    if statement is not None and is_here and not _is_within(place, statement):
        # The command is in a variable; it is started here. What another file hands to the script
        # as its arguments stands there.
        place = statement
    return Found(
        words=words[1:],
        place=place,
        environment=context.environment,
        shells=context.shells,
        user=context.user,
        reloads=context.reloads,
        label=context.label,
        branch=context.branch,
        folders=(context.folder,),
    )


def _is_within(place: Place, other: Place) -> bool:
    start, end = (place.line, place.column), (other.end_line, other.end_column)
    return place.path == other.path and (other.line, other.column) <= start <= end


def _as_script(word: Word) -> Text:
    """The text that a shell gets: what the environment may replace becomes a variable with that
    default."""
    text: Text | None = None
    for piece in word.pieces:
        part = piece.text
        if piece.variables and not piece.reason:
            start, end = part.runs[:1], part.slice(len(part.value)).runs
            opening = Text("${" + piece.variables[0] + ":-", start)
            part = opening + part + Text("}", end)
        text = part if text is None else text + part
    assert text is not None  # a word has at least one piece
    return text
