"""Everything that a project's deployment files start with Celery: units put together with their
images, scripts and autoscalers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from celerylint.deploy.compose_projects import Services, projects
from celerylint.deploy.facts import Command, Dockerfile, Kind, Stage, Unit
from celerylint.deploy.follow import Context, Follower, Found, PythonStart, Shell
from celerylint.deploy.images import runs_as_root, system_shell
from celerylint.deploy.repository import Repository
from celerylint.deploy.select import relevant
from celerylint.deploy.shell.variables import Scalar
from celerylint.deploy.text import Text
from celerylint.deploy.values import platform_default
from celerylint.deploy.words import Word, literal
from celerylint.model.place import Place
from celerylint.model.value import Value, unknown

_GRACE: dict[str, tuple[float, str]] = {
    "compose": (10, "Docker's default"),
    "dockerfile": (10, "Docker's default"),
    "kubernetes": (30, "the default of Kubernetes"),
    "systemd": (90, "the default of systemd"),
    "supervisor": (10, "supervisor's default"),
}
_REPLICAS: dict[str, str] = {
    "compose": "compose starts one",
    "kubernetes": "Kubernetes starts one",
    "systemd": "systemd starts one",
    "supervisor": "supervisor starts one",
}
_DEVELOPMENT = frozenset({"dev", "development", "debug", "local", "test", "ci", "tools"})
_CONTAINERS = frozenset({"compose", "dockerfile", "kubernetes"})


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A Celery command as a deployment starts it.

    ``argvs`` are the words behind ``celery``, in every way that they can come out. ``place`` is
    the command, ``unit`` where the service or program is defined, ``path`` the file of that.
    ``group`` is the same for what is started together. ``system_shell`` is what ``/bin/sh`` is in
    the image, empty where that cannot be told.
    """

    name: str
    kind: Kind
    path: str
    unit: Place
    place: Place
    argvs: tuple[tuple[Word, ...], ...]
    environment: dict[str, Scalar]
    replicas: Value
    grace: Value
    shells: tuple[Shell, ...] = ()
    user: Value | None = None
    folders: tuple[str, ...] = ()
    development: bool = False
    group: str = ""
    in_container: bool = False
    by_shell: bool = False
    system_shell: str = ""
    app: str = ""
    root_by_default: bool = False
    """Nobody says as whom it is run, and the base image is one that runs as root."""


class _Image(msgspec.Struct, frozen=True):
    """The stage that an image is built from; ``path`` is that of the Dockerfile, and ``context``
    that of the folder, both absolute."""

    path: str
    file: Dockerfile
    stage: Stage
    context: str

    @property
    def copies(self) -> dict[str, str]:
        return {
            target: os.path.normpath(os.path.join(self.context, origin))
            for target, origin in self.stage.copies.items()
        }


def processes(
    repository: Repository,
    python: Iterable[PythonStart],
    is_development: Callable[[str], bool],
) -> list[Process]:
    """Every Celery process, in order of file and place.

    ``python`` are the commands that Python files start; ``is_development`` judges the absolute
    path of a deployment file.
    """
    return _Assembly(repository, list(python), is_development).processes()


class _Assembly:
    def __init__(
        self,
        repository: Repository,
        python: list[PythonStart],
        is_development: Callable[[str], bool],
    ) -> None:
        self._repository = repository
        self._python = python
        self._is_development = is_development
        self._follower = Follower(repository, python)
        self._found: list[Process] = []
        self._units: list[tuple[str, Unit]] = []
        self._dockerfiles: dict[str, Dockerfile] = {}
        names = [start.command or os.path.basename(start.path) for start in self._python]
        for path in relevant(repository, names):
            facts = repository.facts(path)
            if facts is None:
                continue
            self._units += [(path, unit) for unit in facts.units]
            if facts.dockerfile is not None:
                self._dockerfiles[path] = facts.dockerfile

    def processes(self) -> list[Process]:
        self._compose()
        scalers = [unit for _, unit in self._units if unit.scales]
        for path, unit in self._units:
            if unit.kind == "kubernetes" and not unit.scales:
                self._unit(path, _scaled(unit, scalers), self._image_named(unit))
            elif unit.kind in ("procfile", "systemd", "supervisor"):
                self._unit(path, unit, None)
        self._images()
        for path, unit in self._units:
            if unit.kind == "script":
                self._unit(path, unit, None, only_new=True)
        for path, unit in self._units:
            if unit.on_demand:
                self._unit(path, unit, None, only_new=True)
        self._python_files()
        self._found.sort(key=lambda one: (one.unit.path, one.unit.line, one.place.line, one.name))
        return self._found

    # Compose

    def _compose(self) -> None:
        folders: dict[str, dict[str, Services]] = {}
        for path, unit in self._units:
            if unit.kind == "compose":
                files = folders.setdefault(os.path.dirname(path), {})
                files.setdefault(path, {})[unit.name] = unit
        for folder, files in sorted(folders.items()):
            found = projects(files.items(), self._units_of)
            superseded = {
                name
                for project in found
                if project.is_overlay and not self._is_development(project.path)
                for name in project.services
            }
            for project in found:
                images = self._images_by_name(project.services, folder)
                for name, unit in project.services.items():
                    image = self._built(unit, folder)
                    if image is None and unit.image is not None:
                        image = images.get(unit.image.known or "")
                    self._unit(
                        project.path,
                        unit,
                        image,
                        development=project.has_production
                        or self._is_for_development(unit, image)
                        or (not project.is_overlay and name in superseded)
                        or bool(set(unit.profiles) & _DEVELOPMENT),
                    )

    def _is_for_development(self, unit: Unit, image: _Image | None) -> bool:
        """Whether the image of a service is one for development."""
        if image is None:
            return False
        target = unit.build.target if unit.build is not None else image.stage.name
        return target in _DEVELOPMENT or self._is_development(image.path)

    def _units_of(self, path: str) -> list[Unit]:
        facts = self._repository.facts(path)
        return facts.units if facts is not None else []

    def _images_by_name(self, services: Services, folder: str) -> dict[str, _Image]:
        found = {}
        for unit in services.values():
            image = self._built(unit, folder)
            if image is not None and unit.image is not None and unit.image.known:
                found[unit.image.known] = image
        return found

    def _built(self, unit: Unit, folder: str) -> _Image | None:
        build = unit.build
        if build is None:
            return None
        context = os.path.normpath(os.path.join(folder, _filled(build.context)))
        name = _filled(build.dockerfile) or "Dockerfile"
        path = os.path.normpath(os.path.join(context, name))
        facts = self._repository.facts(path)
        if facts is None or facts.dockerfile is None or not facts.dockerfile.stages:
            return None
        stages = facts.dockerfile.stages
        named = [stage for stage in stages if stage.name == build.target]
        return _Image(path, facts.dockerfile, named[0] if named else stages[-1], context)

    def _image_named(self, unit: Unit) -> _Image | None:
        """The image of a manifest: the repository's own, if it builds just one."""
        stages = [
            (path, file)
            for path, file in self._dockerfiles.items()
            if not self._is_development(path)
        ]
        if len(stages) != 1 or not stages[0][1].stages:
            return None
        path, file = stages[0]
        return _Image(path, file, file.stages[-1], os.path.dirname(path))

    # Units

    def _unit(
        self,
        path: str,
        unit: Unit,
        image: _Image | None,
        *,
        development: bool = False,
        only_new: bool = False,
    ) -> None:
        command = _whole_command(unit, image)
        if command is None:
            return
        folder = os.path.dirname(path)
        environment: dict[str, Scalar] = dict(image.stage.environment) if image else {}
        for name in unit.environment_files:
            environment.update(self._repository.environment(name, folder))
        environment.update(unit.environment)
        context = Context(
            environment=environment,
            folder=self._folder(unit, folder, image),
            copies=image.copies if image else {},
            user=unit.user or (image.stage.user if image else None),
            is_definition=unit.kind not in ("script", "makefile"),
        )
        found = self._follower.follow(command, context)
        if only_new:
            known = {_start(one.place) for one in self._found if not one.development}
            found = [one for one in found if _start(one.place) not in known]
        development = development or unit.on_demand or self._is_development(path)
        for alternatives in _grouped(found):
            self._add(path, unit, image, alternatives, development=development)

    def _folder(self, unit: Unit, folder: str, image: _Image | None) -> str:
        """Where in the repository a command is run: an image's folder is that of its context."""
        if unit.folder and not unit.folder.startswith("/"):
            return os.path.normpath(os.path.join(folder, unit.folder))
        if image is None:
            return folder
        inside = unit.folder or image.stage.folder
        for target, origin in image.copies.items():
            if inside.rstrip("/") == target.rstrip("/"):
                return origin
        return image.context

    def _add(
        self,
        path: str,
        unit: Unit,
        image: _Image | None,
        found: list[Found],
        *,
        development: bool,
    ) -> None:
        first = found[0]
        name = unit.name
        if first.label and first.label != unit.name:
            name = first.label if unit.kind == "script" else f"{unit.name}/{first.label}"
        default = _GRACE.get(unit.kind)
        grace = unit.grace or (
            platform_default(default[0], default[1])
            if default
            else unknown(f"whoever starts {unit.path} decides")
        )
        replicas = unit.replicas or (
            platform_default(1, _REPLICAS[unit.kind])
            if unit.kind in _REPLICAS
            else unknown(f"whoever starts {unit.path} decides")
        )
        self._found.append(
            Process(
                name=name,
                kind=unit.kind,
                path=unit.path,
                unit=unit.place,
                place=first.place,
                argvs=tuple(dict.fromkeys(one.words for one in found)),
                environment=first.environment,
                replicas=replicas,
                grace=grace,
                shells=first.shells,
                user=first.user,
                folders=tuple(
                    dict.fromkeys(
                        [
                            *first.folders,
                            self._repository.folder_of(first.place.path),
                            os.path.dirname(path),
                            self._repository.root,
                        ]
                    )
                ),
                development=development or first.reloads,
                group=self._group(path, unit),
                in_container=unit.kind in _CONTAINERS,
                by_shell=unit.by_shell,
                app=first.app,
                root_by_default=image is not None and runs_as_root(image.stage.base),
                system_shell=system_shell(image.stage.base)
                if image is not None
                else system_shell((unit.image.known or "") if unit.image else ""),
            )
        )

    def _group(self, path: str, unit: Unit) -> str:
        """What is certainly started together: what is in one file, but for services that are
        asked for by a profile. Scripts and images are started one by one."""
        if unit.profiles or unit.kind not in ("compose", "procfile", "kubernetes", "supervisor"):
            return ""
        return path

    # Images and Python files that stand by themselves

    def _images(self) -> None:
        claimed = {_start(one.place) for one in self._found if not one.development}
        for path, file in self._dockerfiles.items():
            seen: set[Place] = set()
            for stage in reversed(file.stages):
                command = stage.command or stage.entrypoint
                if command is None or command.place in seen:
                    continue
                seen.add(command.place)
                is_last = stage is file.stages[-1]
                unit = Unit(
                    kind="dockerfile",
                    name=_image_name(path, stage, is_last=is_last),
                    path=file.path,
                    place=stage.place,
                )
                image = _Image(path, file, stage, os.path.dirname(path))
                before = len(self._found)
                self._unit(path, unit, image)
                self._found[before:] = [
                    one for one in self._found[before:] if _start(one.place) not in claimed
                ]

    def _python_files(self) -> None:
        known = {_start(one.place) for one in self._found}
        for start in self._python:
            if _start(start.place) in known:
                continue
            place = Place(start.path, 1, 1, 1, 1)
            name = start.command or os.path.basename(start.path).removesuffix(".py")
            unit = Unit(kind="python", name=name, path=start.path, place=place)
            found = Found(
                start.words,
                start.place,
                {},
                folders=(self._repository.root,),
                app=start.app,
            )
            absolute = os.path.join(self._repository.root, start.path)
            self._add(absolute, unit, None, [found], development=self._is_development(absolute))


def _grouped(found: Iterable[Found]) -> Iterator[list[Found]]:
    """What is found, with the ways in which one process may be started put together: the branches
    of an ``if`` that start the same command."""
    groups: list[list[Found]] = []
    for one in found:
        for group in groups:
            if _are_alternatives(group[0], one):
                group.append(one)
                break
        else:
            groups.append([one])
    yield from groups


def _are_alternatives(one: Found, other: Found) -> bool:
    if one.label != other.label or _command_of(one) != _command_of(other):
        return False
    if _start(one.place) == _start(other.place):
        return True
    branches = dict(one.branch)
    return any(branches.get(place, index) != index for place, index in other.branch)


def _start(place: Place) -> tuple[str, int, int]:
    """A command that may come out in several ways starts in one place, and ends in several."""
    return (place.path, place.line, place.column)


def _command_of(found: Found) -> str:
    return (
        next(
            (
                word.known
                for word in found.words
                if word.known in ("worker", "beat", "flower", "multi")
            ),
            "",
        )
        or ""
    )


def _scaled(unit: Unit, scalers: Iterable[Unit]) -> Unit:
    """The unit with the number that an autoscaler may bring it to."""
    for scaler in scalers:
        if scaler.scales == unit.name.partition("/")[0] and scaler.scales:
            same_folder = os.path.dirname(scaler.path) == os.path.dirname(unit.path)
            if same_folder:
                return msgspec.structs.replace(unit, replicas=scaler.replicas)
    return unit


def _whole_command(unit: Unit, image: _Image | None) -> Command | None:
    """What a unit runs, entrypoint and command together, its own or the image's."""
    stage = image.stage if image is not None else None
    entrypoint, command = unit.entrypoint, unit.command
    if entrypoint is None:
        entrypoint = stage.entrypoint if stage is not None else None
        command = command or (stage.command if stage is not None else None)
    if entrypoint is None or (entrypoint.script is None and not entrypoint.words):
        return command
    if command is None or entrypoint.script is not None:
        return entrypoint
    words = command.words
    if command.script is not None:
        words = (*_shell_words(command), literal(command.script))
    place = command.place if words else entrypoint.place
    return Command(place, (*entrypoint.words, *words))


def _shell_words(command: Command) -> tuple[Word, ...]:
    start = command.place
    assert command.script is not None
    at = command.script.slice(0, 0)
    return tuple(
        literal(Text(word, at.runs)) for word in (command.shell or "sh", "-c") if start is not None
    )


_SUFFIX = re.compile(r"^(?:docker|container)file[._-]|[._-]?(?:docker|container)file$", re.I)


def _image_name(path: str, stage: Stage, *, is_last: bool) -> str:
    """``Dockerfile.worker`` is ``worker``, and a Dockerfile in a folder is called like that."""
    name = _SUFFIX.sub("", os.path.basename(path)).strip("._-")
    if not name or name.lower() in ("dockerfile", "containerfile"):
        name = os.path.basename(os.path.dirname(path))
    if not is_last and not stage.name.isdigit():
        return stage.name
    return name or stage.name


def _filled(path: str) -> str:
    """A path with the defaults of its variables."""
    return re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", path)
