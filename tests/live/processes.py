"""Programs that run beside the tests."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from live.leash import Leash
from live.waiting import PATIENCE, eventually

SHOWN = 60
"""How many lines of a log are shown when something goes wrong."""


def environment(**variables: str) -> dict[str, str]:
    """This process's variables, less what would configure Celery behind a test's back; programs of
    the virtual environment come first."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CELERY_", "C_FORCE_ROOT", "DJANGO_", "FORKED_BY_MULTIPROCESSING"))
    }
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    # Unbuffered: what is waited for in a log must not linger in a buffer.
    return {**inherited, "PATH": path, "PYTHONUNBUFFERED": "1", **variables}


def free_port() -> int:
    """A port that nobody listens on, below those that systems give to outgoing connections: one of
    these could take it before the server does."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as unused:
            try:
                unused.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class Process:
    """A program in a process group of its own, which writes to a log file."""

    def __init__(
        self,
        leash: Leash,
        command: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        log: Path,
    ) -> None:
        self.name = log.stem
        self._leash = leash
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        leash.hold(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def code(self) -> int | None:
        """How it exited; None while it runs."""
        return self._process.poll()

    def wait_for(self, pattern: str, within: float = PATIENCE) -> re.Match[str]:
        """The first match of a regular expression in the log."""

        def logged() -> re.Match[str] | None:
            match = re.search(pattern, self.log)
            if match is None and self.code is not None:
                match = re.search(pattern, self.log)  # it may have been the last thing it wrote
                assert match, f"{self.name} exited with {self.code}\n{self.tail()}"
            return match

        try:
            return eventually(logged, f"{self.name} wrote {pattern!r}", within)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None

    def wait(self, within: float = PATIENCE) -> int:
        """Its exit code, once it has ended by itself or been told to."""
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            message = f"{self.name} still runs after {within:.0f} seconds\n{self.tail()}"
            raise AssertionError(message) from None
        self.kill()  # its children
        return code

    def terminate(self) -> None:
        """SIGTERM to the process itself, as from a service manager."""
        self._process.send_signal(signal.SIGTERM)

    def interrupt(self) -> None:
        """SIGINT to the process itself, as from Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to it and all its children at once, as when a machine goes away."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._leash.let_go(self.pid)

    def tail(self) -> str:
        lines = self.log.splitlines()[-SHOWN:]
        return "\n".join([f"--- {self.name}", *lines])
