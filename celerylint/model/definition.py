"""How a task is written: its function or class, the decorators around it, what its body does."""

from __future__ import annotations

import msgspec

from celerylint.model.place import Place
from celerylint.model.value import Value


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of a task function. ``kind`` is one of positional-only, positional,
    keyword-only, var-positional, var-keyword."""

    name: str
    kind: str
    required: bool


class Decorator(msgspec.Struct, frozen=True):
    """A decorator beside the one that makes the task, by its dotted name; empty where that cannot
    be told. ``hides`` is True where it is known to give back something that is no task."""

    name: str
    place: Place
    hides: bool = False


class Handler(msgspec.Struct, frozen=True):
    """An ``except`` clause, or a ``contextlib.suppress``.

    ``exceptions`` are dotted names as far as they can be told (``builtins.BaseException`` for a
    bare ``except``); ``is_complete`` is False where there are others. ``raises`` tells whether
    every path through it raises, be it by ``self.retry()``. ``in_loop`` is the place of the
    innermost loop around its ``try`` in the same function.
    """

    exceptions: tuple[str, ...]
    is_complete: bool
    raises: bool
    place: Place
    in_loop: Place | None = None


class Retry(msgspec.Struct, frozen=True):
    """A call of ``self.retry(...)`` (or ``task.retry``) in a task's body.

    ``options`` holds the arguments given, by name; ``max_retries`` in it beats the task's own
    unless it is None (celery/app/task.py, ``Task.retry``). ``tries`` are the handlers of the
    ``try`` statements whose bodies it stands in, innermost first; ``in_handler`` is the clause
    that it stands in, if any.
    """

    place: Place
    options: dict[str, Value]
    tries: tuple[tuple[Handler, ...], ...] = ()
    in_handler: Handler | None = None


class Body(msgspec.Struct, frozen=True):
    """What the code of a task does, where it was read.

    ``handlers`` are all exception handlers in it, each group those of one ``try``, in order.
    ``uncalled_retries`` are places where ``self.retry`` is raised without being called.
    ``counts_retries`` tells whether it looks at ``self.request.retries``; ``reads`` are the
    attributes it reads of its task.
    """

    retries: tuple[Retry, ...] = ()
    handlers: tuple[tuple[Handler, ...], ...] = ()
    uncalled_retries: tuple[Place, ...] = ()
    requeues: tuple[Place, ...] = ()
    """``raise Reject(requeue=True)``"""
    counts_retries: bool = False
    reads: frozenset[str] = frozenset()
    hands_on: bool = False
    """It passes its task to other code, which may retry it"""


class Definition(msgspec.Struct, frozen=True):
    """The function of a task, as it is written.

    ``parameters`` are all of them, ``self`` included. ``owner`` is the class it is a method of,
    ``nested_in`` the function it is defined in. ``above`` and ``below`` are the decorators on
    either side of the one that makes the task, nearest first.
    """

    parameters: tuple[Parameter, ...]
    is_async: bool
    is_generator: bool
    owner: str = ""
    nested_in: str = ""
    above: tuple[Decorator, ...] = ()
    below: tuple[Decorator, ...] = ()


class Method(msgspec.Struct, frozen=True):
    """A method of a task class that Celery calls, such as ``on_failure``."""

    cls: str
    name: str
    parameters: tuple[Parameter, ...]
    is_static: bool
    place: Place


class TaskClass(msgspec.Struct, frozen=True):
    """A class of the project that inherits from ``celery.Task``.

    ``is_registered`` is False for one with a ``run`` method that nothing registers, and that is
    no base of another class or task. ``attributes`` are the names it sets, with their places.
    """

    name: str
    place: Place
    has_run: bool
    is_registered: bool
    is_base: bool
    methods: tuple[Method, ...] = ()
    attributes: dict[str, Place] = {}
    published: tuple[Place, ...] = ()
    """Where it is sent all the same"""


class CeleryImport(msgspec.Struct, frozen=True):
    """An import of something of Celery's by its dotted name. ``is_guarded`` where its failing is
    provided for."""

    name: str
    place: Place
    is_guarded: bool
