"""``celerylint explain``: the page of a rule."""

from __future__ import annotations

import sys

import click

from celerylint.cli import options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.terminal import terminal_width, use_color, write

_WIDTH = 80
_WIDEST = 100


@click.command("explain", short_help="Explain a rule.")
@click.argument("rule", metavar="CODE-OR-NAME")
@options.color
def command(rule: str, color: str) -> int:
    """Explain a rule: what it finds, what that does in production, and when not to follow it.

    Policies of the configuration that applies to the current folder are explained, too.
    """
    from celerylint.catalogue import UnknownRule, load_rules
    from celerylint.config.settings import load
    from celerylint.report import rules
    from celerylint.report.style import Style

    with options.user_errors():
        try:
            found = load_rules().get(rule)
        except UnknownRule:  # then it may be a policy, and the configuration has to be in order
            _, settings = load((".",), {})
            found = settings.catalogue.get(rule)
    style = Style(use_color(color, sys.stdout))
    width = min(terminal_width(sys.stdout) or _WIDTH, _WIDEST)
    write(rules.render_page(found, style, width), sys.stdout)
    return ExitCode.CLEAN
