"""Where output goes: colours, width, a progress line, and streams that may close early."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TextIO

import click

from celerylint.report.style import Style

_ERASE_LINE = "\r\x1b[K"
_SPINNER = "|/-\\"


def use_color(choice: str, stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour what goes to ``stream``.

    ``choice`` is the value of ``--color``: always, never, or auto, which asks NO_COLOR
    (no-color.org), FORCE_COLOR (force-color.org) and the terminal, in that order.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def terminal_width(stream: TextIO) -> int | None:
    """The columns of the terminal that ``stream`` goes to; None where it is none."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def write(text: str, stream: TextIO) -> None:
    """Write all there is to say, whatever the stream's encoding.

    A reader that has gone (``celerylint | head``) is no error: what it read was enough, and the
    exit code still tells the verdict. Other failures, such as a full disk, are complaints.
    """
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # Python flushes once more when it ends, and must not complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            raise click.ClickException(f"cannot write the report: {error.strerror}") from None


def complain(message: str, hint: str = "", word: str = "error") -> None:
    """Tell on stderr what is wrong, and what to do about it."""
    style = Style(use_color("auto", sys.stderr))
    text = f"{style.severity(word, word)}: {message}\n"
    if hint:
        text += f"{style('help', 'bold')}: {hint}\n"
    write(text, sys.stderr)


class Progress:
    """A line on stderr that says what is going on, once that takes longer than a second.

    Shows nothing where stderr is no terminal.
    """

    def __init__(self, stream: TextIO | None = None, delay: float = 1.0) -> None:
        self._stream = stream or sys.stderr
        self._delay = delay
        self._text = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)

    def stage(self, text: str) -> None:
        """What is going on from now on."""
        self._text = text

    def __enter__(self) -> Progress:
        if self._stream.isatty():
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _show(self) -> None:
        if self._ended.wait(self._delay):
            return
        started = time.monotonic() - self._delay
        while not self._ended.wait(0.1):
            seconds = time.monotonic() - started
            mark = _SPINNER[int(seconds * 10) % len(_SPINNER)]
            self._print(f"{_ERASE_LINE}{mark} {self._text} ({seconds:.0f} s)")
        self._print(_ERASE_LINE)

    def _print(self, text: str) -> None:
        # Not through the stream: a worker process forked meanwhile would inherit its lock.
        os.write(self._stream.fileno(), text.encode())
