"""Flask's configuration object, as Celery's documented Flask pattern uses it."""

from __future__ import annotations

from celerylint.link.abstract import (
    Abstract,
    Class,
    Known,
    Mapping,
    Method,
    ModuleValue,
    Unknown,
    resolved,
)
from celerylint.link.interpreter import Interpreter
from celerylint.link.natives import Arguments, Native
from celerylint.link.registry import external, text
from celerylint.model.place import Place


class FlaskConfig(Mapping):
    """``flask_app.config``: a dict that can load objects, and may hold more than is seen."""

    __slots__ = ()


class FlaskApp(Native):
    """``flask.Flask(...)``"""

    __slots__ = ("attributes", "config")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.config = FlaskConfig(more=Unknown(f"it is a key of a Flask configuration ({place})"))
        self.attributes: dict[str, Abstract] = {}

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        if name == "config":
            return self.config
        return self.attributes.get(name) or Method(self, name)

    def set(self, interpreter: Interpreter, name: str, value: Abstract, place: Place) -> None:
        interpreter.heap.store(self.attributes, name, value)


@external("flask.Flask", "flask.app.Flask")
def _flask(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return FlaskApp(place)


def flask_config_method(
    interpreter: Interpreter,
    config: FlaskConfig,
    name: str,
    arguments: Arguments,
    place: Place,
) -> Abstract:
    """``config.from_mapping(...)``, ``config.from_object(...)`` and the like."""
    if name == "from_mapping":
        for source in arguments.args:
            interpreter.update(config, source)
        interpreter.update(config, Mapping(arguments.kwargs, (), arguments.more))
        return Known(True)
    if name == "from_object":
        value = _loaded(interpreter, arguments.get(0, "obj"))
        interpreter.update(config, _upper_case(interpreter, value, place))
        return Known(None)
    if name != "from_prefixed_env":
        interpreter.update(config, Unknown(f"it may come from a file ({place})"))
    return Known(True)


def _loaded(interpreter: Interpreter, value: Abstract | None) -> Abstract | None:
    name = text(value)
    if name is None:
        return value
    file = interpreter.modules.resolve(name)
    if file is not None:
        return ModuleValue(file)
    module, _, attribute = name.rpartition(".")
    file = interpreter.modules.resolve(module) if module else None
    if file is None:
        return value
    return interpreter.module_attribute(file, attribute, Place(file.shown, 1, 1, 1, 1))


def _upper_case(interpreter: Interpreter, value: Abstract | None, place: Place) -> Abstract:
    """The upper-case names of an object, as Flask takes them."""
    if isinstance(value, ModuleValue):
        interpreter.run_module(value.file)
        names = value.file.scope.names
    elif isinstance(value, Class):
        names = {}
        for ancestor in reversed(value.ancestors()):
            if isinstance(ancestor, Class):
                names.update(ancestor.names)
    else:
        return Unknown(f"what is loaded there cannot be told ({place})")
    return Mapping({key: resolved(item) for key, item in names.items() if key.isupper()})
