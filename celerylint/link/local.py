"""What names mean inside a function that is not executed.

Bodies of tasks and views are not run. To tell what ``send.delay`` in one refers to, its names are
bound: parameters and most local variables to unknown, local imports and variables assigned once
to what they are.
"""

from __future__ import annotations

from collections import Counter

from celerylint.link.abstract import Scope, Unknown
from celerylint.link.interpreter import Interpreter
from celerylint.link.walk import walk_own
from celerylint.read import syntax as s


def local_scope(interpreter: Interpreter, function: s.Function, outer: Scope) -> Scope:
    """The scope of a function's body, before any of it has run."""
    scope = Scope(outer.module, "function", outer)
    for parameter in function.parameters:
        scope.names[parameter.name] = Unknown(f"it is a parameter of {function.name}()")
    nodes = list(walk_own(function.body))
    counts = Counter(name for node in nodes for name in _bound_names(node))
    for name in counts:
        scope.names.setdefault(name, Unknown(f"it is a local variable of {function.name}()"))
    for node in nodes:
        if isinstance(node, (s.Import, s.ImportFrom)):
            interpreter.execute((node,), scope)
        elif isinstance(node, s.Assign) and _is_alias(node, counts, function):
            for target in node.targets:
                if isinstance(target, s.Name):
                    scope.names[target.id] = interpreter.glance_later(node.value, scope)
    return scope


def _is_alias(node: s.Assign, counts: Counter[str], function: s.Function) -> bool:
    """A variable that is assigned once, from something that may be a task or a signature."""
    if len(node.targets) != 1 or node.value is None:
        return False
    target = node.targets[0]
    if not isinstance(target, s.Name) or counts[target.id] != 1:
        return False
    if any(parameter.name == target.id for parameter in function.parameters):
        return False
    return isinstance(node.value, (s.Name, s.Attribute, s.Literal)) or is_of_celery(node.value)


_MAKERS = frozenset({"signature", "subtask", "chain", "group", "chord", "AsyncResult", "Celery"})
_METHODS = _MAKERS | {"s", "si", "delay", "apply_async", "send_task"}


def is_of_celery(node: s.Node) -> bool:
    """Whether an expression may make a signature, a canvas, a result or an app: ``task.s(...)``,
    ``task.si(...).set(queue="x")``, ``signature("name")``, ``chord(header)(body)``, ``a | b``."""
    if isinstance(node, s.Binary):
        return node.operator == "|" and (is_of_celery(node.left) or is_of_celery(node.right))
    if not isinstance(node, s.Call):
        return False
    if isinstance(node.func, s.Name):
        return node.func.id in _MAKERS
    if isinstance(node.func, s.Call):
        return is_of_celery(node.func)
    if not isinstance(node.func, s.Attribute):
        return False
    return node.func.attr in _METHODS or (
        node.func.attr in ("set", "clone", "on_error") and is_of_celery(node.func.value)
    )


def _bound_names(node: s.Node) -> list[str]:
    if isinstance(node, s.Assign):
        return [name for target in node.targets for name in _targets(target)]
    if isinstance(node, s.AugAssign):
        return _targets(node.target)
    if isinstance(node, s.Loop) and node.target is not None:
        return _targets(node.target)
    if isinstance(node, s.WithItem) and node.target is not None:
        return _targets(node.target)
    if isinstance(node, s.Walrus):
        return _targets(node.target)
    if isinstance(node, s.Handler) and node.name is not None:
        return [node.name]
    if isinstance(node, (s.Function, s.Class)):
        return [node.name]
    return []


def _targets(target: s.Node) -> list[str]:
    if isinstance(target, s.Name):
        return [target.id]
    if isinstance(target, s.Starred):
        return _targets(target.value)
    if isinstance(target, s.Sequence):
        return [name for item in target.items for name in _targets(item)]
    return []
