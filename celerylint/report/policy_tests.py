"""What became of the examples of policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from celerylint.examples import TestResult
from celerylint.report.style import Style, counted, listed, printable


def render(results: Sequence[TestResult], untested: Sequence[str], style: Style) -> str:
    """A line an example, with what is wrong with it, and a summary. ``untested`` are the names of
    policies without examples."""
    lines = [line for result in results for line in _example(result, style)]
    if results:
        lines.append("")
    failed = sum(not result.passed for result in results)
    verdict = f"{counted(len(results), 'example')}, {failed or 'none'} of them failed."
    lines.append(style(verdict, "bold", "red" if failed else "green"))
    if untested:
        names = printable(listed(f"`{name}`" for name in untested))
        lines.append(f"Without examples: {names}.")
    return "\n".join(lines) + "\n"


def _example(result: TestResult, style: Style) -> Iterator[str]:
    word = style("passed", "green") if result.passed else style("failed", "bold", "red")
    title = printable(f"{result.policy}: {result.title}")
    yield f"{word} {title}" + ("" if result.passed else f" ({printable(str(result.place))})")
    for problem in result.problems:
        yield f"       {printable(problem)}"
