"""Dockerfiles: what an image runs, as whom, on which base.

Read by hand: the parsers on PyPI tell lines but no columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from celerylint.deploy.facts import Command, Dockerfile, Stage
from celerylint.deploy.json_strings import strings
from celerylint.deploy.shell.variables import Pieces, Scalar
from celerylint.deploy.split import interpolated, words_of
from celerylint.deploy.text import Source, Text
from celerylint.deploy.words import Piece, Word, literal
from celerylint.model.value import Value

_FROM_OUTSIDE = "is an argument of the build"
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+")
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_ESCAPE_DIRECTIVE = re.compile(r"#\s*escape\s*=\s*`", re.IGNORECASE)
_FROM = re.compile(r"(?:--\S+\s+)*(?P<image>\S+)(?:\s+[Aa][Ss]\s+(?P<name>\S+))?")


def read_dockerfile(path: str, source: Source) -> Dockerfile:
    """The stages of a Dockerfile, in order. What is no instruction is passed over."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    shell = "sh"
    for name, text in _instructions(source):
        if name == "ARG":
            key, _, value = text.value.partition("=")
            arguments[key.strip()] = value.strip().strip("\"'")
        elif name == "FROM":
            stages.append(_stage(text, stages, arguments))
            shell = "sh"
        elif stages:
            if name == "SHELL":
                words = _json_words(text)
                shell = _basename(words[0].known or "") if words else shell
            else:
                stages[-1] = _with(stages[-1], name, text, shell)
    return Dockerfile(path, tuple(stages))


def _instructions(source: Source) -> Iterator[tuple[str, Text]]:
    """Instructions with what follows them, continuation lines put together."""
    lines = source.lines()
    escape = "`" if lines and _ESCAPE_DIRECTIVE.match(lines[0].value) else "\\"
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        found = _INSTRUCTION.match(line.value)
        if found is None:
            continue
        text = line.slice(found.end())
        while text.value.rstrip().endswith(escape) and index < len(lines):
            text = text.slice(0, len(text.value.rstrip()) - 1)
            while index < len(lines) and _is_skipped(lines[index].value):
                index += 1
            if index < len(lines):
                text = text + lines[index]
                index += 1
        if name := _HEREDOC.search(text.value):
            while index < len(lines) and lines[index].value.strip() != name[1]:
                index += 1
            index += 1
        yield found[1].upper(), text


def _is_skipped(line: str) -> bool:
    """Comments and empty lines within an instruction count for nothing."""
    return not line.strip() or line.lstrip().startswith("#")


def _stage(text: Text, earlier: list[Stage], arguments: dict[str, str]) -> Stage:
    found = _FROM.match(text.value)
    image = found["image"] if found else ""
    for name, value in arguments.items():
        image = image.replace(f"${{{name}}}", value)
    name = (found["name"] if found else None) or str(len(earlier))
    base = next((stage for stage in earlier if stage.name.lower() == image.lower()), None)
    if base is None:
        return Stage(name=name, base=image, place=text.place)
    # All that the stage before it says holds until it is said anew.
    return msgspec.structs.replace(base, name=name, place=text.place)


def _with(stage: Stage, name: str, text: Text, shell: str) -> Stage:
    if name == "CMD":
        return msgspec.structs.replace(stage, command=_command(text, shell))
    if name == "ENTRYPOINT":
        # It also takes back a CMD of the base image.
        return msgspec.structs.replace(stage, entrypoint=_command(text, shell))
    if name == "USER":
        return msgspec.structs.replace(stage, user=_user(text.stripped()))
    if name == "WORKDIR":
        return msgspec.structs.replace(stage, folder=text.value.strip())
    if name == "ENV":
        environment = {**stage.environment, **_environment(text)}
        return msgspec.structs.replace(stage, environment=environment)
    if name in ("COPY", "ADD"):
        copies = {**stage.copies, **_copies(text.value, stage.folder)}
        return msgspec.structs.replace(stage, copies=copies)
    return stage


def _user(text: Text) -> Value:
    return Word(interpolated(text, _FROM_OUTSIDE)).value("`USER` of the image")


def _command(text: Text, shell: str) -> Command:
    text = text.stripped()
    words = _json_words(text)
    if words is not None:
        return Command(text.place, words)
    return Command(text.place, script=text, shell=shell)


def _json_words(text: Text) -> tuple[Word, ...] | None:
    if not text.value.lstrip().startswith("["):
        return None
    try:
        values = json.loads(text.value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return tuple(literal(value) for value in strings(text))


def _environment(text: Text) -> dict[str, Scalar]:
    """``NAME=value ...``, or the old ``NAME value``."""
    found: dict[str, Scalar] = {}
    first = text.value.split(None, 1)
    if first and "=" not in first[0]:
        value: Pieces = (Piece(text.slice(text.value.find(first[0]) + len(first[0])).stripped()),)
        return {first[0]: (value,)}
    for word in words_of(interpolated(text, _FROM_OUTSIDE)):
        name, assigned, _ = word.head.partition("=")
        if assigned:
            found[name] = (word.after(len(name) + 1).pieces,)
    return found


def _copies(text: str, folder: str) -> dict[str, str]:
    """Where each of the copied files is in the image, and where it comes from."""
    words = [word.strip('",[]') for word in text.split()]
    if any(word.startswith("--from") for word in words):
        return {}
    words = [word for word in words if word and not word.startswith("--")]
    if len(words) < 2:
        return {}
    *origins, target = words
    if not target.startswith("/"):
        target = f"{folder.rstrip('/')}/{target.removeprefix('./')}"
    if len(origins) == 1 and not target.endswith(("/", "/.")):
        return {target: origins[0]}
    # Of a folder it is what is in it that is copied, and not the folder itself.
    folder = target.rstrip("/.") or "/"
    within = {f"{folder.rstrip('/')}/{_basename(origin)}": origin for origin in origins}
    return {folder: origins[0], **within} if len(origins) == 1 else within


def _basename(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
