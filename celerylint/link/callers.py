"""Which functions may call a task or hand one on, told from the text of those that were not read.

What does neither need not be read at all, and that is most of a project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from celerylint.link.abstract import (
    Abstract,
    Class,
    Deferred,
    Instance,
    ModuleValue,
    options_of,
    resolved,
)
from celerylint.link.celery_task import TaskObject
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.read import syntax as s

_METHODS = re.compile(r"\b(?:delay|apply_async|signature|subtask|send_task)|\.\s*si?\b")
_IMPORT = re.compile(r"\bimport\b")
_WORD = re.compile(r"\w+")


class Callers:
    """Knows the names that tasks have in the project: by one of them, or by a method of its own,
    every function that calls a task or hands one on says so."""

    def __init__(self, interpreter: Interpreter, files: Iterable[ModuleFile]) -> None:
        self._interpreter = interpreter
        self._names = {file: set(self._names_in(file)) for file in files}
        self._everywhere = set[str]().union(*self._names.values())
        self._patterns = {file: self._pattern(file) for file in files}

    def may_be(self, function: s.Function, file: ModuleFile) -> bool:
        """Whether a function of that file may be one."""
        if function.may_mention(_METHODS) or function.may_mention(self._patterns.get(file)):
            return True
        if not function.may_mention(_IMPORT):
            return False
        # It may import a task under a name that its module does not have.
        assert isinstance(function.inside, s.Unread)
        return not self._everywhere.isdisjoint(_WORD.findall(function.inside.text))

    def _names_in(self, file: ModuleFile) -> Iterator[str]:
        """The names of tasks, and of classes and objects that hold some."""
        return (name for name, value in self._known(file) if _holds_task(value))

    def _pattern(self, file: ModuleFile) -> re.Pattern[str] | None:
        """What mentions a task in that file."""
        found = list(self._names[file])
        for name, value in self._known(file):
            if isinstance(value, ModuleValue) and (inner := self._names.get(value.file)):
                found.append(rf"{name}\s*\.\s*(?:{'|'.join(sorted(inner))})")
        return re.compile(rf"\b(?:{'|'.join(sorted(found))})\b") if found else None

    def _known(self, file: ModuleFile) -> Iterator[tuple[str, Abstract]]:
        """What the file's names are, but for those from modules that never mention Celery."""
        for name, value in list(file.scope.names.items()):
            if not isinstance(value, Deferred) or self._interpreter.relevant(value.file):
                yield name, resolved(value)


def _holds_task(value: Abstract) -> bool:
    if isinstance(value, Instance):
        return _any_is_task(value.attributes) or _holds_task(value.cls)
    if isinstance(value, Class):
        return _any_is_task(value.names) or any(map(_holds_task, value.bases))
    return any(isinstance(option, TaskObject) for option in options_of(value))


def _any_is_task(names: dict[str, Abstract]) -> bool:
    return any(isinstance(value, TaskObject) for value in names.values())
