"""Walking the facts of a file.

The bodies of most functions have not been read (`celerylint.read.syntax.Unread`), and reading one
takes a while. So walks can be told what they look for: ``mentioning`` holds words of which one is
in the text of every body worth entering, or none at all where nothing more is worth reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from msgspec.structs import astuple

from celerylint.read import syntax as s

_SCOPES = (s.Function, s.Class, s.Lambda)


def children(node: s.Node) -> list[s.Node]:
    """The nodes directly below a node."""
    if isinstance(node, s.Function):
        return [*_header(node), *node.body]
    found: list[s.Node] = []
    for value in astuple(node):
        if isinstance(value, s.Node):
            found.append(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], s.Node):
            found += value
    return found


def walk(nodes: Any, mentioning: Collection[str] | None = None) -> Iterator[s.Node]:
    """Every node below, in the order of the text, inner functions and classes included."""
    stack = list(reversed(nodes if isinstance(nodes, tuple) else (nodes,)))
    while stack:
        node = stack.pop()
        yield node
        if mentioning is not None and isinstance(node, s.Function):
            below = children(node) if node.may_mention(mentioning) else _header(node)
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


def _header(node: s.Function) -> list[s.Node]:
    return [*node.parameters, *node.decorators]
