"""Where libcst's nodes stand in the text.

libcst generates code by visiting nodes in order; watching it do so gives each node's offsets.
It costs a third of what parsing costs, where libcst's own position metadata costs twice it.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import libcst
from libcst._nodes.internal import CodegenState

Offsets = dict[int, tuple[int, int]]


class _Recording:
    """Notes the offset before and after a node's own text, without its surrounding space."""

    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(self, state: _State, node: Any, start_node: Any, end_node: Any) -> None:
        self.state = state
        self.node = node
        self.start_node = start_node
        self.end_node = end_node

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        offsets = self.state.offsets
        start, end = self.start, self.state.offset
        if self.start_node is not None and id(self.start_node) in offsets:
            start = offsets[id(self.start_node)][0]
        if self.end_node is not None and id(self.end_node) in offsets:
            end = offsets[id(self.end_node)][1]
        # The first recording of a node is the innermost and so the tightest.
        offsets.setdefault(id(self.node), (start, end))


class _State(CodegenState):
    """Generates nothing but offsets."""

    def __init__(self, module: libcst.Module) -> None:
        super().__init__(
            default_indent=module.default_indent, default_newline=module.default_newline
        )
        self.offset = 0
        self.offsets: Offsets = {}

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.offset += len(value)

    def record_syntactic_position(  # type: ignore[override]
        self, node: Any, *, start_node: Any = None, end_node: Any = None
    ) -> _Recording:
        return _Recording(self, node, start_node, end_node)


def offsets_of(module: libcst.Module) -> Offsets:
    """The (start, end) offsets in characters of the module's nodes, by ``id(node)``."""
    state = _State(module)
    module._codegen(state)
    return state.offsets
