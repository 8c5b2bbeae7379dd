"""The JSON schema of the configuration, for editors that complete and check TOML."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from celerylint.catalogue import Catalogue
from celerylint.checks.rule import Param, Rule
from celerylint.config.options import Options
from celerylint.policy.shape import PolicyTable

Schema = dict[str, Any]

_JSON_TYPES = {"bool": "boolean", "int": "integer", "float": "number", "str": "string"}
_SELECTORS = ("select", "extend-select", "ignore")
_POLICY_NAME = "^[a-z][a-z0-9-]*$"


def config_schema(catalogue: Catalogue) -> Schema:
    """The schema of celerylint.toml, which is that of [tool.celerylint] in a pyproject.toml.

    It is draft 7, which editors know best. The catalogue is that of celerylint's own rules.
    """
    (options, policy), definitions = msgspec.json.schema_components(
        [Options, PolicyTable], ref_template="#/definitions/{name}"
    )
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
        definition.pop("title", None)
    definitions["Rule"] = _rule_names(catalogue.rules)
    definitions["Selector"] = _selectors(catalogue.rules)

    schema = definitions.pop(options["$ref"].rpartition("/")[2])
    properties = schema["properties"]
    for key in _SELECTORS:
        properties[key]["items"] = {"$ref": "#/definitions/Selector"}
    properties["per-file-ignores"]["additionalProperties"]["items"] = {
        "$ref": "#/definitions/Selector"
    }
    properties["severity"]["propertyNames"] = {"$ref": "#/definitions/Rule"}
    properties["rules"] |= _parameters(catalogue.rules)
    properties["policy"]["items"] = policy
    # Empty defaults only say "not given".
    for about in properties.values():
        if about.get("default") in ("", (), [], {}):
            del about["default"]
    del schema["required"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "celerylint",
        **schema,
        "definitions": dict(sorted(definitions.items())),
    }


def _rule_names(rules: Iterable[Rule]) -> Schema:
    names = [name for rule in rules for name in (rule.code, rule.name)]
    return {
        "description": "A rule by code or name, or a policy by name.",
        "anyOf": [{"enum": names}, {"type": "string", "pattern": _POLICY_NAME}],
    }


def _selectors(rules: Iterable[Rule]) -> Schema:
    return {
        "description": "Rules by code, prefix of codes or name; a policy by name.",
        "anyOf": [
            {"$ref": "#/definitions/Rule"},
            {"type": "string", "pattern": "^CEL[0-9]{0,2}$"},
        ],
    }


def _parameters(rules: Iterable[Rule]) -> Schema:
    tables = {
        name: {
            "type": "object",
            "description": rule.summary,
            "properties": {param: _parameter(about) for param, about in rule.params.items()},
            "additionalProperties": False,
        }
        for rule in rules
        if rule.params
        for name in (rule.code, rule.name)
    }
    return {"properties": tables, "additionalProperties": False}


def _parameter(param: Param) -> Schema:
    return {
        "type": _JSON_TYPES[param.type],
        "description": param.description,
        "default": param.default,
    }
