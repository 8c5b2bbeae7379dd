"""The files of a project that its deployment files speak of."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping

from celerylint.deploy.facts import Problem
from celerylint.deploy.read import LARGEST, FileFacts, read
from celerylint.deploy.shell.variables import Scalar
from celerylint.deploy.systemd import read_environment_file
from celerylint.deploy.text import Source, Text


class Repository:
    """Reads a file when something asks for it, and no file twice.

    ``root`` is the absolute path of the project. ``paths`` maps the absolute paths of all files
    that may be asked for to what is shown to people: a file that is not among them, such as one
    that git ignores, is not there.
    """

    def __init__(self, root: str, paths: Mapping[str, str]) -> None:
        self.root = root
        self._shown = dict(paths)
        self._absolute = {shown: path for path, shown in paths.items()}
        self._data: dict[str, bytes | None] = {}
        self._facts: dict[str, FileFacts] = {}
        self._by_name: dict[str, list[str]] = {}
        for path in sorted(paths):
            self._by_name.setdefault(os.path.basename(path), []).append(path)

    def paths(self) -> Iterable[str]:
        return self._shown

    def shown(self, path: str) -> str:
        return self._shown[path]

    def folder_of(self, shown: str) -> str:
        """The absolute path of the folder that a file lies in, by what is shown of the file."""
        return os.path.dirname(self._absolute.get(shown, os.path.join(self.root, shown)))

    def data(self, path: str) -> bytes | None:
        """The bytes of a file; None where it is none of the project's or cannot be read."""
        if path not in self._data:
            try:
                with open(path, "rb") as file:
                    self._data[path] = file.read(LARGEST + 1) if path in self._shown else None
            except OSError:
                self._data[path] = None
        return self._data[path]

    def facts(self, path: str) -> FileFacts | None:
        if path not in self._facts:
            data = self.data(path)
            if data is None:
                return None
            self._facts[path] = read(self._shown[path], data)
        return self._facts[path]

    def problems(self) -> list[Problem]:
        """What could not be read of the files that were asked for."""
        return [problem for path in sorted(self._facts) for problem in self._facts[path].problems]

    @property
    def templates(self) -> int:
        """How many files are templates that cannot be read before they are filled in."""
        return sum(facts.is_template for facts in self._facts.values())

    def text(self, path: str) -> Text | None:
        data = self.data(path)
        if data is None or b"\0" in data:
            return None
        return Source.decoded(self._shown[path], data).all()

    def environment(self, name: str, folder: str) -> dict[str, Scalar]:
        """The variables in a file that sets them; none where it is not there."""
        path = self.find(name, folder, {})
        data = self.data(path) if path is not None else None
        if path is None or data is None:
            return {}
        return read_environment_file(Source.decoded(self._shown[path], data))

    def find(self, name: str, folder: str | None, copies: Mapping[str, str]) -> str | None:
        """The file of the project that a command names: as it lies in the repository, or as it
        was copied into an image (``copies``: place in the image to absolute path)."""
        if not name or name.endswith("/"):
            return None
        if name in copies:
            return copies[name] if copies[name] in self._shown else None
        if not name.startswith("/"):
            for base in dict.fromkeys([folder or self.root, self.root]):
                path = os.path.normpath(os.path.join(base, name))
                if path in self._shown:
                    return path
        for target, origin in copies.items():
            if "/" not in name and posixpath.basename(target) == name and origin in self._shown:
                return origin  # it was copied to where programs are looked for
            inside = posixpath.relpath(name, target) if name.startswith("/") else name
            path = os.path.normpath(os.path.join(origin, inside))
            if not inside.startswith("..") and path in self._shown:
                return path
        return self._by_ending(name, folder)

    def _by_ending(self, name: str, folder: str | None) -> str | None:
        """The one file whose path ends like the name, by as many parts as possible: where exactly
        it is copied or mounted to, nobody may have written down."""
        parts = [part for part in name.split("/") if part not in ("", ".", "..")]
        candidates = self._by_name.get(parts[-1], []) if parts else []
        scored: dict[int, list[str]] = {}
        for path in candidates:
            own = os.path.relpath(path, self.root).split(os.sep)
            shared = 0
            while shared < min(len(own), len(parts)) and own[-1 - shared] == parts[-1 - shared]:
                shared += 1
            scored.setdefault(shared, []).append(path)
        if not scored:
            return None
        best = scored[max(scored)]
        if len(best) > 1 and folder is not None:
            best = [path for path in best if path.startswith(os.path.join(folder, ""))]
        return best[0] if len(best) == 1 else None
