"""The dialects in which projects read their environment.

A read with a default is that default, which the variable may override; a read without one is
unknown. Each dialect differs in where the default stands: django-environ's second positional
argument of ``env()`` is a cast, environs' is the default, decouple has keywords only.
"""

from __future__ import annotations

from typing import Any

from celerylint.link.abstract import (
    Abstract,
    Class,
    External,
    Function,
    Items,
    Known,
    Made,
    Mapping,
    Unknown,
    resolved,
    with_variables,
)
from celerylint.link.compute import pure, unmember
from celerylint.link.interpreter import Interpreter
from celerylint.link.natives import Arguments, Native
from celerylint.link.registry import external, text
from celerylint.model.place import Place

_TRUE = ("y", "yes", "t", "true", "on", "1")
_FALSE = ("n", "no", "f", "false", "off", "0", "")


def unset(name: str, place: Place) -> Unknown:
    """A variable that has no default."""
    return Unknown(f"it comes from the environment variable {name} ({place})", (), (name,))


def read(name: str | None, default: Abstract | None, place: Place) -> Abstract:
    """A variable with the default it is read with, if any."""
    if name is None:
        return Unknown(f"it comes from an environment variable ({place})")
    if default is None:
        return unset(name, place)
    return with_variables(default, (name,))


class Environ(Native):
    """``os.environ``"""

    __slots__ = ("defaults",)

    def __init__(self) -> None:
        super().__init__()
        self.defaults: dict[str, Abstract] = {}
        """What ``os.environ.setdefault`` and ``os.environ[...] =`` put there"""

    def contains(self, key: object) -> bool | None:
        return key in self.defaults

    def decided_by(self, key: Abstract) -> tuple[str, ...]:
        name = text(key)
        return (name,) if name is not None else ()

    def index(self, interpreter: Interpreter, key: Abstract, place: Place) -> Abstract:
        name = text(key)
        if name is not None and name in self.defaults:
            return with_variables(self.defaults[name], (name,))
        return read(name, None, place)

    def set_index(
        self, interpreter: Interpreter, key: Abstract, value: Abstract, place: Place
    ) -> None:
        self._default(interpreter, key, value)

    def _default(self, interpreter: Interpreter, key: Abstract | None, value: Abstract) -> None:
        name = text(key)
        if name is not None and name not in self.defaults:
            interpreter.heap.store(self.defaults, name, value)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        key = arguments.get(0, "key")
        if name == "get":
            variable = text(key)
            if variable is not None and variable in self.defaults:
                return with_variables(self.defaults[variable], (variable,))
            default = arguments.get(1, "default")
            return read(variable, Known(None) if default is None else default, place)
        if name == "setdefault":
            value = arguments.get(1, "value")
            if value is not None:
                self._default(interpreter, key, value)
            return read(text(key), value, place)
        return Unknown(f"it comes from the environment ({place})")


ENVIRON = "os.environ"


@external("os.getenv", "os.environ.get")
def _getenv(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    environ = interpreter.attribute(External("os"), "environ", place)
    assert isinstance(environ, Environ)
    return environ.invoke(interpreter, "get", arguments, place)


@external("distutils.util.strtobool", "setuptools._distutils.util.strtobool",
          "django.utils.strtobool", "str2bool.str2bool",
          "celery.utils.serialization.strtobool", "kombu.utils.encoding.strtobool")  # fmt: skip
def _strtobool(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return pure(_to_bool, *arguments.args[:1], place=place)


@external("celery.utils.serialization.strtobool")
def _celery_strtobool(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    return pure(lambda value: bool(_to_bool(value)), *arguments.args[:1], place=place)


def _to_bool(value: Any) -> int:
    if str(value).lower() in _TRUE:
        return 1
    if str(value).lower() in _FALSE:
        return 0
    raise ValueError(value)


class EnvReader(Native):
    """An environment reader object: ``environ.Env()``, ``environs.Env()``, ``decouple.config``.

    ``second`` says what the second positional argument of a plain call is: cast or default.
    ``scheme`` holds defaults given to the constructor.
    """

    __slots__ = ("prefix", "scheme", "second")

    def __init__(self, second: str, scheme: dict[str, Abstract]) -> None:
        super().__init__()
        self.second = second
        self.scheme = scheme
        self.prefix = ""

    def call(self, interpreter: Interpreter, arguments: Arguments, place: Place) -> Abstract:
        position = 1 if self.second == "default" else 2
        default = arguments.get(position, "default")
        cast = arguments.get(1, "cast") if self.second == "cast" else arguments.kwargs.get("cast")
        return self._read(interpreter, arguments, default, cast, place)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name == "get_value":
            return self.call(interpreter, arguments, place)
        if name in ("read_env", "read_envfile", "read_env_file", "seal", "prefixed"):
            return Known(None)
        default = arguments.get(1, "default")
        result = self._read(interpreter, arguments, default, None, place)
        if name in ("db", "db_url", "cache", "cache_url", "email", "email_url", "search_url",
                    "url", "path", "json", "enum", "datetime", "date", "time"):  # fmt: skip
            # They give objects, not the text that the default is.
            variables = (text(arguments.get(0, "var")) or "",)
            return Unknown(f"what the environment gives cannot be told ({place})", (), variables)
        if name == "timedelta" and isinstance(result, Known):
            return _as_timedelta(interpreter, result, place)
        return result

    def _read(
        self,
        interpreter: Interpreter,
        arguments: Arguments,
        default: Abstract | None,
        cast: Abstract | None,
        place: Place,
    ) -> Abstract:
        name = text(arguments.get(0, "var"))
        if name is not None and default is None:
            default = self.scheme.get(name)
        value = read(name, default, place)
        plain_cast = isinstance(cast, (External, Function, Class)) and not isinstance(
            value, Unknown
        )
        if self.second != "decouple" or not plain_cast or cast is None:
            return value
        if isinstance(cast, External) and cast.name == "builtins.bool":
            return pure(lambda given: bool(_to_bool(given)), value, place=place)
        return interpreter.call(cast, Arguments((value,)), place)


def _as_timedelta(interpreter: Interpreter, value: Known, place: Place) -> Abstract:
    if isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        seconds = Arguments((), {"seconds": value})
        return interpreter.call(External("datetime.timedelta"), seconds, place)
    return value


@external("environ.Env", "environ.FileAwareEnv")
def _django_environ(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    scheme: dict[str, Abstract] = {}
    for variable, declared in arguments.kwargs.items():
        # `DEBUG=(bool, False)` gives a default, `PORT=int` only a cast.
        if isinstance(declared, Items) and len(declared.items) == 2:
            scheme[variable] = declared.items[1]
    return EnvReader("cast", scheme)


@external("environs.Env", "environs.FileAwareEnv")
def _environs(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return EnvReader("default", {})


@external("decouple.Config", "decouple.AutoConfig", "starlette.config.Config")
def _decouple(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return EnvReader("decouple", {})


@external("decouple.config", "environs.env", "decouple.Csv")
def _decouple_config(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    if name == "decouple.Csv":
        return External("celerylint.csv")
    second = "default" if name == "environs.env" else "decouple"
    return EnvReader(second, {}).call(interpreter, arguments, place)


@external("celerylint.csv")
def _csv(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    value = arguments.get(0, "value")
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return Unknown(f"the list cannot be told ({place})")
    parts = [part.strip() for part in value.value.split(",") if part.strip()]
    return Items("list", tuple(Known(part, value.trail, value.variables) for part in parts))


def configurations_value(name: str, arguments: Arguments, place: Place) -> Abstract:
    """``configurations.values.IntegerValue(4)``: a default that the environment overrides."""
    default = arguments.get(0, "default")
    variable = text(arguments.kwargs.get("environ_name")) or "DJANGO_*"
    return with_variables(default if default is not None else Known(None), (variable,))


PYDANTIC_SETTINGS = frozenset(
    {"pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings",
     "pydantic_settings.main.BaseSettings", "pydantic.env_settings.BaseSettings"}
)  # fmt: skip


def fields_of(cls: Class) -> dict[str, Abstract | None]:
    """The annotated fields of a class with their class-level values, bases first."""
    fields: dict[str, Abstract | None] = {}
    for ancestor in reversed(cls.ancestors()):
        if isinstance(ancestor, Class):
            annotations = ancestor.names.get("__annotations__")
            names = annotations.entries if isinstance(annotations, Mapping) else {}
            for name in names:
                fields[name] = ancestor.names.get(name)
    return fields


def fill_fields(
    interpreter: Interpreter,
    cls: Class,
    arguments: Arguments,
    attributes: dict[str, Abstract],
    place: Place,
) -> None:
    """Set the fields of a dataclass, named tuple or pydantic model from a call's arguments."""
    from_environment = bool(cls.outside & PYDANTIC_SETTINGS)
    prefix = _env_prefix(cls) if from_environment else ""
    positional = list(arguments.args)
    for name, declared in fields_of(cls).items():
        if name in arguments.kwargs:
            attributes[name] = arguments.kwargs[name]
        elif positional:
            attributes[name] = positional.pop(0)
        elif arguments.more is not None:
            attributes[name] = arguments.more
        else:
            declared = resolved(declared) if declared is not None else None
            value = _field_default(interpreter, declared, place)
            if from_environment:
                variable = _field_variable(name, declared, prefix)
                value = read(variable, value, place)
            attributes[name] = value or Unknown(f"the field `{name}` is not given ({place})")


def _field_default(
    interpreter: Interpreter, declared: Abstract | None, place: Place
) -> Abstract | None:
    """What a field is when nothing is given for it; None where it must be given."""
    if not isinstance(declared, Made) or declared.maker not in _FIELD_MAKERS:
        return declared
    factory = declared.kwargs.get("default_factory")
    if factory is not None:
        return interpreter.call(factory, Arguments(), place)
    default = declared.argument(0, "default") if declared.maker != "dataclasses.field" else (
        declared.kwargs.get("default")
    )  # fmt: skip
    is_required = isinstance(default, Unknown) and "Ellipsis" in default.reason
    return None if is_required else default


_FIELD_MAKERS = frozenset({
    "pydantic.Field", "pydantic.fields.Field", "dataclasses.field", "attr.ib", "attrs.field",
    "pydantic.v1.Field",
})  # fmt: skip


@external(*_FIELD_MAKERS)
def _field(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return Made(name, arguments.args, arguments.kwargs, (), arguments.more)


def _field_variable(name: str, declared: Abstract | None, prefix: str) -> str:
    if isinstance(declared, Made):
        for keyword in ("validation_alias", "alias", "env"):
            alias = text(declared.kwargs.get(keyword))
            if alias:
                return alias
    return f"{prefix}{name}".upper()


def _env_prefix(cls: Class) -> str:
    for ancestor in cls.ancestors():
        if not isinstance(ancestor, Class):
            continue
        config = ancestor.names.get("model_config")
        if isinstance(config, Mapping) and "env_prefix" in config.entries:
            return text(config.entries["env_prefix"]) or ""
        if isinstance(config, Made) and "env_prefix" in config.kwargs:
            return text(config.kwargs["env_prefix"]) or ""
        inner = ancestor.names.get("Config")
        if isinstance(inner, Class) and "env_prefix" in inner.names:
            return text(unmember(inner.names["env_prefix"])) or ""
    return ""


@external("pydantic_settings.SettingsConfigDict", "pydantic.ConfigDict")
def _config_dict(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    return Mapping(dict(arguments.kwargs), (), arguments.more)
