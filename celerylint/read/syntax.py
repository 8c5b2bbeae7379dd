"""The closed language that facts are written in.

A small subset of Python's syntax tree, as data: every node carries its offsets in the text
(characters from the start, end exclusive; parentheses around an expression are not part of it),
and nothing refers to libcst. An expression that the language has no word for is `Opaque`, and
unknown to the linker. Statements without a word are said with others: an assertion is its test, a
type alias an assignment, a ``match`` its subject followed by branches that cannot be decided.

The body of a function may be `Unread`: text so far, that is read when somebody asks for it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Union

import msgspec

from celerylint.disk import digest_of
from celerylint.read.lexical import Words


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Anything with a stretch of text."""

    start: int
    end: int


# Expressions


class Literal(Node, frozen=True, tag="lit"):
    value: bool | int | float | str | None


class Name(Node, frozen=True, tag="name"):
    id: str


class Attribute(Node, frozen=True, tag="attr"):
    value: Expr
    attr: str


class Subscript(Node, frozen=True, tag="sub"):
    value: Expr
    index: Expr


class Argument(Node, frozen=True, tag="arg"):
    """``star`` is "", "*" or "**"."""

    value: Expr
    keyword: str | None
    star: str


class Call(Node, frozen=True, tag="call"):
    func: Expr
    args: tuple[Argument, ...]


class Starred(Node, frozen=True, tag="star"):
    value: Expr


class Sequence(Node, frozen=True, tag="seq"):
    """``kind`` is list, tuple or set."""

    kind: str
    items: tuple[Expr, ...]


class Pair(Node, frozen=True, tag="pair"):
    """One entry of a dict display; ``key`` is None for ``**value``."""

    key: Expr | None
    value: Expr


class Dict(Node, frozen=True, tag="dict"):
    pairs: tuple[Pair, ...]


class Binary(Node, frozen=True, tag="bin"):
    operator: str
    left: Expr
    right: Expr


class Boolean(Node, frozen=True, tag="bool"):
    """``left and right``, ``left or right``."""

    operator: str
    left: Expr
    right: Expr


class Unary(Node, frozen=True, tag="un"):
    operator: str
    operand: Expr


class Compare(Node, frozen=True, tag="cmp"):
    left: Expr
    operators: tuple[str, ...]
    comparators: tuple[Expr, ...]


class Conditional(Node, frozen=True, tag="ifexp"):
    test: Expr
    body: Expr
    orelse: Expr


class Format(Node, frozen=True, tag="fmt"):
    """An f-string; parts are string literals and expressions.

    Those with a conversion or a format specification are `Field`s.
    """

    parts: tuple[Expr, ...]


class Field(Node, frozen=True, tag="field"):
    """A part of an f-string that is formatted: ``{value!r:>{width}}``. ``conversion`` is "", "r",
    "s" or "a"."""

    value: Expr
    conversion: str
    spec: Format | None


class Slice(Node, frozen=True, tag="slice"):
    """``lower:upper:step``"""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None


class Parameter(Node, frozen=True, tag="param"):
    """``kind`` is positional-only, positional, keyword-only, var-positional or var-keyword."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None


class Lambda(Node, frozen=True, tag="lambda"):
    parameters: tuple[Parameter, ...]
    body: Expr


class Clause(Node, frozen=True, tag="for-in"):
    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]


class Comprehension(Node, frozen=True, tag="compr"):
    """``kind`` is list, set, dict or generator; ``key`` is given for dict only."""

    kind: str
    key: Expr | None
    element: Expr
    clauses: tuple[Clause, ...]


class Walrus(Node, frozen=True, tag="walrus"):
    target: Expr
    value: Expr


class Await(Node, frozen=True, tag="await"):
    value: Expr


class Yield(Node, frozen=True, tag="yield"):
    value: Expr | None


class Opaque(Node, frozen=True, tag="?"):
    """An expression this language has no word for; ``what`` names it for people. Its
    subexpressions are kept, since calls in them still happen."""

    what: str
    parts: tuple[Expr, ...]


Expr = Union[  # noqa: UP007 - evaluated at run time by msgspec on 3.10
    Literal, Name, Attribute, Subscript, Call, Starred, Sequence, Dict, Binary, Boolean, Unary,
    Compare, Conditional, Format, Field, Slice, Lambda, Comprehension, Walrus, Await, Yield, Opaque,
]  # fmt: skip


# Statements


class Alias(Node, frozen=True, tag="alias"):
    name: str
    asname: str | None


class Import(Node, frozen=True, tag="import"):
    names: tuple[Alias, ...]


class ImportFrom(Node, frozen=True, tag="from"):
    """``module`` is "" for ``from . import x``; a star import has the one name ``*``."""

    module: str
    level: int
    names: tuple[Alias, ...]


class Assign(Node, frozen=True, tag="assign"):
    """``a = b = value``; an annotated name without a value has ``value`` None."""

    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None


class AugAssign(Node, frozen=True, tag="aug"):
    """``operator`` is without the ``=``."""

    target: Expr
    operator: str
    value: Expr


class Expression(Node, frozen=True, tag="expr"):
    value: Expr


class If(Node, frozen=True, tag="if"):
    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class Loop(Node, frozen=True, tag="loop"):
    """``for target in iterable``; a ``while`` loop has no target, and its test as iterable."""

    target: Expr | None
    iterable: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class Handler(Node, frozen=True, tag="except"):
    exception: Expr | None
    name: str | None
    body: tuple[Stmt, ...]


class Try(Node, frozen=True, tag="try"):
    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]


class WithItem(Node, frozen=True, tag="as"):
    context: Expr
    target: Expr | None


class With(Node, frozen=True, tag="with"):
    items: tuple[WithItem, ...]
    body: tuple[Stmt, ...]


class Body(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="body"):
    """The body of a function. A generator has a ``yield`` of its own in it."""

    statements: tuple[Stmt, ...]
    is_generator: bool


class Unread(msgspec.Struct, array_like=True, gc=False, tag="unread"):
    """The body of a function that has not been parsed: its text, from behind the colon at the
    offset ``start``, and the body once it has been read."""

    text: str
    start: int
    is_async: bool
    body: Body | None = None

    @property
    def digest(self) -> str:
        """Tells it from all others, in this file or another."""
        return digest_of(f"{self.start} {self.is_async} {self.text}".encode())

    def read(self) -> Body:
        if self.body is None:
            from celerylint.read import read_body  # which knows this module

            self.body = read_body(self)
        return self.body


class Function(Node, frozen=True, tag="def"):
    """``start`` and ``end`` are those of the name. What looks into many functions should ask
    first whether they may say what it looks for, so that most of them are never parsed."""

    name: str
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expr, ...]
    inside: Body | Unread
    is_async: bool

    @property
    def body(self) -> tuple[Stmt, ...]:
        return self._body.statements

    @property
    def is_generator(self) -> bool:
        return self._body.is_generator

    @property
    def _body(self) -> Body:
        return self.inside.read() if isinstance(self.inside, Unread) else self.inside

    def may_say(self, words: Words | None) -> bool:
        """False where the body has not been read, and its code does not say so; with None, whenever
        it has not been read."""
        if not isinstance(self.inside, Unread) or self.inside.body is not None:
            return True
        return words is not None and words.are_in(self.inside.text)


class Class(Node, frozen=True, tag="class"):
    """``start`` and ``end`` are those of the name."""

    name: str
    bases: tuple[Argument, ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]


class Return(Node, frozen=True, tag="return"):
    value: Expr | None


class Raise(Node, frozen=True, tag="raise"):
    exception: Expr | None


class Delete(Node, frozen=True, tag="del"):
    targets: tuple[Expr, ...]


class Global(Node, frozen=True, tag="global"):
    names: tuple[str, ...]


class Jump(Node, frozen=True, tag="jump"):
    """``break`` or ``continue``."""

    kind: str


Stmt = Union[  # noqa: UP007 - evaluated at run time by msgspec on 3.10
    Import, ImportFrom, Assign, AugAssign, Expression, If, Loop, Try, With, Function, Class,
    Return, Raise, Delete, Global, Jump,
]  # fmt: skip


class ReadError(msgspec.Struct, frozen=True, array_like=True):
    """Why a file could not be read. Line and column count from 1, columns in characters.

    ``message`` is one line that completes "cannot be read: ...".
    """

    line: int
    column: int
    message: str


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """What one Python file says. ``line_starts`` are the offsets at which its lines begin.

    Offsets count from behind a byte order mark. With an error there are no statements.
    """

    statements: tuple[Stmt, ...]
    line_starts: tuple[int, ...]
    error: ReadError | None = None

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column (from 1) of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1
