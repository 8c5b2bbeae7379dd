"""The pipeline, said aloud: discover, read and link, check. What comes out is reported."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from celerylint.catalogue import Rule, load_rules
from celerylint.discover import Discovery, discover
from celerylint.link import link
from celerylint.model.finding import Finding
from celerylint.model.place import Place
from celerylint.model.project import Project, Unreadable

INTERNAL_ERROR = "CEL002"
"""The code of the rule that reports crashes of other rules."""


class Options(msgspec.Struct, frozen=True):
    """What to check, and by which rules.

    ``select`` and ``ignore`` hold codes, prefixes of codes and names. ``celery_version`` ("5.6")
    overrides the version the project pins; ``jobs`` is how many processes may read files.
    """

    paths: tuple[str, ...] = (".",)
    preset: str = "default"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    celery_version: str | None = None
    jobs: int = 1


class Result(msgspec.Struct):
    """What a run found: the findings in order, and what they were found in.

    ``seconds`` is how long the run took.
    """

    findings: list[Finding]
    project: Project
    discovery: Discovery
    seconds: float


Stage = Callable[[str], None]
"""Is told what the pipeline does next, in words for a progress line."""


def run(options: Options, stage: Stage = lambda text: None) -> Result:
    """Check a project.

    Raises `celerylint.catalogue.UnknownRule` and `celerylint.discover.DiscoverError`, whose
    messages are for the user.
    """
    started = time.perf_counter()
    rules = load_rules().select(options.preset, options.select, options.ignore)
    discovery, project = read(options, stage)
    stage(f"checking {len(project.tasks)} tasks")
    findings = sorted(check(project, rules), key=lambda finding: finding.sort_key)
    return Result(findings, project, discovery, time.perf_counter() - started)


def read(options: Options, stage: Stage = lambda text: None) -> tuple[Discovery, Project]:
    """The project as Celery will see it, and the files it is made from.

    Raises `celerylint.discover.DiscoverError`.
    """
    stage("looking for files")
    discovery = discover([Path(path) for path in options.paths])
    stage(f"reading {len(discovery.files)} files")
    project = link(
        discovery.files,
        root=discovery.root,
        celery_version=options.celery_version,
        jobs=options.jobs,
    )
    for unreadable in discovery.unreadable:
        place = Place(unreadable.path, 1, 1, 1, 1)
        project.unreadable.append(Unreadable(place, unreadable.reason))
    return discovery, project


def check(project: Project, rules: Sequence[Rule]) -> Iterator[Finding]:
    """The findings of every rule. A rule that crashes becomes a finding, the others go on."""
    internal_error = next((rule for rule in rules if rule.code == INTERNAL_ERROR), None)
    for rule in rules:
        try:
            yield from rule.check(project)
        except Exception as error:
            if internal_error is not None:
                yield internal_error.finding(
                    # No line of the project is to blame: this is about the project as a whole.
                    Place(".", 1, 1, 1, 1),
                    symbol=rule.code,
                    rule=f"{rule.code} {rule.name}",
                    error=crash_site(error),
                    tracker=where_to_report(),
                )


def crash_site(error: BaseException) -> str:
    """What was raised and where, in a line: ``KeyError: 'x' (limits.py:33 in check)``."""
    raised = " ".join("".join(traceback.format_exception_only(error)).split())
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return raised
    last = frames[-1]
    return f"{raised} ({Path(last.filename).name}:{last.lineno} in {last.name})"


def where_to_report() -> str:
    """The address of the issue tracker, from the package's own metadata."""
    try:
        urls = metadata.metadata("celerylint").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:  # run from a source tree
        urls = []
    for entry in urls:
        label, _, url = entry.partition(", ")
        if label == "Issues":
            return str(url)
    return "celerylint's issue tracker"
