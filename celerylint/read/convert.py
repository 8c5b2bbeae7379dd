"""From libcst's syntax tree to ours."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any

import libcst as cst

from celerylint.read import syntax as s
from celerylint.read.decode import decode
from celerylint.read.gaps import Gap, gaps_in, without
from celerylint.read.nesting import check_nesting
from celerylint.read.offsets import Offsets, offsets_of
from celerylint.read.unreadable import Unreadable, line_starts_of, rejected

# Twice what the deepest of 23,000 public files needs, and few enough for whoever walks the facts.
_DEEPEST = 200
# What that many levels take, and the hundred indentations that Python allows around them.
_FRAMES = 2_000


def convert(data: bytes) -> s.FileFacts:
    """Parse and convert a file. A file that cannot be read yields facts with an error."""
    try:
        # Strange escape sequences are for Python to warn of, when it runs the file.
        with warnings.catch_warnings(), _frames_to_spare():
            warnings.simplefilter("ignore")
            text = decode(data)
            return s.FileFacts(_statements(text), line_starts_of(text))
    except Unreadable as why:
        nothing = s.FileFacts((), line_starts_of(why.text))
        error = s.ReadError(*nothing.position(why.offset), why.message)
        return s.FileFacts((), nothing.line_starts, error)


@contextmanager
def _frames_to_spare() -> Iterator[None]:
    """Room on the stack, so that facts do not depend on how deep in it their reader is."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + _FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def convert_body(unread: s.Unread) -> s.Body:
    """Parse and convert the body of a function."""
    header = f"{'async ' * unread.is_async}def f():"
    text = f"{header}{unread.text}\n"
    start = unread.start - len(header)
    try:
        with warnings.catch_warnings(), _frames_to_spare():
            warnings.simplefilter("ignore")
            (function,) = _parse(text, gaps_in(text), start)
    except Exception:
        end = unread.start + len(unread.text)
        body = s.Opaque(unread.start, end, "a body that celerylint cannot read", ())
        return s.Body((s.Expression(body.start, body.end, body),), False)
    assert isinstance(function, s.Function) and isinstance(function.inside, s.Body)
    return function.inside


def _statements(text: str) -> tuple[s.Stmt, ...]:
    check_nesting(text)
    if gaps := gaps_in(text):
        with suppress(Exception):  # then the whole says what is wrong, or that the gaps were
            return _parse(text, gaps)
    try:
        module = cst.parse_module(text)
        offsets = offsets_of(module, text)
    except RecursionError:
        raise Unreadable(text, 0, "it nests too deep") from None
    except Exception as error:  # not only cst.ParserSyntaxError
        raise rejected(text, error) from None
    try:
        return _Converter(text, offsets).block(module.body)
    except _TooDeep as error:
        raise Unreadable(text, error.offset, "it nests too deep here") from None
    except RecursionError:
        raise Unreadable(text, 0, "it nests too deep") from None


def _parse(text: str, gaps: Sequence[Gap], start: int = 0) -> tuple[s.Stmt, ...]:
    """The statements of a text that has this offset, without what is in the gaps."""
    module = cst.parse_module(without(text, gaps))
    offsets = offsets_of(module, text, gaps, start)
    return _Converter(text, offsets, gaps, start).block(module.body)


class _TooDeep(Exception):
    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class _Converter:
    """One file's conversion. Methods are named after what they return."""

    def __init__(
        self, text: str, offsets: Offsets, gaps: Iterable[Gap] = (), start: int = 0
    ) -> None:
        self.offsets = offsets
        self.unread = {
            gap.name + start: s.Unread(text[gap.start : gap.end], gap.start + start, gap.is_async)
            for gap in gaps
        }
        """The bodies left out, by the offset of the function's name"""
        self.depth = 0
        """How many expressions and branches are around the one being converted"""
        self.yields = False
        """Whether the function being converted has a ``yield`` of its own"""

    # Statements

    def block(self, body: Iterable[Any]) -> tuple[Any, ...]:
        result: list[Any] = []
        for statement in body:
            if isinstance(statement, cst.SimpleStatementLine):
                result.extend(self.small(statement.body))
            else:
                convert = _COMPOUND.get(type(statement))
                if convert is not None:
                    result.extend(convert(self, statement))
        return tuple(result)

    def suite(self, suite: Any) -> tuple[Any, ...]:
        if isinstance(suite, cst.IndentedBlock):
            return self.block(suite.body)
        return tuple(self.small(suite.body))

    def small(self, statements: Sequence[Any]) -> Iterable[Any]:
        for statement in statements:
            convert = _SMALL.get(type(statement))
            if convert is not None:
                yield convert(self, statement)

    def import_(self, node: Any) -> s.Import:
        return s.Import(*self.offsets[id(node)], tuple(self.alias(name) for name in node.names))

    def import_from(self, node: Any) -> s.ImportFrom:
        start, end = self.offsets[id(node)]
        if isinstance(node.names, cst.ImportStar):
            names: tuple[s.Alias, ...] = (s.Alias(start, end, "*", None),)
        else:
            names = tuple(self.alias(name) for name in node.names)
        module = _dotted(node.module) if node.module is not None else ""
        return s.ImportFrom(start, end, module, len(node.relative), names)

    def alias(self, node: cst.ImportAlias) -> s.Alias:
        asname = node.asname.name if node.asname is not None else None
        name = asname.value if isinstance(asname, cst.Name) else None
        return s.Alias(*self.offsets[id(node)], _dotted(node.name), name)

    def assign(self, node: cst.Assign) -> s.Assign:
        targets = tuple(self.expr(target.target) for target in node.targets)
        return s.Assign(*self.offsets[id(node)], targets, self.expr(node.value), None)

    def ann_assign(self, node: cst.AnnAssign) -> s.Assign:
        value = self.expr(node.value) if node.value is not None else None
        annotation = self.expr(node.annotation.annotation)
        return s.Assign(*self.offsets[id(node)], (self.expr(node.target),), value, annotation)

    def aug_assign(self, node: cst.AugAssign) -> s.AugAssign:
        target, value = self.expr(node.target), self.expr(node.value)
        operator = _AUGMENTED[type(node.operator)]
        return s.AugAssign(*self.offsets[id(node)], target, operator, value)

    def expression(self, node: cst.Expr) -> s.Expression:
        return s.Expression(*self.offsets[id(node)], self.expr(node.value))

    def return_(self, node: cst.Return) -> s.Return:
        return s.Return(*self.offsets[id(node)], self.optional(node.value))

    def raise_(self, node: cst.Raise) -> s.Raise:
        return s.Raise(*self.offsets[id(node)], self.optional(node.exc))

    def assert_(self, node: cst.Assert) -> s.Expression:
        return s.Expression(*self.offsets[id(node)], self.expr(node.test))

    def type_alias(self, node: cst.TypeAlias) -> s.Assign:
        start, end = self.offsets[id(node)]
        value = s.Opaque(*self.offsets[id(node.value)], "a type alias", ())
        return s.Assign(start, end, (self.expr(node.name),), value, None)

    def delete(self, node: cst.Del) -> s.Delete:
        target = node.target
        elements = target.elements if isinstance(target, cst.Tuple) else None
        targets = [element.value for element in elements] if elements is not None else [target]
        return s.Delete(*self.offsets[id(node)], tuple(self.expr(item) for item in targets))

    def global_(self, node: cst.Global | cst.Nonlocal) -> s.Global:
        names = tuple(item.name.value for item in node.names)
        return s.Global(*self.offsets[id(node)], names)

    def jump(self, node: cst.Break | cst.Continue) -> s.Jump:
        kind = "break" if isinstance(node, cst.Break) else "continue"
        return s.Jump(*self.offsets[id(node)], kind)

    def if_(self, node: cst.If) -> Iterable[Any]:
        start, end = self.offsets[id(node)]
        yield s.If(
            start, end, self.expr(node.test), self.suite(node.body), self.orelse(node.orelse)
        )

    def orelse(self, node: Any) -> tuple[Any, ...]:
        if node is None:
            return ()
        if isinstance(node, cst.Else):
            return self.suite(node.body)
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _TooDeep(self.offsets[id(node)][0])
        branch = tuple(self.if_(node))
        self.depth -= 1
        return branch

    def for_(self, node: cst.For) -> Iterable[Any]:
        start, end = self.offsets[id(node)]
        yield s.Loop(
            start,
            end,
            self.expr(node.target),
            self.expr(node.iter),
            self.suite(node.body),
            self.orelse(node.orelse),
        )

    def while_(self, node: cst.While) -> Iterable[Any]:
        start, end = self.offsets[id(node)]
        test = self.expr(node.test)
        yield s.Loop(start, end, None, test, self.suite(node.body), self.orelse(node.orelse))

    def try_(self, node: cst.Try | cst.TryStar) -> Iterable[Any]:
        start, end = self.offsets[id(node)]
        yield s.Try(
            start,
            end,
            self.suite(node.body),
            tuple(self.handler(handler) for handler in node.handlers),
            self.orelse(node.orelse),
            self.suite(node.finalbody.body) if node.finalbody is not None else (),
        )

    def handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> s.Handler:
        name = node.name.name if node.name is not None else None
        return s.Handler(
            *self.offsets[id(node)],
            self.optional(node.type),
            name.value if isinstance(name, cst.Name) else None,
            self.suite(node.body),
        )

    def with_(self, node: cst.With) -> Iterable[Any]:
        start, end = self.offsets[id(node)]
        items = tuple(
            s.WithItem(
                *self.offsets[id(item)],
                self.expr(item.item),
                self.expr(item.asname.name) if item.asname is not None else None,
            )
            for item in node.items
        )
        yield s.With(start, end, items, self.suite(node.body))

    def match(self, node: cst.Match) -> Iterable[Any]:
        """Any case may be the one that runs: nested branches with tests that say nothing."""
        yield s.Expression(*self.offsets[id(node.subject)], self.expr(node.subject))
        _, end = self.offsets[id(node)]
        branches: tuple[Any, ...] = ()
        for case in reversed(node.cases):
            body = (*self.captures(case.pattern), *self.suite(case.body))
            if _always_matches(case):
                branches = body
                continue
            guard = (self.expr(case.guard),) if case.guard is not None else ()
            test = s.Opaque(*self.offsets[id(case)], "a match statement", guard)
            branches = (s.If(test.start, end, test, body, branches),)
        yield from branches

    def captures(self, pattern: cst.CSTNode) -> Iterable[s.Assign]:
        """The names that a pattern binds, to values that are not known."""
        for name in _captured(pattern):
            start, end = self.offsets[id(name)]
            value = s.Opaque(start, end, "what a pattern captures", ())
            yield s.Assign(start, end, (s.Name(start, end, name.value),), value, None)

    def function(self, node: cst.FunctionDef) -> Iterable[Any]:
        start, end = self.offsets[id(node.name)]
        parameters = self.parameters(node.params)
        decorators = tuple(self.expr(decorator.decorator) for decorator in node.decorators)
        inside = self.unread.get(start) or self.function_body(node.body)
        is_async = node.asynchronous is not None
        yield s.Function(start, end, node.name.value, parameters, decorators, inside, is_async)

    def function_body(self, suite: Any) -> s.Body:
        around, self.yields = self.yields, False
        body = self.suite(suite)
        is_generator, self.yields = self.yields, around
        return s.Body(body, is_generator)

    def class_(self, node: cst.ClassDef) -> Iterable[Any]:
        yield s.Class(
            *self.offsets[id(node.name)],
            node.name.value,
            tuple(self.argument(arg) for arg in (*node.bases, *node.keywords)),
            tuple(self.expr(decorator.decorator) for decorator in node.decorators),
            self.suite(node.body),
        )

    # Expressions

    def optional(self, node: Any) -> Any:
        return None if node is None else self.expr(node)

    def expr(self, node: Any) -> Any:
        convert = _EXPRESSIONS.get(type(node))
        if convert is None:
            return self.opaque(node)
        if self.depth == _DEEPEST:
            return s.Opaque(*self.offsets[id(node)], "an expression that nests too deep", ())
        self.depth += 1
        result = convert(self, node)
        self.depth -= 1
        return result

    def opaque(self, node: Any) -> s.Opaque:
        return s.Opaque(*self.offsets[id(node)], type(node).__name__, ())

    def name(self, node: cst.Name) -> Any:
        start, end = self.offsets[id(node)]
        if node.value in _CONSTANTS:
            return s.Literal(start, end, _CONSTANTS[node.value])
        return s.Name(start, end, node.value)

    def number(self, node: cst.Integer | cst.Float) -> Any:
        start, end = self.offsets[id(node)]
        value = _number(node)
        if value is None:
            return s.Opaque(start, end, "a huge number", ())
        return s.Literal(start, end, value)

    def string(self, node: cst.SimpleString) -> Any:
        start, end = self.offsets[id(node)]
        opening = _OPENING.match(node.value)
        assert opening is not None
        prefix, quotes = opening.groups()
        if "b" in prefix.lower():
            return s.Opaque(start, end, "a bytes literal", ())
        return _text(start, end, node.value[opening.end() : -len(quotes)], prefix, quotes)

    def concatenated(self, node: cst.ConcatenatedString) -> Any:
        start, end = self.offsets[id(node)]
        pieces: list[Any] = []
        rest: Any = node
        while isinstance(rest, cst.ConcatenatedString):
            pieces.append(self.expr(rest.left))
            rest = rest.right
        pieces.append(self.expr(rest))
        if any(isinstance(piece, s.Opaque) for piece in pieces):
            return s.Opaque(start, end, "a concatenation", tuple(pieces))
        if all(isinstance(piece, s.Literal) for piece in pieces):
            return s.Literal(start, end, "".join(piece.value for piece in pieces))
        parts = (piece.parts if isinstance(piece, s.Format) else (piece,) for piece in pieces)
        return s.Format(start, end, tuple(chain.from_iterable(parts)))

    def format(self, node: cst.FormattedString) -> s.Format:
        parts = self.parts(node.parts, node.prefix, node.end)
        return s.Format(*self.offsets[id(node)], parts)

    def template(self, node: cst.TemplatedString) -> s.Opaque:
        parts = self.parts(node.parts, node.prefix, node.end)
        return s.Opaque(*self.offsets[id(node)], "a template string", parts)

    def parts(self, parts: Iterable[Any], prefix: str, quotes: str) -> tuple[Any, ...]:
        """The texts and fields of an f-string with this prefix and between such quotes."""
        found: list[Any] = []
        for part in parts:
            if isinstance(part, (cst.FormattedStringText, cst.TemplatedStringText)):
                source = part.value.replace("{{", "{").replace("}}", "}")
                found.append(_text(*self.offsets[id(part)], source, prefix, quotes))
            else:
                found.append(self.field(part, prefix, quotes))
        return tuple(found)

    def field(self, node: Any, prefix: str, quotes: str) -> Any:
        value = self.expr(node.expression)
        if node.format_spec is None and node.conversion is None and node.equal is None:
            return value
        parts = self.parts(node.format_spec or (), prefix, quotes)
        end = parts[-1].end if parts else value.end
        if node.equal is not None:
            return s.Opaque(value.start, end, "a field with `=`", (value, *parts))
        spec = s.Format(parts[0].start, end, parts) if parts else None
        return s.Field(value.start, end, value, node.conversion or "", spec)

    def attribute(self, node: cst.Attribute) -> s.Attribute:
        return s.Attribute(*self.offsets[id(node)], self.expr(node.value), node.attr.value)

    def subscript(self, node: cst.Subscript) -> s.Subscript:
        items = tuple(self.element(element) for element in node.slice)
        index = items[0]
        comma = isinstance(node.slice[-1].comma, cst.Comma)
        if comma or len(items) > 1 or isinstance(index, s.Starred):
            index = s.Sequence(index.start, items[-1].end, "tuple", items)
        return s.Subscript(*self.offsets[id(node)], self.expr(node.value), index)

    def element(self, node: cst.SubscriptElement) -> Any:
        start, end = self.offsets[id(node)]
        if isinstance(node.slice, cst.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            return s.Slice(start, end, *(self.optional(bound) for bound in bounds))
        assert isinstance(node.slice, cst.Index)
        value = self.expr(node.slice.value)
        return s.Starred(start, end, value) if node.slice.star else value

    def call(self, node: cst.Call) -> s.Call:
        func = self.expr(node.func)
        args = tuple(self.argument(arg) for arg in node.args)
        return s.Call(*self.offsets[id(node)], func, args)

    def argument(self, node: cst.Arg) -> s.Argument:
        keyword = node.keyword.value if node.keyword is not None else None
        return s.Argument(*self.offsets[id(node)], self.expr(node.value), keyword, node.star)

    def starred(self, node: cst.StarredElement) -> s.Starred:
        return s.Starred(*self.offsets[id(node)], self.expr(node.value))

    def sequence(self, node: cst.List | cst.Tuple | cst.Set) -> s.Sequence:
        kind = type(node).__name__.lower()
        items = tuple(
            self.starred(item) if isinstance(item, cst.StarredElement) else self.expr(item.value)
            for item in node.elements
        )
        return s.Sequence(*self.offsets[id(node)], kind, items)

    def dict(self, node: cst.Dict) -> s.Dict:
        pairs = tuple(
            s.Pair(
                *self.offsets[id(item)],
                self.expr(item.key) if isinstance(item, cst.DictElement) else None,
                self.expr(item.value),
            )
            for item in node.elements
        )
        return s.Dict(*self.offsets[id(node)], pairs)

    def binary(self, node: cst.BinaryOperation) -> s.Binary:
        operator = _BINARY[type(node.operator)]
        left, right = self.expr(node.left), self.expr(node.right)
        return s.Binary(*self.offsets[id(node)], operator, left, right)

    def boolean(self, node: cst.BooleanOperation) -> s.Boolean:
        operator = "and" if isinstance(node.operator, cst.And) else "or"
        left, right = self.expr(node.left), self.expr(node.right)
        return s.Boolean(*self.offsets[id(node)], operator, left, right)

    def unary(self, node: cst.UnaryOperation) -> Any:
        start, end = self.offsets[id(node)]
        operator = _UNARY[type(node.operator)]
        operand = self.expr(node.expression)
        value = operand.value if isinstance(operand, s.Literal) else None
        if operator in "+-" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return s.Literal(start, end, -value if operator == "-" else value)
        return s.Unary(start, end, operator, operand)

    def compare(self, node: cst.Comparison) -> s.Compare:
        operators = tuple(_COMPARISONS[type(c.operator)] for c in node.comparisons)
        comparators = tuple(self.expr(c.comparator) for c in node.comparisons)
        return s.Compare(*self.offsets[id(node)], self.expr(node.left), operators, comparators)

    def conditional(self, node: cst.IfExp) -> s.Conditional:
        test, body, orelse = self.expr(node.test), self.expr(node.body), self.expr(node.orelse)
        return s.Conditional(*self.offsets[id(node)], test, body, orelse)

    def lambda_(self, node: cst.Lambda) -> s.Lambda:
        parameters = self.parameters(node.params)
        around = self.yields
        body = self.expr(node.body)
        self.yields = around
        return s.Lambda(*self.offsets[id(node)], parameters, body)

    def parameters(self, node: cst.Parameters) -> tuple[s.Parameter, ...]:
        result = [self.parameter(param, "positional-only") for param in node.posonly_params]
        result += [self.parameter(param, "positional") for param in node.params]
        if isinstance(node.star_arg, cst.Param):
            result.append(self.parameter(node.star_arg, "var-positional"))
        result += [self.parameter(param, "keyword-only") for param in node.kwonly_params]
        if node.star_kwarg is not None:
            result.append(self.parameter(node.star_kwarg, "var-keyword"))
        return tuple(result)

    def parameter(self, node: cst.Param, kind: str) -> s.Parameter:
        annotation = node.annotation.annotation if node.annotation is not None else None
        return s.Parameter(
            *self.offsets[id(node.name)],
            node.name.value,
            kind,
            self.optional(node.default),
            self.optional(annotation),
        )

    def comprehension(self, node: Any) -> s.Comprehension:
        kind = _COMPREHENSIONS[type(node)]
        clauses: list[s.Clause] = []
        inner = node.for_in
        while inner is not None:
            target, iterable = self.expr(inner.target), self.expr(inner.iter)
            conditions = tuple(self.expr(condition.test) for condition in inner.ifs)
            end = (conditions or (iterable,))[-1].end
            clauses.append(s.Clause(target.start, end, target, iterable, conditions))
            inner = inner.inner_for_in
        is_dict = kind == "dict"
        key = self.expr(node.key) if is_dict else None
        element = self.expr(node.value) if is_dict else self.expr(node.elt)
        return s.Comprehension(*self.offsets[id(node)], kind, key, element, tuple(clauses))

    def walrus(self, node: cst.NamedExpr) -> s.Walrus:
        return s.Walrus(*self.offsets[id(node)], self.expr(node.target), self.expr(node.value))

    def await_(self, node: cst.Await) -> s.Await:
        return s.Await(*self.offsets[id(node)], self.expr(node.expression))

    def yield_(self, node: cst.Yield) -> s.Yield:
        self.yields = True
        value = node.value.item if isinstance(node.value, cst.From) else node.value
        return s.Yield(*self.offsets[id(node)], self.optional(value))


def _dotted(node: Any) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return str(node.value)


def _always_matches(case: cst.MatchCase) -> bool:
    """``case _`` and ``case name``."""
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, cst.MatchAs) and pattern.pattern is None


def _captured(pattern: cst.CSTNode) -> Iterator[cst.Name]:
    for child in pattern.children:
        yield from _captured(child)
    name = None
    if isinstance(pattern, (cst.MatchAs, cst.MatchStar)):
        name = pattern.name
    elif isinstance(pattern, cst.MatchMapping):
        name = pattern.rest
    if name is not None:
        yield name


def _number(node: cst.Integer | cst.Float) -> int | float | None:
    """The value of a number; None where facts cannot hold it."""
    if isinstance(node, cst.Float):
        return float(node.value)
    try:
        value = int(node.value, 0)
    except ValueError:  # more digits than Python converts
        return None
    return value if value <= _LARGEST else None


def _text(start: int, end: int, source: str, prefix: str, quotes: str) -> Any:
    """A string, or a part of one, that is written like this between such quotes."""
    value = _LINE_END.sub("\n", source) if "\r" in source else source
    if "\\" in value and "r" not in prefix.lower():
        try:
            # The space keeps a quote or a backslash in the end from the closing quotes: f"\{x}".
            value = ast.literal_eval(f"{quotes}{value} {quotes}")[:-1]
            value.encode()
        except (SyntaxError, ValueError):
            return s.Opaque(start, end, "a string that is not Unicode", ())
    return s.Literal(start, end, value)


# msgpack, in which facts travel, has no larger integers.
_LARGEST = 2**63 - 1
_OPENING = re.compile(r"([A-Za-z]*)(\"{3}|'{3}|\"|')")
_LINE_END = re.compile(r"\r\n?")

_CONSTANTS: dict[str, bool | None] = {"True": True, "False": False, "None": None}

_BINARY: dict[type, str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitOr: "|",
    cst.BitAnd: "&",
    cst.BitXor: "^",
    cst.MatrixMultiply: "@",
}
_AUGMENTED: dict[type, str] = {
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
    cst.BitOrAssign: "|",
    cst.BitAndAssign: "&",
    cst.BitXorAssign: "^",
    cst.MatrixMultiplyAssign: "@",
}
_UNARY: dict[type, str] = {cst.Not: "not", cst.Minus: "-", cst.Plus: "+", cst.BitInvert: "~"}
_COMPARISONS: dict[type, str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
}
_COMPREHENSIONS: dict[type, str] = {
    cst.ListComp: "list",
    cst.SetComp: "set",
    cst.DictComp: "dict",
    cst.GeneratorExp: "generator",
}

_Convert = Callable[[_Converter, Any], Any]

_SMALL: dict[type, _Convert] = {
    cst.Import: _Converter.import_,
    cst.ImportFrom: _Converter.import_from,
    cst.Assign: _Converter.assign,
    cst.AnnAssign: _Converter.ann_assign,
    cst.AugAssign: _Converter.aug_assign,
    cst.Expr: _Converter.expression,
    cst.Return: _Converter.return_,
    cst.Raise: _Converter.raise_,
    cst.Assert: _Converter.assert_,
    cst.TypeAlias: _Converter.type_alias,
    cst.Del: _Converter.delete,
    cst.Global: _Converter.global_,
    cst.Nonlocal: _Converter.global_,
    cst.Break: _Converter.jump,
    cst.Continue: _Converter.jump,
}
# PEP 810, which libcst reads from 1.9 on.
if hasattr(cst, "LazyImport"):
    _SMALL[cst.LazyImport] = _Converter.import_
    _SMALL[cst.LazyImportFrom] = _Converter.import_from
_COMPOUND: dict[type, _Convert] = {
    cst.If: _Converter.if_,
    cst.For: _Converter.for_,
    cst.While: _Converter.while_,
    cst.Try: _Converter.try_,
    cst.TryStar: _Converter.try_,
    cst.With: _Converter.with_,
    cst.Match: _Converter.match,
    cst.FunctionDef: _Converter.function,
    cst.ClassDef: _Converter.class_,
}
_EXPRESSIONS: dict[type, _Convert] = {
    cst.Name: _Converter.name,
    cst.Integer: _Converter.number,
    cst.Float: _Converter.number,
    cst.SimpleString: _Converter.string,
    cst.ConcatenatedString: _Converter.concatenated,
    cst.FormattedString: _Converter.format,
    cst.TemplatedString: _Converter.template,
    cst.Attribute: _Converter.attribute,
    cst.Subscript: _Converter.subscript,
    cst.Call: _Converter.call,
    cst.List: _Converter.sequence,
    cst.Tuple: _Converter.sequence,
    cst.Set: _Converter.sequence,
    cst.Dict: _Converter.dict,
    cst.StarredElement: _Converter.starred,
    cst.BinaryOperation: _Converter.binary,
    cst.BooleanOperation: _Converter.boolean,
    cst.UnaryOperation: _Converter.unary,
    cst.Comparison: _Converter.compare,
    cst.IfExp: _Converter.conditional,
    cst.Lambda: _Converter.lambda_,
    cst.ListComp: _Converter.comprehension,
    cst.SetComp: _Converter.comprehension,
    cst.DictComp: _Converter.comprehension,
    cst.GeneratorExp: _Converter.comprehension,
    cst.NamedExpr: _Converter.walrus,
    cst.Await: _Converter.await_,
    cst.Yield: _Converter.yield_,
}
