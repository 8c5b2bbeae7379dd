"""The shape of policies in TOML: which keys there are, and what they hold."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, get_args

import msgspec

from celerylint.model.finding import Severity
from celerylint.policy.policy import Unknown
from celerylint.wording import closest

Text = Annotated[str, msgspec.Meta(min_length=1)]


class PolicyTable(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A policy as it is written, with the shapes of its values; `load_policies` says the rest."""

    name: Annotated[Text, msgspec.Meta(description="Kebab-case, and like no other rule's.")]
    select: Annotated[
        dict[str, str | list[str]],
        msgspec.Meta(description="What it is about: one kind of thing, by name; path and app."),
    ]
    when: Annotated[
        dict[str, Any], msgspec.Meta(description="Conditions on the things selected.")
    ] = {}
    require: Annotated[dict[str, Any], msgspec.Meta(description="What each has to be.")] = {}
    forbid: Annotated[dict[str, Any], msgspec.Meta(description="What none may be.")] = {}
    severity: Severity = Severity.WARNING
    unknown: Annotated[
        Unknown, msgspec.Meta(description="What becomes of what cannot be told.")
    ] = "ignore"
    message: Annotated[Text, msgspec.Meta(description="What findings say.")] | None = None
    impact: Annotated[Text, msgspec.Meta(description="What it does in production.")] | None = None
    help: Annotated[Text, msgspec.Meta(description="What to change.")] | None = None
    locked: Annotated[
        bool, msgspec.Meta(description="Whether it cannot be suppressed in the code.")
    ] = False
    owner: Annotated[Text, msgspec.Meta(description="Whom to ask about it.")] | None = None
    docs: Annotated[list[Text], msgspec.Meta(description="Where to read more.")] = []
    allow_empty: Annotated[bool, msgspec.Meta(description="Whether it may select nothing.")] = False
    example: list[ExampleTable] = []


class ExampleTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A small project that shows, and tests, what a policy finds."""

    good: Annotated[bool, msgspec.Meta(description="Whether the policy finds nothing in it.")]
    files: Annotated[
        dict[str, str],
        msgspec.Meta(
            min_length=1,
            description="Paths and texts of its files; findings are marked # severity: [name].",
        ),
    ]
    title: str = ""


@cache
def fields_of_table(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """What a table may hold, by key."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def meant(value: Any, field: msgspec.structs.FieldInfo) -> str | None:
    """The word that a mistyped one of few is near to."""
    words = [word.value for word in Severity] if field.name == "severity" else []
    if field.name == "unknown":
        words = list(get_args(Unknown))
    return closest(value, words) if isinstance(value, str) else None


_TYPES = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a number",
    "null": "",
    "object": "a table",
    "str": "a text",
}


def in_words(error: msgspec.ValidationError) -> str:
    """What msgspec says, in the words of TOML."""
    text = str(error).partition(" - at ")[0]
    text = re.sub(r"`([a-z |]+)`", lambda types: _types(types[1]), text)
    return text[0].lower() + text[1:]


def _types(names: str) -> str:
    """Such as ``a text or a list`` for ``str | array``; nothing in TOML is null."""
    return " or ".join(filter(None, (_TYPES.get(name, name) for name in names.split(" | "))))
