"""Reading files: which of them matter, and their facts, in several processes where it pays."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable

import msgspec

from celerylint.prefilter import may_matter
from celerylint.read import FileFacts, read_python

# Starting a process and importing libcst in it costs as much as reading this much source.
_BYTES_WORTH_A_PROCESS = 300_000

_DECODER = msgspec.msgpack.Decoder(FileFacts)
_ENCODER = msgspec.msgpack.Encoder()


def read_relevant(paths: Iterable[str], jobs: int) -> tuple[dict[str, FileFacts], dict[str, str]]:
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
            contents[path] = data
    return _read_all(contents, jobs), failed


def read_decorated(paths: Iterable[str], names: Collection[str], jobs: int) -> dict[str, FileFacts]:
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
    return _read_all(contents, jobs)


def _read_all(contents: dict[str, bytes], jobs: int) -> dict[str, FileFacts]:
    total = sum(map(len, contents.values()))
    workers = min(jobs, os.cpu_count() or 1, total // _BYTES_WORTH_A_PROCESS)
    if workers < 2:
        return {path: read_python(data) for path, data in contents.items()}
    from concurrent.futures import ProcessPoolExecutor  # small projects need no processes

    # Largest first, so that no process is left alone with a large file in the end.
    order = sorted(contents, key=lambda path: (-len(contents[path]), path))
    with ProcessPoolExecutor(workers) as pool:
        encoded = pool.map(_read_encoded, (contents[path] for path in order), chunksize=4)
        facts = dict(zip(order, map(_DECODER.decode, encoded), strict=True))
    return {path: facts[path] for path in contents}


def _read_encoded(data: bytes) -> bytes:
    return _ENCODER.encode(read_python(data))


def read_file(path: str) -> FileFacts | None:
    """The facts of one file; None where it cannot be opened."""
    try:
        with open(path, "rb") as stream:
            return read_python(stream.read())
    except OSError:
        return None
