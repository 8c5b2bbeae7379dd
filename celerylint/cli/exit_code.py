"""What the exit code says."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """0 and 1 are verdicts; everything else means that there is none."""

    CLEAN = 0
    """Nothing was found that is as severe as ``--fail-on``; or the command has no verdict to give
    and did what it was asked."""
    FINDINGS = 1
    """Findings at or above ``--fail-on``."""
    NO_VERDICT = 2
    """Wrong usage or configuration, nothing to check, or a crash of celerylint itself."""
    INTERRUPTED = 130
    """Ctrl-C, as shells report it: 128 and the number of SIGINT."""
