"""What a shell script starts, and with which words: run on paper, every way that it may go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from celerylint.deploy.shell.conditions import holds, known_values
from celerylint.deploy.shell.syntax import Script, is_followed_by, named, parts
from celerylint.deploy.shell.variables import (
    Array,
    Pieces,
    Scalar,
    Scope,
    environment,
    expand,
    join,
    limited,
    scalar,
)
from celerylint.deploy.text import Text
from celerylint.deploy.words import Argv, Piece, Word, alternatives, first_word
from celerylint.model.place import Place

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_COMMANDS = 4000
"""A script that runs more than this, loops and functions included, is not followed further."""

_MOST_NESTED = 12
_MOST_ROUNDS = 8
_NAME_IN_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*")


Branch: TypeAlias = tuple[tuple[str, int], ...]
"""Places of ``if`` and ``case``, each with the number of the branch."""


class Started(msgspec.Struct, frozen=True):
    """A program that a script starts.

    ``replaces`` says that it takes the place of the shell (``exec``), ``is_last`` that the shell
    does nothing after it and waits for nothing else.
    ``label`` is the branch of a ``case`` that it stands in. ``branch`` tells which branch of which
    ``if`` it stands in: programs in different branches of one are never started together.
    ``folder`` is where ``cd`` went; None where that cannot be told.
    """

    argv: Argv
    place: Place
    environment: dict[str, Scalar]
    replaces: bool = False
    is_last: bool = False
    label: str = ""
    branch: Branch = ()
    folder: str | None = ""


Include = Callable[[str], Text | None]
"""The text of a script that another sources, by the name it uses."""


def run(
    text: Text,
    *,
    arguments: Argv | None = None,
    variables: Mapping[str, Scalar] | None = None,
    include: Include = lambda name: None,
) -> list[Started]:
    """Everything that a script may start.

    ``arguments`` are those that it is called with, None where nobody knows; ``variables`` what is
    known of its environment.
    """
    given = dict(variables or {})
    scope = Scope({**given}, arguments, frozenset(given))
    runner = _Runner(include)
    runner.program(Script(text), scope)
    return runner.started


class _Runner:
    def __init__(self, include: Include) -> None:
        self.started: list[Started] = []
        self._include = include
        self._functions: dict[str, tuple[Script, Node]] = {}
        self._left = MOST_COMMANDS
        self._depth = 0
        self._branch: Branch = ()
        self._label = ""
        self._in_subshell = False

    def program(self, script: Script, scope: Scope) -> Scope:
        return self._block(script, named(script.root), scope, is_last=True)

    def _block(
        self, script: Script, nodes: Sequence[Node], scope: Scope, *, is_last: bool = False
    ) -> Scope:
        self._depth += 1
        if self._depth <= _MOST_NESTED * 4:
            for index, node in enumerate(nodes):
                if scope.ended or self._left <= 0:
                    break
                last = is_last and index + 1 == len(nodes)
                scope = self._statement(script, node, scope, is_last=last)
        self._depth -= 1
        return scope

    def _statement(self, script: Script, node: Node, scope: Scope, *, is_last: bool) -> Scope:
        self._left -= 1
        kind = node.type
        if kind == "command":
            return self._command(script, node, scope, is_last=is_last)
        if kind in ("variable_assignment", "variable_assignments"):
            each = [node] if kind == "variable_assignment" else named(node)
            for assignment in each:
                self._assign(script, assignment, scope)
            return scope
        if kind == "declaration_command":
            return self._declare(script, node, scope)
        if kind == "unset_command":
            for child in named(node):
                scope.variables.pop(script.text(child).value, None)
            return scope
        if kind == "redirected_statement":
            inner = [one for one in named(node) if not one.type.endswith("redirect")]
            return self._block(script, inner, scope, is_last=is_last)
        if kind == "list":
            return self._list(script, node, scope, is_last=is_last)
        if kind == "if_statement":
            return self._if(script, node, scope)
        if kind == "case_statement":
            return self._case(script, node, scope)
        if kind == "for_statement":
            return self._for(script, node, scope)
        if kind == "function_definition":
            name, *body = named(node)
            if body:
                self._functions[script.text(name).value] = (script, body[-1])
            return scope
        if kind in ("subshell", "pipeline"):
            before, self._in_subshell = self._in_subshell, True
            for inner in [named(node)] if kind == "subshell" else [[one] for one in named(node)]:
                self._block(script, inner, scope.copy())
            self._in_subshell = before
            return scope
        if kind in ("compound_statement", "do_group", "negated_command", "ERROR"):
            return self._block(script, named(node), scope, is_last=is_last and kind != "ERROR")
        if kind in ("while_statement", "c_style_for_statement"):
            way = self._block(script, named(node), scope.copy())
            return join([scope, way], scope)
        return scope

    # Ways that part

    def _list(self, script: Script, node: Node, scope: Scope, *, is_last: bool) -> Scope:
        inner = named(node)
        is_or = any(child.type == "||" for child in node.children)
        if len(inner) != 2:
            return self._block(script, inner, scope)
        scope = self._statement(script, inner[0], scope, is_last=False)
        if scope.ended:
            return scope
        result = holds(script, inner[0], scope)
        if result is not None and result == is_or:
            return scope
        if result is not None:
            return self._statement(script, inner[1], scope, is_last=is_last and not is_or)
        way = self._statement(script, inner[1], scope.copy(), is_last=is_last and not is_or)
        if is_or or inner[0].type == "test_command":
            return join([scope, way], scope)
        # `migrate && celery ...`: what is behind the first is what it is all about.
        return way

    def _if(self, script: Script, node: Node, scope: Scope) -> Scope:
        ways = []
        outer, number = self._branch, str(script.text(node).place)
        rest: Node | None = node
        clauses = [one for one in named(node) if one.type in ("elif_clause", "else_clause")]
        index = 0
        while rest is not None:
            own = list(parts(rest, "then"))
            condition = own[0] if len(own) > 1 else []
            body = [one for one in own[-1] if one.type not in ("elif_clause", "else_clause")]
            scope = self._block(script, condition, scope)
            result = holds(script, condition[-1], scope) if condition else None
            if rest.type == "else_clause":
                result = True
                body = named(rest)
            if result is not False:
                self._branch = (*outer, (number, index)) if result is None or index else outer
                ways.append(self._block(script, body, scope.copy()))
            if result:
                break
            rest = clauses[index] if index < len(clauses) else None
            index += 1
        else:
            ways.append(scope)
        self._branch = outer
        return join(ways, scope)

    def _case(self, script: Script, node: Node, scope: Scope) -> Scope:
        subject, *items = named(node)
        values = known_values(script.text(subject), scope)
        ways = []
        outer, label = self._branch, self._label
        number = str(script.text(node).place)
        falls_through = True
        for index, item in enumerate(one for one in items if one.type == "case_item"):
            patterns, body = _case_item(item)
            names = [_bare(script.text(pattern).value) for pattern in patterns]
            matches = None
            if values is not None:
                hits = {any(fnmatchcase(value, name) for name in names) for value in values}
                matches = hits.pop() if len(hits) == 1 else None
            if matches is False:
                continue
            self._branch = (*outer, (number, index)) if matches is None else outer
            self._label = names[0] if names and names[0] != "*" and matches is None else label
            ways.append(self._block(script, body, scope.copy()))
            if matches or "*" in names:
                falls_through = False
                break
        self._branch, self._label = outer, label
        if falls_through:
            ways.append(scope)
        return join(ways, scope)

    def _for(self, script: Script, node: Node, scope: Scope) -> Scope:
        variable, *rest = named(node)
        name = script.text(variable).value
        words: Argv = ()
        for one in rest[:-1]:
            words += expand(script.text(one), scope)
        options = alternatives(words)
        body = rest[-1:]
        if len(options) == 1 and 0 < len(options[0]) <= _MOST_ROUNDS:
            for word in options[0]:
                scope.variables[name] = (word.pieces,)
                scope = self._block(script, body, scope)
            return scope
        way = scope.copy()
        unknown = Piece(script.text(variable), reason=f"`{name}` is one of many")
        way.variables[name] = ((unknown,),)
        return join([scope, self._block(script, body, way)], scope)

    # Variables

    def _assign(self, script: Script, node: Node, scope: Scope) -> str:
        found = script.text(node)
        name = _NAME_IN_ASSIGNMENT.match(found.value)
        target, *values = named(node)
        if name is None or target.type != "variable_name":
            return ""
        adds = found.value[name.end() :].startswith("+=")
        old = scope.variables.get(name[0])
        if values and values[0].type == "array":
            elements: Argv = ()
            for element in named(values[0]):
                elements += expand(script.text(element), scope)
            before = old.parts if adds and isinstance(old, Array) else ()
            scope.variables[name[0]] = Array((*before, *elements))
            return name[0]
        behind = found.slice(name.end() + (2 if adds else 1))
        value = scalar(behind, scope) if behind.value else ((Piece(behind),),)
        if adds and isinstance(old, Array):
            words = [(Word(pieces),) for pieces in value if pieces]
            scope.variables[name[0]] = Array((*old.parts, *(words[0] if words else ())))
        elif adds and old is not None and not isinstance(old, Array):
            value = limited([(*one, *other) for one in old for other in value], found)
            scope.variables[name[0]] = value
        else:
            scope.variables[name[0]] = tuple(_never_empty(pieces, behind) for pieces in value)
        return name[0]

    def _declare(self, script: Script, node: Node, scope: Scope) -> Scope:
        exports = node.children[0].type == "export"
        for child in named(node):
            name = ""
            if child.type == "variable_assignment":
                name = self._assign(script, child, scope)
            elif child.type == "variable_name":
                name = script.text(child).value
            if exports and name:
                scope.exported |= {name}
        return scope

    # Commands

    def _command(self, script: Script, node: Node, scope: Scope, *, is_last: bool) -> Scope:
        argv: Argv = ()
        own: dict[str, Scalar] = {}
        for child in named(node):
            if child.type == "variable_assignment":
                target = scope.copy()
                if name := self._assign(script, child, target):
                    value = target.variables[name]
                    if not isinstance(value, Array):
                        own[name] = value
            elif not child.type.endswith("redirect"):
                argv += expand(script.text(child), scope)
        place = script.text(node).place
        background = is_followed_by(node, "&") or (
            node.parent is not None
            and node.parent.type == "redirected_statement"
            and is_followed_by(node.parent, "&")
        )
        first = first_word(argv)
        program = first.known if first is not None else None
        if program is None:
            self._record(argv, place, scope, own, is_last=is_last, background=background)
            return scope
        if program == "exec":
            if argv[1:]:
                self._record(
                    _behind_exec(argv[1:]),
                    place,
                    scope,
                    own,
                    replaces=not self._in_subshell,
                    background=background,
                )
                return msgspec.structs.replace(scope, ended=not background)
            return scope
        if program in ("exit", "return"):
            return msgspec.structs.replace(scope, ended=True)
        if program in ("cd", "pushd"):
            return _cd(argv[1:], scope)
        if program == "shift":
            return _shift(argv[1:], scope)
        if program == "read":
            for words in alternatives(argv[1:]):
                for word in words:
                    if word.known:
                        unknown = Piece(word.text, reason=f"`{word.known}` is read from elsewhere")
                        scope.variables[word.known] = ((unknown,),)
            return scope
        if program in ("source", "."):
            return self._source(argv[1:], scope)
        if program in self._functions:
            return self._call(program, argv[1:], scope)
        self._record(argv, place, scope, own, is_last=is_last, background=background)
        return scope

    def _record(
        self,
        argv: Argv,
        place: Place,
        scope: Scope,
        own: Mapping[str, Scalar],
        *,
        replaces: bool = False,
        is_last: bool = False,
        background: bool = False,
    ) -> None:
        if not argv:
            return
        self.started.append(
            Started(
                argv=argv,
                place=place,
                environment=environment(scope, own),
                replaces=replaces and not background,
                is_last=is_last and not background and not self._in_subshell,
                label=self._label,
                branch=self._branch,
                folder=scope.folder,
            )
        )

    def _call(self, name: str, arguments: Argv, scope: Scope) -> Scope:
        if self._depth > _MOST_NESTED:
            return scope
        script, body = self._functions[name]
        inner = msgspec.structs.replace(scope.copy(), arguments=arguments)
        self._depth += 1
        after = self._block(script, [body], inner)
        self._depth -= 1
        ended = after.ended and any(
            one.replaces for one in self.started[-1:]
        )  # `return` only ends the function
        return msgspec.structs.replace(after, arguments=scope.arguments, ended=ended)

    def _source(self, argv: Argv, scope: Scope) -> Scope:
        word = first_word(argv)
        if word is None or word.known is None or self._depth > _MOST_NESTED:
            return scope
        text = self._include(word.known)
        if text is None:
            return scope
        self._depth += 1
        scope = self._block(script := Script(text), named(script.root), scope)
        self._depth -= 1
        return scope


def _case_item(item: Node) -> tuple[list[Node], list[Node]]:
    patterns: list[Node] = []
    body: list[Node] = []
    behind = False
    for child in item.children:
        if child.type == ")" and not child.is_named and not behind:
            behind = True
        elif child.is_named and child.type != "comment":
            (body if behind else patterns).append(child)
    return patterns, body


def _bare(pattern: str) -> str:
    return pattern.strip().strip("\"'")


def _never_empty(pieces: Pieces, text: Text) -> Pieces:
    return pieces or (Piece(text.slice(len(text.value))),)


def _behind_exec(argv: Argv) -> Argv:
    """``exec -a name command``: the program without what concerns the shell."""
    rest: Iterator[int] = iter(range(len(argv)))
    for index in rest:
        part = argv[index]
        known = part.known if isinstance(part, Word) else None
        if known == "-a":
            next(rest, None)
        elif known not in ("-c", "-l", "--"):
            return argv[index:]
    return ()


def _cd(argv: Argv, scope: Scope) -> Scope:
    word = first_word(argv)
    folder: str | None = None
    if word is not None and word.known is not None and len(alternatives(argv)) == 1:
        target = word.known
        if target.startswith("/") or not scope.folder:
            folder = target if scope.folder is not None or target.startswith("/") else None
        else:
            folder = f"{scope.folder.rstrip('/')}/{target}"
    return msgspec.structs.replace(scope, folder=folder)


def _shift(argv: Argv, scope: Scope) -> Scope:
    if scope.arguments is None:
        return scope
    word = first_word(argv)
    count = 1
    if word is not None:
        if word.known is None or not word.known.isdigit():
            return msgspec.structs.replace(scope, arguments=None)
        count = int(word.known)
    options = alternatives(scope.arguments)
    if len(options) != 1:
        return msgspec.structs.replace(scope, arguments=None)
    return msgspec.structs.replace(scope, arguments=options[0][count:])
