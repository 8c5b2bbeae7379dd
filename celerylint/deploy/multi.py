"""``celery multi start``: the workers that it starts, each as a command line of its own
(celery/apps/multi.py)."""

from __future__ import annotations

from collections.abc import Sequence

from celerylint.deploy.text import Text
from celerylint.deploy.words import Piece, Word, literal

_STARTING = frozenset({"start", "restart"})
_BEFORE_THE_COMMAND = frozenset(
    {"-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"}
)
_FOR_MULTI = frozenset(
    {"--cmd", "--append", "--prefix", "--suffix", "--range-prefix", "--verbose", "--quiet"}
)
_MOST_NODES = 50


def nodes(words: Sequence[Word]) -> list[tuple[str, tuple[Word, ...]]]:
    """The names of the workers that a ``multi`` command starts, with the words behind ``celery``
    of each. ``words`` are those behind ``celery``; empty where nothing is started, or nobody can
    tell which."""
    at = next((index for index, word in enumerate(words) if word.known == "multi"), None)
    if at is None or len(words) < at + 2 or words[at + 1].known not in _STARTING:
        return []
    names: list[Word] = []
    options: list[tuple[str, str, tuple[Word, ...]]] = []
    rest = [*words[:at], *words[at + 2 :]]
    while rest:
        word = rest.pop(0)
        head = word.head
        if word.open or not head.startswith("-"):
            names.append(word)
            continue
        taken = [word]
        if not head.startswith("--") and rest and not rest[0].head.startswith("-"):
            taken.append(rest.pop(0))
        flag, _, owner = head.partition("=")[0].partition(":")
        if owner:
            taken[0] = _without_owner(word, flag, owner)
        options.append((flag, owner, tuple(taken)))
    found = []
    for index, name in enumerate(_names(names), 1):
        own = [
            (flag, taken)
            for flag, owner, taken in options
            if flag not in _FOR_MULTI and (not owner or _is_for(owner, name, index))
        ]
        before = [word for flag, taken in own if flag in _BEFORE_THE_COMMAND for word in taken]
        behind = [word for flag, taken in own if flag not in _BEFORE_THE_COMMAND for word in taken]
        command = literal(Text("worker", words[at].text.runs))
        found.append((name, (*before, command, *behind)))
    return found


def _without_owner(word: Word, flag: str, owner: str) -> Word:
    """``-Q:1-3`` is ``-Q`` for the first three."""
    text = word.text
    rest = word.after(len(flag) + len(owner) + 1)
    return Word((Piece(text.slice(0, len(flag))), *(one for one in rest.pieces if one.text.value)))


def _names(words: Sequence[Word]) -> list[str]:
    """One number alone is how many there are, all other words are names."""
    known = [word.known for word in words]
    if any(name is None for name in known):
        return []
    names = [name for name in known if name]
    if len(names) == 1 and names[0].isdigit():
        count = min(int(names[0]), _MOST_NODES)
        return [f"celery{number}" for number in range(1, count + 1)]
    return names[:_MOST_NODES]


def _is_for(owner: str, name: str, index: int) -> bool:
    for part in owner.split(","):
        first, dash, last = part.partition("-")
        if part == name or part == str(index):
            return True
        if dash and first.isdigit() and last.isdigit() and int(first) <= index <= int(last):
            return True
    return False
