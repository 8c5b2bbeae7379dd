"""The configuration of a run: what the file and the command line say together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from celerylint import disk
from celerylint.config.file import ConfigFile, find_file, read_file
from celerylint.config.given import Given, Origin, Said
from celerylint.config.options import Options

ADDING_UP = ("extend-select", "ignore")
"""Options of the command line that add to what the file says instead of replacing it."""


class Configuration(msgspec.Struct, frozen=True):
    """Complete options, and who said what.

    ``origins`` has the keys that somebody gave, as written in TOML; all others have their default.
    ``folder`` is the absolute path that paths and patterns in the options are relative to.
    """

    options: Options
    origins: dict[str, tuple[Origin, ...]]
    folder: str
    file: ConfigFile | None = None


def file_for(
    paths: Sequence[str], config: str | None = None, isolated: bool = False
) -> ConfigFile | None:
    """The file that configures a check of some paths: ``config`` if it is given, else what
    `find_file` finds for the folder they have in common; none at all if ``isolated``.

    Raises `ConfigError`.
    """
    if isolated:
        return None
    if config is not None:
        return read_file(Path(config))
    found = find_file(_common_folder(paths))
    return None if found is None else read_file(found, found=True)


def configure(file: ConfigFile | None, line: Given) -> Configuration:
    """Merge. The command line beats the file, key by key, but for the choice of rules: there
    ``--select`` starts afresh, ``--preset`` takes the place of a preset and of ``select``, and
    what is in `ADDING_UP` adds up.

    The file has to be free of mistakes (`celerylint.config.mistakes`).
    """
    of_file = file.given() if file else {}
    if "select" in line:
        beaten = {"preset", "select", *ADDING_UP}
    elif "preset" in line:
        beaten = {"preset", "select"}
    else:
        beaten = set()
    merged = {key: [value] for key, value in of_file.items() if key not in beaten}
    for key, value in line.items():
        merged[key] = [*merged.get(key, ()), value] if key in ADDING_UP else [value]
    return Configuration(
        options=msgspec.convert({key: _together(said) for key, said in merged.items()}, Options),
        origins={key: tuple(one.origin for one in said) for key, said in merged.items()},
        folder=file.folder if file else os.getcwd(),
        file=file,
    )


def _together(said: Sequence[Said]) -> Any:
    if len(said) == 1:
        return said[0].value
    return [element for one in said for element in one.value]


def _common_folder(paths: Sequence[str]) -> str:
    """The folder that paths have in common. Whether they exist is for others to say."""
    absolute = [os.path.abspath(path) for path in paths or (".",)]
    folders = [os.path.dirname(path) if disk.is_file(path) else path for path in absolute]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # on different drives, which is refused later
        return folders[0]
