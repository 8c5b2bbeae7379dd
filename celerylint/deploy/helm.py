"""Helm templates, as far as they can be read without filling them in.

What a template puts in becomes characters that stand for "something": the text keeps its length, so
places stay right. Lines that only steer (``{{- if ... }}``) become blank.
"""

from __future__ import annotations

import re

from celerylint.deploy.text import Source

FILLED_IN = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for each character of what a template fills in."""

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STEERING_LINE = re.compile(r"^[ \t]*(?:\{\{(?:(?!\}\}).)*\}\}[ \t,]*)+$", re.MULTILINE | re.DOTALL)


def looks_like_helm(text: str) -> bool:
    return "{{" in text and (".Values" in text or "include " in text or ".Release" in text)


def without_actions(source: Source) -> Source:
    """The file with every action replaced."""
    text = _STEERING_LINE.sub(lambda match: _blank(match[0], " "), source.text)
    text = _ACTION.sub(lambda match: _blank(match[0], FILLED_IN), text)
    return Source(source.path, text)


def _blank(text: str, filler: str) -> str:
    return "".join("\n" if character == "\n" else filler for character in text)
