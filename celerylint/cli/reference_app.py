"""``celerylint reference-app``: a project to start from."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import celerylint
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.options import Complaint
from celerylint.cli.terminal import write

_SOURCE = Path(celerylint.__file__).parent / "reference_app"
_NAMED_AT_MOST = 5
_REMEDY = "give the name of a new folder"


@click.command("reference-app", short_help="Write a copy of the reference application.")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
def command(directory: Path) -> int:
    """Write a copy of the reference application into DIR, to start a project from.

    It is a FastAPI application with Celery workers and beat, and has no finding under
    --preset all. Nothing that exists is overwritten.
    """
    files = _files()
    if directory.exists() and not directory.is_dir():
        raise Complaint(f"{directory} is not a folder", _REMEDY)
    if taken := [file for file in files if os.path.lexists(directory / file)]:
        raise Complaint(f"{_named(directory, taken)} already there", _REMEDY)
    try:
        for file in files:
            target = directory / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_SOURCE / file, target)
    except OSError as error:
        raise Complaint(f"cannot write {error.filename}: {error.strerror}") from None
    write(_next_steps(directory, len(files)), sys.stdout)
    return ExitCode.CLEAN


def _files() -> list[Path]:
    """The files of the reference application, relative to it."""
    return sorted(
        path.relative_to(_SOURCE)
        for path in _SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def _named(directory: Path, taken: Sequence[Path]) -> str:
    names = [str(directory / file) for file in taken[:_NAMED_AT_MOST]]
    if more := len(taken) - len(names):
        names.append(f"{more} more")
    if len(names) == 1:
        return f"{names[0]} is"
    return f"{', '.join(names[:-1])} and {names[-1]} are"


def _next_steps(directory: Path, count: int) -> str:
    return (
        f"Wrote the reference application to {directory}: {count} files. Next:\n"
        "\n"
        f"  cd {shlex.quote(str(directory))}\n"
        "  celerylint --preset all\n"
        "  pip install -r requirements-local.txt\n"
        "  honcho -e .env.embedded start -c redis=0\n"
    )
