"""The command line as a whole: commands that load when they are asked for, and `check` by default.

`celerylint --help` and `--version` are what people wait for first, so nothing but click is
imported for them.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import click

from celerylint.cli import options

_COMMANDS = {
    "check": "celerylint.cli.check",
    "inspect": "celerylint.cli.inspect",
    "rules": "celerylint.cli.rules",
    "explain": "celerylint.cli.explain",
    "config": "celerylint.cli.config",
    "init": "celerylint.cli.init",
    "test": "celerylint.cli.test",
    "reference-app": "celerylint.cli.reference_app",
}
"""The commands in the order of the help text, with the module whose ``command`` each is."""

_OWN_OPTIONS = ("-h", "--help", "--version")

COMMAND_NAMES = tuple(_COMMANDS)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name]).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _with_command(args, completing=ctx.resilient_parsing))


def _with_command(args: Sequence[str], completing: bool) -> list[str]:
    """The arguments with ``check`` put first where no command is.

    The first word decides, and the name of a command is always that command, whatever files there
    are: a folder of that name is written ``./rules``.
    """
    if args and args[0] in (*_COMMANDS, *_OWN_OPTIONS):
        return list(args)
    if not args and completing:
        return []  # the shell asks what may come first: the commands
    return ["check", *args]


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`celerylint PATH...` is `celerylint check PATH...`; "
    "`celerylint check --help` lists its options.",
)
@options.version
def group() -> None:
    """Read Celery projects without running them, and tell what is wrong with them."""
