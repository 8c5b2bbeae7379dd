"""What beat sends: ``beat_schedule`` and calls of ``add_periodic_task`` (celery/beat.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Items,
    Known,
    Mapping,
    Missing,
    OneOf,
    Unknown,
    options_of,
    resolved,
)
from celerylint.link.calls import SENDING
from celerylint.link.canvas import SignatureObject
from celerylint.link.celery_app import AppObject, Periodic
from celerylint.link.celery_task import TaskName, TaskObject
from celerylint.link.compute import unmember
from celerylint.link.natives import Arguments
from celerylint.link.objects import one_mapping
from celerylint.link.settings import Settings
from celerylint.link.values import merge, to_value
from celerylint.model.beat import BeatEntry
from celerylint.model.place import Place
from celerylint.model.value import State, Value, celery_default, unknown

NameOf = Callable[[TaskObject], "str | None"]


class Names:
    """The names of the tasks, and where calls go."""

    def __init__(
        self,
        name_of: NameOf,
        resolves: Callable[[str], bool | None],
        queue_of: Callable[[str, Value], Value],
    ) -> None:
        self.name_of = name_of
        self.resolves = resolves
        self.queue_of = queue_of


def beat_entries(app: AppObject, settings: Settings, names: Names) -> Iterator[BeatEntry]:
    """Every entry of an app, in the order they are written."""
    yield from _scheduled(app, settings.abstract("beat_schedule"), names)
    # An entry replaces an earlier one of the same key.
    added: dict[str, BeatEntry] = {}
    for number, periodic in enumerate(app.periodic):
        made = _periodic(app, periodic, names)
        key = made.entry or f" {number}"
        if key in added:
            made = _replacing(added[key], made)
        added[key] = made
    yield from added.values()


def _replacing(before: BeatEntry, made: BeatEntry) -> BeatEntry:
    """An entry in place of another one of its key: where it may not be added, either of them."""
    if not made.conditional:
        return msgspec.structs.replace(made, replaces=before.place)
    names = dict.fromkeys((*before.options, *made.options))
    absent = celery_default(None)
    return msgspec.structs.replace(
        before,
        task=merge([before.task, made.task]),
        resolves=before.resolves if before.resolves == made.resolves else None,
        schedule=merge([before.schedule, made.schedule]),
        queue=merge([before.queue, made.queue]),
        args=merge([before.args, made.args]),
        kwargs=merge([before.kwargs, made.kwargs]),
        options={
            name: merge([before.options.get(name, absent), made.options.get(name, absent)])
            for name in names
        },
    )


class _Written:
    """An entry as it is written: the same for both ways to write one."""

    def __init__(
        self,
        key: str,
        place: Place,
        parts: dict[str, Abstract],
        given: dict[str, Place],
        *,
        is_certain: bool,
        is_periodic: bool,
    ) -> None:
        self.key = key
        self.place = place
        self.parts = parts
        self.given = given
        self.is_certain = is_certain
        self.is_periodic = is_periodic

    def part(self, name: str) -> Abstract:
        return resolved(self.parts.get(name, MISSING))


def _scheduled(app: AppObject, schedule: Abstract, names: Names) -> Iterator[BeatEntry]:
    """The entries of ``beat_schedule``; of a schedule that is one of several, those of each."""
    possible = options_of(schedule)
    given: dict[str, list[Abstract]] = {}
    for option in possible:
        if isinstance(option, Mapping):
            for key, value in option.entries.items():
                given.setdefault(str(key), []).append(resolved(value))
    for key, entries in given.items():
        options = [option for value in entries for option in options_of(value)]
        mappings = [option for option in options if isinstance(option, Mapping)]
        if not mappings:
            continue
        entry = one_mapping(mappings)
        place = _place(mappings[0]) or app.place
        is_certain = len(entries) == len(possible) and MISSING not in options
        parts = {str(name): value for name, value in entry.entries.items()}
        places = {name: _place(value) or place for name, value in parts.items()}
        untold = entry.open or next((o for o in options if isinstance(o, Unknown)), None)
        if untold is not None:
            parts = {**dict.fromkeys(_PARTS, untold), **parts}
        written = _Written(key, place, parts, places, is_certain=is_certain, is_periodic=False)
        yield _entry(app, written, names)


_PARTS = ("task", "schedule", "args", "kwargs", "options")


def _periodic(app: AppObject, periodic: Periodic, names: Names) -> BeatEntry:
    """``add_periodic_task(schedule, sig, args, kwargs, name, **options)``"""
    arguments = periodic.arguments
    signature = arguments.get(1, "sig") or MISSING
    given = arguments.get(4, "name")
    name = unmember(given) if given is not None else None
    key = str(name.value) if isinstance(name, Known) and name.value else ""
    args, kwargs = _arguments_of(signature, arguments)
    if not key:
        key = _shown_call(_task(signature, names), args, kwargs)
    of_signature = signature.options if isinstance(signature, SignatureObject) else {}
    options = {n: v for n, v in arguments.kwargs.items() if n not in _PARAMETERS}
    parts: dict[str, Abstract] = {
        "task": signature,
        "schedule": arguments.get(0, "schedule") or MISSING,
        "args": args,
        "kwargs": kwargs,
        "options": Mapping({**of_signature, **options}, more=arguments.more),
    }
    places = {name: _place(value) or periodic.place for name, value in arguments.kwargs.items()}
    written = _Written(
        key, periodic.place, parts, places, is_certain=periodic.is_certain, is_periodic=True
    )
    return _entry(app, written, names)


_PARAMETERS = ("schedule", "sig", "args", "kwargs", "name")


def _arguments_of(signature: Abstract, given: Arguments) -> tuple[Abstract, Abstract]:
    """What a periodic task is called with: its signature's own arguments come behind those that it
    is cloned with."""
    args, kwargs = given.get(2, "args") or Items("tuple", ()), given.get(3, "kwargs") or Mapping()
    own = Arguments()
    if isinstance(signature, SignatureObject):
        if signature.arguments is None:
            untold = Unknown("what the signature is made with cannot be told")
            return untold, untold
        own = signature.arguments
    if isinstance(args, Items):
        args = Items("tuple", (*args.items, *own.args), args.trail, args.open or own.more)
    if isinstance(kwargs, Mapping):
        more = kwargs.open or own.more
        kwargs = Mapping({**own.kwargs, **kwargs.entries}, kwargs.trail, more)
    return args, kwargs


def _shown_call(task: Value, args: Abstract, kwargs: Abstract) -> str:
    """The key of an entry without a name: ``proj.add(1, 2)``, the signature as Celery shows it
    (kombu's reprcall). Empty where the arguments cannot be told."""
    if task.is_unknown or not isinstance(args, Items) or not isinstance(kwargs, Mapping):
        return ""
    if args.open is not None or kwargs.open is not None:
        return ""
    positional = [to_value(value, _untold) for value in args.items]
    keywords = {name: to_value(value, _untold) for name, value in kwargs.entries.items()}
    if any(
        value.is_unknown or value.state is State.ONE_OF
        for value in (*positional, *keywords.values())
    ):
        return ""
    texts = [repr(value.value) for value in positional]
    texts += [f"{name}={value.value!r}" for name, value in keywords.items()]
    return f"{task.value}({', '.join(texts)})"


def _untold() -> Value:
    return unknown("it cannot be told")


def _entry(app: AppObject, written: _Written, names: Names) -> BeatEntry:
    task = _task(written.part("task"), names)
    sent = [name for name in task.possibilities() if isinstance(name, str)]
    options = _options(written.part("options"))
    queue = options.get("queue", celery_default(None))
    target = merge([names.queue_of(name, queue) for name in sent] or [_untold()])
    verdicts = {names.resolves(name) for name in sent}
    return BeatEntry(
        app=app.variable,
        entry=written.key,
        task=task,
        resolves=verdicts.pop() if len(verdicts) == 1 else None,
        schedule=to_value(written.part("schedule"), lambda: unknown("the entry has no schedule")),
        queue=target,
        place=written.place,
        options=options,
        conditional=not written.is_certain,
        args=to_value(written.part("args"), lambda: celery_default(())),
        kwargs=to_value(written.part("kwargs"), lambda: celery_default({})),
        given=written.given,
        is_periodic=written.is_periodic,
    )


def _options(given: Abstract) -> dict[str, Value]:
    """The call options that an entry gives."""
    if given is MISSING or (isinstance(given, Known) and not given.value):
        return {}
    choices = options_of(given)
    if len(choices) > 1 and all(isinstance(o, (Mapping, Missing)) for o in choices):
        given = one_mapping(o if isinstance(o, Mapping) else Mapping() for o in choices)
    if not isinstance(given, Mapping):
        reason = given.reason if isinstance(given, Unknown) else "its options cannot be told"
        return dict.fromkeys(SENDING, unknown(reason, given.trail))
    found = {
        str(name): to_value(value, lambda: celery_default(None))
        for name, value in given.entries.items()
    }
    if given.open is None:
        return found
    return {**dict.fromkeys(SENDING, unknown(given.open.reason)), **found}


def _place(value: Abstract) -> Place | None:
    return next((step.place for step in value.trail if step.place is not None), None)


def _task(value: Abstract, names: Names) -> Value:
    """The name of the task that an entry sends."""
    value = unmember(value)
    if isinstance(value, SignatureObject):
        return _task(value.task, names)
    if isinstance(value, TaskName):
        return _task(value.task, names)
    if isinstance(value, TaskObject):
        name = names.name_of(value)
        if name is None:
            return unknown("the name of its task cannot be told", value.trail)
        return Value(State.KNOWN, name, value.trail)
    if value is MISSING:
        return unknown("the entry names no task")
    if isinstance(value, (Known, OneOf, Unknown)):
        return to_value(value, lambda: unknown("the entry names no task"))
    return unknown("its task cannot be told", value.trail)
