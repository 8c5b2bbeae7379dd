"""From bytes to facts: the only package (beside fixes) that knows libcst.

Reading is pure: it looks at no other file, so its result can be cached by content and computed in
another process. libcst is imported only where something has to be parsed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from celerylint.read.lexical import ANYTHING, Words
from celerylint.read.syntax import Body, FileFacts, ReadError, Unread
from celerylint.read.workers import CAN_FORK, Workers

__all__ = [
    "ANYTHING",
    "FileFacts",
    "ReadError",
    "Words",
    "get_ready",
    "in_processes",
    "read_body",
    "read_files",
    "read_python",
]

# A process more costs a fork: what reading this much source costs.
_BYTES_WORTH_A_PROCESS = 50_000

_workers: Workers | None = None


@contextmanager
def in_processes(most: int) -> Iterator[None]:
    """While this lasts, other processes read, at most so many at once; with one only, or where a
    process cannot fork, this one does."""
    global _workers
    around = _workers
    if most > 1 and CAN_FORK:
        _workers = Workers(min(most, os.cpu_count() or 1))
    try:
        yield
    finally:
        if _workers is not around and _workers is not None:
            _workers.close()
        _workers = around


def get_ready() -> None:
    """Something will have to be read: have libcst imported meanwhile, if it is to be elsewhere."""
    if _workers is not None and not _workers.have_started and "libcst" not in sys.modules:
        _workers.start()


def read_python(data: bytes) -> FileFacts:
    """Read one Python file. Never raises for bad content: `FileFacts.error` tells."""
    if not data:  # as most __init__.py are
        return FileFacts((), (0,))
    get_ready()
    if _workers is not None and _workers.have_started:
        return _workers.read_file(data)
    from celerylint.read.convert import convert

    return convert(data)


def read_files(contents: Sequence[bytes]) -> list[FileFacts]:
    """`read_python` for many files, in the same order."""
    get_ready()
    processes = 1 + sum(map(len, contents)) // _BYTES_WORTH_A_PROCESS
    if _workers is not None and not _workers.have_started and processes > 1:
        _workers.start()
    if _workers is None or not _workers.have_started:
        return [read_python(data) for data in contents]
    order = sorted(range(len(contents)), key=lambda index: -len(contents[index]))
    facts = _workers.read_files((contents[index] for index in order), processes)
    return [found for _, found in sorted(zip(order, facts, strict=True), key=lambda pair: pair[0])]


def read_body(unread: Unread) -> Body:
    """Read the body of a function that was left out. Never raises for bad content."""
    get_ready()
    if _workers is not None and _workers.have_started:
        return _workers.read_body(unread)
    from celerylint.read.convert import convert_body

    return convert_body(unread)
