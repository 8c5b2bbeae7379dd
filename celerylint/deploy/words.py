"""The words of a command line, and how much is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TypeAlias

import msgspec

from celerylint.deploy.text import Text
from celerylint.model.place import Place
from celerylint.model.value import State, Step, Value, unknown

MOST_ALTERNATIVES = 48
"""More possible command lines than this are not told apart."""


class Piece(msgspec.Struct, frozen=True):
    """A part of a word: known text, text that ``variables`` of the environment may replace, or,
    with a ``reason``, something that cannot be told (``text`` is then what is written).

    ``steps`` are the places that a variable got its value from.
    """

    text: Text
    variables: tuple[str, ...] = ()
    reason: str = ""
    quoted: bool = True
    steps: tuple[Step, ...] = ()


class Word(msgspec.Struct, frozen=True):
    """One word. ``open`` says that nobody knows how many words it really is: none, one or many."""

    pieces: tuple[Piece, ...]
    open: bool = False

    @property
    def known(self) -> str | None:
        """The word, with the defaults of variables; None where a part of it is unknown."""
        if any(piece.reason for piece in self.pieces):
            return None
        return "".join(piece.text.value for piece in self.pieces)

    @property
    def head(self) -> str:
        """What is known of its beginning."""
        found = []
        for piece in self.pieces:
            if piece.reason:
                break
            found.append(piece.text.value)
        return "".join(found)

    @property
    def written(self) -> str:
        """As people see it in the file, more or less."""
        return "".join(piece.text.value for piece in self.pieces)

    @property
    def place(self) -> Place:
        first = next((one for one in self.pieces if one.text.value), self.pieces[0]).text.place
        last = self.pieces[-1].text.place
        if last.path != first.path or (last.end_line, last.end_column) < (
            first.line,
            first.column,
        ):
            return first
        return Place(first.path, first.line, first.column, last.end_line, last.end_column)

    @property
    def text(self) -> Text:
        """Its text with places; for an unknown part what is written there."""
        text = self.pieces[0].text
        for piece in self.pieces[1:]:
            text = text + piece.text
        return text

    def after(self, length: int) -> Word:
        """The word without its first characters, which have to be known."""
        left = []
        for index, piece in enumerate(self.pieces):
            size = len(piece.text.value)
            if length < size or piece.reason:
                first = msgspec.structs.replace(piece, text=piece.text.slice(length))
                left = [first, *self.pieces[index + 1 :]]
                break
            length -= size
        if not left:
            last = self.pieces[-1]
            left = [msgspec.structs.replace(last, text=last.text.slice(len(last.text.value)))]
        return Word(tuple(left))

    def value(self, step: str) -> Value:
        """What is known of it as a value; ``step`` says what the winner did at its place."""
        trail = [Step(step, self.place)]
        for piece in self.pieces:
            trail += piece.steps
        winner = tuple(dict.fromkeys(trail))
        reasons = [piece.reason for piece in self.pieces if piece.reason]
        if reasons:
            return unknown(f"{reasons[0]} ({self.place})", winner)
        variables = tuple(dict.fromkeys(name for one in self.pieces for name in one.variables))
        state = State.ENVIRONMENT if variables else State.KNOWN
        return Value(state, self.known, winner, "", variables)


class Choice(msgspec.Struct, frozen=True):
    """Words that differ by something outside: one of these sequences stands here."""

    alternatives: tuple[tuple[Word | Choice, ...], ...]


Part: TypeAlias = Word | Choice
Argv: TypeAlias = tuple[Part, ...]


def literal(text: Text, *, quoted: bool = True) -> Word:
    """A word of which everything is known."""
    return Word((Piece(text, quoted=quoted),))


def opaque(text: Text, reason: str, *, open: bool = False) -> Word:
    """A word of which nothing is known."""
    return Word((Piece(text, reason=reason),), open)


def alternatives(argv: Sequence[Part]) -> list[tuple[Word, ...]]:
    """Every command line that this may be. Where these are too many, a choice becomes a word
    that may be anything."""
    options = [_sequences(part) for part in argv]
    count = 1
    for index, option in enumerate(options):
        if count * len(option) > MOST_ALTERNATIVES:
            options[index] = [(_anything(argv[index]),)]
        else:
            count *= len(option)
    found = (tuple(word for words in chosen for word in words) for chosen in product(*options))
    return list(dict.fromkeys(found))


def _sequences(part: Part) -> list[tuple[Word, ...]]:
    if isinstance(part, Word):
        return [(part,)]
    found: list[tuple[Word, ...]] = []
    for alternative in part.alternatives:
        found += alternatives(alternative)
    return found[: MOST_ALTERNATIVES + 1] or [()]


def _anything(part: Part) -> Word:
    first = first_word((part,))
    assert first is not None  # a choice without a word has one sequence, and is never too many
    return opaque(first.text, "there are too many possibilities", open=True)


def first_word(argv: Iterable[Part]) -> Word | None:
    """The first word that may stand there."""
    return next(words(argv), None)


def words(argv: Iterable[Part]) -> Iterator[Word]:
    """Every word that may stand there."""
    for part in argv:
        if isinstance(part, Word):
            yield part
        else:
            for alternative in part.alternatives:
                yield from words(alternative)
