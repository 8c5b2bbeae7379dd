"""The words that some options choose from. Needs nothing, so that `--help` need not wait."""

from __future__ import annotations

from typing import Literal, get_args

Preset = Literal["default", "strict", "celery-best-practice", "all"]
FailOn = Literal["error", "warning", "info", "never"]
Format = Literal["text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson"]

PRESETS: tuple[str, ...] = get_args(Preset)
FAIL_ON: tuple[str, ...] = get_args(FailOn)
"""The most severe first."""
FORMATS: tuple[str, ...] = get_args(Format)
