"""Deployments for the tests: files to a folder, and what celerylint makes of them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from celerylint.deploy.processes import Process, processes
from celerylint.deploy.repository import Repository
from celerylint.deploy.text import Run, Text
from celerylint.deploy.words import Word
from celerylint.discover import discover
from celerylint.link import link
from celerylint.model.place import Place
from celerylint.model.project import Project

APP = """
from celery import Celery

app = Celery("shop", broker="redis://localhost")


@app.task
def export(): ...
"""


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def started(folder: Path, files: Mapping[str, str]) -> list[Process]:
    """The Celery processes that files start, without any Python."""
    write(folder, files)
    paths = {str(folder / name): name for name in files}
    return processes(Repository(str(folder), paths), [], lambda path: False)


def linked(folder: Path, files: Mapping[str, str]) -> Project:
    """The whole project of some files, with an app in tasks.py unless they have one."""
    write(folder, {"tasks.py": APP, **files})
    found = discover([folder], root=str(folder))
    return link(
        found.files,
        root=str(folder),
        deployment=found.deployment,
        is_development=found.is_development,
    )


def commands(found: list[Process]) -> list[str]:
    """The command lines, the first of several ways; ``?`` stands before what is not known."""
    return [" ".join(map(shown, process.argvs[0])) for process in found]


def shown(word: Word) -> str:
    known = word.known
    return known if known is not None else f"?{word.written}"


def text_at(text: str, place: Place) -> str:
    """What is written at a place of one line."""
    assert place.line == place.end_line, place
    return text.splitlines()[place.line - 1][place.column - 1 : place.end_column - 1]


def nowhere(value: str) -> Text:
    """A text that stands in no file."""
    return Text(value, (Run(0, "", 1, 1),))
