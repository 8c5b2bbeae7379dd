"""A policy: what an organisation demands of the Celery projects it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from celerylint.model.finding import Severity
from celerylint.model.place import Place
from celerylint.policy.expectation import Expectation
from celerylint.policy.fields import Kind
from celerylint.policy.pattern import Pattern

Unknown = Literal["ignore", "warning", "error"]
"""What becomes of a value that cannot be told."""


class Selection(msgspec.Struct, frozen=True):
    """The things a policy is about: those of one kind with a name that one of ``names`` matches,
    in files that ``path`` matches, of apps that ``app`` matches."""

    kind: Kind
    names: tuple[Pattern, ...]
    place: Place
    path: Pattern | None = None
    app: Pattern | None = None

    def __str__(self) -> str:
        """Such as ``task billing.* or refunds.*, in src/*``."""
        text = f"{self.kind.value} {' or '.join(name.text for name in self.names)}"
        if self.path is not None:
            text += f", in {self.path.text}"
        return f"{text}, of app {self.app.text}" if self.app is not None else text


class PolicyExample(msgspec.Struct, frozen=True):
    """A small project, by path and text of its files, that keeps the policy or breaks it."""

    title: str
    good: bool
    files: Mapping[str, str]
    place: Place


class Policy(msgspec.Struct, frozen=True):
    """What is demanded of whom, and how that is said.

    Every condition of ``when`` has to hold for a selected thing to be judged; then every
    expectation of ``require`` has to be met, and none of ``forbid``. ``unknown`` is what becomes
    of what cannot be told: nothing, or a finding of that severity.

    ``message``, ``impact`` and ``help`` are templates as in rule pages. A ``locked`` policy cannot
    be suppressed where it is broken.
    """

    name: str
    place: Place
    select: Selection
    when: Mapping[str, Expectation]
    require: Mapping[str, Expectation]
    forbid: Mapping[str, Expectation]
    severity: Severity
    unknown: Unknown
    message: str = ""
    impact: str = ""
    help: str = ""
    locked: bool = False
    owner: str = ""
    docs: tuple[str, ...] = ()
    allow_empty: bool = False
    examples: tuple[PolicyExample, ...] = ()
