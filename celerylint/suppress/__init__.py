"""Comments that suppress findings, and what is wrong with such comments.

``# celerylint: ignore[CEL101, unrouted-task] reason`` suppresses the rules it names

- behind code, on that line. A finding that spans lines stands on each of them; behind a
  decorator, ``def`` or ``class`` the whole header counts as that line;
- on a line of its own, on the next line of code. Above a decorator, ``def`` or ``class`` that
  is the whole definition, with its body;
- written ``ignore-file``, on a line of its own that is not indented, in the whole file.

``# noqa: CEL101`` does what an ignore behind code does. One that names no rule of celerylint's is
none of its business.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from celerylint import disk
from celerylint.catalogue import Catalogue, Rule, UnknownRule
from celerylint.discover import SourceFile
from celerylint.model.finding import Finding
from celerylint.model.place import Place
from celerylint.questions import HOLDS_DIRECTIVES
from celerylint.suppress.directives import Directive, Fault, Named, directives_of

UNUSED, INVALID, WITHOUT_REASON = "CEL003", "CEL004", "CEL005"
"""The codes of the rules about suppressions, which no comment suppresses."""


class SuppressedFinding(msgspec.Struct, frozen=True):
    """A finding with the place at which a comment suppresses it, and the reason given there,
    which may be empty."""

    finding: Finding
    place: Place
    reason: str


class Suppressed(msgspec.Struct, frozen=True):
    """Findings, parted by whether a comment suppresses them, each in the order they came in; and
    the findings about such comments, sorted."""

    kept: list[Finding]
    suppressed: list[SuppressedFinding]
    problems: list[Finding]


def apply(
    findings: Sequence[Finding],
    *,
    files: Iterable[SourceFile],
    catalogue: Catalogue,
    active: Collection[str],
    locked: Collection[str] = (),
) -> Suppressed:
    """Part the findings by the comments in the checked files, and judge the comments.

    ``active`` holds the codes of the rules that ran: no comment about another is called unused,
    and of the problems only theirs are reported. ``locked`` holds codes and names of rules that
    comments cannot suppress.
    """
    comments = [
        _Comment(directive, [_meant(named, catalogue) for named in directive.named])
        for directive in _directives(findings, files)
    ]
    kept, suppressed = _part(findings, comments, locked)

    sees_all = not any(finding.code in _SAY_THAT_FINDINGS_ARE_MISSING for finding in findings)
    problems = [
        *_invalid(catalogue.get(INVALID), comments, findings),
        *(_unused(catalogue.get(UNUSED), comments, active) if sees_all else ()),
        *_without_reason(catalogue.get(WITHOUT_REASON), comments),
    ]
    problems = [problem for problem in problems if problem.code in active]
    return Suppressed(kept, suppressed, sorted(problems, key=lambda problem: problem.sort_key))


_SAY_THAT_FINDINGS_ARE_MISSING = ("CEL001", "CEL002")
"""Unreadable files and internal errors: a comment may be about something that was not seen."""

_START_OF_A_CODE = re.compile(r"CEL\d{0,2}")


class _Rule(msgspec.Struct):
    """A rule that a comment names; ``code`` is empty where none is meant."""

    named: Named
    code: str = ""
    fault: Fault | None = None
    is_used: bool = False


class _Comment(msgspec.Struct, frozen=True):
    """What a comment says, and the rules that it means."""

    directive: Directive
    rules: list[_Rule]


def _directives(findings: Iterable[Finding], files: Iterable[SourceFile]) -> Iterator[Directive]:
    # A finding may be in a file that was not asked for: one that a checked file imports.
    paths = {finding.place.path: finding.place.path for finding in findings}
    paths.update((file.path, file.absolute) for file in files)
    for path in sorted(paths):
        absolute = os.path.abspath(paths[path])
        try:
            if not disk.says(absolute, HOLDS_DIRECTIVES):
                continue
            data = disk.read(absolute)
        except OSError:  # what a finding of its own says, or one about the project as a whole
            continue
        yield from directives_of(path, data)


def _meant(named: Named, catalogue: Catalogue) -> _Rule:
    try:
        code = catalogue.get(named.selector).code
    except UnknownRule as unknown:
        if _START_OF_A_CODE.fullmatch(named.selector):
            problem = f"`{named.selector}` is only the start of a code"
            return _Rule(named, fault=Fault(problem, "name the rules one by one"))
        return _Rule(named, fault=Fault(str(unknown), "`celerylint rules` lists all rules"))
    if code in (UNUSED, INVALID, WITHOUT_REASON):
        problem = f"`{named.selector}` is about comments like this, and none suppresses it"
        return _Rule(named, fault=Fault(problem, "`ignore` in the configuration turns it off"))
    return _Rule(named, code)


def _part(
    findings: Iterable[Finding], comments: Iterable[_Comment], locked: Collection[str]
) -> tuple[list[Finding], list[SuppressedFinding]]:
    """The findings that stay and those that are suppressed; notes which comments that uses."""
    by_path: dict[str, list[tuple[Directive, _Rule]]] = {}
    for comment in comments:
        pairs = by_path.setdefault(comment.directive.place.path, [])
        pairs.extend((comment.directive, rule) for rule in comment.rules)

    kept: list[Finding] = []
    suppressed: list[SuppressedFinding] = []
    for finding in findings:
        names = (finding.code, finding.name)
        meant = [
            (directive, rule)
            for directive, rule in by_path.get(finding.place.path, ())
            if rule.code in names and directive.covers(finding.place)
        ]
        is_locked = any(name in locked for name in names)
        for _, rule in meant:
            rule.is_used = True
            if is_locked:
                problem = f"`{rule.named.selector}` is locked, and no comment suppresses it"
                rule.fault = Fault(problem, "mend what it finds, or ask who owns the policy")
        if meant and not is_locked:
            directive, rule = meant[-1]  # of several, the one that is nearest in most files
            suppressed.append(SuppressedFinding(finding, rule.named.place, directive.reason))
        else:
            kept.append(finding)
    return kept, suppressed


def _invalid(
    invalid: Rule, comments: Iterable[_Comment], findings: Sequence[Finding]
) -> Iterator[Finding]:
    for comment in comments:
        directive = comment.directive
        if fault := directive.fault:
            help = fault.help or f"write `{_right_form(directive, findings)}`"
            yield invalid.finding(directive.place, problem=fault.problem, help=help)
        for rule in comment.rules:
            if fault := rule.fault:
                yield invalid.finding(rule.named.place, problem=fault.problem, help=fault.help)


def _right_form(directive: Directive, findings: Iterable[Finding]) -> str:
    """The comment as it should be, with the rules it was most likely meant for."""
    codes = {finding.code for finding in findings if directive.covers(finding.place)}
    return f"# celerylint: {directive.kind}[{', '.join(sorted(codes)) or 'CODE'}] reason"


def _unused(
    unused: Rule, comments: Iterable[_Comment], active: Collection[str]
) -> Iterator[Finding]:
    for comment in comments:
        for rule in comment.rules:
            if rule.code in active and not rule.is_used:
                yield unused.finding(
                    rule.named.place, rule=rule.named.selector, where=comment.directive.where
                )


def _without_reason(without_reason: Rule, comments: Iterable[_Comment]) -> Iterator[Finding]:
    for comment in comments:
        suppressing = [rule for rule in comment.rules if rule.is_used and not rule.fault]
        if suppressing and not comment.directive.reason:
            rules = ", ".join(f"`{rule.named.selector}`" for rule in suppressing)
            yield without_reason.finding(comment.directive.place, rules=rules)
