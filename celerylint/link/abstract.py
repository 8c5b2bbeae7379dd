"""What the linker knows of a Python object: abstract values.

The interpreter computes with these. A `Known` is a plain value; containers know their elements
one by one; project classes, functions and modules are themselves; what comes from outside the
project is an `External`, known by its dotted name only. `Unknown` says why it is unknown.

Containers, namespaces and instances are mutable, as in Python; every write goes through
`heap.Heap`, so that the two sides of a branch can be tried in turn and joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from celerylint.model.place import Place
from celerylint.model.value import Step

if TYPE_CHECKING:
    from celerylint.link.modules import ModuleFile
    from celerylint.read.syntax import Class as ClassNode
    from celerylint.read.syntax import Function as FunctionNode
    from celerylint.read.syntax import Lambda

Trail = tuple[Step, ...]


class Abstract:
    """Base of all abstract values. ``trail`` tells where the value came from."""

    __slots__ = ("trail",)

    def __init__(self, trail: Trail = ()) -> None:
        self.trail = trail

    def __repr__(self) -> str:
        # It may stand in a reason, which has to be the same in every run.
        return type(self).__name__


class Known(Abstract):
    """A plain value: None, bool, int, float, str, bytes, timedelta, `Symbol` or `Crontab`.

    ``variables`` are environment variables that may override it: then it is a default.
    """

    __slots__ = ("value", "variables")

    def __init__(self, value: Any, trail: Trail = (), variables: tuple[str, ...] = ()) -> None:
        super().__init__(trail)
        self.value = value
        self.variables = variables

    def __repr__(self) -> str:
        return f"Known({self.value!r}{', ' + '|'.join(self.variables) if self.variables else ''})"


class Unknown(Abstract):
    """``variables`` is set when only the environment decides: then a default given elsewhere
    (another branch, an exception handler) is the value when nothing is set."""

    __slots__ = ("reason", "variables")

    def __init__(self, reason: str, trail: Trail = (), variables: tuple[str, ...] = ()) -> None:
        super().__init__(trail)
        self.reason = reason
        self.variables = variables

    def __repr__(self) -> str:
        return f"Unknown({self.reason})"


class Pending(Unknown):
    """A name that its module does not bind yet, because modules that import each other are still
    being executed: to be asked for again later."""

    __slots__ = ()


class Missing(Abstract):
    """Nothing is bound there: one of the possibilities after a branch that may bind a name."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Missing"


MISSING = Missing()


class Deferred(Abstract):
    """A value that is worked out when it is needed: an imported name, or an expression whose
    parts come from modules that have nothing to do with Celery.

    ``file`` is the module that has to be executed for it.
    """

    __slots__ = ("_busy", "_compute", "_value", "file")

    def __init__(self, file: ModuleFile, compute: Callable[[], Abstract]) -> None:
        super().__init__(())
        self.file = file
        self._compute = compute
        self._value: Abstract | None = None
        self._busy = False

    def get(self) -> Abstract:
        """The value itself, never deferred again."""
        if self._value is not None:
            return self._value
        if self._busy:
            return Unknown(f"the modules around {self.file.shown} import each other")
        self._busy = True
        try:
            value = resolved(self._compute())
        finally:
            self._busy = False
        if not isinstance(value, Pending):
            self._value = value
        return value

    def __repr__(self) -> str:
        return f"Deferred({self.file.path})"


def resolved(value: Abstract) -> Abstract:
    """The value, worked out now if that was put off."""
    if isinstance(value, Deferred):
        return value.get()
    if isinstance(value, OneOf) and any(isinstance(o, Deferred) for o in value.options):
        result = resolved(value.options[0])
        for option in value.options[1:]:
            result = join(result, resolved(option))
        return result
    return value


class OneOf(Abstract):
    """One of several values, `MISSING` possibly among them. Built by `join` only."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Abstract, ...]) -> None:
        super().__init__(())
        self.options = options

    def __repr__(self) -> str:
        return f"OneOf{self.options}"


class Items(Abstract):
    """A list, tuple, set or frozenset. ``cell["items"]`` is a tuple of its elements;
    ``cell["open"]`` is an `Unknown` when there may be more than those."""

    __slots__ = ("cell", "kind", "variables")

    def __init__(
        self,
        kind: str,
        items: Iterable[Abstract],
        trail: Trail = (),
        more: Unknown | None = None,
    ) -> None:
        super().__init__(trail)
        self.kind = kind
        self.variables: tuple[str, ...] = ()
        self.cell: dict[str, Any] = {"items": tuple(items), "open": more}

    @property
    def items(self) -> tuple[Abstract, ...]:
        stored: tuple[Abstract, ...] = self.cell["items"]
        if _PUT_OFF.isdisjoint(map(type, stored)):  # as nearly always, and loops append often
            return stored
        return tuple(map(resolved, stored))

    @property
    def open(self) -> Unknown | None:
        return self.cell["open"]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"{self.kind}{list(self.items)}{'…' if self.open else ''}"


_PUT_OFF = {Deferred, OneOf}


class Mapping(Abstract):
    """A dict. ``entries`` maps plain keys to values; ``cell["open"]`` is an `Unknown` when it
    may hold more than those. ``repeated`` has the keys that a display gives twice, with the value
    that is lost and the place of the second."""

    __slots__ = ("cell", "entries", "repeated", "variables")

    def __init__(
        self,
        entries: dict[Any, Abstract] | None = None,
        trail: Trail = (),
        more: Unknown | None = None,
    ) -> None:
        super().__init__(trail)
        self.variables: tuple[str, ...] = ()
        self.entries: dict[Any, Abstract] = entries if entries is not None else {}
        self.repeated: list[tuple[Any, Abstract, Place]] = []
        self.cell: dict[str, Any] = {"open": more}

    @property
    def open(self) -> Unknown | None:
        return self.cell["open"]  # type: ignore[no-any-return]

    def at(self, key: Any) -> Abstract:
        """The value of a key, `MISSING` where it has none among those that are known."""
        return resolved(self.entries.get(key, MISSING))

    def __repr__(self) -> str:
        return f"dict{self.entries}{'…' if self.open else ''}"


class Scope:
    """Names bound somewhere: a module, a class body or a call of a function."""

    __slots__ = (
        "bound", "elsewhere", "globals", "kind", "module", "names", "outer", "owner", "returned",
    )  # fmt: skip

    def __init__(self, module: ModuleFile, kind: str, outer: Scope | None) -> None:
        self.module = module
        self.kind = kind
        self.outer = outer
        self.names: dict[str, Abstract] = {}
        self.globals: set[str] = set()
        self.returned: list[tuple[Abstract, tuple[str, ...]]] = []
        """Each value returned, with the environment variables that must be set for it"""
        self.elsewhere: tuple[str, ...] = ()
        """Set while executing what runs only when these environment variables say so"""
        self.owner: Class | None = None
        """The class whose body, or whose method's call, this is"""
        self.bound: Abstract | None = None


class Function(Abstract):
    """A function or lambda of the project, with the scope it was defined in.

    ``named`` is the function whose ``__name__`` and ``__module__`` it carries, when that is
    another one (``functools.wraps``). ``bound`` is the object it is a method of.
    """

    __slots__ = ("attributes", "bound", "defaults", "kind", "named", "node", "scope")

    def __init__(
        self,
        node: FunctionNode | Lambda,
        scope: Scope,
        defaults: dict[str, Abstract],
        trail: Trail = (),
    ) -> None:
        super().__init__(trail)
        self.node = node
        self.scope = scope
        self.defaults = defaults
        self.named: Abstract = self
        self.bound: Abstract | None = None
        self.kind = ""
        """staticmethod, classmethod, property or empty"""
        self.attributes: dict[str, Abstract] = {}

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "<lambda>")

    def bind(self, owner: Abstract) -> Function:
        """The method of an instance or class."""
        method = Function(self.node, self.scope, self.defaults, self.trail)
        method.named = self.named
        method.kind = self.kind
        method.bound = owner
        return method

    def __repr__(self) -> str:
        return f"Function({self.name})"


class Wrapped(Abstract):
    """A function under a decorator that cannot be read: it behaves in unknown ways, but keeps
    its name, as ``functools.wraps`` makes nearly every decorator do."""

    __slots__ = ("function", "reason")

    def __init__(self, function: Abstract, reason: str) -> None:
        super().__init__(function.trail)
        self.function = function
        self.reason = reason


class Class(Abstract):
    """A class of the project. ``bases`` are abstract values, in order."""

    __slots__ = ("_ancestors", "_outside", "bases", "module", "names", "node", "scope", "variables")

    def __init__(self, node: ClassNode, scope: Scope, bases: tuple[Abstract, ...]) -> None:
        super().__init__(())
        self._ancestors: list[Abstract] | None = None
        self._outside: frozenset[str] | None = None
        self.node = node
        self.scope = scope
        self.module = scope.module
        self.bases = bases
        self.names: dict[str, Abstract] = scope.names
        self.variables: tuple[str, ...] = ()
        """The environment variables that have this class chosen, among others"""

    def chosen_by(self, variables: tuple[str, ...]) -> Class:
        """The same class, as one that the environment may replace by another."""
        chosen = Class(self.node, self.scope, self.bases)
        chosen.names = self.names
        chosen.variables = tuple(dict.fromkeys((*self.variables, *variables)))
        return chosen

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def qualified_name(self) -> str:
        """``Outer.Inner``, as in ``__qualname__``."""
        outer = self.scope.outer
        if outer is not None and isinstance(outer.owner, Class) and outer.kind == "class":
            return f"{outer.owner.qualified_name}.{self.name}"
        return self.name

    def ancestors(self) -> list[Abstract]:
        """The class and its bases in method resolution order. Depth first, each at its last
        place: what C3 gives for every hierarchy in which it matters here."""
        if self._ancestors is None:
            self._ancestors = [self]  # while it is worked out: a class may not be its own base
            found: list[Abstract] = [self]
            for base in map(resolved, self.bases):
                found.extend(base.ancestors() if isinstance(base, Class) else [base])
            last = {id(item): index for index, item in enumerate(found)}
            line = [item for index, item in enumerate(found) if last[id(item)] == index]
            is_complete = not any(isinstance(item, Pending) for item in line)
            self._ancestors = line if is_complete else None
            return line
        return self._ancestors

    @property
    def outside(self) -> frozenset[str]:
        """The dotted names of its ancestors from outside the project."""
        if self._outside is None:
            line = self.ancestors()
            outside = frozenset(base.name for base in line if isinstance(base, External))
            if self._ancestors is None:
                return outside
            self._outside = outside
        return self._outside

    def __repr__(self) -> str:
        return f"Class({self.name})"


class Instance(Abstract):
    """An instance of a project class."""

    __slots__ = ("attributes", "cls")

    def __init__(self, cls: Class, trail: Trail = ()) -> None:
        super().__init__(trail)
        self.cls = cls
        self.attributes: dict[str, Abstract] = {}

    def __repr__(self) -> str:
        return f"Instance({self.cls.name})"


class EnumMember(Abstract):
    """A member of an enumeration. ``mixin`` is str or int where the member is one itself."""

    __slots__ = ("cls", "mixin", "name", "value")

    def __init__(self, cls: Class, name: str, value: Abstract, mixin: str) -> None:
        super().__init__(value.trail)
        self.cls = cls
        self.name = name
        self.value = value
        self.mixin = mixin


class ModuleValue(Abstract):
    """A module of the project, as an object."""

    __slots__ = ("file",)

    def __init__(self, file: ModuleFile) -> None:
        super().__init__(())
        self.file = file

    def __repr__(self) -> str:
        return f"Module({self.file.path})"


class External(Abstract):
    """Something from outside the project, by its dotted name (``celery.schedules.crontab``)."""

    __slots__ = ("name",)

    def __init__(self, name: str, trail: Trail = ()) -> None:
        super().__init__(trail)
        self.name = name

    def __repr__(self) -> str:
        return f"External({self.name})"


class Made(Abstract):
    """What a call of an `External` returned, with its arguments: ``kombu.Queue("email")``.

    ``state`` is for objects that remember (a Flask app's config, environment readers).
    """

    __slots__ = ("args", "kwargs", "maker", "more", "state")

    def __init__(
        self,
        maker: str,
        args: tuple[Abstract, ...],
        kwargs: dict[str, Abstract],
        trail: Trail = (),
        more: Unknown | None = None,
    ) -> None:
        super().__init__(trail)
        self.maker = maker
        self.args = args
        self.kwargs = kwargs
        self.more = more
        """There may be arguments that cannot be told"""
        self.state: dict[str, Abstract] = {}

    def argument(self, position: int, name: str) -> Abstract | None:
        """An argument by position or name; None where it was not given."""
        found = self.args[position] if position < len(self.args) else self.kwargs.get(name)
        return resolved(found) if found is not None else None

    def __repr__(self) -> str:
        return f"Made({self.maker}, {self.args}, {self.kwargs})"


class Method(Abstract):
    """An attribute of a value whose type the interpreter knows: ``"a,b".split``."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Abstract, name: str) -> None:
        super().__init__(owner.trail)
        self.owner = owner
        self.name = name

    def __repr__(self) -> str:
        return f"Method({self.owner}, {self.name})"


class Partial(Abstract):
    """``functools.partial(func, *args, **kwargs)``"""

    __slots__ = ("args", "func", "kwargs")

    def __init__(
        self, func: Abstract, args: tuple[Abstract, ...], kwargs: dict[str, Abstract]
    ) -> None:
        super().__init__(())
        self.func = func
        self.args = args
        self.kwargs = kwargs


def with_step(value: Abstract, step: Step) -> Abstract:
    """The value, with one more place that it passed through, first."""
    if isinstance(value, Known):
        return Known(value.value, _longer(value.trail, step), value.variables)
    if isinstance(value, Unknown):
        return Unknown(value.reason, _longer(value.trail, step), value.variables)
    if isinstance(value, EnumMember):
        return EnumMember(value.cls, value.name, with_step(value.value, step), value.mixin)
    if isinstance(value, External):
        return External(value.name, _longer(value.trail, step))
    if isinstance(value, (Items, Mapping, Made)) and not value.trail:
        # Objects keep their identity: the first name they are bound to is where they are from.
        value.trail = (step,)
    return value


_LONGEST_TRAIL = 6


def _longer(trail: Trail, step: Step) -> Trail:
    if any(known.place == step.place for known in trail):
        return trail
    kept = [known for known in trail if not _inside(known.place, step.place)]
    return (step, *kept)[:_LONGEST_TRAIL]


def _inside(inner: Place | None, outer: Place | None) -> bool:
    """Whether a place is part of another: the value in ``name = value`` says nothing more."""
    if inner is None or outer is None or inner.path != outer.path:
        return False
    return (inner.line, inner.column) >= (outer.line, outer.column) and (
        inner.end_line,
        inner.end_column,
    ) <= (outer.end_line, outer.end_column)


def with_variables(value: Abstract, variables: tuple[str, ...]) -> Abstract:
    """The value, as a default that these environment variables may override."""
    value = resolved(value)
    if not variables or not isinstance(value, _VARIABLE):
        return value
    if isinstance(value, Instance):
        for name, attribute in value.attributes.items():
            value.attributes[name] = with_variables(attribute, variables)
        return value
    if isinstance(value, Class):
        return value.chosen_by(variables)
    if isinstance(value, EnumMember):
        chosen = with_variables(value.value, variables)
        return EnumMember(value.cls, value.name, chosen, value.mixin)
    merged = tuple(dict.fromkeys((*value.variables, *variables)))
    if isinstance(value, Known):
        return Known(value.value, value.trail, merged)
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.trail, merged)
    # The same object, seen as one that the environment may replace.
    if isinstance(value, Items):
        items = Items(value.kind, (), value.trail)
        items.cell, items.variables = value.cell, merged
        return items
    mapping = Mapping(value.entries, value.trail)
    mapping.cell, mapping.variables = value.cell, merged
    return mapping


_VARIABLE = (Known, Unknown, Items, Mapping, Instance, Class, EnumMember)


def variables_of(value: Abstract) -> tuple[str, ...]:
    return value.variables if isinstance(value, (Known, Unknown, Items, Mapping)) else ()


def options_of(value: Abstract) -> tuple[Abstract, ...]:
    """The possibilities of a value: several for a `OneOf`, itself otherwise."""
    return value.options if isinstance(value, OneOf) else (value,)


MOST_OPTIONS = 8


def join(left: Abstract, right: Abstract) -> Abstract:
    """The value that is one or the other."""
    if left is right:
        return left
    if isinstance(left, Deferred):
        return Deferred(left.file, lambda: join(resolved(left), resolved(right)))
    if isinstance(right, Deferred):
        return Deferred(right.file, lambda: join(left, resolved(right)))
    options: list[Abstract] = []
    for option in (*options_of(left), *options_of(right)):
        for index, seen in enumerate(options):
            merged = _same(seen, option)
            if merged is not None:
                options[index] = merged
                break
        else:
            options.append(option)
    if len(options) == 1:
        return options[0]
    if len(options) > MOST_OPTIONS:
        return Unknown("it has too many possible values")
    known = [option for option in options if not isinstance(option, Unknown)]
    unset = [option for option in options if isinstance(option, Unknown)]
    variables = tuple(name for option in unset for name in option.variables)
    if len(known) == 1 and isinstance(known[0], Known) and all(o.variables for o in unset):
        # "the environment's value, or this": this is the default.
        return with_variables(known[0], variables)
    return OneOf(tuple(options))


def _same(left: Abstract, right: Abstract) -> Abstract | None:
    """One value for two equal ones; None where they differ."""
    if left is right:
        return left
    if isinstance(left, Known) and isinstance(right, Known):
        if type(left.value) is not type(right.value) or left.value != right.value:
            return None
        return with_variables(left, right.variables)
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        # Only where the environment decides both does it decide what they are joined to.
        both = left.variables and right.variables
        variables = tuple(dict.fromkeys((*left.variables, *right.variables))) if both else ()
        return Unknown(left.reason, left.trail, variables)
    if isinstance(left, External) and isinstance(right, External):
        return left if left.name == right.name else None
    if isinstance(left, Missing) and isinstance(right, Missing):
        return left
    if isinstance(left, ModuleValue) and isinstance(right, ModuleValue):
        return left if left.file is right.file else None
    if isinstance(left, Items) and isinstance(right, Items):
        return left if _same_items(left, right) else None
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left if _same_entries(left, right) else None
    return None


def _same_items(left: Items, right: Items) -> bool:
    if left.kind != right.kind or len(left.items) != len(right.items) or left.open or right.open:
        return False
    return all(_same(a, b) is not None for a, b in zip(left.items, right.items, strict=True))


def _same_entries(left: Mapping, right: Mapping) -> bool:
    if left.entries.keys() != right.entries.keys() or left.open or right.open:
        return False
    return all(_same(value, right.entries[key]) is not None for key, value in left.entries.items())
