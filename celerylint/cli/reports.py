"""The reports that a run can end with."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NamedTuple

from celerylint.cli.options import Complaint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from celerylint.config.output import Output
    from celerylint.engine import Result

_FOR_PEOPLE = ("text", "concise")


class View(NamedTuple):
    """How to look at a result. By default, as in a file: in full, and without colours.

    Formats for programs are the same in every view, but for the suppressed findings that some can
    show, and for the statistics.
    """

    color: bool = False
    width: int | None = None
    quiet: bool = False
    verbose: bool = False
    show_suppressed: bool = False
    statistics: bool = False


def render(result: Result, format_: str, view: View) -> str:
    """A report in one of the formats of `celerylint.config.words`."""
    if view.statistics:
        return _statistics(result, format_, view)
    if format_ in _FOR_PEOPLE:
        return _for_people(result, format_, view)
    module = importlib.import_module(f"celerylint.report.{format_}")
    if format_ in ("json", "sarif"):
        return str(module.render(result, show_suppressed=view.show_suppressed))
    return str(module.render(result))


def write_files(result: Result, outputs: Iterable[Output], *, show_suppressed: bool) -> None:
    """Write reports into their files."""
    for output in outputs:
        report = render(result, output.format, View(show_suppressed=show_suppressed))
        try:
            with open(output.path, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(report)
        except OSError as error:
            from celerylint.config.file import shown

            path = shown(output.path)
            reason = f"cannot write the {output.format} report to {path}: {error.strerror}"
            raise Complaint(reason) from None


def _for_people(result: Result, format_: str, view: View) -> str:
    from celerylint.report import concise, text
    from celerylint.report.style import Style

    style = Style(view.color)
    if format_ == "concise":
        return concise.render(result, style, show_suppressed=view.show_suppressed)
    return text.render(
        result,
        style,
        view.width,
        quiet=view.quiet,
        verbose=view.verbose,
        show_suppressed=view.show_suppressed,
    )


def _statistics(result: Result, format_: str, view: View) -> str:
    from celerylint.report import statistics, text
    from celerylint.report.style import Style

    if format_ == "json":
        return statistics.render_json(result)
    style = Style(view.color)
    report = statistics.render(result, style, view.width)
    if view.quiet or format_ != "text":
        return report
    return f"{report}\n{text.summary(result, style, view.width)}".lstrip("\n")
