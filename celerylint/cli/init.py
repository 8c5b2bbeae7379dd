"""``celerylint init``: a configuration to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from celerylint.cli import options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.options import Complaint
from celerylint.cli.terminal import Progress, write

if TYPE_CHECKING:
    from celerylint.engine import Result


@click.command("init", short_help="Write a configuration to start from.")
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--baseline",
    is_flag=True,
    help="Accept what is found today, so that only what is new gets reported.",
)
@options.jobs
@options.verbose("Show the traceback of a crash.")
def command(directory: Path, baseline: bool, jobs: int, verbose: bool) -> int:
    """Write a small configuration for the Celery project in DIR, by default the current folder.

    It goes to [tool.celerylint] of pyproject.toml if there is such a file, else to
    celerylint.toml. What is there is never changed, and a project that is configured already
    stays as it is.
    """
    from celerylint import engine
    from celerylint.config import template
    from celerylint.config.file import find_file, shown
    from celerylint.config.settings import isolated, load

    if not directory.is_dir():
        raise Complaint(f"{directory} is not a folder")
    with options.user_errors():
        if configured := find_file(str(directory)):
            write(_already(shown(configured), baseline), sys.stdout)
            return ExitCode.CLEAN
        with Progress() as progress:
            result = engine.run(isolated([str(directory)], jobs=jobs), progress.stage)

        path, accepted = template.place_for(directory), directory / template.BASELINE
        if baseline and accepted.exists():
            remedy = "move it away, or leave out `--baseline`"
            raise Complaint(f"{shown(accepted)} is already there", remedy)
        with_baseline = bool(result.findings) and (baseline or _wants_baseline(result))
        try:
            template.write(path, result.project, with_baseline=with_baseline)
        except template.CannotAdd as error:
            raise Complaint(
                f"[tool.celerylint] cannot be added to {shown(path)}: {error}",
                "write celerylint.toml yourself",
            ) from None
        except OSError as error:
            raise Complaint(f"cannot write {shown(path)}: {error.strerror}") from None

        if with_baseline:
            _, settings = load([str(directory)], {}, jobs=jobs)
            result = engine.run(settings, write_baseline=True)
    write(_report(shown(path), shown(accepted), result), sys.stdout)
    if baseline and not with_baseline:
        write("With no findings, there is nothing to put into a baseline.\n", sys.stdout)
    return ExitCode.CLEAN


def _wants_baseline(result: Result) -> bool:
    if not sys.stdin.isatty():
        return False
    from celerylint.report.style import counted

    count = counted(len(result.findings), "finding")
    return click.confirm(f"There are {count}. Accept them in a baseline?", err=True)


def _already(path: str, baseline: bool) -> str:
    text = f"{path} configures celerylint already, and stays as it is.\n"
    if baseline:
        from celerylint.config.template import BASELINE

        text += (
            "To accept what is found today:\n"
            "\n"
            f"  celerylint --baseline {BASELINE} --write-baseline\n"
            "\n"
            f'and `baseline = "{BASELINE}"` in that file.\n'
        )
    return text


def _report(path: str, accepted: str, result: Result) -> str:
    from celerylint.config.template import found
    from celerylint.report.style import counted

    lines = [f"Wrote {path}, having found:", *(f"  {line}" for line in found(result.project))]
    if result.written_baseline:
        lines.append(f"Wrote {accepted}: {counted(result.baselined, 'finding')}, for now accepted.")
    left = counted(len(result.findings), "finding") if result.findings else "no findings"
    lines.append(f"`celerylint` has {left}.")
    return "\n".join(lines) + "\n"
