"""The only way to the files of a project, to its folders and to the environment.

What is looked at is remembered (`recording`), so that a later run can tell whether it would see the
same without looking at it again. This includes what is not there. Outside a recording, everything
is asked of the file system each time.

Imports next to nothing: it is all that a run needs where nothing has changed.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from celerylint.questions import Question

    Signature = tuple[int, int, int]
    Known = tuple[int, int, int, str]

# A `Signature` is when a file or folder changed last, in nanoseconds and twice (what is in it, what
# is said of it), and its size. Something else with the same signature is possible only within one
# tick of the file system's clock. `Known` has a digest besides: of the content of a file, empty
# where all that was asked of it was answered with no; or of what lies in a folder.

TICK = 2_000_000_000
"""The longest tick, in nanoseconds: FAT counts every other second."""

# The contents of so many bytes are kept, so that nothing is read twice.
_MOST_KEPT = 50_000_000
# Coming and going of these says nothing.
_OF_NO_INTEREST = frozenset({"__pycache__", ".celerylint_cache"})


class Index:
    """What an earlier run knew of files, by absolute path: those that are as they were then need
    not be read.

    ``questions`` are the names of what all files without a digest answered with no. ``since`` is
    when that run began, in nanoseconds.
    """

    def __init__(
        self,
        files: Mapping[str, Known] | None = None,
        questions: frozenset[str] = frozenset(),
        since: int = 0,
    ) -> None:
        self.questions = questions
        self._files = files or {}
        self._since = since

    def known(self, path: str) -> Known | None:
        """What was known of a file, if it is as it was."""
        known = self._files.get(path)
        if known is None or is_recent(known, self._since):
            return None
        try:
            return known if signature_of(os.stat(path)) == tuple(known[:3]) else None
        except OSError:
            return None


class Seen:
    """Everything that was looked at, by absolute path."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.files: dict[str, Known] = {}
        self.folders: dict[str, Known] = {}
        self.kinds: dict[str, str] = {}
        self.environment: dict[str, str | None] = {}
        self.questions: set[str] = set()
        """The names of all that was asked"""
        self.is_complete = True
        """False where something could not be read: nobody can tell then whether it changes"""
        self.files_read = 0
        self.bytes_read = 0
        self._kept: dict[str, bytes] = {}
        self._known: dict[str, Known | None] = {}

    def known(self, path: str) -> Known | None:
        """What is known of a file that has not been read, from an earlier run."""
        if path not in self._known:
            self._known[path] = self.index.known(path) if path not in self.files else None
        return self._known[path]

    def content(self, path: str) -> bytes:
        kept = self._kept.get(path)
        if kept is not None:
            return kept
        try:
            signature, data = _read(path)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            kind(path)
            raise
        except OSError:
            self.is_complete = False
            raise
        self.files_read += 1
        self.bytes_read += len(data)
        if self.bytes_read <= _MOST_KEPT:
            self._kept[path] = data
        if path not in self.files:
            self.files[path] = (*signature, "")
        return data


_seen: Seen | None = None


@contextmanager
def recording(index: Index | None = None) -> Iterator[Seen]:
    """Remember what is looked at from here on."""
    global _seen
    before, _seen = _seen, Seen(index or Index())
    try:
        yield _seen
    finally:
        _seen = before


def read(path: str) -> bytes:
    """The content of a file. Raises `OSError`."""
    if _seen is None:
        return _read(path)[1]
    data = _seen.content(path)
    changed, entry_changed, size, digest = _seen.files[path]
    if not digest:
        _seen.files[path] = (changed, entry_changed, size, digest_of(data))
    return data


def digest(path: str) -> str:
    """The digest of a file's content. Raises `OSError`."""
    if _seen is None:
        return digest_of(read(path))
    known = _seen.known(path)
    if known is not None and known[3]:
        _seen.files[path] = known
    else:
        read(path)
    return _seen.files[path][3]


def says(path: str, question: Question) -> bool:
    """Whether the content of a file answers a question with yes. Raises `OSError`.

    A file that answers all questions with no may change as long as it goes on to do so: so ask,
    rather than `read` and look.
    """
    if _seen is None:
        return question.ask(read(path))
    _seen.questions.add(question.name)
    known = _seen.known(path)
    if known is not None and not known[3] and question.name in _seen.index.questions:
        _seen.files[path] = known
        return False
    answer = question.ask(_seen.content(path))
    if answer:
        read(path)
    return answer


def entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder. Raises `OSError`."""
    try:
        signature = signature_of(os.stat(folder))
        with os.scandir(folder) as listing:
            found = list(listing)
    except (FileNotFoundError, NotADirectoryError):
        kind(folder)
        raise
    except OSError:
        if _seen is not None:
            _seen.is_complete = False
        raise
    if _seen is not None and folder not in _seen.folders:
        _seen.folders[folder] = (*signature, digest_of_listing(found))
    return found


def names(folder: str) -> list[str]:
    """The names of what lies in a folder; none where it cannot be looked into."""
    try:
        return [entry.name for entry in entries(folder)]
    except OSError:
        return []


def matches(folder: str, pattern: str) -> list[str]:
    """The paths below a folder that a pattern such as ``settings/*.py`` matches, in order."""
    from fnmatch import filter as matching

    found = [folder]
    for part in pattern.split("/"):
        is_pattern = any(special in part for special in "*?[")
        found = [
            os.path.join(inner, name)
            for inner in found
            for name in (sorted(matching(names(inner), part)) if is_pattern else (part,))
            if part.startswith(".") or not name.startswith(".")
        ]
    return [path for path in found if exists(path)]


def kind(path: str) -> str:
    """ "file", "folder" or "other", links followed; "link" for one that leads nowhere; empty where
    there is nothing."""
    found = kind_of(path)
    if _seen is not None:
        _seen.kinds[path] = found
    return found


def exists(path: str) -> bool:
    return kind(path) not in ("", "link")


def is_file(path: str) -> bool:
    return kind(path) == "file"


def is_folder(path: str) -> bool:
    return kind(path) == "folder"


def environment(name: str) -> str | None:
    """An environment variable; None where it is not set."""
    value = os.environ.get(name)
    if _seen is not None:
        _seen.environment[name] = value
    return value


def give_up() -> None:
    """What is done now depends on things that nobody can compare."""
    if _seen is not None:
        _seen.is_complete = False


# For those who compare: the same, unseen


def is_recent(known: Known, since: int) -> bool:
    """Whether something changed so late that it may have changed once more within the tick."""
    return max(known[0], known[1]) >= since - TICK


def kind_of(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return "link" if os.path.islink(path) else ""
    return {0o100000: "file", 0o040000: "folder"}.get(mode & 0o170000, "other")


def signature_of(status: os.stat_result) -> Signature:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size


def digest_of(data: bytes) -> str:
    from hashlib import blake2b  # not needed where nothing has changed

    return blake2b(data, digest_size=16).hexdigest()


def digest_of_listing(found: list[os.DirEntry[str]]) -> str:
    """Of the names of entries, which of them are folders, and where links lead."""
    lines = []
    for entry in found:
        if entry.is_symlink():
            lines.append(f"{entry.name}\0{os.readlink(entry.path)}")
        elif entry.name not in _OF_NO_INTEREST:
            lines.append(f"{entry.name}{'/' * entry.is_dir(follow_symlinks=False)}")
    return digest_of("\n".join(sorted(lines)).encode("utf-8", "surrogateescape"))


def _read(path: str) -> tuple[Signature, bytes]:
    with open(path, "rb", buffering=0) as file:
        # First, so that a change meanwhile counts as one since.
        signature = signature_of(os.fstat(file.fileno()))
        return signature, file.read()
