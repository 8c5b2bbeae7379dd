"""Write what follows from the options of the configuration: schema/celerylint.schema.json, which
editors use to complete and check TOML, and the table in docs/configuration.md.

    python tools/generate_config_schema.py

The tests compare the files with what this would write.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from celerylint.catalogue import load_rules
from celerylint.config.schema import config_schema

REPOSITORY = Path(__file__).resolve().parent.parent
SCHEMA = REPOSITORY / "schema/celerylint.schema.json"
DOCUMENTATION = REPOSITORY / "docs/configuration.md"

_TABLE = re.compile(r"(?<=<!-- options -->\n).*?(?=<!-- /options -->)", re.DOTALL)


def schema() -> str:
    """The text of the schema."""
    return json.dumps(config_schema(load_rules()), indent=2) + "\n"


def documentation(text: str) -> str:
    """The text of the documentation with today's options."""
    properties = config_schema(load_rules())["properties"]
    rows = [
        "| option | value | default | |",
        "|---|---|---|---|",
        *(_row(name, about) for name, about in properties.items()),
    ]
    return _TABLE.sub(lambda _: "\n".join(rows) + "\n", text)


def _row(name: str, about: dict[str, Any]) -> str:
    kinds = {"array": "list", "object": "table"}
    words = about.get("enum", ())
    value = ", ".join(f"`{word}`" for word in words) or kinds.get(about["type"], about["type"])
    default = f"`{json.dumps(about['default'])}`" if "default" in about else ""
    return f"| `{name}` | {value} | {default} | {about['description']} |"


def main() -> None:
    SCHEMA.write_text(schema(), encoding="utf-8")
    DOCUMENTATION.write_text(
        documentation(DOCUMENTATION.read_text(encoding="utf-8")), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
