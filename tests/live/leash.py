"""A process of its own that kills what the tests leave behind, also when pytest is killed.

It holds the reading end of a pipe. Whatever ends pytest closes the other end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path


class Leash:
    """Knows the process groups that run and the folder they write to."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for pytest
        )

    def hold(self, group: int) -> None:
        self._say(f"+{group}")

    def let_go(self, group: int) -> None:
        """The group is gone; its number may be given to somebody else."""
        self._say(f"-{group}")

    def release(self) -> None:
        """Kill what is left and delete the folder, now."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)

    def _say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def main(folder: str) -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
