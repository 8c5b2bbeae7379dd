"""The statements of a shell script, as tree-sitter's grammar of bash sees them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from celerylint.deploy.text import Text

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


class Script:
    """A parsed script. Broken code is read as far as it goes."""

    def __init__(self, text: Text) -> None:
        self._text = text
        data = text.value.encode("utf-8", errors="replace")
        self.root = _parser().parse(data).root_node
        self._offsets: list[int] | None = None
        if len(data) != len(text.value):
            self._offsets = _characters(text.value)

    def text(self, node: Node) -> Text:
        """What is written there, with its places."""
        return self.between(node.start_byte, node.end_byte)

    def between(self, start: int, end: int) -> Text:
        if self._offsets is not None:
            start, end = self._offsets[start], self._offsets[end]
        return self._text.slice(start, end)


def _characters(value: str) -> list[int]:
    """The index of the character that each byte belongs to."""
    offsets: list[int] = []
    for index, character in enumerate(value):
        offsets += [index] * len(character.encode("utf-8", errors="replace"))
    return [*offsets, len(value)]


@cache
def _parser() -> Parser:
    # Takes a while to import, and most projects are read without it.
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def named(node: Node) -> list[Node]:
    """The parts of a statement, without its keywords and comments."""
    return [child for child in node.children if child.is_named and child.type != "comment"]


def parts(node: Node, *keywords: str) -> Iterator[list[Node]]:
    """The parts of a statement before, between and behind keywords."""
    found: list[Node] = []
    for child in node.children:
        if child.type in keywords and not child.is_named:
            yield found
            found = []
        elif child.is_named and child.type != "comment":
            found.append(child)
    yield found


def is_followed_by(node: Node, token: str) -> bool:
    following = node.next_sibling
    return following is not None and following.type == token
