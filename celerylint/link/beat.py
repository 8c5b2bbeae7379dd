"""What beat sends: ``beat_schedule`` and calls of ``add_periodic_task`` (celery/beat.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Items,
    Known,
    Mapping,
    OneOf,
    Unknown,
    options_of,
    resolved,
)
from celerylint.link.calls import SENDING
from celerylint.link.celery_app import AppObject, Periodic
from celerylint.link.celery_task import SignatureObject, TaskName, TaskObject
from celerylint.link.compute import unmember
from celerylint.link.natives import Arguments
from celerylint.link.settings import Settings
from celerylint.link.values import to_value
from celerylint.model.place import Place
from celerylint.model.project import BeatEntry
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
        added[made.entry or f" {number}"] = made
    yield from added.values()


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
        entry = next((option for option in options if isinstance(option, Mapping)), None)
        if entry is None:
            continue
        place = next((step.place for step in entry.trail if step.place is not None), app.place)
        task = _task(entry.at("task"), names)
        sending = _options(entry.at("options"))
        is_certain = len(entries) == len(possible) and MISSING not in options
        yield _entry(app, key, task, entry.at("schedule"), sending, place, names, is_certain)


def _periodic(app: AppObject, periodic: Periodic, names: Names) -> BeatEntry:
    """``add_periodic_task(schedule, sig, args, kwargs, name, **options)``"""
    arguments = periodic.arguments
    signature = arguments.get(1, "sig") or MISSING
    task = _task(signature, names)
    given = arguments.get(4, "name")
    name = unmember(given) if given is not None else None
    key = str(name.value) if isinstance(name, Known) and name.value else ""
    if not key and not task.is_unknown:
        key = _shown_call(str(task.value), signature, arguments)
    of_signature = signature.options if isinstance(signature, SignatureObject) else {}
    options = _options(Mapping({**of_signature, **arguments.kwargs}, more=arguments.more))
    schedule = arguments.get(0, "schedule") or MISSING
    return _entry(app, key, task, schedule, options, periodic.place, names, periodic.is_certain)


def _options(given: Abstract) -> dict[str, Abstract]:
    """The call options among what an entry gives."""
    if given is MISSING or (isinstance(given, Known) and not given.value):
        return {}
    if not isinstance(given, Mapping):
        reason = given.reason if isinstance(given, Unknown) else "its options cannot be told"
        return dict.fromkeys(SENDING, Unknown(reason, given.trail))
    found = {name: given.at(name) for name in SENDING if name in given.entries}
    return {**dict.fromkeys(SENDING, given.open), **found} if given.open is not None else found


def _shown_call(task: str, signature: Abstract, given: Arguments) -> str:
    """The key of an entry without a name: ``proj.add(1, 2)``, the signature as Celery shows it
    (kombu's reprcall). Empty where the arguments cannot be told."""
    own = Arguments()
    if isinstance(signature, SignatureObject):
        if signature.arguments is None:
            return ""
        own = signature.arguments
    args, kwargs = given.get(2, "args") or Items("tuple", ()), given.get(3, "kwargs") or Mapping()
    if not isinstance(args, Items) or not isinstance(kwargs, Mapping):
        return ""
    if own.more or args.open or kwargs.open:
        return ""
    # A signature's arguments come behind those it is cloned with.
    positional = [to_value(value, lambda: unknown("")) for value in (*args.items, *own.args)]
    keywords = {
        name: to_value(value, lambda: unknown(""))
        for name, value in {**own.kwargs, **kwargs.entries}.items()
    }
    if any(
        value.is_unknown or value.state is State.ONE_OF
        for value in (*positional, *keywords.values())
    ):
        return ""
    texts = [repr(value.value) for value in positional]
    texts += [f"{name}={value.value!r}" for name, value in keywords.items()]
    return f"{task}({', '.join(texts)})"


def _entry(
    app: AppObject,
    key: str,
    task: Value,
    schedule: Abstract,
    options: dict[str, Abstract],
    place: Place,
    names: Names,
    is_certain: bool,
) -> BeatEntry:
    name = task.value if isinstance(task.value, str) and task.state is not State.ONE_OF else None
    given = {
        option: to_value(value, lambda: celery_default(None)) for option, value in options.items()
    }
    queue = given.get("queue", celery_default(None))
    target = unknown("its task cannot be told") if name is None else names.queue_of(name, queue)
    return BeatEntry(
        app=app.variable,
        entry=key,
        task=task,
        resolves=names.resolves(name) if name is not None else None,
        schedule=to_value(schedule, lambda: unknown("the entry has no schedule")),
        queue=target,
        place=place,
        options=given,
        conditional=not is_certain,
    )


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
