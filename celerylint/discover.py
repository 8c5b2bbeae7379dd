"""Find the files of a project that matter: its own Python code, without its tests.

Folders are walked from the top down, and one that does not matter is never entered. What is left
out is counted by reason, so that nothing goes missing in silence.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from celerylint import disk
from celerylint.gitignore import GitIgnore, IgnorePatterns

Reason = Literal[
    "tests",
    "vendored",
    "generated",
    "templates",
    "excluded",
    "ignored by git",
    "symbolic links",
    "not Python",
]
"""Why something was left out. "symbolic links" are those that lead out of the project."""

DEFAULT_TEST_PATHS = (
    "tests/",
    "tests_*/",
    "*_tests/",
    "*-tests/",
    "unittests/",
    "fixtures/",
    "test_*.py",
    "*_test.py",
    "*_tests.py",
    "tests.py",
    "conftest.py",
    "**/settings/test.py",
    "**/settings/testing.py",
)
"""What counts as tests unless the project says otherwise, besides `_NEEDS_EVIDENCE`."""

# Real applications are called "test" (an examination, a scan) and "testing". Such a folder holds
# tests where test modules lie in it. tests.py proves nothing: `startapp` puts one in every app.
_NEEDS_EVIDENCE = frozenset({"test", "testing"})
_EVIDENCE = IgnorePatterns(["test_*.py", "*_test.py", "conftest.py"])

_ENVIRONMENTS = frozenset({"venv", "site-packages", "node_modules", "__pypackages__"})
_ENVIRONMENT_MARKERS = frozenset({"pyvenv.cfg", "conda-meta"})

_VENDORED = frozenset({"vendor", "vendored", "_vendor", "third_party"})
# A marketplace has an application "vendor"; copied libraries lie in folders of their own.
_APPLICATION_MODULES = frozenset({"apps.py", "models.py", "tasks.py", "views.py"})

_BUILD_OUTPUT = frozenset({"build", "dist"})
# Build tools write beside these files. Anywhere else "build" is a package like any other.
_BUILD_FILES = frozenset({"pyproject.toml", "setup.cfg", "setup.py"})
_GENERATED = IgnorePatterns(["*.egg-info/", "*_pb2.py", "*_pb2_grpc.py"])

_REPOSITORY_MARKERS = (".git", ".hg")
_PROJECT_MARKERS = ("pyproject.toml", "setup.cfg", "setup.py", "manage.py")


class DiscoverError(Exception):
    """The given paths cannot be checked; the message says why and what to do."""


_DEPLOYMENT_NAMES = re.compile(
    r"[^.]+"  # Procfile, Makefile, Dockerfile, and scripts without an ending
    r"|.*\.(?:ya?ml|sh|bash|service|conf|ini|supervisor|supervisord|mk|dockerfile|env)"
    r"|(?:.*[._-])?(?:docker|container|proc|make)file(?:[._-].*)?"
    r"|pyproject\.toml|package\.json|env[._-].*",
    re.IGNORECASE,
)
"""The files that may say how something is started, by name; what is in them tells."""

_NEVER_DEPLOYMENT = frozenset({"LICENSE", "COPYING", "AUTHORS", "CHANGELOG", "README", "NOTICE"})

_OF_DEVELOPMENT = """
    override dev devel develop developer development devcontainer local localdev localhost example
    examples sample samples demo test tests testing unittest unittests ci cicd e2e debug doc docs
"""
DEFAULT_DEVELOPMENT_PATHS = tuple(
    pattern
    for word in _OF_DEVELOPMENT.split()
    for pattern in (word, f"{word}[._-]*", f"*[._-]{word}", f"*[._-]{word}[._-]*")
)
"""What of the deployment files is not for production, unless the project says otherwise: those with
such a word as part of their name, or of the name of a folder they lie in."""


class SourceFile(msgspec.Struct, frozen=True):
    """A file to read.

    ``path`` is as shown to people: relative to the current directory where it lies under it, with
    forward slashes. ``kind`` is "deployment" for one that may say how workers are started.
    """

    path: str
    absolute: str
    kind: Literal["python", "deployment"] = "python"


class UnreadablePath(msgspec.Struct, frozen=True):
    """A folder, file or ignore file that could not be looked at, and why."""

    path: str
    reason: str


class Discovery(msgspec.Struct):
    """What was found, each list in order of path.

    ``root`` is the absolute path of the project, see `find_root`. ``skipped`` counts what was
    left out: Python files, and folders that were not entered, each of them as one. Hidden files
    and folders and ``__pycache__`` are not counted. ``deployment`` are the files that may say how
    workers are started, of the whole project: they usually lie beside the code. ``development``
    are the patterns of those that are not for production.
    """

    root: str
    files: list[SourceFile]
    tests: list[SourceFile]
    skipped: dict[Reason, int]
    unreadable: list[UnreadablePath]
    deployment: list[SourceFile] = []
    development: tuple[str, ...] = DEFAULT_DEVELOPMENT_PATHS

    def is_development(self, path: str) -> bool:
        """Whether what a file (absolute path) starts is not for production."""
        return _is_below(
            _compiled(self.development), os.path.relpath(path, self.root).replace(os.sep, "/")
        )


@cache
def _compiled(patterns: tuple[str, ...]) -> IgnorePatterns:
    return IgnorePatterns(patterns)


def discover(
    paths: Sequence[Path],
    *,
    root: str | None = None,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    test_paths: Sequence[str] | None = None,
    development: Sequence[str] | None = None,
) -> Discovery:
    """The Python files of one or more files and folders, and the deployment files of the project.

    A file that is given is always taken, and a folder that is given always entered: only what
    lies below it is judged. ``root`` is the absolute path of the project, by default what
    `find_root` says. ``exclude`` and ``test_paths`` are patterns as in a ``.gitignore``
    file at the root of the project; ``test_paths`` replaces the default ones, and ``development``
    those of deployment files that are not for production. ``include`` names
    files and folders, relative to the root, that are treated as if they had been given too, where
    they lie below a path that was.

    Raises `DiscoverError` where a path does not exist or cannot be read, and where nothing at all
    is left to check.
    """
    given = [_existing(path) for path in paths]
    root = find_root(paths) if root is None else root
    for name in include:
        path = os.path.join(root, os.path.normpath(name))
        if not disk.exists(path):
            raise DiscoverError(f"include: there is no {name} in {_shown(root)}")
        if any(_lies_in(path, other) for other in given):
            given.append(path)

    search = _Search(root, exclude, test_paths)
    # A folder within another one comes first: what it was given for decides.
    for path in sorted(given, key=len, reverse=True):
        if disk.is_folder(path):
            search.add_folder(path)
        else:
            search.add_file(path)
    search.follow_links()
    discovery = search.result()
    discovery.deployment = _deployment(search, root, exclude)
    if development is not None:
        discovery.development = tuple(development)
    if not discovery.files and not discovery.unreadable:
        raise DiscoverError(_nothing_found(paths, discovery.skipped))
    return discovery


def _deployment(search: _Search, root: str, exclude: Sequence[str]) -> list[SourceFile]:
    """The deployment files below the root, and those among what was given."""
    found = dict.fromkeys(search.deployment)
    if root not in search.given_folders:
        beside = _Search(root, exclude, None)
        with contextlib.suppress(DiscoverError):  # the root itself cannot be read
            beside.add_folder(root)
        found.update(dict.fromkeys(beside.deployment))
    here = os.getcwd()
    files = [
        SourceFile(_relative_to(here, path), path, "deployment")
        for path in found
        if _is_printable(path)
    ]
    return sorted(files, key=lambda file: file.path)


def _is_below(patterns: IgnorePatterns, path: str) -> bool:
    """Whether a file, or a folder it lies in, matches."""
    parts = path.split("/")
    return any(
        patterns.decide("/".join(parts[:size]), is_folder=size < len(parts))
        for size in range(1, len(parts) + 1)
    )


def find_root(paths: Sequence[Path]) -> str:
    """The absolute path of the project that one or more paths belong to.

    That is the repository they lie in; else the nearest folder upwards with a file that marks a
    project; else the folder that they have in common, or the one above the outermost package
    that this is in.
    """
    absolute = [_absolute(path) for path in paths]
    folders = [path if disk.is_folder(path) else os.path.dirname(path) for path in absolute]
    try:
        common = os.path.commonpath(folders)
    except ValueError:
        raise DiscoverError("the paths lie on different drives: check them one by one") from None
    marked = _nearest(common, _REPOSITORY_MARKERS) or _nearest(common, _PROJECT_MARKERS)
    return marked or _outside_packages(common)


def _outside_packages(folder: str) -> str:
    while disk.is_file(os.path.join(folder, "__init__.py")):
        folder = os.path.dirname(folder)
    return folder


class _Folder(msgspec.Struct, frozen=True):
    """A folder to look into.

    ``git`` holds the ignore files above it. ``reason`` is why nothing in it is production, if so.
    ``maybe_tests`` is the folder at or above it that holds tests if evidence turns up.
    """

    path: str
    git: GitIgnore
    reason: Reason | None = None
    maybe_tests: str | None = None


class _Search:
    """Collects what lies below one root."""

    def __init__(self, root: str, exclude: Sequence[str], test_paths: Sequence[str] | None) -> None:
        self._root = root
        self._base = len(os.path.join(root, ""))
        self._exclude = IgnorePatterns(exclude)
        self._tests = IgnorePatterns(DEFAULT_TEST_PATHS if test_paths is None else test_paths)
        self._needs_evidence = _NEEDS_EVIDENCE if test_paths is None else frozenset[str]()
        self.given_folders: set[str] = set()
        self.deployment: list[str] = []
        """The absolute paths of files that may say how workers are started"""
        self._found: dict[str, str | None] = {}  # path to the folder that may prove to be tests
        self._links: dict[str, str | None] = {}
        self._left_out: dict[str, Reason] = {}
        self._proven_tests: set[str] = set()
        self._unreadable: dict[str, str] = {}

    def add_file(self, path: str) -> None:
        """Take a file that was given."""
        if path.endswith(".py"):
            self._found[path] = None
        else:
            self._left_out[path] = "not Python"

    def add_folder(self, path: str) -> None:
        """Take what counts in a folder that was given."""
        self.given_folders.add(path)
        try:
            git = GitIgnore.above(path, self._root)
        except OSError as error:
            self._note_unreadable(error)
            git = GitIgnore()
        try:
            folders = self._look_into(_Folder(path, git), is_given=True)
        except OSError as error:
            raise DiscoverError(f"cannot read {_shown(path)}: {error.strerror}") from None
        while folders:
            folder = folders.pop()
            try:
                folders += self._look_into(folder)
            except OSError as error:
                self._note_unreadable(error)

    def follow_links(self) -> None:
        """Take the Python files behind symbolic links that lie in the project and were not found
        under their own names."""
        real_root = os.path.realpath(self._root)
        targets = set(self._found)
        for link, maybe_tests in sorted(self._links.items()):
            target = os.path.realpath(link)
            if not disk.exists(target):
                continue
            if not _lies_in(target, real_root):
                self._left_out[link] = "symbolic links"
                continue
            path = os.path.join(self._root, os.path.relpath(target, real_root))
            if disk.is_file(target) and path not in targets:
                targets.add(path)
                self._found[link] = maybe_tests

    def result(self) -> Discovery:
        """Everything collected so far."""
        left_out = dict(self._left_out)
        files = []
        for path, maybe_tests in self._found.items():
            if maybe_tests in self._proven_tests:
                left_out[path] = "tests"
            else:
                files.append(path)
        # It may have been left out of another folder that was given.
        for path in (*files, *self.given_folders):
            left_out.pop(path, None)
        tests = [path for path, reason in left_out.items() if reason == "tests"]
        return Discovery(
            root=self._root,
            files=self._source_files(files),
            tests=self._source_files(tests),
            skipped=dict(sorted(Counter(left_out.values()).items())),
            unreadable=[
                UnreadablePath(_shown(path), reason)
                for path, reason in sorted(self._unreadable.items())
            ],
        )

    def _look_into(self, folder: _Folder, *, is_given: bool = False) -> list[_Folder]:
        """Take the files of a folder and return the folders in it that are to be looked into."""
        entries = disk.entries(folder.path)
        names = {entry.name for entry in entries}
        if not is_given:
            if not names.isdisjoint(_ENVIRONMENT_MARKERS):
                self._left_out[folder.path] = "vendored"
                return []
            folder = self._judged(folder, names)
        git = folder.git
        if not names.isdisjoint({".git", ".gitignore"}):
            try:
                git = git.within(folder.path)
            except OSError as error:
                self._note_unreadable(error)
        in_project_folder = not names.isdisjoint(_BUILD_FILES)

        inner: list[_Folder] = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            if entry.is_dir(follow_symlinks=False):
                reason = self._reason_not_to_enter(entry, git, in_project_folder)
                if reason is None:
                    inner.append(_Folder(entry.path, git, folder.reason, folder.maybe_tests))
                else:
                    self._left_out[entry.path] = reason
            elif entry.name.endswith(".py"):
                self._judge_file(entry, folder, git)
            elif entry.is_symlink() and disk.is_folder(entry.path):
                self._links[entry.path] = None
            elif folder.reason is None and self._may_deploy(entry, git):
                self.deployment.append(entry.path)
        return inner

    def _judged(self, folder: _Folder, names: set[str]) -> _Folder:
        """The folder with what its own name and the names in it say about it."""
        if folder.reason is not None:
            return folder
        name = os.path.basename(folder.path)
        reason: Reason | None = None
        maybe_tests = folder.maybe_tests
        if "{{" in name or "{%" in name:
            reason = "templates"
        elif name in _VENDORED and names.isdisjoint(_APPLICATION_MODULES):
            reason = "vendored"
        elif self._tests.decide(self._relative(folder.path), is_folder=True):
            reason = "tests"
        elif name in self._needs_evidence:
            maybe_tests = maybe_tests or folder.path
        return _Folder(folder.path, folder.git, reason, maybe_tests)

    def _reason_not_to_enter(
        self, entry: os.DirEntry[str], git: GitIgnore, in_project_folder: bool
    ) -> Reason | None:
        if entry.name in _ENVIRONMENTS:
            return "vendored"
        if _GENERATED.decide(entry.name, is_folder=True):
            return "generated"
        if entry.name in _BUILD_OUTPUT and in_project_folder:
            is_package = disk.exists(os.path.join(entry.path, "__init__.py"))
            if not is_package:
                return "generated"
        return self._reason_asked_for(entry.path, git, is_folder=True)

    def _judge_file(self, entry: os.DirEntry[str], folder: _Folder, git: GitIgnore) -> None:
        reason = self._reason_asked_for(entry.path, git, is_folder=False) or folder.reason
        if reason is None and _GENERATED.decide(entry.name, is_folder=False):
            reason = "generated"
        if reason is None and self._tests.decide(self._relative(entry.path), is_folder=False):
            reason = "tests"
            if folder.maybe_tests and _EVIDENCE.decide(entry.name, is_folder=False):
                self._proven_tests.add(folder.maybe_tests)

        if reason is not None:
            self._left_out[entry.path] = reason
        elif entry.is_symlink():
            self._links[entry.path] = folder.maybe_tests
        elif entry.is_file():
            self._found.setdefault(entry.path, folder.maybe_tests)

    def _may_deploy(self, entry: os.DirEntry[str], git: GitIgnore) -> bool:
        return (
            _DEPLOYMENT_NAMES.fullmatch(entry.name) is not None
            and entry.name not in _NEVER_DEPLOYMENT
            and entry.is_file()
            and self._reason_asked_for(entry.path, git, is_folder=False) is None
        )

    def _reason_asked_for(self, path: str, git: GitIgnore, *, is_folder: bool) -> Reason | None:
        if self._exclude.decide(self._relative(path), is_folder=is_folder):
            return "excluded"
        if git.ignores(path, is_folder=is_folder):
            return "ignored by git"
        return None

    def _relative(self, path: str) -> str:
        return path[self._base :].replace(os.sep, "/")

    def _source_files(self, paths: Iterable[str]) -> list[SourceFile]:
        here = os.getcwd()
        files = []
        for path in paths:
            if _is_printable(path):
                files.append(SourceFile(_relative_to(here, path), path))
            else:
                self._unreadable[path] = "its name is not valid UTF-8"
        return sorted(files, key=lambda file: file.path)

    def _note_unreadable(self, error: OSError) -> None:
        self._unreadable[str(error.filename)] = error.strerror or str(error)


def _absolute(path: Path) -> str:
    try:
        return os.path.normpath(os.path.join(os.getcwd(), path))
    except FileNotFoundError:
        raise DiscoverError("the current directory is gone: change to one that exists") from None


def _existing(path: Path) -> str:
    absolute = _absolute(path)
    try:
        os.stat(absolute)
    except (FileNotFoundError, NotADirectoryError):
        hint = _similar(absolute)
        raise DiscoverError(f"no such file or folder: {_shown(absolute)}{hint}") from None
    except OSError as error:
        raise DiscoverError(f"cannot read {_shown(absolute)}: {error.strerror}") from None
    disk.kind(absolute)
    return absolute


def _similar(path: str) -> str:
    """A hint at what a path that does not exist may have been meant to be."""
    import difflib

    folder, name = os.path.split(path)
    below: list[str] = []
    while name and not os.path.isdir(folder):
        below.insert(0, name)
        folder, name = os.path.split(folder)
    try:
        close = difflib.get_close_matches(name, os.listdir(folder), n=1)
    except OSError:
        return ""
    if not close:
        return ""
    whole = os.path.join(folder, close[0], *below)
    likely = whole if os.path.exists(whole) else os.path.join(folder, close[0])
    return f"; did you mean {_shown(likely)}?"


def _nothing_found(paths: Sequence[Path], skipped: dict[Reason, int]) -> str:
    where = ", ".join(_shown(_absolute(path)) for path in paths)
    message = f"no Python files (*.py) to check in {where}"
    if not skipped:
        return message
    counts = ", ".join(f"{count} {reason}" for reason, count in skipped.items())
    remedy = " (to check one of them, name it)" if skipped.keys() - {"not Python"} else ""
    return f"{message}; left out: {counts}{remedy}"


def _nearest(folder: str, markers: Iterable[str]) -> str | None:
    """The nearest folder, upwards from and with the given one, that holds a marker."""
    for candidate in map(str, (Path(folder), *Path(folder).parents)):
        if any(disk.exists(os.path.join(candidate, marker)) for marker in markers):
            return candidate
    return None


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _shown(path: str) -> str:
    """An absolute path as shown to people, also where its name is not valid UTF-8."""
    return _relative_to(os.getcwd(), path).encode("utf-8", "backslashreplace").decode("utf-8")


def _relative_to(folder: str, path: str) -> str:
    """With forward slashes; an absolute path stays absolute where it is not in the folder."""
    if path == folder:
        return "."
    return path.removeprefix(os.path.join(folder, "")).replace(os.sep, "/")


def _is_printable(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
