"""Reports that go into files."""

from __future__ import annotations

import msgspec

from celerylint.config.words import FORMATS
from celerylint.wording import did_you_mean


class Output(msgspec.Struct, frozen=True):
    """A report of some format to be written to a file, by its path."""

    format: str
    path: str


def parse_output(text: str) -> Output:
    """``sarif=celerylint.sarif`` as an `Output`. Raises `ValueError` with a message for people."""
    format_, equals, path = text.partition("=")
    if not equals:
        raise ValueError(f"`{text}` is not of the form FORMAT=FILE")
    if format_ not in FORMATS:
        hint = did_you_mean(format_, FORMATS)
        raise ValueError(f"`{format_}` is none of {', '.join(FORMATS)}{hint}")
    if not path:
        raise ValueError(f"`{text}` names no file")
    if path == "-":
        raise ValueError(f"`{text}` is not a file; `--output-format` says what is printed")
    return Output(format_, path)
