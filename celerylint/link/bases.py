"""Where a task's attributes come from when it does not state them itself: its base classes."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Class,
    External,
    Function,
    Instance,
    Known,
    Unknown,
    options_of,
    resolved,
)
from celerylint.link.celery_app import AppObject, AppTask
from celerylint.link.celery_task import TaskObject
from celerylint.link.celery_world import CeleryWorld
from celerylint.link.interpreter import Interpreter
from celerylint.link.natives import Arguments
from celerylint.link.registry import text
from celerylint.link.sources import by_name
from celerylint.model.place import Place

# Base classes of well-known packages that leave Celery's options as they are.
_PLAIN_BASES = frozenset({
    "builtins.object",
    "celery.Task",
    "abc.ABC",
    "typing.Generic",
    "typing.Protocol",
    "celery.contrib.django.task.DjangoTask",
    "celery.contrib.abortable.AbortableTask",
    "celery_singleton.Singleton",
    "celery_once.QueueOnce",
    "django_celery_results.task.Task",
    "celery_progress.websockets.task.WebSocketTask",
})  # fmt: skip

Names = dict[str, Abstract]


class Bases:
    """The line of classes a task inherits from, nearest first."""

    def __init__(
        self, interpreter: Interpreter, world: CeleryWorld, task: TaskObject, app: AppObject | None
    ) -> None:
        self._interpreter = interpreter
        self._world = world
        self._app = app
        self.opaque: Unknown | None = None
        """Set where some base cannot be told: what it sets is unknown"""
        self._line: list[Names] = []
        self.instance: Instance | None = None
        """An instance of the base class, whose ``__init__`` may set attributes"""
        self._collect(task)

    def attribute(self, name: str) -> Iterator[Abstract]:
        """What the classes say of an attribute, nearest first."""
        for names in self._line:
            found = names.get(name)
            if found is not None:
                yield resolved(found)
        if self.opaque is not None:
            yield self.opaque

    def names(self) -> frozenset[str]:
        """The attributes that the classes of the project define."""
        return frozenset(name for names in self._line for name in names)

    def _collect(self, task: TaskObject) -> None:
        if task.cls is not None:
            self._add(task.cls, task.place)
            return
        base = resolved(task.options["base"]) if "base" in task.options else None
        if base is None and task.more is not None:
            self.opaque = task.more
            return
        if base is None or (isinstance(base, Known) and base.value is None):
            self._add_app_task(task.place)
            return
        self._add(base, task.place)

    def _add_app_task(self, place: Place) -> None:
        """The base class of the app's tasks: ``app.Task``, ``task_cls``."""
        if self._app is None:
            self.opaque = Unknown(f"the app it belongs to cannot be told ({place})")
            return
        if self._app.opaque is not None:
            self._line.append(self._app.task_attributes)
            self.opaque = self._app.opaque
            return
        given = self._app.attributes.get("Task") or self._app.attributes.get("task_cls")
        if given is None and self._app.cls is not None:
            declared = self._interpreter.class_attribute(self._app.cls, "task_cls", place)
            given = declared if not isinstance(declared, Unknown) else None
        self._line.append(self._app.task_attributes)
        if given is None or isinstance(given, AppTask):
            return
        name = text(given)
        if name is not None:
            given = by_name(self._interpreter, self._world, name, self._app.module, place)
        self._add(given, place)

    def _add(self, base: Abstract, place: Place) -> None:
        base = resolved(base)
        if len(options_of(base)) > 1 or base is MISSING:
            self.opaque = Unknown(f"its base class is one of several ({place})")
            return
        if isinstance(base, Class):
            self._make_instance(base, place)
            for ancestor in base.ancestors():
                if isinstance(ancestor, Class):
                    self._line.append(self._attributes(ancestor.names, place))
                else:
                    self._add_outside(ancestor, place)
            return
        self._add_outside(base, place)

    def _make_instance(self, base: Class, place: Place) -> None:
        self.instance = Instance(base)
        initialise = self._interpreter.find_method(base, "__init__")
        if initialise is not None:
            self._interpreter.call_function(initialise.bind(self.instance), Arguments(), place)

    def _attributes(self, names: Names, place: Place) -> Names:
        """Class attributes; a property is what it gives for an instance."""
        result: Names = {}
        for name, value in names.items():
            value = resolved(value)
            if isinstance(value, Function):
                if value.kind == "property" and self.instance is not None:
                    getter = value.bind(self.instance)
                    result[name] = self._interpreter.call_function(getter, Arguments(), place)
                continue
            result[name] = value
        return result

    def _add_outside(self, base: Abstract, place: Place) -> None:
        if isinstance(base, AppTask):
            self._line.append(base.app.task_attributes)
            return
        if isinstance(base, External) and base.name in _PLAIN_BASES:
            return
        if self.opaque is None:
            name = base.name if isinstance(base, External) else "a class that cannot be told"
            self.opaque = Unknown(f"it inherits from {name} ({place})")
