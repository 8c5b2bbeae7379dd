"""What the bodies of tasks say: their parameters, and whether and how they retry."""

from __future__ import annotations

from celerylint.link.abstract import Class, Function, Wrapped
from celerylint.link.celery_task import TaskObject, inner_function
from celerylint.link.interpreter import Interpreter
from celerylint.link.local import local_scope
from celerylint.link.values import to_value
from celerylint.link.walk import walk
from celerylint.model.project import Parameter, Retry
from celerylint.model.value import unknown
from celerylint.read import syntax as s


def parameters(task: TaskObject, bind: bool | None) -> tuple[Parameter, ...] | None:
    """The parameters that callers fill; None where a decorator may change them."""
    function = task.function
    if task.cls is not None or isinstance(function, Wrapped) or bind is None:
        return None
    inner = inner_function(function)
    if inner is None or inner is not function:
        return None
    found = [
        Parameter(p.name, p.kind, p.default is None and not p.kind.startswith("var"))
        for p in inner.node.parameters
    ]
    if bind and found and found[0].kind in ("positional", "positional-only"):
        found.pop(0)
    return tuple(found)


def retries(interpreter: Interpreter, task: TaskObject) -> tuple[tuple[Retry, ...], bool]:
    """The task's calls of ``self.retry()``, and whether other code may make some."""
    function = _body(interpreter, task)
    if function is None or not isinstance(function.node, s.Function):
        return (), True
    node = function.node
    module = function.scope.module
    owners = {node.name, "current_task"}
    if node.parameters:
        owners.add(node.parameters[0].name)
    calls = [
        call
        for call in walk(node.body)
        if isinstance(call, s.Call) and _is_retry(call.func, owners)
    ]
    scope = local_scope(interpreter, node, function.scope) if calls else None
    found = []
    for call in calls:
        assert scope is not None and isinstance(call, s.Call)
        arguments = interpreter.arguments(call.args, scope)
        options = {
            name: to_value(value, lambda: unknown("it is not given"))
            for name, value in arguments.kwargs.items()
        }
        if arguments.more is not None:
            options["**"] = unknown(arguments.more.reason)
        found.append(Retry(module.place(call), options))
    first = node.parameters[0].name if node.parameters else ""
    return tuple(found), bool(first) and _is_handed_on(node, first)


def _body(interpreter: Interpreter, task: TaskObject) -> Function | None:
    if isinstance(task.cls, Class):
        return interpreter.find_method(task.cls, "run")
    return inner_function(task.function)


def _is_retry(func: s.Node, owners: set[str]) -> bool:
    if not isinstance(func, s.Attribute) or func.attr != "retry":
        return False
    return isinstance(func.value, s.Name) and func.value.id in owners


def _is_handed_on(node: s.Function, name: str) -> bool:
    """Whether the body passes its task to other code, which may retry it."""
    for call in walk(node.body):
        if isinstance(call, s.Call):
            for argument in call.args:
                if isinstance(argument.value, s.Name) and argument.value.id == name:
                    return True
    return False
