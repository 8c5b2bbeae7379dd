"""Where the project publishes tasks, or refers to them.

A receiver has to resolve to a task: things that merely have a method called ``delay`` do not
count.
"""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.link.abstract import Abstract, Scope, Unknown, options_of
from celerylint.link.celery_app import AppObject
from celerylint.link.celery_task import SignatureObject, TaskByName, TaskObject, signature_options
from celerylint.link.compute import unmember
from celerylint.link.interpreter import Interpreter
from celerylint.link.local import local_scope
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import Arguments
from celerylint.link.registry import text
from celerylint.link.walk import walk_own
from celerylint.model.place import Place
from celerylint.read import syntax as s

_KINDS = {
    "delay": "delay",
    "delay_on_commit": "delay",
    "apply_async": "apply_async",
    "apply_async_on_commit": "apply_async",
    "s": "signature",
    "si": "signature",
    "signature": "signature",
    "subtask": "signature",
    "send_task": "send_task",
}


class FoundCall:
    """A call of a task, before its queue is worked out. ``task`` is the task or its name."""

    def __init__(
        self,
        task: TaskObject | str,
        kind: str,
        options: dict[str, Abstract],
        place: Place,
        *,
        by_an_app: bool = True,
    ) -> None:
        self.by_an_app = by_an_app
        """False where what has the method ``send_task`` cannot be told: it is a call of a task
        only if the name is one's"""
        self.task = task
        self.kind = kind
        self.options = options
        self.place = place


def calls_in(interpreter: Interpreter, file: ModuleFile) -> list[FoundCall]:
    """Every call of a task in a module, in the order of the text."""
    facts = interpreter.modules.load(file)
    found = _calls(interpreter, facts.statements, file.scope)
    return sorted(found, key=lambda call: call.place)


def _calls(interpreter: Interpreter, body: tuple[s.Stmt, ...], scope: Scope) -> Iterator[FoundCall]:
    called: set[int] = set()
    for node in walk_own(body):
        if isinstance(node, s.Call):
            called.add(id(node.func))
            yield from _call(interpreter, node, scope)
        elif isinstance(node, s.Attribute) and node.attr in _KINDS and id(node) not in called:
            yield from _reference(interpreter, node, scope)
        elif isinstance(node, s.Function):
            for decorator in node.decorators:
                yield from _in_expression(interpreter, decorator, scope)
            inner = local_scope(interpreter, node, scope)
            yield from _calls(interpreter, node.body, inner)
        elif isinstance(node, s.Class):
            yield from _calls(interpreter, node.body, scope)
        elif isinstance(node, s.Lambda):
            yield from _in_expression(interpreter, node.body, scope)


def _in_expression(interpreter: Interpreter, node: s.Node, scope: Scope) -> Iterator[FoundCall]:
    statement = s.Expression(node.start, node.end, node)  # type: ignore[arg-type]
    yield from _calls(interpreter, (statement,), scope)


def _call(interpreter: Interpreter, node: s.Call, scope: Scope) -> Iterator[FoundCall]:
    func = node.func
    place = scope.module.place(node)
    if isinstance(func, s.Attribute) and func.attr in _KINDS:
        owner = interpreter.glance(func.value, scope)
        for option in options_of(owner):
            yield from _of_receiver(interpreter, option, func.attr, node, scope, place)
        return
    if isinstance(func, s.Name) and func.id in ("signature", "subtask"):
        made = interpreter.glance(node, scope)
        if isinstance(made, SignatureObject):
            yield from _of_signature(made, "signature", {}, place)
    for argument in node.args:
        if _may_be_task(argument.value) and not interpreter.is_foreign(argument.value, scope):
            value = interpreter.glance(argument.value, scope)
            if isinstance(value, TaskObject):
                yield FoundCall(value, "reference", {}, scope.module.place(argument))


def _may_be_task(node: s.Node) -> bool:
    """Attributes of an object are rarely tasks; those of a module may be."""
    return isinstance(node, s.Name) or (
        isinstance(node, s.Attribute) and isinstance(node.value, s.Name)
    )


def _of_receiver(
    interpreter: Interpreter,
    owner: Abstract,
    method: str,
    node: s.Call,
    scope: Scope,
    place: Place,
) -> Iterator[FoundCall]:
    kind = _KINDS[method]
    if isinstance(owner, TaskObject) and kind != "send_task":
        yield FoundCall(owner, kind, _options(interpreter, kind, method, node, scope), place)
    elif isinstance(owner, SignatureObject) and kind in ("delay", "apply_async"):
        options = _options(interpreter, kind, method, node, scope)
        yield from _of_signature(owner, kind, options, place)
    elif isinstance(owner, TaskByName):
        name = text(unmember(owner.name))
        if name is not None:
            options = _options(interpreter, kind, method, node, scope)
            yield FoundCall(name, kind, options, place)
    elif isinstance(owner, AppObject) and kind in ("send_task", "signature"):
        name = _task_named(interpreter, node, scope)
        if name is not None:
            options = _options(interpreter, kind, method, node, scope)
            yield FoundCall(name, kind, options, place)
    elif isinstance(owner, Unknown) and kind == "send_task":
        name = _task_named(interpreter, node, scope)
        if name is not None:
            options = _options(interpreter, kind, method, node, scope)
            yield FoundCall(name, kind, options, place, by_an_app=False)


def _task_named(interpreter: Interpreter, node: s.Call, scope: Scope) -> str | None:
    """The first argument of ``send_task``."""
    for argument in node.args:
        if argument.star:
            return None
        if argument.keyword in (None, "name"):
            return text(unmember(interpreter.glance(argument.value, scope)))
    return None


def _options(
    interpreter: Interpreter, kind: str, method: str, node: s.Call, scope: Scope
) -> dict[str, Abstract]:
    """The call options given in a call, among those that say where and how it is sent."""
    if kind == "delay" or method in ("s", "si"):
        return {}
    found: dict[str, Abstract] = {}
    for argument in node.args:
        if argument.star == "**":
            place = scope.module.place(argument)
            return dict.fromkeys(SENDING, Unknown(f"the call options cannot be told ({place})"))
        if argument.keyword in SENDING or (argument.keyword == "options" and kind == "signature"):
            found[argument.keyword] = interpreter.glance(argument.value, scope)
    return signature_options(Arguments((), found)) if kind == "signature" else found


SENDING = (
    "queue", "exchange", "routing_key", "priority", "countdown", "eta", "expires", "serializer",
    "time_limit", "soft_time_limit", "ignore_result",
)  # fmt: skip
"""The call options that say where, when and how a task is sent."""


def _of_signature(
    signature: SignatureObject, kind: str, options: dict[str, Abstract], place: Place
) -> Iterator[FoundCall]:
    merged = {**signature.options, **options}
    task = signature.task
    if isinstance(task, TaskObject):
        yield FoundCall(task, kind, merged, place)
        return
    name = text(unmember(task))
    if name is not None:
        yield FoundCall(name, kind, merged, place)


def _reference(interpreter: Interpreter, node: s.Attribute, scope: Scope) -> Iterator[FoundCall]:
    """``on_commit(task.delay)``: the method without a call."""
    owner = interpreter.glance(node.value, scope)
    for option in options_of(owner):
        if isinstance(option, TaskObject):
            yield FoundCall(option, "reference", {}, scope.module.place(node))
