"""Splitting a command that is one text into words, without a shell: as compose, systemd and
supervisor do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from celerylint.deploy.shell.scan import Computed, Expansion, end_of_expansion, expansion
from celerylint.deploy.shell.variables import Pieces
from celerylint.deploy.text import Text
from celerylint.deploy.words import Piece, Word


def words_of(pieces: Iterable[Piece]) -> tuple[Word, ...]:
    """The words in a text: at white space that is not quoted or escaped."""
    found: list[Word] = []
    current: list[Piece] = []
    started = False
    quote = ""

    def finish() -> None:
        nonlocal started
        if started and current:
            kept = [one for one in current if one.text.value or one.reason] or current[:1]
            only = kept[0]
            unsure = len(kept) == 1 and bool(only.reason) and not only.quoted
            found.append(Word(tuple(kept), open=unsure))
        current.clear()
        started = False

    for piece in pieces:
        if piece.reason:
            current.append(msgspec.structs.replace(piece, quoted=bool(quote)))
            started = True
            continue
        value, start, position = piece.text.value, 0, 0

        while position < len(value):
            character = value[position]
            if character == "\\" and quote != "'" and position + 1 < len(value):
                current.append(_cut(piece, start, position))
                started = True
                start = position + 1
                if value[start] == "\n":
                    start += 1
                position += 2
            elif quote and character == quote:
                current.append(_cut(piece, start, position))
                quote, start = "", position + 1
                position += 1
            elif not quote and character in "\"'":
                current.append(_cut(piece, start, position))
                quote, started, start = character, True, position + 1
                position += 1
            elif not quote and character.isspace():
                current.append(_cut(piece, start, position))
                finish()
                position += 1
                start = position
            else:
                started = True
                position += 1
        current.append(_cut(piece, start, position))
    finish()
    return tuple(found)


def _cut(piece: Piece, start: int, end: int) -> Piece:
    return msgspec.structs.replace(piece, text=piece.text.slice(start, end))


def interpolated(text: Text, unknown: str) -> Pieces:
    """``${NAME:-default}`` as compose replaces it from the environment that it is run in, and
    ``$$``. ``unknown`` says where a value comes from that is not in the file."""
    value = text.value
    pieces: list[Piece] = []
    start = position = 0
    while (position := value.find("$", position)) >= 0:
        if value.startswith("$$", position):
            pieces.append(Piece(text.slice(start, position + 1)))
            start = position = position + 2
            continue
        end = end_of_expansion(value, position)
        if end <= position + 1 or value.startswith("$(", position):
            position += 1
            continue
        pieces.append(Piece(text.slice(start, position)))
        pieces += _from_environment(text.slice(position, end), unknown)
        start = position = end
    pieces.append(Piece(text.slice(start)))
    return tuple(piece for piece in pieces if piece.text.value) or (Piece(text),)


def _from_environment(text: Text, unknown: str) -> list[Piece]:
    found = expansion(text, False)
    if isinstance(found, Expansion) and found.argument is not None and found.operator in "-:-":
        inner = interpolated(found.argument, unknown)
        return [
            msgspec.structs.replace(piece, variables=(found.name, *piece.variables))
            for piece in inner
        ]
    name = found.name if isinstance(found, Expansion) else ""
    assert isinstance(found, (Expansion, Computed))
    return [Piece(text, (name,) if name else (), f"`{text.value}` {unknown}", quoted=False)]


def replaced(
    text: Text, pattern: re.Pattern[str], replace: Callable[[re.Match[str], Text], Iterable[Piece]]
) -> Pieces:
    """A text in which everything that matches stands for something else."""
    pieces: list[Piece] = []
    start = 0
    for match in pattern.finditer(text.value):
        pieces.append(Piece(text.slice(start, match.start())))
        pieces += replace(match, text.slice(match.start(), match.end()))
        start = match.end()
    pieces.append(Piece(text.slice(start)))
    return tuple(piece for piece in pieces if piece.text.value or piece.reason) or (Piece(text),)
