"""Which functions may hold what `sites` looks for, told from the text of those that were not read.

The others need not be read at all, and they are most of a project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from celerylint.link.abstract import (
    Abstract,
    Class,
    Deferred,
    External,
    Instance,
    ModuleValue,
    options_of,
    resolved,
)
from celerylint.link.celery_task import TaskByName, TaskObject
from celerylint.link.events import CRONTAB
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.read import Words
from celerylint.read import syntax as s

# What is used of Celery's own: methods, canvases, results, receivers, schedules. Other methods of
# tasks, such as `apply` and `map`, count where the name of a task stands.
_CELERYS = (
    Words(
        *("delay", "apply_async", "signature", "subtask", "send_task"),
        *("AsyncResult", "Celery", "crontab", "chain", "group", "chord", "tasks", "connect"),
        pattern=r"\b(?:delay|apply_async|signature|subtask|send_task|AsyncResult|Celery|crontab)"
        r"|\b(?:chain|group|chord)\s*\(|\.\s*(?:tasks|connect)\b",
    ),
    Words(".s", pattern=r"\.si?\b"),
)
_IMPORT = Words("import")
_WORD = re.compile(r"\w+")


class Telling:
    """Knows the names that tasks have in the project: what is done with one is said by such a
    name, or by one of Celery's."""

    def __init__(self, interpreter: Interpreter, files: Iterable[ModuleFile]) -> None:
        self._interpreter = interpreter
        self._names = {file: set(self._names_in(file)) for file in files}
        self._everywhere = set[str]().union(*self._names.values())
        self._words = {file: self._words_in(file) for file in files}

    def tells(self, function: s.Function, file: ModuleFile) -> bool:
        """Whether the body of a function of that file has to be looked at."""
        if any(map(function.may_say, (*_CELERYS, self._words.get(file)))):
            return True
        if not function.may_say(_IMPORT):
            return False
        # It may import a task under a name that its module does not have.
        assert isinstance(function.inside, s.Unread)
        return not self._everywhere.isdisjoint(_WORD.findall(function.inside.text))

    def _names_in(self, file: ModuleFile) -> Iterator[str]:
        """The names of tasks, of classes and objects that hold some, and of `crontab`."""
        return (name for name, value in self._known(file) if _counts(value))

    def _words_in(self, file: ModuleFile) -> Words | None:
        """What mentions a task in that file."""
        words = sorted(self._names[file])
        ways = list(words)
        for name, value in self._known(file):
            if isinstance(value, ModuleValue) and (inner := self._names.get(value.file)):
                words.append(name)
                ways.append(rf"{name}\s*\.\s*(?:{'|'.join(sorted(inner))})")
        return Words(*words, pattern=rf"\b(?:{'|'.join(ways)})\b") if words else None

    def _known(self, file: ModuleFile) -> Iterator[tuple[str, Abstract]]:
        """What the file's names are, but for those from modules that never mention Celery."""
        for name, value in list(file.scope.names.items()):
            if not isinstance(value, Deferred) or self._interpreter.relevant(value.file):
                yield name, resolved(value)


def _counts(value: Abstract) -> bool:
    if isinstance(value, External):
        return value.name == CRONTAB
    if isinstance(value, Instance):
        return _any_is_task(value.attributes) or _counts(value.cls)
    if isinstance(value, Class):
        return _any_is_task(value.names) or any(map(_counts, value.bases))
    return any(isinstance(option, (TaskObject, TaskByName)) for option in options_of(value))


def _any_is_task(names: dict[str, Abstract]) -> bool:
    return any(isinstance(value, TaskObject) for value in names.values())
