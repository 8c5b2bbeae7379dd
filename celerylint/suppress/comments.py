"""The comments of a file, and the lines that each of them is about.

Python is scanned rather than parsed: a file may be broken, or newer than the interpreter, and its
comments count all the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec


class Block(msgspec.Struct, frozen=True):
    """The lines (counted from 1, both included) of a function or class with its decorators, or of
    its header: the same without the body."""

    kind: Literal["definition", "header"]
    first: int
    last: int


class Comment(msgspec.Struct, frozen=True):
    """One comment; ``text`` runs from its ``#`` to the end of the line.

    Lines and columns count from 1. ``about`` is the line of code that it speaks of: its own, or,
    for a comment on a line of its own, the next one; None where no code follows. ``block`` is what
    it speaks of besides, where that line belongs to the header of a definition: all of it for a
    comment on a line of its own above a decorator, ``def`` or ``class``, else the header.
    """

    line: int
    column: int
    text: str
    own_line: bool
    top_level: bool
    """On a line of its own, not indented, and not within a statement."""
    about: int | None
    block: Block | None = None


def comments_of(path: str, text: str) -> list[Comment]:
    """The comments of Python code, or of another language that writes them with ``#`` (YAML,
    Dockerfile, Procfile, shell), which the file's name tells. Never fails on broken code."""
    text = _LINE_END.sub("\n", text)
    return _python_comments(text) if path.endswith((".py", ".pyi")) else _hash_comments(text)


_LINE_END = re.compile(r"\r\n?")


def _next_line(lines: Sequence[int], after: int) -> int | None:
    """The first of the sorted lines that is greater than ``after``."""
    index = bisect_right(lines, after)
    return lines[index] if index < len(lines) else None


# Languages that are read line by line

# Strings are matched to be skipped. After a letter a quote starts none: `don't`.
_HASH_OR_STRING = re.compile(r"""(?<!\S)\#|(?<![\w\\])(?:'[^']*'|"(?:[^"\\]|\\.)*")""")


def _hash_comments(text: str) -> list[Comment]:
    starts: dict[int, int] = {}
    code_lines: list[int] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        marks = (mark.start() for mark in _HASH_OR_STRING.finditer(line) if mark[0] == "#")
        start = next(marks, len(line))
        if start < len(line):
            starts[number] = start
        if line[:start].strip():
            code_lines.append(number)
    return [
        Comment(
            line=number,
            column=start + 1,
            text=lines[number - 1][start:],
            own_line=not lines[number - 1][:start].strip(),
            top_level=start == 0,
            about=_next_line(code_lines, number - 1),
        )
        for number, start in starts.items()
    ]


# Python


class _Statement(msgspec.Struct):
    """A logical line: its lines, the width of its indent, and what it starts."""

    first: int
    indent: int
    starts: Literal["decorator", "definition", "other"]
    last: int = 0


class _Definition(msgspec.Struct):
    """A function or class. ``heads`` are the lines on which its decorators and its ``def`` or
    ``class`` start."""

    heads: list[int]
    indent: int
    header_last: int
    last: int = 0


def _python_comments(text: str) -> list[Comment]:
    scan = _Scan(text)
    blocks = _Blocks(_definitions(scan.statements))
    comments = []
    for comment in scan.comments:
        about = _next_line(scan.code_lines, comment.line) if comment.own_line else comment.line
        block = blocks.around(about, comment.own_line) if about is not None else None
        comments.append(msgspec.structs.replace(comment, about=about, block=block))
    return comments


class _Blocks:
    """Definitions by the lines of their headers, which never overlap."""

    def __init__(self, definitions: Iterable[_Definition]) -> None:
        self._by_line = {
            line: definition
            for definition in definitions
            for line in range(definition.heads[0], definition.header_last + 1)
        }

    def around(self, line: int, own_line: bool) -> Block | None:
        """What a comment about that line of a header speaks of; None for other lines."""
        definition = self._by_line.get(line)
        if definition is None:
            return None
        if own_line and line in definition.heads:
            return Block("definition", definition.heads[0], definition.last)
        return Block("header", definition.heads[0], definition.header_last)


def _definitions(statements: Iterable[_Statement]) -> Iterator[_Definition]:
    """The functions and classes of a file: a body is what is indented deeper than the header."""
    open_: list[_Definition] = []
    decorators: list[int] = []
    last = 0
    for statement in statements:
        while open_ and open_[-1].indent >= statement.indent:
            open_[-1].last = last
            yield open_.pop()
        if statement.starts == "decorator":
            decorators.append(statement.first)
        else:
            if statement.starts == "definition":
                heads = [*decorators, statement.first]
                open_.append(_Definition(heads, statement.indent, statement.last))
            decorators.clear()
        last = statement.last
    for definition in open_:
        definition.last = last
        yield definition


_TOKEN = re.compile(
    r"""
      (?P<space> [ \t\f]+ | \\\n )
    | (?P<newline> \n )
    | (?P<comment> \#[^\n]* )
    | (?P<string> (?P<prefix> [bBfFrRtTuU]{0,2} ) (?P<quote> '''|\"{3}|'|" ) )
    | (?P<bracket> [()\[\]{}] )
    | (?P<colon> : )
    | (?P<other> \w+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_STARTS = re.compile(r"(?P<decorator>@)|(?P<definition>(?:async[ \t]+)?def\b|class\b)")
# A string that is not closed ends with its line, or with the file.
_REST_OF_STRING = {
    "'": re.compile(r"(?:[^\\\n']+|\\.)*'?", re.DOTALL),
    '"': re.compile(r'(?:[^\\\n"]+|\\.)*"?', re.DOTALL),
    "'''": re.compile(r"(?:[^\\']+|\\.|'(?!''))*(?:''')?", re.DOTALL),
    '"""': re.compile(r'(?:[^\\"]+|\\.|"(?!""))*(?:""")?', re.DOTALL),
}
# What counts in the literal text of an f-string; `\{` is a backslash and a brace.
_MARK_IN_TEXT = re.compile(r"\\[^{}]|\{\{|\}\}|[{}'\"\n]", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_FIELD, _FORMAT = "field", "format"


class _Scan:
    """One pass over Python code.

    Strings have to be told from comments, f-strings and t-strings with what is nested in them by
    any version of Python (PEP 701), and brackets have to be counted to see where statements end.
    """

    def __init__(self, text: str) -> None:
        self.comments: list[Comment] = []
        """Without ``about`` and ``block``."""
        self.statements: list[_Statement] = []
        self.code_lines: list[int] = []
        """The lines on which some code starts, sorted."""

        self._text = text
        self._line = 1
        self._line_start = 0
        self._code_end = 0
        """The line of the last piece of code."""
        self._statement: _Statement | None = None
        # What has been opened, outermost first: the closing bracket, or the quotes of an f-string,
        # and in these `_FIELD` for a {replacement field} and `_FORMAT` for what follows its colon.
        self._open: list[str] = []

        position = 0
        while position < len(text):
            in_text = self._open and self._open[-1] in (_FORMAT, *_REST_OF_STRING)
            end = self._f_string_text(position) if in_text else self._token(position)
            position = self._advance(position, end)
        self._end_statement()

    def _advance(self, start: int, end: int) -> int:
        if newlines := self._text.count("\n", start, end):
            self._line += newlines
            self._line_start = self._text.rfind("\n", start, end) + 1
        return end

    def _token(self, position: int) -> int:
        """Take in the token at a position of code; returns where it ends."""
        token = _TOKEN.match(self._text, position)
        assert token is not None  # any character is at least an "other"
        kind, end = token.lastgroup, token.end()
        if kind == "newline":
            if not self._open:
                self._end_statement()
        elif kind == "comment":
            self._comment(token)
        elif kind != "space":
            self._start_code(position)
            if kind == "string":
                end = self._string(token)
            elif kind == "bracket":
                self._bracket(token[0])
            elif kind == "colon" and self._open and self._open[-1] == _FIELD:
                self._open.append(_FORMAT)
            self._code_end = self._line + self._text.count("\n", position, end)
        return end

    def _comment(self, token: re.Match[str]) -> None:
        column = token.start() - self._line_start + 1
        own_line = self._code_end != self._line
        top_level = own_line and column == 1 and not self._open
        self.comments.append(
            Comment(self._line, column, token[0].rstrip(), own_line, top_level, about=None)
        )

    def _start_code(self, position: int) -> None:
        if not self.code_lines or self.code_lines[-1] != self._line:
            self.code_lines.append(self._line)
        if self._statement is None:
            indent = self._text[self._line_start : position].rpartition("\f")[2]
            starts = _STARTS.match(self._text, position)
            self._statement = _Statement(
                first=self._line,
                indent=len(indent.expandtabs(8)),
                starts=starts.lastgroup if starts else "other",  # type: ignore[arg-type]
            )

    def _end_statement(self) -> None:
        if self._statement is not None:
            self._statement.last = self._code_end
            self.statements.append(self._statement)
            self._statement = None

    def _string(self, token: re.Match[str]) -> int:
        quote = token["quote"]
        if not set(token["prefix"]).isdisjoint("fFtT"):
            self._open.append(quote)
            return token.end()
        rest = _REST_OF_STRING[quote].match(self._text, token.end())
        assert rest is not None  # it may be empty
        return rest.end()

    def _bracket(self, bracket: str) -> None:
        if bracket in _CLOSING:
            self._open.append(_CLOSING[bracket])
        elif self._open and self._open[-1] in (bracket, _FIELD if bracket == "}" else bracket):
            self._open.pop()

    def _f_string_text(self, position: int) -> int:
        """Go on to the next thing that counts in the text of an f-string, and take it in."""
        quote_at = max(index for index, o in enumerate(self._open) if o in _REST_OF_STRING)
        quote = self._open[quote_at]
        in_format = self._open[-1] == _FORMAT
        mark = _MARK_IN_TEXT.search(self._text, position)
        if mark is None:
            return len(self._text)
        start, end = mark.span()
        if self._text.startswith(quote, start):
            del self._open[quote_at:]
            end = start + len(quote)
        elif mark[0] == "\n" and len(quote) == 1:  # it was never closed
            del self._open[quote_at:]
            end = start
        elif mark[0] == "{" or (mark[0] == "{{" and in_format):
            self._open.append(_FIELD)
            end = start + 1
        elif mark[0] in ("}", "}}") and in_format:
            del self._open[-2:]
            end = start + 1
        self._code_end = self._line + self._text.count("\n", position, end)
        return end
