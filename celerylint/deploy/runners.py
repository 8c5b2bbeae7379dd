"""Files of task runners, whose commands are started by hand: Procfile, Makefile, tox, pyproject,
package.json. Each command is a line for a shell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from celerylint.deploy.facts import Command, Kind, Unit
from celerylint.deploy.ini import sections
from celerylint.deploy.shell.variables import Pieces
from celerylint.deploy.split import replaced
from celerylint.deploy.text import Source, Text
from celerylint.deploy.words import Piece

_PROCESS = re.compile(r"(?P<name>[\w-]+):\s*(?P<command>.+)")


def read_procfile(path: str, source: Source) -> Iterator[Unit]:
    """``name: command`` lines."""
    for line in source.lines():
        found = _PROCESS.match(line.value)
        if found:
            name = line.slice(found.start("name"), found.end("name"))
            text = line.slice(found.start("command"), found.end("command")).stripped()
            yield Unit(
                kind="procfile",
                name=name.value,
                path=path,
                place=name.place,
                command=Command(text.place, script=text, shell="bash"),
            )


_RULE = re.compile(r"(?P<targets>[^\s:#=][^:#=]*?)\s*::?(?!=)(?P<rest>[^=]*)$")
_MAKE_VARIABLE = re.compile(
    r"(?:export\s+)?(?P<name>[\w.-]+)\s*(?P<operator>:{0,3}=|\?=|\+=)\s*(?P<value>.*)"
)
_MAKE_EXPANSION = re.compile(
    r"\$\$|\$\((?P<round>[\w.-]+)\)|\$\{(?P<curly>[\w.-]+)\}|\$\((?P<call>[^()]*)\)"
)
_MOST_NESTED = 8


def read_makefile(path: str, source: Source) -> Iterator[Unit]:
    """The recipes of a Makefile, each as a script of the lines that ``make`` hands to shells."""
    variables: dict[str, tuple[str, Text]] = {}
    target: Text | None = None
    recipe: list[Text] = []
    found: list[tuple[Text, list[Text]]] = []
    for line in _joined_lines(source):
        if line.value.startswith("\t"):
            if target is not None:
                recipe.append(_recipe_line(line.slice(1)))
            continue
        if assigned := _MAKE_VARIABLE.match(line.value):
            value = line.slice(assigned.start("value"), assigned.end("value"))
            variables[assigned["name"]] = (assigned["operator"], value)
        elif rule := _RULE.match(line.value):
            target, recipe = line.slice(rule.start("targets"), rule.end("targets")), []
            found.append((target, recipe))
    for name, lines in found:
        script = _script(lines, variables)
        if script is not None:
            yield Unit(
                kind="makefile",
                name=name.value.split()[0],
                path=path,
                place=name.place,
                command=Command(script.place, script=script, shell="sh"),
                on_demand=True,
            )


def _joined_lines(source: Source) -> Iterator[Text]:
    lines = iter(source.lines())
    for line in lines:
        text = line
        while text.value.endswith("\\"):
            following = next(lines, None)
            if following is None:
                break
            # In a recipe the shell joins the lines, which comes to the same.
            text = text.slice(0, len(text.value) - 1) + following.slice(
                len(following.value) - len(following.value.lstrip("\t"))
            )
        yield text


def _recipe_line(line: Text) -> Text:
    start = len(line.value) - len(line.value.lstrip("@-+ \t"))
    return line.slice(start)


def _script(lines: Iterable[Text], variables: dict[str, tuple[str, Text]]) -> Text | None:
    """The recipe with make's variables put in. One that cannot be told stays as the shell's
    variable of that name, which is not known either."""
    script: Text | None = None
    for line in lines:
        text = _make_expanded(line, variables, 0)
        if script is None:
            script = text
        elif text.value:
            newline = Text("\n", text.slice(0, 0).runs)
            script = script + newline + text
    return script


def _make_expanded(text: Text, variables: dict[str, tuple[str, Text]], depth: int) -> Text:
    def value(match: re.Match[str], written: Text) -> Iterable[Piece]:
        if match[0] == "$$":
            return [Piece(written.slice(1))]
        name = match["round"] or match["curly"]
        operator, known = variables.get(name or "", ("", None))
        if known is None or depth > _MOST_NESTED:
            return [Piece(Text("${" + (name or "MAKE_FUNCTION") + "}", written.runs))]
        inner = _make_expanded(known, variables, depth + 1)
        if operator == "?=":
            return [Piece(Text("${" + name + ":-", written.runs) + inner + Text("}", written.runs))]
        return [Piece(inner)]

    pieces: Pieces = replaced(text, _MAKE_EXPANSION, value)
    whole = pieces[0].text
    for piece in pieces[1:]:
        whole = whole + piece.text
    return whole


def read_tox(path: str, source: Source) -> Iterator[Unit]:
    """The ``commands`` of tox environments."""
    for section in sections(source):
        commands = section.get("commands")
        if commands is not None and section.name.value.startswith("testenv"):
            yield _on_demand("tox", section.name.value.partition(":")[2], path, commands)


def read_pyproject(path: str, source: Source) -> Iterator[Unit]:
    """Commands of task runners (poe, pdm, taskipy, hatch, pixi): any text under ``[tool]`` that
    is below a table of tasks or scripts."""
    import tomli

    try:
        table = tomli.loads(source.text)
    except (tomli.TOMLDecodeError, RecursionError):
        return  # whoever reads the project's metadata says so
    for names, command in _commands(table.get("tool", {}), ()):
        text = _written(source, command)
        if text is not None:
            yield _on_demand("pyproject", ".".join(names), path, text)


_TABLES = frozenset({"tasks", "scripts", "commands", "poe", "taskipy"})
_COMMANDS = ("cmd", "shell", "command", "sequence", "composite")


def _commands(node: Any, path: tuple[str, ...], depth: int = 0) -> Iterator[tuple[list[str], str]]:
    if isinstance(node, str):
        if "celery" in node and not _TABLES.isdisjoint(path[:-1]):
            names = [name for name in path[1:] if name not in (*_TABLES, *_COMMANDS)]
            yield names or [path[-1]], node
    elif isinstance(node, dict) and depth < _MOST_NESTED:
        for name, value in node.items():
            yield from _commands(value, (*path, name), depth + 1)
    elif isinstance(node, list) and depth < _MOST_NESTED:
        for value in node:
            yield from _commands(value, path, depth + 1)


def _written(source: Source, value: str) -> Text | None:
    """A string of the file, where it is written without escapes."""
    start = source.text.find(value)
    return source.slice(start, start + len(value)) if start >= 0 else None


_SCRIPT = re.compile(r'"(?P<name>[^"\n]+)"\s*:\s*"(?P<value>(?:[^"\\\n]|\\.)*)"')


def read_package_json(path: str, source: Source) -> Iterator[Unit]:
    """The ``scripts`` of a package.json."""
    try:
        table = json.loads(source.text)
    except (ValueError, RecursionError):
        return
    scripts = table.get("scripts") if isinstance(table, dict) else None
    if not isinstance(scripts, dict):
        return
    for found in _SCRIPT.finditer(source.text):
        if "celery" in found["value"] and found["name"] in scripts:
            text = source.slice(found.start("value"), found.end("value"))
            yield _on_demand("package.json", found["name"], path, text)


def _on_demand(kind: Kind, name: str, path: str, text: Text) -> Unit:
    return Unit(
        kind=kind,
        name=name,
        path=path,
        place=text.place,
        command=Command(text.place, script=text, shell="sh"),
        on_demand=True,
    )
