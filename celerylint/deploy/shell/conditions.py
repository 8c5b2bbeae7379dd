"""Whether a condition of a script holds, where that can be told."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from celerylint.deploy.shell.syntax import Script, named
from celerylint.deploy.shell.variables import Scope, scalar
from celerylint.deploy.text import Text

if TYPE_CHECKING:
    from tree_sitter import Node


def holds(script: Script, node: Node, scope: Scope) -> bool | None:
    """True, False, or None where it depends on what is not known."""
    if node.type == "test_command":
        inner = named(node)
        return _test(script, inner[0], scope) if len(inner) == 1 else None
    if node.type == "negated_command":
        inner = named(node)
        found = holds(script, inner[-1], scope) if inner else None
        return None if found is None else not found
    if node.type == "list" and len(inner := named(node)) == 2:
        left, right = (holds(script, part, scope) for part in inner)
        return _both(script, node, left, right)
    if node.type == "command":
        return {"true": True, "false": False}.get(script.text(node).value)
    return None


def _both(script: Script, node: Node, left: bool | None, right: bool | None) -> bool | None:
    operators = {child.type for child in node.children if not child.is_named}
    operators |= {child.text.decode() for child in node.children if child.text is not None}
    if operators & {"&&", "-a"}:
        if left is False or right is False:
            return False
        return True if left and right else None
    if operators & {"||", "-o"}:
        if left or right:
            return True
        return False if left is False and right is False else None
    return None


def _test(script: Script, node: Node, scope: Scope) -> bool | None:
    inner = named(node)
    if node.type == "parenthesized_expression" and len(inner) == 1:
        return _test(script, inner[0], scope)
    if node.type == "unary_expression" and len(inner) == 2:
        operator = script.text(inner[0]).value
        values = known_values(script.text(inner[1]), scope)
        if operator in ("-n", "-z") and values is not None:
            return _same(bool(value) == (operator == "-n") for value in values)
        return None
    if node.type in ("unary_expression", "negation_expression") and len(inner) == 1:
        found = _test(script, inner[0], scope)
        return None if found is None else not found
    if node.type != "binary_expression" or len(inner) not in (2, 3):
        return None
    operator = script.between(inner[0].end_byte, inner[-1].start_byte).value.strip()
    if operator in ("&&", "||", "-a", "-o"):
        left, right = (_test(script, part, scope) for part in (inner[0], inner[-1]))
        return _both(script, node, left, right)
    left_values = known_values(script.text(inner[0]), scope)
    right_values = known_values(script.text(inner[-1]), scope)
    if left_values is None or right_values is None:
        return None
    return _same(_compare(operator, one, other) for one in left_values for other in right_values)


def _same(results: object) -> bool | None:
    found = set(results)  # type: ignore[call-overload]
    only: bool | None = found.pop() if len(found) == 1 else None
    return only


def _compare(operator: str, left: str, right: str) -> bool | None:
    if operator in ("=", "=="):
        return fnmatchcase(left, right)
    if operator == "!=":
        return not fnmatchcase(left, right)
    try:
        one, other = int(left), int(right)
    except ValueError:
        return None
    return {
        "-eq": one == other,
        "-ne": one != other,
        "-gt": one > other,
        "-ge": one >= other,
        "-lt": one < other,
        "-le": one <= other,
    }.get(operator)


def known_values(text: Text, scope: Scope) -> list[str] | None:
    """Every value that a word may have; None where one is unknown, or only a default that the
    environment may replace."""
    found = []
    for pieces in scalar(text, scope):
        if any(piece.reason or piece.variables for piece in pieces):
            return None
        found.append("".join(piece.text.value for piece in pieces))
    return found
