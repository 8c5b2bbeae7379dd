"""Which deployment files have to do with Celery: told from their bytes, without parsing them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from celerylint.deploy.repository import Repository

_ALWAYS = re.compile(
    r"(?:docker-)?compose(?:[._-].*)?\.ya?ml|(?:.*[._-])?(?:docker|container)file(?:[._-].*)?"
    r"|.*\.dockerfile",
    re.IGNORECASE,
)
"""What services and images are made of: they may run a script whose name says nothing."""

_SCALERS = (b"HorizontalPodAutoscaler", b"ScaledObject")


def relevant(repository: Repository, names: Iterable[str]) -> list[str]:
    """The absolute paths of the files to read, in order: those that say "celery", those that
    name one of these that can be run, and what scales it. ``names`` are further programs that
    start Celery."""
    mentioning: list[str] = []
    others: list[str] = []
    for path in sorted(repository.paths()):
        data = repository.data(path)
        if data is None:
            continue
        (mentioning if b"celery" in data.lower() else others).append(path)
    runnable = {
        os.path.basename(path) for path in mentioning if not path.endswith((".yml", ".yaml"))
    }
    wanted = re.compile(
        b"|".join(
            re.escape(name.encode("utf-8", "surrogateescape"))
            for name in sorted({*runnable, *names}) or ["\0"]
        )
    )
    found = set(mentioning)
    for path in others:
        data = repository.data(path)
        assert data is not None  # or it would not be among the others
        if (
            _ALWAYS.fullmatch(os.path.basename(path))
            or wanted.search(data)
            or any(scaler in data for scaler in _SCALERS)
        ):
            found.add(path)
    return sorted(found)
