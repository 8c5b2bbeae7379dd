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
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn

from celerylint.read.encoded import decode_unread, encode
from celerylint.read.syntax import Unread

CAN_FORK = hasattr(os, "fork")

_HEAD = struct.Struct("!IB")
_FILE, _BODY, _FORK = range(3)
"""What a process is asked: to read a file, to read a body, to fork so many times."""


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

    def read_files(self, contents: Sequence[bytes], processes: int) -> list[bytes | None]:
        """The facts of files, encoded, in the same order; read by so many processes. None for those
        that a process died on."""
        self._fork(processes - len(self._pipes))
        # The longest ones first, so that no process is left alone with one in the end.
        waiting = sorted(range(len(contents)), key=lambda job: len(contents[job]))
        found: dict[int, bytes | None] = {}
        busy: dict[_Pipe, int] = {}
        idle = list(self._pipes)
        while (waiting and self._pipes) or busy:
            while waiting and idle:
                pipe = idle.pop()
                busy[pipe] = waiting.pop()
                pipe.send(_FILE, contents[busy[pipe]])
            for pipe in select.select(list(busy), (), ())[0]:
                found[busy.pop(pipe)] = self._answer(pipe)
                if pipe in self._pipes:
                    idle.append(pipe)
        for job in waiting:  # all processes have died
            found[job] = _read_here(_FILE, contents[job])
        return [found[job] for job in range(len(contents))]

    def read_body(self, unread: Unread) -> bytes | None:
        """The body, encoded; None where the process died on it."""
        data = encode(unread)
        if not self._pipes:
            return _read_here(_BODY, data)
        self._pipes[0].send(_BODY, data)
        return self._answer(self._pipes[0])

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

    def _answer(self, pipe: _Pipe) -> bytes | None:
        received = pipe.receive()
        if received is None:
            # libcst's parser is native code, where a mistake may be the end.
            self._pipes.remove(pipe)
            return None
        return received[1]


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


def _read_here(kind: int, data: bytes) -> bytes:
    from celerylint.read.convert import convert, convert_body

    return encode(convert(data) if kind == _FILE else convert_body(decode_unread(data)))


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
            mine.send(kind, _read_here(kind, data))
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
