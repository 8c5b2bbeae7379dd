"""Walking the facts of a file.

The bodies of most functions have not been read (`celerylint.read.syntax.Unread`), and reading one
takes a while. So walks can be told what they look for: ``saying`` is what the code of every body
says that is worth reading; with None, no more are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from celerylint.read import ANYTHING, Words
from celerylint.read import syntax as s

_SCOPES = (s.Function, s.Class, s.Lambda)


def children(node: s.Node) -> list[s.Node]:
    """The nodes directly below a node."""
    found: list[s.Node] = []
    for field in _FIELDS[type(node)]:
        value = getattr(node, field)
        if type(value) is tuple:
            found += value
        elif value is not None:
            found.append(value)
    return found


def _fields(kind: type[s.Node]) -> tuple[str, ...]:
    """The fields that hold nodes, as their types say."""
    if kind is s.Function:
        return ("parameters", "decorators", "body")
    types = kind.__annotations__  # as they are written
    return tuple(name for name, type_ in types.items() if _KINDS.intersection(_WORD.findall(type_)))


_WORD = re.compile(r"\w+")
_KINDS = {"Expr", "Stmt", *(kind.__name__ for kind in s.Node.__subclasses__())}
_FIELDS = {kind: _fields(kind) for kind in s.Node.__subclasses__()}


def walk(nodes: Any, saying: Words | None = ANYTHING) -> Iterator[s.Node]:
    """Every node below, in the order of the text, inner functions and classes included."""
    stack = list(reversed(nodes if isinstance(nodes, tuple) else (nodes,)))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, s.Function) and not node.may_say(saying):
            below: list[s.Node] = [*node.parameters, *node.decorators]
        else:
            below = children(node)
        below.reverse()
        stack += below


def walk_own(nodes: Any) -> Iterator[s.Node]:
    """Every node below that belongs to the same scope: functions and classes are not entered."""
    stack = list(reversed(nodes if isinstance(nodes, tuple) else (nodes,)))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            below = children(node)
            below.reverse()
            stack += below
