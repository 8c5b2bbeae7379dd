"""``celerylint config``: the configuration."""

from __future__ import annotations

import sys

import click

from celerylint.cli import configured, options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.terminal import terminal_width, use_color, write


@click.group("config", short_help="Show the configuration.")
def command() -> None:
    """Show the configuration."""


@command.command("show", short_help="Show every option, and where its value comes from.")
@options.paths
@configured.overrides
@options.output_format("text", "json")
@options.verbose("Show the traceback of a crash.")
@options.color
def show(
    paths: tuple[str, ...],
    config: str | None,
    isolated: bool,
    preset: str | None,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    celery_version: str | None,
    output_format: str,
    verbose: bool,
    color: str,
) -> int:
    """Show every option with the value it has in a check of PATH, where that value comes from,
    and the rules that are checked."""
    from celerylint.config.settings import load
    from celerylint.report import configuration as report
    from celerylint.report.style import Style

    line = configured.given(
        preset=preset,
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        fail_on=fail_on,
        celery_version=celery_version,
    )
    with options.user_errors(paths):
        configuration, settings = load(paths or (".",), line, config=config, isolated=isolated)
    if output_format == "json":
        text = report.render_json(configuration, settings)
    else:
        style = Style(use_color(color, sys.stdout))
        text = report.render_text(configuration, settings, style, terminal_width(sys.stdout))
    write(text, sys.stdout)
    return ExitCode.CLEAN
