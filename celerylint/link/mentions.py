"""Which names a project uses besides defining them.

A setting or an option that Celery does not know may be the project's own. This asks the text of
the files, not the facts: a name in a template string or a comment is a sign of life too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from celerylint import disk
from celerylint.model.place import Place
from celerylint.questions import matches

_Counts = Callable[[str, bytes, re.Match[bytes]], bool]


def names_read(
    paths: Iterable[str], names: Collection[str], definitions: Mapping[str, Collection[Place]]
) -> frozenset[str]:
    """The names among these that occur outside their definitions.

    ``definitions`` holds, by absolute path, the places of statements that define them. A line that
    assigns to such a name defines it too: in a settings module that is not in use here.
    """

    def counts(path: str, data: bytes, match: re.Match[bytes]) -> bool:
        line = data.count(b"\n", 0, match.start()) + 1
        if any(place.line <= line <= place.end_line for place in definitions.get(path, ())):
            return False
        start = data.rfind(b"\n", 0, match.start()) + 1
        assigned = re.compile(rb"\s*%s\s*(?::[^=\n]*)?=(?!=)" % re.escape(match[1]))
        return assigned.match(data, start) is None

    return _found(paths, names, rb"\b(%s)\b", counts)


def attributes_read(paths: Iterable[str], names: Collection[str]) -> frozenset[str]:
    """The names among these that are read from something: ``x.name`` or ``getattr(x, "name")``."""
    pattern = rb"(?:\.\s*|getattr\([^()]*[\"'])(%s)\b(?!\s*=[^=])"
    return _found(paths, names, pattern, lambda path, data, match: True)


def _found(
    paths: Iterable[str], names: Collection[str], pattern: bytes, counts: _Counts
) -> frozenset[str]:
    if not names:
        return frozenset()
    alternatives = b"|".join(re.escape(name.encode()) for name in sorted(names))
    question = matches(pattern % alternatives)
    search = re.compile(pattern % alternatives)
    found: set[str] = set()
    for path in paths:
        try:
            if not disk.says(path, question):
                continue
            data = disk.read(path)
        except OSError:
            continue
        found.update(
            match[1].decode() for match in search.finditer(data) if counts(path, data, match)
        )
        if len(found) == len(names):
            break
    return frozenset(found)
