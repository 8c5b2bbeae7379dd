"""One deployment file: which kind it is, and what it says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import msgspec

from celerylint.deploy.compose import is_compose, read_compose
from celerylint.deploy.dockerfile import read_dockerfile
from celerylint.deploy.facts import Command, Dockerfile, Problem, Unit
from celerylint.deploy.helm import looks_like_helm, without_actions
from celerylint.deploy.kubernetes import is_kubernetes, read_kubernetes
from celerylint.deploy.runners import (
    read_makefile,
    read_package_json,
    read_procfile,
    read_pyproject,
    read_tox,
)
from celerylint.deploy.supervisor import read_supervisor
from celerylint.deploy.systemd import read_systemd
from celerylint.deploy.text import Source
from celerylint.deploy.yaml_nodes import YamlError, documents
from celerylint.model.place import Place

LARGEST = 1_000_000
"""Bytes; nobody writes a larger one by hand."""

_DOCKERFILE_NAME = re.compile(
    r"(?:.*[._-])?(?:docker|container)file(?:[._-].*)?|.*\.dockerfile", re.IGNORECASE
)
_PROCFILE_NAME = re.compile(r"procfile(?:[._-].*)?", re.IGNORECASE)
_MAKEFILE_NAME = re.compile(r"(?:gnu)?makefile|.*\.mk", re.IGNORECASE)
_SHEBANG = re.compile(
    rb"#!.*\b(?:ba|da|a|z|k)?sh\b|#!/command/with-contenv|#!/usr/bin/with-contenv"
)
_TEMPLATE = re.compile(r"\{\{|\{%|<%|\[\[\s*\.")


class FileFacts(msgspec.Struct):
    """What one file says. ``is_template`` says that it is text to be filled in first."""

    path: str
    units: list[Unit] = []
    dockerfile: Dockerfile | None = None
    problems: list[Problem] = []
    is_template: bool = False


def read(path: str, data: bytes) -> FileFacts:
    """The facts of a file; ``path`` is as shown to people. Never raises."""
    found = FileFacts(path)
    whole = Place(path, 1, 1, 1, 1)
    if b"\0" in data[:8000]:
        return found
    if len(data) > LARGEST:
        reason = f"it has {len(data)} bytes, and more than {LARGEST} are not read"
        found.problems = [Problem(whole, reason)]
        return found
    source = Source.decoded(path, data)
    try:
        _read(found, source, data)
    except YamlError as error:
        if _TEMPLATE.search(source.text):
            found.is_template = True
        else:
            found.problems = [Problem(error.place, str(error))]
    except RecursionError:
        found.problems = [Problem(whole, "it is nested too deeply")]
    return found


def _read(found: FileFacts, source: Source, data: bytes) -> None:
    path = source.path
    name = os.path.basename(path)
    if name.endswith((".yml", ".yaml")):
        found.units = list(_yaml(path, source))
    elif _PROCFILE_NAME.fullmatch(name):
        found.units = list(read_procfile(path, source))
    elif _DOCKERFILE_NAME.fullmatch(name):
        found.dockerfile = read_dockerfile(path, source)
    elif _MAKEFILE_NAME.fullmatch(name):
        found.units = list(read_makefile(path, source))
    elif name.endswith(".service"):
        found.units = list(read_systemd(path, source))
    elif name == "tox.ini":
        found.units = list(read_tox(path, source))
    elif name.endswith((".conf", ".ini", ".supervisor", ".supervisord")):
        found.units = list(read_supervisor(path, source))
    elif name == "pyproject.toml":
        found.units = list(read_pyproject(path, source))
    elif name == "package.json":
        found.units = list(read_package_json(path, source))
    elif is_script(name, data):
        text = source.all()
        place = Place(path, 1, 1, 1, 1)
        command = Command(place, script=text, shell="file")
        # s6 calls them all `run`, and their folder says what.
        says_nothing = name.partition(".")[0] in ("run", "start")
        called = path.split("/")[-2] if says_nothing and "/" in path else name
        found.units = [Unit(kind="script", name=called, path=path, place=place, command=command)]


def is_script(name: str, data: bytes) -> bool:
    """Whether a file is a shell script: by its ending, or by its first line."""
    return name.endswith((".sh", ".bash")) or _SHEBANG.match(data) is not None


def _yaml(path: str, source: Source) -> Iterator[Unit]:
    if looks_like_helm(source.text):
        source = without_actions(source)
    for document in documents(source):
        if is_kubernetes(document):
            yield from read_kubernetes(path, document)
        elif is_compose(document):
            yield from read_compose(path, document)
