"""What is wrong with a configuration."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from celerylint.model.place import Place


class Mistake(msgspec.Struct, frozen=True):
    """Something in a configuration file that cannot be meant: where, what, and what to do."""

    place: Place
    message: str
    help: str = ""


class ConfigError(Exception):
    """A configuration cannot be used. ``mistakes`` holds everything that is wrong with it, in
    order of place."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.place))
        super().__init__(
            "\n".join(f"{mistake.place}: {mistake.message}" for mistake in self.mistakes)
        )
