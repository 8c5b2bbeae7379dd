"""Tasks while a module's code is being executed, and what is made of them: signatures, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.link.abstract import (
    Abstract,
    Class,
    Function,
    Instance,
    Method,
    Partial,
    Unknown,
    Wrapped,
)
from celerylint.link.canvas import (
    PUBLISHING,
    ResultObject,
    SignatureObject,
    options_of_send,
    signature_of,
)
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import Arguments, Native
from celerylint.model.place import Place
from celerylint.model.value import Step

if TYPE_CHECKING:
    from celerylint.link.celery_app import AppObject
    from celerylint.link.celery_world import CeleryWorld


class TaskDecorator(Native):
    """``app.task(**options)`` or ``shared_task(**options)``, waiting for its function."""

    __slots__ = ("app", "arguments", "place", "world")

    def __init__(
        self, world: CeleryWorld, app: AppObject | None, arguments: Arguments, place: Place
    ) -> None:
        super().__init__()
        self.world = world
        self.app = app
        self.arguments = arguments
        self.place = place

    def call(self, interpreter: Interpreter, arguments: Arguments, place: Place) -> Abstract:
        function = arguments.get(0, "fun")
        if function is None:
            return Unknown(f"the task's function is not given ({place})")
        return self.world.define(interpreter, self.app, function, self.arguments, place)


class TaskObject(Native):
    """A task. ``options`` are those it states itself, by name."""

    def __init__(
        self,
        app: AppObject | None,
        function: Abstract,
        options: dict[str, Abstract],
        more: Unknown | None,
        place: Place,
        decorator: Place,
        is_certain: bool,
    ) -> None:
        super().__init__((Step("the task", place),))
        self.app = app
        self.function = function
        self.cls: Class | None = None
        """The class of a class task"""
        self.options = options
        self.more = more
        self.place = place
        self.decorator = decorator
        self.is_certain = is_certain
        self.attributes: dict[str, Abstract] = {}
        """Attributes set on it afterwards: ``task.max_retries = 5``"""
        self.hidden_at: set[Place] = set()
        """Decorators above its own that give back something else"""
        self.module: ModuleFile | None = None
        self.kind = "function"
        """function, class (``register_task``) or plain class (``tasks.register``)"""
        self.changed_later: set[str] = set()
        """Settings that were written after it was bound; "" where their names are unknown"""

    def __repr__(self) -> str:
        return f"Task({self.function})"

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        if name in self.attributes:
            return self.attributes[name]
        if name in _TASK_METHODS:
            return Method(self, name)
        if self.app is not None and not interpreter.is_glancing:
            self.app.bound_early.append(self)
        if name in self.options:
            return self.options[name]
        if name == "name":
            return TaskName(self)
        return Unknown(f"`.{name}` of a task cannot be told ({place})")

    def set(self, interpreter: Interpreter, name: str, value: Abstract, place: Place) -> None:
        interpreter.heap.store(self.attributes, name, value)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name in ("s", "si"):
            return SignatureObject(self, {}, place, arguments, name == "si")
        if name in ("signature", "subtask"):
            return signature_of(self, arguments, 0, place)
        if name in PUBLISHING:
            options = {} if name == "delay" else options_of_send(arguments)
            return ResultObject(self, options, place)
        return Unknown(f"what `.{name}()` of a task returns cannot be told ({place})")


_TASK_METHODS = frozenset({
    "delay", "apply_async", "s", "si", "signature", "subtask", "apply", "retry", "chunks", "map",
    "starmap", "run", "delay_on_commit", "apply_async_on_commit", "on_failure", "on_success",
    "replace", "update_state", "add_around", "bind", "shadow_name",
})  # fmt: skip


class TaskName(Abstract):
    """``task.name``: known once names are worked out."""

    __slots__ = ("task",)

    def __init__(self, task: TaskObject) -> None:
        super().__init__(task.trail)
        self.task = task


class TaskByName(Native):
    """A task that is only named: ``app.tasks["proj.add"]``."""

    __slots__ = ("name",)

    def __init__(self, name: Abstract) -> None:
        super().__init__()
        self.name = name

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name in ("s", "si"):
            return SignatureObject(self.name, {}, place, arguments, name == "si")
        if name in ("signature", "subtask"):
            return signature_of(self.name, arguments, 0, place)
        if name in PUBLISHING:
            return ResultObject(self, {} if name == "delay" else options_of_send(arguments), place)
        return Unknown(f"what `.{name}()` of a task returns cannot be told ({place})")


def inner_function(function: Abstract) -> Function | None:
    """The project function under decorators that cannot be read."""
    while isinstance(function, Wrapped):
        function = function.function
    if isinstance(function, Partial):
        return inner_function(function.func)
    return function if isinstance(function, Function) else None


def class_of(value: Abstract) -> Class | None:
    """The class that a class task is registered with: itself or its instance."""
    if isinstance(value, Instance):
        return value.cls
    return value if isinstance(value, Class) else None
