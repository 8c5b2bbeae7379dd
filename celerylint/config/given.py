"""What was asked for, and where: one layer of a configuration."""

from __future__ import annotations

from typing import Any

import msgspec

from celerylint.model.place import Place


class Origin(msgspec.Struct, frozen=True):
    """Where a value was given: a place in a file, or an option of the command line such as
    ``--preset``."""

    place: Place | None = None
    option: str = ""

    def __str__(self) -> str:
        return f"{self.place.path}:{self.place.line}" if self.place else self.option


class Said(msgspec.Struct, frozen=True):
    """A value as it was given."""

    value: Any
    origin: Origin


Given = dict[str, Said]
"""What one source says, by the keys of `Options` as they are written in TOML."""
