"""Where the project publishes tasks, and what it does with them before and after."""

from __future__ import annotations

from typing import Literal

import msgspec

from celerylint.model.place import Place
from celerylint.model.value import Value


class Context(msgspec.Struct, frozen=True):
    """Where some code stands.

    ``task`` is the task whose function it is in, ``function`` the name of the innermost function,
    empty at the top level of a module. ``transaction`` is the place of the ``atomic`` block or
    decorator around it in that function. ``is_main`` tells of code under
    ``if __name__ == "__main__"``; ``handles_request`` of a function that looks like a view.
    """

    task: str | None = None
    function: str = ""
    is_async: bool = False
    transaction: Place | None = None
    is_main: bool = False
    handles_request: bool = False


NOWHERE = Context()


class PassedObject(msgspec.Struct, frozen=True):
    """An argument that is known to be no plain data: a model instance, a queryset, a request, the
    user of a request. ``text`` is how it is written."""

    kind: Literal["model", "queryset", "request", "user"]
    text: str
    place: Place


class CallArguments(msgspec.Struct, frozen=True):
    """What a task is called with: how many positional arguments, and which keywords, without the
    task's own ``self``. ``is_complete`` is False where there may be others.

    ``args`` is what ``apply_async`` and its like are given for ``args``, where they are.
    """

    positional: int = 0
    keywords: tuple[str, ...] = ()
    is_complete: bool = True
    args: Value | None = None
    objects: tuple[PassedObject, ...] = ()


class Call(msgspec.Struct, frozen=True):
    """A place that publishes a task or refers to one.

    ``kind`` is delay, apply_async, signature, send_task or reference; ``method`` is how it is
    written (``delay_on_commit``, ``si``, ``chunks``, ...). ``options`` are the call options that
    are given, ``arguments`` what the task is called with. ``given_to`` is the dotted name of the
    function that the result of the call is passed to at once.
    """

    task: str | None
    kind: str
    queue: Value
    place: Place
    options: dict[str, Value]
    method: str = ""
    arguments: CallArguments | None = None
    context: Context = NOWHERE
    given_to: str = ""
    resolves: bool | None = None
    """Whether the project registers that task; None where that cannot be told."""


class ResultRead(msgspec.Struct, frozen=True):
    """A call that waits for a result, or reads it: ``task.delay().get()``.

    ``task`` is the task whose result it is, where that can be told. ``disables_check`` is True
    inside ``allow_join_result()`` and with ``disable_sync_subtasks=False``.
    """

    task: str | None
    method: str
    place: Place
    context: Context
    has_timeout: bool
    disables_check: bool
    sent_with: dict[str, Value] = {}
    """The options of the call that published it"""


class Step(msgspec.Struct, frozen=True):
    """A part of a canvas, or a callback.

    ``kind`` is signature, task (without ``.s()``), call (``task.delay()``, or the task called),
    canvas, or unknown. ``immutable`` is None where it cannot be told.
    """

    kind: Literal["signature", "task", "call", "canvas", "unknown"]
    place: Place
    task: str | None = None
    immutable: bool | None = None
    arguments: CallArguments | None = None
    options: dict[str, Value] = {}
    canvas: Canvas | None = None


class Canvas(msgspec.Struct, frozen=True):
    """A chain, group or chord where it is made. The steps of a chord are its header; ``body`` is
    None where it is given later. ``is_complete`` is False where there may be other steps."""

    kind: Literal["chain", "group", "chord"]
    place: Place
    steps: tuple[Step, ...]
    is_complete: bool
    context: Context = NOWHERE
    body: Step | None = None


class CanvasSend(msgspec.Struct, frozen=True):
    """Where a canvas is published, with call options: ``chain(...).apply_async(queue="x")``."""

    kind: Literal["chain", "group", "chord"]
    place: Place
    options: dict[str, Value]
    context: Context


class Link(msgspec.Struct, frozen=True):
    """A callback: ``link=`` and ``.link()``, or ``link_error=`` and ``.on_error()``."""

    kind: Literal["link", "link_error"]
    step: Step
    place: Place
    context: Context
