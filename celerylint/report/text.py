"""The report for people: every finding with its code frame, then a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from celerylint.engine import Result
from celerylint.model.finding import Finding, Severity
from celerylint.model.project import Project
from celerylint.report import concise
from celerylint.report.frame import Frames, Mark
from celerylint.report.source import Sources
from celerylint.report.style import (
    Style,
    counted,
    display_width,
    listed,
    printable,
    rule_title,
    wrap,
)

NOTHING_FOUND = "No Celery app and no task found."

_SHOWN_OF_ONE_CAUSE = 3
_SHOWN_OF_THE_BASELINE = 3


def render(
    result: Result,
    style: Style,
    width: int | None = None,
    *,
    quiet: bool = False,
    verbose: bool = False,
    show_suppressed: bool = False,
) -> str:
    """The whole report, ending in a newline unless it is empty.

    ``width`` is that of the terminal, None where there is none. ``quiet`` leaves the summary out;
    ``verbose`` shows findings that have one cause in full instead of folding them;
    ``show_suppressed`` lists those that comments suppress.
    """
    folds = _folds(result.findings, verbose)
    blocks = list(_blocks(result.findings, folds, Sources(), style, width))
    if show_suppressed and result.suppressed:
        blocks.append("".join(concise.suppressed(hidden, style) for hidden in result.suppressed))
    if not quiet:
        folded = sum(fold.hidden for fold in folds.values())
        blocks.append(summary(result, style, width, folded))
    return "\n".join(blocks)


class _Fold:
    """The findings of one rule that one change would settle together."""

    def __init__(self, size: int, verbose: bool) -> None:
        self.shown = size if verbose else min(size, _SHOWN_OF_ONE_CAUSE)
        self.hidden = size - self.shown
        self.reached = 0


def _folds(findings: Sequence[Finding], verbose: bool) -> dict[tuple[str, str], _Fold]:
    sizes = Counter((finding.code, finding.cause) for finding in findings if finding.cause)
    return {key: _Fold(size, verbose) for key, size in sizes.items() if size > 1}


def _blocks(
    findings: Sequence[Finding],
    folds: dict[tuple[str, str], _Fold],
    sources: Sources,
    style: Style,
    width: int | None,
) -> Iterator[str]:
    for finding in findings:
        fold = folds.get((finding.code, finding.cause))
        if fold is None:
            yield _finding(finding, sources, style, width)
            continue
        fold.reached += 1
        if fold.reached <= fold.shown:
            yield _finding(finding, sources, style, width)
        if fold.reached == fold.shown:
            yield _cause(finding, fold, style, width)


def _finding(finding: Finding, sources: Sources, style: Style, width: int | None) -> str:
    marks = [Mark(finding.place, finding.label, primary=True)]
    marks += [Mark(label.place, label.text) for label in finding.labels]
    frames = Frames(marks, finding.severity.value, sources, style, width)
    lines = [_headline(finding, style, width), *frames.lines()]
    for word in ("impact", "help"):
        if text := getattr(finding, word):
            lines += frames.note(word, text)
    lines += frames.note("docs", f"celerylint explain {finding.code}")
    return "\n".join(lines) + "\n"


def _headline(finding: Finding, style: Style, width: int | None) -> str:
    severity = finding.severity.value
    place = f"{printable(str(finding.place))}:"
    rule = f"{severity}[{rule_title(finding.code, finding.name)}]"
    used = display_width(f"{place} {rule} ")
    first, *rest = wrap(printable(finding.message), width, used)
    head = f"{style(place, 'bold')} {style.severity(rule, severity)} {style(first, 'bold')}"
    return "\n".join([head.rstrip(), *(style(line, "bold") for line in rest)])


def _cause(finding: Finding, fold: _Fold, style: Style, width: int | None) -> str:
    count = f"and {fold.hidden} more" if fold.hidden else f"all {fold.shown}"
    rule = f"{rule_title(finding.code, finding.name)}:"
    cause = "\n".join(wrap(f"{count}; {printable(finding.cause)}", width, len(rule) + 1))
    return f"{style.severity(rule, finding.severity.value)} {style(cause, 'bold')}\n"


def summary(result: Result, style: Style, width: int | None = None, folded: int = 0) -> str:
    """What was found, what was checked, and what was left out, ending in a newline.

    ``folded`` is how many of the findings the report did not show one by one.
    """
    project = result.project
    files = counted(len(result.discovery.files), "file")
    things = [counted(len(project.tasks), "task"), counted(len(project.queues), "queue")]
    if project.beat:
        things.append(counted(len(project.beat), "beat entry", "beat entries"))
    if project.workers:
        things.append(counted(len(project.workers), "process", "processes"))
    details = [f"Checked {listed(things)} in {files}, against {celery_version(project)}."]
    if skipped := result.discovery.skipped:
        counts = ", ".join(f"{skipped[reason]} {reason}" for reason in sorted(skipped))
        details.append(f"Skipped files and folders: {counts}.")
    if project.templates:
        templates = counted(project.templates, "deployment file")
        details.append(f"Not read: {templates} to be filled in from a template first.")
    details += _left_out(result)
    lines = [_verdict(result, folded, style)]
    lines += (line for detail in details for line in wrap(detail, width))
    return "\n".join(lines) + "\n"


def _left_out(result: Result) -> Iterator[str]:
    """What was found but is not among the findings, and what became of the baseline."""
    parts = []
    if count := len(result.suppressed):
        parts.append(f"{counted(count, 'finding')} that comments suppress (`--show-suppressed`)")
    if count := result.baselined:
        parts.append(f"{counted(count, 'finding')} that the baseline holds")
    if parts:
        yield f"Not counted: {listed(parts)}."
    if written := result.written_baseline:
        yield (
            f"Wrote the baseline: {counted(written.added, 'finding')} added,"
            f" {written.removed} dropped, {written.kept} as before."
        )
    if stale := result.stale_baseline:
        some = printable(", ".join(stale[:_SHOWN_OF_THE_BASELINE]))
        more = ", ..." if len(stale) > _SHOWN_OF_THE_BASELINE else ""
        yield (
            f"Out of date: {counted(len(stale), 'entry', 'entries')} of the baseline"
            f" ({some}{more}); `--write-baseline` takes them out."
        )


def _verdict(result: Result, folded: int, style: Style) -> str:
    counts = Counter(finding.severity for finding in result.findings)
    if counts:
        worst = max(counts, key=lambda severity: severity.rank)
        found = listed(
            _severity_count(severity, counts[severity]) for severity in Severity if counts[severity]
        )
        verdict = style.severity(f"Found {found}.", worst.value)
        if folded:
            verdict += f" {folded} of them folded above; `--verbose` shows each."
        return verdict
    if result.project.apps or result.project.tasks:
        new = "new " if result.baselined else ""
        return style(f"All good: no {new}findings.", "bold", "green")
    return style(NOTHING_FOUND, "bold", "yellow")


def _severity_count(severity: Severity, number: int) -> str:
    return counted(number, severity.value, "info" if severity is Severity.INFO else "")


def celery_version(project: Project) -> str:
    """Which Celery the project was judged by: ``Celery 5.6.3 (uv.lock:512)``."""
    if project.celery_version is None:
        return "the newest Celery, as nothing pins a version (`--celery-version` tells it)"
    return f"Celery {project.celery_version} ({printable(project.celery_version_source)})"
