"""Reading files: which of them matter, and their facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from celerylint import disk
from celerylint.questions import MATTERS, Question, matches
from celerylint.read import FileFacts, get_ready, is_kept, kept, read_files


def read_relevant(paths: Iterable[str]) -> tuple[dict[str, FileFacts], dict[str, str]]:
    """The facts of the files that may matter, and why others could not be opened."""
    failed: dict[str, str] = {}
    relevant = _saying(paths, MATTERS, failed)
    return _read_all(relevant), failed


def read_decorated(paths: Iterable[str], names: Collection[str]) -> dict[str, FileFacts]:
    """The facts of the files that use one of these names as a decorator.

    A project's own wrapper of ``shared_task`` may be called anything: `MATTERS` cannot know.
    """
    alternatives = "|".join(map(re.escape, sorted(names)))
    decorator = matches(rf"(?m)^[ \t]*@(?:\w+\.)*(?:{alternatives})\b".encode())
    return _read_all(_saying(paths, decorator, {}))


def read_file(path: str) -> FileFacts | None:
    """The facts of one file; None where it cannot be opened."""
    try:
        return _read_all([path])[path]
    except OSError:
        return None


def _saying(paths: Iterable[str], question: Question, failed: dict[str, str]) -> list[str]:
    """The files that answer a question with yes; notes why others cannot be asked."""
    found = []
    for path in paths:
        try:
            if disk.says(path, question):
                found.append(path)
                if not is_kept(disk.digest(path)):
                    get_ready()
        except OSError as error:
            failed[path] = error.strerror or str(error)
    return found


def _read_all(paths: Iterable[str]) -> dict[str, FileFacts]:
    digests = {path: disk.digest(path) for path in paths}
    facts = {path: kept(digest) for path, digest in digests.items()}
    missing = [path for path, found in facts.items() if found is None]
    read = read_files([disk.read(path) for path in missing], [digests[path] for path in missing])
    facts.update(zip(missing, read, strict=True))
    return {path: found for path, found in facts.items() if found is not None}
