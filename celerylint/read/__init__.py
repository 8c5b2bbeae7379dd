"""From bytes to facts: the only package (beside fixes) that knows libcst.

Reading is pure: it looks at no other file, so its result can be kept by content, and worked out in
another process. libcst is imported only where something has to be parsed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from celerylint.read.encoded import decode_body, decode_facts, encode
from celerylint.read.lexical import ANYTHING, Words
from celerylint.read.syntax import Body, FileFacts, ReadError, Unread
from celerylint.read.workers import CAN_FORK, Workers

__all__ = [
    "ANYTHING",
    "FileFacts",
    "ReadError",
    "Store",
    "Words",
    "get_ready",
    "is_kept",
    "kept",
    "read_body",
    "read_files",
    "read_python",
    "reading",
]

# A process more costs a fork: what reading this much source costs.
_BYTES_WORTH_A_PROCESS = 50_000


class Store(Protocol):
    """Keeps what was read from one run to the next, by the digest of what it was read from."""

    def get(self, digest: str) -> bytes | None: ...

    def put(self, digest: str, data: bytes) -> None: ...


_workers: Workers | None = None
_store: Store | None = None


@contextmanager
def reading(most: int, store: Store | None = None) -> Iterator[None]:
    """While this lasts, other processes read, at most so many at once; with one only, or where a
    process cannot fork, this one does. What is in the store is not read again."""
    global _workers, _store
    around = _workers, _store
    workers = Workers(min(most, os.cpu_count() or 1)) if most > 1 and CAN_FORK else None
    _workers, _store = workers, store
    try:
        yield
    finally:
        if workers is not None:
            workers.close()
        _workers, _store = around


def get_ready() -> None:
    """Something will have to be read: have libcst imported meanwhile, if it is to be elsewhere."""
    if _workers is not None and not _workers.have_started and "libcst" not in sys.modules:
        _workers.start()


def read_python(data: bytes) -> FileFacts:
    """Read one Python file. Never raises for bad content: `FileFacts.error` tells."""
    return read_files([data])[0]


def read_files(contents: Sequence[bytes], digests: Sequence[str] = ()) -> list[FileFacts]:
    """`read_python` for many files, in the same order. With their digests, they are kept."""
    found = _read(contents)
    if _store is not None:
        for digest, encoded in zip(digests, found, strict=False):
            if encoded is not None:
                _store.put(digest, encoded)
    return [decode_facts(encoded) if encoded is not None else _DIED for encoded in found]


_DIED = FileFacts((), (0,), ReadError(1, 1, "the process that read it died"))


def is_kept(digest: str) -> bool:
    """Whether a file with this digest has been read before."""
    return _store is not None and _store.get(digest) is not None


def kept(digest: str) -> FileFacts | None:
    """The facts of a file with this digest, if it has been read before."""
    encoded = _store.get(digest) if _store is not None else None
    return decode_facts(encoded) if encoded is not None else None


def read_body(unread: Unread) -> Body:
    """Read the body of a function that was left out. Never raises for bad content."""
    encoded = _store.get(unread.digest) if _store is not None else None
    if encoded is None:
        encoded = _read_body(unread)
        if _store is not None and encoded is not None:
            _store.put(unread.digest, encoded)
    return decode_body(encoded) if encoded is not None else Body((), False)


def _read(contents: Sequence[bytes]) -> Sequence[bytes | None]:
    if not any(contents):  # as most __init__.py
        return [_NOTHING] * len(contents)
    get_ready()
    processes = 1 + sum(map(len, contents)) // _BYTES_WORTH_A_PROCESS
    if _workers is not None and not _workers.have_started and processes > 1:
        _workers.start()
    if _workers is not None and _workers.have_started:
        return _workers.read_files(contents, processes)
    from celerylint.read.convert import convert

    return [encode(convert(data)) for data in contents]


_NOTHING = encode(FileFacts((), (0,)))


def _read_body(unread: Unread) -> bytes | None:
    get_ready()
    if _workers is not None and _workers.have_started:
        return _workers.read_body(unread)
    from celerylint.read.convert import convert_body

    return encode(convert_body(unread))
