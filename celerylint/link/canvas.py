"""Signatures, canvases and results while code is being evaluated: ``task.s()``, ``chain``,
``group``, ``chord``, ``a | b``, and what publishing gives."""

from __future__ import annotations

from celerylint.link.abstract import Abstract, Items, Known, Mapping, Unknown, resolved
from celerylint.link.interpreter import Interpreter
from celerylint.link.natives import Arguments, Native
from celerylint.link.registry import external, flag
from celerylint.model.place import Place

PUBLISHING = frozenset({"delay", "apply_async"})


class SignatureObject(Native):
    """``task.s(...)``, ``signature("name")``: a task (or its name) with call options."""

    __slots__ = ("arguments", "immutable", "options", "place", "task")

    def __init__(
        self,
        task: Abstract,
        options: dict[str, Abstract],
        place: Place,
        arguments: Arguments | None = None,
        immutable: bool | None = False,
    ) -> None:
        super().__init__(task.trail)
        self.task = task
        self.place = place
        self.options = options
        self.arguments = arguments
        """What the task is called with, where that can be told"""
        self.immutable = immutable
        """Whether it takes no result of the task before it; None where that cannot be told"""

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name in ("set", "clone"):
            merged = {**self.options, **arguments.kwargs}
            given = arguments.get(0, "immutable") if name == "set" else None
            immutable = self.immutable if given is None else flag(given)
            known = self.arguments if name == "set" or not arguments.args else None
            return SignatureObject(self.task, merged, place, known, immutable)
        if name in PUBLISHING:
            return ResultObject(self, {**self.options, **options_of_send(arguments)}, place)
        if name == "operator |" and arguments.args:
            return joined(self, resolved(arguments.args[0]), place)
        if name in ("on_error", "s", "si", "freeze"):
            return self
        return Unknown(f"what `.{name}()` of a signature returns cannot be told ({place})")


def signature_of(task: Abstract, arguments: Arguments, first: int, place: Place) -> SignatureObject:
    """``signature(task, args, kwargs, options, **more)``, or ``task.signature(args, ...)`` where
    ``args`` is the argument number 0: ``first`` tells which it is."""
    given = _called_with(arguments.get(first, "args"), arguments.get(first + 1, "kwargs"))
    immutable = arguments.kwargs.get("immutable")
    is_immutable = False if immutable is None else flag(immutable)
    if arguments.more is not None:
        given = is_immutable = None
    return SignatureObject(task, signature_options(arguments), place, given, is_immutable)


def _called_with(args: Abstract | None, kwargs: Abstract | None) -> Arguments | None:
    """The arguments in ``args`` and ``kwargs``; None where they cannot be told."""
    if args is None or (isinstance(args, Known) and args.value is None):
        args = Items("tuple", ())
    if kwargs is None or (isinstance(kwargs, Known) and kwargs.value is None):
        kwargs = Mapping()
    if not isinstance(args, Items) or not isinstance(kwargs, Mapping):
        return None
    keywords = {str(key): value for key, value in kwargs.entries.items()}
    return Arguments(args.items, keywords, args.open or kwargs.open)


def signature_options(arguments: Arguments) -> dict[str, Abstract]:
    """The call options of ``task.signature(args, kwargs, options, **more)``."""
    taken = ("args", "kwargs", "options", "type", "app", "immutable", "subtask_type")
    options = {name: value for name, value in arguments.kwargs.items() if name not in taken}
    given = arguments.kwargs.get("options")
    if isinstance(given, Mapping):
        options = {**{str(key): value for key, value in given.entries.items()}, **options}
        given = given.open
    if isinstance(given, Unknown):
        options.setdefault("queue", given)
    return options


class CanvasObject(Native):
    """A chain, group or chord. ``parts`` are its steps (a chord's header), ``more`` is set where
    there may be others, ``body`` is a chord's, if it has been given."""

    __slots__ = ("body", "kind", "more", "options", "parts", "place")

    def __init__(
        self,
        kind: str,
        parts: tuple[Abstract, ...],
        more: Unknown | None,
        place: Place,
        body: Abstract | None = None,
        options: dict[str, Abstract] | None = None,
    ) -> None:
        super().__init__()
        self.place = place
        self.kind = kind
        self.parts = parts
        self.more = more
        self.body = body
        self.options = options or {}

    def call(self, interpreter: Interpreter, arguments: Arguments, place: Place) -> Abstract:
        """``chord(header)(body)`` completes a chord and publishes it; any other is published."""
        if self.kind == "chord" and self.body is None:
            body = arguments.get(0, "body")
            completed = CanvasObject("chord", self.parts, self.more, self.place, body)
            return ResultObject(completed, {}, place)
        return ResultObject(self, self.options, place)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name in PUBLISHING:
            return ResultObject(self, {**self.options, **options_of_send(arguments)}, place)
        if name == "operator |" and arguments.args:
            return joined(self, resolved(arguments.args[0]), place)
        if name == "set":
            options = {**self.options, **arguments.kwargs}
            return CanvasObject(self.kind, self.parts, self.more, self.place, self.body, options)
        if name in ("on_error", "clone", "freeze", "s", "si"):
            return self
        return Unknown(f"what `.{name}()` of a canvas returns cannot be told ({place})")


class ResultObject(Native):
    """What publishing a task or a canvas gives, and ``AsyncResult(id)``. ``source`` is None where
    it cannot be told; ``options`` are those that it was sent with."""

    __slots__ = ("options", "place", "source")

    def __init__(self, source: Abstract | None, options: dict[str, Abstract], place: Place) -> None:
        super().__init__()
        self.place = place
        self.source = source
        self.options = options


def joined(left: Abstract, right: Abstract, place: Place) -> Abstract:
    """``left | right`` (celery/canvas.py, ``Signature.__or__``): a group followed by a task is a
    chord, everything else a chain."""
    if isinstance(left, CanvasObject) and left.kind == "group" and _is_step(right):
        return CanvasObject("chord", left.parts, left.more, place, right)
    before, more = _chained(left)
    after, more_after = _chained(right)
    last = before[-1] if before else None
    if isinstance(last, CanvasObject) and last.kind == "group" and after and _is_step(after[0]):
        chord = CanvasObject("chord", last.parts, last.more, last.place, after[0])
        before, after = (*before[:-1], chord), after[1:]
    return CanvasObject("chain", (*before, *after), more or more_after, place)


def _chained(value: Abstract) -> tuple[tuple[Abstract, ...], Unknown | None]:
    """The steps of a chain, or of something that is one step."""
    if isinstance(value, CanvasObject) and value.kind == "chain":
        return value.parts, value.more
    return (value,), None


def _is_step(value: Abstract) -> bool:
    return isinstance(value, SignatureObject) or (
        isinstance(value, CanvasObject) and value.kind != "group"
    )


@external("celery.chain", "celery.group", "celery.chord")
def _canvas(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """``chain(a, b)``, ``group([a, b])``, ``chord(header, body)``"""
    kind = name.rpartition(".")[2]
    if kind == "chord":
        header = arguments.get(0, "header")
        parts, more = _parts((header,) if header is not None else ())
        body = arguments.get(1, "body")
        return CanvasObject("chord", parts, more or arguments.more, place, body)
    parts, more = _parts(tuple(map(resolved, arguments.args)))
    more = more or arguments.more
    if kind == "group" or not parts:
        return CanvasObject(kind, parts, more, place)
    chained: Abstract = CanvasObject("chain", parts[:1], more, place)
    for part in parts[1:]:
        chained = joined(chained, part, place)
    return chained


def _parts(given: tuple[Abstract, ...]) -> tuple[tuple[Abstract, ...], Unknown | None]:
    """The steps that a canvas is given: one by one, or in one iterable."""
    if len(given) != 1:
        return given, None
    only = given[0]
    if isinstance(only, CanvasObject) and only.kind == "group":
        return only.parts, only.more
    if isinstance(only, Items):
        return only.items, only.open
    if isinstance(only, Native):
        return given, None
    reason = only.reason if isinstance(only, Unknown) else "its steps cannot be told"
    return (), Unknown(reason)


@external("celery.result.AsyncResult", "celery.result.GroupResult", "celery.result.ResultSet")
def _result(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return ResultObject(None, {}, place)


def options_of_send(arguments: Arguments) -> dict[str, Abstract]:
    """The call options of ``apply_async(args, kwargs, **options)``."""
    given = {n: v for n, v in arguments.kwargs.items() if n not in ("args", "kwargs")}
    return given if arguments.more is None else {**given, "**": arguments.more}
