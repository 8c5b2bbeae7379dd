"""What git ignores, told without git.

This is ``gitignore(5)`` as git's ``dir.c`` and ``wildmatch.c`` read it, for a walk from the top
down: patterns are asked about one entry at a time, and whoever walks does not enter a folder that
is ignored. The tests compare it with ``git check-ignore`` on generated trees. A user's own
``core.excludesFile`` is left alone, so that everybody gets the same result.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from celerylint import disk

_Matcher = Callable[[str], "re.Match[str] | None"]

_FOLDER = "\0"
"""Stands after the name of a folder, so that one expression can tell folders from files: no name
can contain it."""

_ANY = "[^/\0]"

_POSIX_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}

_BRACKET_MEMBER = re.compile(
    r"\[:([^\]]*):\]|(\\.|[^\\])(?:-(\\.|[^\]\\]))?",
    re.DOTALL,
)


class IgnorePatterns:
    """The patterns of one ignore file, relative to the folder they apply to."""

    def __init__(self, lines: Iterable[str]) -> None:
        # Patterns that follow one another and agree in sign need no order among themselves, so
        # each such run becomes two expressions: one for names, one for paths.
        runs: list[tuple[bool, list[str], list[str]]] = []  # ignores, names, paths
        for line in lines:
            pattern = _trimmed(line)
            if not pattern or pattern.startswith("#"):
                continue
            ignores = not pattern.startswith("!")
            expression, is_path = _translate(pattern if ignores else pattern[1:])
            if expression is None:
                continue
            if not runs or runs[-1][0] is not ignores:
                runs.append((ignores, [], []))
            _, names, paths = runs[-1]
            (paths if is_path else names).append(expression)
        self._runs = [
            (ignores, _alternatives(names), _alternatives(paths))
            for ignores, names, paths in reversed(runs)
        ]

    def decide(self, path: str, *, is_folder: bool) -> bool | None:
        """True: ignored; False: taken back by a ``!`` pattern; None: no pattern speaks of it.

        ``path`` is relative to the folder the patterns apply to, with forward slashes.
        """
        name = path[path.rfind("/") + 1 :]
        if is_folder:
            path += _FOLDER
            name += _FOLDER
        for ignores, matches_name, matches_path in self._runs:
            if matches_name and matches_name(name):
                return ignores
            if matches_path and matches_path(path):
                return ignores
        return None


class GitIgnore:
    """The ignore files in force in one folder: its own and those above it, in one repository."""

    def __init__(self, above: tuple[tuple[int, IgnorePatterns], ...] = ()) -> None:
        # Each with the length of the path of the folder it applies to, with its slash; those
        # that decide come last.
        self._rules = above

    @classmethod
    def above(cls, folder: str, top: str) -> GitIgnore:
        """What is in force around a folder, from its repository's root, or else from ``top``,
        down. Raises `OSError` for an ignore file that cannot be read."""
        around: list[str] = []
        for outer in map(str, (Path(folder), *Path(folder).parents)):
            around.append(outer)
            if outer == top or disk.exists(os.path.join(outer, ".git")):
                break
        rules = cls()
        for outer in reversed(around[1:]):
            rules = rules.within(outer)
        return rules

    def within(self, folder: str) -> GitIgnore:
        """What is in force in a folder that lies in the present one.

        A repository within a repository obeys only itself. Raises `OSError` for an ignore file
        that cannot be read.
        """
        base = len(os.path.join(folder, ""))
        rules = self._rules
        git = _git_directory(folder)
        if git is not None:
            # The worktrees of a repository share its directory (gitrepository-layout(5)).
            common = _read(os.path.join(git, "commondir")) or "."
            excluded = _read(os.path.join(git, common.strip(), "info", "exclude"))
            rules = ((base, parse_ignore_file(excluded)),) if excluded else ()
        ignored = _read(os.path.join(folder, ".gitignore"))
        if ignored:
            rules = (*rules, (base, parse_ignore_file(ignored)))
        return GitIgnore(rules)

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether git ignores an entry of the folder, given by its absolute path."""
        for base, patterns in reversed(self._rules):
            relative = path[base:].replace(os.sep, "/")
            decision = patterns.decide(relative, is_folder=is_folder)
            if decision is not None:
                return decision
        return False


def parse_ignore_file(text: str) -> IgnorePatterns:
    """The patterns in the text of a ``.gitignore`` file."""
    lines = text.removeprefix("\ufeff").split("\n")
    return IgnorePatterns(line.removesuffix("\r") for line in lines)


def _git_directory(folder: str) -> str | None:
    """Where git keeps its data on the repository whose root is ``folder``; None where it is not
    the root of one. In worktrees and submodules a file leads there."""
    path = os.path.join(folder, ".git")
    if disk.is_folder(path):
        return path
    pointer = _read(path)
    if pointer is None:
        return None
    return os.path.join(folder, pointer.removeprefix("gitdir:").strip())


def _read(path: str) -> str | None:
    """The text of a file; None where there is no such file."""
    try:
        return disk.read(path).decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _alternatives(expressions: list[str]) -> _Matcher | None:
    if not expressions:
        return None
    return re.compile("|".join(expressions), re.DOTALL).fullmatch


def _trimmed(line: str) -> str:
    """Without trailing blanks, except one that a backslash protects."""
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    if backslashes % 2 and stripped != line:
        return stripped + " "
    return stripped


def _translate(pattern: str) -> tuple[str | None, bool]:
    """A regular expression for a pattern, and whether it is about paths rather than names.

    It is None where git would never match.
    """
    end = f"{_FOLDER}?"
    if pattern.endswith("/"):
        pattern, end = pattern[:-1], _FOLDER
    expression = _translate_glob(pattern.removeprefix("/"))
    return (expression + end if expression else None), "/" in pattern


def _translate_glob(glob: str) -> str | None:
    parts: list[str] = []
    position = 0
    while position < len(glob):
        character = glob[position]
        if character == "*":
            position, expression = _translate_stars(glob, position)
        elif character == "?":
            position, expression = position + 1, _ANY
        elif character == "[":
            bracket = _translate_bracket(glob, position + 1)
            if bracket is None:
                return None
            position, expression = bracket
        elif character == "\\":
            if position + 1 == len(glob):
                return None
            position, expression = position + 2, re.escape(glob[position + 1])
        else:
            position, expression = position + 1, re.escape(character)
        parts.append(expression)
    return "".join(parts)


def _translate_stars(glob: str, start: int) -> tuple[int, str]:
    """The stars at ``start``: where they end, and an expression.

    Two or more mean any number of folders, but only where they stand alone between slashes;
    anywhere else they mean what one star means.
    """
    end = start
    while glob[end : end + 1] == "*":
        end += 1
    alone = end - start > 1 and glob[start - 1 : start] in ("", "/")
    if alone and end == len(glob):
        return end, ".*"
    if alone and glob[end] == "/":
        return end + 1, "(?:.*/)?"
    return end, _ANY + "*"


def _translate_bracket(glob: str, position: int) -> tuple[int, str] | None:
    """The class whose ``[`` stands before ``position``: where it ends, and an expression.

    None where it is never closed or names an unknown ``[:class:]``; git matches nothing then.
    """
    negated = glob[position : position + 1] in ("!", "^")
    position += negated
    members: list[str] = []
    while not members or glob[position : position + 1] != "]":
        member = _BRACKET_MEMBER.match(glob, position)
        if member is None:
            return None
        position = member.end()
        posix, low, high = member.groups()
        if posix is not None:
            if posix not in _POSIX_CLASSES:
                return None
            members.append(_POSIX_CLASSES[posix])
        elif high is None or high[-1] < low[-1]:
            members.append(re.escape(low[-1]))
        else:
            members.append(f"{re.escape(low[-1])}-{re.escape(high[-1])}")
    return position + 1, f"(?={_ANY})[{'^' * negated}{''.join(members)}]"
