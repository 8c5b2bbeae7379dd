"""From libcst's syntax tree to ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst as cst

from celerylint.read import syntax as s
from celerylint.read.offsets import Offsets, offsets_of

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PARSER_PREFIX = re.compile(r"^parser error: error at \d+:\d+: ")
_LINE_END = re.compile(r"\r\n?|\n")


def convert(data: bytes) -> s.FileFacts:
    """Parse and convert a file. A file that cannot be read yields facts with an error."""
    try:
        text = _decode(data)
    except (UnicodeDecodeError, LookupError) as error:
        return s.FileFacts((), (0,), s.ReadError(1, 1, f"cannot be decoded: {error}"))
    line_starts = (0, *(match.end() for match in _LINE_END.finditer(text)))
    try:
        module = cst.parse_module(text)
        statements = _Converter(offsets_of(module)).block(module.body)
    except cst.ParserSyntaxError as error:
        where = s.ReadError(error.raw_line, error.raw_column + 1, _reason(error))
        return s.FileFacts((), line_starts, where)
    except RecursionError:
        return s.FileFacts((), line_starts, s.ReadError(1, 1, "is nested too deeply to be read"))
    return s.FileFacts(statements, line_starts)


def _decode(data: bytes) -> str:
    """The text of a file, by its byte order mark or PEP 263 cookie, else UTF-8."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8")
    for line in data.split(b"\n", 2)[:2]:
        if match := _COOKIE.match(line):
            return data.decode(match[1].decode("ascii"))
    return data.decode("utf-8")


def _reason(error: cst.ParserSyntaxError) -> str:
    first = _PARSER_PREFIX.sub("", error.message.splitlines()[0]) if error.message else ""
    return f"syntax error: {first}" if first else "syntax error"


class _Converter:
    """One file's conversion. Methods are named after what they return."""

    def __init__(self, offsets: Offsets) -> None:
        self.offsets = offsets

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

    def import_(self, node: cst.Import) -> s.Import:
        return s.Import(*self.offsets[id(node)], tuple(self.alias(name) for name in node.names))

    def import_from(self, node: cst.ImportFrom) -> s.ImportFrom:
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
        operator = _AUGMENTED.get(type(node.operator), "?")
        return s.AugAssign(*self.offsets[id(node)], target, operator, value)

    def expression(self, node: cst.Expr) -> s.Expression:
        return s.Expression(*self.offsets[id(node)], self.expr(node.value))

    def return_(self, node: cst.Return) -> s.Return:
        return s.Return(*self.offsets[id(node)], self.optional(node.value))

    def raise_(self, node: cst.Raise) -> s.Raise:
        return s.Raise(*self.offsets[id(node)], self.optional(node.exc))

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
        if isinstance(node, cst.If):
            return tuple(self.if_(node))
        return self.suite(node.body)

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
                *self.offsets[id(item.item)],
                self.expr(item.item),
                self.expr(item.asname.name) if item.asname is not None else None,
            )
            for item in node.items
        )
        yield s.With(start, end, items, self.suite(node.body))

    def match(self, node: cst.Match) -> Iterable[Any]:
        """Each case may be the one that runs: nested branches with tests that say nothing."""
        start, end = self.offsets[id(node)]
        branches: tuple[Any, ...] = ()
        for case in reversed(node.cases):
            test = s.Opaque(start, end, "a match statement", (self.expr(node.subject),))
            branches = (s.If(start, end, test, self.suite(case.body), branches),)
        return branches

    def function(self, node: cst.FunctionDef) -> Iterable[Any]:
        body = self.suite(node.body)
        yield s.Function(
            *self.offsets[id(node.name)],
            node.name.value,
            self.parameters(node.params),
            tuple(self.expr(decorator.decorator) for decorator in node.decorators),
            body,
            node.asynchronous is not None,
            _yields(body),
        )

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
        return convert(self, node) if convert is not None else self.opaque(node)

    def opaque(self, node: Any) -> s.Opaque:
        start, end = self.offsets.get(id(node), (0, 0))
        parts = tuple(
            self.expr(child) for child in node.children if isinstance(child, cst.BaseExpression)
        )
        return s.Opaque(start, end, type(node).__name__, parts)

    def name(self, node: cst.Name) -> Any:
        start, end = self.offsets[id(node)]
        if node.value in _CONSTANTS:
            return s.Literal(start, end, _CONSTANTS[node.value])
        return s.Name(start, end, node.value)

    def literal(self, node: cst.Integer | cst.Float | cst.SimpleString) -> Any:
        start, end = self.offsets[id(node)]
        value = _evaluate(node.value)
        if value is _NOT_PLAIN:
            return s.Opaque(start, end, "a literal", ())
        return s.Literal(start, end, value)

    def concatenated(self, node: cst.ConcatenatedString) -> Any:
        start, end = self.offsets[id(node)]
        left, right = self.expr(node.left), self.expr(node.right)
        if isinstance(left, s.Literal) and isinstance(right, s.Literal):
            return s.Literal(start, end, left.value + right.value)  # type: ignore[operator]
        parts = (*_parts(left), *_parts(right))
        return s.Format(start, end, parts)

    def format(self, node: cst.FormattedString) -> s.Format:
        parts: list[Any] = []
        for part in node.parts:
            start, end = self.offsets.get(id(part), (0, 0))
            if isinstance(part, cst.FormattedStringText):
                text = part.value.replace("{{", "{").replace("}}", "}")
                raw = "r" in node.prefix.lower()
                parts.append(s.Literal(start, end, text if raw else _unescape(text)))
            elif isinstance(part, cst.FormattedStringExpression):
                expression = self.expr(part.expression)
                if part.format_spec is not None or part.conversion is not None or part.equal:
                    expression = s.Opaque(start, end, "a format specification", (expression,))
                parts.append(expression)
        return s.Format(*self.offsets[id(node)], tuple(parts))

    def attribute(self, node: cst.Attribute) -> s.Attribute:
        return s.Attribute(*self.offsets[id(node)], self.expr(node.value), node.attr.value)

    def subscript(self, node: cst.Subscript) -> s.Subscript:
        start, end = self.offsets[id(node)]
        indices = [
            self.expr(element.slice.value)
            if isinstance(element.slice, cst.Index)
            else s.Opaque(start, end, "a slice", ())
            for element in node.slice
        ]
        many = len(indices) > 1
        index = s.Sequence(start, end, "tuple", tuple(indices)) if many else indices[0]
        return s.Subscript(start, end, self.expr(node.value), index)

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
        operator = _BINARY.get(type(node.operator), "?")
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
        number = isinstance(operand, s.Literal) and type(operand.value) in (int, float)
        if operator == "-" and number:
            return s.Literal(start, end, -operand.value)
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
        return s.Lambda(*self.offsets[id(node)], parameters, self.expr(node.body))

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
            conditions = tuple(self.expr(condition.test) for condition in inner.ifs)
            start, end = self.offsets.get(id(inner), self.offsets[id(node)])
            target, iterable = self.expr(inner.target), self.expr(inner.iter)
            clauses.append(s.Clause(start, end, target, iterable, conditions))
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
        value = node.value.item if isinstance(node.value, cst.From) else node.value
        return s.Yield(*self.offsets[id(node)], self.optional(value))


def _dotted(node: Any) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return str(node.value)


def _parts(node: Any) -> tuple[Any, ...]:
    return node.parts if isinstance(node, s.Format) else (node,)


_NOT_PLAIN = object()


def _evaluate(source: str) -> Any:
    """The value of a literal token."""
    try:
        value = ast.literal_eval(source)
    except (SyntaxError, ValueError, MemoryError):
        return _NOT_PLAIN
    # Facts travel as msgpack: integers end at 64 bits, and bytes cannot stand beside text.
    if isinstance(value, (bytes, complex)) or (type(value) is int and abs(value) >= 2**63):
        return _NOT_PLAIN
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:  # a lone surrogate
            return _NOT_PLAIN
    return value


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    quote = '"""' if not text.endswith('"') else "'''"
    value = _evaluate(f"{quote}{text}{quote}")
    return value if isinstance(value, str) else text


def _yields(body: Iterable[Any]) -> bool:
    """Whether a function's own body (not that of inner functions) has a ``yield``."""
    return any(_has_yield(statement) for statement in body)


def _has_yield(node: Any) -> bool:
    if isinstance(node, s.Yield):
        return True
    if isinstance(node, (s.Function, s.Class, s.Lambda)):
        return False
    for field in node.__struct_fields__[2:]:
        value = getattr(node, field)
        children = value if isinstance(value, tuple) else (value,)
        if any(isinstance(child, s.Node) and _has_yield(child) for child in children):
            return True
    return False


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
    cst.Del: _Converter.delete,
    cst.Global: _Converter.global_,
    cst.Nonlocal: _Converter.global_,
    cst.Break: _Converter.jump,
    cst.Continue: _Converter.jump,
}
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
    cst.Integer: _Converter.literal,
    cst.Float: _Converter.literal,
    cst.SimpleString: _Converter.literal,
    cst.ConcatenatedString: _Converter.concatenated,
    cst.FormattedString: _Converter.format,
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
