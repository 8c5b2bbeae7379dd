"""Who decides, where several places have a say."""

from __future__ import annotations

from collections.abc import Iterable

from celerylint.link.abstract import MISSING, Abstract, Trail, join, options_of
from celerylint.model.value import Step


def overridden(trail: Trail) -> list[Step]:
    """The place that a loser was given at."""
    return [
        Step(f"{step.text} is overridden", step.place)
        for step in trail[:1]
        if step.place is not None
    ]


def decide(candidates: Iterable[Abstract]) -> tuple[Abstract, list[Step]]:
    """The value that wins, and the places that lost.

    Candidates come with the winner first. One that may be missing lets the next have its say for
    that case; the value is `MISSING`, or may be, where all of them may be.
    """
    result: Abstract | None = None
    losers: list[Step] = []
    for candidate in candidates:
        if result is None:
            result = candidate
        elif MISSING in options_of(result):
            given = [option for option in options_of(result) if option is not MISSING]
            result = candidate
            for option in given:
                result = join(option, result)
        else:
            losers += overridden(candidate.trail)
    return (result if result is not None else MISSING), losers
