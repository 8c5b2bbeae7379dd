"""What ``celery``, ``celery worker`` and ``celery beat`` take on the command line, by version."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

from celerylint.celery_schema import Version, _facts_of, _read, _Span, schema_for

Command = Literal["celery", "worker", "beat"]
"""``celery`` stands for the options before a command."""

OptionType = Literal[
    "string",
    "flag",
    "int",
    "float",
    "list",
    "choice",
    "loglevel",
    "pool",
    "autoscale",
    "concurrency",
]


class CommandOption(msgspec.Struct, frozen=True):
    """An option of one command.

    ``flags`` are its spellings, ``off`` those that switch a flag off. ``type`` is how click
    converts the value: a ``list`` is split at commas, ``autoscale`` is one or two whole numbers,
    ``concurrency`` a whole number or ``auto``; ``loglevel`` is any of ``choices`` in any case,
    ``choice`` and ``pool`` exactly one of them.

    ``variables`` are the environment variables that click reads where the command line does not
    give the option, the first that is set and not empty; ``setting`` is what applies where these
    say nothing either, or give 0 or an empty text.
    """

    name: str
    flags: tuple[str, ...]
    type: OptionType
    variables: tuple[str, ...]
    off: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    setting: str = ""

    @property
    def takes_value(self) -> bool:
        return self.type != "flag"


class _OptionFacts(_Span, kw_only=True):
    flags: tuple[str, ...]
    type: OptionType
    variables: tuple[str, ...]
    off: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    setting: str = ""


class _Data(msgspec.Struct):
    command_options: dict[str, list[_OptionFacts]]


@cache
def command_options(version: Version | None, command: Command) -> Mapping[str, CommandOption]:
    """The options of a command by name (``max_tasks_per_child``), for a Celery version or the
    nearest supported one; None means the newest."""
    known = _facts_of(schema_for(version).version, _data().command_options)
    return {
        name: CommandOption(
            name=name,
            flags=facts.flags,
            type=facts.type,
            variables=facts.variables,
            off=facts.off,
            choices=facts.choices,
            setting=facts.setting,
        )
        for key, facts in known.items()
        for owner, name in [key.split(" ")]
        if owner == command
    }


@cache
def _data() -> _Data:
    return msgspec.json.decode(_read("data.json"), type=_Data)
