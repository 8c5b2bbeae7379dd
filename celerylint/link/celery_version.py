"""Which Celery version a project uses, read from its lock, requirements and project files.

This runs on every lint run, also where nothing else needs reading, so it parses as little as
it can: lock files are scanned for one package entry (over thirty times faster than parsing a
1 MB lock as TOML), and specifiers are read here because importing ``packaging.requirements``
costs more than all the rest, and knows nothing of Poetry's ``^`` and ``~``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from celerylint import disk


class CeleryVersion(msgspec.Struct, frozen=True):
    """The Celery version a project uses, and which file says so.

    ``value`` is the full version as found ("5.6.3", "5.6.0rc1"), or "5.6" where only the minor
    series is known; None where nothing decides it. ``source`` is "path:line", empty when
    unknown. ``note`` tells people why nothing was decided, and which files could not be read.
    """

    value: str | None
    source: str
    note: str = ""


def find_celery_version(start: Path, stop: Path | None = None) -> CeleryVersion:
    """The Celery version of the project that ``start``, a directory or a file in it, belongs to.

    Looks in that directory and upwards as far as the repository root (the directory that holds
    ``.git`` or ``.hg``) or ``stop``, whichever comes first. The nearest directory wins; within
    one, locks come before pinned requirements, and these before what the project declares. A
    minor series ("5.6") is refined by a full version of that series found later. Never raises
    for what is in the files.
    """
    directories = _upwards(start, stop)
    search = _Search(root=directories[-1])
    series: _Mention | None = None
    for directory in directories:
        for path, read in _sources(directory):
            decided = search.decide(list(read(path, search)))
            if decided is None or decided.version is None:
                continue
            if not _is_full(decided.version):
                series = series or decided
            elif series is None or _series(decided.version) == series.version:
                return search.result(decided)
    return search.result(series)


class _Mention(msgspec.Struct, frozen=True):
    """A place where a file asks for celery. ``version`` is the one full version or the one minor
    series it allows, None where it allows more; ``conditional`` when it holds only on some
    platforms or for those who ask for an extra."""

    path: Path
    line: int
    text: str
    version: str | None
    conditional: bool = False
    development: bool = False


class _Search:
    """What one search met on its way: the reasons it gives to people."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.undecided = ""
        self.unreadable: dict[str, None] = {}

    def text(self, path: Path) -> str:
        """The text of a file; empty, with a remark, when it cannot be read."""
        try:
            data = disk.read(str(path))
        except OSError as error:
            self.skip(path, error.strerror or str(error))
            return ""
        # PowerShell's `pip freeze > requirements.txt` writes UTF-16, and pip reads it.
        utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = data.decode("utf-16" if utf_16 else "utf-8-sig", errors="replace")
        return text.replace("\r\n", "\n") if "\r" in text else text

    def toml(self, path: Path, text: str) -> dict[str, Any]:
        """The TOML document in ``text``; empty, with a remark, when it is malformed."""
        import tomli

        try:
            return tomli.loads(text)
        except (ValueError, RecursionError) as error:
            self.skip(path, f"invalid TOML: {error}")
            return {}

    def json(self, path: Path, text: str) -> object:
        """The JSON document in ``text``; None, with a remark, when it is malformed."""
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            self.skip(path, f"invalid JSON: {error}")
            return None

    def skip(self, path: Path, reason: str) -> None:
        self.unreadable[f"{self.shown(path)} was skipped ({reason})"] = None

    def decide(self, mentions: Sequence[_Mention]) -> _Mention | None:
        """The mention that decides the version, of all those in one file and its includes."""
        for development in (False, True):
            for conditional in (False, True):
                pins = [
                    mention
                    for mention in mentions
                    if mention.version is not None
                    and mention.development == development
                    and mention.conditional == conditional
                ]
                if pins:
                    return self._agreed(pins)
        if mentions:
            first = mentions[0]
            self._leave_open(f'"{first.text}" ({self.place(first)}) does not settle one version')
        return None

    def _agreed(self, pins: Sequence[_Mention]) -> _Mention | None:
        by_version: dict[str, _Mention] = {}
        for pin in pins:
            if pin.version is not None:
                by_version.setdefault(pin.version, pin)
        full = [version for version in by_version if _is_full(version)]
        all_series = {_series(version) for version in by_version}
        if len(all_series) > 1:
            listed = " and ".join(
                f"{version} ({self.place(pin)})" for version, pin in by_version.items()
            )
            self._leave_open(f"celery is pinned to {listed}")
            return None
        if len(full) == 1:
            return by_version[full[0]]
        return msgspec.structs.replace(pins[0], version=all_series.pop())

    def _leave_open(self, reason: str) -> None:
        self.undecided = self.undecided or reason

    def result(self, mention: _Mention | None) -> CeleryVersion:
        if mention is not None:
            return CeleryVersion(mention.version, self.place(mention), "; ".join(self.unreadable))
        undecided = self.undecided or "no lock, requirements or project file asks for celery"
        return CeleryVersion(None, "", "; ".join([undecided, *self.unreadable]))

    def place(self, mention: _Mention) -> str:
        return f"{self.shown(mention.path)}:{mention.line}"

    def shown(self, path: Path) -> str:
        """Relative to the current directory when that is in the repository or above it."""
        current = Path.cwd()
        if current.is_relative_to(self.root) or self.root.is_relative_to(current):
            return Path(os.path.relpath(path, current)).as_posix()
        return path.as_posix()


_Reader = Callable[[Path, _Search], Iterator[_Mention]]


# Where to look


def _upwards(start: Path, stop: Path | None) -> list[Path]:
    nearest = Path(os.path.realpath(start))
    if not disk.is_folder(str(nearest)):
        nearest = nearest.parent
    last = os.path.realpath(stop) if stop is not None else None
    directories = []
    for directory in (nearest, *nearest.parents):
        directories.append(directory)
        is_repository = any(disk.exists(str(directory / mark)) for mark in (".git", ".hg"))
        if is_repository or str(directory) == last:
            break
    return directories


def _sources(directory: Path) -> Iterator[tuple[Path, _Reader]]:
    """The files of a directory that may tell the version, most telling first."""
    names = _file_names(directory)
    yield from _present(directory, names, _LOCKS)
    for name in sorted(names):
        if re.fullmatch(r"pylock\.[^.]+\.toml", name):  # PEP 751: one lock per named environment
            yield directory / name, _package_tables
    requirements = _requirements_files(directory, names)
    for path in requirements:
        if not _is_development(path.stem):
            yield path, _requirements
    yield from _present(directory, names, _DECLARATIONS)
    for path in requirements:
        if _is_development(path.stem):
            yield path, _requirements


def _present(
    directory: Path, names: set[str], readers: dict[str, _Reader]
) -> Iterator[tuple[Path, _Reader]]:
    return ((directory / name, read) for name, read in readers.items() if name in names)


def _requirements_files(directory: Path, names: set[str]) -> list[Path]:
    """requirements*.txt, requirements/*.txt and the like: production before others, constraints
    last, for a requirement says more than a constraint on it."""
    paths = [directory / name for name in names if re.search("requirements|constraints", name)]
    for name in _REQUIREMENTS_FOLDERS:
        folder = directory / name
        paths += [folder / name for name in _file_names(folder)]

    def rank(path: Path) -> tuple[bool, bool, str]:
        words = _words(path.stem)
        is_production = path.stem == "requirements" or bool(words & _PRODUCTION_WORDS)
        return "constraints" in words, not is_production, path.as_posix()

    return sorted((path for path in paths if path.suffix == ".txt"), key=rank)


def _file_names(directory: Path) -> set[str]:
    try:
        return {entry.name for entry in disk.entries(str(directory)) if entry.is_file()}
    except OSError:
        return set()


_REQUIREMENTS_FOLDERS = ("requirements", "dependencies", "dependencies/pip", "deps", "reqs")
_PRODUCTION_WORDS = {"prod", "production", "deploy", "main", "default", "base"}
_DEVELOPMENT_WORDS = {
    *("dev", "devel", "develop", "development", "local", "debug"),
    *("test", "tests", "testing", "ci", "lint", "linting", "typing", "bench", "benchmark"),
    *("doc", "docs", "documentation", "readthedocs"),
}


def _is_development(name: str) -> bool:
    return bool(_words(name) & _DEVELOPMENT_WORDS)


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.lower()))


# Locks

# A literal first character lets the expression engine skip ahead; `^` is tried at every one.
_LOCKED_NAME = re.compile(r"""\nname[ \t]*=[ \t]*["']celery["'][ \t]*(?=\n)""")
_LOCKED_VERSION = re.compile(r"""^version\s*=\s*["']([^"'\n]*)["']""", re.M)
_LOCKED_MARKER = re.compile(r"^(?:resolution-markers|markers?)\s*=", re.M)


def _package_tables(path: Path, search: _Search) -> Iterator[_Mention]:
    """uv.lock, poetry.lock, pdm.lock (``[[package]]``) and pylock.toml (``[[packages]]``).

    Their writers put every table header and every key of a table at the start of a line, and
    nothing else there that looks like one, so a scan finds what a TOML parser would.
    """
    text = search.text(path)
    for name in _LOCKED_NAME.finditer(text):
        begin = text.rfind("\n[", 0, name.start()) + 1
        end = text.find("\n[", name.end())
        block = text[begin : end if end >= 0 else len(text)]
        if not re.match(r"\[\[packages?\]\]", block):
            continue
        versions = _LOCKED_VERSION.findall(block)
        yield _Mention(
            path,
            line=_line_at(text, name.start() + 1),
            text="celery",
            # None is a package built from a directory; two are an unresolved merge.
            version=_settled(f"=={versions[0]}") if len(versions) == 1 else None,
            conditional=_LOCKED_MARKER.search(block) is not None,
        )


def _pipfile_lock(path: Path, search: _Search) -> Iterator[_Mention]:
    text = search.text(path)
    if "celery" not in text:
        return
    for category, packages in _table(search.json(path, text)).items():
        entry = _table(packages).get("celery")
        if entry is None:
            continue
        found = re.compile(rf'"{re.escape(category)}"\s*:.*?"celery"\s*:', re.S).search(text)
        line = _line_at(text, found.end()) if found else 1
        development = category == "develop" or _is_development(category)
        yield _pinned_in_table(path, line, entry, development=development)


# Requirements files

_REQUIREMENTS_LINE = re.compile(
    r"""^[ \t]*(?:(?:-r|-c|--requirement|--constraint)[ \t=]*(?P<included>[^\s#\0]+)
        |(?P<requirement>celery(?:[^\n]*\\\n)*[^\n]*))""",
    re.M | re.I | re.X,
)


def _requirements(path: Path, search: _Search) -> Iterator[_Mention]:
    """A requirements file and what it includes with ``-r`` and ``-c`` in the repository."""
    return _requirements_tree(path, search, seen={path})


def _requirements_tree(path: Path, search: _Search, seen: set[Path]) -> Iterator[_Mention]:
    text = search.text(path)
    for found in _REQUIREMENTS_LINE.finditer(text):
        if found["requirement"]:
            logical_line = re.sub(r"\\\n", " ", found["requirement"])
            requirement = re.split(r"\s(?:#|--)", logical_line)[0]
            line = _line_at(text, found.start("requirement"))
            yield from _requirement(path, line, requirement)
            continue
        target = found["included"].strip("\"'")
        included = Path(os.path.realpath(path.parent / target))
        is_ours = "://" not in target and included.is_relative_to(search.root)
        if is_ours and included not in seen:
            seen.add(included)
            yield from _requirements_tree(included, search, seen)


# What the project declares


def _pyproject(path: Path, search: _Search) -> Iterator[_Mention]:
    text = search.text(path)
    if "celery" not in text.lower():
        return
    document = search.toml(path, text)
    project, tool = _table(document.get("project")), _table(document.get("tool"))
    uv, pdm, poetry = (_table(tool.get(name)) for name in ("uv", "pdm", "poetry"))

    yield from _listed(path, text, "project", project.get("dependencies"))
    yield from _listed(path, text, "tool.uv", uv.get("override-dependencies"))
    yield from _listed(path, text, "tool.uv", uv.get("constraint-dependencies"))
    for table, groups in (
        ("project", project.get("optional-dependencies")),
        ("dependency-groups", document.get("dependency-groups")),
        ("tool.pdm.dev-dependencies", pdm.get("dev-dependencies")),
        ("tool.uv", {"dev": uv.get("dev-dependencies")}),
    ):
        for name, group in _table(groups).items():
            development = "dev-dependencies" in table or _is_development(name)
            yield from _listed(path, text, table, group, conditional=True, development=development)

    yield from _keyed(path, text, "tool.poetry.dependencies", poetry.get("dependencies"))
    overrides = _table(pdm.get("resolution")).get("overrides")
    yield from _keyed(path, text, "tool.pdm.resolution.overrides", overrides)
    for name, group in _table(poetry.get("group")).items():
        table = f"tool.poetry.group.{name}.dependencies"
        packages = _table(group).get("dependencies")
        yield from _keyed(path, text, table, packages, development=_is_development(name))
    dev_packages = poetry.get("dev-dependencies")
    yield from _keyed(path, text, "tool.poetry.dev-dependencies", dev_packages, development=True)


def _pipfile(path: Path, search: _Search) -> Iterator[_Mention]:
    text = search.text(path)
    if "celery" not in text.lower():
        return
    for category, packages in search.toml(path, text).items():
        development = category == "dev-packages" or _is_development(category)
        yield from _keyed(path, text, category, packages, development=development)


def _setup_cfg(path: Path, search: _Search) -> Iterator[_Mention]:
    section = key = ""
    for number, line in enumerate(search.text(path).split("\n"), start=1):
        if line.startswith("["):
            section, key = line.partition("]")[0].strip("[ \t"), ""
            continue
        if line[:1].strip():  # a key starts its line, its further values are indented
            key, _, line = line.partition("=")
        if section == "options" and key.strip() == "install_requires":
            yield from _requirement(path, number, line)
        elif section == "options.extras_require":
            development = _is_development(key)
            yield from _requirement(path, number, line, conditional=True, development=development)


_QUOTED_REQUIREMENT = re.compile(
    r"""["'](celery\s*(?:\[[^]]*\]\s*)?\(?\s*(?:[=~!<>]=|[<>])[^"']*)["']""", re.I
)


def _setup_py(path: Path, search: _Search) -> Iterator[_Mention]:
    """Requirements written out as strings; a bare "celery" may be anything here."""
    for number, line in enumerate(search.text(path).split("\n"), start=1):
        code, _, _ = line.partition("#")
        for requirement in _QUOTED_REQUIREMENT.findall(code):
            yield from _requirement(path, number, requirement)


_LOCKS: dict[str, _Reader] = {
    "uv.lock": _package_tables,
    "poetry.lock": _package_tables,
    "pdm.lock": _package_tables,
    "pylock.toml": _package_tables,
    "Pipfile.lock": _pipfile_lock,
}
_DECLARATIONS: dict[str, _Reader] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "Pipfile": _pipfile,
}


# From what is written to a mention


def _listed(
    path: Path,
    text: str,
    table: str,
    requirements: object,
    *,
    conditional: bool = False,
    development: bool = False,
) -> Iterator[_Mention]:
    """celery in a TOML list of requirements."""
    for requirement in requirements if isinstance(requirements, list) else ():
        if isinstance(requirement, str) and _REQUIREMENT.match(requirement):
            line = _toml_line(text, table, re.escape(requirement))
            yield from _requirement(
                path, line, requirement, conditional=conditional, development=development
            )


def _keyed(
    path: Path, text: str, table: str, packages: object, *, development: bool = False
) -> Iterator[_Mention]:
    """celery in a TOML table from package name to constraint, as Poetry and Pipenv have it."""
    for name, entry in _table(packages).items():
        if name.lower() != "celery":
            continue
        line = _toml_line(text, table, rf"""(?<![\w-])["']?{name}["']?\s*[].=]""")
        for alternative in entry if isinstance(entry, list) else [entry]:
            yield _pinned_in_table(path, line, alternative, development=development)


def _pinned_in_table(path: Path, line: int, entry: object, *, development: bool) -> _Mention:
    """A constraint as a string, or as a table with ``version`` and conditions."""
    details = _table(entry)
    version = entry if isinstance(entry, str) else details.get("version")
    specifier = version if isinstance(version, str) else ""
    return _Mention(
        path,
        line,
        text=f"celery {specifier}".rstrip(),
        version=_settled(specifier),
        conditional=any(details.get(key) for key in ("markers", "python", "platform", "optional")),
        development=development,
    )


_REQUIREMENT = re.compile(
    r"\s*celery(?![\w.-])\s*(?:\[[^]]*\])?\s*(?P<specifier>[^;]*)(?P<marker>;)?", re.I
)


def _requirement(
    path: Path,
    line: int,
    requirement: str,
    *,
    conditional: bool = False,
    development: bool = False,
) -> Iterator[_Mention]:
    """The mention in a requirement as PEP 508 writes it, none if it is not one of celery."""
    found = _REQUIREMENT.match(requirement)
    if found is None:
        return
    yield _Mention(
        path,
        line,
        text=found[0].rstrip("; \t").lstrip(),
        version=_settled(found["specifier"].strip("() \t")),
        conditional=conditional or found["marker"] is not None,
        development=development,
    )


def _toml_line(text: str, table: str, pattern: str) -> int:
    """The line that ``pattern`` matches, in the table called so or a table of it if there is
    one; 1 when it is written in a way that no line shows, with escapes for example."""
    wanted = re.compile(pattern)
    header, elsewhere = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("["):
            header = line.partition("]")[0].strip("[ \t")
        if line.lstrip().startswith("#") or not wanted.search(line):
            continue
        if f"{header}.".startswith(f"{table}."):
            return number
        elsewhere = number if elsewhere == 1 else elsewhere
    return elsewhere


def _line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


# From a specifier to a version

_CLAUSE = re.compile(
    r"(?P<operator>===|[=~!<>]=|[<>^~]|)\s*"
    r"v?(?P<release>[0-9]{1,9}(?:\.[0-9]{1,9})*)(?P<suffix>\.\*|(?:[-._]?[a-z]|\+)[\w.+-]*|)",
    re.I,
)


def _settled(specifier: str) -> str | None:
    """The one full version or the one minor series ("5.4") that a specifier allows, else None.

    Reads the specifiers of PEP 440 and, for Poetry, ``^5.6``, ``~5.6``, ``5.6.*`` and a bare
    version, which Poetry takes as exact.
    """
    low: tuple[int, ...] = _padded()
    high: tuple[int, ...] | None = None
    for part in specifier.split(","):
        clause = _CLAUSE.fullmatch(part.strip())
        if clause is None:
            return None
        operator, suffix = clause["operator"], clause["suffix"]
        release = tuple(int(number) for number in clause["release"].split("."))
        if operator in ("", "==", "===") and suffix != ".*":
            version = clause["release"] + suffix
            return version if len(release) > 1 else f"{release[0]}.0{suffix}"
        if operator in (">", ">="):
            low = max(low, _padded(*release))
            continue
        if operator == "!=":
            continue
        if operator == "<":
            limit = _padded(*release)
        elif operator == "<=":
            limit = _just_above(_padded(*release))
        else:
            low = max(low, _padded(*release))
            kept = {"~=": release[:-1], "^": release[:1], "~": release[:2]}.get(operator, release)
            if not kept:
                return None  # ~=5 is not a specifier
            limit = _padded(*_just_above(kept))
        high = limit if high is None else min(high, limit)
    minor = low[:2]
    if high is None or not low < high <= _padded(*_just_above(minor)):
        return None
    return f"{minor[0]}.{minor[1]}"


def _padded(*release: int) -> tuple[int, ...]:
    return (*release, 0, 0, 0, 0)[:4]


def _just_above(release: tuple[int, ...]) -> tuple[int, ...]:
    return (*release[:-1], release[-1] + 1)


def _is_full(version: str) -> bool:
    return version != _series(version)


def _series(version: str) -> str:
    """The "5.6" of "5.6.3" and "5.6rc1". `_settled` gives no version without both numbers."""
    found = re.match(r"[0-9]+\.[0-9]+", version)
    return found[0] if found else version
