"""Processes that read for this one.

Importing libcst takes longer than most runs need for all the rest, and parsing is slow. So a forked
process imports it while this one looks for files, and forks others. They are sent bytes and texts,
and send back facts as msgpack.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple, NoReturn

import msgspec

from celerylint.read.syntax import Body, FileFacts, ReadError, Unread

CAN_FORK = hasattr(os, "fork")

_HEAD = struct.Struct("!IB")
_FILE, _BODY, _FORK = range(3)
"""What a process is asked: to read a file, to read a body, to fork so many times."""

_encode = msgspec.msgpack.Encoder().encode


class Workers:
    """At most so many processes, none of which is there before `start`. To be closed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pid = 0
        self._spare: list[_Pipe] = []
        self._pipes: list[_Pipe] = []
        """To the processes that are there"""

    @property
    def have_started(self) -> bool:
        return self._pid != 0

    def start(self) -> None:
        """Fork the first process, which begins to import libcst."""
        pairs = [_pipe() for _ in range(self._most)]
        with warnings.catch_warnings():
            # The thread that shows progress holds nothing that the new process would need.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            for ours, _ in pairs:
                ours.close()
            _serve([theirs for _, theirs in pairs])
        for _, theirs in pairs:
            theirs.close()
        first, *self._spare = [ours for ours, _ in pairs]
        self._pipes = [first]

    def read_files(self, contents: Iterable[bytes], processes: int) -> Iterator[FileFacts]:
        """The facts of files, in the same order, read by so many processes. The longest ones
        should come first, so that no process is left alone with one in the end."""
        self._fork(processes - len(self._pipes))
        waiting = enumerate(contents)
        found: dict[int, FileFacts] = {}
        busy: dict[_Pipe, int] = {}
        idle = list(self._pipes)
        given = 0
        while True:
            while idle and (job := next(waiting, None)) is not None:
                pipe = idle.pop()
                busy[pipe], data = job
                pipe.send(_FILE, data)
            if not busy:
                break
            for pipe in select.select(list(busy), (), ())[0]:
                found[busy.pop(pipe)] = self._answer(pipe, _FILE)
                if pipe in self._pipes:
                    idle.append(pipe)
            while given in found:
                yield found.pop(given)
                given += 1
        yield from (_read_here(_FILE, data) for _, data in waiting)  # all processes have died

    def read_file(self, data: bytes) -> FileFacts:
        facts: FileFacts = self._ask(_FILE, data)
        return facts

    def read_body(self, unread: Unread) -> Body:
        body: Body = self._ask(_BODY, _encode(unread))
        return body

    def close(self) -> None:
        """Have the processes end."""
        for pipe in (*self._pipes, *self._spare):
            pipe.close()
        if self._pid:
            os.waitpid(self._pid, 0)
        self._pid, self._pipes, self._spare = 0, [], []

    def _fork(self, count: int) -> None:
        count = min(count, len(self._spare))
        if count > 0 and self._pipes:
            self._pipes[0].send(_FORK, bytes([count]))
            self._pipes += self._spare[:count]
            del self._spare[:count]

    def _ask(self, kind: int, data: bytes) -> Any:
        if not self._pipes:
            return _read_here(kind, data)
        self._pipes[0].send(kind, data)
        return self._answer(self._pipes[0], kind)

    def _answer(self, pipe: _Pipe, kind: int) -> Any:
        received = pipe.receive()
        if received is not None:
            return _decoder(kind)(received[1])
        # libcst's parser is native code: it is not for Python to say what becomes of a mistake.
        self._pipes.remove(pipe)
        if kind == _BODY:
            return Body((), False)
        return FileFacts((), (0,), ReadError(1, 1, "the process that read it died"))


class _Pipe(NamedTuple):
    """One end of the connection to a process."""

    reader: Any
    writer: Any

    def fileno(self) -> int:
        number: int = self.reader.fileno()
        return number

    def send(self, kind: int, data: bytes) -> None:
        with suppress(OSError):  # the other side is gone, which receiving an answer will tell
            self.writer.write(_HEAD.pack(len(data), kind) + data)
            self.writer.flush()

    def receive(self) -> tuple[int, bytes] | None:
        """A kind and what goes with it; None where the other side is gone."""
        head = self.reader.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        length, kind = _HEAD.unpack(head)
        data = self.reader.read(length)
        return (kind, data) if len(data) == length else None

    def close(self) -> None:
        self.reader.close()
        with suppress(OSError):  # what was left to send has nobody to read it
            self.writer.close()


def _pipe() -> tuple[_Pipe, _Pipe]:
    """Both ends of a connection."""
    there_reader, our_writer = os.pipe()
    our_reader, there_writer = os.pipe()
    return (
        _Pipe(open(our_reader, "rb"), open(our_writer, "wb")),
        _Pipe(open(there_reader, "rb"), open(there_writer, "wb")),
    )


@cache
def _decoder(kind: int) -> Callable[[bytes], Any]:
    return msgspec.msgpack.Decoder(FileFacts if kind == _FILE else Body).decode


def _read_here(kind: int, data: bytes) -> Any:
    from celerylint.read.convert import convert, convert_body

    if kind == _FILE:
        return convert(data)
    return convert_body(msgspec.msgpack.decode(data, type=Unread))


def _serve(pipes: list[_Pipe]) -> NoReturn:
    """What the processes do: answer until nobody asks any more."""
    code = 1
    try:
        import gc

        import celerylint.read.convert  # noqa: F401 - takes long, so it is done first

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells everybody; one is enough
        gc.disable()  # libcst's trees have many nodes and no cycles
        _answer_all(pipes)
        code = 0
    finally:
        os._exit(code)


def _answer_all(pipes: list[_Pipe]) -> None:
    """Answer on the first of the pipes; the others are for the processes that are forked."""
    mine, others = pipes[0], pipes[1:]
    while (asked := mine.receive()) is not None:
        kind, data = asked
        if kind != _FORK:
            mine.send(kind, _encode(_read_here(kind, data)))
            continue
        for _ in range(data[0]):
            theirs = others.pop(0)
            if os.fork() == 0:
                for other in (mine, *others):
                    other.close()
                return _answer_all([theirs])
            theirs.close()
    for other in others:
        other.close()
    _wait_for_children()


def _wait_for_children() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return
