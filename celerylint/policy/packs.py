"""Packs: policies that an installed package brings along.

A package names the file in an entry point of the group ``celerylint.policies``::

    [project.entry-points."celerylint.policies"]
    acme-celery = "acme_celery:policies.toml"

The package is looked for, not imported: its code does not run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from celerylint import disk
from celerylint.wording import closest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "celerylint.policies"


class PackError(Exception):
    """A pack cannot be used; ``suggestion`` is the one that may have been meant."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        self.suggestion = suggestion
        super().__init__(message)


def find_pack(name: str) -> Path:
    """The file with the policies of an installed pack. Raises `PackError`."""
    point = entry_point(GROUP, name, "pack of policies")
    package, colon, resource = point.value.partition(":")
    if not colon or not resource.strip():
        raise PackError(
            f"the pack `{name}` names no file: `{point.value}` should be `package:file.toml`"
        )
    for folder in _folders(package.strip()):
        file = folder / resource.strip()
        if disk.is_file(str(file)):
            return file
    raise PackError(f"the pack `{name}` has no file `{resource.strip()}` in `{package.strip()}`")


def entry_point(group: str, name: str, what: str) -> EntryPoint:
    """The entry point of that name. Raises `PackError`, naming those that there are."""
    from importlib.metadata import entry_points  # slow to import, and few runs need it

    for folder in sys.path:
        disk.names(os.path.abspath(folder))  # where packages come and go
    points = list(entry_points(group=group))
    found = {
        (point.value, point.dist.name if point.dist else ""): point
        for point in points
        if point.name == name
    }
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        packages = " and ".join(sorted(package for _, package in found))
        raise PackError(f"several packages have a {what} called `{name}`: {packages}")
    names = sorted({point.name for point in points})
    installed = f"installed: {', '.join(names)}" if names else "none is installed"
    raise PackError(f"no {what} is called `{name}`; {installed}", closest(name, names) or "")


def _folders(package: str) -> Iterable[Path]:
    """The folders of a package. Only its outermost one is asked for, since Python imports what
    lies above the one it looks for."""
    from importlib.util import find_spec

    outermost, *inner = package.split(".")
    try:
        spec = find_spec(outermost)
    except ValueError:  # a module without a spec, such as __main__
        return
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        yield Path(folder, *inner)
