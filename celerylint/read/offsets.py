"""Where libcst's nodes stand in the text.

libcst generates code by visiting nodes in order; watching it do so gives each node's offsets.
It costs a third of what parsing costs, where libcst's own position metadata costs twice it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import libcst
from libcst._nodes.internal import CodegenState

from celerylint.read.gaps import STAND_IN, Gap

Offsets = dict[int, tuple[int, int]]

_TEXTS = {libcst.FormattedStringText, libcst.TemplatedStringText}


class _State(CodegenState):
    """Generates nothing but offsets."""

    def __init__(self, module: libcst.Module, gaps: Iterable[Gap], start: int) -> None:
        super().__init__(
            default_indent=module.default_indent,
            default_newline=module.default_newline,
            tokens=[""],  # or it adds a line end, as to an empty module
        )
        self.offset = self._start = start
        self._gaps = iter(gaps)
        self._next_gap()
        self.offsets: Offsets = {}
        self._recorded: list[tuple[int, Any, Any, Any]] = []

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.offset += len(value)
        if self.offset == self._end_of_stand_in:
            self.offset = self._end_of_gap
            self._next_gap()

    def _next_gap(self) -> None:
        gap = next(self._gaps, None)
        if gap is None:
            self._end_of_stand_in = self._end_of_gap = sys.maxsize
        else:
            self._end_of_stand_in = self._start + gap.start + len(STAND_IN)
            self._end_of_gap = self._start + gap.end

    def pop_trailing_newline(self) -> None:
        self.offset -= len(self.default_newline)

    def before_codegen(self, node: Any) -> None:
        # libcst records no position for these.
        if type(node) in _TEXTS:
            self.offsets[id(node)] = (self.offset, self.offset + len(node.value))

    # libcst asks for a context in which to generate a node's own text, without the space around
    # it. The state itself is that context, which saves making an object for each node.

    def record_syntactic_position(  # type: ignore[override]
        self, node: Any, *, start_node: Any = None, end_node: Any = None
    ) -> _State:
        self._recorded.append((self.offset, node, start_node, end_node))
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        start, node, start_node, end_node = self._recorded.pop()
        end = self.offset
        # These stand for tighter bounds, where they have been recorded themselves.
        if start_node is not None:
            start, _ = self.offsets.get(id(start_node), (start, end))
        if end_node is not None:
            _, end = self.offsets.get(id(end_node), (start, end))
        self.offsets[id(node)] = (start, end)


def offsets_of(
    module: libcst.Module, text: str, gaps: Sequence[Gap] = (), start: int = 0
) -> Offsets:
    """The (start, end) offsets in characters of the module's nodes in its text, by ``id(node)``.

    The module has stand-ins for the gaps; the offset of the text itself is ``start``. Raises
    `ValueError` where there are gaps and libcst's code is not the text to the letter.
    """
    state = _State(module, gaps, start)
    module._codegen(state)
    if state.offset - start == len(text):
        return state.offsets
    if gaps or start:
        raise ValueError("libcst makes other code of the text")
    places = _places(module.code, text)
    return {
        node: (places[start], places[end - 1] + 1 if end > start else places[start])
        for node, (start, end) in state.offsets.items()
    }


def _places(code: str, text: str) -> list[int]:
    """Where in the text each character of the code that libcst makes of it stands.

    libcst forgets the form feeds and the continued empty lines in front of a statement, and may
    repeat a form feed on the lines that follow.
    """
    places: list[int] = []
    place = 0
    for character in code:
        while character not in ("\f", text[place]):
            place += 1
        places.append(place)
        place += character == text[place]
    return [*places, len(text)]
