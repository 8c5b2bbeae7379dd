"""Where keys and values stand in TOML: everything that the parser sees has a place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from celerylint.config.spans import Document, KeyPath
from celerylint.model.place import Place

EVERYTHING = '''\
# comment [not.a.table]
title = "a # no comment" # one
"quoted key" = 'lit"eral'
a.b."c.d" = 1979-05-27 07:32:00
site."google.com" = true
when = 1979-05-27T07:32:00-08:00
time = 07:32:00.5
multi = """
x = "3" \\""" [a]
# not a comment""""
lines = \'\'\'
[x]\'\'\' # c
quotes = \'\'\'\'that\'s\'\'\'\'
array = [ # ] comment
  1, # one ]
  "]", [ 2, 3, ],
  { x = 1, y.z = [ "}" ] }, {},
  # last
]
empty = []
inline = {}
escaped = "\\u00e9\\"\\\\"
"k\\u00e9y\\"" = inf
\'literal "key"\' = -inf
1234 = 0x1F

[ tool . "x" ]
y = -0.5e3
[[fruits]]
name = "apple"
[fruits.physical]
color = "red"
[[fruits.varieties]]
name = "red delicious"
[[fruits.varieties]]
name = "granny smith"
[[fruits]]
name = "banana"
[[fruits.varieties]]
name = "plantain"
[fruits.varieties.taste]
sweet = true
[deep.er]
[deep]
x = 0b1'''


def values(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    yield path, value
    if isinstance(value, (dict, list)):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            yield from values(one, (*path, key))


def check_every_value(text: str) -> None:
    """The text at the place of each value is that value, and at the place of its key that key."""
    document = Document("x.toml", text)
    for path, value in values(tomli.loads(text)):
        if not path:
            continue
        is_table = isinstance(value, dict) or (
            isinstance(value, list) and value and isinstance(value[0], dict)
        )
        if not is_table:
            assert tomli.loads(f"v = {at(text, document.value(path))}") == {"v": value}, path
        if isinstance(path[-1], str):
            key = at(text, document.key(path))
            assert tomli.loads(f"{key} = 0") == {path[-1]: 0}, path


def at(text: str, place: Place) -> str:
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
    end = sum(len(line) + 1 for line in lines[: place.end_line - 1]) + place.end_column - 1
    return text[start:end]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_value_of_a_document(newline: str) -> None:
    check_every_value(EVERYTHING.replace("\n", newline))


KEYS = st.text(min_size=1, max_size=4)
SCALARS = st.one_of(st.booleans(), st.integers(-9, 9), st.text(max_size=6))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)


def quoted(text: str) -> str:
    return (
        '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text) + '"'
    )


def written(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[\n  " + " , # ]\n".join(map(written, value)) + "\n]"
    return str(value).lower()


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_generated_documents(tables: dict[str, dict[str, Any]]) -> None:
    lines = []
    for name, table in tables.items():
        lines.append(f"[t.{quoted(name)}] # [x]")
        lines += [f"{quoted(key)} = {written(value)}" for key, value in table.items()]
    check_every_value("\n".join(lines))


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("tool", "x", "a"), "2:1-2:2", "2:5-2:7"),
        (("tool", "x"), "1:7-1:8", "1:7-1:8"),
        (("tool", "x", "missing"), "1:7-1:8", "1:7-1:8"),
        (("tool", "x", "list", 1), "5:3-5:6", "5:3-5:6"),
        (("tool", "x", "list"), "3:1-3:5", "3:8-6:2"),
        (("p", 1), "9:1-9:6", "9:1-9:6"),
        (("p", 1, "sub", "é"), "11:1-11:4", "11:7-11:8"),
        (("nothing",), "1:1-1:1", "1:1-1:1"),
    ],
)
def test_places(path: KeyPath, key: str, value: str) -> None:
    text = "[tool.x]\na = 12\nlist = [\n  'a',\n  'b',\n]\n[[p]]\na = 1\n[[p]]\n[p.sub]\n'é' = 3\n"
    document = Document("x.toml", text)
    for place, expected in ((document.key(path), key), (document.value(path), value)):
        shown = f"{place.line}:{place.column}-{place.end_line}:{place.end_column}"
        assert (place.path, shown) == ("x.toml", expected)
