"""Evaluating expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from celerylint.link import plain
from celerylint.link.abstract import (
    Abstract,
    Class,
    Deferred,
    EnumMember,
    Function,
    Items,
    Known,
    Mapping,
    ModuleValue,
    OneOf,
    Pending,
    Scope,
    Trail,
    Unknown,
    join,
    resolved,
    variables_of,
    with_variables,
)
from celerylint.link.compute import (
    MOST_ITERATIONS,
    derived,
    formats_as_value,
    hashable_key,
    prefer,
    pure,
    unmember,
    with_origin,
)
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import MOST_STEPS, Arguments, Native, Super
from celerylint.link.operators import Operators
from celerylint.model.place import Place
from celerylint.model.value import Step
from celerylint.read import syntax as s


class Expressions(Operators):
    """Evaluating expressions."""

    def evaluate(self, node: Any, scope: Scope) -> Abstract:
        self._steps += 1
        if self._steps > MOST_STEPS:
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
                return resolved(current.names[name])
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

    def _subscript(self, node: s.Subscript, scope: Scope) -> Abstract:
        owner = self.evaluate(node.value, scope)
        key = self.evaluate(node.index, scope)
        return self.index(owner, key, scope.module.place(node))

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
                keywords[arg.keyword] = with_origin(value, f"{arg.keyword}=", place)
            else:
                positional.append(value)
        return Arguments(positional, keywords, more)

    def _spread(self, value: Abstract, into: dict[str, Abstract], place: Place) -> Unknown | None:
        """``**value``"""
        if isinstance(value, OneOf):
            merged = Mapping()
            self.merge_into(merged, value)
            value = merged
        if isinstance(value, Mapping):
            for key, item in value.entries.items():
                if isinstance(key, str):
                    into[key] = resolved(item)
            return value.open
        reason = value.reason if isinstance(value, Unknown) else "its keys cannot be told"
        return Unknown(f"`**` at {place}: {reason}")

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

    def later(self, node: Any, scope: Scope) -> Abstract:
        """Evaluate an expression, or put it off where it is foreign or not there yet."""
        file = self.is_foreign(node, scope)
        if file is None:
            value = self.evaluate(node, scope)
            if not isinstance(value, Pending):
                return value
        return Deferred(file or scope.module, lambda: self.evaluate(node, scope))

    def _starred(self, node: s.Starred, scope: Scope) -> Abstract:
        return self.evaluate(node.value, scope)

    def _sequence(self, node: s.Sequence, scope: Scope) -> Abstract:
        items: list[Abstract] = []
        more: Unknown | None = None
        for item in node.items:
            value = self.later(item, scope)
            if isinstance(item, s.Starred):
                value = resolved(value)
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
                self.merge_into(result, resolved(value))
                continue
            key = unmember(self.evaluate(pair.key, scope))
            place = scope.module.place(pair)
            keyed = hashable_key(key)
            if keyed in result.entries and isinstance(pair.key, s.Literal):
                result.repeated.append((keyed, result.entries[keyed], place))
            if keyed is None:
                result.cell["open"] = Unknown(f"a key of it cannot be told ({place})")
                continue
            result.entries[keyed] = with_origin(value, f"{plain.shown(keyed)}: ", place)
        return result

    def _binary(self, node: s.Binary, scope: Scope) -> Abstract:
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        return self.binary(node.operator, left, right, scope.module.place(node))

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
            if isinstance(value, EnumMember) and not formats_as_value(value):
                return Unknown(f"an enumeration member is formatted ({scope.module.place(node)})")
            parts.append(value)
        return pure(lambda *texts: "".join(map(str, texts)), *parts, place=scope.module.place(node))

    def _field(self, node: s.Field, scope: Scope) -> Abstract:
        value = self.evaluate(node.value, scope)
        place = scope.module.place(node)
        if isinstance(value, EnumMember) and not formats_as_value(value):
            return Unknown(f"an enumeration member is formatted ({place})")
        spec = self._format(node.spec, scope) if node.spec is not None else Known("")
        conversion = node.conversion

        def formatted(plain_value: object, spec_text: str) -> str:
            return plain.formatted(plain_value, conversion, spec_text)

        return pure(formatted, value, spec, place=place)

    def _slice(self, node: s.Slice, scope: Scope) -> Abstract:
        bounds = [
            self.evaluate(bound, scope) if bound is not None else Known(None)
            for bound in (node.lower, node.upper, node.step)
        ]
        return pure(lambda *parts: slice(*parts), *bounds, place=scope.module.place(node))

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
        if more is not None and not items and self.is_glancing:
            # What `group(task.s(x) for x in ...)` is made of is worth knowing all the same.
            self.assign(clause.target, Unknown(more.reason), scope)
            return self._clauses(clauses[1:], scope, produce) or more
        for item in items[:MOST_ITERATIONS]:
            self.assign(clause.target, item, scope)
            verdicts = [self.truth(self.evaluate(test, scope)) for test in clause.conditions]
            variables = tuple(name for _, names in verdicts for name in names)
            if variables and more is None:
                more = Unknown(f"which elements there are depends on {variables[0]}", (), variables)
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


_EVALUATE: dict[type, Callable[[Expressions, Any, Scope], Abstract]] = {
    s.Literal: Expressions._literal,
    s.Name: Expressions._name,
    s.Attribute: Expressions._attribute,
    s.Subscript: Expressions._subscript,
    s.Call: Expressions._call,
    s.Starred: Expressions._starred,
    s.Sequence: Expressions._sequence,
    s.Dict: Expressions._dict,
    s.Binary: Expressions._binary,
    s.Boolean: Expressions._boolean,
    s.Unary: Expressions._unary,
    s.Compare: Expressions._compare,
    s.Conditional: Expressions._conditional,
    s.Format: Expressions._format,
    s.Field: Expressions._field,
    s.Slice: Expressions._slice,
    s.Lambda: Expressions._lambda,
    s.Comprehension: Expressions._comprehension,
    s.Walrus: Expressions._walrus,
    s.Await: Expressions._await,
    s.Yield: Expressions._yield,
    s.Opaque: Expressions._opaque,
}
