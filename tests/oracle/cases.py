"""What a hand-written case is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .harness import Project, files

Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """A small project, and what it shows.

    ``tasks`` maps task names to options (and ``queue``), ``settings`` setting names to values,
    ``beat`` entry names to fields: stated by hand where that makes the point clear, and checked
    against real Celery. ``before_5_7`` holds what is different on older versions, in the same
    three parts.

    ``unknown`` lists what celerylint need not tell (``task app.add queue``, ``setting
    broker_url``, ``beat nightly``: beginnings of what `Comparison` names); it must tell
    everything else. ``needs`` are packages without which the project does not load.
    """

    name: str
    project: Project
    tasks: Options = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    beat: Options = field(default_factory=dict)
    before_5_7: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    not_on: tuple[str, ...] = ()
    """Celery versions ("5.4") on which the project does not load."""


def case(
    name: str,
    text: str,
    *,
    apps: tuple[str, ...] = ("app:app",),
    modules: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
    **about: Any,
) -> Case:
    """A case from an indented text, in which a line ``# path.py`` begins each file."""
    return Case(name, Project(files(text), apps, modules, env or {}), **about)
