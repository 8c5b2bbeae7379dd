"""Kubernetes manifests: the containers of workloads, and what scales these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from celerylint.deploy.facts import Command, Unit
from celerylint.deploy.helm import FILLED_IN
from celerylint.deploy.shell.variables import Pieces
from celerylint.deploy.shell.variables import Scalar as Values
from celerylint.deploy.split import replaced
from celerylint.deploy.text import Text
from celerylint.deploy.values import converted, whole_number
from celerylint.deploy.words import Choice, Piece, Word, first_word, opaque
from celerylint.deploy.yaml_nodes import Mapping, Node, Scalar, Sequence
from celerylint.model.value import Value, unknown

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod")
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")

_POD = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", "spec", "template", "spec")}
_VARIABLE = re.compile(r"\$\$\(|\$\((?P<name>[-._A-Za-z0-9]+)\)")
_SAY_NOTHING = frozenset(kind.lower() for kind in WORKLOADS)
_FILLED_IN = re.compile(f"{FILLED_IN}+")
_BY_TEMPLATE = "the template fills it in"
_NOT_DECIDED_HERE = "comes from a ConfigMap, a Secret or the pod"


def is_kubernetes(document: Node) -> bool:
    if not isinstance(document, Mapping):
        return False
    kind = document.get("kind")
    return isinstance(kind, Scalar) and (kind.value in (*WORKLOADS, *SCALERS, "List"))


def read_kubernetes(path: str, document: Node) -> Iterator[Unit]:
    """The containers of a manifest; for an autoscaler, a unit that only scales."""
    if not isinstance(document, Mapping):
        return
    kind = document.get("kind")
    assert isinstance(kind, Scalar)
    if kind.value == "List":
        items = document.get("items")
        for item in items.items if isinstance(items, Sequence) else ():
            if is_kubernetes(item):
                yield from read_kubernetes(path, item)
    elif kind.value in SCALERS:
        yield from _scaler(path, kind, document)
    else:
        pod = document.get(*_POD.get(kind.value, ("spec", "template", "spec")))
        if isinstance(pod, Mapping):
            yield from _containers(path, kind.value, document, pod)


def _containers(path: str, kind: str, document: Mapping, pod: Mapping) -> Iterator[Unit]:
    name = document.get("metadata", "name")
    containers = pod.get("containers")
    inner = containers.items if isinstance(containers, Sequence) else []
    seconds = _plain(pod.get("terminationGracePeriodSeconds"))
    grace = converted(seconds, "`terminationGracePeriodSeconds`", whole_number) if seconds else None
    count = _plain(document.get("spec", "replicas"))
    replicas = converted(count, "`replicas`", whole_number) if count else None
    if kind == "DaemonSet":
        replicas = unknown("a DaemonSet runs once on every node")
    for container in inner:
        if not isinstance(container, Mapping):
            continue
        own = container.get("name")
        workload = _name(name)
        environment = _environment(container.get("env"))
        user = _plain(container.get("securityContext", "runAsUser")) or _plain(
            pod.get("securityContext", "runAsUser")
        )
        folder = container.get("workingDir")
        yield Unit(
            kind="kubernetes",
            name=_called(workload, _name(own), alone=len(inner) == 1) or _stem(path),
            path=path,
            place=name.place if isinstance(name, Scalar) else document.place,
            entrypoint=_command(container.every("command"), environment),
            command=_command(container.every("args"), environment),
            environment=environment,
            image=_plain(container.get("image")),
            user=user.value("`runAsUser`") if user else None,
            folder=folder.value if isinstance(folder, Scalar) else "",
            grace=grace,
            replicas=replicas,
        )


def _called(workload: str, container: str, *, alone: bool) -> str:
    if not container or (alone and workload):
        return workload or container
    return f"{workload}/{container}" if workload else container


def _stem(path: str) -> str:
    """What a file is called, or its folder where that says no more than what is in it."""
    *folders, name = path.split("/")
    stem = name.partition(".")[0]
    return folders[-1] if folders and stem.lower() in _SAY_NOTHING else stem


def _name(node: Node | None) -> str:
    """The name, with what a template puts in left out."""
    return node.value.replace(FILLED_IN, "").strip("-_ ") if isinstance(node, Scalar) else ""


def _scaler(path: str, kind: Scalar, document: Mapping) -> Iterator[Unit]:
    """``maxReplicas`` of an autoscaler, for the workload that it is about."""
    target = document.get("spec", "scaleTargetRef", "name")
    highest = document.get("spec", "maxReplicas") or document.get("spec", "maxReplicaCount")
    word = _plain(highest)
    if isinstance(target, Scalar):
        replicas: Value = (
            converted(word, f"the most that the {kind.value} starts", whole_number)
            if word
            else unknown(f"the {kind.value} at {kind.place} decides")
        )
        yield Unit(
            kind="kubernetes",
            name=_name(target),
            path=path,
            place=kind.place,
            replicas=replicas,
            scales=_name(target),
        )


def _plain(node: Node | None) -> Word | None:
    if not isinstance(node, Scalar):
        return None
    if node.is_null:  # a template puts something there
        return Word((Piece(node.text, reason=_BY_TEMPLATE),))
    return Word(_filled_in(node.text))


def _filled_in(text: Text) -> Pieces:
    return replaced(
        text, _FILLED_IN, lambda _, written: [Piece(written, reason=_BY_TEMPLATE, quoted=False)]
    )


def _command(nodes: list[Node], environment: dict[str, Values]) -> Command | None:
    ways = [
        tuple(_word(item, environment) for item in node.items if isinstance(item, Scalar))
        for node in nodes
        if isinstance(node, Sequence)
    ]
    empty = next((node for node in nodes if isinstance(node, Scalar) and node.is_null), None)
    if empty is not None:  # a template puts something there
        return Command(empty.place, (opaque(empty.text, _BY_TEMPLATE, open=True),))
    if not ways:
        return None
    first = first_word(ways[0])
    place = first.place if first is not None else nodes[0].place
    return Command(place, ways[0] if len(ways) == 1 else (Choice(tuple(ways)),))


def _word(item: Scalar, environment: dict[str, Values]) -> Word:
    return Word(_expanded(item.text, environment))


def _expanded(text: Text, environment: dict[str, Values]) -> Pieces:
    """``$(NAME)`` is replaced by Kubernetes itself, from the variables of the container."""

    def value(match: re.Match[str], written: Text) -> Iterable[Piece]:
        name = match["name"]
        if name is None:
            return [Piece(written.slice(1))]
        known = environment.get(name)
        if known is None or len(known) != 1:
            reason = f"`{written.value}` {_NOT_DECIDED_HERE}"
            return [Piece(written, (name,), reason, quoted=True)]
        return [msgspec.structs.replace(piece, quoted=True) for piece in known[0]]

    if FILLED_IN in text.value:
        return _filled_in(text)
    return replaced(text, _VARIABLE, value)


def _environment(node: Node | None) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for item in node.items if isinstance(node, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        name, value = item.get("name"), item.get("value")
        if not isinstance(name, Scalar):
            continue
        if isinstance(value, Scalar):
            found[name.value] = (_expanded(value.text, found),)
        else:
            found[name.value] = ((Piece(name.text, reason=f"`{name.value}` {_NOT_DECIDED_HERE}"),),)
    return found
