"""``celerylint check``: the main command, and what ``celerylint PATH...`` is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from celerylint.cli import configured, options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.options import Complaint
from celerylint.cli.reports import View, render, write_files
from celerylint.cli.terminal import Progress, terminal_width, use_color, write
from celerylint.config.words import FAIL_ON, FORMATS

if TYPE_CHECKING:
    from celerylint.config.settings import Settings
    from celerylint.engine import Result


def _outputs(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    if values:
        from celerylint.config.output import parse_output

        for value in values:
            try:
                parse_output(value)
            except ValueError as error:
                raise click.BadParameter(str(error)) from None
    return values


@click.command("check", short_help="Check projects (what `celerylint PATH...` does).")
@options.paths
@configured.overrides
@click.option(
    "--output-format",
    type=options.Choice(FORMATS),
    help="How to print findings; text unless configured.",
)
@click.option(
    "--output",
    metavar="FORMAT=FILE",
    multiple=True,
    callback=_outputs,
    help="Write a report into a file besides. Repeatable.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(),
    help="Leave out the findings that this file holds.",
)
@click.option(
    "--write-baseline",
    is_flag=True,
    help="Write the findings of today into the baseline, and drop from it what is no more.",
)
@click.option("--show-suppressed", is_flag=True, help="List what comments suppress, too.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead.")
@options.jobs
@click.option("-q", "--quiet", is_flag=True, help="Print findings and nothing else.")
@options.verbose("Show every finding in full, the time it took, and the traceback of a crash.")
@options.color
@options.version
def command(
    paths: tuple[str, ...],
    config: str | None,
    isolated: bool,
    preset: str | None,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    celery_version: str | None,
    output_format: str | None,
    output: tuple[str, ...],
    baseline: str | None,
    write_baseline: bool,
    show_suppressed: bool,
    statistics: bool,
    jobs: int,
    quiet: bool,
    verbose: bool,
    color: str,
) -> int:
    """Check Celery projects: files and folders, by default the current folder.

    Exit code 0: no finding at or above --fail-on. 1: findings. 2: no verdict, because of wrong
    usage or configuration, nothing to check, or a crash.
    """
    # Imported here, so that --help need not wait for the pipeline.
    from celerylint import engine
    from celerylint.config.settings import load

    line = configured.given(
        preset=preset,
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        fail_on=fail_on,
        celery_version=celery_version,
        output_format=output_format,
        output=output,
        baseline=baseline,
    )
    with options.user_errors(paths):
        configuration, settings = load(
            paths or (".",), line, config=config, isolated=isolated, jobs=jobs
        )
        chosen = configuration.options
        _refuse_contradictions(settings, chosen.output_format, write_baseline, statistics)
        with Progress() as progress:
            result = engine.run(settings, progress.stage, write_baseline=write_baseline)

    view = View(
        color=use_color(color, sys.stdout),
        width=terminal_width(sys.stdout),
        quiet=quiet,
        verbose=verbose,
        show_suppressed=show_suppressed,
        statistics=statistics,
    )
    write(render(result, chosen.output_format, view), sys.stdout)
    write_files(result, settings.outputs, show_suppressed=show_suppressed)
    if chosen.output_format == "concise" and not quiet:
        write(_summary(result, color), sys.stderr)
    if verbose:
        write(_effort(result), sys.stderr)
    return _exit_code(result, chosen.fail_on)


def _refuse_contradictions(
    settings: Settings, output_format: str, write_baseline: bool, statistics: bool
) -> None:
    if write_baseline and not settings.baseline:
        raise Complaint(
            "--write-baseline needs to know which file",
            "add `--baseline FILE`, or `baseline` to the configuration",
        )
    if statistics and output_format not in ("text", "json"):
        raise Complaint(
            f"--statistics cannot be printed as {output_format}",
            "add `--output-format text` or `--output-format json`",
        )


def _summary(result: Result, color: str) -> str:
    from celerylint.report import text
    from celerylint.report.style import Style

    return text.summary(result, Style(use_color(color, sys.stderr)), terminal_width(sys.stderr))


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
    failing = FAIL_ON[: FAIL_ON.index(fail_on) + 1]
    if any(finding.severity.value in failing for finding in result.findings):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN
