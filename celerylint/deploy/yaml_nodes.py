"""YAML with the place of everything in it.

PyYAML's event stream is put together here rather than by its composer: aliases stay references
instead of being expanded, and depth is bounded, so that no file can make it run away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from celerylint.deploy.text import Run, Source, Text
from celerylint.model.place import Place

MOST_NESTED = 60
MOST_NODES = 50_000


class YamlError(Exception):
    """The file is no YAML, or more than anybody could mean; says where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class Scalar(msgspec.Struct, frozen=True):
    """A single value, as text. ``tag`` is what is written before it, such as ``!reset``."""

    text: Text
    plain: bool
    tag: str = ""

    @property
    def value(self) -> str:
        return self.text.value

    @property
    def is_null(self) -> bool:
        return self.plain and self.value in ("", "~", "null", "Null", "NULL")

    @property
    def place(self) -> Place:
        return self.text.place


class Sequence(msgspec.Struct):
    items: list[Node]
    place: Place
    tag: str = ""


class Mapping(msgspec.Struct):
    """``entries`` are as written, with the places of the keys; merge keys are resolved by `get`
    and `pairs`."""

    entries: list[tuple[Scalar, Node]]
    place: Place
    tag: str = ""

    def get(self, *names: str) -> Node | None:
        """The value below a path of keys; None where there is none."""
        found: Node | None = self
        for name in names:
            if not isinstance(found, Mapping):
                return None
            found = next((value for key, value in found.pairs() if key.value == name), None)
        return found

    def every(self, name: str) -> list[Node]:
        """All values of a key: a template may give it once for each of several cases."""
        return [value for key, value in self.entries if key.value == name]

    def pairs(self) -> list[tuple[Scalar, Node]]:
        """Its entries with those that ``<<`` merges in, each key once."""
        found: dict[str, tuple[Scalar, Node]] = {}
        for mapping in self._layers(0, set()):
            for key, value in mapping.entries:
                if key.value != "<<":
                    found.setdefault(key.value, (key, value))
        return list(found.values())

    def _layers(self, depth: int, seen: set[int]) -> Iterator[Mapping]:
        if id(self) in seen or depth > MOST_NESTED:
            return
        seen.add(id(self))
        yield self
        for key, value in self.entries:
            if key.value == "<<":
                for merged in value.items if isinstance(value, Sequence) else [value]:
                    if isinstance(merged, Mapping):
                        yield from merged._layers(depth + 1, seen)


Node: TypeAlias = Scalar | Sequence | Mapping


def documents(source: Source) -> list[Node]:
    """The documents of a file; raises `YamlError`."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"{error.problem or error.context or 'it cannot be parsed'}"
        place = Place(source.path, line, column, line, column)
        raise YamlError(f"it is no YAML: {message}", place) from None
    except yaml.YAMLError as error:
        message = str(error).splitlines()[0] if str(error) else "it cannot be parsed"
        place = Place(source.path, 1, 1, 1, 1)
        raise YamlError(f"it is no YAML: {message}", place) from None
    return builder.documents


class _Builder:
    """Nodes out of events."""

    def __init__(self, source: Source) -> None:
        self.documents: list[Node] = []
        self._source = source
        self._anchors: dict[str, Node] = {}
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Scalar | None] = []
        self._nodes = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._anchors = {}
        elif kind == "ScalarEvent":
            plain = not event.style
            tag = event.tag or ""
            self._add(Scalar(_scalar_text(self._source, event), plain, tag), event)
        elif kind == "AliasEvent":
            node = self._anchors.get(event.anchor)
            if node is None:
                raise YamlError(f"it is no YAML: no anchor `{event.anchor}`", self._place(event))
            if any(node is one for one in self._open):
                raise YamlError(f"the anchor `{event.anchor}` contains itself", self._place(event))
            self._add(node, None)
        elif kind in ("SequenceStartEvent", "MappingStartEvent"):
            if len(self._open) >= MOST_NESTED:
                raise YamlError("it is nested too deeply", self._place(event))
            place, tag = self._place(event), event.tag or ""
            is_list = kind == "SequenceStartEvent"
            node = Sequence([], place, tag) if is_list else Mapping([], place, tag)
            self._add(node, event)
            self._open.append(node)
            self._keys.append(None)
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            self._open.pop()
            self._keys.pop()

    def _add(self, node: Node, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            place = Place(self._source.path, 1, 1, 1, 1)
            raise YamlError(f"it has more than {MOST_NODES} values", place)
        if event is not None and event.anchor:
            self._anchors[event.anchor] = node
        if not self._open:
            self.documents.append(node)
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = node if isinstance(node, Scalar) else _NO_KEY
        else:
            key = self._keys[-1]
            if key is not _NO_KEY:
                parent.entries.append((key, node))
            self._keys[-1] = None

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(
            self._source.path, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2
        )


_NO_KEY = Scalar(Text("", (Run(0, "", 1, 1),)), False)
"""Stands for a key that is not a single value."""


def _scalar_text(source: Source, event: Any) -> Text:
    start, end = event.start_mark.index, event.end_mark.index
    written, value = source.text[start:end], event.value
    if written == value:
        return source.slice(start, end)
    if written[1:-1] == value and written[:1] in ("'", '"'):
        return source.slice(start + 1, end - 1)
    return _aligned(source, start, end, value)


def _aligned(source: Source, start: int, end: int, value: str) -> Text:
    """The text of a folded, literal or escaped scalar: its characters are in the file in the same
    order, with line breaks, indentation and backslashes in between."""
    written = source.text
    position = start
    if written[start : start + 1] in ("|", ">"):
        position = written.find("\n", start) + 1 or start
    places: list[int] = []
    for character in value:
        if character.isspace():
            if written[position : position + 2] in ("\\n", "\\t", "\\r"):
                places.append(position)
                position += 2
            else:
                places.append(min(position, max(end - 1, start)))
                if position < end and written[position].isspace():
                    position += 1
            continue
        found = written.find(character, position, end)
        if found < 0:
            found = min(position, max(end - 1, start))
        places.append(found)
        position = found + 1
    text = Text(value, ())
    runs: list[Run] = []
    for index, place in enumerate(places):
        if index and place == places[index - 1] + 1 and written[place - 1] != "\n":
            continue
        run = source.slice(place, place).runs[0]
        runs.append(Run(index, run.path, run.line, run.column))
    if not runs:
        runs = list(source.slice(start, start).runs)
    return msgspec.structs.replace(text, runs=tuple(runs))
