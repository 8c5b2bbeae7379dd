"""Runs a project's modules without running them.

An abstract interpreter for facts: it executes module bodies statement by statement on abstract
values, follows imports to other modules of the project on demand, calls the project's own
functions, and tries both sides of a branch it cannot decide. What it cannot tell becomes
`Unknown` with the reason; it never guesses.

What things outside the project do (Celery, environment readers, the standard library) is not
known here: `natives` and the registry of `externals` say that.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from math import prod
from typing import Any

from celerylint.link import plain
from celerylint.link.abstract import (
    MISSING,
    MOST_OPTIONS,
    Abstract,
    Class,
    Deferred,
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
    Trail,
    Unknown,
    Wrapped,
    join,
    options_of,
    resolved,
    variables_of,
    with_step,
    with_variables,
)
from celerylint.link.heap import Heap
from celerylint.link.modules import ModuleFile, Modules, is_installed
from celerylint.model.place import Place
from celerylint.model.project import Crash
from celerylint.model.value import Step
from celerylint.read import syntax as s

_MOST_STEPS = 400_000
_GLANCE = 300
_DEEPEST_CALL = 25
_MOST_ITERATIONS = 2_000


class Arguments:
    """The arguments of a call. ``more`` is set when there may be others that cannot be told."""

    __slots__ = ("args", "kwargs", "more")

    def __init__(
        self,
        args: Iterable[Abstract] = (),
        kwargs: dict[str, Abstract] | None = None,
        more: Unknown | None = None,
    ) -> None:
        self.args = tuple(args)
        self.kwargs = kwargs if kwargs is not None else {}
        self.more = more

    def get(self, position: int, name: str) -> Abstract | None:
        """An argument by position or name; None where it is not given."""
        found = self.args[position] if position < len(self.args) else self.kwargs.get(name)
        return resolved(found) if found is not None else self.more

    def resolved(self) -> Arguments:
        """The same arguments, none of them put off."""
        keywords = {name: resolved(value) for name, value in self.kwargs.items()}
        return Arguments(map(resolved, self.args), keywords, self.more)

    def prepend(self, *args: Abstract) -> Arguments:
        return Arguments((*args, *self.args), self.kwargs, self.more)


class Native(Abstract):
    """An object from outside the project whose behaviour is known to celerylint."""

    __slots__ = ()

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        return Method(self, name)

    def set(self, interpreter: Interpreter, name: str, value: Abstract, place: Place) -> None:
        return

    def index(self, interpreter: Interpreter, key: Abstract, place: Place) -> Abstract:
        return Unknown(f"what {self!r}[...] is cannot be told ({place})")

    def set_index(
        self, interpreter: Interpreter, key: Abstract, value: Abstract, place: Place
    ) -> None:
        return

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        """Call the method ``name``."""
        return Unknown(f"what `.{name}()` returns cannot be told ({place})")

    def contains(self, key: object) -> bool | None:
        """``key in object``; None where it cannot be told."""
        return None

    def lacks(self, name: str) -> bool:
        """Whether it certainly has no attribute of that name."""
        return False

    def decided_by(self, key: Abstract) -> tuple[str, ...]:
        """The environment variables that `contains` depends on."""
        return ()

    def call(self, interpreter: Interpreter, arguments: Arguments, place: Place) -> Abstract:
        """Call the object itself."""
        return Unknown(f"what the call returns cannot be told ({place})")


class Super(Abstract):
    """``super()`` inside a method."""

    __slots__ = ("cls", "owner")

    def __init__(self, cls: Class, owner: Abstract) -> None:
        super().__init__(())
        self.cls = cls
        self.owner = owner


class Flow(Enum):
    """How a block ends."""

    NEXT = auto()
    RETURN = auto()
    RAISE = auto()
    BREAK = auto()
    CONTINUE = auto()


_STOPS = (Flow.RETURN, Flow.RAISE)

ExternalCall = Callable[["Interpreter", str, Arguments, Place], Abstract]
"""What a call of the thing with a dotted name does"""


class World:
    """What the interpreter is told about everything outside the project."""

    def call_external(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def external_attribute(
        self, interpreter: Interpreter, owner: External, name: str, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def outside(self, name: str) -> Abstract:
        """What a dotted name from outside the project is."""
        raise NotImplementedError

    def make_instance(
        self, interpreter: Interpreter, cls: Class, arguments: Arguments, place: Place
    ) -> Abstract | None:
        """An instance of a project class with outside ancestors; None for an ordinary one."""
        raise NotImplementedError

    def made_attribute(
        self, interpreter: Interpreter, made: Made, name: str, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def call_method(
        self, interpreter: Interpreter, method: Method, arguments: Arguments, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def instance_attribute(
        self, interpreter: Interpreter, owner: Abstract, cls: Class, name: str, place: Place
    ) -> Abstract | None:
        """An attribute that an outside ancestor of the class defines; None if there is none."""
        raise NotImplementedError

    def builtin(self, name: str) -> Abstract | None:
        raise NotImplementedError

    def bound_to_name(self, value: Abstract, scope: Scope, name: str) -> None:
        """A value was bound to a name at the top level of a module."""
        raise NotImplementedError


class Interpreter:
    """Executes modules. One instance a run; it keeps what the modules defined."""

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
        self._steps = 0
        self._depth = 0
        self._active: list[s.Node] = []
        self.crashes: list[Crash] = []
        self.is_glancing = False
        """Whether this is a look at a body that is not executed"""
        self._stays_near = False
        """Whether calls into modules that have nothing to do with Celery are left out"""
        self.ran: set[s.Node] = set()
        """The functions that have been called"""

    # Modules

    def run_module(self, file: ModuleFile) -> None:
        """Execute a module's top level, once."""
        if file.state != "new":
            return
        file.state = "running"
        facts = self.modules.load(file)
        file.name = file.name or self.modules.name_of(file)
        doubt, self.doubt = self.doubt, 0
        steps, self._steps = self._steps, 0
        try:
            # What a module does when it is imported stays done, whatever asked for it.
            with self.heap.apart():
                self.execute(facts.statements, file.scope)
        except Exception as error:
            # One file that cannot be followed must not hide what the others say.
            self.failed(file, error)
        finally:
            self.doubt = doubt
            self._steps = steps
            file.state = "done"

    def include(self, path: str, into: ModuleFile) -> None:
        """Run a file's statements in another module, as some settings packages do."""
        file = self.modules.at(path)
        facts = self.modules.load(file)
        file.name = into.name
        file.scope = Scope(file, "module", None)
        file.scope.names = into.scope.names
        file.state = "done"
        self.execute(facts.statements, file.scope)
        into.stars.extend(file.stars)

    def failed(self, file: ModuleFile, error: Exception) -> None:
        """Note a crash of celerylint's own; what the module binds is unknown from there on."""
        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-1]
        where = f"{os.path.basename(last.filename)}:{last.lineno} in {last.name}"
        raised = " ".join("".join(traceback.format_exception_only(error)).split())
        place = Place(file.shown, 1, 1, 1, 1)
        self.crashes.append(Crash(place, f"{raised} ({where})"))
        file.open = Unknown(f"celerylint failed on {file.shown}")

    def module_at(self, place: Place) -> ModuleFile | None:
        """The module that a place is in."""
        return self.modules.shown_as(place.path)

    def module_attribute(self, file: ModuleFile, name: str, place: Place) -> Abstract:
        """What ``from module import name`` gives."""
        found = self._module_name(file, name)
        if found is not None:
            return found
        submodule = self.modules.submodule(file, name)
        if submodule is not None:
            return ModuleValue(submodule)
        return Unknown(f"`{name}` is not defined in {file.shown} as far as celerylint can tell")

    def _module_name(self, file: ModuleFile, name: str) -> Abstract | None:
        self.run_module(file)
        found = file.scope.names.get(name)
        if found is not None:
            return self.force(found)
        if file.open is not None:
            return file.open
        if file.stars:
            return Unknown(f"`{name}` may come from `from {file.stars[0]} import *`")
        return None

    def force(self, value: Abstract) -> Abstract:
        """Work a value out, if that has been put off."""
        return resolved(value)

    def is_foreign(self, node: Any, scope: Scope) -> ModuleFile | None:
        """The module an expression starts from, where that has nothing to do with Celery.

        ``helpers.get(1).value`` starts from ``helpers``. Such an expression defines no app and no
        task, so it can wait until its value is asked for, and mostly never is.
        """
        while isinstance(node, (s.Call, s.Attribute, s.Subscript)):
            node = node.func if isinstance(node, s.Call) else node.value
        if not isinstance(node, s.Name):
            return None
        current: Scope | None = scope
        while current is not None:
            found = current.names.get(node.id)
            if found is not None:
                if isinstance(found, (Deferred, ModuleValue)) and not self.relevant(found.file):
                    return found.file
                return None
            current = current.outer
        return None

    def glance(self, node: Any, scope: Scope) -> Abstract:
        """Evaluate an expression of a body that is not executed, at little cost and without
        leaving a trace."""
        steps, self._steps = self._steps, _MOST_STEPS - _GLANCE
        glancing, self.is_glancing = self.is_glancing, True
        try:
            value, _ = self.heap.attempt(lambda: self.evaluate(node, scope))
        finally:
            self._steps = steps
            self.is_glancing = glancing
        assert isinstance(value, Abstract)
        return value

    def glance_later(self, node: Any, scope: Scope) -> Deferred:
        """`glance`, when the value is asked for."""
        return Deferred(scope.module, lambda: self.glance(node, scope))

    def later(self, node: Any, scope: Scope) -> Abstract:
        """Evaluate an expression, or put it off where it is foreign."""
        file = self.is_foreign(node, scope)
        if file is None:
            return self.evaluate(node, scope)
        return Deferred(file, lambda: self.evaluate(node, scope))

    # Statements

    def execute(self, statements: Iterable[Any], scope: Scope) -> Flow:
        for statement in statements:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                return Flow.NEXT
            flow = _EXECUTE[type(statement)](self, statement, scope)
            if flow is not Flow.NEXT:
                return flow
        return Flow.NEXT

    def _import(self, node: s.Import, scope: Scope) -> Flow:
        for alias in node.names:
            file = self.modules.resolve(alias.name, scope.module)
            if alias.asname is not None:
                self.bind(alias.asname, self._module_value(file, alias.name), scope)
                continue
            top = alias.name.partition(".")[0]
            file = self.modules.resolve(top, scope.module) if file is not None else None
            self.bind(top, self._module_value(file, top), scope)
        return Flow.NEXT

    def _module_value(self, file: ModuleFile | None, name: str) -> Abstract:
        return ModuleValue(file) if file is not None else self.world.outside(name)

    def _import_from(self, node: s.ImportFrom, scope: Scope) -> Flow:
        if node.level:
            file = self.modules.relative(scope.module, node.level, node.module)
        else:
            file = self.modules.resolve(node.module, scope.module)
        for alias in node.names:
            if alias.name == "*":
                self._import_star(file, node.module, scope)
                continue
            place = scope.module.place(alias)
            value: Abstract
            if file is not None:
                value = self._imported(file, alias.name, place)
            elif node.level:
                value = Unknown(f"the module it is imported from was not found ({place})")
            else:
                value = self.world.outside(f"{node.module}.{alias.name}")
            self.bind(alias.asname or alias.name, value, scope)
        return Flow.NEXT

    def _imported(self, file: ModuleFile, name: str, place: Place) -> Deferred:
        return Deferred(file, lambda: self.module_attribute(file, name, place))

    def _import_star(self, file: ModuleFile | None, module: str, scope: Scope) -> None:
        if file is None:
            scope.module.stars.append(module or ".")
            return
        self.run_module(file)
        scope.module.stars.extend(file.stars)
        exported = file.scope.names.get("__all__")
        names = self._plain_items(exported) if exported is not None else None
        for name, value in list(file.scope.names.items()):
            if name in names if names is not None else not name.startswith("_"):
                self.heap.store(scope.names, name, value)

    def _plain_items(self, value: Abstract) -> set[Any] | None:
        if not isinstance(value, Items) or value.open:
            return None
        return {item.value for item in value.items if isinstance(item, Known)}

    def _assign(self, node: s.Assign, scope: Scope) -> Flow:
        if node.annotation is not None and scope.kind == "class":
            self._annotate(node, scope)
        if node.value is None:
            return Flow.NEXT
        plain_names = all(isinstance(target, s.Name) for target in node.targets)
        value = (self.later if plain_names else self.evaluate)(node.value, scope)
        whole = scope.module.place(node) if len(node.targets) == 1 else None
        for target in node.targets:
            self.assign(target, value, scope, whole)
        return Flow.NEXT

    def _annotate(self, node: s.Assign, scope: Scope) -> None:
        target = node.targets[0]
        if isinstance(target, s.Name):
            fields = scope.names.setdefault("__annotations__", Mapping())
            if isinstance(fields, Mapping):
                fields.entries[target.id] = External("annotation")

    def assign(
        self, target: Any, value: Abstract, scope: Scope, whole: Place | None = None
    ) -> None:
        """Bind an assignment target; ``whole`` is the place of the statement."""
        place = whole or scope.module.place(target)
        if isinstance(target, s.Name):
            if scope.kind in ("module", "class"):
                value = with_step(value, Step(f"`{target.id} = {describe(value)}`", place))
            self.bind(target.id, value, scope)
        elif isinstance(target, s.Attribute):
            owner = self.evaluate(target.value, scope)
            self.set_attribute(owner, target.attr, value, place)
        elif isinstance(target, s.Subscript):
            owner = self.evaluate(target.value, scope)
            self.set_index(owner, self.evaluate(target.index, scope), value, place)
        elif isinstance(target, s.Sequence):
            self._unpack(target, value, scope)
        elif isinstance(target, s.Starred):
            self.assign(target.value, Unknown(f"it is unpacked ({place})"), scope)

    def _unpack(self, target: s.Sequence, value: Abstract, scope: Scope) -> None:
        items = value.items if isinstance(value, Items) and not value.open else ()
        starred = any(isinstance(item, s.Starred) for item in target.items)
        if len(items) == len(target.items) and not starred:
            for part, item in zip(target.items, items, strict=True):
                self.assign(part, item, scope)
            return
        for part in target.items:
            reason = f"it is unpacked from a value that cannot be told ({scope.module.place(part)})"
            self.assign(part, Unknown(reason), scope)

    def bind(self, name: str, value: Abstract, scope: Scope) -> None:
        owner = scope
        if name in scope.globals:
            owner = scope.module.scope
        self.heap.store(owner.names, name, value)
        if owner.kind == "module":
            self.world.bound_to_name(value, owner, name)

    def _aug_assign(self, node: s.AugAssign, scope: Scope) -> Flow:
        current = self.evaluate(node.target, scope)
        value = self.evaluate(node.value, scope)
        place = scope.module.place(node)
        if self._extend_in_place(current, node.operator, value):
            return Flow.NEXT
        self.assign(node.target, self.binary(node.operator, current, value, place), scope)
        return Flow.NEXT

    def _extend_in_place(self, current: Abstract, operator: str, value: Abstract) -> bool:
        """``list += x``, ``dict |= x`` and ``set |= x`` change the object itself."""
        if isinstance(current, Mapping) and operator == "|":
            self.update(current, value)
            return True
        if isinstance(current, Items) and (current.kind, operator) in _IN_PLACE:
            items, more = self.iterate(value)
            self.heap.store(current.cell, "items", (*current.items, *items))
            self._open(current.cell, more)
            return True
        return False

    def _open(self, cell: dict[str, Any], more: Unknown | None) -> None:
        if more is not None and cell["open"] is None:
            self.heap.store(cell, "open", more)

    def _expression(self, node: s.Expression, scope: Scope) -> Flow:
        if not isinstance(node.value, s.Literal) and self.is_foreign(node.value, scope) is None:
            self.evaluate(node.value, scope)
        return Flow.NEXT

    def _if(self, node: s.If, scope: Scope) -> Flow:
        verdict, variables = self.truth(self.evaluate(node.test, scope))
        if verdict is not None and not variables:
            return self.execute(node.body if verdict else node.orelse, scope)
        return self.branch(
            verdict,
            variables,
            lambda: self.execute(node.body, scope),
            lambda: self.execute(node.orelse, scope),
            scope,
        )

    def branch(
        self,
        verdict: bool | None,
        variables: tuple[str, ...],
        when_true: Callable[[], Flow],
        when_false: Callable[[], Flow],
        scope: Scope,
    ) -> Flow:
        """Try both sides. With ``variables``, ``verdict`` is what holds when none is set."""
        usual, other = (when_false, when_true) if verdict is False else (when_true, when_false)
        with self._doubting():
            usual_flow, usual_writes = self.heap.attempt(usual)
            with self._elsewhere(scope, variables):
                other_flow, other_writes = self.heap.attempt(other)
        if usual_flow in _STOPS and other_flow in _STOPS:
            self.heap.merge(usual_writes, other_writes)
            return Flow.RAISE if usual_flow is other_flow is Flow.RAISE else Flow.RETURN
        if usual_flow in _STOPS:
            self.heap.apply(other_writes)
            if variables and usual_flow is Flow.RETURN:
                scope.elsewhere = variables
            return other_flow if other_flow is Flow.NEXT else Flow.NEXT
        if other_flow in _STOPS:
            self.heap.apply(usual_writes)
            return Flow.NEXT
        self.heap.merge(usual_writes, other_writes, variables=variables)
        return usual_flow if usual_flow is other_flow else Flow.NEXT

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        self.doubt += 1
        try:
            yield
        finally:
            self.doubt -= 1

    @contextmanager
    def _elsewhere(self, scope: Scope, variables: tuple[str, ...]) -> Iterator[None]:
        """What is returned here is returned only when the environment says so."""
        before = scope.elsewhere
        scope.elsewhere = scope.elsewhere or variables
        try:
            yield
        finally:
            scope.elsewhere = before

    def _loop(self, node: s.Loop, scope: Scope) -> Flow:
        iterable = self.evaluate(node.iterable, scope)
        if node.target is None:
            verdict, _ = self.truth(iterable)
            return Flow.NEXT if verdict is False else self._maybe(node.body, scope)
        items, more = self.iterate(iterable)
        for item in items[:_MOST_ITERATIONS]:
            self.assign(node.target, item, scope)
            flow = self.execute(node.body, scope)
            if flow is Flow.BREAK:
                return Flow.NEXT
            if flow in _STOPS:
                return flow
        if more is not None:
            self.assign(node.target, Unknown(more.reason), scope)
            return self._maybe(node.body, scope)
        return self.execute(node.orelse, scope)

    def _maybe(self, body: Iterable[Any], scope: Scope) -> Flow:
        """A body that runs some number of times, perhaps none."""
        with self._doubting():
            _, writes = self.heap.attempt(lambda: self.execute(body, scope))
        self.heap.merge(writes)
        return Flow.NEXT

    def _try(self, node: s.Try, scope: Scope) -> Flow:
        may_fail = self._may_fail(node, scope)
        handlers: list[Any] = []
        if may_fail:
            for handler in node.handlers:
                with self._doubting():
                    flow, writes = self.heap.attempt(
                        lambda handler=handler: self._handler(handler, scope)  # type: ignore[misc]
                    )
                if flow not in _STOPS:
                    handlers.append(writes)
        if self._imports_what_is_missing(node, scope):
            # `try: from local_settings import *`: there is no such file here.
            return self.execute((*node.handlers[0].body, *node.final), scope)
        self.doubt += self._needs_a_package(node, scope)
        flow = self.execute(node.body, scope)
        if flow is Flow.NEXT:
            flow = self.execute(node.orelse, scope)
        self.doubt -= self._needs_a_package(node, scope)
        for writes in handlers:
            # What only the body writes is taken as written; what a handler writes too is either.
            self.heap.merge(writes)
        final = self.execute(node.final, scope)
        return final if final is not Flow.NEXT else flow

    def _may_fail(self, node: s.Try, scope: Scope) -> bool:
        """Whether handlers count: an import that is certain to work or to fail needs none."""
        for statement in node.body:
            if isinstance(statement, s.ImportFrom) and statement.level:
                file = self.modules.relative(scope.module, statement.level, statement.module)
                if file is not None and len(node.body) == 1:
                    return False
        return True

    def _imports_what_is_missing(self, node: s.Try, scope: Scope) -> bool:
        """A star import alone, guarded, of a module that the project does not have."""
        if len(node.body) != 1 or not node.handlers:
            return False
        statement = node.body[0]
        if not isinstance(statement, s.ImportFrom) or statement.names[0].name != "*":
            return False
        if statement.level:
            return self.modules.relative(scope.module, statement.level, statement.module) is None
        return self.modules.resolve(statement.module, scope.module) is None

    def _needs_a_package(self, node: s.Try, scope: Scope) -> bool:
        """``try: import package``: what follows happens only where that package is installed."""
        if not node.handlers:
            return False
        for statement in node.body:
            if isinstance(statement, s.Import):
                names = [alias.name for alias in statement.names]
            elif isinstance(statement, s.ImportFrom) and not statement.level:
                names = [statement.module]
            else:
                continue
            for name in names:
                outside = self.modules.resolve(name, scope.module) is None
                if outside and not is_installed(name):
                    return True
        return False

    def _handler(self, handler: s.Handler, scope: Scope) -> Flow:
        if handler.name is not None:
            self.bind(handler.name, Unknown("it is an exception that was caught"), scope)
        return self.execute(handler.body, scope)

    def _with(self, node: s.With, scope: Scope) -> Flow:
        for item in node.items:
            value = self.evaluate(item.context, scope)
            if item.target is not None:
                self.assign(item.target, value, scope)
        return self.execute(node.body, scope)

    def _function(self, node: s.Function, scope: Scope) -> Flow:
        defaults = {
            parameter.name: self.later(parameter.default, scope)
            for parameter in node.parameters
            if parameter.default is not None
        }
        place = scope.module.place(node)
        value: Abstract = Function(node, scope, defaults, (Step(f"`def {node.name}`", place),))
        irrelevant = all(self._cannot_make_a_task(item, scope) for item in node.decorators)
        for decorator in reversed(node.decorators):
            where = scope.module.place(decorator)
            if irrelevant:
                value = Wrapped(value, f"it is decorated at {where}")
            else:
                value = self._decorate(self.evaluate(decorator, scope), value, where)
        self.bind(node.name, value, scope)
        return Flow.NEXT

    def _cannot_make_a_task(self, decorator: Any, scope: Scope) -> bool:
        """A decorator from a module that never mentions Celery, unless its name hints at a task:
        packages give names on from modules that do."""
        if self.is_foreign(decorator, scope) is None:
            return False
        func = decorator.func if isinstance(decorator, s.Call) else decorator
        name = func.attr if isinstance(func, s.Attribute) else getattr(func, "id", "")
        return "task" not in name.lower()

    def _decorate(self, decorator: Abstract, value: Abstract, place: Place) -> Abstract:
        result = self.call(decorator, Arguments((value,)), place)
        if isinstance(result, Unknown) and isinstance(value, (Function, Wrapped)):
            return Wrapped(value, f"it is decorated at {place}")
        return result

    def _class(self, node: s.Class, scope: Scope) -> Flow:
        bases = tuple(
            self.later(base.value, scope)
            for base in node.bases
            if base.keyword is None and not base.star
        )
        body = Scope(scope.module, "class", scope)
        cls = Class(node, body, bases)
        body.owner = cls
        self.execute(node.body, body)
        place = scope.module.place(node)
        self._init_subclass(cls, node, scope, place)
        value: Abstract = cls
        for decorator in reversed(node.decorators):
            if self.is_foreign(decorator, scope) is not None:
                continue
            where = scope.module.place(decorator)
            result = self.call(self.evaluate(decorator, scope), Arguments((value,)), where)
            value = value if isinstance(result, Unknown) else result
        self.bind(node.name, value, scope)
        return Flow.NEXT

    def _init_subclass(self, cls: Class, node: s.Class, scope: Scope, place: Place) -> None:
        """``__init_subclass__`` of a base runs when the class is made."""
        for ancestor in cls.ancestors()[1:] if self._may_hook(node, scope) else ():
            if isinstance(ancestor, Class):
                hook = self.force(ancestor.names.get("__init_subclass__", MISSING))
                if isinstance(hook, Function):
                    keywords = self.arguments([b for b in node.bases if b.keyword], scope)
                    self.call_function(hook.bind(cls), keywords, place)
                    return

    def _may_hook(self, node: s.Class, scope: Scope) -> bool:
        """Bases from modules without Celery register no tasks: they need not be looked at."""
        return any(
            not base.keyword and self.is_foreign(base.value, scope) is None for base in node.bases
        )

    def _return(self, node: s.Return, scope: Scope) -> Flow:
        value = self.evaluate(node.value, scope) if node.value is not None else Known(None)
        scope.returned.append((value, scope.elsewhere))
        return Flow.RETURN

    def _raise(self, node: s.Raise, scope: Scope) -> Flow:
        if node.exception is not None:
            self.evaluate(node.exception, scope)
        return Flow.RAISE

    def _delete(self, node: s.Delete, scope: Scope) -> Flow:
        for target in node.targets:
            if isinstance(target, s.Name):
                self.heap.delete(scope.names, target.id)
            elif isinstance(target, s.Subscript):
                owner = self.evaluate(target.value, scope)
                key = self.evaluate(target.index, scope)
                if isinstance(owner, Mapping) and isinstance(key, Known):
                    self.heap.delete(owner.entries, key.value)
        return Flow.NEXT

    def _global(self, node: s.Global, scope: Scope) -> Flow:
        scope.globals.update(node.names)
        return Flow.NEXT

    def _jump(self, node: s.Jump, scope: Scope) -> Flow:
        return Flow.BREAK if node.kind == "break" else Flow.CONTINUE

    # Expressions

    def evaluate(self, node: Any, scope: Scope) -> Abstract:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return Unknown(f"it takes too long to evaluate ({scope.module.place(node)})")
        return _EVALUATE[type(node)](self, node, scope)

    def _literal(self, node: s.Literal, scope: Scope) -> Abstract:
        return Known(node.value, (Step(f"`{plain.shown(node.value)}`", scope.module.place(node)),))

    def _name(self, node: s.Name, scope: Scope) -> Abstract:
        return self.lookup(node.id, scope, node)

    def lookup(self, name: str, scope: Scope, node: s.Node) -> Abstract:
        current: Scope | None = scope
        while current is not None:
            # A class body is no enclosing scope of its methods.
            if (current is scope or current.kind != "class") and name in current.names:
                return self.force(current.names[name])
            current = current.outer
        module = scope.module
        if name == "__name__":
            return Known(module.name, (Step("`__name__`", module.place(node)),))
        if name == "__file__":
            return Known(module.path, (Step("`__file__`", module.place(node)),))
        builtin = self.world.builtin(name)
        if builtin is not None:
            return builtin
        if module.stars:
            return self.world.outside(f"{module.stars[-1]}.{name}")
        return Unknown(f"`{name}` is not defined there as far as celerylint can tell "
                       f"({module.place(node)})")  # fmt: skip

    def _attribute(self, node: s.Attribute, scope: Scope) -> Abstract:
        owner = self.evaluate(node.value, scope)
        return self.attribute(owner, node.attr, scope.module.place(node))

    def attribute(self, owner: Abstract, name: str, place: Place) -> Abstract:
        """``owner.name``"""
        owner = self.force(owner)
        if isinstance(owner, OneOf):
            return self._each(owner, lambda option: self.attribute(option, name, place))
        if isinstance(owner, ModuleValue):
            if name == "__dict__":
                self.run_module(owner.file)
                return Mapping(dict(owner.file.scope.names))
            return self.module_attribute(owner.file, name, place)
        if isinstance(owner, External):
            return self.world.external_attribute(self, owner, name, place)
        if isinstance(owner, Native):
            return owner.get(self, name, place)
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
            return self.world.made_attribute(self, owner, name, place)
        if isinstance(owner, (Function, Wrapped)):
            return self._function_attribute(owner, name, place)
        if isinstance(owner, Unknown):
            return Unknown(owner.reason, owner.trail, owner.variables)
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
                    return self._enum_member(cls, name, self.force(found))
            else:
                outside = self.world.instance_attribute(self, cls, cls, name, place)
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
            return found
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
                found = self.force(ancestor.names.get(name, MISSING))
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
                value = self.force(ancestor.names[name])
                return value.bind(owner) if isinstance(value, Function) else value
            if isinstance(ancestor, External) and isinstance(owner, Native):
                return Method(owner, name)
        if name == "__init__":
            return External("builtins.object.__init__")
        return Unknown(f"`super().{name}` cannot be told ({place})")

    def _subscript(self, node: s.Subscript, scope: Scope) -> Abstract:
        owner = self.evaluate(node.value, scope)
        key = self.evaluate(node.index, scope)
        return self.index(owner, key, scope.module.place(node))

    def index(self, owner: Abstract, key: Abstract, place: Place) -> Abstract:
        """``owner[key]``"""
        if isinstance(owner, OneOf):
            return self._each(owner, lambda option: self.index(option, key, place))
        key = unmember(key)
        if isinstance(owner, Native):
            return owner.index(self, key, place)
        if isinstance(owner, Mapping) and isinstance(key, Known):
            found = owner.entries.get(key.value)
            if found is not None:
                return self.force(found)
            return owner.open or Unknown(f"there is no such key ({place})")
        if isinstance(owner, Items) and isinstance(key, Known) and type(key.value) is int:
            in_range = -len(owner.items) <= key.value < len(owner.items)
            if in_range and not owner.open:
                return self.force(owner.items[key.value])
        if isinstance(owner, Class) and enum_mixin(owner) is not None and isinstance(key, Known):
            return self.class_attribute(owner, str(key.value), place)
        if isinstance(owner, Known) and isinstance(key, Known):
            try:
                return Known(owner.value[key.value], owner.trail, owner.variables)
            except Exception:
                return Unknown(f"there is no such element ({place})", (), owner.variables)
        if isinstance(owner, External):
            # `Task[P, R]`, `list[int]`: the class, with its type parameters.
            return self.world.external_attribute(self, owner, "__getitem__", place)
        if isinstance(owner, Class):
            return owner
        if isinstance(owner, Unknown):
            return Unknown(owner.reason, owner.trail, owner.variables)
        return Unknown(f"the element cannot be told ({place})")

    def set_attribute(self, owner: Abstract, name: str, value: Abstract, place: Place) -> None:
        """``owner.name = value``"""
        step = Step(f"`.{name} = {describe(value)}`", place)
        for option in options_of(owner):
            if isinstance(option, Native):
                option.set(self, name, with_step(value, step), place)
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
        key = unmember(key)
        text = plain.shown(key.value) if isinstance(key, Known) else "..."
        value = with_step(value, Step(f"`[{text}] = {describe(value)}`", place))
        for option in options_of(owner):
            if isinstance(option, Native):
                option.set_index(self, key, value, place)
            elif isinstance(option, Mapping):
                if isinstance(key, Known):
                    self.heap.store(option.entries, key.value, value)
                else:
                    self._open(option.cell, Unknown(f"a key of it cannot be told ({place})"))
            elif isinstance(option, Items):
                self._open(option.cell, Unknown(f"an element is replaced ({place})"))

    def _call(self, node: s.Call, scope: Scope) -> Abstract:
        place = scope.module.place(node)
        if isinstance(node.func, s.Name) and node.func.id == "super":
            found = self._super(scope)
            if found is not None:
                return found
        if self._stays_near and self.is_foreign(node, scope) is not None:
            return Unknown(f"the call is not followed ({place})")
        func = self.evaluate(node.func, scope)
        return self.call(func, self.arguments(node.args, scope), place)

    def _super(self, scope: Scope) -> Abstract | None:
        current: Scope | None = scope
        while current is not None:
            if current.owner is not None and current.kind == "function":
                cls = current.owner
                bound = current.bound
                if isinstance(cls, Class) and bound is not None:
                    return Super(cls, bound)
            current = current.outer
        return None

    def arguments(self, args: Iterable[s.Argument], scope: Scope) -> Arguments:
        """Evaluate a call's arguments; each keyword remembers where it was given."""
        positional: list[Abstract] = []
        keywords: dict[str, Abstract] = {}
        more: Unknown | None = None
        for arg in args:
            value = (
                self.later(arg.value, scope) if not arg.star else self.evaluate(arg.value, scope)
            )
            place = scope.module.place(arg)
            if arg.star == "*":
                items, unknown = self.iterate(value)
                positional.extend(items)
                more = more or unknown
            elif arg.star == "**":
                more = self._spread(value, keywords, place) or more
            elif arg.keyword is not None:
                step = Step(f"`{arg.keyword}={describe(value)}`", place)
                keywords[arg.keyword] = with_step(value, step)
            else:
                positional.append(value)
        return Arguments(positional, keywords, more)

    def _spread(self, value: Abstract, into: dict[str, Abstract], place: Place) -> Unknown | None:
        """``**value``"""
        if isinstance(value, Mapping):
            for key, item in value.entries.items():
                if isinstance(key, str):
                    into[key] = self.force(item)
            return value.open
        reason = value.reason if isinstance(value, Unknown) else "its keys cannot be told"
        return Unknown(f"`**` at {place}: {reason}")

    def call(self, func: Abstract, arguments: Arguments, place: Place) -> Abstract:
        """``func(*arguments)``"""
        func = self.force(func)
        if isinstance(func, OneOf):
            with self._doubting():
                return self._each(func, lambda option: self.call(option, arguments, place))
        if isinstance(func, Function):
            return self.call_function(func, arguments, place)
        if isinstance(func, Class):
            return self.instantiate(func, arguments, place)
        if isinstance(func, External):
            return self.world.call_external(self, func.name, arguments, place)
        if isinstance(func, Method):
            if isinstance(func.owner, Native):
                return func.owner.invoke(self, func.name, arguments.resolved(), place)
            return self.world.call_method(self, func, arguments.resolved(), place)
        if isinstance(func, Native):
            return func.call(self, arguments.resolved(), place)
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
        made = self.world.make_instance(self, cls, arguments, place)
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
                return member
        return Unknown(f"which member of {cls.name} it is cannot be told ({place})")

    def call_function(self, func: Function, arguments: Arguments, place: Place) -> Abstract:
        """Call a function of the project: run its body on the arguments."""
        node = func.node
        if self._depth >= _DEEPEST_CALL or self._active.count(node) >= 3:
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
        self._active.append(node)
        self.ran.add(node)
        try:
            if isinstance(node, s.Lambda):
                return self.evaluate(node.body, scope)
            flow = self.execute(node.body, scope)
        finally:
            self._depth -= 1
            self._active.pop()
        if flow not in _STOPS:
            scope.returned.append((Known(None), scope.elsewhere))
        return _joined_returns(scope)

    def call_maybe(
        self, func: Function, arguments: Arguments, place: Place, *, certain: bool, near: bool
    ) -> None:
        """Call a function for what it does to Celery's objects; unless certain, it may or may
        not have run."""
        self._steps = 0
        self._stays_near = near
        try:
            if certain:
                self.call_function(func, arguments, place)
                return
            with self._doubting():
                _, writes = self.heap.attempt(lambda: self.call_function(func, arguments, place))
            self.heap.merge(writes)
        finally:
            self._stays_near = False

    def _starred(self, node: s.Starred, scope: Scope) -> Abstract:
        return self.evaluate(node.value, scope)

    def _sequence(self, node: s.Sequence, scope: Scope) -> Abstract:
        items: list[Abstract] = []
        more: Unknown | None = None
        for item in node.items:
            value = self.later(item, scope)
            if isinstance(item, s.Starred):
                value = self.force(value)
                spread, unknown = self.iterate(value)
                items.extend(spread)
                more = more or unknown
            else:
                items.append(value)
        return Items(node.kind, items, (), more)

    def _dict(self, node: s.Dict, scope: Scope) -> Abstract:
        result = Mapping()
        for pair in node.pairs:
            value = self.later(pair.value, scope)
            if pair.key is None:
                self._merge_into(result, self.force(value))
                continue
            key = unmember(self.evaluate(pair.key, scope))
            place = scope.module.place(pair)
            keyed = hashable_key(key)
            if keyed is None:
                result.cell["open"] = Unknown(f"a key of it cannot be told ({place})")
                continue
            step = Step(f"`{plain.shown(keyed)}: {describe(value)}`", place)
            result.entries[keyed] = with_step(value, step)
        return result

    def _merge_into(self, result: Mapping, value: Abstract) -> None:
        """Add the entries of a dict to a new one."""
        if isinstance(value, Mapping):
            result.entries.update(value.entries)
            result.cell["open"] = result.open or value.open
            return
        reason = value.reason if isinstance(value, Unknown) else "what is merged into it"
        _spoil(result.entries, reason)
        result.cell["open"] = Unknown(reason)

    def update(self, target: Mapping, source: Abstract) -> None:
        """``target.update(source)``"""
        if isinstance(source, Items):
            source = self.pairs_to_mapping(source)
        if isinstance(source, Mapping):
            for key, value in source.entries.items():
                if isinstance(value, OneOf) and MISSING in value.options:
                    value = join(value, target.entries.get(key, MISSING))
                self.heap.store(target.entries, key, value)
            more = source.open
        else:
            reason = source.reason if isinstance(source, Unknown) else "an update with it"
            more = Unknown(reason, variables=variables_of(source))
        if more is not None:
            for key in list(target.entries):
                if not isinstance(source, Mapping) or key not in source.entries:
                    self.heap.store(target.entries, key, more)
            self._open(target.cell, more)

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

    def _binary(self, node: s.Binary, scope: Scope) -> Abstract:
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        return self.binary(node.operator, left, right, scope.module.place(node))

    def binary(self, operator: str, left: Abstract, right: Abstract, place: Place) -> Abstract:
        """``left operator right``"""
        left, right = unmember(left), unmember(right)
        if isinstance(left, OneOf):
            return self._each(left, lambda option: self.binary(operator, option, right, place))
        if isinstance(right, OneOf):
            return self._each(right, lambda option: self.binary(operator, left, option, place))
        if isinstance(left, Known) and operator == "%" and isinstance(left.value, str):
            return self._percent(left, right, place)
        if isinstance(left, Known) and isinstance(right, Known):
            try:
                result = plain.binary(operator, left.value, right.value)
            except plain.CannotCompute as error:
                variables = (*left.variables, *right.variables)
                return Unknown(f"{error} ({place})", (), variables)
            return derived(result, left, right)
        if isinstance(left, Items) and isinstance(right, Items) and operator in ("+", "|"):
            return Items(left.kind, (*left.items, *right.items), (), left.open or right.open)
        repeats = right.value if isinstance(right, Known) and operator == "*" else None
        if isinstance(left, Items) and type(repeats) is int and repeats <= _MOST_ITERATIONS:
            return Items(left.kind, left.items * repeats, (), left.open)
        if isinstance(left, Mapping) and operator == "|":
            result_map = Mapping(dict(left.entries), (), left.open)
            self._merge_into(result_map, right)
            return result_map
        native = self._native_operator(operator, left, right, place)
        if native is not None:
            return native
        return self._not_computed(left, right, place)

    def _native_operator(
        self, operator: str, left: Abstract, right: Abstract, place: Place
    ) -> Abstract | None:
        """An operator that an object from outside defines (``signature | signature``)."""
        for side, other in ((left, right), (right, left)):
            if isinstance(side, Native):
                return side.invoke(self, f"operator {operator}", Arguments((other,)), place)
        return None

    def _not_computed(self, left: Abstract, right: Abstract, place: Place) -> Unknown:
        for side in (left, right):
            if isinstance(side, Unknown):
                both = (*variables_of(left), *variables_of(right))
                return Unknown(side.reason, side.trail, both if side.variables else ())
        return Unknown(f"the expression at {place} is not evaluated")

    def _percent(self, left: Known, right: Abstract, place: Place) -> Abstract:
        values = right.items if isinstance(right, Items) else (right,)
        known = [value for value in map(unmember, values) if isinstance(value, Known)]
        if len(known) != len(values) or (isinstance(right, Items) and right.open):
            return self._not_computed(left, right, place)
        try:
            result = left.value % tuple(value.value for value in known)
        except Exception as error:
            return Unknown(f"it raises {type(error).__name__} ({place})")
        return derived(result, left, *known)

    def _boolean(self, node: s.Boolean, scope: Scope) -> Abstract:
        left = self.evaluate(node.left, scope)
        verdict, variables = self.truth(left)
        if verdict is not None:
            stays = verdict if node.operator == "or" else not verdict
            if stays:
                return left
            return with_variables(self.evaluate(node.right, scope), variables)
        right = self.evaluate(node.right, scope)
        if isinstance(left, Unknown) and left.variables and node.operator == "or":
            # `os.environ["X"] or "default"`
            return with_variables(right, left.variables)
        return join(left, right)

    def _unary(self, node: s.Unary, scope: Scope) -> Abstract:
        operand = unmember(self.evaluate(node.operand, scope))
        place = scope.module.place(node)
        if node.operator == "not":
            verdict, variables = self.truth(operand)
            if verdict is None:
                return Unknown(f"the condition at {place} cannot be told", (), variables)
            return Known(not verdict, operand.trail, variables)
        if isinstance(operand, Known):
            try:
                return derived(plain.unary(node.operator, operand.value), operand)
            except plain.CannotCompute as error:
                return Unknown(f"{error} ({place})")
        return Unknown(f"the expression at {place} is not evaluated")

    def _compare(self, node: s.Compare, scope: Scope) -> Abstract:
        left = self.evaluate(node.left, scope)
        variables: tuple[str, ...] = ()
        trail: Trail = ()
        for operator, comparator in zip(node.operators, node.comparators, strict=True):
            right = self.evaluate(comparator, scope)
            verdict = self._compare_one(operator, unmember(left), unmember(right))
            variables = (*variables, *variables_of(left), *variables_of(right))
            if operator in ("in", "not in") and isinstance(right, Native):
                variables = (*variables, *right.decided_by(unmember(left)))
            trail = trail or left.trail
            if verdict is None:
                reason = f"the condition at {scope.module.place(node)} cannot be told"
                return Unknown(reason, (), variables)
            if not verdict:
                return Known(False, trail, variables)
            left = right
        return Known(True, trail, variables)

    def _compare_one(self, operator: str, left: Abstract, right: Abstract) -> bool | None:
        if isinstance(left, Known) and isinstance(right, Known):
            try:
                return plain.compare(operator, left.value, right.value)
            except plain.CannotCompute:
                return None
        if operator in ("in", "not in") and isinstance(left, Known):
            if isinstance(right, Native):
                contained = right.contains(left.value)
                return contained if contained is None or operator == "in" else not contained
            found = _contains(right, left.value)
            return found if found is None or operator == "in" else not found
        if operator in ("is", "is not", "==", "!="):
            nothing = [isinstance(side, Known) and side.value is None for side in (left, right)]
            other = right if nothing[0] else left
            if any(nothing) and isinstance(other, _NEVER_NONE):
                return operator in ("is not", "!=")
            if left is right:
                return operator in ("is", "==")
        return None

    def _conditional(self, node: s.Conditional, scope: Scope) -> Abstract:
        verdict, variables = self.truth(self.evaluate(node.test, scope))
        if verdict is not None and not variables:
            return self.evaluate(node.body if verdict else node.orelse, scope)
        body, orelse = self.evaluate(node.body, scope), self.evaluate(node.orelse, scope)
        usual, other = (orelse, body) if verdict is False else (body, orelse)
        return prefer(usual, other, variables)

    def _format(self, node: s.Format, scope: Scope) -> Abstract:
        parts: list[Abstract] = []
        for part in node.parts:
            value = self.evaluate(part, scope)
            if isinstance(value, EnumMember) and not _formats_as_value(value):
                return Unknown(f"an enumeration member is formatted ({scope.module.place(node)})")
            parts.append(value)
        return pure(lambda *texts: "".join(map(str, texts)), *parts, place=scope.module.place(node))

    def _lambda(self, node: s.Lambda, scope: Scope) -> Abstract:
        defaults = {
            parameter.name: self.later(parameter.default, scope)
            for parameter in node.parameters
            if parameter.default is not None
        }
        return Function(node, scope, defaults)

    def _comprehension(self, node: s.Comprehension, scope: Scope) -> Abstract:
        inner = Scope(scope.module, "function", scope)
        inner.owner = scope.owner
        mapping = Mapping()
        items: list[Abstract] = []

        def produce() -> None:
            element = self.evaluate(node.element, inner)
            if node.key is None:
                items.append(element)
                return
            key = hashable_key(unmember(self.evaluate(node.key, inner)))
            if key is None:
                mapping.cell["open"] = Unknown("a key of it cannot be told")
            else:
                mapping.entries[key] = element

        more = self._clauses(node.clauses, inner, produce)
        if node.kind == "dict":
            mapping.cell["open"] = mapping.open or more
            return mapping
        kind = "set" if node.kind == "set" else "list"
        return Items(kind, items, (), more)

    def _clauses(
        self, clauses: tuple[s.Clause, ...], scope: Scope, produce: Callable[[], None]
    ) -> Unknown | None:
        """Run the ``for`` and ``if`` parts; tells when there may be more than was produced."""
        if not clauses:
            produce()
            return None
        clause = clauses[0]
        items, more = self.iterate(self.evaluate(clause.iterable, scope))
        for item in items[:_MOST_ITERATIONS]:
            self.assign(clause.target, item, scope)
            verdicts = [self.truth(self.evaluate(test, scope)) for test in clause.conditions]
            if any(verdict is False for verdict, _ in verdicts):
                continue
            if any(verdict is None for verdict, _ in verdicts):
                more = more or Unknown(
                    f"a condition cannot be told ({scope.module.place(clause.conditions[0])})"
                )
                continue
            more = self._clauses(clauses[1:], scope, produce) or more
        return more

    def _walrus(self, node: s.Walrus, scope: Scope) -> Abstract:
        value = self.evaluate(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _await(self, node: s.Await, scope: Scope) -> Abstract:
        self.evaluate(node.value, scope)
        return Unknown(f"it is awaited ({scope.module.place(node)})")

    def _yield(self, node: s.Yield, scope: Scope) -> Abstract:
        if node.value is not None:
            self.evaluate(node.value, scope)
        return Unknown(f"it is a generator ({scope.module.place(node)})")

    def _opaque(self, node: s.Opaque, scope: Scope) -> Abstract:
        for part in node.parts:
            self.evaluate(part, scope)
        return Unknown(f"{node.what} is not evaluated ({scope.module.place(node)})")

    # Questions about values

    def truth(self, value: Abstract) -> tuple[bool | None, tuple[str, ...]]:
        """Whether a value is true; None where it cannot be told. The variables may change it."""
        value = unmember(value)
        if isinstance(value, Known):
            return bool(value.value), value.variables
        if isinstance(value, Items):
            return (None if value.open and not value.items else bool(value.items)), ()
        if isinstance(value, Mapping):
            return (None if value.open and not value.entries else bool(value.entries)), ()
        if isinstance(value, (Function, Class, ModuleValue, Partial, Wrapped)):
            return True, ()
        if isinstance(value, OneOf):
            verdicts = {self.truth(option)[0] for option in value.options}
            return (verdicts.pop() if len(verdicts) == 1 else None), ()
        return None, variables_of(value)

    def iterate(self, value: Abstract) -> tuple[tuple[Abstract, ...], Unknown | None]:
        """The elements of an iterable, and why there may be more."""
        if isinstance(value, Items):
            present = tuple(self.force(item) for item in value.items if not _maybe_missing(item))
            more = value.open
            if len(present) < len(value.items):
                more = more or Unknown("an element is there only in some cases")
            return present, more
        if isinstance(value, Mapping):
            return tuple(Known(key) for key in value.entries), value.open
        if isinstance(value, Known) and isinstance(value.value, str):
            return tuple(Known(character) for character in value.value[:_MOST_ITERATIONS]), None
        if isinstance(value, Class) and enum_mixin(value) is not None:
            place = value.module.place(value.node)
            members = [self.class_attribute(value, name, place) for name in value.names]
            return tuple(m for m in members if isinstance(m, EnumMember)), None
        reason = value.reason if isinstance(value, Unknown) else "its elements cannot be told"
        return (), Unknown(reason, (), variables_of(value))


def bind_parameters(
    names: dict[str, Abstract],
    parameters: tuple[s.Parameter, ...],
    defaults: dict[str, Abstract],
    arguments: Arguments,
    place: Place,
) -> None:
    """Bind a call's arguments to a function's parameters."""
    positional = list(arguments.args)
    keywords = dict(arguments.kwargs)
    for parameter in parameters:
        name = parameter.name
        if parameter.kind == "var-positional":
            names[name] = Items("tuple", positional, (), arguments.more)
            positional = []
        elif parameter.kind == "var-keyword":
            names[name] = Mapping(keywords, (), arguments.more)
            keywords = {}
        elif positional and parameter.kind != "keyword-only":
            names[name] = positional.pop(0)
        elif name in keywords:
            names[name] = keywords.pop(name)
        elif arguments.more is not None:
            names[name] = arguments.more
        elif name in defaults:
            names[name] = defaults[name]
        else:
            names[name] = Unknown(f"the argument `{name}` is not given ({place})")


def _joined_returns(scope: Scope) -> Abstract:
    """What a call returns: one of its return statements' values."""
    usual = [value for value, elsewhere in scope.returned if not elsewhere]
    others = [(value, elsewhere) for value, elsewhere in scope.returned if elsewhere]
    if not usual and not others:
        return Unknown("it raises")
    if not usual:
        usual, others = [value for value, _ in others], []
    result = usual[0]
    for value in usual[1:]:
        result = join(result, value)
    for value, variables in others:
        result = prefer(result, value, variables)
    return result


def prefer(usual: Abstract, other: Abstract, variables: tuple[str, ...]) -> Abstract:
    """Either of two values: the usual one, unless the environment variables say otherwise."""
    usual_is_plain = isinstance(usual, (Known, Items, Mapping))
    if variables and isinstance(other, Unknown) and usual_is_plain:
        return with_variables(usual, variables)
    return join(usual, other)


def derived(result: Any, *operands: Known) -> Known:
    """A value computed from others: where they came from is where it comes from."""
    steps: dict[Place | None, Step] = {}
    variables: dict[str, None] = {}
    for operand in operands:
        for step in operand.trail:
            steps.setdefault(step.place, step)
        variables.update(dict.fromkeys(operand.variables))
    return Known(result, tuple(steps.values())[:6], tuple(variables))


def pure(function: Callable[..., Any], *values: Abstract, place: Place) -> Abstract:
    """Apply a function of plain values; unknown where an argument is, or where it raises."""
    arguments = [unmember(value) for value in values]
    if prod(len(options_of(argument)) for argument in arguments) > MOST_OPTIONS:
        return Unknown(f"it has too many possible values ({place})")
    for index, argument in enumerate(arguments):
        if isinstance(argument, OneOf):
            result: Abstract | None = None
            for option in argument.options:
                chosen = [*arguments[:index], option, *arguments[index + 1 :]]
                applied = pure(function, *chosen, place=place)
                result = applied if result is None else join(result, applied)
            return result if result is not None else Unknown(f"nothing to call with ({place})")
    known = [argument for argument in arguments if isinstance(argument, Known)]
    if len(known) < len(arguments):
        blocker = next(a for a in arguments if not isinstance(a, Known))
        if isinstance(blocker, Unknown):
            return Unknown(blocker.reason, blocker.trail, blocker.variables)
        return Unknown(f"what the call returns cannot be told ({place})")
    try:
        result_value = function(*(argument.value for argument in known))
    except Exception as error:
        variables = tuple(name for argument in known for name in argument.variables)
        return Unknown(f"it raises {type(error).__name__} ({place})", (), variables)
    return derived(result_value, *known)


def describe(value: Abstract) -> str:
    """A short text for a value in a trail."""
    if isinstance(value, Known):
        return plain.shown(value.value)
    if isinstance(value, EnumMember):
        return f"{value.cls.name}.{value.name}"
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    if isinstance(value, (Class, Function)):
        return value.name
    if isinstance(value, Items):
        inner = ", ".join(describe(item) for item in value.items[:3])
        return f"({inner})" if value.kind == "tuple" else f"[{inner}]"
    return "{...}" if isinstance(value, Mapping) else "..."


def unmember(value: Abstract) -> Abstract:
    """The plain value of an enumeration member that is a str or int itself."""
    value = resolved(value)
    return value.value if isinstance(value, EnumMember) and value.mixin else value


def _formats_as_value(member: EnumMember) -> bool:
    """``f"{member}"`` gives the value for StrEnum and Django's choices, on every Python."""
    return bool(member.cls.outside & {"enum.StrEnum", "django.db.models.TextChoices"})


def enum_mixin(cls: Class) -> str | None:
    """ "" for an enumeration, str or int for one whose members are that; None for other classes."""
    names = cls.outside
    if names & {"enum.StrEnum", "django.db.models.TextChoices"}:
        return "str"
    if names & {"enum.IntEnum", "enum.IntFlag", "django.db.models.IntegerChoices"}:
        return "int"
    if names & {"enum.Enum", "enum.Flag"}:
        return "str" if "builtins.str" in names else "int" if "builtins.int" in names else ""
    return None


def hashable_key(value: Abstract) -> Any:
    """A plain key for a dict; None where it cannot be told."""
    if isinstance(value, Known) and value.value is not None:
        return value.value
    if isinstance(value, Made):
        return value
    return None


def _contains(container: Abstract, wanted: Any) -> bool | None:
    if isinstance(container, Mapping):
        found = container.entries.get(wanted)
        if found is None:
            return None if container.open else False
        return None if _maybe_missing(found) else True
    if isinstance(container, Items):
        values = [unmember(item) for item in container.items]
        if any(isinstance(value, Known) and value.value == wanted for value in values):
            return True
        known = all(isinstance(value, Known) for value in values) and not container.open
        return False if known else None
    return None


def _maybe_missing(value: Abstract) -> bool:
    return isinstance(value, Missing) or (isinstance(value, OneOf) and MISSING in value.options)


def _spoil(entries: dict[Any, Abstract], reason: str) -> None:
    for key in entries:
        entries[key] = Unknown(reason)


_NEVER_NONE = (Function, Class, Instance, Items, Mapping, ModuleValue, Native, Made, Partial)
_IN_PLACE = {("list", "+"), ("set", "|")}

_EXECUTE: dict[type, Callable[[Interpreter, Any, Scope], Flow]] = {
    s.Import: Interpreter._import,
    s.ImportFrom: Interpreter._import_from,
    s.Assign: Interpreter._assign,
    s.AugAssign: Interpreter._aug_assign,
    s.Expression: Interpreter._expression,
    s.If: Interpreter._if,
    s.Loop: Interpreter._loop,
    s.Try: Interpreter._try,
    s.With: Interpreter._with,
    s.Function: Interpreter._function,
    s.Class: Interpreter._class,
    s.Return: Interpreter._return,
    s.Raise: Interpreter._raise,
    s.Delete: Interpreter._delete,
    s.Global: Interpreter._global,
    s.Jump: Interpreter._jump,
}
_EVALUATE: dict[type, Callable[[Interpreter, Any, Scope], Abstract]] = {
    s.Literal: Interpreter._literal,
    s.Name: Interpreter._name,
    s.Attribute: Interpreter._attribute,
    s.Subscript: Interpreter._subscript,
    s.Call: Interpreter._call,
    s.Starred: Interpreter._starred,
    s.Sequence: Interpreter._sequence,
    s.Dict: Interpreter._dict,
    s.Binary: Interpreter._binary,
    s.Boolean: Interpreter._boolean,
    s.Unary: Interpreter._unary,
    s.Compare: Interpreter._compare,
    s.Conditional: Interpreter._conditional,
    s.Format: Interpreter._format,
    s.Lambda: Interpreter._lambda,
    s.Comprehension: Interpreter._comprehension,
    s.Walrus: Interpreter._walrus,
    s.Await: Interpreter._await,
    s.Yield: Interpreter._yield,
    s.Opaque: Interpreter._opaque,
}
