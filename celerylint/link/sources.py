"""Configuration sources: the names in what ``config_from_object`` was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Class,
    External,
    Instance,
    Known,
    Mapping,
    ModuleValue,
    OneOf,
    Unknown,
    join,
    options_of,
    resolved,
)
from celerylint.link.django import DjangoSettings
from celerylint.link.registry import text
from celerylint.model.place import Place

if TYPE_CHECKING:
    from celerylint.link.celery_app import AppObject, Source
    from celerylint.link.celery_world import CeleryWorld
    from celerylint.link.interpreter import Interpreter
    from celerylint.link.modules import ModuleFile

Names = dict[str, Abstract]


def names_of(
    interpreter: Interpreter, world: CeleryWorld, source: Source
) -> tuple[Names, Unknown | None]:
    """The names a source holds, and why there may be others."""
    result: Names | None = None
    more: Unknown | None = None
    for option in options_of(source.value):
        if option is MISSING:
            continue
        name = text(option)
        if source.may_be_missing and name and not _exists(interpreter, name, source.module):
            continue
        names, unknown = _names(interpreter, world, option, source.module, source.place)
        more = more or unknown
        result = names if result is None else _either(result, names)
    return result or {}, more


def _exists(interpreter: Interpreter, name: str, importer: ModuleFile | None) -> bool:
    module = name.partition(":")[0]
    found = interpreter.modules.resolve(module, importer)
    parent = module.rpartition(".")[0]
    return found is not None or (
        bool(parent) and interpreter.modules.resolve(parent, importer) is not None
    )


def _either(left: Names, right: Names) -> Names:
    names = dict.fromkeys((*left, *right))
    return {name: join(left.get(name, MISSING), right.get(name, MISSING)) for name in names}


def _names(
    interpreter: Interpreter,
    world: CeleryWorld,
    value: Abstract,
    importer: ModuleFile | None,
    place: Place,
) -> tuple[Names, Unknown | None]:
    name = text(value)
    if name is not None:
        value = by_name(interpreter, world, name, importer, place)
    if isinstance(value, ModuleValue):
        interpreter.run_module(value.file)
        names = dict(value.file.scope.names)
        stars = value.file.stars
        more = Unknown(f"{value.file.shown} star-imports {stars[0]}") if stars else None
        return names, value.file.open or more
    if isinstance(value, DjangoSettings):
        settings = value.load(interpreter)
        if settings is None:
            return {}, Unknown(f"Django's settings module was not found ({place})")
        # Django's settings object holds the upper-case names only.
        return {name: item for name, item in settings.items() if name.isupper()}, value.more
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.entries.items()}, value.open
    if isinstance(value, (Class, Instance)):
        return _object_names(interpreter, value, place)
    if isinstance(value, Known) and value.value is None:
        return {}, None
    reason = value.reason if isinstance(value, Unknown) else "the configuration cannot be read"
    return {}, Unknown(f"{reason} ({place})" if str(place) not in reason else reason)


def _object_names(
    interpreter: Interpreter, value: Class | Instance, place: Place
) -> tuple[Names, Unknown | None]:
    cls = value if isinstance(value, Class) else value.cls
    found: dict[str, None] = {}
    more: Unknown | None = None
    for ancestor in cls.ancestors():
        if isinstance(ancestor, Class):
            found.update(dict.fromkeys(ancestor.names))
        elif isinstance(ancestor, External) and not ancestor.name.startswith(_HARMLESS_BASES):
            more = Unknown(f"the class inherits from {ancestor.name} ({place})")
    if isinstance(value, Instance):
        found.update(dict.fromkeys(value.attributes))
    names = {
        name: interpreter.attribute(value, name, place)
        for name in found
        if not name.startswith("__")
    }
    return names, more


_HARMLESS_BASES = ("builtins.", "pydantic", "typing.", "abc.", "enum.", "configurations.")


def by_name(
    interpreter: Interpreter,
    world: CeleryWorld,
    name: str,
    importer: ModuleFile | None,
    place: Place,
) -> Abstract:
    """What a dotted name such as ``proj.config:Production`` means (kombu's symbol_by_name)."""
    module_name, colon, attribute = name.partition(":")
    if module_name in ("django.conf", "django.conf.settings"):
        return world.django
    file = interpreter.modules.resolve(module_name, importer)
    if not colon:
        if file is not None:
            return ModuleValue(file)
        module_name, _, attribute = name.rpartition(".")
        file = interpreter.modules.resolve(module_name, importer) if module_name else None
    if file is None:
        return Unknown(f"the module `{name}` was not found ({place})")
    value: Abstract = ModuleValue(file)
    for part in attribute.split("."):
        value = interpreter.attribute(value, part, place)
    return value


def read_raw(
    interpreter: Interpreter, world: CeleryWorld, app: AppObject, name: str
) -> Abstract | None:
    """A setting by its new-style name in the app's last source, while modules still run."""
    if not app.sources:
        return None
    source = app.sources[-1]
    names, more = names_of(interpreter, world, source)
    prefix = text(source.namespace)
    wanted = [name]
    if prefix:
        wanted.insert(0, f"{prefix.rstrip('_')}_{name.upper()}")
    for candidate in wanted:
        found = resolved(names.get(candidate, MISSING))
        if found is not MISSING and not isinstance(found, OneOf):
            return found
    return more
