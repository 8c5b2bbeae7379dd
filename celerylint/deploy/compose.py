"""Compose files: services with their commands."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.deploy.facts import Build, Command, Unit
from celerylint.deploy.shell.variables import Scalar as Values
from celerylint.deploy.split import interpolated, words_of
from celerylint.deploy.values import converted, go_duration, whole_number
from celerylint.deploy.words import Piece, Word
from celerylint.deploy.yaml_nodes import Mapping, Node, Scalar, Sequence
from celerylint.model.value import Value

_FROM_OUTSIDE = "comes from the environment that compose is run in"


def is_compose(document: Node) -> bool:
    """Whether a document is of a compose file: nothing else has a mapping of such services."""
    services = document.get("services") if isinstance(document, Mapping) else None
    if not isinstance(services, Mapping) or document.get("kind"):  # type: ignore[union-attr]
        return False
    known = {"image", "build", "command", "entrypoint", "extends", "environment", "<<", "volumes"}
    known |= {"depends_on", "deploy", "env_file", "ports", "profiles", "scale"}
    return any(
        isinstance(service, Mapping) and any(key.value in known for key, _ in service.entries)
        for _, service in services.pairs()
    )


def read_compose(path: str, document: Node) -> Iterator[Unit]:
    """The services of a compose file, each as far as this file tells."""
    assert isinstance(document, Mapping)
    services = document.get("services")
    assert isinstance(services, Mapping)
    for name, service in services.pairs():
        if isinstance(service, Mapping):
            yield _service(path, name, service)
        elif isinstance(service, Scalar) and service.tag == "!reset":
            yield Unit(kind="compose", name=name.value, path=path, place=name.place, removed=True)


def _service(path: str, name: Scalar, service: Mapping) -> Unit:
    profiles = service.get("profiles")
    folder = service.get("working_dir")
    user = _word(service.get("user"))
    image = _word(service.get("image"))
    init = service.get("init")
    return Unit(
        kind="compose",
        name=name.value,
        path=path,
        place=name.place,
        entrypoint=_command(service.get("entrypoint")),
        command=_command(service.get("command")),
        environment=_environment(service.get("environment")),
        environment_files=tuple(_environment_files(service.get("env_file"))),
        image=image,
        build=_build(service.get("build")),
        user=user.value("`user` of the service") if user else None,
        init=isinstance(init, Scalar) and init.value.lower() in ("true", "yes", "on"),
        folder=folder.value if isinstance(folder, Scalar) else "",
        grace=_grace(service.get("stop_grace_period")),
        replicas=_replicas(service),
        profiles=tuple(_texts(profiles)),
        extends=_extends(service.get("extends")),
        removed=service.tag == "!reset",
    )


def _command(node: Node | None) -> Command | None:
    if isinstance(node, Scalar):
        if node.is_null:
            return Command(node.place) if node.tag == "!reset" else None
        return Command(node.place, words_of(interpolated(node.text, _FROM_OUTSIDE)))
    if isinstance(node, Sequence):
        words = tuple(
            Word(interpolated(item.text, _FROM_OUTSIDE))
            for item in node.items
            if isinstance(item, Scalar)
        )
        place = words[0].place if words else node.place
        return Command(place, words)
    return None


def _word(node: Node | None) -> Word | None:
    if not isinstance(node, Scalar) or node.is_null:
        return None
    return Word(interpolated(node.text, _FROM_OUTSIDE))


def _environment(node: Node | None) -> dict[str, Values]:
    found: dict[str, Values] = {}
    if isinstance(node, Mapping):
        for key, value in node.pairs():
            if isinstance(value, Scalar):
                found[key.value] = (_variable(value, value.is_null),)
    elif isinstance(node, Sequence):
        for item in node.items:
            if not isinstance(item, Scalar):
                continue
            name, assigned, _ = item.value.partition("=")
            if assigned:
                found[name] = (interpolated(item.text.slice(len(name) + 1), _FROM_OUTSIDE),)
            else:
                found[name] = (_variable(item, True),)
    return found


def _variable(node: Scalar, passed_on: bool) -> tuple[Piece, ...]:
    if passed_on:  # `NAME:` without a value is the one that compose has itself
        return (Piece(node.text, reason=f"its value {_FROM_OUTSIDE}"),)
    return interpolated(node.text, _FROM_OUTSIDE)


def _environment_files(node: Node | None) -> Iterator[str]:
    for item in node.items if isinstance(node, Sequence) else [node]:
        path = item.get("path") if isinstance(item, Mapping) else item
        if isinstance(path, Scalar) and not path.is_null and "$" not in path.value:
            yield path.value


def _build(node: Node | None) -> Build | None:
    if isinstance(node, Scalar) and not node.is_null:
        return Build(node.value)
    if isinstance(node, Mapping):
        context, dockerfile, target = (
            found.value if isinstance(found := node.get(key), Scalar) else ""
            for key in ("context", "dockerfile", "target")
        )
        return Build(context or ".", dockerfile, target)
    return None


def _grace(node: Node | None) -> Value | None:
    word = _word(node)
    return converted(word, "`stop_grace_period`", go_duration) if word else None


def _replicas(service: Mapping) -> Value | None:
    deploy, scale = _word(service.get("deploy", "replicas")), _word(service.get("scale"))
    if deploy:
        return converted(deploy, "`deploy.replicas`", whole_number)
    return converted(scale, "`scale`", whole_number) if scale else None


def _extends(node: Node | None) -> tuple[str, str] | None:
    if isinstance(node, Scalar):
        return ("", node.value)
    if isinstance(node, Mapping):
        file, service = node.get("file"), node.get("service")
        if isinstance(service, Scalar):
            return (file.value if isinstance(file, Scalar) else "", service.value)
    return None


def _texts(node: Node | None) -> Iterator[str]:
    for item in node.items if isinstance(node, Sequence) else [node]:
        if isinstance(item, Scalar):
            yield item.value
