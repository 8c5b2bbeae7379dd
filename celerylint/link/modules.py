"""Which file a module name means, and which name a file has.

Nothing is imported; names are found as Python would find them, given import roots: the folder
above a file's outermost package, the folders between it and the project's root, the root itself
and its ``src``, and the roots of the other files.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from celerylint import disk
from celerylint.link.abstract import Scope, Unknown
from celerylint.model.place import Place
from celerylint.read.syntax import FileFacts, Node

# Names that always mean the installed package, even where the project has a file of that name:
# `proj/celery.py` is the usual home of the app, and it imports celery.
_NEVER_PROJECT = frozenset(sys.stdlib_module_names) | {"celery", "kombu", "billiard", "django"}


def is_installed(name: str) -> bool:
    """Whether every project with Celery has a package: it is Celery's own, or Python's."""
    return name.partition(".")[0] in _NEVER_PROJECT


class ModuleFile:
    """A module of the project: a file, or a folder that is a package without a file."""

    def __init__(self, path: str, shown: str) -> None:
        self.path = path
        """Absolute path of the file, or of the folder for a namespace package"""
        self.shown = shown
        self.name = ""
        self.facts: FileFacts | None = None
        self.scope = Scope(self, "module", None)
        self.open: Unknown | None = None
        """Why it may hold more names than are seen"""
        self.stars: list[str] = []
        """Names of outside modules that it star-imports"""
        self.state = "new"
        """new, running or done"""
        self._places: dict[tuple[int, int], Place] = {}

    @property
    def is_package(self) -> bool:
        return self.path.endswith(f"{os.sep}__init__.py") or not self.path.endswith(".py")

    @property
    def folder(self) -> str:
        """The folder that relative imports start from."""
        if self.path.endswith(".py"):
            return os.path.dirname(self.path)
        return self.path

    def place(self, node: Node) -> Place:
        """The place of a node of this file."""
        return self.place_at(node.start, node.end)

    def place_at(self, start: int, end: int) -> Place:
        if self.facts is None:
            return Place(self.shown, 1, 1, 1, 1)
        place = self._places.get((start, end))
        if place is None:
            line, column = self.facts.position(start)
            end_line, end_column = self.facts.position(end)
            place = Place(self.shown, line, column, end_line, end_column)
            self._places[start, end] = place
        return place


class Modules:
    """The project's modules, found by name or by path, and read on demand."""

    def __init__(
        self,
        root: str,
        paths: Iterable[str],
        read: Callable[[str], FileFacts | None],
        import_roots: Iterable[str] = (),
    ) -> None:
        self.root = root
        self._read = read
        self._files: dict[str, ModuleFile] = {}
        self._by_shown: dict[str, ModuleFile] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self._votes: dict[str, Counter[str]] = {}
        self._conventional: dict[str, str] = {}
        self._listed: dict[str, dict[str, bool]] = {}
        self._shown_base = os.getcwd()
        paths = list(paths)
        # Django puts the folder of manage.py on the path.
        self._anchors = {
            os.path.dirname(path) for path in paths if os.path.basename(path) == "manage.py"
        } | {os.path.abspath(folder) for folder in import_roots}
        counted = Counter(self._conventional_root(os.path.dirname(path)) for path in paths)
        found = [*sorted(self._anchors), root, os.path.join(root, "src")]
        self.roots = list(dict.fromkeys([*found, *(name for name, _ in counted.most_common())]))
        self._roots_with: dict[str, list[str]] = {}
        for folder in self.roots:
            for name in self._entries(folder):
                self._roots_with.setdefault(name.removesuffix(".py"), []).append(folder)

    def at(self, path: str) -> ModuleFile:
        """The module in a file; its facts are read when it is first asked for."""
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = ModuleFile(path, self._shown(path))
            self._by_shown[file.shown] = file
        return file

    def files(self) -> Iterable[ModuleFile]:
        """Every module that anything asked for."""
        return self._files.values()

    def shown_as(self, shown: str) -> ModuleFile | None:
        """The module whose path is shown to people as this."""
        return self._by_shown.get(shown)

    def load(self, file: ModuleFile) -> FileFacts:
        """The facts of a module, read now if they have not been."""
        if file.facts is None:
            facts = self._read(file.path) if file.path.endswith(".py") else None
            file.facts = facts if facts is not None else FileFacts((), (0,))
        return file.facts

    def resolve(self, name: str, importer: ModuleFile | None = None) -> ModuleFile | None:
        """The module an absolute import means; None for one that is not of this project."""
        top = name.partition(".")[0]
        if not name or top in _NEVER_PROJECT:
            return None
        for root in self._search(importer, top):
            path = self._find(root, name)
            if path is not None:
                return self.at(path)
        return None

    def below(self, folder: str, name: str) -> ModuleFile | None:
        """The module of that name for a program that is started in a folder."""
        if not name or name.partition(".")[0] in _NEVER_PROJECT:
            return None
        path = self._find(folder, name)
        return self.at(path) if path is not None else None

    def note_import(self, name: str, importer: ModuleFile) -> None:
        """Learn import roots from an import, where it can mean one file only."""
        if not name or name.partition(".")[0] in _NEVER_PROJECT:
            return
        found: dict[str, str] = {}
        for root in self._search(importer, name.partition(".")[0]):
            path = self._find(root, name)
            if path is not None:
                found.setdefault(path, root)
        if len(found) == 1:
            for path, root in found.items():
                # A folder without a module may merely be called like an installed package.
                if path.endswith(".py"):
                    self._vote(path, root)

    def relative(self, importer: ModuleFile, level: int, name: str) -> ModuleFile | None:
        """The module ``from ..name import x`` means."""
        folder = importer.folder
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        if not name:
            path = self._module_at(folder)
            return self.at(path) if path is not None else None
        path = self._find(folder, name)
        return self.at(path) if path is not None else None

    def submodule(self, package: ModuleFile, name: str) -> ModuleFile | None:
        if not package.is_package:
            return None
        path = self._find(package.folder, name)
        return self.at(path) if path is not None else None

    def name_of(self, file: ModuleFile) -> str:
        """The name the module has when the project runs: its path below its import root.

        The root is the folder above the outermost folder with an ``__init__.py``, unless other
        files of the project import its neighbourhood from further up.
        """
        return _dotted_below(file.path, self._root_of(file.folder))

    def _root_of(self, folder: str) -> str:
        root = self._conventional_root(folder)
        votes = self._votes_for(folder)
        if votes and root not in votes and root not in self._anchors:
            root = min(votes, key=lambda name: (-votes[name], name))
        return root

    def _votes_for(self, folder: str) -> Counter[str] | None:
        while len(folder) >= len(self.root):
            if folder in self._votes:
                return self._votes[folder]
            folder = os.path.dirname(folder)
        return None

    def _vote(self, path: str, root: str) -> None:
        """Note that the project imports a file from a root."""
        folder = os.path.dirname(path)
        self._votes.setdefault(folder, Counter())[root] += 1

    def _search(self, importer: ModuleFile | None, top: str) -> Iterable[str]:
        """The import roots to try for a module, whose outermost package is ``top``: of those that
        all files share, the ones that hold something of that name."""
        seen = set()
        if importer is not None:
            folder = self._root_of(importer.folder)
            while True:
                seen.add(folder)
                yield folder
                if folder == self.root or len(folder) <= len(self.root):
                    break
                folder = os.path.dirname(folder)
        for folder in self._roots_with.get(top, ()):
            if folder not in seen:
                yield folder
        if top == os.path.basename(self.root):
            # The folder that is checked is itself the package, without an `__init__.py`.
            yield os.path.dirname(self.root)

    def _conventional_root(self, folder: str) -> str:
        known = self._conventional.get(folder)
        if known is not None:
            return known
        current = folder
        while (
            current != self.root
            and len(current) > len(self.root)
            and current not in self._anchors
            and "__init__.py" in self._entries(current)
        ):
            current = os.path.dirname(current)
        self._conventional[folder] = current
        return current

    def _find(self, root: str, name: str) -> str | None:
        key = (root, name)
        if key not in self._found:
            self._found[key] = self._module_at(os.path.join(root, *name.split(".")))
        return self._found[key]

    def _module_at(self, base: str) -> str | None:
        """The file (or namespace folder) that a module path without ending means."""
        folder, name = os.path.split(base)
        beside = self._entries(folder)
        is_folder = beside.get(name, False)
        if is_folder and "__init__.py" in self._entries(base):
            return os.path.join(base, "__init__.py")
        if f"{name}.py" in beside:
            return f"{base}.py"
        return base if is_folder and self._has_python(base) else None

    def _has_python(self, folder: str) -> bool:
        """Whether a folder can be a namespace package of this project."""
        return any(
            name.endswith(".py")
            or (is_folder and "__init__.py" in self._entries(os.path.join(folder, name)))
            for name, is_folder in self._entries(folder).items()
        )

    def _entries(self, folder: str) -> dict[str, bool]:
        """What lies in a folder, and whether each is a folder; nothing where it cannot be read.

        Looking a folder over once is cheaper than asking for every module that might be there.
        """
        if folder not in self._listed:
            self._listed[folder] = {}
            with suppress(OSError):
                found = disk.entries(folder)
                self._listed[folder] = {entry.name: entry.is_dir() for entry in found}
        return self._listed[folder]

    def _shown(self, path: str) -> str:
        relative = os.path.relpath(path, self._shown_base)
        shown = path if relative.startswith("..") else relative
        return Path(shown).as_posix()


def _dotted_below(path: str, root: str) -> str:
    relative = os.path.relpath(path, root)
    parts = relative.removesuffix(".py").split(os.sep)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(part for part in parts if part not in ("..", "."))
