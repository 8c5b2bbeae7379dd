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

_CALLING = ("delay", "apply_async", "signature", "subtask", "send_task")
_SHORT = re.compile(r"\.\s*si?\b")
_WORD = re.compile(r"\w+")


class Callers:
    """Knows the names that tasks have in the project: by one of them, or by a method of its own,
    every function that calls a task or hands one on says so."""

    def __init__(self, interpreter: Interpreter, files: Iterable[ModuleFile]) -> None:
        self._interpreter = interpreter
        self._names = {file: set(self._names_in(file)) for file in files}
        self._everywhere = set[str]().union(*self._names.values())

    def may_be(self, function: s.Function, file: ModuleFile) -> bool:
        """Whether a function of that file may be one."""
        if function.may_mention(_CALLING) or function.may_mention(self._names.get(file, ())):
            return True
        assert isinstance(function.inside, s.Unread)
        text = function.inside.text
        if _SHORT.search(text):
            return True
        # It may import a task under a name that its module does not have.
        return "import" in text and not self._everywhere.isdisjoint(_WORD.findall(text))

    def _names_in(self, file: ModuleFile) -> Iterator[str]:
        for name, value in list(file.scope.names.items()):
            if self._holds_task(value):
                yield name

    def _holds_task(self, value: Abstract) -> bool:
        """Whether it, or one of its attributes, is a task."""
        if isinstance(value, (Deferred, ModuleValue)) and not self._interpreter.relevant(value.file):
            return False
        value = resolved(value)
        if isinstance(value, ModuleValue):
            return True
        if isinstance(value, Instance):
            return self._any_is_task(value.attributes) or self._holds_task(value.cls)
        if isinstance(value, Class):
            return self._any_is_task(value.names) or any(map(self._holds_task, value.bases))
        return any(isinstance(option, TaskObject) for option in options_of(value))

    def _any_is_task(self, names: dict[str, Abstract]) -> bool:
        return any(isinstance(value, TaskObject) for value in names.values())

