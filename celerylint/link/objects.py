"""Objects: what their attributes and elements are, and what calling them gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from celerylint.link import plain
from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Class,
    EnumMember,
    External,
    Function,
    Instance,
    Items,
    Known,
    Made,
    Mapping,
    Method,
    Missing,
    ModuleValue,
    OneOf,
    Partial,
    Scope,
    Unknown,
    Wrapped,
    join,
    options_of,
    resolved,
    variables_of,
    with_variables,
)
from celerylint.link.compute import (
    MOST_ITERATIONS,
    bind_parameters,
    either,
    enum_mixin,
    hashable_key,
    joined_returns,
    maybe_missing,
    members_variables,
    present,
    present_entries,
    spoil,
    unmember,
    with_origin,
)
from celerylint.link.heap import Heap
from celerylint.link.modules import ModuleFile, Modules
from celerylint.link.natives import Arguments, Flow, Native, Super, World
from celerylint.model.place import Place
from celerylint.model.project import Crash
from celerylint.read import syntax as s

if TYPE_CHECKING:
    from celerylint.link.interpreter import Interpreter

_DEEPEST_CALL = 25


class Objects:
    """Objects: what their attributes and elements are, and what calling them gives."""

    def __init__(
        self, modules: Modules, world: World, relevant: Callable[[ModuleFile], bool]
    ) -> None:
        self.modules = modules
        self.world = world
        self.relevant = relevant
        """Whether a module may define or configure something of Celery's"""
        self.heap = Heap()
        self.doubt = 0
        """How many undecided branches surround the statement being executed"""
        self.crashes: list[Crash] = []
        self.is_glancing = False
        """Whether this is a look at a body that is not executed"""
        self.ran: set[int] = set()
        """The functions that have been called, by the ``id`` of their nodes"""
        self._stays_near = False
        """Whether calls into modules that have nothing to do with Celery are left out"""
        self._steps = 0
        self._depth = 0
        self._active: list[int] = []

    @property
    def _whole(self) -> Interpreter:
        """The interpreter that this is a layer of."""
        return cast("Interpreter", self)

    # What the layers above provide

    def assign(
        self, target: Any, value: Abstract, scope: Scope, whole: Place | None = None
    ) -> None:
        raise NotImplementedError

    def execute(self, statements: Iterable[Any], scope: Scope) -> Flow:
        raise NotImplementedError

    def evaluate(self, node: Any, scope: Scope) -> Abstract:
        raise NotImplementedError

    def run_module(self, file: ModuleFile) -> None:
        raise NotImplementedError

    def module_attribute(self, file: ModuleFile, name: str, place: Place) -> Abstract:
        raise NotImplementedError

    def attribute(self, owner: Abstract, name: str, place: Place) -> Abstract:
        """``owner.name``"""
        owner = resolved(owner)
        if isinstance(owner, OneOf):
            return self._each(owner, lambda option: self.attribute(option, name, place))
        if isinstance(owner, ModuleValue):
            if name == "__dict__":
                self.run_module(owner.file)
                return Mapping(dict(owner.file.scope.names))
            return self.module_attribute(owner.file, name, place)
        if isinstance(owner, External):
            return self.world.external_attribute(self._whole, owner, name, place)
        if isinstance(owner, Native):
            return owner.get(self._whole, name, place)
        if isinstance(owner, Instance):
            return self.instance_attribute(owner, owner.attributes, owner.cls, name, place)
        if isinstance(owner, Class):
            found = self.class_attribute(owner, name, place)
            is_bound = isinstance(found, Function) and found.kind == "classmethod"
            return found.bind(owner) if isinstance(found, Function) and is_bound else found
        if isinstance(owner, EnumMember):
            return self._enum_attribute(owner, name)
        if isinstance(owner, Super):
            return self._super_attribute(owner, name, place)
        if isinstance(owner, Made):
            return self.world.made_attribute(self._whole, owner, name, place)
        if isinstance(owner, (Function, Wrapped)):
            return self._function_attribute(owner, name, place)
        if isinstance(owner, Unknown):
            return type(owner)(owner.reason, owner.trail, owner.variables)
        return Method(owner, name)

    def _each(self, value: OneOf, apply: Callable[[Abstract], Abstract]) -> Abstract:
        result: Abstract | None = None
        for option in value.options:
            if isinstance(option, Missing):
                continue
            applied = apply(option)
            result = applied if result is None else join(result, applied)
        return result if result is not None else Unknown("nothing is bound there")

    def _enum_attribute(self, member: EnumMember, name: str) -> Abstract:
        if name == "value":
            return member.value
        if name == "name":
            return Known(member.name, member.trail)
        if name == "label":
            return Unknown("the label of an enumeration member")
        if member.mixin:
            return Method(member.value, name)
        return Unknown(f"`.{name}` of an enumeration member cannot be told")

    def _function_attribute(self, function: Abstract, name: str, place: Place) -> Abstract:
        inner = function
        while isinstance(inner, Wrapped):
            inner = inner.function
        if name == "__wrapped__" and isinstance(inner, Function):
            return inner.named
        if isinstance(inner, Function):
            if name in inner.attributes:
                return inner.attributes[name]
            if name == "__name__" and isinstance(inner.named, Function):
                return Known(inner.named.name, inner.trail)
            if name == "__module__" and isinstance(inner.named, Function):
                return Known(inner.named.scope.module.name, inner.trail)
        return Unknown(f"`.{name}` of a function cannot be told ({place})")

    def class_attribute(self, cls: Class, name: str, place: Place) -> Abstract:
        for ancestor in cls.ancestors():
            if isinstance(ancestor, Class):
                found = ancestor.names.get(name)
                if found is not None:
                    member = self._enum_member(cls, name, resolved(found))
                    return with_variables(member, cls.variables)
            else:
                outside = self.world.instance_attribute(self._whole, cls, cls, name, place)
                if outside is not None:
                    return outside
        if name in ("__name__", "__qualname__"):
            return Known(cls.name)
        if name == "__module__":
            return Known(cls.module.name)
        return Unknown(
            f"`{cls.name}.{name}` is not defined as far as celerylint can tell ({place})"
        )

    def _enum_member(self, cls: Class, name: str, value: Abstract) -> Abstract:
        mixin = enum_mixin(cls)
        if mixin is None or name.startswith("_") or isinstance(value, (Function, Class, Wrapped)):
            return value
        if isinstance(value, Items) and value.kind == "tuple" and value.items and mixin:
            value = value.items[0]
        if isinstance(value, Made) and value.maker == "enum.auto":
            value = self._enum_auto(cls, name, mixin)
        return EnumMember(cls, name, value, mixin)

    def _enum_auto(self, cls: Class, name: str, mixin: str) -> Abstract:
        """``enum.auto()``: one more than the largest value before it, or the name in lower case
        for members that are strings."""
        if mixin == "str":
            return Known(name.lower())
        largest = 0
        for member, declared in cls.names.items():
            value = resolved(declared)
            if isinstance(value, Made) and value.maker == "enum.auto":
                largest += 1
            elif isinstance(value, Known) and type(value.value) is int:
                largest = max(largest, value.value)
            if member == name:
                break
        return Known(largest)

    def instance_attribute(
        self,
        owner: Abstract,
        attributes: dict[str, Abstract],
        cls: Class,
        name: str,
        place: Place,
    ) -> Abstract:
        found = attributes.get(name)
        if found is not None and not (isinstance(found, OneOf) and MISSING in found.options):
            return with_variables(found, cls.variables)
        if name == "__class__":
            return cls
        value = self.class_attribute(cls, name, place)
        if isinstance(value, Function) and value.kind == "property":
            value = self.call_function(value.bind(owner), Arguments(), place)
        elif isinstance(value, Function) and value.kind == "classmethod":
            value = value.bind(cls)
        elif isinstance(value, Function) and value.kind != "staticmethod":
            value = value.bind(owner)
        if isinstance(value, Unknown) and "is not defined" in value.reason:
            getter = self.find_method(cls, "__getattr__")
            if getter is not None:
                return self.call_function(getter.bind(owner), Arguments((Known(name),)), place)
        return value if found is None else join(found, value)

    def find_method(self, cls: Class, name: str) -> Function | None:
        for ancestor in cls.ancestors():
            if isinstance(ancestor, Class):
                found = resolved(ancestor.names.get(name, MISSING))
                if isinstance(found, Function):
                    return found
        return None

    def _super_attribute(self, proxy: Super, name: str, place: Place) -> Abstract:
        owner = proxy.owner
        cls = owner if isinstance(owner, Class) else getattr(owner, "cls", None)
        line = cls.ancestors() if isinstance(cls, Class) else proxy.cls.ancestors()
        after = line[line.index(proxy.cls) + 1 :] if proxy.cls in line else line[1:]
        for ancestor in after:
            if isinstance(ancestor, Class) and name in ancestor.names:
                value = resolved(ancestor.names[name])
                return value.bind(owner) if isinstance(value, Function) else value
            if isinstance(ancestor, External) and isinstance(owner, Native):
                return Method(owner, name)
        if name == "__init__":
            return External("builtins.object.__init__")
        return Unknown(f"`super().{name}` cannot be told ({place})")

    def index(self, owner: Abstract, key: Abstract, place: Place) -> Abstract:
        """``owner[key]``"""
        if isinstance(owner, OneOf):
            return self._each(owner, lambda option: self.index(option, key, place))
        key = unmember(key)
        if isinstance(owner, Native):
            return owner.index(self._whole, key, place)
        if isinstance(owner, Mapping) and isinstance(key, Known):
            found = owner.entries.get(key.value)
            if found is not None:
                # Where it is missing, nothing comes of it.
                return with_variables(present(resolved(found)), key.variables)
            reason = f"there is no such key ({place})"
            return owner.open or Unknown(reason, (), key.variables)
        if isinstance(owner, Items) and isinstance(key, Known) and type(key.value) is int:
            in_range = -len(owner.items) <= key.value < len(owner.items)
            if in_range and not owner.open and not any(map(maybe_missing, owner.items)):
                return with_variables(owner.items[key.value], key.variables)
        if isinstance(owner, Items) and isinstance(key, Known) and type(key.value) is slice:
            whole = not owner.open and key.value.step != 0
            return Items(owner.kind, owner.items[key.value] if whole else (), (), owner.open)
        if isinstance(owner, Class) and enum_mixin(owner) is not None and isinstance(key, Known):
            found = self.class_attribute(owner, str(key.value), place)
            return with_variables(found, key.variables)
        if isinstance(owner, Known) and isinstance(key, Known):
            try:
                both = (*owner.variables, *key.variables)
                return Known(owner.value[key.value], owner.trail, both)
            except Exception:
                return Unknown(f"there is no such element ({place})", (), owner.variables)
        if isinstance(owner, External):
            # `Task[P, R]`, `list[int]`: the class, with its type parameters.
            return self.world.external_attribute(self._whole, owner, "__getitem__", place)
        if isinstance(owner, Class):
            return owner
        if isinstance(owner, Unknown):
            return Unknown(owner.reason, owner.trail, owner.variables)
        return Unknown(f"the element cannot be told ({place})")

    def set_attribute(self, owner: Abstract, name: str, value: Abstract, place: Place) -> None:
        """``owner.name = value``"""
        self.world.kept(value)
        placed = with_origin(value, f".{name} = ", place)
        for option in options_of(owner):
            if isinstance(option, Native):
                option.set(self._whole, name, placed, place)
            elif isinstance(option, Instance):
                self.heap.store(option.attributes, name, value)
            elif isinstance(option, Class):
                self.heap.store(option.names, name, value)
            elif isinstance(option, Function):
                self.heap.store(option.attributes, name, value)
            elif isinstance(option, ModuleValue):
                self.heap.store(option.file.scope.names, name, value)

    def set_index(self, owner: Abstract, key: Abstract, value: Abstract, place: Place) -> None:
        """``owner[key] = value``"""
        self.world.kept(value)
        key = unmember(key)
        text = plain.shown(key.value) if isinstance(key, Known) else "..."
        value = with_origin(value, f"[{text}] = ", place)
        for option in options_of(owner):
            if isinstance(option, Native):
                option.set_index(self._whole, key, value, place)
            elif isinstance(option, Mapping):
                if isinstance(key, Known):
                    self.heap.store(option.entries, key.value, value)
                else:
                    self.open_up(option.cell, Unknown(f"a key of it cannot be told ({place})"))
            elif isinstance(option, Items):
                self.open_up(option.cell, Unknown(f"an element is replaced ({place})"))

    def call(self, func: Abstract, arguments: Arguments, place: Place) -> Abstract:
        """``func(*arguments)``"""
        func = resolved(func)
        if isinstance(func, OneOf):
            with self._doubting():
                return self._each(func, lambda option: self.call(option, arguments, place))
        if isinstance(func, Function):
            return self.call_function(func, arguments, place)
        if isinstance(func, Class):
            return self.instantiate(func, arguments, place)
        if isinstance(func, External):
            return self.world.call_external(self._whole, func.name, arguments, place)
        if isinstance(func, Method):
            if isinstance(func.owner, Native):
                return func.owner.invoke(self._whole, func.name, arguments.resolved(), place)
            return self.world.call_method(self._whole, func, arguments.resolved(), place)
        if isinstance(func, Native):
            return func.call(self._whole, arguments.resolved(), place)
        if isinstance(func, Partial):
            merged = {**func.kwargs, **arguments.kwargs}
            args = (*func.args, *arguments.args)
            return self.call(func.func, Arguments(args, merged, arguments.more), place)
        if isinstance(func, Instance):
            method = self.find_method(func.cls, "__call__")
            if method is not None:
                return self.call_function(method.bind(func), arguments, place)
        if isinstance(func, Unknown):
            return Unknown(func.reason, (), func.variables)
        return Unknown(f"what the call returns cannot be told ({place})")

    def instantiate(self, cls: Class, arguments: Arguments, place: Place) -> Abstract:
        """``Class(...)``"""
        if enum_mixin(cls) is not None:
            return self._enum_lookup(cls, arguments, place)
        made = self.world.make_instance(self._whole, cls, arguments, place)
        if made is not None:
            return made
        instance = Instance(cls)
        initialise = self.find_method(cls, "__init__")
        if initialise is not None:
            self.call_function(initialise.bind(instance), arguments, place)
        return instance

    def _enum_lookup(self, cls: Class, arguments: Arguments, place: Place) -> Abstract:
        wanted = arguments.get(0, "value")
        for name in list(cls.names):
            member = self.class_attribute(cls, name, place)
            if (
                isinstance(member, EnumMember)
                and isinstance(member.value, Known)
                and isinstance(wanted, Known)
                and member.value.value == wanted.value
            ):
                return with_variables(member, wanted.variables)
        return Unknown(f"which member of {cls.name} it is cannot be told ({place})")

    def call_function(self, func: Function, arguments: Arguments, place: Place) -> Abstract:
        """Call a function of the project: run its body on the arguments."""
        node = func.node
        if self._depth >= _DEEPEST_CALL or self._active.count(id(node)) >= 3:
            return Unknown(f"the calls are nested too deeply ({place})")
        if isinstance(node, s.Function) and (node.is_async or node.is_generator):
            return Unknown(f"it is an async function or a generator ({place})")
        if func.bound is not None and func.kind != "staticmethod":
            arguments = arguments.prepend(func.bound)
        scope = Scope(func.scope.module, "function", func.scope)
        scope.owner = func.scope.owner if func.scope.kind == "class" else None
        scope.bound = func.bound
        bind_parameters(scope.names, node.parameters, func.defaults, arguments, place)
        self._depth += 1
        self._active.append(id(node))
        self.ran.add(id(node))
        try:
            if isinstance(node, s.Lambda):
                return self.evaluate(node.body, scope)
            flow = self.execute(node.body, scope)
        finally:
            self._depth -= 1
            self._active.pop()
        if Flow.NEXT in flow:
            scope.returned.append((Known(None), scope.elsewhere))
        result = joined_returns(scope)
        self.world.kept(result)
        return result

    def update(self, target: Mapping, source: Abstract) -> None:
        """``target.update(source)``"""
        if isinstance(source, Items):
            source = self.pairs_to_mapping(source)
        if isinstance(source, OneOf) and all(isinstance(o, Mapping) for o in source.options):
            source = one_mapping(source.options)
        if isinstance(source, Mapping):
            for key, value in source.entries.items():
                if isinstance(value, OneOf) and MISSING in value.options:
                    value = join(value, target.entries.get(key, MISSING))
                self.heap.store(target.entries, key, value)
            more = source.open
        else:
            reason = "what it is updated with cannot be told"
            if isinstance(source, Unknown):
                reason = source.reason
            more = Unknown(reason, variables=variables_of(source))
        if more is not None:
            for key in list(target.entries):
                if not isinstance(source, Mapping) or key not in source.entries:
                    self.heap.store(target.entries, key, more)
            self.open_up(target.cell, more)

    def pairs_to_mapping(self, source: Items) -> Mapping:
        """``dict([(key, value), ...])``"""
        result = Mapping(more=source.open)
        for item in source.items:
            pair = item.items if isinstance(item, Items) else ()
            key = hashable_key(unmember(pair[0])) if len(pair) == 2 else None
            if key is None:
                result.cell["open"] = Unknown("a key of it cannot be told")
            else:
                result.entries[key] = pair[1]
        return result

    def merge_into(self, result: Mapping, value: Abstract) -> None:
        """Add the entries of a dict to a new one."""
        if isinstance(value, OneOf) and all(isinstance(o, Mapping) for o in value.options):
            value = one_mapping(value.options)
        if isinstance(value, Mapping):
            for key, item in value.entries.items():
                item = resolved(item)
                if maybe_missing(item) and key in result.entries:
                    item = either(item, result.entries[key])
                result.entries[key] = item
            result.cell["open"] = result.open or value.open
            return
        reason = value.reason if isinstance(value, Unknown) else "what is merged into it"
        spoil(result.entries, reason)
        result.cell["open"] = Unknown(reason)

    def open_up(self, cell: dict[str, Any], more: Unknown | None) -> None:
        if more is not None and cell["open"] is None:
            self.heap.store(cell, "open", more)

    def truth(self, value: Abstract) -> tuple[bool | None, tuple[str, ...]]:
        """Whether a value is true; None where it cannot be told. The variables may change it."""
        value = unmember(value)
        if isinstance(value, Known):
            return bool(value.value), value.variables
        if isinstance(value, (Items, Mapping)):
            members = value.items if isinstance(value, Items) else value.entries.values()
            variables = members_variables(value)
            if any(not maybe_missing(member) for member in members):
                return True, variables
            return (None if value.open or members else False), variables
        if isinstance(value, (Function, Class, ModuleValue, Partial, Wrapped)):
            return True, ()
        if isinstance(value, OneOf):
            verdicts = {self.truth(option)[0] for option in value.options}
            return (verdicts.pop() if len(verdicts) == 1 else None), ()
        return None, variables_of(value)

    def iterate(self, value: Abstract) -> tuple[tuple[Abstract, ...], Unknown | None]:
        """The elements of an iterable, and why there may be more."""
        if isinstance(value, Items):
            present = tuple(resolved(item) for item in value.items if not maybe_missing(item))
            more = value.open
            if len(present) < len(value.items):
                more = more or Unknown("an element is there only in some cases")
            return present, more
        if isinstance(value, Mapping):
            entries, more = present_entries(value)
            return tuple(Known(key) for key in entries), more
        if isinstance(value, Known) and isinstance(value.value, str):
            return tuple(Known(character) for character in value.value[:MOST_ITERATIONS]), None
        if isinstance(value, Class) and enum_mixin(value) is not None:
            place = value.module.place(value.node)
            members = [self.class_attribute(value, name, place) for name in value.names]
            return tuple(m for m in members if isinstance(m, EnumMember)), None
        reason = value.reason if isinstance(value, Unknown) else "its elements cannot be told"
        return (), Unknown(reason, (), variables_of(value))

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        self.doubt += 1
        try:
            yield
        finally:
            self.doubt -= 1


def one_mapping(options: Iterable[Abstract]) -> Mapping:
    """Several dicts, of which it is one, as one dict with keys that may be missing."""
    mappings = [option for option in options if isinstance(option, Mapping)]
    more = next((mapping.open for mapping in mappings if mapping.open is not None), None)
    result = Mapping(more=more)
    for key in dict.fromkeys(key for mapping in mappings for key in mapping.entries):
        value = mappings[0].at(key)
        for mapping in mappings[1:]:
            value = join(value, mapping.at(key))
        result.entries[key] = value
    return result
