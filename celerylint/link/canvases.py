"""Canvases and callbacks where they are made and where they are published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from celerylint.link.abstract import Abstract, Items, Known, resolved
from celerylint.link.canvas import CanvasObject, ResultObject, SignatureObject
from celerylint.link.celery_task import TaskByName, TaskObject
from celerylint.link.compute import unmember
from celerylint.link.local import is_of_celery
from celerylint.link.natives import Arguments
from celerylint.link.registry import text
from celerylint.link.site import Site
from celerylint.link.values import to_value
from celerylint.model.call import CallArguments, Canvas, CanvasSend, Link, Step
from celerylint.model.place import Place
from celerylint.model.value import Value, celery_default
from celerylint.read import syntax as s

if TYPE_CHECKING:
    from celerylint.link.interpreter import Interpreter

CanvasKind = Literal["chain", "group", "chord"]
LinkKind = Literal["link", "link_error"]
LINK_OPTIONS: tuple[LinkKind, ...] = ("link", "link_error")


class Canvases:
    """Collects the canvases of one module."""

    def __init__(
        self, interpreter: Interpreter, name_of: Callable[[TaskObject], str | None]
    ) -> None:
        self._interpreter = interpreter
        self._name_of = name_of
        self._seen: set[int] = set()
        """Parts of what has been looked at as a whole"""
        self.canvases: list[Canvas] = []
        self.sends: list[CanvasSend] = []
        self.links: list[Link] = []

    def make(self, node: s.Node, site: Site) -> None:
        if id(node) in self._seen:
            return
        if isinstance(node, s.Binary) and not is_of_celery(node):
            return
        made = self._interpreter.glance(node, site.scope)
        if isinstance(made, CanvasObject):
            self._pass_over(node)
            self.canvases.append(self._canvas_of(made, site))

    def _pass_over(self, node: s.Node) -> None:
        """Canvases inside another one are parts of it."""
        stack = [node]
        while stack:
            current = stack.pop()
            self._seen.add(id(current)) if not isinstance(current, s.Attribute) else None
            if isinstance(current, s.Binary):
                stack += [current.left, current.right]
            elif isinstance(current, s.Call):
                stack += [argument.value for argument in current.args]
            elif isinstance(current, s.Sequence):
                stack += current.items
            elif isinstance(current, s.Comprehension):
                stack.append(current.element)

    def _canvas_of(self, made: CanvasObject, site: Site) -> Canvas:
        kind: CanvasKind = made.kind  # type: ignore[assignment]
        body = self._step(made.body, made.place, site) if made.body is not None else None
        steps = tuple(self._step(part, made.place, site) for part in made.parts)
        return Canvas(kind, made.place, steps, made.more is None, site.context, body)

    def _step(self, part: Abstract, place: Place, site: Site) -> Step:
        part = resolved(part)
        if isinstance(part, SignatureObject):
            return Step(
                "signature",
                part.place,
                self.name(part.task),
                part.immutable,
                arguments_of(part),
                told(part.options),
            )
        if isinstance(part, CanvasObject):
            return Step("canvas", part.place, canvas=self._canvas_of(part, site))
        if isinstance(part, ResultObject):
            return Step("call", part.place, self.name(part.source))
        if isinstance(part, TaskObject):
            return Step("task", place, self.name(part))
        return Step("unknown", place)

    def call(self, func: s.Call, node: s.Call, options: Mapping[str, Abstract], site: Site) -> None:
        """``chain(...)()``"""
        made = self._interpreter.glance(func, site.scope)
        if not isinstance(made, CanvasObject):
            return
        if made.kind == "chord" and made.body is None and node.args:
            sent = self._interpreter.glance(node, site.scope)
            whole = sent.source if isinstance(sent, ResultObject) else None
            if isinstance(whole, CanvasObject):
                self._pass_over(func)
                self.canvases.append(self._canvas_of(whole, site))
                made = whole
        self.send(made, options, node, site)

    def send(
        self, made: CanvasObject, options: Mapping[str, Abstract], node: s.Node, site: Site
    ) -> None:
        kind: CanvasKind = made.kind  # type: ignore[assignment]
        place = site.scope.module.place(node)
        self.sends.append(CanvasSend(kind, place, told(options), site.context))
        for option in ("link", "link_error"):
            if option in options:
                self.links_in(option, options[option], place, site)

    def link(self, func: s.Attribute, node: s.Call, site: Site) -> None:
        """``signature.link(callback)``, ``signature.on_error(callback)``"""
        if not may_be_of_celery(func.value, site):
            return
        owner = self._interpreter.glance(func.value, site.scope)
        if isinstance(owner, (SignatureObject, CanvasObject)) and node.args:
            given = self._interpreter.glance(node.args[0].value, site.scope)
            kind: LinkKind = "link" if func.attr == "link" else "link_error"
            self.links_in(kind, given, site.scope.module.place(node), site)

    def links_in(self, kind: LinkKind, given: Abstract, place: Place, site: Site) -> None:
        given = resolved(given)
        for item in given.items if isinstance(given, Items) else (given,):
            if not (isinstance(item, Known) and item.value is None):
                step = self._step(item, place, site)
                self.links.append(Link(kind, step, place, site.context))

    def links_in_options(self, options: Mapping[str, Abstract], place: Place, site: Site) -> None:
        """``apply_async(link=..., link_error=...)``"""
        for option in LINK_OPTIONS:
            if option in options:
                self.links_in(option, options[option], place, site)

    def name(self, task: Abstract | None) -> str | None:
        """The name of a task, or of what is known by its name only."""
        if isinstance(task, TaskObject):
            return self._name_of(task)
        if isinstance(task, TaskByName):
            task = task.name
        return text(unmember(task)) if task is not None else None


def told(options: Mapping[str, Abstract]) -> dict[str, Value]:
    """Call options as the model has them."""
    return {name: to_value(value, lambda: celery_default(None)) for name, value in options.items()}


def arguments_of(signature: SignatureObject) -> CallArguments | None:
    """What a signature calls its task with, where that can be told."""
    return None if signature.arguments is None else plain_arguments(signature.arguments)


def plain_arguments(given: Arguments) -> CallArguments:
    """The arguments of a call as the model has them."""
    return CallArguments(len(given.args), tuple(given.kwargs), given.more is None)


def may_be_of_celery(node: s.Node, site: Site) -> bool:
    """Whether it is worth looking whether something is a result or a canvas: most of what has a
    ``get`` is a dict."""
    if isinstance(node, s.Name):
        assigned = site.assigned.get(node.id)
        return assigned is not None and is_of_celery(assigned)
    return is_of_celery(node)
