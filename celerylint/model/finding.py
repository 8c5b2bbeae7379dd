"""What a rule reports."""

from __future__ import annotations

from enum import Enum

import msgspec

from celerylint.model.place import Place


class Severity(str, Enum):
    """How bad a finding is."""

    ERROR = "error"
    """Certainly broken."""
    WARNING = "warning"
    """A risk in production."""
    INFO = "info"
    """Advice."""

    @property
    def rank(self) -> int:
        """2 for error, 1 for warning, 0 for info."""
        return _RANKS[self]


_RANKS = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.INFO: 0}


class Label(msgspec.Struct, frozen=True):
    """A further place that tells part of the story, with what it contributes."""

    place: Place
    text: str


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, ready to be reported.

    ``place`` and ``label`` say where and what is marked there; ``labels`` are further places,
    such as where an effective value came from. ``impact`` is what it does in production,
    ``help`` what to change. ``symbol`` names the subject independently of its position (a task,
    a setting, a beat entry): baselines and fingerprints are built on it.

    ``cause`` groups findings that one change would settle together: findings of one rule with
    the same non-empty cause are folded in the text report, which prints ``cause`` once.
    """

    code: str
    name: str
    severity: Severity
    message: str
    place: Place
    label: str = ""
    labels: tuple[Label, ...] = ()
    impact: str = ""
    help: str = ""
    task: str | None = None
    symbol: str = ""
    cause: str = ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Deterministic order: path, line, column, code, then message."""
        return (self.place.path, self.place.line, self.place.column, self.code, self.message)
