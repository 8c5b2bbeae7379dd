"""What the project does with tasks: publishing them, putting them into canvases, waiting for
results; and what is called when something happens.

A receiver has to resolve to a task: things that merely have a method called ``delay`` do not
count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from celerylint.link.abstract import (
    Abstract,
    Class,
    External,
    Instance,
    Items,
    Known,
    Unknown,
    options_of,
)
from celerylint.link.abstract import Mapping as MappingValue
from celerylint.link.canvas import CanvasObject, ResultObject, SignatureObject, signature_of
from celerylint.link.canvases import Canvases, arguments_of, may_be_of_celery, plain_arguments, told
from celerylint.link.celery_app import AppObject
from celerylint.link.celery_task import TaskByName, TaskObject
from celerylint.link.compute import unmember
from celerylint.link.local import is_of_celery
from celerylint.link.natives import Arguments
from celerylint.link.passed import passed_objects
from celerylint.link.registry import text
from celerylint.link.site import Site
from celerylint.link.values import to_value
from celerylint.model.call import Call, CallArguments, ResultRead
from celerylint.model.place import Place
from celerylint.model.value import Value, celery_default
from celerylint.read import syntax as s

if TYPE_CHECKING:
    from celerylint.link.interpreter import Interpreter

KINDS = {
    "delay": "delay",
    "delay_on_commit": "delay",
    "apply_async": "apply_async",
    "apply_async_on_commit": "apply_async",
    "apply": "reference",
    "s": "signature",
    "si": "signature",
    "signature": "signature",
    "subtask": "signature",
    "chunks": "reference",
    "map": "reference",
    "starmap": "reference",
    "send_task": "send_task",
}
"""The methods of tasks, signatures and apps that count, with the kind of call each is."""

SENDING = (
    "queue", "exchange", "routing_key", "priority", "countdown", "eta", "expires", "serializer",
    "time_limit", "soft_time_limit", "ignore_result",
)  # fmt: skip
"""The call options that say where, when and how a task is sent: what is unknown where they are
given as ``**options``."""

_READING = frozenset({
    "get", "join", "join_native", "wait", "collect", "ready", "successful", "failed",
})  # fmt: skip
_READ_ATTRIBUTES = frozenset({"result", "state", "status", "traceback"})
_CANVASES = frozenset({"chain", "group", "chord"})
# Task.apply_async(self, args, kwargs, task_id, producer, link, link_error, shadow, **options)
_APPLY_ASYNC = ("args", "kwargs", "task_id", "producer", "link", "link_error", "shadow")
# Celery.send_task(self, name, args, kwargs, countdown, eta, task_id, producer, connection, router,
# result_cls, expires, publisher, link, link_error, ...)
_SEND_TASK = (
    "name", "args", "kwargs", "countdown", "eta", "task_id", "producer", "connection", "router",
    "result_cls", "expires", "publisher", "link", "link_error",
)  # fmt: skip


class Answers:
    """What is asked of the rest of the project: names, queues, whether a name is a task's."""

    def __init__(
        self,
        name_of: Callable[[TaskObject], str | None],
        queue_of: Callable[[TaskObject | str, Value], Value],
        resolves: Callable[[str], bool | None],
    ) -> None:
        self.name_of = name_of
        self.queue_of = queue_of
        self.resolves = resolves


class Calls:
    """Collects what `Walk` comes across in one module."""

    def __init__(self, interpreter: Interpreter, answers: Answers) -> None:
        self._interpreter = interpreter
        self._answers = answers
        self._given_to: dict[int, str] = {}
        """The function that a call is an argument of, by the identity of its node"""
        self._seen: set[int] = set()
        """Parts of what has been looked at as a whole"""
        self.canvases = Canvases(interpreter, answers.name_of)
        self.calls: list[Call] = []
        self.results: list[ResultRead] = []
        self.published_classes: dict[int, list[Place]] = {}

    def visit(self, node: s.Node, site: Site) -> None:
        if isinstance(node, s.Call):
            self._call(node, site)
        elif isinstance(node, s.Attribute):
            self._attribute(node, site)
        elif isinstance(node, s.Binary) and node.operator == "|":
            self.canvases.make(node, site)

    # Calls

    def _call(self, node: s.Call, site: Site) -> None:
        func = node.func
        self._seen.add(id(func))
        if isinstance(func, s.Attribute) and func.attr in KINDS:
            owner = self._interpreter.glance(func.value, site.scope)
            for option in options_of(owner):
                self._method(option, func.attr, node, site)
        elif isinstance(func, s.Attribute) and func.attr in _READING:
            self._reading(func, func.attr, node, site)
        elif isinstance(func, s.Attribute) and func.attr in ("link", "on_error", "link_error"):
            self.canvases.link(func, node, site)
        elif isinstance(func, s.Call) and is_of_celery(func):
            self.canvases.call(func, node, {}, site)
        elif isinstance(func, s.Name) and func.id in ("signature", "subtask"):
            made = self._interpreter.glance(node, site.scope)
            if isinstance(made, SignatureObject):
                self._record_signature(made, "signature", "signature", {}, None, node, site)
        if _last_name(func) in _CANVASES:
            self.canvases.make(node, site)
        self._references(node, site)

    def _references(self, node: s.Call, site: Site) -> None:
        """Tasks that are passed on, and calls of tasks whose outcome is."""
        for argument in node.args:
            value = argument.value
            if isinstance(value, s.Call) and _last_name(value.func) in ("delay", "apply_async"):
                called = self._interpreter.glance(node.func, site.scope)
                if isinstance(called, External):
                    self._given_to[id(value)] = called.name
            if not _may_be_task(value) or self._interpreter.is_foreign(value, site.scope):
                continue
            task = self._interpreter.glance(value, site.scope)
            if isinstance(task, TaskObject):
                self._record(task, "reference", "", {}, None, argument, site)

    def _attribute(self, node: s.Attribute, site: Site) -> None:
        """``on_commit(task.delay)``: the method without a call; ``result.state``."""
        if id(node) in self._seen:
            return
        if node.attr in KINDS:
            owner = self._interpreter.glance(node.value, site.scope)
            for option in options_of(owner):
                if isinstance(option, TaskObject):
                    self._record(option, "reference", node.attr, {}, None, node, site)
        elif node.attr in _READ_ATTRIBUTES:
            self._reading(node, node.attr, None, site)

    def _method(self, owner: Abstract, method: str, node: s.Call, site: Site) -> None:
        kind = KINDS[method]
        if isinstance(owner, (TaskObject, TaskByName)) and kind != "send_task":
            options, arguments = self._given(method, node, site)
            task = owner if isinstance(owner, TaskObject) else text(unmember(owner.name))
            if task is not None:
                self._record(task, kind, method, options, arguments, node, site)
        elif isinstance(owner, SignatureObject) and kind in ("delay", "apply_async"):
            options, _ = self._given(method, node, site)
            merged = {**owner.options, **options}
            self._record_signature(owner, kind, method, merged, owner.arguments, node, site)
        elif isinstance(owner, CanvasObject) and kind in ("delay", "apply_async"):
            options, _ = self._given(method, node, site)
            self.canvases.send(owner, {**owner.options, **options}, node, site)
        elif isinstance(owner, (AppObject, Unknown)) and kind == "send_task":
            self._send_task(owner, node, site)
        elif isinstance(owner, AppObject) and kind == "signature":
            made = self._interpreter.glance(node, site.scope)
            if isinstance(made, SignatureObject):
                self._record_signature(made, kind, method, {}, made.arguments, node, site)
        elif isinstance(owner, (Class, Instance)) and kind in ("delay", "apply_async"):
            cls = owner.cls if isinstance(owner, Instance) else owner
            if "celery.Task" in cls.outside:
                place = site.scope.module.place(node)
                self.published_classes.setdefault(id(cls), []).append(place)

    def _send_task(self, owner: Abstract, node: s.Call, site: Site) -> None:
        given = self._interpreter.glance_at_arguments(node.args, site.scope, resolve=True)
        named = dict(zip(_SEND_TASK, given.args, strict=False)) | given.kwargs
        name = text(unmember(named["name"])) if "name" in named else None
        if name is None:
            return
        if isinstance(owner, Unknown) and not self._answers.resolves(name):
            # What has such a method cannot be told: it is a call of a task only if there is one.
            return
        options = {n: v for n, v in named.items() if n not in ("name", "args", "kwargs")}
        if given.more is not None:
            options = {**dict.fromkeys(SENDING, given.more), "**": given.more, **options}
        arguments = _called_with(named.get("args"), named.get("kwargs"), given.more)
        self._record(name, "send_task", "send_task", options, arguments, node, site)

    def _given(
        self, method: str, node: s.Call, site: Site
    ) -> tuple[dict[str, Abstract], CallArguments | None]:
        """The call options and the arguments that a call of this method gives."""
        takes_options = method in ("apply_async", "apply_async_on_commit", "apply", "signature",
                                   "subtask")  # fmt: skip
        glance = self._interpreter.glance_at_arguments
        given = glance(node.args, site.scope, resolve=takes_options)
        if method in ("chunks", "map", "starmap"):
            return {}, None
        if not takes_options:
            nodes = [argument.value for argument in node.args if not argument.star]
            objects = tuple(passed_objects(nodes, site))
            count, names = len(given.args), tuple(given.kwargs)
            return {}, CallArguments(count, names, given.more is None, objects=objects)
        if method in ("signature", "subtask"):
            signature = signature_of(Known(""), given, 0, site.scope.module.place(node))
            return signature.options, arguments_of(signature)
        named = dict(zip(_APPLY_ASYNC, given.args, strict=False)) | given.kwargs
        options = {n: v for n, v in named.items() if n not in ("args", "kwargs")}
        if given.more is not None:
            options = {**dict.fromkeys(SENDING, given.more), "**": given.more, **options}
        objects = tuple(passed_objects(_inside_args(node), site))
        arguments = _called_with(named.get("args"), named.get("kwargs"), given.more, objects)
        return options, arguments

    def _record_signature(
        self,
        signature: SignatureObject,
        kind: str,
        method: str,
        options: Mapping[str, Abstract],
        arguments: Arguments | None,
        node: s.Node,
        site: Site,
    ) -> None:
        task = signature.task
        target = task if isinstance(task, TaskObject) else text(unmember(task))
        if target is None:
            return
        merged = {**signature.options, **options}
        called_with = None if arguments is None else plain_arguments(arguments)
        self._record(target, kind, method, merged, called_with, node, site)

    def _record(
        self,
        task: TaskObject | str,
        kind: str,
        method: str,
        options: Mapping[str, Abstract],
        arguments: CallArguments | None,
        node: s.Node,
        site: Site,
    ) -> None:
        name = self._answers.name_of(task) if isinstance(task, TaskObject) else task
        options_told = told(options)
        given = options_told.get("queue", celery_default(None))
        place = site.scope.module.place(node)
        self.calls.append(
            Call(
                task=name,
                kind=kind,
                queue=self._answers.queue_of(task, given),
                place=place,
                options=options_told,
                method=method,
                arguments=arguments,
                context=site.context,
                given_to=self._given_to.get(id(node), ""),
                resolves=True if isinstance(task, TaskObject) else self._answers.resolves(task),
            )
        )
        self.canvases.links_in_options(options, place, site)

    # Results

    def _reading(self, node: s.Attribute, method: str, call: s.Call | None, site: Site) -> None:
        """``task.delay().get()``, ``result.get()``, ``AsyncResult(id).state``"""
        if not may_be_of_celery(node.value, site):
            return
        owner = self._interpreter.glance(node.value, site.scope)
        if not isinstance(owner, ResultObject):
            return
        keywords = {argument.keyword: argument.value for argument in call.args} if call else {}
        check = keywords.get("disable_sync_subtasks")
        source = owner.source
        task = source.task if isinstance(source, SignatureObject) else source
        self.results.append(
            ResultRead(
                task=self.canvases.name(task) if task is not None else None,
                method=method,
                place=site.scope.module.place(call or node),
                context=site.context,
                has_timeout="timeout" in keywords or bool(call and call.args and None in keywords),
                disables_check=site.allows_join
                or (isinstance(check, s.Literal) and check.value is False),
                sent_with=told(owner.options),
            )
        )


def _called_with(
    args: Abstract | None,
    kwargs: Abstract | None,
    more: Unknown | None,
    objects: tuple[object, ...] = (),
) -> CallArguments:
    """The arguments in ``args=`` and ``kwargs=``."""
    shown = to_value(args, lambda: celery_default(None)) if args is not None else None
    is_complete = more is None
    positional = 0
    keywords: tuple[str, ...] = ()
    if isinstance(args, Items):
        positional = len(args.items)
        is_complete = is_complete and args.open is None
    elif args is not None and not (isinstance(args, Known) and args.value is None):
        is_complete = False
    if isinstance(kwargs, MappingValue):
        keywords = tuple(str(key) for key in kwargs.entries)
        is_complete = is_complete and kwargs.open is None
    elif kwargs is not None and not (isinstance(kwargs, Known) and kwargs.value is None):
        is_complete = False
    return CallArguments(positional, keywords, is_complete, shown, objects)  # type: ignore[arg-type]


def _inside_args(node: s.Call) -> Iterable[s.Node]:
    """The arguments for the task in ``apply_async((a, b), {"c": d})``."""
    for position, argument in enumerate(node.args):
        name = argument.keyword or (_APPLY_ASYNC[position] if position < 2 else "")
        if name == "args" and isinstance(argument.value, s.Sequence):
            yield from argument.value.items
        elif name == "kwargs" and isinstance(argument.value, s.Dict):
            yield from (pair.value for pair in argument.value.pairs)


def _may_be_task(node: s.Node) -> bool:
    """Attributes of an object are rarely tasks; those of a module may be."""
    return isinstance(node, s.Name) or (
        isinstance(node, s.Attribute) and isinstance(node.value, s.Name)
    )


def _last_name(node: s.Node) -> str:
    if isinstance(node, s.Attribute):
        return node.attr
    return node.id if isinstance(node, s.Name) else ""
