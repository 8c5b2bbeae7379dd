"""What can be asked of the bytes of a file, above all: need it be parsed at all?

Most files of a project have nothing to do with Celery, and parsing one costs several hundred
times what a search for a few words does. One regular expression over all these words was measured
at a tenth of the speed of searching for one after the other.

Imports next to nothing, see `celerylint.disk`.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = (
    b"celery",
    b"kombu",
    # Calls of a task that was imported from another module:
    b"apply_async",
    b".delay",
    b".s(",
    b".si(",
    # Uses of an app that was imported from another module:
    b".conf[",
    b"config_from_object",
    b"on_after_",
)
_WORDS_WITH_TASK = (
    b".task(",
    b".tasks[",
    b".subtask(",
    b"send_task",
    b"shared_task",
    b"register_task",
    b"add_periodic_task",
    b"autodiscover_tasks",
)
_DECORATOR_OR_BASE_WITH_TASK = re.compile(rb"\n[ \t]*(?:@|class[ \t][^\n]*\()[^\n]*task")

# A word, and the common name it is part of where it has nothing to do with Celery.
_WORDS_UNLESS = (
    (b".conf.", b"django.conf."),
    (b".signature(", b"inspect.signature("),
)


def may_matter(data: bytes) -> bool:
    """Whether a file could define, call or configure something of Celery's.

    It errs on the side of yes. A file that uses Celery only under the project's own names, such
    as a decorator that wraps ``shared_task``, or a helper that publishes, gives no sign of it:
    such names have to be looked for once they are known.
    """
    text = data.lower()
    if any(word in text for word in _WORDS):
        return True
    if b"task" in text and (
        any(word in text for word in _WORDS_WITH_TASK)
        or _DECORATOR_OR_BASE_WITH_TASK.search(b"\n" + text)
    ):
        return True
    return any(
        word in text and text.count(word) > text.count(innocent) for word, innocent in _WORDS_UNLESS
    )


_NOQA_WITH_OUR_CODE = re.compile(rb"(?:noqa|NOQA)\s*:[^\r\n]*CEL\d", re.IGNORECASE)


def may_hold_directives(data: bytes) -> bool:
    """Whether a file holds the words that every suppression has. Scanning a file for its comments
    costs several hundred times as much."""
    return b"celerylint:" in data or (
        (b"noqa" in data or b"NOQA" in data) and _NOQA_WITH_OUR_CODE.search(data) is not None
    )


class Question:
    """A question with a name, by which a later run can ask it again."""

    def __init__(self, name: str, ask: Callable[[bytes], bool]) -> None:
        self.name = name
        self.ask = ask


EMPTY = Question("empty", lambda data: not data)
MATTERS = Question("matters", may_matter)
HOLDS_DIRECTIVES = Question("directives", may_hold_directives)

_MATCHES = "matches "


def matches(pattern: bytes) -> Question:
    """Whether a file matches a regular expression (flags written into it) somewhere."""
    search = re.compile(pattern).search
    return Question(_MATCHES + pattern.decode("latin-1"), lambda data: search(data) is not None)


def named(name: str) -> Question:
    """The question of that name. Raises `KeyError`."""
    if name.startswith(_MATCHES):
        return matches(name.removeprefix(_MATCHES).encode("latin-1"))
    return {question.name: question for question in (EMPTY, MATTERS, HOLDS_DIRECTIVES)}[name]
