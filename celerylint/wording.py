"""How values and mistakes are put into words, wherever people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from celerylint.model.value import Crontab, Symbol

_PASSWORD = re.compile(r"(://[^\s:/@\"']*):[^\s/\"']+@")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean ...?`` where one of the known words is near, else nothing."""
    nearest = closest(word, known)
    return f"; did you mean `{nearest}`?" if nearest else ""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is nearest to a mistyped one, in any case."""
    import difflib  # only a mistake needs it

    by_folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[near[0]] if near else None


def concise(value: Any) -> str:
    """A Python value of the model as short text: ``"billing"``, ``300``, ``[TypeError]``."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, timedelta):
        return f"{seconds(value)}s"
    if isinstance(value, (Symbol, Crontab)):
        return str(value).removeprefix("builtins.")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{concise(k)}: {concise(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(map(concise, ordered(value))) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(concise, value)) + "]"
    return repr(value)


def seconds(value: timedelta) -> int | float:
    """The seconds of a timedelta: an integer where they are whole."""
    total = value.total_seconds()
    return int(total) if total.is_integer() else total


def ordered(values: Iterable[Any]) -> list[Any]:
    """The members of a set in an order that is the same in every run."""
    return sorted(values, key=_sort_key)


def _sort_key(value: Any) -> tuple[str, Any]:
    comparable = isinstance(value, (int, float, str, bytes))
    return type(value).__name__, value if comparable else str(value)


def mask_passwords(text: str) -> str:
    """``text`` with the password of every URL in it replaced: reports end up in public logs."""
    return _PASSWORD.sub(r"\1:***@", text)
