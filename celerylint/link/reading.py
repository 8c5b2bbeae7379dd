"""Reading files: which of them matter, and their facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from celerylint.prefilter import may_matter
from celerylint.read import FileFacts, get_ready, read_files, read_python


def read_relevant(paths: Iterable[str]) -> tuple[dict[str, FileFacts], dict[str, str]]:
    """The facts of the files that may matter, and why others could not be opened."""
    contents: dict[str, bytes] = {}
    failed: dict[str, str] = {}
    for path in paths:
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except OSError as error:
            failed[path] = error.strerror or str(error)
            continue
        if may_matter(data):
            get_ready()
            contents[path] = data
    return _read_all(contents), failed


def read_decorated(paths: Iterable[str], names: Collection[str]) -> dict[str, FileFacts]:
    """The facts of the files that use one of these names as a decorator.

    A project's own wrapper of ``shared_task`` may be called anything: `may_matter` cannot know.
    """
    alternatives = "|".join(map(re.escape, sorted(names)))
    decorator = re.compile(rf"^[ \t]*@(?:\w+\.)*(?:{alternatives})\b".encode(), re.MULTILINE)
    contents: dict[str, bytes] = {}
    for path in paths:
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        if decorator.search(data):
            contents[path] = data
    return _read_all(contents)


def _read_all(contents: dict[str, bytes]) -> dict[str, FileFacts]:
    return dict(zip(contents, read_files(list(contents.values())), strict=True))


def read_file(path: str) -> FileFacts | None:
    """The facts of one file; None where it cannot be opened."""
    try:
        with open(path, "rb") as stream:
            return read_python(stream.read())
    except OSError:
        return None
