"""What one deployment file says: its units, each of them something that is started."""

from __future__ import annotations

from typing import Literal

import msgspec

from celerylint.deploy.shell.variables import Scalar
from celerylint.deploy.text import Text
from celerylint.deploy.words import Argv, Word
from celerylint.model.place import Place
from celerylint.model.value import Value

Kind = Literal[
    "procfile",
    "dockerfile",
    "compose",
    "kubernetes",
    "systemd",
    "supervisor",
    "script",
    "makefile",
    "pyproject",
    "tox",
    "package.json",
    "python",
]


class Command(msgspec.Struct, frozen=True):
    """What a unit runs: the words of an argument list, or a ``script`` for a shell.

    ``shell`` is the program that the script is given to (``sh``, ``bash``).
    """

    place: Place
    words: Argv = ()
    script: Text | None = None
    shell: str = "sh"


class Build(msgspec.Struct, frozen=True):
    """Which Dockerfile an image is built from; paths as written, empty for the defaults."""

    context: str = "."
    dockerfile: str = ""
    target: str = ""


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A service, a program, a target: something that a file starts under a name.

    ``entrypoint`` comes before ``command``, as in a container; None is "as the image says", a
    command without words is none at all. ``grace`` is how many seconds there are between SIGTERM
    and SIGKILL, ``replicas`` how many are started; None where the file does not say.

    ``by_shell`` says that signals go to every process of the unit, not to the first alone.
    ``on_demand`` says that it is started by hand (a task runner), or only when asked for.
    """

    kind: Kind
    name: str
    path: str
    place: Place
    entrypoint: Command | None = None
    command: Command | None = None
    environment: dict[str, Scalar] = {}
    environment_files: tuple[str, ...] = ()
    image: Word | None = None
    build: Build | None = None
    user: Value | None = None
    init: bool = False
    folder: str = ""
    grace: Value | None = None
    replicas: Value | None = None
    profiles: tuple[str, ...] = ()
    extends: tuple[str, str] | None = None
    """File (empty: the same) and service that it takes everything from that it does not say."""
    by_shell: bool = False
    on_demand: bool = False
    removed: bool = False
    """An override takes the service out."""
    scales: str = ""
    """The name of the workload whose number ``replicas`` sets, for an autoscaler."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A stage of a Dockerfile. ``base`` is the image or the stage it starts from. ``copies`` maps
    where a file is in the image to where it is in the build context."""

    name: str
    base: str
    place: Place
    entrypoint: Command | None = None
    command: Command | None = None
    environment: dict[str, Scalar] = {}
    user: Value | None = None
    folder: str = ""
    copies: dict[str, str] = {}


class Dockerfile(msgspec.Struct, frozen=True):
    path: str
    stages: tuple[Stage, ...]


class Problem(msgspec.Struct, frozen=True):
    """Why a file, or a part of it, was not read."""

    place: Place
    reason: str
