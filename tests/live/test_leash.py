"""Nothing outlives the tests, not even when pytest has no chance to tidy up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from live.waiting import eventually

KILLED_AT_WORK = """
import os, pathlib, signal, sys
from live.leash import Leash
from live.processes import Process

folder = pathlib.Path(sys.argv[1])
env = os.environ
leash = Leash(folder)
Process(leash, ["sleep", "1000"], folder, env, folder / "gone.log").kill()
sleeper = Process(leash, ["sh", "-c", "sleep 1000 & sleep 1000"], folder, env, folder / "log")
print(sleeper.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc, as on Linux")
def test_what_a_killed_run_started_is_killed_and_its_folder_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_WORK, str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    group = int(done.stdout)
    eventually(lambda: not group_exists(group), "the processes are gone")
    eventually(lambda: not folder.exists(), "the folder is gone")


def group_exists(group: int) -> bool:
    """Whether any process of the group is left, other than as a zombie that awaits its parent."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(") ")[2].split()[:3]
        except OSError:  # it has just ended
            continue
        if int(pgrp) == group and state != "Z":
            return True
    return False
