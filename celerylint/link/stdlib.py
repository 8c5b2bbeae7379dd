"""Python's builtins and the parts of its standard library that configurations use."""

from __future__ import annotations

import builtins
import os.path
import urllib.parse
from datetime import timedelta
from operator import attrgetter
from typing import Any

from celerylint.link import plain
from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Class,
    External,
    Function,
    Instance,
    Items,
    Known,
    Made,
    Mapping,
    Method,
    ModuleValue,
    Partial,
    Unknown,
    Wrapped,
    resolved,
    variables_of,
    with_variables,
)
from celerylint.link.compute import (
    derived,
    either,
    enum_mixin,
    hashable_key,
    maybe_missing,
    present_entries,
    pure,
    size_of,
    unmember,
)
from celerylint.link.interpreter import Interpreter
from celerylint.link.natives import Arguments, Native
from celerylint.link.registry import external, text
from celerylint.model.place import Place

_MOST_RANGE = 10_000


def _nothing_to_go_on(place: Place) -> Unknown:
    return Unknown(f"what the call returns cannot be told ({place})")


@external("builtins.int", "builtins.float", "builtins.bool", "builtins.str", "builtins.abs",
          "builtins.round", "builtins.repr", "builtins.ord", "builtins.chr")  # fmt: skip
def _scalar(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """``int(x)`` and its like."""
    name = name.rpartition(".")[2]
    if arguments.more is not None or arguments.kwargs:
        return _nothing_to_go_on(place)
    if not arguments.args:
        return Known(getattr(builtins, name)()) if name in _EMPTY else _nothing_to_go_on(place)
    if name == "bool":
        verdict, variables = interpreter.truth(arguments.args[0])
        if verdict is not None:
            return Known(verdict, arguments.args[0].trail, variables)
    return pure(getattr(builtins, name), *arguments.args, place=place)


_EMPTY = ("int", "float", "bool", "str")


@external("builtins.len")
def _len(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    value = arguments.get(0, "")
    if isinstance(value, (Items, Mapping)):
        return size_of(value)
    if isinstance(value, Class) and enum_mixin(value) is not None:
        return Known(len(interpreter.iterate(value)[0]))
    return pure(len, value, place=place) if value is not None else _nothing_to_go_on(place)


@external("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset",
          "builtins.sorted", "builtins.reversed")  # fmt: skip
def _sequence(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """``list(x)`` and its like."""
    kind = name.rpartition(".")[2]
    if not arguments.args:
        return Items(kind, ())
    items, more = interpreter.iterate(arguments.args[0])
    if kind == "sorted":
        known = [item for item in map(unmember, items) if isinstance(item, Known)]
        if len(known) < len(items) or arguments.kwargs:
            return Items("list", (), (), Unknown(f"its order cannot be told ({place})"))
        try:
            items = tuple(sorted(known, key=attrgetter("value")))
        except TypeError:
            return _nothing_to_go_on(place)
        kind = "list"
    if kind == "reversed":
        items, kind = tuple(reversed(items)), "list"
    return Items(kind, items, (), more)


@external("builtins.dict", "collections.OrderedDict")
def _dict(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    result = Mapping()
    for source in arguments.args:
        interpreter.update(result, source)
    result.entries.update(arguments.kwargs)
    if arguments.more is not None:
        result.cell["open"] = arguments.more
    return result


@external("builtins.dict.fromkeys")
def _fromkeys(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    keys, more = interpreter.iterate(arguments.get(0, "iterable") or Items("list", ()))
    value = arguments.get(1, "value") or Known(None)
    result = Mapping({}, (), more)
    for key in map(hashable_key, map(unmember, keys)):
        if key is None:
            result.cell["open"] = Unknown(f"a key of it cannot be told ({place})")
        else:
            result.entries[key] = value
    return result


@external("types.SimpleNamespace")
def _namespace(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return Made(name, (), arguments.kwargs, (), arguments.more)


@external("collections.defaultdict")
def _defaultdict(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    return Mapping(dict(arguments.kwargs), (), Unknown(f"it is a defaultdict ({place})"))


@external("builtins.range")
def _range(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    numbers = [a.value for a in arguments.args if isinstance(a, Known) and type(a.value) is int]
    if len(numbers) < len(arguments.args) or not 1 <= len(numbers) <= 3:
        return _nothing_to_go_on(place)
    if len(numbers) == 3 and numbers[2] == 0:
        return _nothing_to_go_on(place)
    span = range(*numbers)
    if len(span) > _MOST_RANGE:
        return _nothing_to_go_on(place)
    return Items("list", tuple(Known(number) for number in span))


@external("builtins.enumerate")
def _enumerate(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    if len(arguments.args) != 1 or arguments.kwargs:
        return _nothing_to_go_on(place)
    items, more = interpreter.iterate(arguments.args[0])
    pairs = tuple(Items("tuple", (Known(n), item)) for n, item in enumerate(items))
    return Items("list", pairs, (), more)


@external("builtins.zip")
def _zip(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    columns = [interpreter.iterate(arg) for arg in arguments.args]
    more = next((open_ for _, open_ in columns if open_ is not None), None)
    rows = zip(*(items for items, _ in columns), strict=False)
    return Items("list", tuple(Items("tuple", row) for row in rows), (), more)


@external("builtins.max", "builtins.min", "builtins.sum")
def _fold(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """``max``, ``min`` and ``sum`` of known numbers."""
    name = name.rpartition(".")[2]
    values = arguments.args
    if arguments.more is not None or arguments.kwargs or not values:
        return _nothing_to_go_on(place)
    if len(values) == 1 or name == "sum":
        items, more = interpreter.iterate(values[0])
        if more is not None:
            return _nothing_to_go_on(place)
        values = (*items, *values[1:]) if name == "sum" else items
    function = getattr(builtins, name)
    return pure(lambda *numbers: function(numbers), *values, place=place)


@external("builtins.getattr")
def _getattr(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    attribute = text(arguments.get(1, ""))
    if attribute is None or not arguments.args:
        return _nothing_to_go_on(place)
    found = interpreter.attribute(arguments.args[0], attribute, place)
    found = with_variables(found, variables_of(unmember(resolved(arguments.args[1]))))
    if not isinstance(found, Unknown) or len(arguments.args) < 3:
        return found
    owner = arguments.args[0]
    if isinstance(owner, (Class, Instance)) or (
        isinstance(owner, Native) and owner.lacks(attribute)
    ):
        return arguments.args[2]
    if isinstance(owner, ModuleValue) and not owner.file.open and not owner.file.stars:
        return arguments.args[2]
    return found


@external("builtins.setattr")
def _setattr(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    attribute = text(arguments.get(1, ""))
    if attribute is not None and len(arguments.args) == 3:
        interpreter.set_attribute(arguments.args[0], attribute, arguments.args[2], place)
    elif arguments.args and isinstance(arguments.args[0], ModuleValue):
        file = arguments.args[0].file
        file.open = Unknown(f"names of {file.shown} are set in ways that cannot be told ({place})")
    return Known(None)


@external("builtins.isinstance")
def _isinstance(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    if len(arguments.args) != 2:
        return _nothing_to_go_on(place)
    value, wanted = unmember(arguments.args[0]), arguments.args[1]
    classes = wanted.items if isinstance(wanted, Items) else (wanted,)
    kinds = [_builtin_class(cls) for cls in classes]
    sample = _like(value)
    if sample is None or None in kinds:
        return _nothing_to_go_on(place)
    matches = any(isinstance(sample, kind) for kind in kinds if kind is not None)
    variables = value.variables if isinstance(value, Known) else ()
    return Known(matches, (), variables)


def _builtin_class(value: Abstract) -> type | None:
    name = value.name if isinstance(value, External) else ""
    module, _, attribute = name.rpartition(".")
    found = getattr(builtins, attribute, None) if module == "builtins" else None
    return found if isinstance(found, type) else None


def _like(value: Abstract) -> object:
    """An object of the same builtin class; None where the class cannot be told."""
    if isinstance(value, Known):
        return value.value
    if isinstance(value, Items):
        return getattr(builtins, value.kind)()
    return {} if isinstance(value, Mapping) else None


@external("builtins.callable")
def _callable(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    value = arguments.get(0, "")
    if isinstance(value, (Function, Wrapped, Class, Partial)):
        return Known(True)
    if isinstance(value, (Known, Items, Mapping)):
        return Known(False)
    return _nothing_to_go_on(place)


@external("builtins.map")
def _map(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    if len(arguments.args) != 2:
        return _nothing_to_go_on(place)
    items, more = interpreter.iterate(arguments.args[1])
    function = arguments.args[0]
    results = tuple(interpreter.call(function, Arguments((item,)), place) for item in items)
    return Items("list", results, (), more)


@external("builtins.property", "builtins.staticmethod", "builtins.classmethod",
          "functools.cached_property", "functools.lru_cache", "functools.cache",
          "typing.cast", "typing.final", "abc.abstractmethod", "typing.overload",
          "pydantic.computed_field", "typing.no_type_check",
          "functools.wraps", "contextlib.contextmanager")  # fmt: skip
def _wrapper(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """Decorators that give the function back, or a descriptor of it."""
    short = name.rpartition(".")[2]
    if short == "cast":
        return arguments.args[1] if len(arguments.args) == 2 else _nothing_to_go_on(place)
    target = arguments.args[0] if arguments.args else None
    if short == "wraps":
        return Partial(External("celerylint.wraps"), (), {"named": target or MISSING})
    if not isinstance(target, (Function, Wrapped)):
        # `@lru_cache(maxsize=1)`: the call makes the decorator.
        return External(name) if not arguments.args else _nothing_to_go_on(place)
    if short == "contextmanager":
        return Wrapped(target, "it is a context manager")
    if isinstance(target, Function):
        kinds = {"property": "property", "cached_property": "property",
                 "staticmethod": "staticmethod", "classmethod": "classmethod"}  # fmt: skip
        if short in kinds:
            target.kind = kinds[short]
    return target


@external("celerylint.wraps")
def _wraps(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    """The second call of ``functools.wraps(named)(function)``."""
    function, named = arguments.get(0, ""), arguments.kwargs.get("named")
    if isinstance(function, Function):
        inner = named
        while isinstance(inner, Wrapped):
            inner = inner.function
        if isinstance(inner, Function):
            function.named = inner.named
        elif inner is not None:
            function.named = inner
        return function
    return function if function is not None else _nothing_to_go_on(place)


@external("functools.partial")
def _partial(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    if not arguments.args or arguments.more is not None:
        return _nothing_to_go_on(place)
    return Partial(arguments.args[0], arguments.args[1:], arguments.kwargs)


@external("datetime.timedelta")
def _timedelta(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    if arguments.more is not None:
        return _nothing_to_go_on(place)
    names = list(arguments.kwargs)
    values = [*arguments.args, *arguments.kwargs.values()]
    count = len(arguments.args)

    def make(*numbers: Any) -> timedelta:
        return timedelta(*numbers[:count], **dict(zip(names, numbers[count:], strict=True)))

    return pure(make, *values, place=place)


@external("os.path.join", "os.path.dirname", "os.path.abspath", "os.path.basename")
def _path_function(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    """Pure functions of paths."""
    return pure(getattr(os.path, name.rpartition(".")[2]), *arguments.args, place=place)


@external("pathlib.Path")
def _path(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    if not arguments.args:
        return Unknown(f"the current directory cannot be told ({place})")
    joined = pure(lambda *parts: os.path.join(*parts), *arguments.args, place=place)
    return PathObject(joined) if isinstance(joined, Known) else joined


class PathObject(Native):
    """A ``pathlib.Path`` whose text is known."""

    __slots__ = ("path",)

    def __init__(self, path: Known) -> None:
        super().__init__(path.trail)
        self.path = path

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        if name == "parent":
            return PathObject(derived(os.path.dirname(self.path.value), self.path))
        if name == "name":
            return derived(os.path.basename(self.path.value), self.path)
        return Method(self, name)

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        if name in ("resolve", "absolute"):
            return self
        if name == "joinpath" or (name == "operator /" and arguments.args):
            part = arguments.args[0]
            if isinstance(part, Known) and isinstance(part.value, str):
                return PathObject(derived(os.path.join(self.path.value, part.value), self.path))
        return _nothing_to_go_on(place)


@external("re.compile")
def _compile(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return Made("re.compile", arguments.args, arguments.kwargs, (), arguments.more)


@external("enum.auto")
def _auto(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    return Made("enum.auto", (), {})


@external("copy.copy", "copy.deepcopy")
def _copy(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    value = arguments.get(0, "")
    return copy(value) if value is not None else _nothing_to_go_on(place)


def copy(value: Abstract) -> Abstract:
    """A copy of a container: later changes to one do not show in the other."""
    if isinstance(value, Mapping):
        entries = {key: copy(item) for key, item in value.entries.items()}
        return Mapping(entries, value.trail, value.open)
    if isinstance(value, Items):
        return Items(value.kind, value.items, value.trail, value.open)
    return value


@external(
    *("urllib.parse.quote", "urllib.parse.quote_plus"),
    *("urllib.parse.unquote", "urllib.parse.unquote_plus"),
    *("requests.compat.quote", "requests.compat.quote_plus"),
)
def _quote(interpreter: Interpreter, name: str, arguments: Arguments, place: Place) -> Abstract:
    function = getattr(urllib.parse, name.rpartition(".")[2])
    names = tuple(arguments.kwargs)
    values = (*arguments.args, *arguments.kwargs.values())
    count = len(arguments.args)

    def quoted(*given: Any) -> Any:
        return function(*given[:count], **dict(zip(names, given[count:], strict=True)))

    return pure(quoted, *values, place=place)


@external("importlib.import_module")
def _import_module(
    interpreter: Interpreter, name: str, arguments: Arguments, place: Place
) -> Abstract:
    module = text(arguments.get(0, "name"))
    file = interpreter.modules.resolve(module) if module is not None else None
    return ModuleValue(file) if file is not None else _nothing_to_go_on(place)


def method(interpreter: Interpreter, bound: Method, arguments: Arguments, place: Place) -> Abstract:
    """A method of a plain value, list or dict."""
    owner = bound.owner
    if isinstance(owner, Known):
        return _plain_method(interpreter, owner, bound.name, arguments, place)
    if isinstance(owner, Mapping):
        return _mapping_method(interpreter, owner, bound.name, arguments, place)
    if isinstance(owner, Items):
        return _items_method(interpreter, owner, bound.name, arguments, place)
    return _nothing_to_go_on(place)


def _plain_method(
    interpreter: Interpreter, owner: Known, name: str, arguments: Arguments, place: Place
) -> Abstract:
    args: list[Known] = []
    for argument in arguments.args:
        value = unmember(argument)
        if isinstance(value, Items) and not value.open and name in ("join", "startswith",
                                                                    "endswith"):  # fmt: skip
            inner = [unmember(item) for item in value.items]
            known = [item for item in inner if isinstance(item, Known)]
            if len(known) < len(inner):
                return _nothing_to_go_on(place)
            args.append(derived(tuple(item.value for item in known), *known))
        elif isinstance(value, Known):
            args.append(value)
        else:
            return _nothing_to_go_on(place)
    keywords = {key: unmember(value) for key, value in arguments.kwargs.items()}
    if arguments.more is not None or not all(isinstance(v, Known) for v in keywords.values()):
        return _nothing_to_go_on(place)
    known_keywords = {k: v for k, v in keywords.items() if isinstance(v, Known)}
    try:
        result = plain.method(
            owner.value,
            name,
            tuple(argument.value for argument in args),
            {key: value.value for key, value in known_keywords.items()},
        )
    except plain.CannotCompute as error:
        return Unknown(f"{error} ({place})", (), owner.variables)
    operands = (owner, *args, *known_keywords.values())
    if isinstance(result, (list, tuple)):
        kind = "list" if isinstance(result, list) else "tuple"
        return Items(kind, (derived(item, *operands) for item in result))
    return derived(result, *operands)


def _mapping_method(
    interpreter: Interpreter, owner: Mapping, name: str, arguments: Arguments, place: Place
) -> Abstract:
    if name in ("get", "pop", "setdefault"):
        return _mapping_lookup(interpreter, owner, name, arguments, place)
    if name == "update":
        for source in arguments.args:
            interpreter.update(owner, source)
        if arguments.kwargs or arguments.more is not None:
            interpreter.update(owner, Mapping(arguments.kwargs, (), arguments.more))
        return Known(None)
    if name == "copy":
        return copy(owner)
    if name in ("items", "keys", "values"):
        present, more = present_entries(owner)
        keys, values = map(Known, present), map(resolved, present.values())
        if name == "items":
            pairs = zip(keys, values, strict=True)
            return Items("list", (Items("tuple", pair) for pair in pairs), (), more)
        return Items("list", keys if name == "keys" else values, (), more)
    if name == "clear":
        for key in list(owner.entries):
            interpreter.heap.delete(owner.entries, key)
        return Known(None)
    return _nothing_to_go_on(place)


def _mapping_lookup(
    interpreter: Interpreter, owner: Mapping, name: str, arguments: Arguments, place: Place
) -> Abstract:
    wanted = unmember(arguments.args[0]) if arguments.args else MISSING
    key = hashable_key(wanted)
    if key is None and not isinstance(wanted, Known):
        return _nothing_to_go_on(place)
    fallback = arguments.args[1] if len(arguments.args) > 1 else Known(None)
    variables = variables_of(wanted)
    found = owner.entries.get(key)
    if found is None:
        result: Abstract = with_variables(owner.open or fallback, variables)
        if name == "setdefault" and not owner.open:
            interpreter.heap.store(owner.entries, key, fallback)
        return result
    if name == "pop":
        interpreter.heap.delete(owner.entries, key)
    found = resolved(found)
    if not maybe_missing(found):
        return with_variables(found, variables)
    found = either(found, fallback)
    if name == "setdefault":
        interpreter.heap.store(owner.entries, key, found)
    return found


def _items_method(
    interpreter: Interpreter, owner: Items, name: str, arguments: Arguments, place: Place
) -> Abstract:
    heap = interpreter.heap
    if name in ("append", "add") and arguments.args:
        heap.store(owner.cell, "items", (*owner.items, arguments.args[0]))
        return Known(None)
    if name in ("extend", "update") and arguments.args:
        items, more = interpreter.iterate(arguments.args[0])
        heap.store(owner.cell, "items", (*owner.items, *items))
        if more is not None and not owner.open:
            heap.store(owner.cell, "open", more)
        return Known(None)
    if name == "insert" and len(arguments.args) == 2:
        heap.store(owner.cell, "items", (arguments.args[1], *owner.items))
        return Known(None)
    if name == "copy":
        return copy(owner)
    if name == "union" and arguments.args:
        items, more = interpreter.iterate(arguments.args[0])
        return Items(owner.kind, (*owner.items, *items), (), owner.open or more)
    if name in ("remove", "pop", "clear", "sort", "reverse", "discard") and not owner.open:
        heap.store(owner.cell, "open", Unknown(f"an element is removed ({place})"))
    return _nothing_to_go_on(place)
