"""Findings that the configuration leaves out in some files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping

from celerylint.gitignore import IgnorePatterns
from celerylint.model.finding import Finding


class PerFileIgnores:
    """Patterns of files, each with the codes of the rules that are left out there.

    The patterns are relative to ``folder``, an absolute path.
    """

    def __init__(self, folder: str, table: Mapping[str, Collection[str]]) -> None:
        self._base = os.path.join(folder, "")
        self._table = [(IgnorePatterns([pattern]), codes) for pattern, codes in table.items()]

    def ignore(self, finding: Finding) -> bool:
        """Whether the finding is in a file where its rule is left out."""
        path = os.path.abspath(finding.place.path)
        if not path.startswith(self._base):
            return False
        entries = list(_from_the_top(path.removeprefix(self._base).replace(os.sep, "/")))
        return any(
            finding.code in codes
            and any(patterns.decide(entry, is_folder=is_folder) for entry, is_folder in entries)
            for patterns, codes in self._table
        )


def _from_the_top(path: str) -> Iterator[tuple[str, bool]]:
    """The folders that lead to a file, and the file; each with whether it is a folder."""
    for index, character in enumerate(path):
        if character == "/":
            yield path[:index], True
    yield path, False
