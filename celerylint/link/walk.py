"""Walking the bodies of functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celerylint.read import syntax as s

_SCOPES = (s.Function, s.Class, s.Lambda)


def children(node: s.Node) -> Iterator[s.Node]:
    """The nodes directly below a node."""
    for field in node.__struct_fields__[2:]:
        value = getattr(node, field)
        if isinstance(value, s.Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, s.Node):
                    yield item


def walk(nodes: Any) -> Iterator[s.Node]:
    """Every node below, in the order of the text, inner functions and classes included."""
    stack = list(reversed(nodes if isinstance(nodes, tuple) else (nodes,)))
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


def walk_own(nodes: Any) -> Iterator[s.Node]:
    """Every node below that belongs to the same scope: functions and classes are not entered."""
    stack = list(reversed(nodes if isinstance(nodes, tuple) else (nodes,)))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack.extend(reversed(list(children(node))))


def functions(nodes: Any) -> Iterator[s.Function]:
    """Every function defined below, at any depth."""
    return (node for node in walk(nodes) if isinstance(node, s.Function))
