"""The configuration that a project starts with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import tomli

from celerylint.config.file import OWN_FILE, SHARED_FILE, parse
from celerylint.model.project import Project

BASELINE = "celerylint-baseline.json"


class CannotAdd(Exception):
    """A pyproject.toml has no room for a table [tool.celerylint]; the message says why."""


def place_for(folder: Path) -> Path:
    """The file that a new configuration goes to: the pyproject.toml if there is one."""
    shared = folder / SHARED_FILE
    return shared if shared.is_file() else folder / OWN_FILE


def write(path: Path, project: Project, *, with_baseline: bool) -> None:
    """Write the first configuration: a new file, or a table behind what a pyproject.toml has.

    Nothing that is there is changed. Raises `CannotAdd`, `celerylint.config.mistake.ConfigError`
    for a pyproject.toml that is broken, and `OSError`.
    """
    lines = list(_lines(project, with_baseline))
    if path.name != SHARED_FILE:
        with open(path, "xb") as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
        return
    parse(path)  # to complain about what is wrong with it already
    before = path.read_bytes()
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    start = b"" if not before or before.endswith(b"\n") else newline
    table = [*([""] if before else []), "[tool.celerylint]", *lines]
    added = start + b"".join(line.encode() + newline for line in table)
    try:
        tomli.loads((before + added).decode("utf-8-sig"))
    except tomli.TOMLDecodeError as error:
        raise CannotAdd(str(error)) from None
    with open(path, "ab") as file:
        file.write(added)


def _lines(project: Project, with_baseline: bool) -> Iterator[str]:
    yield from (f"# {line}" for line in found(project))
    yield "# `celerylint config show` prints every option and where its value comes from."
    yield ""
    yield "# The set of rules: default, strict, celery-best-practice or all."
    yield 'preset = "default"'
    if with_baseline:
        yield ""
        yield "# What was found when celerylint came. Mend it at leisure, and drop it from the file"
        yield "# with `celerylint --write-baseline`."
        yield f'baseline = "{BASELINE}"'
    if project.celery_version is None:
        yield ""
        yield "# No file pins the version of Celery, so the newest one is assumed."
        yield '# celery-version = "5.6"'


def found(project: Project) -> Iterator[str]:
    """What was detected, a line a thing, in words that are safe in a comment."""
    if not project.apps:
        yield "No Celery app was found here."
    for app in project.apps:
        count = sum(1 for _ in project.tasks_of(app))
        place = f"{app.place.path}:{app.place.line}"
        yield _plain(f"Celery app {app.variable} at {place}, tasks: {count}")
        if app.opaque:
            yield _plain(f"  Not all of its settings can be told: {app.opaque}")
    if project.celery_version is not None:
        yield _plain(f"Celery {project.celery_version}, from {project.celery_version_source}")


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
