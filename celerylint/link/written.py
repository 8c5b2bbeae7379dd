"""What the project writes where Celery looks for settings, name by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from celerylint.link.celery_app import PARAMETERS, AppObject, Source
from celerylint.link.celery_world import CeleryWorld
from celerylint.link.compute import describe
from celerylint.link.interpreter import Interpreter
from celerylint.link.registry import text
from celerylint.link.settings import Settings
from celerylint.link.sources import names_of
from celerylint.link.values import to_value
from celerylint.model.configuration import (
    Annotation,
    ConfigSource,
    Overwritten,
    Positional,
    WrittenSetting,
)
from celerylint.model.place import Place
from celerylint.model.value import Value, celery_default

_CELERYS = re.compile(r"(CELERY|CELERYD|CELERYBEAT|CELERYMON|BROKER)_[A-Z0-9_]+")
_LOWER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")


def written_settings(
    interpreter: Interpreter, world: CeleryWorld, app: AppObject, settings: Settings
) -> Iterator[WrittenSetting]:
    """Every setting that is written for an app, effective or not, in order of place."""
    found = [
        *_of_changes(app, settings),
        *_of_names(app, settings, app.defaults.entries, "defaults", None),
    ]
    for source in app.sources:
        names, _ = names_of(interpreter, world, source)
        taken = {name: value for name, value in names.items() if _is_meant(source, name, value)}
        found += _of_names(app, settings, taken, "source", source.place)
    yield from sorted(found, key=lambda written: (written.place, written.name))


def _of_changes(app: AppObject, settings: Settings) -> Iterator[WrittenSetting]:
    in_constructor = {
        name: value
        for name, value in app.changes.entries.items()
        if value is app.arguments.kwargs.get(_SETTING_PARAMETERS.get(name, name), MISSING)
    }
    others = {
        name: value for name, value in app.changes.entries.items() if name not in in_constructor
    }
    yield from _of_names(app, settings, in_constructor, "constructor", None)
    meant = {name: value for name, value in others.items() if _may_be_celerys(name)}
    yield from _of_names(app, settings, meant, "conf", None)


_SETTING_PARAMETERS = {"broker_url": "broker", "result_backend": "backend"}


def _may_be_celerys(name: object) -> bool:
    """A Flask configuration given to ``conf.update`` holds much that is not Celery's."""
    return isinstance(name, str) and (not name.isupper() or _CELERYS.fullmatch(name) is not None)


def _is_meant(source: Source, name: str, value: Abstract) -> bool:
    """Whether a name of a source could be meant for Celery."""
    if not isinstance(value, (Known, Items, Mapping, OneOf, Unknown)) and value is not MISSING:
        value = resolved(value)
        if not isinstance(value, (Known, Items, Mapping, OneOf, Unknown)):
            return False
    namespace = text(source.namespace)
    if namespace and name.startswith(f"{namespace.rstrip('_')}_"):
        return True
    if _CELERYS.fullmatch(name):
        return True
    return not namespace and _LOWER.fullmatch(name) is not None


def _of_names(
    app: AppObject,
    settings: Settings,
    names: dict[str, Abstract],
    origin: str,
    source: Place | None,
) -> Iterator[WrittenSetting]:
    for name, given in names.items():
        value = resolved(given)
        steps = [step.place for option in options_of(value) for step in option.trail if step.place]
        if not steps:
            continue  # bound by something that is no assignment
        yield WrittenSetting(
            app=app.variable,
            name=name,
            setting=settings.name_set_by(name) or "",
            value=to_value(value, lambda: celery_default(None)),
            place=steps[0],
            origin=origin,  # type: ignore[arg-type]
            source=source,
        )


def overwritten(app: AppObject, settings: Settings) -> Iterator[Overwritten]:
    """The values that are lost because a setting, or a key of one, is written twice."""
    for name, lost, place in app.overwritten:
        before = _first_place(lost)
        if before is not None and before != place:
            yield Overwritten(settings.name_set_by(name) or name, before, place)
    for name in ("beat_schedule", "task_routes", "task_annotations"):
        value = settings.abstract(name)
        for key, lost, place in value.repeated if isinstance(value, Mapping) else ():
            before = _first_place(lost)
            if before is not None:
                yield Overwritten(name, before, place, str(key))


def _first_place(value: Abstract) -> Place | None:
    return next((step.place for step in resolved(value).trail if step.place is not None), None)


def config_sources(app: AppObject) -> tuple[ConfigSource, ...]:
    """The calls that configure an app from an object, in order."""
    return tuple(
        ConfigSource(source.place, describe(resolved(source.value)), source.is_certain)
        for source in app.sources
    )


def positional_arguments(app: AppObject) -> tuple[Positional, ...]:
    """What ``Celery()`` is given by position."""
    found = []
    for parameter, argument in zip(PARAMETERS, app.arguments.args, strict=False):
        place = _first_place(argument) or app.place
        found.append(Positional(parameter, to_value(argument, _nothing), place))
    return tuple(found)


def _nothing() -> Value:
    return celery_default(None)


def written_annotations(settings: Settings) -> tuple[Annotation, ...]:
    """The entries of ``task_annotations`` that can be told."""
    value = settings.abstract("task_annotations")
    maps = value.items if isinstance(value, Items) else options_of(value)
    found = []
    for given in maps:
        if not isinstance(given, Mapping):
            continue
        for key, options in given.entries.items():
            options = resolved(options)
            if not isinstance(key, str) or not isinstance(options, Mapping):
                continue
            place = _first_place(options)
            if place is not None:
                told = {
                    str(name): to_value(option, _nothing)
                    for name, option in options.entries.items()
                }
                found.append(Annotation(key, place, told))
    return tuple(found)
