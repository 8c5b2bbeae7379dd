"""Options that several commands share, and complaints about wrong ones."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from celerylint import __version__

if TYPE_CHECKING:
    from celerylint.config.mistake import ConfigError

_F = TypeVar("_F", bound=Callable[..., Any])
_CELERY_VERSION = re.compile(r"\d+\.\d+(\.\d+\w*)?")


def closest(word: str, known: Iterable[str]) -> list[str]:
    """What a misspelt word was most likely meant to be: one word or none."""
    import difflib  # only a mistake needs it

    return difflib.get_close_matches(word, list(known), n=1)


class Choice(click.Choice):  # type: ignore[type-arg]  # not generic before click 8.4
    """A choice that suggests what was meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        message = super().get_invalid_choice_message(value, ctx)
        meant = [f"Did you mean {word!r}?" for word in closest(value, self.choices)]
        return " ".join([message, *meant])


class Complaint(click.ClickException):
    """Something that the user can mend, with a hint how."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadConfiguration(click.ClickException):
    """A configuration file that cannot be used; ``error`` is a `ConfigError`."""

    def __init__(self, error: ConfigError) -> None:
        super().__init__(str(error))
        self.error = error


def output_format(*formats: str) -> Callable[[_F], _F]:
    """``--output-format``, the first format being the default."""
    return click.option(
        "--output-format",
        type=Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print.",
    )


def _version(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _CELERY_VERSION.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no Celery version; write it like 5.6 or 5.6.3.")
    return value


paths = click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
color = click.option(
    "--color",
    type=Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="When to use colours; auto respects NO_COLOR and FORCE_COLOR.",
)
celery_version = click.option(
    "--celery-version",
    metavar="X.Y",
    callback=_version,
    help="Judge by this Celery version, not by the one the project pins.",
)
jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    default=lambda: os.cpu_count() or 1,
    help="Read files in up to N processes, by default one a CPU.",
)
version = click.version_option(__version__, message="%(prog)s %(version)s", prog_name="celerylint")


def verbose(text: str) -> Callable[[_F], _F]:
    """``--verbose``, with what it does for the command."""
    return click.option("-v", "--verbose", is_flag=True, help=text)


@contextmanager
def user_errors(paths: Sequence[str] = ()) -> Iterator[None]:
    """Turns errors about what the user gave into complaints.

    A path that does not exist may have been meant to be a command, since ``check`` need not be
    written.
    """
    from celerylint.catalogue import UnknownRule
    from celerylint.config.mistake import ConfigError
    from celerylint.config.own_rules import as_config_error
    from celerylint.discover import DiscoverError
    from celerylint.policy import PolicyErrors

    try:
        yield
    except UnknownRule as error:
        raise Complaint(str(error), "`celerylint rules` lists them all") from None
    except ConfigError as error:
        raise BadConfiguration(error) from None
    except PolicyErrors as errors:
        raise BadConfiguration(as_config_error(errors)) from None
    except DiscoverError as error:
        raise Complaint(str(error), _command_meant(paths)) from None


def _command_meant(paths: Sequence[str]) -> str:
    if not paths or os.path.exists(paths[0]):
        return ""
    # Imported late: it imports this module's users.
    from celerylint.cli.group import COMMAND_NAMES

    close = closest(paths[0], COMMAND_NAMES)
    return f"there is a command `celerylint {close[0]}`" if close else ""
