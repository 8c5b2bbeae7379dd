"""Effective options of a task.

Precedence (celery/app/task.py, `Task.bind`, `Task.from_config`, `Task.annotate`; see also
celery/app/autoretry.py), winner first: attributes set on the task afterwards, the annotation
``'*'``, the annotation with the task's exact name, the task's own options, its base classes in
method resolution order, and for the options in `Task.from_config` that are still None, the
setting. The autoretry options of the decorator come before annotations: they are read first.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from celerylint.celery_schema import Schema, TaskOption
from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Class,
    Function,
    Items,
    Known,
    Mapping,
    Missing,
    OneOf,
    Unknown,
    join,
    options_of,
)
from celerylint.link.bases import Bases
from celerylint.link.celery_app import AppObject
from celerylint.link.celery_task import TaskObject
from celerylint.link.precedence import decide, overridden
from celerylint.link.registry import text
from celerylint.link.settings import Settings
from celerylint.link.values import merge, to_value, unless_set, with_losers
from celerylint.model.value import State, Value, celery_default, unknown

# Where the attribute is 0 as well as None, the worker's own limit applies
# (celery/worker/request.py: `time_limit or task.time_limit`, then the pool's).
_LIMITS = {"time_limit": "task_time_limit", "soft_time_limit": "task_soft_time_limit"}


class Options:
    """The effective options of one task in one app."""

    def __init__(
        self,
        task: TaskObject,
        name: str | None,
        app: AppObject | None,
        bases: Bases,
        settings: Settings | None,
    ) -> None:
        self._task = task
        self._name = name
        self._app = app
        self._bases = bases
        self._settings = settings
        self._annotations = _annotations(settings, _annotated_name(task, name))

    def effective(self, option: TaskOption) -> Value:
        """The value that applies when the task runs (limits in seconds)."""
        found, losers = decide(self._candidates(option))

        def absent() -> Value:
            if option.name == "typing":
                return self._strict_typing()
            return self._fallback(option, celery_default(option.default))

        value = to_value(found, absent)
        setting = option.setting or _LIMITS.get(option.name)
        falls_through = [self._falls_through(o, option) for o in value.possibilities()]
        if setting is not None and any(falls_through):
            value = merge(
                [
                    unless_set(self._fallback(option, one), value)
                    if self._falls_through(one.value, option)
                    else one
                    for one in _each(value)
                ]
            )
        elif setting is not None and self._settings is not None and not value.is_unknown:
            losers += overridden(self._settings[setting].trail)
        return with_losers(value, losers)

    def abstract(self, name: str) -> Abstract:
        """An option with its structure; `MISSING` where nobody sets it."""
        option = TaskOption(name=name, kind="attribute", default=None)
        return decide(self._candidates(option))[0]

    def _strict_typing(self) -> Value:
        """What `Task.bind` sets ``typing`` to: ``Celery(strict_typing=...)``, by default true."""
        given = self._app.strict_typing if self._app is not None else MISSING
        return to_value(given, lambda: celery_default(True))

    def _falls_through(self, value: object, option: TaskOption) -> bool:
        if value is None:
            return True
        return option.name in _LIMITS and value == 0

    def _fallback(self, option: TaskOption, otherwise: Value) -> Value:
        """The setting that stands for an option that is None."""
        setting = option.setting or _LIMITS.get(option.name)
        if setting is None:
            return otherwise
        if self._settings is None:
            return unknown("no Celery app was found whose settings would apply")
        if {setting, ""} & self._task.changed_later:
            return unknown("the task is used before its app is configured completely")
        value = self._settings[setting]
        if (
            option.name in _LIMITS
            and otherwise.value == 0
            and value.always(lambda limit: not limit)
        ):
            return otherwise
        return value

    def _candidates(self, option: TaskOption) -> Iterator[Abstract]:
        """Who may decide an option, first winner first."""
        name, task = option.name, self._task
        if option.kind == "autoretry" and task.kind == "plain class":
            return  # `tasks.register()` adds no automatic retries, whatever the class says
        own = self._own(option)
        if option.kind == "autoretry":
            yield from own
            if task.kind == "class":
                yield from self._bases.attribute(name)
                return
        if name in task.attributes:
            yield task.attributes[name]
        instance = self._bases.instance
        if instance is not None and name in instance.attributes:
            yield instance.attributes[name]
        yield from self._annotated(name)
        if option.kind != "autoretry":
            yield from own
        yield from self._bases.attribute(name)

    def _annotated(self, name: str) -> Iterator[Abstract]:
        """What ``task_annotations`` say of an option, in each of the forms the setting may have."""
        said = [
            [one for annotation in annotations for one in _annotated(annotation, name)]
            for annotations in self._annotations
        ]
        if len(said) == 1:
            yield from said[0]
            return
        decided = reduce(join, (decide(candidates)[0] for candidates in said))
        if decided is not MISSING:
            yield decided

    def _own(self, option: TaskOption) -> list[Abstract]:
        """What the task itself states. ``register_task`` takes the autoretry options only."""
        task, name = self._task, option.name
        found: list[Abstract] = []
        if task.kind != "function" and option.kind != "autoretry":
            return found
        if name in task.options:
            found.append(task.options[name])
        if task.more is not None:
            found.append(task.more)
        return found


def _each(value: Value) -> list[Value]:
    """The possibilities of a value that is not unknown, as values of their own."""
    if value.state is not State.ONE_OF:
        return [value]
    return [
        Value(State.KNOWN, one, value.trail, variables=value.variables)
        for one in value.possibilities()
    ]


def _annotated(annotation: Abstract, name: str) -> Iterator[Abstract]:
    """What an annotation says of an option: for one of several, what any of them says."""
    if isinstance(annotation, OneOf):
        said: Abstract | None = None
        for option in annotation.options:
            one = next(_annotated(option, name), MISSING)
            said = one if said is None else join(said, one)
        if said is not None and said is not MISSING:
            yield said
    elif isinstance(annotation, Mapping):
        if name in annotation.entries:
            yield annotation.at(name)
        if annotation.open is not None:
            yield annotation.open
    elif not isinstance(annotation, (Known, Missing)):
        yield annotation


def _annotated_name(task: TaskObject, name: str | None) -> str | None:
    """The name that annotations are looked up with: for a class task the class's own, so that
    one without a name is not found by the name it is given when it is registered."""
    if task.cls is None:
        return name
    for ancestor in task.cls.ancestors():
        if isinstance(ancestor, Class) and "name" in ancestor.names:
            return text(ancestor.names["name"]) or ""
    return ""


def _annotations(settings: Settings | None, name: str | None) -> list[list[Abstract]]:
    """The annotations that apply to a task, first winner first, for every value that the setting
    may have."""
    given = MISSING if settings is None else settings.abstract("task_annotations")
    return [_applying(value, name) for value in options_of(given)]


def _applying(value: Abstract, name: str | None) -> list[Abstract]:
    """The annotations that apply to a task: ``'*'`` before the exact name, since it is applied
    last (celery/app/annotations.py, `resolve_all`). In a list, the first match of each counts."""
    if value is MISSING or (isinstance(value, Known) and not value.value):
        return []
    if isinstance(value, Mapping):
        maps: list[Abstract] = [value]
    elif isinstance(value, Function):
        maps = []  # Celery takes mappings and objects with an `annotate` method
    elif isinstance(value, Items) and value.open is None:
        maps = [item for item in value.items if not isinstance(item, Function)]
    else:
        reason = value.reason if isinstance(value, Unknown) else "task_annotations cannot be read"
        return [Unknown(reason)]
    found: list[Abstract] = []
    for key in ("*", name):
        for given in maps:
            if not isinstance(given, Mapping):
                found.append(Unknown("an annotation in task_annotations is an object"))
                break
            if key in given.entries:
                found.append(given.at(key))
                break
            if given.open is not None:
                found.append(given.open)
                break
            if key is None and any(known != "*" for known in given.entries):
                found.append(Unknown("its name cannot be told, and so no annotation either"))
                break
    return found


def effective_options(schema: Schema, options: Options) -> dict[str, Value]:
    """Every option of a task that Celery reads, by name."""
    return {
        name: options.effective(option)
        for name, option in schema.task_options.items()
        if option.kind in ("attribute", "autoretry") or name == "bind"
    }
