"""Apps while a module's code is being executed: they record what is done to them.

Configuration sources, writes to ``conf``, schedules, receivers: what they amount to is worked out
afterwards, by `settings` and `beat`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Class,
    External,
    Function,
    Known,
    Mapping,
    Method,
    OneOf,
    Partial,
    Unknown,
    Wrapped,
    resolved,
)
from celerylint.link.canvas import ResultObject, options_of_send, signature_of
from celerylint.link.celery_task import TaskByName, TaskObject
from celerylint.link.compute import with_origin
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import Arguments, Native
from celerylint.link.registry import text
from celerylint.model.place import Place

if TYPE_CHECKING:
    from celerylint.link.celery_world import CeleryWorld


class Source:
    """One call of ``config_from_object`` (or the ``config_source`` of the constructor)."""

    def __init__(
        self,
        value: Abstract,
        namespace: Abstract,
        place: Place,
        module: ModuleFile | None,
        is_certain: bool,
        may_be_missing: bool = False,
    ) -> None:
        self.may_be_missing = may_be_missing
        """Given with ``silent=True``: a module that does not exist is no error"""
        self.value = value
        self.namespace = namespace
        self.place = place
        self.module = module
        """The module it is written in, from which a dotted name is looked up"""
        self.is_certain = is_certain


class Periodic:
    """One call of ``add_periodic_task``."""

    def __init__(self, arguments: Arguments, place: Place, is_certain: bool) -> None:
        self.arguments = arguments
        self.place = place
        self.is_certain = is_certain


class Handler:
    """A receiver of ``on_after_configure`` (or another signal of the app)."""

    def __init__(self, signal: str, function: Abstract, module: ModuleFile | None) -> None:
        self.signal = signal
        self.function = function
        self.module = module
        self.comes_late: bool | None = None
        """Whether the app's configuration has been read when it is connected"""


class Autodiscover:
    """One call of ``autodiscover_tasks``."""

    def __init__(self, arguments: Arguments, place: Place, module: ModuleFile | None) -> None:
        self.arguments = arguments
        self.place = place
        self.module = module


class AppObject(Native):
    """An instance of ``celery.Celery`` or a subclass."""

    def __init__(
        self, world: CeleryWorld, cls: Class | None, place: Place, module: ModuleFile | None
    ) -> None:
        super().__init__()
        self.world = world
        self.cls = cls
        self.place = place
        self.module = module
        self.main: Abstract = Known(None)
        self.arguments = Arguments()
        self.changes = Mapping()
        """Settings by the names they were written with: ``conf`` writes and the constructor"""
        self.defaults = Mapping()
        """What ``add_defaults`` was given"""
        self.sources: list[Source] = []
        self.attributes: dict[str, Abstract] = {}
        self.task_attributes: dict[str, Abstract] = {}
        """Attributes set on ``app.Task``"""
        self.periodic: list[Periodic] = []
        self.autodiscovered: list[Autodiscover] = []
        self.handlers: list[Handler] = []
        self.overwritten: list[tuple[str, Abstract, Place]] = []
        """Settings that are written to ``conf`` again: the name, what is lost, and where"""
        self.bound_early: list[TaskObject] = []
        """Tasks that were used while the app was still being configured"""
        self.variable = ""
        self.is_certain = True
        self.is_kept = False
        """Something other than a local variable holds it"""
        self.opaque: Unknown | None = None
        """Set for an app whose class is not part of the project"""

    def __repr__(self) -> str:
        return f"App({self.variable or self.place})"

    @property
    def is_for_tasks(self) -> bool:
        """Whether it may be the app of tasks that are not made with it: not one that a function
        makes to send something, and forgets."""
        configured = self.sources or self.task_attributes or self.autodiscovered or self.periodic
        return self.is_kept or bool(configured)

    @property
    def strict_typing(self) -> Abstract:
        """Whether its tasks check their arguments when they are called; `MISSING` if not given."""
        return (
            self.attributes.get("strict_typing")
            or self.arguments.get(17, "strict_typing")
            or MISSING
        )

    def construct(self, interpreter: Interpreter, arguments: Arguments, place: Place) -> None:
        """``Celery(main, loader, backend, …, **settings)`` (celery/app/base.py)."""
        self.arguments = arguments
        main = arguments.get(0, "main")
        self.main = main if main is not None else Known(None)
        heap = interpreter.heap
        for position, name in enumerate(PARAMETERS):
            value = arguments.args[position] if position < len(arguments.args) else None
            if value is not None and name in _CONSTRUCTOR_SETTINGS and not _is_none(value):
                heap.store(self.changes.entries, _CONSTRUCTOR_SETTINGS[name], value)
        for name, value in arguments.kwargs.items():
            if _is_none(value):
                continue
            if name in _CONSTRUCTOR_SETTINGS:
                heap.store(self.changes.entries, _CONSTRUCTOR_SETTINGS[name], value)
            elif name == "changes":
                interpreter.update(self.changes, value)
            elif name == "config_source":
                self._configure(interpreter, value, arguments.get(13, "namespace"), place)
            elif name == "task_cls":
                heap.store(self.attributes, "task_cls", value)
            elif name not in _CONSTRUCTOR_ONLY:
                heap.store(self.changes.entries, name, value)
        if arguments.more is not None:
            heap.store(self.changes.cell, "open", arguments.more)

    def _configure(
        self, interpreter: Interpreter, value: Abstract, namespace: Abstract | None, place: Place
    ) -> None:
        namespace = namespace if namespace is not None else self.attributes.get("namespace")
        source = Source(
            value,
            namespace if namespace is not None else Known(None),
            place,
            self.module,
            interpreter.doubt == 0,
        )
        self.sources.append(source)

    def _add_defaults(self, interpreter: Interpreter, value: Abstract | None, place: Place) -> None:
        """``add_defaults(mapping or function)``: searched after changes, before the source."""
        if isinstance(value, (Function, Partial)):
            value = interpreter.call(value, Arguments(), place)
        interpreter.update(self.defaults, value or Unknown(f"the defaults are unknown ({place})"))

    def _configure_from_variable(
        self, interpreter: Interpreter, arguments: Arguments, place: Place
    ) -> Abstract:
        """``config_from_envvar(variable, silent)``: silent does nothing while it is not set."""
        variable = text(arguments.get(0, "variable_name")) or "an environment variable"
        given = self.world.environ.defaults.get(variable)
        if given is not None:
            self._configure(interpreter, given, None, place)
            return Known(True)
        silent = arguments.get(1, "silent")
        if isinstance(silent, Known) and silent.value:
            return Known(False)
        reason = f"the configuration's module is named by {variable} ({place})"
        self._configure(interpreter, Unknown(reason), None, place)
        return Known(True)

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        if name in self.attributes:
            return self.attributes[name]
        if self.cls is not None and name not in ("Task",):
            found = interpreter.class_attribute(self.cls, name, place)
            if isinstance(found, Function):
                return found.bind(self) if found.kind != "property" else interpreter.call(
                    found.bind(self), Arguments(), place
                )  # fmt: skip
            if not isinstance(found, Unknown):
                return found
        if name == "conf":
            return Conf(self)
        if name == "Task":
            return AppTask(self)
        if name == "tasks":
            return Registry(self)
        if name == "main":
            return self.main
        if name in ("on_after_configure", "on_after_finalize", "on_configure"):
            return Signal(self, name)
        return Method(self, name)

    def set(self, interpreter: Interpreter, name: str, value: Abstract, place: Place) -> None:
        if name == "conf":
            interpreter.heap.store(
                self.changes.cell, "open", Unknown(f"`conf` itself is replaced ({place})")
            )
            return
        interpreter.heap.store(self.attributes, name, value)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name == "task":
            return self.world.decorate(interpreter, self, arguments, place)
        if name == "config_from_object":
            value = arguments.get(0, "obj") or Unknown(f"the configuration is unknown ({place})")
            self._configure(interpreter, value, arguments.get(3, "namespace"), place)
            silent = arguments.get(1, "silent")
            self.sources[-1].may_be_missing = isinstance(silent, Known) and bool(silent.value)
            return Known(None)
        if name == "config_from_envvar":
            return self._configure_from_variable(interpreter, arguments, place)
        if name == "config_from_cmdline":
            interpreter.heap.store(self.changes.cell, "open", Unknown(f"({place})"))
            return Known(None)
        if name == "autodiscover_tasks":
            self.autodiscovered.append(Autodiscover(arguments, place, self.module))
            return Known(None)
        if name == "register_task":
            return self.world.register(interpreter, self, arguments, place)
        if name == "add_periodic_task":
            self.periodic.append(Periodic(arguments, place, interpreter.doubt == 0))
            return Known(None)
        if name == "__init__":
            self.construct(interpreter, arguments, place)
            return Known(None)
        if name == "add_defaults":
            self._add_defaults(interpreter, arguments.get(0, "fun"), place)
            return Known(None)
        if name == "gen_task_name":
            return _generated_name(arguments, place)
        if name == "create_task_cls":
            return External("celery.Task")
        if name == "signature":
            name_given = arguments.get(0, "name") or Unknown("its task")
            return signature_of(name_given, arguments, 1, place)
        if name == "send_task":
            sent = TaskByName(arguments.get(0, "name") or Unknown("its task"))
            return ResultObject(sent, options_of_send(arguments), place)
        if name == "AsyncResult":
            return ResultObject(None, {}, place)
        return Unknown(f"what `.{name}()` of the app returns cannot be told ({place})")


class DefaultApp(AppObject):
    """``celery.current_app`` where the project makes no app: the one Celery makes itself. It is
    the project's as soon as the project configures it."""

    @property
    def is_configured(self) -> bool:
        used = self.sources or self.changes.entries or self.autodiscovered or self.periodic
        return bool(used) or any(task.app is self for task in self.world.tasks)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name == "task":  # as a shared task: whichever app is current when it is used
            return self.world.decorate(interpreter, None, arguments, place)
        return super().invoke(interpreter, name, arguments, place)

    @property
    def is_for_tasks(self) -> bool:
        return True

    def settle(self, interpreter: Interpreter) -> None:
        """Take the place where it was configured first for the place where it is made."""
        places = [source.place for source in self.sources]
        places += [call.place for call in self.autodiscovered]
        places += [
            step.place for v in self.changes.entries.values() for step in v.trail if step.place
        ]
        self.place = min(places) if places else self.place
        self.module = interpreter.module_at(self.place)
        for source in self.sources:
            source.module = source.module or self.module


def _is_none(value: Abstract) -> bool:
    """None means not given: the constructor leaves such a setting alone."""
    return isinstance(value, Known) and value.value is None and not value.variables


# celery/app/base.py, Celery.__init__: which of its own parameters are settings.
PARAMETERS = (
    "main", "loader", "backend", "amqp", "events", "log", "control", "set_as_current", "tasks",
    "broker", "include", "changes", "config_source", "fixups", "task_cls", "autofinalize",
    "namespace", "strict_typing",
)  # fmt: skip
_CONSTRUCTOR_SETTINGS = {"broker": "broker_url", "backend": "result_backend", "include": "include"}
_CONSTRUCTOR_ONLY = frozenset(PARAMETERS) - set(_CONSTRUCTOR_SETTINGS)


class AppTask(Native):
    """``app.Task``, the base class of the app's tasks"""

    __slots__ = ("app",)

    def __init__(self, app: AppObject) -> None:
        super().__init__()
        self.app = app

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        found = self.app.task_attributes.get(name)
        return found if found is not None else Unknown(f"`Task.{name}` cannot be told ({place})")

    def set(self, interpreter: Interpreter, name: str, value: Abstract, place: Place) -> None:
        interpreter.heap.store(self.app.task_attributes, name, value)


class Conf(Native):
    """``app.conf``"""

    __slots__ = ("app",)

    def __init__(self, app: AppObject) -> None:
        super().__init__()
        self.app = app

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        if name in _CONF_METHODS:
            return Method(self, name)
        return self._read(interpreter, name, place)

    def _read(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        written = resolved(self.app.changes.entries.get(name, MISSING))
        if written is not MISSING and not isinstance(written, OneOf):
            return written
        return self.app.world.read_setting(interpreter, self.app, name, place)

    def set(self, interpreter: Interpreter, name: str, value: Abstract, place: Place) -> None:
        self._changed([name])
        self._note_loss(interpreter, name, place)
        placed = with_origin(value, f"conf.{name} = ", place)
        interpreter.heap.store(self.app.changes.entries, name, placed)

    def index(self, interpreter: Interpreter, key: Abstract, place: Place) -> Abstract:
        name = text(key)
        if name is None:
            return Unknown(f"the setting's name cannot be told ({place})")
        return self._read(interpreter, name, place)

    def set_index(
        self, interpreter: Interpreter, key: Abstract, value: Abstract, place: Place
    ) -> None:
        name = text(key)
        if name is not None:
            self._changed([name])
            self._note_loss(interpreter, name, place)
            interpreter.heap.store(self.app.changes.entries, name, value)
        elif not self.app.changes.open:
            reason = f"a setting whose name cannot be told is written at {place}"
            interpreter.update(self.app.changes, Unknown(reason))

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        changes = self.app.changes
        if name in ("update", "operator |"):
            self._changed(_keys(arguments))
            for source in arguments.args:
                interpreter.update(changes, source)
            interpreter.update(changes, Mapping(arguments.kwargs, (), arguments.more))
            return self if name == "operator |" else Known(None)
        if name == "add_defaults":
            return self.app.invoke(interpreter, name, arguments, place)
        if name == "setdefault":
            key, value = text(arguments.get(0, "key")), arguments.get(1, "default")
            if key is not None and value is not None and key not in changes.entries:
                interpreter.heap.store(changes.entries, key, value)
            return Known(None)
        if name == "get":
            key = text(arguments.get(0, "key"))
            return self._read(interpreter, key, place) if key else Unknown(f"({place})")
        return Unknown(f"what `conf.{name}()` returns cannot be told ({place})")

    def _note_loss(self, interpreter: Interpreter, name: str, place: Place) -> None:
        before = self.app.changes.entries.get(name)
        if before is not None and interpreter.doubt == 0 and not isinstance(before, OneOf):
            self.app.overwritten.append((name, before, place))

    def _changed(self, names: list[str]) -> None:
        """Note what an assignment takes with it: tasks bound before it keep the old values, and
        a new ``beat_schedule`` replaces entries that were added one by one."""
        for task in self.app.bound_early:
            task.changed_later.update(names)
        if "beat_schedule" in names:
            self.app.periodic.clear()


def _keys(arguments: Arguments) -> list[str]:
    """The names that an update writes."""
    names = list(arguments.kwargs)
    for source in arguments.args:
        names += [str(key) for key in source.entries] if isinstance(source, Mapping) else [""]
    return names


_CONF_METHODS = frozenset({
    "update", "get", "setdefault", "add_defaults", "items", "keys", "values", "humanize", "table",
    "clear", "pop", "copy", "without_defaults", "find_option", "find_value_for_key",
    "swap_with", "first", "maybe_warn_deprecated_settings",
})  # fmt: skip


def _generated_name(arguments: Arguments, place: Place) -> Abstract:
    """``gen_task_name(name, module)`` as Celery has it (celery/utils/imports.py)."""
    name, module = text(arguments.get(0, "name")), text(arguments.get(1, "module"))
    if name is None or module is None:
        return Unknown(f"the name of the task cannot be told ({place})")
    return Known(f"{module}.{name}" if module else name)


class Signal(Native):
    """``app.on_after_configure`` and its like: what is connected runs with the app as sender."""

    __slots__ = ("app", "name")

    def __init__(self, app: AppObject, name: str) -> None:
        super().__init__()
        self.app = app
        self.name = name

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        receiver = arguments.get(0, "receiver")
        if name != "connect":
            return Unknown(f"({place})")
        if isinstance(receiver, (Function, Wrapped)):
            self.app.handlers.append(Handler(self.name, receiver, interpreter.module_at(place)))
            return receiver
        return Method(self, "connect")


class Registry(Native):
    """``app.tasks``"""

    __slots__ = ("app",)

    def __init__(self, app: AppObject) -> None:
        super().__init__()
        self.app = app

    def index(self, interpreter: Interpreter, key: Abstract, place: Place) -> Abstract:
        return TaskByName(key)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name == "register":
            task = self.app.world.register(interpreter, self.app, arguments, place)
            if isinstance(task, TaskObject):
                task.kind = "plain class"
            return task
        if name == "get" and arguments.args:
            return TaskByName(arguments.args[0])
        return Unknown(f"what `tasks.{name}()` returns cannot be told ({place})")
