"""Reading: bytes to facts, against libcst's own positions and Python's own syntax tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import celery
import libcst as cst
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libcst.metadata import MetadataWrapper, PositionProvider

from celerylint.read import FileFacts, ReadError, read_python
from celerylint.read import syntax as s
from celerylint.read.offsets import offsets_of
from celerylint.read.unreadable import line_starts_of

OWN = sorted(Path(__file__).parent.parent.glob("celerylint/[re]*/*.py"))
CELERY = sorted(Path(celery.__file__).parent.glob("app/*.py"))
STANDARD = [
    Path(ast.__file__).parent / name
    for name in ("ast.py", "asyncio/tasks.py", "dataclasses.py", "difflib.py", "enum.py", "glob.py",
                 "inspect.py", "textwrap.py", "tokenize.py", "typing.py", "configparser.py")
]  # fmt: skip
ODD = {
    "empty": "",
    "no-line-end": "x",
    "only-line-end": "\n",
    "carriage-returns": "a = 1\rb = f(a,\r  2)\r",
    "mixed-line-ends": "a = 1\r\nb = '''x\r\ny\rz\n'''\rc = f(\r\n  a,\n b)\n",
    "form-feeds": "\fa = 1\n\f\n\fdef f():\n\f    return (a)\n",
    "form-feed-at-statements": "\fdef f():\n\f  a\n  b(c)\n\n\fd = e\n",
    "continued-empty-lines": "\\\nif a:\n  b\n  \\\n  c(d)\ne\n",
    "tabs": "if a:\n\tif b:\n\t\tc = d\n\te = f\n",
    "continuation": "a = 1 + \\\n   b.c \\\n .d\n",
    "wide-characters": "é = 'ü' + f(ñ, '🐇', n='🐇' 'b')  # ☃\nb = '🐇', é.ü\n",
    "parentheses": "a = ((b)) + (((c . d)) (e)) [ (f) ]\n(g) = (yield_)\nx = ()\ny = (1, (2))\n",
    "f-strings": "a = f'{b}x{ c!r:>{ d }}{{}}' f\"{e}\" 'f'\n",
    "comprehensions": "a = [b for b in c if (d) if e]\nf((g for g in h))\n{i: j for i, j in k}\n",
    "functions": "@(a)\n@b . c (d)\nasync def f(a, /, b: int = 1, *c, d=2, **e) -> g:\n  pass\n",
    "classes": "class A (B, *c, k=d, **e):\n  'doc'\n  x: int\n  y: int = 1 ; z = 2\n",
    "statements": (
        "from . a . b import (c as d, e,)\nimport f.g as h , i\nfrom j import *\ndel k, (l)\n"
        "assert m, n\nraise o from p\nwith (q as r, s): pass\nwith t(): pass\n"
        "try: pass\nexcept (u) as v: pass\nelse: pass\nfinally: pass\nfor w in x: break\n"
        "while y: continue\nelse: pass\nglobal z\n"
    ),
}
SOURCES = [
    *(pytest.param(text.encode(), id=name) for name, text in ODD.items()),
    *(pytest.param(path.read_bytes(), id=path.name) for path in (*OWN, *CELERY)),
]


def nodes(value: Any) -> Iterator[s.Node]:
    """Every node in a value."""
    if isinstance(value, s.Node):
        yield value
        fields = tuple(getattr(value, field) for field in value.__struct_fields__)
        value = (*fields, *value.body) if isinstance(value, s.Function) else fields
    if isinstance(value, tuple):
        for item in value:
            yield from nodes(item)


def facts_of(source: str) -> tuple[Any, ...]:
    facts = read_python(source.encode())
    assert facts.error is None, facts.error
    return facts.statements


def value_of(source: str) -> Any:
    """What an expression is read as."""
    (statement,) = facts_of(f"{source}\n")
    assert isinstance(statement, s.Expression)
    return statement.value


def error_of(data: bytes) -> ReadError:
    facts = read_python(data)
    assert facts.statements == ()
    assert facts.error is not None
    return facts.error


# The conversion, against Python's own parser: both trees as plain tuples


class Ours:
    """Facts as tuples: class name, offsets of what is compared exactly, fields."""

    def __init__(self) -> None:
        self.in_format = False

    def span(self, node: s.Node) -> tuple[int, int] | None:
        return None if self.in_format else (node.start, node.end)

    def shape(self, node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(self.shape(item) for item in node)
        if not isinstance(node, s.Node):
            return node
        special = getattr(self, type(node).__name__.lower(), None)
        if special is not None:
            return special(node)
        fields = (self.shape(getattr(node, name)) for name in node.__struct_fields__[2:])
        return (type(node).__name__, *fields)

    def function(self, node: s.Function) -> Any:
        fields = (node.name, node.parameters, node.decorators, node.body)
        shapes = (self.shape(field) for field in fields)
        return ("Function", *shapes, node.is_async, node.is_generator)

    def literal(self, node: s.Literal) -> Any:
        return ("Literal", self.span(node), repr(node.value))

    def name(self, node: s.Name) -> Any:
        return ("Name", self.span(node), node.id)

    def attribute(self, node: s.Attribute) -> Any:
        return ("Attribute", self.span(node), self.shape(node.value), node.attr)

    def subscript(self, node: s.Subscript) -> Any:
        return ("Subscript", self.span(node), self.shape(node.value), self.shape(node.index))

    def arguments(self, args: tuple[s.Argument, ...]) -> Any:
        positional = tuple(
            ("Starred", self.shape(arg.value)) if arg.star else self.shape(arg.value)
            for arg in args
            if arg.keyword is None and arg.star != "**"
        )
        keywords = tuple(
            (arg.keyword, self.shape(arg.value))
            for arg in args
            if arg.keyword is not None or arg.star == "**"
        )
        return positional, keywords

    def call(self, node: s.Call) -> Any:
        return ("Call", self.span(node), self.shape(node.func), *self.arguments(node.args))

    def class_(self, node: s.Class) -> Any:
        decorators, body = self.shape(node.decorators), self.shape(node.body)
        return ("Class", node.name, *self.arguments(node.bases), decorators, body)

    def boolean(self, node: s.Boolean) -> Any:
        return flat(node.operator, self.shape(node.left), self.shape(node.right))

    def opaque(self, node: s.Opaque) -> Any:
        return opaque(self.shape(node.parts))

    def format(self, node: s.Format) -> Any:
        before, self.in_format = self.in_format, True
        parts = [self.shape(part) for part in node.parts]
        self.in_format = before
        return format_(parts)

    def clause(self, node: s.Clause) -> Any:
        return tuple(self.shape((node.target, node.iterable, node.conditions)))

    def delete(self, node: s.Delete) -> Any:
        return ("Delete", self.shape(node.targets))


setattr(Ours, "class", Ours.class_)


def flat(operator: str, *operands: Any) -> Any:
    """``a and (b and c)`` is ``a and b and c``."""
    values: list[Any] = []
    for operand in operands:
        same = operand[:2] == ("Boolean", operator)
        values.extend(operand[2] if same else [operand])
    return ("Boolean", operator, tuple(values))


def opaque(parts: tuple[Any, ...]) -> Any:
    """Of what has no word, only what is worth a look is compared."""
    return ("Opaque", tuple(p for p in parts if p[0] != "Literal" and p != ("Opaque", ())))


def format_(parts: list[Any]) -> Any:
    """Adjacent texts as one. In ``{x=}`` Python sees a text and a field, and we see no word."""
    merged: list[Any] = []
    for part in parts:
        before = ast.literal_eval(merged[-1][2]) if merged and is_text(merged[-1]) else ""
        if is_text(part):
            if before:
                merged.pop()
            part = ("Literal", None, repr(before + ast.literal_eval(part[2])))
        elif part[0] == "Opaque" or (part[0] == "Field" and before.rstrip().endswith("=")):
            if before:
                merged.pop()
            part = ("Opaque", (part[1],)) if part[0] == "Field" else part
        merged.append(part)
    return ("Format", tuple(part for part in merged if part != ("Literal", None, "''")))


def is_text(shape: Any) -> bool:
    return shape[0] == "Literal" and shape[2][0] in "'\""


OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitAnd: "&",
    ast.BitXor: "^", ast.MatMult: "@", ast.Not: "not", ast.USub: "-", ast.UAdd: "+",
    ast.Invert: "~", ast.And: "and", ast.Or: "or", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<",
    ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in", ast.Is: "is",
    ast.IsNot: "is not",
}  # fmt: skip


class Theirs:
    """Python's syntax tree as such tuples."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_starts = line_starts_of(text)
        self.in_format = False

    def span(self, node: Any) -> tuple[int, int] | None:
        if self.in_format:  # up to 3.11 the tree has no true positions there
            return None
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def offset(self, line: int, column: int) -> int:
        start = self.line_starts[line - 1]
        return start + len(self.text[start : start + column].encode()[:column].decode())

    def shape(self, node: Any) -> Any:
        if isinstance(node, (list, tuple)):
            shapes = (self.shape(item) for item in node)
            return tuple(shape for shape in shapes if shape is not LEFT_OUT)
        if not isinstance(node, ast.AST):
            return node
        return getattr(self, type(node).__name__)(node)

    def Constant(self, node: Any) -> Any:
        value = node.value
        if isinstance(value, (bytes, complex, type(...))):
            return opaque(())
        if isinstance(value, int) and value >= 2**63:
            return opaque(())
        if isinstance(value, str) and value.encode("utf-8", "replace").decode() != value:
            return opaque(())
        return ("Literal", self.span(node), repr(value))

    def Name(self, node: Any) -> Any:
        return ("Name", self.span(node), node.id)

    def Attribute(self, node: Any) -> Any:
        return ("Attribute", self.span(node), self.shape(node.value), node.attr)

    def Subscript(self, node: Any) -> Any:
        return ("Subscript", self.span(node), self.shape(node.value), self.shape(node.slice))

    def Slice(self, node: Any) -> Any:
        return ("Slice", *self.shape((node.lower, node.upper, node.step)))

    def Starred(self, node: Any) -> Any:
        return ("Starred", self.shape(node.value))

    def keywords(self, keywords: list[Any]) -> Any:
        return tuple((keyword.arg, self.shape(keyword.value)) for keyword in keywords)

    def Call(self, node: Any) -> Any:
        args, keywords = self.shape(node.args), self.keywords(node.keywords)
        return ("Call", self.span(node), self.shape(node.func), args, keywords)

    def List(self, node: Any) -> Any:
        return ("Sequence", type(node).__name__.lower(), self.shape(node.elts))

    Tuple = Set = List

    def Dict(self, node: Any) -> Any:
        pairs = zip(node.keys, node.values, strict=True)
        return ("Dict", tuple(("Pair", self.shape(key), self.shape(value)) for key, value in pairs))

    def BinOp(self, node: Any) -> Any:
        operator = OPERATORS[type(node.op)]
        return ("Binary", operator, self.shape(node.left), self.shape(node.right))

    def BoolOp(self, node: Any) -> Any:
        return flat(OPERATORS[type(node.op)], *self.shape(node.values))

    def UnaryOp(self, node: Any) -> Any:
        operator, operand = OPERATORS[type(node.op)], self.shape(node.operand)
        if operator in "+-" and operand[0] == "Literal" and operand[2][0] in "-.0123456789i":
            value = float(operand[2]) if "inf" in operand[2] else ast.literal_eval(operand[2])
            return ("Literal", self.span(node), repr(-value if operator == "-" else value))
        return ("Unary", operator, operand)

    def Compare(self, node: Any) -> Any:
        operators = tuple(OPERATORS[type(op)] for op in node.ops)
        return ("Compare", self.shape(node.left), operators, self.shape(node.comparators))

    def IfExp(self, node: Any) -> Any:
        return ("Conditional", *self.shape((node.test, node.body, node.orelse)))

    def JoinedStr(self, node: Any) -> Any:
        before, self.in_format = self.in_format, True
        parts = [self.shape(part) for part in node.values]
        self.in_format = before
        return format_(parts)

    def FormattedValue(self, node: Any) -> Any:
        value = self.shape(node.value)
        if node.conversion == -1 and node.format_spec is None:
            return value
        conversion = chr(node.conversion) if node.conversion != -1 else ""
        spec = self.shape(node.format_spec)
        return ("Field", value, conversion, None if spec == ("Format", ()) else spec)

    def parameters(self, node: Any) -> Any:
        positional = [*node.posonlyargs, *node.args]
        missing: list[Any] = [None] * (len(positional) - len(node.defaults))
        defaults = [*missing, *node.defaults]
        kinds = ["positional-only"] * len(node.posonlyargs) + ["positional"] * len(node.args)
        rows = list(zip(positional, kinds, defaults, strict=True))
        if node.vararg:
            rows.append((node.vararg, "var-positional", None))
        for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            rows.append((argument, "keyword-only", default))
        if node.kwarg:
            rows.append((node.kwarg, "var-keyword", None))
        return tuple(
            ("Parameter", a.arg, kind, self.shape(default), self.shape(a.annotation))
            for a, kind, default in rows
        )

    def Lambda(self, node: Any) -> Any:
        return ("Lambda", self.parameters(node.args), self.shape(node.body))

    def comprehension(self, node: Any) -> Any:
        return self.shape((node.target, node.iter, node.ifs))

    def ListComp(self, node: Any) -> Any:
        kind = {"GeneratorExp": "generator"}.get(type(node).__name__, type(node).__name__[:-4])
        if isinstance(node, ast.DictComp):
            parts = self.shape((node.key, node.value))
        else:
            parts = (None, self.shape(node.elt))
        return ("Comprehension", kind.lower(), *parts, self.shape(node.generators))

    SetComp = DictComp = GeneratorExp = ListComp

    def NamedExpr(self, node: Any) -> Any:
        return ("Walrus", *self.shape((node.target, node.value)))

    def Await(self, node: Any) -> Any:
        return ("Await", self.shape(node.value))

    def Yield(self, node: Any) -> Any:
        return ("Yield", self.shape(node.value))

    YieldFrom = Yield

    def alias(self, node: Any) -> Any:
        return ("Alias", node.name, node.asname)

    def Import(self, node: Any) -> Any:
        return ("Import", self.shape(node.names))

    def ImportFrom(self, node: Any) -> Any:
        return ("ImportFrom", node.module or "", node.level, self.shape(node.names))

    def Assign(self, node: Any) -> Any:
        return ("Assign", self.shape(node.targets), self.shape(node.value), None)

    def AnnAssign(self, node: Any) -> Any:
        return ("Assign", *self.shape(([node.target], node.value, node.annotation)))

    def TypeAlias(self, node: Any) -> Any:
        return ("Assign", (self.shape(node.name),), opaque(()), None)

    def AugAssign(self, node: Any) -> Any:
        operator = OPERATORS[type(node.op)]
        return ("AugAssign", self.shape(node.target), operator, self.shape(node.value))

    def Expr(self, node: Any) -> Any:
        return ("Expression", self.shape(node.value))

    def Assert(self, node: Any) -> Any:
        return ("Expression", self.shape(node.test))

    def Return(self, node: Any) -> Any:
        return ("Return", self.shape(node.value))

    def Raise(self, node: Any) -> Any:
        return ("Raise", self.shape(node.exc))

    def Delete(self, node: Any) -> Any:
        targets = node.targets
        if len(targets) == 1 and isinstance(targets[0], (ast.Tuple, ast.List)):
            targets = targets[0].elts
        return ("Delete", self.shape(targets))

    def Global(self, node: Any) -> Any:
        return ("Global", tuple(node.names))

    Nonlocal = Global

    def Break(self, node: Any) -> Any:
        return ("Jump", type(node).__name__.lower())

    Continue = Break

    def Pass(self, node: Any) -> Any:
        return LEFT_OUT

    def If(self, node: Any) -> Any:
        return ("If", *self.shape((node.test, node.body, node.orelse)))

    def For(self, node: Any) -> Any:
        return ("Loop", *self.shape((node.target, node.iter, node.body, node.orelse)))

    AsyncFor = For

    def While(self, node: Any) -> Any:
        return ("Loop", None, *self.shape((node.test, node.body, node.orelse)))

    def Try(self, node: Any) -> Any:
        parts = (node.body, node.handlers, node.orelse, node.finalbody)
        return ("Try", *self.shape(parts))

    TryStar = Try

    def ExceptHandler(self, node: Any) -> Any:
        return ("Handler", self.shape(node.type), node.name, self.shape(node.body))

    def withitem(self, node: Any) -> Any:
        return ("WithItem", *self.shape((node.context_expr, node.optional_vars)))

    def With(self, node: Any) -> Any:
        return ("With", *self.shape((node.items, node.body)))

    AsyncWith = With

    def FunctionDef(self, node: Any) -> Any:
        is_async = isinstance(node, ast.AsyncFunctionDef)
        parameters, decorators = self.parameters(node.args), self.shape(node.decorator_list)
        is_generator = any(has_yield(statement) for statement in node.body)
        body = self.shape(node.body)
        return ("Function", node.name, parameters, decorators, body, is_async, is_generator)

    AsyncFunctionDef = FunctionDef

    def ClassDef(self, node: Any) -> Any:
        bases, keywords = self.shape(node.bases), self.keywords(node.keywords)
        decorators, body = self.shape(node.decorator_list), self.shape(node.body)
        return ("Class", node.name, bases, keywords, decorators, body)


LEFT_OUT = object()


def has_yield(node: ast.AST) -> bool:
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return False
    return any(has_yield(child) for child in ast.iter_child_nodes(node))


def assert_reads_as_python_does(text: str) -> None:
    tree = ast.parse(text)
    if any(isinstance(node, ast.Match) for node in ast.walk(tree)):
        pytest.skip("has a match statement, which is read as something else")
    assert Ours().shape(facts_of(text)) == Theirs(text).shape(tree.body)


@pytest.mark.parametrize("data", SOURCES)
def test_reads_what_python_reads(data: bytes) -> None:
    assert_reads_as_python_does(data.decode())


@pytest.mark.parametrize("path", STANDARD, ids=lambda path: path.name)
def test_reads_the_standard_library_as_python_does(path: Path) -> None:
    assert_reads_as_python_does(path.read_text("utf-8"))


EXPRESSIONS = r"""
1  0x_ff  0o17  0b1_0  1_000  00  1.  .5  1e3  1_0.5  1e400  5j
9223372036854775807  9223372036854775808  -9223372036854775808
-1  --1  +1  -+-1  ~1  -1.5  -0.0  -True  +x  -2**2  (-2)**2  not-1  -1j
''  "a"  'a"b'  r'\d'  b'a'  Rb'a'  u'é'  '\x41\n\N{BULLET}'  '\ud800'  'a\'b'  r'a\'b'  '\d'
'a'"b"r'\c' 'a'f'{b}'  f'{a}'f'b'  b'a'b'b'  'a''b'f'{c}''d'  'a'.b  f''  f'a'  f'{a}'
F'{a}{b}'  rf'\d{a}'  f'{{}}{{{a}}}'  f'\x7b{a}\n'  f'\N{BULLET}{a}'  f'\\{a}'  f'\{a}'  f'\\\{a}'
f'{a!r}'  f'{a:>{b}}'  f'{a:{b!r}{c}}'  f'{f(1)}'  f'\'{a}"'  f'''{a}''"'\n\''''  f'{a:}'  f'{a=}'
f'''\n"{a}"\n"'''
a[b]  a[b,]  a[b, c]  a[(b, c)]  a[b:c]  a[:]  a[::b]  a[b:c, d]  a[f():g()]  a[:, 1]  a.b[c].d
f()  f(a)  f(*a, b, c=d, **e)  f(a)(b)  f(a := b)  f(x for x in y)  a.b.c  f(a, **b, c=d)
[]  [a, *b]  ()  (a,)  (a, b)  {a}  {*a}  {}  {a: b}  {a: b, **c}  ...  None  True  False
a * b + c @ d // e % f - g  a << b >> c & d ^ e | f  a < b <= c != d == e >= f > g  a / b ** c
a in b not in c is d is not e  a and b and c or d and (e or f)  not a if b else c if d else e
lambda: a  lambda a, /, b=1, *c, d=2, e, **f: a  lambda *, a: a  lambda: (yield)
[a for b in c]  {a for b in c if d if e}  {a: b for c in d for e, f in g}  (a for b in (c))
await a  (yield)  (yield a)  (yield from a)  [a async for b in c]  [await a for b in await c]
"""


@pytest.mark.filterwarnings("ignore:invalid escape", "ignore:.*is an invalid escape")
@pytest.mark.parametrize("source", [part for part in re.split(r"\s{2,}|\n", EXPRESSIONS) if part])
def test_reads_an_expression_as_python_does(source: str) -> None:
    assert_reads_as_python_does(f"async def function():\n    ({source})\n")


# What has no counterpart in the tuples above, spelled out


def test_a_match_statement_may_take_any_case() -> None:
    subject, branch = facts_of(
        "match f(a):\n"
        "  case [1, *b] if c():\n    d\n"
        "  case E(x=g) | {'k': g, **h}:\n    d\n"
        "  case other:\n    d\n"
    )
    assert isinstance(subject, s.Expression) and isinstance(subject.value, s.Call)
    bound = []
    for _ in range(2):
        assert isinstance(branch, s.If) and isinstance(branch.test, s.Opaque)
        bound.append([node.targets[0].id for node in branch.body if isinstance(node, s.Assign)])
        *_, branch = branch.orelse if len(branch.orelse) == 1 else (branch,)
    assert bound == [["b"], ["g", "g", "h"]]
    assert [type(node) for node in branch.orelse] == [s.Assign, s.Expression]
    assert sum(isinstance(node, s.Call) for node in nodes((subject, branch))) == 1


def test_calls_in_what_has_no_word_are_kept() -> None:
    source = "(t'{f()}{a!r:>{g()}}', f'{f()=:{g()}}', f'{f()}' '\\ud800' f'{g()}')\n"
    called = [node.func.id for node in nodes(facts_of(source)) if isinstance(node, s.Call)]
    assert called == ["f", "g"] * 3


def test_a_generator_has_a_yield_of_its_own() -> None:
    names = {
        node.name: node.is_generator
        for node in nodes(
            facts_of(
                "def plain():\n  def inner():\n    yield\n  f = lambda: (yield)\n"
                "def outer():\n  def late(a=(yield)): pass\n"
                "def checked():\n  assert (yield)\n"
            )
        )
        if isinstance(node, s.Function)
    }
    expected = {"plain": False, "inner": True, "outer": True, "late": False, "checked": True}
    assert names == expected


def test_line_ends_in_strings_are_line_feeds() -> None:
    assert value_of("'''a\r\nb\rc'''").value == "a\nb\nc"
    assert value_of("'''a\\\r\nb\\n'''").value == "ab\n"
    (text,) = value_of("f'''a\r\nb'''").parts
    assert text.value == "a\nb"


def test_parts_of_a_formatted_string_have_places() -> None:
    value = value_of("f'ab{c}{{é{ d !r}'")
    assert [(part.start, part.end) for part in value.parts] == [(2, 4), (5, 6), (7, 10), (12, 13)]


# Syntax of every age

NEWEST = {
    "PEP 646": "x: A[*B] = c[*d, e]\ndef f(*args: *Ts): pass\n",
    "PEP 654": "try: pass\nexcept* E as e: pass\n",
    "PEP 695": "type X[T: int, *Ts, **P] = list[X]\ndef f[T](a: T) -> T: pass\nclass C[T]: pass\n",
    "PEP 696": "class C[T = int]: pass\ntype X[*Ts = *tuple[int, ...]] = int\n",
    "PEP 701": "f\"{x[\"a\"]} {'\\n'} {f\"{f'{y}'}\"}\"\nf'{\n  x  # why\n}'\n",
    "PEP 750": "t'{a!r:>{b}} {{}}'\nrt'\\d{c}'\n",
    "PEP 758": "try: pass\nexcept A, B: pass\n",
    "decorators": "@(lambda f: f)\n@a[b].c or d\n@(yes := no)\ndef f(): pass\n",
    "soft keywords": "match = case = type = _ = 1\nmatch[case]\ntype(x)\nprint(match, type)\n",
    "parenthesised with": "with (a as b, c() as d,): pass\nwith (a, b): pass\nwith (yes): pass\n",
    "Python 2 that is Python 3 too": "print >>x, 'a'\n",
}
if hasattr(cst, "LazyImport"):
    NEWEST["PEP 810"] = "lazy import a.b\nlazy from . import c\n"


@pytest.mark.parametrize("source", NEWEST.values(), ids=NEWEST)
def test_reads_syntax_newer_than_the_interpreter(source: str) -> None:
    assert facts_of(source)


def test_a_type_alias_binds_its_name() -> None:
    (alias,) = facts_of("type X[T] = list[T]\n")
    assert isinstance(alias, s.Assign) and isinstance(alias.value, s.Opaque)
    assert [target.id for target in alias.targets] == ["X"]


# Files that cannot be read

ERRORS = [
    (b"a = 1\n\n\n@b(c=True  # d\ndef e(): ...\n", 4, 3, "'(' was never closed"),
    (b"def f(:\n  pass\n", 1, 7, "invalid syntax"),
    (b"if a:\nb\n", 2, 1, "expected an indented block"),
    (b"a\n  b\n", 2, None, "unexpected indent"),
    (b"if a:\n    b\n  c\n", 3, None, "unindent"),
    (b"if a:\n\tb\n        c\n", 3, None, "inconsistent use of tabs"),
    (b"a\n'''b\n\n", 2, 1, "unterminated triple-quoted string"),
    (b"a\nb = 'c\n", 2, 5, "string literal"),
    (b"a\nb = 0777\n", 2, None, "leading zeros"),
    (b"a\nprint 'b'\n", 2, 1, "Missing parentheses in call to 'print'"),
    (b"a\nraise B, 'c'\n", 2, 8, "invalid syntax"),
    (b"a\rb\r\nc\nd = = e\r", 4, 5, "invalid syntax"),
    (b"\fa\n\f\n\fb = = c\n", 3, 6, "invalid syntax"),
    ("é = '🐇'; b = = c\n".encode(), 1, 14, "invalid syntax"),
    (b"\xef\xbb\xbfa = = b", 1, 5, "invalid syntax"),
    (b"{{ project }}\n{% if a %}\n", 2, 2, "invalid syntax"),
    (b"<<<<<<< HEAD\na\n=======\n", 1, 1, "invalid syntax"),
    (b"class A(b=c, *d): pass\n", 1, None, "libcst does not read this, though Python does"),
    (b"a\nb = t'c' t'd'\n", None, None, ""),
    (b"a\nb = 'c' b'd'\n", 2, None, "cannot mix bytes and nonbytes literals"),
    # bytes
    (b"a\nb = '\xc3\xa9\xe9'\n", 2, 7, "byte 0xe9 is not utf-8; save it as UTF-8, or declare"),
    (b"# coding: ascii\nb = '\xe9'\n", 2, 6, "byte 0xe9 is not ascii"),
    (b"#!a\n# vim: fileencoding=klingon :\n", 2, 21, "declared encoding `klingon` is unknown"),
    (b"# coding: rot13\na\n", 1, 11, "declared encoding `rot13` is unknown"),
    (b"# coding: undefined\na\n", 1, 11, "cannot be decoded as `undefined`"),
    (b"# coding: utf-7\n'+2AA-'\n", 1, 11, "cannot be decoded as `utf-7`"),
    (b"\xef\xbb\xbf# coding: latin-1\n", 1, 11, "byte order mark"),
    (b"\xef\xbb\xbf\xef\xbb\xbfa\n", 1, 1, "two byte order marks"),
    ("a = 1\n".encode("utf-16"), 1, 1, "UTF-16"),
    ("a = 1\n".encode("utf-16-le"), 1, 2, "NUL character"),
    (b"a\n# b\0\n", 2, 4, "NUL character"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line", "column", "words"), ERRORS)
def test_says_where_and_why_a_file_cannot_be_read(
    data: bytes, line: int | None, column: int | None, words: str
) -> None:
    error = error_of(data)
    assert words in error.message
    assert line is None or error.line == line
    assert column is None or error.column == column
    assert "\n" not in error.message


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: latin-1\nx = '\xe9'\n",
        b"#!/bin/sh\n# -*- coding: latin-1-unix -*-\nx = '\xe9'\n",
        b"\n# coding=cp1252\nx = '\xe9'\n",
        b"# coding: latin-1\rx = '\xe9'\r",
        b"\xef\xbb\xbf# coding: utf8\nx = '\xc3\xa9'\n",
        b"\xef\xbb\xbfx = '\xc3\xa9'",
        b"x = '\xc3\xa9'\n# coding: latin-1\n",
    ],
)
def test_decodes_as_python_does(data: bytes) -> None:
    facts = read_python(data)
    (assign,) = facts.statements
    assert isinstance(assign, s.Assign) and isinstance(assign.value, s.Literal)
    assert assign.value.value == "é"
    assert facts.position(assign.value.start)[1] == 5


def test_an_older_interpreter_does_not_move_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own parser stumbles over newer syntax in line 1; the mistake is in line 8."""
    source = "type X = int\n\n\ndef f():\n    '''\n    doc\n    '''\n    return (1 2)\n"
    parse = ast.parse

    def older(text: str) -> ast.Module:
        if text.startswith("type X"):
            raise SyntaxError("invalid syntax", ("<unknown>", 1, 6, text, 1, 7))
        return parse(text)

    monkeypatch.setattr("celerylint.read.unreadable.ast.parse", older)
    error = error_of(source.encode())
    assert (error.line, error.message) == (8, "syntax error near `2`")


def test_words_of_libcst_where_python_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(text: str) -> ast.Module:
        raise RecursionError

    monkeypatch.setattr("celerylint.read.unreadable.ast.parse", unable)
    assert error_of(b"a\nb = 'c\n").message == "syntax error: unterminated string literal"
    assert error_of(b"a\nb = = c\n") == ReadError(2, 5, "syntax error near `=`")
    assert error_of(b"(\n").line == 1


# Depth

TOO_DEEP = """\
def chain(separator): return lambda n: separator.join("a" * n)
kinds = [
    lambda n: "(" * n + ")" * n, lambda n: "[" * n, lambda n: "{1:" * n + "1" + "}" * n,
    lambda n: "f(" * n + ")" * n, lambda n: "f" + "()" * n, lambda n: "f" + "[0]" * n,
    lambda n: "f" + ".a" * n, lambda n: "-" * n + "a", lambda n: "not " * n + "a",
    lambda n: "lambda:" * n + "a", lambda n: "a if b else " * n + "a",
    lambda n: "x = (" + '"a"\\n' * n + ")", lambda n: "if a: b\\n" + "elif a: b\\n" * n,
    lambda n: "f'{" * n + "a" + "}'" * n, lambda n: "f'" + "{a:" * n + "}" * n + "'",
    lambda n: "a\\\\\\n+" * n + "a", lambda n: "import a" + ".a" * n,
    chain("+"), chain(" and "), chain("**"), chain(" + \\n".join(["", ""])),
]
from celerylint.read import read_python
for make in kinds:
    for n in map(int, sys.argv[1:]):
        assert read_python(make(n).encode()).error is not None, make(5)
print("survived")
"""


def test_survives_what_overflows_the_stack() -> None:
    """In a process of its own, since the parser would take this one with it."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{TOO_DEEP}", "5000", "100000"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "survived\n", done.stderr[-2000:]


@pytest.mark.parametrize(
    "source",
    [
        "+".join("a" * 400),
        "".join("a.f()" if n == 0 else ".f()" for n in range(200)),
        "[" * 199 + "]" * 199,
        "(" * 200 + ")" * 200,
        "f(" * 199 + ")" * 199,
        "x = (" + '"a"\n' * 700 + ")",
        "if a: b\n" + "elif a: b\n" * 200,
        "".join(" " * n + "if a:\n" for n in range(99)) + " " * 99 + "+".join("a" * 300),
    ],
    ids=lambda source: source[:5],
)
def test_deep_facts_travel(source: str) -> None:
    facts = read_python(source.encode())
    assert facts.error is None
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


def test_facts_do_not_depend_on_the_stack_of_the_reader() -> None:
    data = ("+".join("a" * 150) + "\n").encode()
    limit = sys.getrecursionlimit()

    def deep(levels: int) -> FileFacts:
        return deep(levels - 1) if levels else read_python(data)

    assert deep(limit // 2) == read_python(data)
    assert sys.getrecursionlimit() == limit


def test_long_is_not_deep() -> None:
    rows = ", ".join(f"(-{n}, 'it''s +-+-', not {n} - 1)  # ((((\n" for n in range(2000))
    constants = "".join(f"  A{n} = -{n}\n" for n in range(2000))
    blob = "+/" * 5000
    facts_of(f"x = [{rows}]\nclass C:\n{constants}y = '{blob}'\nz = '((((' \n")
    facts_of("x = [" + "'(', " * 500 + "]\nf'" + "{{}}" * 300 + "{a}'\n")


# Offsets


@pytest.mark.parametrize("data", SOURCES)
def test_offsets_are_those_of_libcst(data: bytes) -> None:
    text = data.decode()
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    if wrapper.module.code != text:
        pytest.skip("libcst itself does not know where things stand")
    lines = FileFacts((), line_starts_of(text))
    offsets = offsets_of(wrapper.module, text)
    compared = 0
    for node, there in wrapper.resolve(PositionProvider).items():
        if id(node) not in offsets:
            continue
        start, end = offsets[id(node)]
        line, column = lines.position(start)
        end_line, end_column = lines.position(end)
        assert (line, column - 1) == (there.start.line, there.start.column)
        assert (end_line, end_column - 1) == (there.end.line, there.end.column)
        compared += 1
        if isinstance(node, cst.BaseExpression) and not isinstance(node, cst.StarredElement):
            code_of = wrapper.module.code_for_node
            before, after = ("".join(map(code_of, side)) for side in (node.lpar, node.rpar))
            code = code_of(node).removeprefix(before).removesuffix(after)
            # On its own, a node is not indented.
            assert text[start:end].split() == code.split()
    assert compared == len(offsets)


MATCH = "match a:\n  case 1:\n    b\n  case [c, *_] if c:\n    d\n  case e:\n    f\n"


@pytest.mark.parametrize("data", [*SOURCES, pytest.param(MATCH.encode(), id="match")])
def test_every_node_is_inside_the_one_around_it(data: bytes) -> None:
    facts = read_python(data)
    text = data.decode()
    for statement in facts.statements:
        check_places(statement, text, 0, len(text))
    lengths = map(len, re.split(r"(?<=\n)|(?<=\r)(?!\n)", text))
    assert facts.line_starts == tuple(accumulate(lengths, initial=0))[:-1]


def check_places(node: s.Node, text: str, start: int, end: int) -> None:
    own = text[node.start : node.end]
    assert start <= node.start <= node.end <= end, (node, own)
    start, end = node.start, node.end
    if isinstance(node, (s.Function, s.Class, s.Parameter)):  # placed where their name is
        assert own == node.name
        start, end = 0, len(text)
    if isinstance(node, s.Name):
        assert own == node.id
    for field in node.__struct_fields__:
        value = getattr(node, field)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, s.Node):
                check_places(child, text, start, end)


# Facts as data


@pytest.mark.parametrize("data", SOURCES)
def test_facts_travel_as_msgpack(data: bytes) -> None:
    facts = read_python(data)
    encoded = msgspec.msgpack.encode(facts)
    assert msgspec.msgpack.decode(encoded, type=FileFacts) == facts
    assert msgspec.msgpack.encode(read_python(data)) == encoded


def test_facts_are_plain_data() -> None:
    kinds = {type(None), bool, int, float, str, s.Body, s.Unread}
    for data in (text.encode() for text in (*ODD.values(), *NEWEST.values())):
        for node in nodes(read_python(data).statements):
            for field in node.__struct_fields__:
                value = getattr(node, field)
                for item in value if isinstance(value, tuple) else (value,):
                    assert isinstance(item, s.Node) or type(item) in kinds


def test_libcst_is_imported_only_to_parse() -> None:
    code = "import sys, celerylint.read; print('libcst' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


# Anything at all

PIECES = st.sampled_from(
    [b"(", b")", b"{", b"}", b"'", b'"', b'"""', b"f'", b"\\", b"\n", b"\r", b"\t", b"\f", b"\0",
     b"#", b"# coding: ", b":", b";", b"=", b",", b"*", b"@", b"\xef\xbb\xbf", b"\xff", b"\xe9",
     b" lambda ", b" if ", b"match ", b"case ", b"type ", b"async ", b"await ", b"t'{", b"  "]
)  # fmt: skip


def check_anything(data: bytes) -> None:
    facts = read_python(data)
    msgspec.msgpack.encode(facts)
    if facts.error is not None:
        assert facts.statements == ()
        assert 1 <= facts.error.line <= len(facts.line_starts)
        assert facts.error.column >= 1
        assert facts.error.message


@given(st.binary(max_size=200) | st.lists(PIECES | st.binary(max_size=4)).map(b"".join))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_facts(data: bytes) -> None:
    check_anything(data)


@given(st.sampled_from([*ODD.values(), *NEWEST.values()]), st.data())
@settings(max_examples=300, deadline=None)
def test_any_change_of_a_file_gives_facts(source: str, data: st.DataObject) -> None:
    mutated = source.encode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated)))
        length = data.draw(st.integers(0, 10))
        piece = data.draw(PIECES | st.just(b"") | st.just(mutated[start : start + 20]))
        mutated = mutated[:start] + piece + mutated[start + length :]
    check_anything(mutated)
