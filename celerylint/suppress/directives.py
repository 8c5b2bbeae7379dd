"""What comments say to celerylint: which rules they name, for which places, and why.

The forms are ``celerylint: ignore[CEL101, unrouted-task] reason``, the same with ``ignore-file``,
and ``noqa: CEL101, E501 reason``.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from typing import Literal

import msgspec

from celerylint.model.place import Place
from celerylint.suppress.comments import Comment, comments_of
from celerylint.wording import closest, did_you_mean

Kind = Literal["ignore", "ignore-file", "noqa"]

_FORMS: tuple[Kind, ...] = ("ignore", "ignore-file")


class Named(msgspec.Struct, frozen=True):
    """A rule as a comment names it, by code or name, and where."""

    selector: str
    place: Place


class Fault(msgspec.Struct, frozen=True):
    """Why a comment suppresses nothing, and what to do; an empty ``help`` is to write it in the
    right form."""

    problem: str
    help: str = ""


class Directive(msgspec.Struct, frozen=True, eq=False):
    """What one comment says; ``place`` is the part of the comment that says it."""

    kind: Kind
    comment: Comment
    place: Place
    named: tuple[Named, ...] = ()
    reason: str = ""
    fault: Fault | None = None

    def covers(self, place: Place) -> bool:
        """Whether it is about what a finding points at."""
        if place.path != self.place.path:
            return False
        if self.kind == "ignore-file":
            return True
        comment = self.comment
        # As in flake8, a noqa on a line of its own is about that line, where nothing is found.
        if comment.about is None or (self.kind == "noqa" and comment.own_line):
            return False
        if place.line <= comment.about <= place.end_line:
            return True
        block = comment.block
        return block is not None and block.first <= place.line and place.end_line <= block.last

    @property
    def where(self) -> str:
        """What it is about, in words: "on this line"."""
        if self.kind == "ignore-file":
            return "in this file"
        if self.kind == "noqa" and self.comment.own_line:
            return "on this line"
        if self.comment.block is not None:
            return f"in this {self.comment.block.kind}"
        return "on the next line of code" if self.comment.own_line else "on this line"


_START = re.compile(r"(?<!\S)#+\s*(?:(?P<ours>celerylint:)|(?:noqa|NOQA)\s*:)\s*")
# A second comment behind the first; `#123` is an issue.
_NEXT_COMMENT = re.compile(r"\s#(?!\d)")
_IGNORE = re.compile(r"(?P<form>[\w-]*)\s*(?:\[(?P<rules>[^\]]*)(?P<closed>\]?))?")
_SELECTOR = re.compile(r"[^\s,]+")
_SEPARATORS = " \t:;,.-\N{EN DASH}\N{EM DASH}"
_FLAKE8_CODE = re.compile(r"[\s,]*(?P<code>[A-Za-z]+\d+)\b")
_OUR_CODE = re.compile(r"CEL\d+", re.IGNORECASE)


def directives_of(path: str, data: bytes) -> Iterator[Directive]:
    """Everything that the comments of a file say; ``path`` is as shown to people. Scanning takes
    its time: only for files that `celerylint.questions.may_hold_directives`."""
    for comment in comments_of(path, _decode(data)):
        for start in _START.finditer(comment.text):
            following = _NEXT_COMMENT.search(comment.text, start.end())
            end = following.start() if following else len(comment.text)
            read = _ignore if start["ours"] else _noqa
            directive = read(_Text(path, comment, start.start(), end), start.end())
            if directive is not None:
                yield directive


def _decode(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding, errors="replace")
    except (SyntaxError, LookupError):  # not the encoding that it declares, or none that exists
        return data.decode("utf-8-sig", errors="replace")


class _Text(msgspec.Struct, frozen=True):
    """The part of a comment's text that makes a directive: from ``start`` to ``end``."""

    path: str
    comment: Comment
    start: int
    end: int

    def place(self, start: int, end: int) -> Place:
        line, column = self.comment.line, self.comment.column
        return Place(self.path, line, column + start, line, column + end)

    def naming(self, kind: Kind, rules: list[tuple[int, str]], reason_at: int) -> Directive:
        """A directive for rules, given with where they stand; the reason follows them."""
        named = tuple(Named(rule, self.place(at, at + len(rule))) for at, rule in rules)
        reason = self.comment.text[reason_at : self.end].lstrip(_SEPARATORS).rstrip()
        return Directive(kind, self.comment, self.place(self.start, self.end), named, reason)

    def faulty(self, kind: Kind, problem: str, help: str = "") -> Directive:
        place = self.place(self.start, self.end)
        return Directive(kind, self.comment, place, fault=Fault(problem, help))


def _noqa(text: _Text, position: int) -> Directive | None:
    rules = []
    while code := _FLAKE8_CODE.match(text.comment.text, position, text.end):
        if _OUR_CODE.fullmatch(code["code"]):
            rules.append((code.start("code"), code["code"].upper()))
        position = code.end()
    return text.naming("noqa", rules, position) if rules else None


def _ignore(text: _Text, position: int) -> Directive | None:
    said = _IGNORE.match(text.comment.text, position, text.end)
    assert said is not None  # all of it is optional
    form, rules = said["form"], said["rules"]
    kind: Kind = "ignore-file" if form == "ignore-file" else "ignore"
    if form not in _FORMS:
        if rules is None and closest(form, _FORMS) is None:
            return None  # prose
        return text.faulty(kind, f"`{form}` is unknown{did_you_mean(form, _FORMS)}")
    if rules is None or not _SELECTOR.search(rules):
        return text.faulty(kind, f"`{form}` names no rule")
    if not said["closed"]:
        return text.faulty(kind, f"the bracket behind `{form}` is never closed")
    if kind == "ignore-file" and not text.comment.top_level:
        help = "put it on a line of its own that is not indented, or write `ignore`"
        return text.faulty(kind, "`ignore-file` stands within the code", help)
    found = _SELECTOR.finditer(rules)
    named = [(said.start("rules") + rule.start(), rule[0]) for rule in found]
    return text.naming(kind, named, said.end())
