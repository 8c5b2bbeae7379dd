"""Mistakes in a configuration file, shown where they stand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from celerylint.cli.terminal import terminal_width, use_color

if TYPE_CHECKING:
    from celerylint.config.mistake import ConfigError, Mistake
    from celerylint.report.source import Sources
    from celerylint.report.style import Style


def render(error: ConfigError) -> str:
    """Every mistake with its place, the line with a caret under it, and what to do."""
    from celerylint.report.source import Sources
    from celerylint.report.style import Style

    sources, style = Sources(), Style(use_color("auto", sys.stderr))
    return "\n".join(_mistake(mistake, sources, style) for mistake in error.mistakes)


def _mistake(mistake: Mistake, sources: Sources, style: Style) -> str:
    from celerylint.report.frame import Frames, Mark
    from celerylint.report.style import printable

    place = style(printable(f"{mistake.place}:"), "bold")
    message = style(printable(mistake.message), "bold")
    mark = Mark(mistake.place, "", primary=True)
    frames = Frames([mark], "error", sources, style, terminal_width(sys.stderr))
    lines = [f"{place} {style.severity('error:', 'error')} {message}", *frames.lines()]
    if mistake.help:
        lines += frames.note("help", mistake.help)
    return "\n".join(lines) + "\n"
