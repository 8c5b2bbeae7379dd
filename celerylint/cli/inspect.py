"""``celerylint inspect``: what Celery will do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

from celerylint.cli import configured, options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.options import Complaint, closest
from celerylint.cli.terminal import Progress, complain, terminal_width, use_color, write

if TYPE_CHECKING:
    from celerylint.model.project import Project, Task


@click.command(
    "inspect", short_help="Show what Celery will do: tasks, queues, workers, beat, settings."
)
@options.paths
@click.option("--task", metavar="NAME", help="Show every option of this task and where it is from.")
@options.output_format("text", "json")
@configured.config_file
@options.celery_version
@options.jobs
@options.verbose("Show the traceback of a crash.")
@options.color
def command(
    paths: tuple[str, ...],
    task: str | None,
    output_format: str,
    config: str | None,
    isolated: bool,
    celery_version: str | None,
    jobs: int,
    verbose: bool,
    color: str,
) -> int:
    """Show what Celery will do with a project, without running it.

    Tables of the tasks with their effective options, the apps, queues, workers, beat entries and
    settings; with --task every option of one task, and all the places that had a say in it.
    """
    from celerylint import engine
    from celerylint.config.settings import load
    from celerylint.report import inspect_json, inspect_text
    from celerylint.report.style import Style

    line = configured.given(celery_version=celery_version)
    with options.user_errors(paths):
        _, settings = load(paths or (".",), line, config=config, isolated=isolated, jobs=jobs)
        with Progress() as progress:
            _, project = engine.read(settings, progress.stage)
    for unreadable in project.unreadable:
        complain(f"{unreadable.place}: {unreadable.reason}", word="warning")
    for crash in project.crashes:
        complain(f"{crash.place}: celerylint failed on this file: {crash.error}", word="warning")

    tasks = project.tasks if task is None else _named(project, task)
    style, width = Style(use_color(color, sys.stdout)), terminal_width(sys.stdout)
    if output_format == "json":
        report = inspect_json.render(project, tasks)
    elif task is not None:
        report = inspect_text.render_tasks(tasks, style, width)
    else:
        now = datetime.now(timezone.utc)
        report = inspect_text.render_project(project, style, width, now)
    write(report, sys.stdout)
    return ExitCode.CLEAN


def _named(project: Project, name: str) -> Sequence[Task]:
    """The tasks of that name: several where apps or functions share it."""
    found = [task for task in project.tasks if task.name == name]
    if found:
        return found
    likely = _likely(name, sorted({task.name for task in project.tasks}))
    hint = f"did you mean {' or '.join(likely)}?" if likely else "`celerylint inspect` lists them"
    raise Complaint(f"no task is named {name!r}", hint)


def _likely(name: str, names: Sequence[str]) -> Sequence[str]:
    """The tasks that may be meant: people misspell a task, or know it by its function only."""
    if "." in name and (near := closest(name, names)):
        return near
    last_words = [full.rpartition(".")[2] for full in names]
    meant = closest(name.rpartition(".")[2], last_words)
    return [full for full, last in zip(names, last_words, strict=True) if last in meant]
