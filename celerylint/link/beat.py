"""What beat sends: ``beat_schedule`` and calls of ``add_periodic_task`` (celery/beat.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Known,
    Mapping,
    OneOf,
    Unknown,
    options_of,
)
from celerylint.link.calls import SENDING
from celerylint.link.celery_app import AppObject, Periodic
from celerylint.link.celery_task import SignatureObject, TaskName, TaskObject
from celerylint.link.compute import unmember
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
    schedule = settings.abstract("beat_schedule")
    for option in options_of(schedule):
        if isinstance(option, Mapping):
            for key, entry in option.entries.items():
                yield from _scheduled(app, str(key), entry, names)
    # An entry replaces an earlier one of the same key.
    added: dict[str, BeatEntry] = {}
    for number, periodic in enumerate(app.periodic):
        made = _periodic(app, periodic, names)
        added[made.entry or f" {number}"] = made
    yield from added.values()


def _scheduled(app: AppObject, key: str, entry: Abstract, names: Names) -> Iterator[BeatEntry]:
    possible = [option for option in options_of(entry) if isinstance(option, Mapping)]
    for option in possible[:1]:
        place = next((step.place for step in option.trail if step.place is not None), app.place)
        task = _task(option.at("task"), names)
        options = _options(option.at("options"))
        yield _entry(app, key, task, option.at("schedule"), options, place, names)


def _periodic(app: AppObject, periodic: Periodic, names: Names) -> BeatEntry:
    """``add_periodic_task(schedule, sig, args, kwargs, name, **options)``"""
    arguments = periodic.arguments
    signature = arguments.get(1, "sig") or MISSING
    task = _task(signature, names)
    given = arguments.get(4, "name")
    name = unmember(given) if given is not None else None
    key = str(name.value) if isinstance(name, Known) and name.value else ""
    if not key and isinstance(signature, SignatureObject) and not task.is_unknown:
        key = _shown_call(str(task.value), signature)
    of_signature = signature.options if isinstance(signature, SignatureObject) else {}
    options = _options(Mapping({**of_signature, **arguments.kwargs}, more=arguments.more))
    schedule = arguments.get(0, "schedule") or MISSING
    return _entry(app, key, task, schedule, options, periodic.place, names)


def _options(given: Abstract) -> dict[str, Abstract]:
    """The call options among what an entry gives."""
    if given is MISSING or (isinstance(given, Known) and not given.value):
        return {}
    if not isinstance(given, Mapping):
        reason = given.reason if isinstance(given, Unknown) else "its options cannot be told"
        return dict.fromkeys(SENDING, Unknown(reason, given.trail))
    found = {name: given.at(name) for name in SENDING if name in given.entries}
    return {**dict.fromkeys(SENDING, given.open), **found} if given.open is not None else found


def _shown_call(task: str, signature: SignatureObject) -> str:
    """The key of an entry without a name: ``proj.add(1, 2)``, the signature as Celery shows it
    (kombu's reprcall). Empty where the arguments cannot be told."""
    arguments = signature.arguments
    if arguments is None or arguments.more is not None:
        return ""
    values = [*arguments.args, *arguments.kwargs.values()]
    shown = [to_value(value, lambda: unknown("")) for value in values]
    if any(value.is_unknown or value.state is State.ONE_OF for value in shown):
        return ""
    texts = [repr(value.value) for value in shown[: len(arguments.args)]]
    named = zip(arguments.kwargs, shown[len(arguments.args) :], strict=True)
    texts += [f"{name}={value.value!r}" for name, value in named]
    return f"{task}({', '.join(texts)})"


def _entry(
    app: AppObject,
    key: str,
    task: Value,
    schedule: Abstract,
    options: dict[str, Abstract],
    place: Place,
    names: Names,
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
