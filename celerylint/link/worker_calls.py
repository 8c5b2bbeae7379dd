"""Celery commands that Python code starts: ``app.worker_main([...])``, ``app.start(argv=[...])``,
and argument lists such as ``["celery", "-A", "proj", "worker"]``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from celerylint.deploy.follow import COMMANDS, PythonStart, starts_celery
from celerylint.deploy.split import words_of
from celerylint.deploy.text import Run, Text
from celerylint.deploy.words import Piece, Word, literal, opaque
from celerylint.link.abstract import resolved
from celerylint.link.celery_app import AppObject
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.link.values import to_value
from celerylint.link.walk import walk
from celerylint.model.value import State, celery_default
from celerylint.read import syntax as s

_DJANGO_COMMAND = re.compile(r"(?:^|/)management/commands/(?P<name>\w+)\.py$")
_COMMAND_LINE = re.compile(r"(?:\S*/)?celery\s.*\b(?:worker|beat)\b", re.DOTALL)
_SIGN = re.compile(rb"worker_main|argv|[\"'/]celery[\"'\s]")
_STARTERS = frozenset({"run", "call", "Popen", "check_call", "check_output", "system", "split"})


def starts_in(interpreter: Interpreter, files: Iterable[ModuleFile]) -> Iterator[PythonStart]:
    """Every Celery command that the files start, in order."""
    for file in files:
        if not _may_start(file.path):
            continue
        django = _DJANGO_COMMAND.search(file.shown)
        for words, node, app in _commands(interpreter, file):
            yield PythonStart(
                path=file.shown,
                words=words,
                place=file.place(node),
                command=django["name"] if django else "",
                app=app,
            )


def _may_start(path: str) -> bool:
    """Looking for a few words costs much less than walking through all of the code."""
    try:
        with open(path, "rb") as stream:
            return _SIGN.search(stream.read()) is not None
    except OSError:
        return False


def _commands(
    interpreter: Interpreter, file: ModuleFile
) -> Iterator[tuple[tuple[Word, ...], s.Node, str]]:
    for node in walk(interpreter.modules.load(file).statements):
        if isinstance(node, s.Sequence) and _may_be_a_command(node):
            words = _words(interpreter, file, node)
            for index, word in enumerate(words):
                if word.known is not None and starts_celery(words[index:]):
                    yield words[index + 1 :], node, ""
                    break
        elif isinstance(node, s.Call) and isinstance(node.func, s.Attribute):
            name = node.func.attr
            if name in ("worker_main", "start"):
                yield from _of_an_app(interpreter, file, node, node.func.value)
            elif name in _STARTERS and node.args:
                first = node.args[0].value
                if (
                    isinstance(first, s.Literal)
                    and isinstance(first.value, str)
                    and _COMMAND_LINE.match(first.value)
                ):
                    words = words_of((Piece(_text(file, first, first.value), quoted=False),))
                    if starts_celery(words):
                        yield words[1:], first, ""


def _may_be_a_command(node: s.Sequence) -> bool:
    texts = {item.value for item in node.items if isinstance(item, s.Literal)}
    return not COMMANDS.isdisjoint(texts) and any(
        isinstance(text, str) and text.endswith("celery") for text in texts
    )


def _of_an_app(
    interpreter: Interpreter, file: ModuleFile, call: s.Call, receiver: s.Node
) -> Iterator[tuple[tuple[Word, ...], s.Node, str]]:
    given = next((one.value for one in call.args if one.keyword in (None, "argv")), None)
    if not isinstance(given, s.Sequence):
        return
    words = _words(interpreter, file, given)
    if not any(word.known in COMMANDS for word in words):
        return
    app = resolved(interpreter.glance(receiver, file.scope))
    if isinstance(app, AppObject):
        yield words, given, app.variable


def _words(interpreter: Interpreter, file: ModuleFile, node: s.Sequence) -> tuple[Word, ...]:
    return tuple(_word(interpreter, file, item) for item in node.items)


def _word(interpreter: Interpreter, file: ModuleFile, item: s.Node) -> Word:
    if isinstance(item, s.Literal):
        return literal(_text(file, item, str(item.value)))
    written = _text(file, item, "...")
    if isinstance(item, s.Starred):
        return opaque(written, "it is more arguments", open=True)
    value = to_value(interpreter.glance(item, file.scope), lambda: celery_default(None))
    if value.state is State.KNOWN and isinstance(value.value, str):
        return Word((Piece(_text(file, item, value.value), steps=value.trail),))
    if value.state is State.ENVIRONMENT and isinstance(value.value, str):
        return Word((Piece(_text(file, item, value.value), value.variables, steps=value.trail),))
    return opaque(written, value.reason or "it is none that can be told")


def _text(file: ModuleFile, node: s.Node, value: str) -> Text:
    place = file.place(node)
    is_string = isinstance(node, s.Literal) and isinstance(node.value, str)
    # Behind the quote, which is all there is before a string in most cases.
    simple = is_string and place.line == place.end_line
    column = place.column
    if simple and place.end_column - place.column == len(value) + 2:
        column += 1
    return Text(value, (Run(0, place.path, place.line, column),))
