"""The name a task is registered with (celery/utils/imports.py, `gen_task_name`)."""

from __future__ import annotations

from celerylint.link.abstract import (
    Abstract,
    External,
    Function,
    Known,
    OneOf,
    Unknown,
    resolved,
)
from celerylint.link.celery_app import AppObject
from celerylint.link.celery_task import TaskObject, inner_function
from celerylint.link.compute import unmember
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import Modules
from celerylint.link.natives import Arguments
from celerylint.link.registry import text


def task_name(
    interpreter: Interpreter, task: TaskObject, app: AppObject | None
) -> tuple[str | None, str]:
    """The name, and why it cannot be told where it is None."""
    given = _given_name(interpreter, task)
    if given is not None:
        name = text(given)
        if name:
            return name, ""
        if not (isinstance(given, Known) and not given.value):
            reason = given.reason if isinstance(given, Unknown) else "its name cannot be told"
            return None, reason
    elif task.more is not None:
        return None, task.more.reason
    module, function = _module_and_function(interpreter.modules, task)
    if function is None:
        return None, "the name of its function cannot be told"
    return _generated(interpreter, app, function, module)


def _given_name(interpreter: Interpreter, task: TaskObject) -> Abstract | None:
    if task.cls is None:
        given = task.options.get("name")
    else:
        given = task.attributes.get("name")
        for ancestor in task.cls.ancestors():
            if given is not None or isinstance(ancestor, External):
                break
            names = getattr(ancestor, "names", {})
            given = resolved(names["name"]) if "name" in names else None
    if given is None:
        return None
    given = unmember(given)
    if isinstance(given, OneOf):
        return Unknown("its name is one of several")
    return given


def _module_and_function(modules: Modules, task: TaskObject) -> tuple[str, str | None]:
    if task.cls is not None:
        return modules.name_of(task.cls.module), task.cls.name
    inner = inner_function(task.function)
    named = inner.named if inner is not None else None
    if isinstance(named, Function):
        assigned = named.attributes.get("__name__")
        name = text(assigned) if assigned is not None else named.name
        return modules.name_of(named.scope.module), name
    return "", None


def _generated(
    interpreter: Interpreter, app: AppObject | None, function: str, module: str
) -> tuple[str | None, str]:
    """``app.gen_task_name(function, module)``, which an app's class may override."""
    override = (
        interpreter.find_method(app.cls, "gen_task_name")
        if app is not None and app.cls is not None
        else None
    )
    if override is None or app is None:
        return f"{module}.{function}", ""
    names = Arguments((Known(function), Known(module)))
    made = interpreter.call_function(override.bind(app), names, app.place)
    name = text(made)
    if name is not None:
        return name, ""
    return None, "the app's own gen_task_name() cannot be followed"
