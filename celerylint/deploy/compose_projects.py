"""Compose files that belong together: bases, and the files that are laid over them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from celerylint.deploy.facts import Unit

_STANDARD = re.compile(r"(?:docker-)?compose\.ya?ml")
_PRODUCTION_WORDS = frozenset({"prod", "production"})
_MAY_BE_AN_OPTION = re.compile("celery|queue|worker|concurrency", re.IGNORECASE)
_MOST_EXTENDED = 8

Services = dict[str, Unit]
File = tuple[str, Services]
"""The absolute path of a compose file, and its services."""


class Project(msgspec.Struct, frozen=True):
    """Services that are started together. ``is_overlay`` says that ``path`` only changes another
    file, and ``services`` are those that it changes; ``has_production`` that another file beside
    it says to be the one for production."""

    path: str
    services: Services
    is_overlay: bool = False
    has_production: bool = False


def projects(files: Iterable[File], services_of: Callable[[str], Sequence[Unit]]) -> list[Project]:
    """The projects of the files of one folder. ``services_of`` reads other files that services
    extend."""
    own = dict(files)
    bases = {path: _base_of(path, own) for path in own}
    found = []
    for path in sorted(own):
        extended = {
            name: _extended(unit, path, own[path], services_of, 0)
            for name, unit in own[path].items()
        }
        base = bases[path]
        if base is None:
            kept = {name: unit for name, unit in extended.items() if not unit.removed}
            others = [
                other
                for other in own
                if bases[other] != path and not kept.keys().isdisjoint(own[other])
            ]
            found.append(Project(path, kept, has_production=_has_production(path, others)))
            continue
        changed = {
            name: _laid_over(own[base][name], unit) if name in own[base] else unit
            for name, unit in extended.items()
            if not unit.removed and (name not in own[base] or _changes(unit))
        }
        found.append(Project(path, changed, is_overlay=True))
    return found


def _changes(unit: Unit) -> bool:
    """Whether a service of an overlay changes how something is started."""
    return any(
        part is not None
        for part in (unit.command, unit.entrypoint, unit.replicas, unit.grace, unit.build)
    ) or any(_MAY_BE_AN_OPTION.search(name) for name in unit.environment)


def _has_production(path: str, others: Iterable[str]) -> bool:
    own = _words(path)
    return not own & _PRODUCTION_WORDS and any(
        _words(other) & _PRODUCTION_WORDS for other in others
    )


def _words(path: str) -> set[str]:
    return set(re.split(r"[._-]", os.path.basename(path)))


def _base_of(path: str, files: dict[str, Services]) -> str | None:
    """The file that this one is laid over; None for one that stands by itself."""
    if _STANDARD.fullmatch(os.path.basename(path)):
        return None
    partial = {
        name
        for name, unit in files[path].items()
        if unit.image is None and unit.build is None and unit.extends is None
    }
    is_override = "override" in _words(path)
    named = set(files[path]) if is_override else partial
    candidates = [
        other
        for other, services in files.items()
        if other != path and any(name in services and _can_run(services[name]) for name in named)
    ]
    if not candidates:
        return None
    return min(
        candidates,
        key=lambda other: (
            not _STANDARD.fullmatch(os.path.basename(other)),
            -len(named & set(files[other])),
            other,
        ),
    )


def _can_run(unit: Unit) -> bool:
    return unit.image is not None or unit.build is not None or unit.extends is not None


def _extended(
    unit: Unit,
    path: str,
    services: Services,
    services_of: Callable[[str], Sequence[Unit]],
    depth: int,
) -> Unit:
    """The service with what it takes from another one."""
    if unit.extends is None or depth > _MOST_EXTENDED:
        return unit
    file, name = unit.extends
    where, others = path, services
    if file:
        where = os.path.normpath(os.path.join(os.path.dirname(path), file))
        others = {one.name: one for one in services_of(where) if one.kind == "compose"}
    base = others.get(name)
    if base is None or base is unit:
        return unit
    base = _extended(base, where, others, services_of, depth + 1)
    return _laid_over(base, msgspec.structs.replace(unit, profiles=unit.profiles or base.profiles))


def _laid_over(base: Unit, unit: Unit) -> Unit:
    """A service with what another file says about it: what that one leaves out stays."""
    return msgspec.structs.replace(
        unit,
        entrypoint=unit.entrypoint or base.entrypoint,
        # A new entrypoint does away with the command of the image, not with that of the service.
        command=unit.command or base.command,
        environment={**base.environment, **unit.environment},
        environment_files=(*base.environment_files, *unit.environment_files),
        image=unit.image or base.image,
        build=unit.build or base.build,
        user=unit.user or base.user,
        init=unit.init or base.init,
        folder=unit.folder or base.folder,
        grace=unit.grace or base.grace,
        replicas=unit.replicas or base.replicas,
        profiles=unit.profiles or base.profiles,
    )
