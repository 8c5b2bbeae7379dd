"""Looking at and writing to namespaces: ``sys.modules``, ``dir``, ``vars``, ``globals`` and
settings files that are included rather than imported."""

from __future__ import annotations

from celerylint import disk
from celerylint.link.abstract import (
    Abstract,
    Class,
    Instance,
    Items,
    Known,
    Mapping,
    ModuleValue,
    Unknown,
)
from celerylint.link.interpreter import Interpreter
from celerylint.link.natives import Arguments, Native
from celerylint.link.registry import external, text
from celerylint.model.place import Place


class SystemModules(Native):
    """``sys.modules``"""

    __slots__ = ()

    def index(self, interpreter: Interpreter, key: Abstract, place: Place) -> Abstract:
        name = text(key)
        own = interpreter.module_at(place)
        if own is not None and name == own.name:
            return ModuleValue(own)
        named = next((f for f in interpreter.modules.files() if name and f.name == name), None)
        if named is not None:
            return ModuleValue(named)
        return Unknown(f"which module it is cannot be told ({place})")


def _names(interpreter: Interpreter, value: Abstract) -> dict[str, None] | None:
    """The names of an object's attributes; None where they cannot be told."""
    if isinstance(value, ModuleValue):
        interpreter.run_module(value.file)
        return None if value.file.open else dict.fromkeys(value.file.scope.names)
    if isinstance(value, (Class, Instance)):
        cls = value if isinstance(value, Class) else value.cls
        found: dict[str, None] = {}
        for ancestor in reversed(cls.ancestors()):
            if isinstance(ancestor, Class):
                found.update(dict.fromkeys(ancestor.names))
        if isinstance(value, Instance):
            found.update(dict.fromkeys(value.attributes))
        return found
    return None


@external("builtins.dir")
def _dir(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    value = arguments.get(0, "object")
    names = _names(interpreter, value) if value is not None else None
    if names is None:
        return Unknown(f"the names there cannot be told ({place})")
    return Items("list", [Known(found) for found in sorted(names)])


@external("inspect.getmembers")
def _getmembers(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    value = arguments.get(0, "object")
    names = _names(interpreter, value) if value is not None else None
    if value is None or names is None:
        return Unknown(f"the members cannot be told ({place})")
    pairs = [
        Items("tuple", (Known(found), interpreter.attribute(value, found, place)))
        for found in sorted(names)
        if not found.startswith("__")
    ]
    return Items("list", pairs)


@external("builtins.vars")
def _vars(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    value = arguments.get(0, "object")
    if isinstance(value, ModuleValue):
        return interpreter.attribute(value, "__dict__", place)
    if isinstance(value, Class):
        return Mapping(dict(value.names))
    if isinstance(value, Instance):
        return Mapping(value.attributes)
    return Unknown(f"the names there cannot be told ({place})")


@external("builtins.globals")
def _globals(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    own = interpreter.module_at(place)
    if own is None:
        return Unknown(f"the names there cannot be told ({place})")
    return Mapping(own.scope.names)


@external("split_settings.tools.optional")
def _optional(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return arguments.get(0, "filename") or Known(None)


@external("split_settings.tools.include")
def _include(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """``include("base.py", "components/*.py")``: each file runs in the including module."""
    own = interpreter.module_at(place)
    if own is None:
        return Known(None)
    for argument in arguments.args:
        pattern = text(argument)
        if pattern is None:
            own.open = Unknown(f"which settings file is included cannot be told ({place})")
            continue
        for path in disk.matches(own.folder, pattern):
            if disk.is_file(path):
                interpreter.include(path, own)
    return Known(None)


@external("builtins.exec", "builtins.execfile")
def _exec(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """Code that is executed may bind anything."""
    own = interpreter.module_at(place)
    if own is not None and own.open is None:
        own.open = Unknown(f"code is executed there that cannot be read ({place})")
    return Known(None)
