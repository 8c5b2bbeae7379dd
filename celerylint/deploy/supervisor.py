"""Programs of supervisor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from celerylint.deploy.facts import Command, Unit
from celerylint.deploy.ini import Section, sections
from celerylint.deploy.shell.variables import Pieces, Scalar
from celerylint.deploy.split import replaced, words_of
from celerylint.deploy.text import Source, Text
from celerylint.deploy.values import converted, whole_number
from celerylint.deploy.words import Piece, literal
from celerylint.model.value import Value

_EXPANSION = re.compile(r"%%|%\((?P<name>\w+)\)[sd]|%\((?P<padded>\w+)\)\d+d")
_COMMENT = re.compile(r"\s;.*")
_ASSIGNMENT = re.compile(
    r"\s*(?P<name>\w+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^,\s]*))\s*,?"
)
_TRUE = ("true", "yes", "on", "1")


def read_supervisor(path: str, source: Source) -> Iterator[Unit]:
    """The programs of a supervisor configuration."""
    for section in sections(source):
        kind, _, name = section.name.value.partition(":")
        if kind.strip() not in ("program", "eventlistener"):
            continue
        environment = _environment(section)
        command = section.get("command")
        if command is None:
            continue
        text = _without_comment(command)
        folder, user = section.get("directory"), section.get("user")
        grouped = section.get("stopasgroup")
        yield Unit(
            kind="supervisor",
            name=name.strip(),
            path=path,
            place=section.name.place,
            command=Command(text.place, words_of(_expanded(text, name, environment))),
            environment=environment,
            user=literal(user).value("`user` of the program") if user and user.value else None,
            folder=folder.value.strip() if folder else "",
            grace=_number(section, "stopwaitsecs"),
            replicas=_number(section, "numprocs"),
            by_shell=grouped is not None and grouped.value.strip().lower() in _TRUE,
        )


def _without_comment(text: Text) -> Text:
    found = _COMMENT.search(text.value)
    return text.slice(0, found.start()) if found else text


def _number(section: Section, key: str) -> Value | None:
    text = section.get(key)
    if text is None:
        return None
    return converted(literal(_without_comment(text).stripped()), f"`{key}`", whole_number)


def _environment(section: Section) -> dict[str, Scalar]:
    """``KEY="value",KEY2='value'``; a percent sign is written twice."""
    text = section.get("environment")
    found: dict[str, Scalar] = {}
    if text is None:
        return found
    for match in _ASSIGNMENT.finditer(text.value):
        group = next(name for name in ("double", "single", "bare") if match[name] is not None)
        value = text.slice(match.start(group), match.end(group))
        found[match["name"]] = (_expanded(value, "", {}),)
    return found


def _expanded(text: Text, program: str, environment: dict[str, Scalar]) -> Pieces:
    def value(match: re.Match[str], written: Text) -> Iterable[Piece]:
        name = match["name"] or match["padded"]
        if name is None:
            return [Piece(written.slice(1))]
        if name == "program_name":
            return [Piece(msgspec.structs.replace(written, value=program.strip()))]
        known = environment.get(name.removeprefix("ENV_"))
        if known is not None and name.startswith("ENV_"):
            return known[0]
        return [Piece(written, (name,), f"supervisor replaces `{written.value}`", quoted=False)]

    return replaced(text, _EXPANSION, value)
