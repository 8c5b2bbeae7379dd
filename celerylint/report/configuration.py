"""The configuration of a run: every option with who gave it, and the rules that this selects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec

from celerylint.checks.rule import Rule
from celerylint.config.configuration import Configuration
from celerylint.config.given import Origin
from celerylint.config.settings import Settings
from celerylint.report.style import Style, counted, printable
from celerylint.report.table import Cell, table
from celerylint.report.values import Plain

SCHEMA = 1
"""Version of the JSON document's shape, see `celerylint.report.json.SCHEMA`."""

_TABLES = ("per-file-ignores", "severity", "rules", "policy")
"""Options that only a file gives, entry by entry."""

_SHOWN_OF_A_POLICY = ("select", "when", "require", "forbid", "severity")


def render_text(
    configuration: Configuration, settings: Settings, style: Style, width: int | None
) -> str:
    """A line an option, then a line a rule."""
    rows = [
        [
            Cell(name, ("bold",) if origin != "default" else ()),
            Cell(value),
            Cell(origin, ("dim",) if origin == "default" else ()),
        ]
        for name, value, origin in _rows(configuration)
    ]
    file = configuration.file
    rules = [
        [
            Cell(rule.code, ("bold",)),
            Cell(rule.name, ("bold",)),
            Cell(rule.severity.value),
            Cell(", ".join(f"{name} = {toml(value)}" for name, value in _parameters(rule).items())),
        ]
        for rule in settings.rules
    ]
    lines = [
        f"Configuration: {printable(file.path) if file else 'no file, only defaults'}",
        *table(("OPTION", "VALUE", "FROM"), rows, style, width),
        "",
        f"{counted(len(rules), 'rule')} of {len(settings.catalogue.rules)}",
        *table(("CODE", "NAME", "SEVERITY", "PARAMETERS"), rules, style, width),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_json(configuration: Configuration, settings: Settings) -> str:
    """One JSON document, ending in a newline."""
    document: dict[str, Plain] = {
        "schema": SCHEMA,
        "file": configuration.file.path if configuration.file else None,
        "options": {
            key: {"value": value, "from": [_plain_origin(one) for one in origins]}
            for key, value, origins in _options(configuration)
        },
        "rules": [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity.value,
                "params": dict(_parameters(rule)),
            }
            for rule in settings.rules
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return toml(value.value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{toml_key(key)} = {toml(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return str(value)


def toml_key(key: str) -> str:
    """A key as TOML writes it."""
    is_bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if is_bare else toml(key)


def _options(configuration: Configuration) -> Iterator[tuple[str, Any, Sequence[Origin]]]:
    for field in msgspec.structs.fields(configuration.options):
        key = field.encode_name
        value = msgspec.to_builtins(getattr(configuration.options, field.name))
        yield key, value, configuration.origins.get(key, ())


def _rows(configuration: Configuration) -> Iterator[tuple[str, str, str]]:
    """Name, value and origin; an entry of a table has a row of its own."""
    for key, value, origins in _options(configuration):
        if key not in _TABLES or not value:
            shown = toml(value) if value != "" else "-"
            yield key, shown, " and ".join(map(str, origins)) or "default"
            continue
        assert configuration.file is not None  # nothing else gives tables
        for name, entry in value.items() if isinstance(value, dict) else enumerate(value):
            origin = Origin(configuration.file.key(key, name))
            if key == "policy":
                name, entry = entry["name"], _gist(entry)
            yield f"{key}.{toml_key(str(name))}", toml(entry), str(origin)


def _gist(policy: Mapping[str, Any]) -> dict[str, Any]:
    return {key: policy[key] for key in _SHOWN_OF_A_POLICY if key in policy}


def _plain_origin(origin: Origin) -> Plain:
    if origin.place is None:
        return {"option": origin.option}
    return {"path": origin.place.path, "line": origin.place.line}


def _parameters(rule: Rule) -> Mapping[str, Any]:
    return {name: param.default for name, param in rule.params.items()}
