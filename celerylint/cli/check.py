"""``celerylint check``: the main command, and what ``celerylint PATH...`` is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from celerylint.cli import options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.terminal import Progress, terminal_width, use_color, write

if TYPE_CHECKING:
    from celerylint.engine import Result

_FAIL_ON = ("error", "warning", "info", "never")


def _split(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Selectors from options that may be repeated, and hold several each, with commas between."""
    words = (word.strip() for value in values for word in value.split(","))
    return tuple(word for word in words if word)


@click.command("check", short_help="Check projects (what `celerylint PATH...` does).")
@options.paths
@options.output_format("text", "concise", "json")
@click.option(
    "--preset",
    type=options.Choice(("default", "strict", "all")),
    default="default",
    show_default=True,
    help="The set of rules to check.",
)
@click.option(
    "--select",
    metavar="RULE,...",
    multiple=True,
    callback=_split,
    help="Check these rules instead of a preset: codes, prefixes of codes, names. Repeatable.",
)
@click.option(
    "--ignore",
    metavar="RULE,...",
    multiple=True,
    callback=_split,
    help="Leave these rules out: codes, prefixes of codes, names. Repeatable.",
)
@click.option(
    "--fail-on",
    type=options.Choice(_FAIL_ON),
    default="warning",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
@options.celery_version
@options.jobs
@click.option("-q", "--quiet", is_flag=True, help="Print findings and nothing else.")
@options.verbose("Show every finding in full, the time it took, and the traceback of a crash.")
@options.color
@options.version
def command(
    paths: tuple[str, ...],
    output_format: str,
    preset: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    celery_version: str | None,
    jobs: int,
    quiet: bool,
    verbose: bool,
    color: str,
) -> int:
    """Check Celery projects: files and folders, by default the current folder.

    Exit code 0: no finding at or above --fail-on. 1: findings. 2: no verdict, because of wrong
    usage, nothing to check, or a crash.
    """
    # Imported here, so that --help need not wait for the pipeline.
    from celerylint import engine
    from celerylint.report import text
    from celerylint.report.style import Style

    chosen = engine.Options(
        paths=paths or (".",),
        preset=preset,
        select=select,
        ignore=ignore,
        celery_version=celery_version,
        jobs=jobs,
    )
    with options.user_errors(paths), Progress() as progress:
        result = engine.run(chosen, progress.stage)
    write(_report(result, output_format, color, quiet, verbose), sys.stdout)
    if output_format == "concise" and not quiet:
        style = Style(use_color(color, sys.stderr))
        write(text.summary(result, style, terminal_width(sys.stderr)), sys.stderr)
    if verbose:
        write(_effort(result), sys.stderr)
    return _exit_code(result, fail_on)


def _report(result: Result, output_format: str, color: str, quiet: bool, verbose: bool) -> str:
    from celerylint.report import concise, json, text
    from celerylint.report.style import Style

    style = Style(use_color(color, sys.stdout))
    if output_format == "json":
        return json.render(result)
    if output_format == "concise":
        return concise.render(result, style)
    width = terminal_width(sys.stdout)
    return text.render(result, style, width, quiet=quiet, verbose=verbose)


def _effort(result: Result) -> str:
    # On stderr: the report is the same in every run, this is not.
    project = result.project
    return (
        f"Read {project.files_read} files, parsed {project.files_parsed}, "
        f"checked them in {result.seconds:.2f} s.\n"
    )


def _exit_code(result: Result, fail_on: str) -> ExitCode:
    if fail_on == "never":
        return ExitCode.CLEAN
    failing = _FAIL_ON[: _FAIL_ON.index(fail_on) + 1]
    if any(finding.severity.value in failing for finding in result.findings):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN
