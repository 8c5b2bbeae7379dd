"""The options that configure, which beat the configuration file, and complaints about that file."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

import click

from celerylint.cli.options import Choice, celery_version
from celerylint.config.words import FAIL_ON, PRESETS

if TYPE_CHECKING:
    from celerylint.config.given import Given

_F = TypeVar("_F", bound=Callable[..., Any])


def split(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Selectors from options that may be repeated, and hold several each, with commas between."""
    words = (word.strip() for value in values for word in value.split(","))
    return tuple(word for word in words if word)


def _selectors(name: str, text: str) -> Callable[[_F], _F]:
    return click.option(
        name, metavar="RULE,...", multiple=True, callback=split, help=f"{text} Repeatable."
    )


config = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="The configuration file, instead of the nearest celerylint.toml or pyproject.toml.",
)
_FILE = (config, click.option("--isolated", is_flag=True, help="Use no configuration file."))
_OVERRIDES = (
    click.option(
        "--preset",
        type=Choice(PRESETS),
        help="The set of rules to check; instead of `preset` and `select` of the configuration.",
    ),
    _selectors(
        "--select",
        "Check exactly these rules, whatever the configuration says: codes, prefixes of codes,"
        " names.",
    ),
    _selectors("--extend-select", "Check these rules besides."),
    _selectors("--ignore", "Leave these rules out, besides what the configuration leaves out."),
    click.option(
        "--fail-on",
        type=Choice(FAIL_ON),
        help="The lowest severity that makes the exit code 1; warning unless configured.",
    ),
    celery_version,
)


def config_file(command: _F) -> _F:
    """``--config`` and ``--isolated``."""
    return _decorate(command, _FILE)


def overrides(command: _F) -> _F:
    """`config_file`, and options of the same name as those of the configuration."""
    return _decorate(command, (*_FILE, *_OVERRIDES))


def _decorate(command: _F, options: tuple[Callable[[_F], _F], ...]) -> _F:
    return reduce(lambda decorated, option: option(decorated), reversed(options), command)


def given(**values: str | tuple[str, ...] | None) -> Given:
    """What the command line says of the options with these names; None and () are nothing.

    Files that it names are relative to the current folder, whatever the configuration file's.
    """
    from celerylint.config.given import Origin, Said

    keys = {name.replace("_", "-"): value for name, value in values.items() if value}
    if baseline := keys.get("baseline"):
        keys["baseline"] = os.path.abspath(str(baseline))
    if output := keys.get("output"):
        keys["output"] = tuple(_absolute_output(text) for text in output)
    return {key: Said(value, Origin(option=f"--{key}")) for key, value in keys.items()}


def _absolute_output(text: str) -> str:
    format_, _, path = text.partition("=")
    return f"{format_}={os.path.abspath(path)}"
