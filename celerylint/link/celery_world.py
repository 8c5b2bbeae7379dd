"""What everything outside the project does: Celery itself, and what configurations lean on.

The registry of externals says what calls do (`stdlib`, `environment`, and Celery's own here);
this module ties them together for the interpreter.
"""

from __future__ import annotations

import builtins

from celerylint.link import environment, stdlib
from celerylint.link.abstract import (
    Abstract,
    Class,
    External,
    Function,
    Instance,
    Known,
    Made,
    Mapping,
    Method,
    OneOf,
    Partial,
    Scope,
    Unknown,
    Wrapped,
    options_of,
)
from celerylint.link.canvas import signature_of
from celerylint.link.celery_app import AppObject, DefaultApp
from celerylint.link.celery_task import (
    TaskDecorator,
    TaskObject,
    class_of,
    inner_function,
)
from celerylint.link.django import DjangoSettings
from celerylint.link.environment import Environ, fields_of, fill_fields
from celerylint.link.flask import FlaskConfig, flask_config_method
from celerylint.link.interpreter import Interpreter
from celerylint.link.namespaces import SystemModules
from celerylint.link.natives import Arguments, Native, World
from celerylint.link.registry import CALLS, external, flag
from celerylint.link.sources import read_raw
from celerylint.model.place import Place

_ALIASES = {
    "celery.app.base.Celery": "celery.Celery",
    "celery.app.Celery": "celery.Celery",
    "celery.app.task.Task": "celery.Task",
    "celery.app.shared_task": "celery.shared_task",
    "celery.app.current_app": "celery.current_app",
    "celery._state.current_app": "celery.current_app",
    "celery._state.get_current_app": "celery.app.get_current_app",
    "celery.local.Proxy": "werkzeug.local.LocalProxy",
    "kombu.entity.Queue": "kombu.Queue",
    "kombu.entity.Exchange": "kombu.Exchange",
    "posixpath.join": "os.path.join",
    "posixpath.dirname": "os.path.dirname",
    "datetime.datetime.timedelta": "datetime.timedelta",
    "django.conf.LazySettings": "django.conf.settings",
}
_CANVAS = "celery.canvas."


class CeleryWorld(World):
    """One instance a run. ``apps`` and ``tasks`` are what the modules made."""

    def __init__(self, root: str) -> None:
        self.environ = Environ()
        self.django = DjangoSettings(root, self.environ)
        self.apps: list[AppObject] = []
        self.tasks: list[TaskObject] = []
        self.default_app: DefaultApp | None = None
        """What ``celery.current_app`` is where the project makes no app of its own"""

    # Names

    def outside(self, name: str) -> Abstract:
        name = self.canonical(name)
        if name == environment.ENVIRON:
            return self.environ
        if name == "django.conf.settings":
            return self.django
        if name == "celery.current_app" and self.default_app is not None:
            return self.default_app
        if name == "sys.modules":
            return SystemModules()
        return External(name)

    def canonical(self, name: str) -> str:
        """The one name that things which can be imported from several places go by."""
        if name.startswith(_CANVAS):
            return f"celery.{name.removeprefix(_CANVAS)}"
        return _ALIASES.get(name, name)

    def builtin(self, name: str) -> Abstract | None:
        return External(f"builtins.{name}") if hasattr(builtins, name) else None

    def external_attribute(
        self, interpreter: Interpreter, owner: External, name: str, place: Place
    ) -> Abstract:
        if name == "__getitem__":
            return owner
        if owner.name == "celery.current_app":
            return self._current_app_attribute(interpreter, name, place)
        return self.outside(f"{owner.name}.{name}")

    def _current_app_attribute(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        if name == "task":
            return External("celery.shared_task")
        if len(self.apps) == 1:
            return self.apps[0].get(interpreter, name, place)
        return Unknown(f"which app is current cannot be told ({place})")

    def bound_to_name(self, value: Abstract, scope: Scope, name: str) -> None:
        self.kept(value)
        for option in options_of(value):
            if isinstance(option, AppObject) and not option.variable:
                option.variable = f"{scope.module.name}.{name}"

    def kept(self, value: Abstract) -> None:
        for option in options_of(value):
            if isinstance(option, AppObject):
                option.is_kept = True

    # Attributes of what the interpreter does not know

    def made_attribute(
        self, interpreter: Interpreter, made: Made, name: str, place: Place
    ) -> Abstract:
        if name in made.state:
            return made.state[name]
        if name in made.kwargs:
            return made.kwargs[name]
        if name == "name" and made.args:
            return made.args[0]
        return Method(made, name)

    def instance_attribute(
        self, interpreter: Interpreter, owner: Abstract, cls: Class, name: str, place: Place
    ) -> Abstract | None:
        return None

    # Calls

    def call_external(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        name = self.canonical(name)
        known = CALLS.get(name)
        if known is not None:
            return known(interpreter, name, arguments.resolved(), place)
        if name.startswith("celery."):
            arguments = arguments.resolved()
        if name == "celery.Celery":
            return self.make_app(interpreter, None, arguments, place)
        if name == "celery.shared_task":
            return self.decorate(interpreter, None, arguments, place)
        if name.startswith("configurations.values."):
            return environment.configurations_value(name, arguments, place)
        if name.startswith(_MADE):
            return Made(name, arguments.args, arguments.kwargs, (), arguments.more)
        if _looks_like_app_class(name):
            return self._foreign_app(interpreter, name, arguments, place)
        target = arguments.args[0] if len(arguments.args) == 1 else None
        if isinstance(target, Class) and name.rpartition(".")[2] in _CLASS_DECORATORS:
            return target
        return Unknown(f"what `{name}()` returns is not known to celerylint ({place})")

    def call_method(
        self, interpreter: Interpreter, method: Method, arguments: Arguments, place: Place
    ) -> Abstract:
        owner = method.owner
        if isinstance(owner, FlaskConfig) and method.name.startswith("from_"):
            return flask_config_method(interpreter, owner, method.name, arguments, place)
        return stdlib.method(interpreter, method, arguments, place)

    # Objects

    def make_instance(
        self, interpreter: Interpreter, cls: Class, arguments: Arguments, place: Place
    ) -> Abstract | None:
        if "celery.Celery" in cls.outside:
            return self.make_app(interpreter, cls, arguments, place)
        if _defines(cls, "__init__") or not fields_of(cls):
            return None
        instance = Instance(cls)
        fill_fields(interpreter, cls, arguments, instance.attributes, place)
        return instance

    def make_app(
        self, interpreter: Interpreter, cls: Class | None, arguments: Arguments, place: Place
    ) -> AppObject:
        """``Celery(...)``"""
        if interpreter.is_glancing:
            made = next((app for app in self.apps if app.place == place), None)
            if made is not None:
                return made
        module = interpreter.module_at(place)
        app = AppObject(self, cls, place, module)
        app.is_certain = interpreter.doubt == 0
        if not interpreter.is_glancing:
            self.apps.append(app)
        initialise = interpreter.find_method(cls, "__init__") if cls is not None else None
        if initialise is not None:
            interpreter.call_function(initialise.bind(app), arguments, place)
        else:
            app.construct(interpreter, arguments, place)
        hook = interpreter.find_method(cls, "on_init") if cls is not None else None
        if hook is not None:
            interpreter.call_function(hook.bind(app), Arguments(), place)
        return app

    def _foreign_app(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> AppObject:
        """An app of a class from another package: its tasks count, its settings are unknown."""
        app = self.make_app(interpreter, None, arguments, place)
        reason = f"the app is made by {name}, which is not part of the project ({place})"
        app.opaque = Unknown(reason)
        interpreter.update(app.changes, app.opaque)
        return app

    # Tasks

    def decorate(
        self, interpreter: Interpreter, app: AppObject | None, arguments: Arguments, place: Place
    ) -> Abstract:
        """``@app.task``, ``@app.task(...)``, ``app.task(function, ...)`` and ``shared_task``."""
        if not arguments.args:
            return TaskDecorator(self, app, arguments, place)
        target = arguments.args[0]
        if isinstance(target, (Function, Wrapped, Partial, Class, OneOf, Instance)):
            options = Arguments((), arguments.kwargs, arguments.more)
            return self.define(interpreter, app, target, options, place)
        return Unknown(f"the first argument of a task decorator is no function ({place})")

    def define(
        self,
        interpreter: Interpreter,
        app: AppObject | None,
        function: Abstract,
        arguments: Arguments,
        place: Place,
    ) -> Abstract:
        """A function becomes a task."""
        inner = inner_function(function)
        named = inner.named if inner is not None else None
        where = named.scope.module.place(named.node) if isinstance(named, Function) else place
        task = TaskObject(
            app,
            function,
            arguments.kwargs,
            arguments.more,
            where,
            place,
            interpreter.doubt == 0,
        )
        # A wrapper of the decorator may stand anywhere: what counts is who is decorated.
        task.module = (
            named.scope.module if isinstance(named, Function) else interpreter.module_at(place)
        )
        if app is not None and flag(arguments.kwargs.get("lazy")) is False:
            app.bound_early.append(task)
        if not interpreter.is_glancing:
            self.tasks.append(task)
        return task

    def decorated(self, value: Native, result: Abstract, place: Place) -> Abstract:
        """A decorator above a task's own. Calls are still taken for calls of the task: where it is
        hidden, they are what goes wrong."""
        if not isinstance(value, TaskObject) or isinstance(result, TaskObject):
            return result
        if isinstance(result, (Function, Partial, Known)):
            value.hidden_at.add(place)
        return value

    def register(
        self, interpreter: Interpreter, app: AppObject, arguments: Arguments, place: Place
    ) -> Abstract:
        """``app.register_task(Class())``"""
        value = arguments.get(0, "task")
        if isinstance(value, TaskObject):
            return value
        cls = class_of(value) if value is not None else None
        if cls is None:
            return Unknown(f"the task that is registered cannot be told ({place})")
        where = cls.module.place(cls.node)
        doubt = interpreter.doubt == 0
        task = TaskObject(app, value or cls, arguments.kwargs, arguments.more, where, place, doubt)
        task.cls = cls
        task.kind = "class"
        task.module = cls.module
        if isinstance(value, Instance):
            task.attributes = value.attributes
        if not interpreter.is_glancing:
            self.tasks.append(task)
        return task

    def read_setting(
        self, interpreter: Interpreter, app: AppObject, name: str, place: Place
    ) -> Abstract:
        """``app.conf.name`` while modules are being executed."""
        found = read_raw(interpreter, self, app, name)
        if found is not None:
            return found
        if name in _MUTABLE_DEFAULTS:
            created = Mapping()
            interpreter.heap.store(app.changes.entries, name, created)
            return created
        return Known(None)


# Celery gives the same dict each time such a setting is read, so a project may fill it in place.
_MUTABLE_DEFAULTS = frozenset({"beat_schedule", "broker_transport_options",
                               "result_backend_transport_options"})  # fmt: skip

_MADE = ("celery.schedules.", "kombu.", "celery.beat.", "celery.exceptions.")
_CLASS_DECORATORS = frozenset({"dataclass", "define", "frozen", "s", "attrs", "unique",
                               "total_ordering",
                               "runtime_checkable", "final", "attributes", "mutable"})  # fmt: skip


def _looks_like_app_class(name: str) -> bool:
    """``company_utils.celery.CompanyCelery``: organisations share such subclasses."""
    return name.endswith("Celery") and "." in name and not name.startswith("celery.")


def _defines(cls: Class, name: str) -> bool:
    return any(isinstance(base, Class) and name in base.names for base in cls.ancestors())


@external("dataclasses.dataclass", "pydantic.dataclasses.dataclass", "attr.s", "attrs.define",
          "attrs.frozen", "attr.define", "attr.frozen", "attr.attrs")  # fmt: skip
def _dataclass(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return arguments.args[0] if arguments.args else External(name)


@external("celery.signature", "celery.subtask")
def _signature(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    task = arguments.get(0, "task")
    reason = f"the task's name cannot be told ({place})"
    return signature_of(task or Unknown(reason), arguments, 1, place)


@external("werkzeug.local.LocalProxy", "django.utils.functional.SimpleLazyObject",
          "lazy_object_proxy.Proxy")  # fmt: skip
def _proxy(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """A lazy proxy is what its function makes."""
    function = arguments.get(0, "func")
    if function is None:
        return Unknown(f"what the proxy stands for cannot be told ({place})")
    return interpreter.call(function, Arguments(), place)


@external("celery.app.app_or_default", "celery.app.get_current_app")
def _current(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    given = arguments.get(0, "app")
    if isinstance(given, Native):
        return given
    return interpreter.world.outside("celery.current_app")
