"""Findings that a project has accepted for now: only what is new is reported.

A baseline is a JSON file with an entry a line, made to be merged and read in a diff::

    {
      "schema": 1,
      "findings": [
        {"code": "CEL101", "symbol": "shop.tasks.charge", "count": 1},
        {"code": "CEL003", "path": "shop/tasks.py", "count": 2}
      ]
    }

An entry is about a rule and a symbol (a task, a setting, a beat entry), or about a rule and a file
where a finding has no symbol; never about lines, which move.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec

from celerylint import disk
from celerylint.catalogue import Catalogue, UnknownRule
from celerylint.config.file import shown
from celerylint.config.mistake import ConfigError, Mistake
from celerylint.model.finding import Finding
from celerylint.model.place import Place
from celerylint.wording import did_you_mean

SCHEMA = 1
"""Version of the file's shape."""

NEVER_ACCEPTED = frozenset({"CEL001", "CEL002"})
"""Unreadable files and internal errors are always reported. They say that other findings may be
missing, so while there are any, no entry is called stale."""


class BaselineError(ConfigError):
    """A baseline cannot be read or written; says everything that is wrong with it."""


class Subject(msgspec.Struct, frozen=True, order=True):
    """What an entry is about: a rule and a symbol, or a rule and a file, whose ``path`` is
    relative to the folder of the baseline, with forward slashes."""

    code: str
    symbol: str = ""
    path: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.symbol or self.path}"


class Stale(msgspec.Struct, frozen=True):
    """An entry that accepts more findings than there are: ``accepted`` and ``found`` count."""

    subject: Subject
    accepted: int
    found: int

    def __str__(self) -> str:
        left = f" ({self.found} of {self.accepted} left)" if self.found else ""
        return f"{self.subject}{left}"


class Applied(msgspec.Struct, frozen=True):
    """Findings, parted by whether the baseline accepts them, each in the order they came in; and
    its stale entries, sorted."""

    kept: list[Finding]
    hidden: list[Finding]
    stale: list[Stale]


class WriteSummary(msgspec.Struct, frozen=True):
    """How many findings a baseline accepts that it did not before, accepts no longer, and accepts
    as before."""

    added: int
    removed: int
    kept: int


class Baseline(msgspec.Struct, frozen=True):
    """How many findings are accepted, by what they are about.

    ``folder`` is the absolute folder of the file; the catalogue tells which rules exist.
    """

    folder: str
    accepted: Mapping[Subject, int]
    catalogue: Catalogue

    def apply(self, findings: Sequence[Finding], *, active: Collection[str]) -> Applied:
        """Part the findings. Where there are more of a subject than are accepted, the last stay.

        ``active`` holds the codes of the rules that ran: of others, no entry is called stale.
        """
        found: Counter[Subject] = Counter()
        kept: list[Finding] = []
        hidden: list[Finding] = []
        for finding in findings:
            subject = _subject(finding, self.folder)
            found[subject] += 1
            is_accepted = found[subject] <= self.accepted.get(subject, 0)
            (hidden if is_accepted and _may_be_accepted(finding) else kept).append(finding)
        judged = self.judged(findings, active)
        stale = [
            Stale(subject, accepted, found[subject])
            for subject, accepted in sorted(self.accepted.items())
            if found[subject] < accepted and subject in judged
        ]
        return Applied(kept, hidden, stale)

    def judged(self, findings: Iterable[Finding], active: Collection[str]) -> set[Subject]:
        """The entries about what a run must have found, if it is still there."""
        if not all(map(_may_be_accepted, findings)):
            return set()
        return {
            subject
            for subject in self.accepted
            if subject.code in active or not _exists(subject.code, self.catalogue)
        }


def load(path: Path, catalogue: Catalogue) -> Baseline:
    """Read a baseline; rules in it may go by names that they once had. Raises `BaselineError`."""
    try:
        file = _File(path, disk.read(str(path)).decode("utf-8-sig"))
    except FileNotFoundError:
        raise _File(path).error("there is no such baseline", _MAKE) from None
    except OSError as error:
        raise _File(path).error(f"the baseline cannot be read: {error.strerror}", "") from None
    except UnicodeDecodeError:
        raise _File(path).error("the baseline is not UTF-8") from None

    accepted: Counter[Subject] = Counter()
    for subject, count in _parse(file).items():
        with contextlib.suppress(UnknownRule):  # a rule of the past: its entries are stale
            code = catalogue.get(subject.code).code
            subject = msgspec.structs.replace(subject, code=code)
        accepted[subject] += count
    return Baseline(str(path.parent.absolute()), accepted, catalogue)


def write(
    path: Path, findings: Sequence[Finding], old: Baseline | None, *, active: Collection[str]
) -> WriteSummary:
    """Accept these findings, whatever the ``old`` baseline accepts of them, and no others.

    Entries of rules that did not run stay, see `Baseline.apply`. Raises `BaselineError`.
    """
    folder = str(path.parent.absolute())
    accepted = Counter(_subject(found, folder) for found in findings if _may_be_accepted(found))
    before = Counter(old.accepted if old else {})
    if old is not None:
        judged = old.judged(findings, active)
        accepted |= Counter({one: n for one, n in before.items() if one not in judged})
    try:
        _replace(path, _render(accepted))
    except OSError as error:
        problem = f"the baseline cannot be written: {error.strerror}"
        raise _File(path).error(problem, "") from None
    return WriteSummary(
        added=(accepted - before).total(),
        removed=(before - accepted).total(),
        kept=(accepted & before).total(),
    )


def _may_be_accepted(finding: Finding) -> bool:
    return finding.code not in NEVER_ACCEPTED


def _exists(code: str, catalogue: Catalogue) -> bool:
    return any(rule.code == code for rule in catalogue.rules)


def _subject(finding: Finding, folder: str) -> Subject:
    if symbol := finding.symbol or finding.task:
        return Subject(finding.code, symbol=symbol)
    path = os.path.abspath(finding.place.path)
    with contextlib.suppress(ValueError):  # it is on another drive
        path = os.path.relpath(path, folder)
    return Subject(finding.code, path=path.replace(os.sep, "/"))


# The file


def _render(accepted: Mapping[Subject, int]) -> str:
    lines = ",\n".join(f"    {json.dumps(_entry(*item))}" for item in sorted(accepted.items()))
    findings = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "schema": {SCHEMA},\n  "findings": {findings}\n}}\n'


def _entry(subject: Subject, count: int) -> dict[str, str | int]:
    about = {"symbol": subject.symbol} if subject.symbol else {"path": subject.path}
    return {"code": subject.code, **about, "count": count}


def _replace(path: Path, text: str) -> None:
    """Write a file such that others see the old or the new one, never a part."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


_KEYS = ("code", "symbol", "path", "count")
_MAKE = "`--write-baseline` makes one"
_MEND = "mend it, take it from version control, or make it anew with `--write-baseline`"
_CONFLICT = re.compile(r"^(?:<<<<<<<|=======|>>>>>>>)", re.MULTILINE)
_FINDINGS = re.compile(r'"findings"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class _File(msgspec.Struct, frozen=True):
    """A file with its text, as far as it could be read."""

    path: Path
    text: str = ""

    def mistake(self, message: str, help: str = _MEND, offset: int = 0) -> Mistake:
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        return Mistake(Place(shown(self.path), line, column, line, column + 1), message, help)

    def error(self, message: str, help: str = _MEND, offset: int = 0) -> BaselineError:
        return BaselineError([self.mistake(message, help, offset)])


def _parse(file: _File) -> dict[Subject, int]:
    """What a file says, with the codes as they stand there."""
    document = _document(file)
    entries = list(zip(document["findings"], _offsets(file.text), strict=False))
    mistakes = [
        file.mistake(problem, offset=offset)
        for entry, offset in entries
        for problem in _problems(entry)
    ]
    if mistakes:
        raise BaselineError(mistakes)

    accepted: dict[Subject, int] = {}
    for entry, offset in entries:
        subject = Subject(entry["code"], entry.get("symbol", ""), entry.get("path", ""))
        if subject in accepted:
            problem = f"there is another entry for {subject}"
            mistakes.append(file.mistake(problem, "keep one, with the right count", offset))
        accepted[subject] = entry["count"]
    if mistakes:
        raise BaselineError(mistakes)
    return accepted


def _document(file: _File) -> dict[str, Any]:
    try:
        document = json.loads(file.text)
    except json.JSONDecodeError as error:
        if conflict := _CONFLICT.search(file.text):
            help = "take the entries of both sides, or make it anew with `--write-baseline`"
            raise file.error("a merge conflict is left here", help, conflict.start()) from None
        raise file.error(f"this is not JSON: {error.msg}", offset=error.pos) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, a thousand brackets
        raise file.error("this is not a baseline") from None

    if not isinstance(document, dict):
        raise file.error("a baseline is an object with `schema` and `findings`")
    schema = document.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        problem = f"the baseline's `schema` is {json.dumps(schema)}, and not {SCHEMA}"
        raise file.error(problem, "use the celerylint that wrote it, or make it anew")
    unknown = document.keys() - {"schema", "findings"}
    if unknown:
        keys = ", ".join(f"`{key}`" for key in sorted(unknown))
        raise file.error(f"a baseline has no {keys}, only `schema` and `findings`")
    if not isinstance(document.get("findings"), list):
        raise file.error("the baseline's `findings` is no list")
    return document


def _offsets(text: str) -> Iterator[int]:
    """Where the entries start in a text that is a baseline."""
    start = _FINDINGS.search(text)
    if start is None:  # the key is written with escapes, which only a machine would do
        yield from repeat(0)
        return
    decoder = json.JSONDecoder()
    end = start.end()
    while True:
        between = _BETWEEN.match(text, end)
        assert between is not None  # it may be empty
        yield between.end()
        _, end = decoder.raw_decode(text, between.end())


def _problems(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "an entry is an object with `code`, `symbol` (or `path`) and `count`"
        return
    for key in entry.keys() - set(_KEYS):
        yield f"unknown key `{key}`{did_you_mean(key, _KEYS)}"
    if not _is_text(entry.get("code")):
        yield "`code` is missing, or is no text"
    elif entry["code"] in NEVER_ACCEPTED:
        yield f"findings of {entry['code']} cannot be accepted"
    about = [key for key in ("symbol", "path") if key in entry]
    if len(about) != 1:
        yield "an entry has either a `symbol` or a `path`"
    for key in about:
        if not _is_text(entry[key]):
            yield f"`{key}` is empty, or is no text"
    count = entry.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        yield "`count` is missing, or is no number from 1"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
