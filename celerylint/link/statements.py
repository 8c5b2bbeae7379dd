"""Executing statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Class,
    Deferred,
    External,
    Function,
    Items,
    Known,
    Mapping,
    ModuleValue,
    Scope,
    Unknown,
    Wrapped,
    resolved,
)
from celerylint.link.compute import (
    with_origin,
)
from celerylint.link.control import Control
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import Arguments, Flow, Native
from celerylint.model.place import Place
from celerylint.model.value import Step
from celerylint.read import syntax as s

_IN_PLACE = {("list", "+"), ("set", "|")}


class Statements(Control):
    """Executing statements."""

    def one(self, statement: Any, scope: Scope) -> Flow:
        return _EXECUTE[type(statement)](self, statement, scope)

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
        # `from package import module`: the package may have nothing to do with Celery.
        submodule = self.modules.submodule(file, name)
        home = submodule if submodule is not None and self.relevant(submodule) else file
        return Deferred(home, lambda: self.module_attribute(file, name, place))

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
                value = with_origin(value, f"{target.id} = ", place)
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
            self.open_up(current.cell, more)
            return True
        return False

    def _expression(self, node: s.Expression, scope: Scope) -> Flow:
        if not isinstance(node.value, s.Literal) and self.is_foreign(node.value, scope) is None:
            self.evaluate(node.value, scope)
        return Flow.NEXT

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
        if isinstance(value, Native):
            return self.world.decorated(value, result, place)
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
        for ancestor in cls.ancestors()[1:] if self.has_relevant_base(node, scope) else ():
            if isinstance(ancestor, Class):
                hook = resolved(ancestor.names.get("__init_subclass__", MISSING))
                if isinstance(hook, Function):
                    keywords = self.arguments([b for b in node.bases if b.keyword], scope)
                    self.call_function(hook.bind(cls), keywords, place)
                    return

    def has_relevant_base(self, node: s.Class, scope: Scope) -> bool:
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


_EXECUTE: dict[type, Callable[[Statements, Any, Scope], Flow]] = {
    s.Import: Statements._import,
    s.ImportFrom: Statements._import_from,
    s.Assign: Statements._assign,
    s.AugAssign: Statements._aug_assign,
    s.Expression: Statements._expression,
    s.If: Statements.if_,
    s.Loop: Statements.loop,
    s.Try: Statements.try_,
    s.With: Statements.with_,
    s.Function: Statements._function,
    s.Class: Statements._class,
    s.Return: Statements._return,
    s.Raise: Statements._raise,
    s.Delete: Statements._delete,
    s.Global: Statements._global,
    s.Jump: Statements._jump,
}
