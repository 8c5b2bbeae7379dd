"""``celerylint rules``: the catalogue."""

from __future__ import annotations

import sys

import click

from celerylint.cli import options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.terminal import terminal_width, use_color, write


@click.command("rules", short_help="List the rules.")
@options.output_format("table", "json")
@options.color
def command(output_format: str, color: str) -> int:
    """List the rules.

    A folder that is called rules is checked with `celerylint ./rules`.
    """
    from celerylint.catalogue import load_rules
    from celerylint.report import rules
    from celerylint.report.style import Style

    catalogue = load_rules()
    if output_format == "json":
        report = rules.render_json(catalogue.rules)
    else:
        style = Style(use_color(color, sys.stdout))
        report = rules.render_table(catalogue.rules, style, terminal_width(sys.stdout))
    write(report, sys.stdout)
    return ExitCode.CLEAN
