"""``celerylint inspect`` for people: what Celery will do, in tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from celerylint.model.beat import BeatEntry
from celerylint.model.place import Place
from celerylint.model.project import App, Project, Queue, Task
from celerylint.model.value import State, Value
from celerylint.model.worker import Worker
from celerylint.report import schedule
from celerylint.report.style import Style, printable, wrap
from celerylint.report.table import Cell, table
from celerylint.report.text import NOTHING_FOUND, celery_version
from celerylint.wording import concise, mask_passwords

_LONGEST_SETTING = 60

_MOST_LISTED = 4

_UNKNOWN_MARK, _ENVIRONMENT_MARK, _MAYBE_MARK = "?", "$", "maybe"

LEGEND = {
    State.DEFAULT: "(x) the default",
    State.ENVIRONMENT: f"{_ENVIRONMENT_MARK}x the environment may override x",
    State.ONE_OF: "x | y one of them",
    State.UNKNOWN: f"{_UNKNOWN_MARK} cannot be told without running the code",
}
"""What the marks in the tables mean, in the order in which they are explained."""

_STYLES: dict[State, tuple[str, ...]] = {
    State.DEFAULT: ("dim",),
    State.UNKNOWN: ("yellow",),
}


def render_project(project: Project, style: Style, width: int | None, now: datetime) -> str:
    """Tables of tasks, apps, queues, workers, beat entries and settings.

    ``now`` (aware) is what the next run of a beat entry is counted from.
    """
    lines = list(_Tables(project, style, width, now).lines())
    if not project.apps and not project.tasks:
        lines.insert(0, style(NOTHING_FOUND, "bold", "yellow"))
    return "\n".join([*lines, f"Judged by {celery_version(project)}.", ""])


def render_tasks(tasks: Sequence[Task], style: Style, width: int | None) -> str:
    """Every option of each task with its whole trail, winner first."""
    blocks = ["\n".join(_task_trail(task, style, width)) + "\n" for task in tasks]
    return "\n".join(blocks)


class _Tables:
    """The tables of one project. Remembers which marks they used, for the legend."""

    def __init__(self, project: Project, style: Style, width: int | None, now: datetime) -> None:
        self._project = project
        self._style = style
        self._width = width
        self._now = now
        self._states: set[State] = set()

    def lines(self) -> Iterator[str]:
        project = self._project
        tasks = [self._task(task) for task in sorted(project.tasks, key=lambda task: task.name)]
        yield from self._table(
            "Tasks", ("NAME", "QUEUE", "ACKS", "SOFT", "HARD", "RETRIES", "DEFINED AT"), tasks
        )
        apps = [self._app(app) for app in project.apps]
        yield from self._table(
            "Apps", ("VARIABLE", "NAME", "NAMESPACE", "TASKS", "CREATED AT"), apps
        )
        queues = [self._queue(queue) for queue in sorted(project.queues, key=lambda q: q.name)]
        yield from self._table("Queues", ("NAME", "DECLARED", "READ BY", "TASKS"), queues)
        yield from self._table(
            "Workers",
            ("NAME", "KIND", "QUEUES", "POOL", "PROCESSES", "SOFT", "HARD", "GRACE", "TASKS", "AT"),
            [self._worker(worker) for worker in project.workers],
        )
        beat = [self._beat(entry) for entry in project.beat]
        yield from self._table(
            "Beat", ("ENTRY", "SENDS", "QUEUE", "SCHEDULE", "NEXT", "DEFINED AT"), beat
        )
        settings = [row for app in project.apps for row in self._settings(app)]
        yield from self._table(
            "Settings that differ from Celery's defaults", ("SETTING", "VALUE", "SET AT"), settings
        )
        if self._states:
            legend = "; ".join(text for state, text in LEGEND.items() if state in self._states)
            yield from (self._style(line, "dim") for line in wrap(legend, self._width))
            yield ""

    def _table(
        self, title: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]]
    ) -> Iterator[str]:
        if not rows:
            return
        yield self._style(f"{title} ({len(rows)})", "bold", "cyan")
        yield from table(headers, rows, self._style, self._width)
        yield ""

    def _value(self, value: Value, show: Callable[[Any], str] = concise) -> Cell:
        if value.state is not State.KNOWN:
            self._states.add(value.state)
        return Cell(marked(value, show), _STYLES.get(value.state, ()))

    def _task(self, task: Task) -> list[Cell]:
        return [
            Cell(task.name, ("bold",)),
            self._value(task.queue, _bare),
            self._value(task.options["acks_late"], lambda late: "late" if late else "early"),
            self._value(task.options["soft_time_limit"], _limit),
            self._value(task.options["time_limit"], _limit),
            self._retries(task),
            Cell(_location(task.place), ("dim",)),
        ]

    def _retries(self, task: Task) -> Cell:
        """How often, and ``auto`` where exceptions retry by themselves."""
        is_automatic = task.retries_automatically
        cell = self._value(
            task.automatic_retries if is_automatic else task.option("max_retries"),
            lambda count: "forever" if count is None else str(count),
        )
        return Cell(f"{cell.text} auto", cell.styles) if is_automatic else cell

    def _app(self, app: App) -> list[Cell]:
        return [
            Cell(app.variable or "-", ("bold",)),
            Cell(app.name or "-"),
            self._value(app.namespace, lambda namespace: namespace or "-"),
            Cell(str(sum(1 for _ in self._project.tasks_of(app)))),
            Cell(_location(app.place), ("dim",)),
        ]

    def _queue(self, queue: Queue) -> list[Cell]:
        declared = {True: "yes", False: "no", None: _UNKNOWN_MARK}[queue.is_declared]
        if queue.declared is not None:
            declared = _location(queue.declared)
        return [
            Cell(queue.name, ("bold",)),
            Cell(declared, ("dim",)),
            Cell(_listed(queue.workers)),
            Cell(_listed(queue.tasks)),
        ]

    def _worker(self, worker: Worker) -> list[Cell]:
        kind = f"{worker.kind}, beat" if worker.embedded_beat.always(bool) else worker.kind
        if worker.replicas.is_set and not worker.replicas.always(lambda count: count == 1):
            kind += f" x {marked(worker.replicas, str)}"
        if worker.development:
            kind += " (dev)"
        takes_tasks = worker.kind == "worker"
        options = (
            (worker.queues, ", ".join),
            (worker.pool, _bare),
            (worker.concurrency, _processes),
            (worker.soft_time_limit, _limit),
            (worker.time_limit, _limit),
        )
        shown = [self._value(value, show) if takes_tasks else Cell("-") for value, show in options]
        if takes_tasks and any(worker.autoscale.possibilities()):
            shown[2] = self._value(worker.autoscale, _autoscale)
        return [
            Cell(worker.name, ("bold",)),
            Cell(kind),
            *shown,
            self._value(worker.grace_period, _limit),
            Cell(str(len(worker.tasks)) if takes_tasks else "-"),
            Cell(_location(worker.place), ("dim",)),
        ]

    def _beat(self, entry: BeatEntry) -> list[Cell]:
        task = self._value(entry.task, _bare)
        if entry.resolves is False:
            task = Cell(f"{task.text} (no such task)", ("bold", "red"))
        app = next((app for app in self._project.apps if app.variable == entry.app), None)
        name = f"{entry.entry} ({_MAYBE_MARK})" if entry.conditional else entry.entry
        return [
            Cell(name, ("bold",)),
            task,
            self._value(entry.queue, _bare),
            self._value(entry.schedule, schedule.in_words),
            Cell(schedule.next_run(entry.schedule, app, self._now) or "-"),
            Cell(_location(entry.place), ("dim",)),
        ]

    def _settings(self, app: App) -> Iterator[list[Cell]]:
        for name, value in sorted(app.settings.items()):
            if value.state is State.DEFAULT:
                continue
            if value.state is State.KNOWN and value.value == app.defaults.get(name):
                continue
            shown = name if len(self._project.apps) == 1 else f"{app.variable}: {name}"
            yield [
                Cell(shown, ("bold",)),
                self._value(value, _shortened),
                Cell(_location(next((place for _, place in value.places()), None)), ("dim",)),
            ]


def _task_trail(task: Task, style: Style, width: int | None) -> Iterator[str]:
    yield style(printable(task.name), "bold", "cyan")
    bound = ", bound" if task.bind.value is True else ""
    yield f"  {printable(task.function)} at {_location(task.place)}{bound}"
    yield f"  app {task.app}" if task.app else "  of no app that was found"
    yield ""
    yield from _trail("queue", task.queue, _bare, style, width)
    defaults = []
    for name, value in sorted(task.options.items()):
        if value.state is State.DEFAULT:
            defaults.append(f"{name} = {concise(value.value)}")
        else:
            yield from _trail(name, value, concise, style, width)
    if defaults:
        yield ""
        yield style("Celery's defaults", "bold")
        yield from (f"  {printable(line)}" for line in defaults)


def _trail(
    name: str, value: Value, show: Callable[[Any], str], style: Style, width: int | None
) -> Iterator[str]:
    head = style(name, "bold")
    if value.is_unknown:
        yield f"{head} {style('cannot be told', 'yellow')}: {printable(value.reason)}"
    else:
        yield f"{head} = {printable(_spelled_out(value, show))}"
    if value.trail:
        rows = [
            [Cell(" "), Cell(_location(step.place), ("dim",)), Cell(mask_passwords(step.text))]
            for step in value.trail
        ]
        # The header row of this table is empty: its columns speak for themselves.
        yield from table(("", "", ""), rows, style, width)[1:]


def _spelled_out(value: Value, show: Callable[[Any], str]) -> str:
    shown = _joined(" or ", value, show)
    if value.state is State.ENVIRONMENT:
        variables = " or ".join(value.variables) or "the environment"
        return f"{shown}, unless {variables} says otherwise"
    if value.state is State.DEFAULT:
        return f"{shown} (Celery's default)"
    return shown


def marked(value: Value, show: Callable[[Any], str]) -> str:
    """A value in a table cell, with the marks that `LEGEND` explains."""
    if value.is_unknown:
        return _UNKNOWN_MARK
    shown = _joined(" | ", value, show)
    if value.state is State.DEFAULT:
        return f"({shown})"
    return _ENVIRONMENT_MARK + shown if value.state is State.ENVIRONMENT else shown


def _joined(separator: str, value: Value, show: Callable[[Any], str]) -> str:
    shown = dict.fromkeys(map(show, value.possibilities()))
    return mask_passwords(separator.join(shown))


def _listed(names: Sequence[str]) -> str:
    """Some of many names; ``--output-format json`` has all of them."""
    more = len(names) - _MOST_LISTED
    shown = names if more <= 1 else [*names[:_MOST_LISTED], f"and {more} more"]
    return ", ".join(shown) or "-"


def _bare(name: Any) -> str:
    """A queue or a task by its name, without quotes."""
    return name if isinstance(name, str) else concise(name)


def _shortened(value: Any) -> str:
    """For settings that hold whole tables: ``--output-format json`` has all of them."""
    shown = concise(value)
    return shown if len(shown) <= _LONGEST_SETTING else f"{shown[: _LONGEST_SETTING - 1]}…"


def _processes(count: Any) -> str:
    return "one a CPU" if count is None else str(count)


def _autoscale(bounds: Any) -> str:
    return f"{bounds[1]} to {bounds[0]}" if bounds else "-"


def _limit(limit: Any) -> str:
    if limit is None:
        return "none"
    return f"{limit:g}s" if isinstance(limit, (int, float)) else concise(limit)


def _location(place: Place | None) -> str:
    return f"{place.path}:{place.line}" if place else "-"
