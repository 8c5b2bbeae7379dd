"""systemd service units."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

import msgspec

from celerylint.deploy.facts import Command, Unit
from celerylint.deploy.ini import Section, sections
from celerylint.deploy.shell.variables import Pieces, Scalar
from celerylint.deploy.split import replaced, words_of
from celerylint.deploy.text import Source, Text
from celerylint.deploy.values import converted, systemd_duration
from celerylint.deploy.words import Piece, Word, literal
from celerylint.model.value import Value, unknown

_PREFIX = re.compile(r"[-@:+!]+")
# ``$NAME`` alone is split at blanks, ``${NAME}`` is one word.
_EXPANSION = re.compile(r"\$\$|\$\{(?P<braced>\w+)\}|\$(?P<bare>\w+)|%(?P<specifier>.)")


def read_systemd(path: str, source: Source) -> Iterator[Unit]:
    """What ``ExecStart`` runs. A template (``worker@.service``) is started any number of times."""
    service = next((one for one in sections(source, backslash=True) if _is_service(one)), None)
    if service is None:
        return
    name = os.path.basename(path).removesuffix(".service")
    environment = _environment(service)
    grace = service.get("TimeoutStopSec") or service.get("TimeoutSec")
    user = service.get("User")
    folder = service.get("WorkingDirectory")
    by_shell = service.get("KillMode")
    for start in service.all("ExecStart"):
        text = start.slice(found.end() if (found := _PREFIX.match(start.value)) else 0)
        if not text.value.strip():
            continue
        words = words_of(_expanded(text, environment))
        yield Unit(
            kind="systemd",
            name=name.rstrip("@"),
            path=path,
            place=service.name.place,
            command=Command(text.place, words),
            environment=environment,
            environment_files=tuple(
                one.value.lstrip("-").strip() for one in service.all("EnvironmentFile")
            ),
            user=literal(user).value("`User` of the unit") if user and user.value else None,
            folder=folder.value.strip() if folder else "",
            grace=_grace(grace) if grace else None,
            replicas=unknown("a template unit is started any number of times")
            if name.endswith("@")
            else None,
            # "control-group", the default, sends SIGTERM to all processes of the unit.
            by_shell=by_shell is None or by_shell.value.strip() != "process",
        )


def _is_service(section: Section) -> bool:
    return section.name.value == "Service"


def _grace(text: Text) -> Value:
    return converted(literal(text.stripped()), "`TimeoutStopSec`", systemd_duration)


def _environment(service: Section) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for text in service.all("Environment"):
        for word in words_of((Piece(text),)):
            name, assigned, _ = word.head.partition("=")
            if assigned:
                found[name] = (word.after(len(name) + 1).pieces,)
    return found


def _expanded(text: Text, environment: dict[str, Scalar]) -> Pieces:
    def value(match: re.Match[str], written: Text) -> Iterable[Piece]:
        name = match["braced"] or match["bare"]
        if match["specifier"] == "%" or match[0] == "$$":
            return [Piece(written.slice(1))]
        if match["specifier"]:
            return [Piece(written, reason=f"systemd replaces `{written.value}`")]
        known = environment.get(name)
        is_split = match["bare"] is not None
        if known is None:
            reason = f"`{written.value}` is not set in the unit"
            return [Piece(written, (name,), reason, quoted=not is_split)]
        return [msgspec.structs.replace(piece, quoted=not is_split) for piece in known[0]]

    return replaced(text, _EXPANSION, value)


def read_environment_file(source: Source) -> dict[str, Scalar]:
    """``NAME=value`` lines, as of ``EnvironmentFile=`` and compose's ``env_file``."""
    found: dict[str, Scalar] = {}
    for line in source.lines():
        text = line.stripped()
        if text.value.startswith("export "):
            text = text.slice(len("export ")).stripped()
        name, assigned, _ = text.value.partition("=")
        if not assigned or text.value.startswith("#") or not name.strip().isidentifier():
            continue
        words = words_of((Piece(text.slice(len(name) + 1)),))
        rest = text.slice(len(name) + 1).stripped()
        whole = words[0] if len(words) == 1 else Word((Piece(rest),))
        found[name.strip()] = (whole.pieces,)
    return found
