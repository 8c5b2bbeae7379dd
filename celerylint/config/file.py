"""The configuration file: which one applies, and what it says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli

from celerylint import disk
from celerylint.config.given import Given, Origin, Said
from celerylint.config.mistake import ConfigError, Mistake
from celerylint.config.spans import Document, KeyPath
from celerylint.model.place import Place

OWN_FILE = "celerylint.toml"
SHARED_FILE = "pyproject.toml"
TABLE: KeyPath = ("tool", "celerylint")
"""Where celerylint's options are in a pyproject.toml."""

_REPOSITORY_MARKERS = (".git", ".hg")


class ConfigFile:
    """A configuration file that was read: its options, and where each of them stands.

    ``path`` is as shown to people, ``folder`` the absolute path of the folder it lies in.
    ``table`` holds the options as tomli reads them, whatever their shape. ``found`` tells that
    nobody named the file.
    """

    def __init__(
        self, path: Path, document: Document, table: dict[str, Any], found: bool = False
    ) -> None:
        self.path = document.path
        self.folder = os.path.dirname(os.path.abspath(path))
        self.is_shared = path.name == SHARED_FILE
        self.table = table
        self.found = found
        self._document = document
        self._prefix = TABLE if self.is_shared else ()

    def key(self, *path: str | int) -> Place:
        """Where a key stands, by its path within the options."""
        return self._document.key((*self._prefix, *path))

    def value(self, *path: str | int) -> Place:
        """Where a value stands, by its path within the options."""
        return self._document.value((*self._prefix, *path))

    def texts(self, *path: str) -> Iterator[tuple[str, Place]]:
        """The strings of a list, each with its place; whatever else is there is passed over."""
        found: Any = self.table
        for key in path:
            found = found.get(key)
        for index, value in enumerate(found if isinstance(found, list) else ()):
            if isinstance(value, str):
                yield value, self.value(*path, index)

    def given(self) -> Given:
        """What the file says, with the places."""
        return {key: Said(value, Origin(self.key(key))) for key, value in self.table.items()}


def find_file(folder: str) -> Path | None:
    """The file that applies to what lies in a folder: the nearest upwards, not beyond the
    repository.

    A pyproject.toml counts if it has a table [tool.celerylint]. Raises `ConfigError` where a
    folder has two configurations, and for a pyproject.toml that may be one but cannot be read.
    """
    for candidate in _upwards(folder):
        own, shared = candidate / OWN_FILE, candidate / SHARED_FILE
        table = _table_in(shared) if disk.is_file(str(shared)) else None
        if not disk.kind(str(own)):
            if table is not None:
                return shared
            continue
        if table is not None:
            message = f"there is a second configuration in {shown(own)}"
            raise ConfigError([Mistake(table, message, "keep one of them")])
        return own
    return None


def read_file(path: Path, *, found: bool = False) -> ConfigFile:
    """Read a configuration file: the table [tool.celerylint] of one that is called
    pyproject.toml, all of any other. ``found`` is passed on.

    Raises `ConfigError` where it cannot be read, is not TOML, or has no such table.
    """
    document, values = parse(path)
    if path.name != SHARED_FILE:
        return ConfigFile(path, document, values, found)
    tool = values.get("tool")
    table = tool.get("celerylint") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        raise ConfigError([Mistake(document.key(TABLE), "there is no table [tool.celerylint]")])
    return ConfigFile(path, document, table, found)


def shown(path: Path | str) -> str:
    """A path as shown to people: relative to the current directory where it lies under it."""
    absolute = os.path.abspath(path)
    relative = absolute.removeprefix(os.path.join(os.getcwd(), "")).replace(os.sep, "/")
    return relative.encode("utf-8", "backslashreplace").decode("utf-8")


def _upwards(folder: str) -> Iterator[Path]:
    start = Path(os.path.abspath(folder))
    for candidate in (start, *start.parents):
        yield candidate
        if any(disk.exists(str(candidate / marker)) for marker in _REPOSITORY_MARKERS):
            return


def _table_in(shared: Path) -> Place | None:
    """Where a pyproject.toml configures celerylint, if it does."""
    try:
        if b"celerylint" not in disk.read(str(shared)):
            return None  # whatever is wrong with it is not for us to say
    except OSError as error:
        raise _unreadable(shared, error) from None
    document, values = parse(shared)
    tool = values.get("tool")
    return document.key(TABLE) if isinstance(tool, dict) and "celerylint" in tool else None


def parse(path: Path) -> tuple[Document, dict[str, Any]]:
    """A TOML file, and where everything stands in it. Raises `ConfigError`."""
    name = shown(path)
    try:
        data = disk.read(os.path.abspath(path))
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        place = Place(name, line, column, line, column + 1)
        raise ConfigError([Mistake(place, f"not UTF-8: {error.reason}")]) from None
    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        place = Place(name, error.lineno, error.colno, error.lineno, error.colno + 1)
        raise ConfigError([Mistake(place, f"not TOML: {error.msg}")]) from None
    except RecursionError as error:  # the parser's own, of brackets within brackets
        raise ConfigError([Mistake(Place(name, 1, 1, 1, 1), str(error))]) from None
    return Document(name, text), values


def _unreadable(path: Path, error: OSError) -> ConfigError:
    place = Place(shown(path), 1, 1, 1, 1)
    return ConfigError([Mistake(place, f"cannot be read: {error.strerror}")])
