"""The command line of celerylint. Thin: parse options, call the pipeline, return an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from celerylint.cli.exit_code import ExitCode
from celerylint.cli.group import group
from celerylint.cli.options import BadConfiguration, Complaint
from celerylint.cli.terminal import complain, write


def main() -> NoReturn:
    """The console script: `run` with the arguments of the process."""
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Carry out a command line and return its exit code, see `ExitCode`."""
    try:
        code: int = group.main(list(args), prog_name="celerylint", standalone_mode=False)
        return code
    except BadConfiguration as error:
        from celerylint.cli import mistakes

        write(mistakes.render(error.error), sys.stderr)
        return ExitCode.NO_VERDICT
    except click.ClickException as error:
        complain(error.format_message(), _hint(error))
        return ExitCode.NO_VERDICT
    except click.Abort:  # what click makes of Ctrl-C
        return ExitCode.INTERRUPTED
    except Exception as error:
        _apologise(error, "--verbose" in args or "-v" in args)
        return ExitCode.NO_VERDICT


def _hint(error: click.ClickException) -> str:
    if isinstance(error, Complaint):
        return error.hint
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"`{error.ctx.command_path} --help` explains the options"
    return ""


def _apologise(error: Exception, verbose: bool) -> None:
    """Says that celerylint itself has failed, and what would help to mend it."""
    import traceback

    from celerylint.engine import crash_site, where_to_report

    if verbose:
        traceback.print_exception(error)
    complain(
        f"celerylint crashed: {crash_site(error)}",
        f"this is a bug in celerylint, please report it to {where_to_report()}"
        + ("" if verbose else ", best with what `--verbose` prints"),
    )
