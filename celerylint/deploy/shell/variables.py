"""What a shell knows of its variables, and what words come out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from celerylint.deploy.shell.scan import Computed, Expansion, Literal, segments
from celerylint.deploy.text import Text
from celerylint.deploy.words import Argv, Choice, Part, Piece, Word, alternatives
from celerylint.model.value import Step

MOST_VALUES = 8
"""A variable with more possible values than this is unknown."""

Pieces: TypeAlias = tuple[Piece, ...]
"""One value of a variable, or of a word before it is split."""

Scalar: TypeAlias = tuple[Pieces, ...]
"""Every value that a variable may have."""


class Array(msgspec.Struct, frozen=True):
    """The elements of an array variable."""

    parts: Argv


class Scope(msgspec.Struct):
    """What is known at one point of a script.

    ``arguments`` are ``$1``, ``$2``, ...; None where nobody knows how it is called. ``exported``
    names the variables that programs see. ``folder`` is where ``cd`` went, None where that cannot
    be told, empty where it went nowhere. ``ended`` says that nothing further is run.
    """

    variables: dict[str, Scalar | Array]
    arguments: Argv | None = None
    exported: frozenset[str] = frozenset()
    folder: str | None = ""
    ended: bool = False

    def copy(self) -> Scope:
        return msgspec.structs.replace(self, variables=dict(self.variables))


def expand(text: Text, scope: Scope) -> Argv:
    """The words that one word of a script becomes."""
    parts = list(segments(text))
    if len(found := [one for one in parts if not _is_empty_quote(one)]) == 1:
        only = found[0]
        if isinstance(only, Expansion) and only.each and not only.operator:
            return _every(only, scope)
    split = list(dict.fromkeys(_split(pieces) for pieces in _values(parts, scope)))
    return split[0] if len(split) == 1 else (Choice(tuple(split)),)


def scalar(text: Text, scope: Scope) -> Scalar:
    """The values of a word that is not split, as behind ``NAME=``."""
    return limited(_values(segments(text), scope), text)


def limited(values: Iterable[Pieces], text: Text) -> Scalar:
    """The values, unless there are too many to tell apart."""
    found = tuple(dict.fromkeys(values))
    if len(found) > MOST_VALUES:
        return ((Piece(text, reason="it has too many possible values"),),)
    return found


def join(ways: Iterable[Scope], before: Scope) -> Scope:
    """What is known where several ways come together again."""
    alive = [way for way in ways if not way.ended]
    if not alive:
        return msgspec.structs.replace(before.copy(), ended=True)
    first = alive[0].copy()
    for way in alive[1:]:
        for name in {**first.variables, **way.variables}:
            ours, theirs = first.variables.get(name), way.variables.get(name)
            if ours != theirs:
                first.variables[name] = _either(name, ours, theirs)
        if first.arguments != way.arguments:
            first.arguments = None
        if first.folder != way.folder:
            first.folder = None
        first.exported |= way.exported
    return first


def _either(name: str, one: Scalar | Array | None, other: Scalar | Array | None) -> Scalar | Array:
    if isinstance(one, Array) or isinstance(other, Array):
        ours = one.parts if isinstance(one, Array) else ()
        theirs = other.parts if isinstance(other, Array) else ()
        shared = 0
        while shared < min(len(ours), len(theirs)) and ours[shared] == theirs[shared]:
            shared += 1
        return Array((*ours[:shared], Choice((ours[shared:], theirs[shared:]))))
    values = [*(one or ()), *(other or ())]
    if one is None or other is None:
        # On one way it is what the environment says.
        text = values[0][0].text if values and values[0] else None
        if text is None:
            return ()
        values.append((Piece(text, (name,), "it is set on some ways only"),))
    first = next((pieces[0].text for pieces in values if pieces), None)
    return limited(values, first) if first is not None else tuple(dict.fromkeys(values))


def _is_empty_quote(segment: object) -> bool:
    return isinstance(segment, Literal) and segment.quoted and not segment.text.value


def _values(parts: Iterable[object], scope: Scope) -> list[Pieces]:
    """Every way in which the segments of a word can come out, in order."""
    found: list[Pieces] = [()]
    for part in parts:
        options = _value(part, scope)
        if len(found) * len(options) > MOST_VALUES * 4:
            options = (options[0],)
        found = [(*before, *after) for before in found for after in options]
    return found


def _value(part: object, scope: Scope) -> Scalar:
    if isinstance(part, Literal):
        # Literal text is never split, whether it is quoted or not.
        return ((Piece(part.text, quoted=True),),)
    if isinstance(part, Computed):
        return ((_unknown(part, f"`{part.text.value}` is computed when it runs"),),)
    assert isinstance(part, Expansion)
    return _of_variable(part, scope)


def _unknown(part: Expansion | Computed, reason: str) -> Piece:
    variables = (part.name,) if isinstance(part, Expansion) else ()
    return Piece(part.text, variables, reason, part.quoted)


def _of_variable(part: Expansion, scope: Scope) -> Scalar:
    known = _lookup(part, scope)
    operator, argument = part.operator, part.argument
    if not operator or argument is None or operator.endswith("?"):
        return known if known is not None else (((_not_set(part)),),)
    alternative = tuple(_values(segments(argument), scope))
    alternative = tuple(_quoted(pieces, part.quoted) for pieces in alternative)
    if operator.endswith("+"):
        if known is None:
            return ((), *alternative)
        return alternative if any(_text(pieces) != "" for pieces in known) else ((),)
    if known is None:
        return tuple(
            tuple(
                msgspec.structs.replace(
                    piece, variables=tuple(dict.fromkeys((part.name, *piece.variables)))
                )
                for piece in pieces or (Piece(part.argument or part.text, quoted=part.quoted),)
            )
            for pieces in alternative
        )
    if not operator.startswith(":"):
        return known
    return tuple(
        dict.fromkeys(
            found
            for pieces in known
            for found in (alternative if _text(pieces) == "" else (pieces,))
        )
    )


def _text(pieces: Pieces) -> str | None:
    if any(piece.reason for piece in pieces):
        return None
    return "".join(piece.text.value for piece in pieces)


def _quoted(pieces: Pieces, quoted: bool) -> Pieces:
    return tuple(msgspec.structs.replace(piece, quoted=quoted) for piece in pieces)


def _not_set(part: Expansion) -> Piece:
    if part.name.isdigit() or part.name in "@*#":
        return _unknown(part, f"`{part.text.value}` is what the script is called with")
    return _unknown(part, f"`{part.text.value}` is not set here")


def _lookup(part: Expansion, scope: Scope) -> Scalar | None:
    """The values of a variable; None where nothing here says."""
    if part.name != "0" and (part.name.isdigit() or part.name in ("@", "*", "#")):
        return _argument(part, scope)
    found = scope.variables.get(part.name)
    if found is None:
        return None
    if isinstance(found, Array):
        values = []
        for words in alternatives(found.parts):
            chosen = words if part.each or part.text.value.endswith("[*]}") else words[:1]
            values.append(_joined(chosen))
        return limited((_quoted(pieces, part.quoted) for pieces in values), part.text)
    return tuple(
        tuple(
            msgspec.structs.replace(
                piece,
                quoted=part.quoted,
                steps=piece.steps or (Step(f"sets `{part.name}`", piece.text.place),),
            )
            for piece in pieces
        )
        for pieces in found
    )


def _argument(part: Expansion, scope: Scope) -> Scalar | None:
    if scope.arguments is None:
        return None
    values: list[Pieces] = []
    for words in alternatives(scope.arguments):
        if any(word.open for word in words):
            return None
        if part.name == "#":
            values.append((Piece(msgspec.structs.replace(part.text, value=str(len(words)))),))
        elif part.name in ("@", "*"):
            values.append(_quoted(_joined(words), part.quoted))
        else:
            index = int(part.name) - 1
            pieces = words[index].pieces if 0 <= index < len(words) else ()
            values.append(_quoted(pieces, part.quoted))
    return limited(values, part.text)


def _joined(words: Iterable[Word]) -> Pieces:
    """Words with blanks between them, as one value."""
    pieces: list[Piece] = []
    for word in words:
        if pieces:
            first = word.pieces[0].text.slice(0, 0)
            pieces.append(Piece(msgspec.structs.replace(first, value=" ")))
        pieces += word.pieces
    return tuple(pieces)


def _every(part: Expansion, scope: Scope) -> Argv:
    """``"$@"`` and ``"${ARRAY[@]}"``: each element is a word."""
    if part.name == "@":
        if scope.arguments is not None:
            return scope.arguments
        return (Word((_not_set(part),), open=True),)
    found = scope.variables.get(part.name)
    if isinstance(found, Array):
        return found.parts
    if found is None:
        return (Word((_not_set(part),), open=True),)
    return tuple(_one_of([Word(_quoted(pieces, True)) for pieces in found if pieces]))


def _one_of(words: list[Word]) -> list[Part]:
    if len(words) < 2:
        return list(words)
    return [Choice(tuple((word,) for word in words))]


def _split(pieces: Pieces) -> Argv:
    """Words at the white space in what unquoted variables became."""
    found: list[Word] = []
    current: list[Piece] = []

    def finish() -> None:
        if current:
            only = current[0]
            unsure = len(current) == 1 and bool(only.reason) and not only.quoted
            found.append(Word(tuple(current), open=unsure))
            current.clear()

    for piece in pieces:
        if piece.quoted or piece.reason:
            current.append(piece)
            continue
        value = piece.text.value
        if not value.strip() and piece.variables:
            finish()
            reason = f"`{piece.variables[0]}` may hold any option"
            more = msgspec.structs.replace(piece, reason=reason)
            found.append(Word((more,), open=True))
            continue
        position = 0
        while position < len(value):
            if value[position].isspace():
                finish()
                position += 1
                continue
            end = position
            while end < len(value) and not value[end].isspace():
                end += 1
            current.append(msgspec.structs.replace(piece, text=piece.text.slice(position, end)))
            position = end
    finish()
    return tuple(found)


def environment(scope: Scope, extra: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """What a program that is started here sees, as far as it is known."""
    seen = {
        name: value
        for name, value in scope.variables.items()
        if name in scope.exported and not isinstance(value, Array)
    }
    return {**seen, **extra}
