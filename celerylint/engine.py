"""The pipeline, said aloud: discover, read and link, check, suppress, compare with the baseline.
What comes out is reported."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from celerylint import baseline, disk, suppress
from celerylint.baseline import WriteSummary
from celerylint.catalogue import Catalogue
from celerylint.checks.rule import Rule
from celerylint.config.mistake import Mistake
from celerylint.config.settings import Settings
from celerylint.discover import Discovery, discover
from celerylint.link import link
from celerylint.model.finding import Finding
from celerylint.model.place import Place
from celerylint.model.project import Project, Unreadable
from celerylint.policy import check_selections
from celerylint.suppress import SuppressedFinding

INTERNAL_ERROR = "CEL002"
"""The code of the rule that reports crashes of other rules."""


class Result(msgspec.Struct):
    """What a run found: the findings in order, and what they were found in.

    ``seconds`` is how long the run took; ``rules`` are those that ran. Not among the findings are
    those that comments suppress, and those of the baseline, which are only counted;
    ``stale_baseline`` tells in words which of its entries occur no more, ``written_baseline`` what
    changed in it if it was written.
    """

    findings: list[Finding]
    project: Project
    discovery: Discovery
    seconds: float
    rules: tuple[Rule, ...] = ()
    suppressed: list[SuppressedFinding] = []
    baselined: int = 0
    stale_baseline: list[str] = []
    written_baseline: WriteSummary | None = None


Stage = Callable[[str], None]
"""Is told what the pipeline does next, in words for a progress line."""


def run(
    settings: Settings, stage: Stage = lambda text: None, *, write_baseline: bool = False
) -> Result:
    """Check a project. ``write_baseline`` makes the findings of this run the baseline first.

    Raises `celerylint.discover.DiscoverError`; `celerylint.policy.PolicyErrors` for policies that
    select nothing; and `celerylint.baseline.BaselineError` for a baseline that cannot be read or
    written. Their messages are for the user.
    """
    started = time.perf_counter()
    discovery, project = read(settings, stage)
    _check_selections(settings, project)
    stage(f"checking {len(project.tasks)} tasks")
    active = {rule.code for rule in settings.rules}
    judged = suppress.apply(
        _sorted(check(project, settings.rules), settings),
        files=[*discovery.files, *discovery.deployment],
        catalogue=settings.catalogue,
        active=active,
        locked={rule.code for rule in settings.rules if rule.policy and rule.policy.locked},
    )
    result = Result(
        findings=_sorted([*judged.kept, *judged.problems], settings),
        project=project,
        discovery=discovery,
        seconds=0,
        rules=settings.rules,
        suppressed=judged.suppressed,
    )
    if settings.baseline:
        path = Path(settings.baseline)
        if write_baseline:
            result.written_baseline = baseline.write(
                path, result.findings, _old_baseline(path, settings.catalogue), active=active
            )
        applied = baseline.load(path, settings.catalogue).apply(result.findings, active=active)
        result.findings = applied.kept
        result.baselined = len(applied.hidden)
        result.stale_baseline = [str(stale) for stale in applied.stale]
    result.seconds = time.perf_counter() - started
    return result


def _check_selections(settings: Settings, project: Project) -> None:
    """Refuse policies of the project's own that are about nothing in it: most likely a name is
    misspelt. A check of single files does not see enough to tell."""
    if all(disk.is_file(os.path.abspath(path)) for path in settings.paths):
        return
    check_selections(
        [rule.policy for rule in settings.rules if rule.policy and rule.category == "policy"],
        project,
    )


def _sorted(findings: Iterable[Finding], settings: Settings) -> list[Finding]:
    """Findings in order, but for those that the configuration leaves out in their files."""
    kept = (found for found in findings if not settings.per_file_ignores.ignore(found))
    return sorted(kept, key=lambda finding: finding.sort_key)


def _old_baseline(path: Path, catalogue: Catalogue) -> baseline.Baseline | None:
    """The baseline that is to be written anew, if there is one."""
    if not disk.exists(str(path)):
        return None
    try:
        return baseline.load(path, catalogue)
    except baseline.BaselineError as error:
        # What is broken may be written anew, but not a file that never was a baseline.
        if disk.is_file(str(path)) and b'"findings"' in disk.read(str(path)):
            return None
        place = error.mistakes[0].place
        mistake = Mistake(place, "this is no baseline, and is not overwritten", "delete it first")
        raise baseline.BaselineError([mistake]) from None


def read(settings: Settings, stage: Stage = lambda text: None) -> tuple[Discovery, Project]:
    """The project as Celery will see it, and the files it is made from.

    Raises `celerylint.discover.DiscoverError`.
    """
    stage("looking for files")
    discovery = discover(
        [Path(path) for path in settings.paths],
        root=settings.root,
        exclude=settings.exclude,
        include=settings.include,
        test_paths=settings.tests,
        development=settings.development,
    )
    stage(f"reading {len(discovery.files)} files")
    project = link(
        discovery.files,
        root=discovery.root,
        import_roots=settings.src,
        celery_version=settings.celery_version,
        jobs=settings.jobs,
        deployment=discovery.deployment,
        is_development=discovery.is_development,
    )
    if settings.celery_version is not None:
        project.celery_version_source = settings.celery_version_source
    for unreadable in discovery.unreadable:
        place = Place(unreadable.path, 1, 1, 1, 1)
        project.unreadable.append(Unreadable(place, unreadable.reason))
    return discovery, project


def check(project: Project, rules: Sequence[Rule]) -> Iterator[Finding]:
    """The findings of every rule. A rule that crashes becomes a finding, the others go on; and so
    does a file on which the linker crashed."""
    internal_error = next((rule for rule in rules if rule.code == INTERNAL_ERROR), None)
    if internal_error is not None:
        for crash in project.crashes:
            yield internal_error.finding(
                crash.place,
                symbol=crash.place.path,
                subject="this file",
                error=crash.error,
                tracker=where_to_report(),
            )
    for rule in rules:
        try:
            yield from rule.check(project)
        except Exception as error:
            if internal_error is not None:
                yield _crash_of_rule(internal_error, rule, error)


def _crash_of_rule(internal_error: Rule, rule: Rule, error: Exception) -> Finding:
    is_ours = rule.category != "python"
    return internal_error.finding(
        # No line of the project is to blame: this is about the project as a whole.
        Place(".", 1, 1, 1, 1),
        symbol=rule.code,
        subject=f"the rule {rule.code} {rule.name}" if is_ours else f"the check {rule.name}",
        error=crash_site(error),
        tracker=where_to_report() if is_ours else f"the authors of `{rule.path}`",
    )


def crash_site(error: BaseException) -> str:
    """What was raised and where, in a line: ``KeyError: 'x' (limits.py:33 in check)``."""
    import traceback  # only a crash needs it

    raised = " ".join("".join(traceback.format_exception_only(error)).split())
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return raised
    last = frames[-1]
    return f"{raised} ({Path(last.filename).name}:{last.lineno} in {last.name})"


def where_to_report() -> str:
    """The address of the issue tracker, from the package's own metadata."""
    from importlib import metadata  # only a crash needs it, and it takes a while

    try:
        urls = metadata.metadata("celerylint").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:  # run from a source tree
        urls = []
    for entry in urls:
        label, _, url = entry.partition(", ")
        if label == "Issues":
            return str(url)
    return "celerylint's issue tracker"
