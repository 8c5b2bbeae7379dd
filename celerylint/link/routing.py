"""Which queue a task is sent to when it is called plainly.

celery/app/routes.py, `Router.route`: the task's own ``queue`` comes first, then the routers of
``task_routes`` in order (a dict is one router: exact names, then globs and regular expressions
in the order they are written), then ``task_default_queue``. A queue that is None or empty counts
as not given, and so does a route without a queue; ``exchange`` and ``routing_key`` matter only
together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from typing import Any

from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Function,
    Instance,
    Items,
    Known,
    Made,
    Mapping,
    Unknown,
    options_of,
)
from celerylint.link.compute import unmember
from celerylint.link.interpreter import Interpreter
from celerylint.link.natives import Arguments
from celerylint.link.registry import text
from celerylint.link.route_mistakes import ILLEGAL
from celerylint.link.settings import Settings
from celerylint.link.tasks import Options
from celerylint.link.values import merge, to_value, unless_set
from celerylint.model.place import Place
from celerylint.model.project import Route
from celerylint.model.value import State, Step, Symbol, Value, celery_default, unknown


class _Entry:
    """One key of a route dict. ``kind`` is exact, glob or regex."""

    def __init__(self, pattern: str, kind: str, value: Abstract, order: int) -> None:
        self.pattern = pattern
        self.kind = kind
        self.value = value
        self.order = order
        self.matches: list[str] = []
        expression = {"exact": re.escape(pattern) + r"\Z", "glob": translate(pattern)}
        try:
            self._regex: re.Pattern[str] | None = re.compile(expression.get(kind, pattern))
        except re.error:
            self._regex = None

    def matches_name(self, name: str) -> bool:
        return self._regex is not None and self._regex.match(name) is not None

    @property
    def place(self) -> Place | None:
        return next((step.place for step in self.value.trail if step.place is not None), None)


class _Map:
    """A dict (or list of pairs) of routes."""

    def __init__(self, entries: list[_Entry], more: Unknown | None) -> None:
        self.entries = entries
        self.more = more

    def find(self, name: str) -> Iterator[_Entry | Unknown]:
        """What matches a name, the first winner first: the next one counts only where the one
        before it is missing."""
        exact = [entry for entry in self.entries if entry.kind == "exact"]
        yield from (entry for entry in reversed(exact) if entry.pattern == name)
        if self.more is not None:
            yield self.more
        patterns = (entry for entry in self.entries if entry.kind != "exact")
        yield from (entry for entry in patterns if entry.matches_name(name))


_Router = _Map | Abstract


class Routing:
    """The routing of one app."""

    def __init__(self, interpreter: Interpreter, settings: Settings, app: str) -> None:
        self._interpreter = interpreter
        self._app = app
        self.default_queue = _queue_name(settings["task_default_queue"])
        value = settings.abstract("task_routes")
        self._choices = [_routers(interpreter, option) for option in options_of(value)]
        self.is_configured = any(self._choices)
        missing = settings["task_create_missing_queues"]
        self._declared: dict[str, Place | None] | None = None
        if missing.always(lambda create: not create):
            names, complete = declared_queues(settings)
            self._declared = names if complete else None

    def queue(self, options: Options, name: str | None) -> tuple[Value, str]:
        """Where the task goes, and what decided: option, route, default or unknown."""
        own = to_value(options.abstract("queue"), lambda: celery_default(None))
        if own.is_unknown:
            return own, "unknown"
        exchange = to_value(options.abstract("exchange"), lambda: celery_default(None))
        key = to_value(options.abstract("routing_key"), lambda: celery_default(None))
        if exchange.always(bool) and key.always(bool) and own.always(lambda queue: not queue):
            return unknown("it is published to an exchange of its own", exchange.trail), "unknown"
        return self.after(own, name)

    def after(self, own: Value, name: str | None) -> tuple[Value, str]:
        """Where a call goes that gives this queue (None or empty: none)."""
        queue, decided_by = self._after(own, name)
        declared = self._declared
        if declared is not None and not queue.always(lambda one: one in declared):
            reason = "the queue is not declared: publishing raises QueueNotFound"
            return unknown(reason, queue.trail), decided_by
        return queue, decided_by

    def _after(self, own: Value, name: str | None) -> tuple[Value, str]:
        if own.is_unknown:
            return own, "unknown"
        if own.always(bool):
            return _queue_name(own), "option"
        routed, decided_by = self.by_name(name)
        if own.always(lambda queue: not queue):
            return unless_set(routed, own), decided_by
        given = [option for option in own.possibilities() if option]
        values = [Value(State.KNOWN, option, own.trail) for option in given]
        return merge([*values, routed]), "unknown"

    def by_name(self, name: str | None) -> tuple[Value, str]:
        """Where a name goes: by a route, or to the default queue."""
        if not self.is_configured:
            return self.default_queue, "default"
        if name is None:
            return unknown("its name cannot be told, and so no route either"), "unknown"
        return _one_of([self._route(routers, name) for routers in self._choices])

    def _route(self, routers: list[_Router], name: str) -> tuple[Value, str]:
        perhaps: list[tuple[Value, str]] = []
        for router in routers:
            answers = self._answers(router, name)
            for answer in answers:
                for option in options_of(answer):
                    if option is not MISSING and not _is_none(option):
                        perhaps.append(self._destination(option))
                if not any(option is MISSING or _is_none(option) for option in options_of(answer)):
                    return _one_of(perhaps)
        perhaps.append((self.default_queue, "default"))
        return _one_of(perhaps)

    def _answers(self, router: _Router, name: str) -> Iterator[Abstract]:
        """What a router says of a name, the next one in case an answer is not there."""
        if not isinstance(router, _Map):
            yield self._ask(router, name)
            return
        for found in router.find(name):
            if isinstance(found, Unknown):
                yield found
                continue
            found.matches.append(name)
            raises = Unknown("publishing raises TypeError: the route is None")
            yield raises if _is_none(found.value) else found.value

    def _ask(self, router: Abstract, name: str) -> Abstract:
        """Call a router function for a task name."""
        if not isinstance(router, Function):
            reason = router.reason if isinstance(router, Unknown) else "a router cannot be read"
            return Unknown(reason)
        given = [Known(name), *(Unknown("an argument of the router") for _ in range(3))]
        task: dict[str, Abstract] = {"task": Unknown("the task that is routed")}
        place = router.scope.module.place(router.node)
        return self._interpreter.call_function(router, Arguments(given, task), place)

    def _destination(self, route: Abstract) -> tuple[Value, str]:
        """The queue of a route's value: a queue's name, a dict, or a queue."""
        route = unmember(route)
        if isinstance(route, Items):
            route = self._interpreter.pairs_to_mapping(route)
        if isinstance(route, Known) and isinstance(route.value, str):
            return to_value(route, lambda: self.default_queue), "route"
        if isinstance(route, Made):
            return _queue_name(to_value(route, lambda: self.default_queue)), "route"
        if not isinstance(route, Mapping):
            reason = route.reason if isinstance(route, Unknown) else "the route cannot be told"
            return unknown(reason, route.trail), "unknown"
        illegal = ILLEGAL & route.entries.keys()
        if illegal:
            reason = f"publishing raises TypeError: the route has {sorted(illegal)[0]!r}"
            return unknown(reason, route.trail), "unknown"
        queue = route.at("queue")
        if queue is MISSING and route.open is not None:
            return unknown(route.open.reason, route.trail), "unknown"
        if queue is MISSING and {"exchange", "routing_key"} <= route.entries.keys():
            return unknown("the route names an exchange, not a queue", route.trail), "unknown"
        value = _queue_name(to_value(queue, lambda: celery_default(None)))
        if value.is_unknown:
            return value, "unknown"
        if value.always(lambda name: not name):
            return self.default_queue, "default"
        return value, "route"

    def routes(self) -> Iterator[Route]:
        """Every route that is written down, with the tasks it decides."""
        for routers in self._choices:
            for router in routers:
                if isinstance(router, _Map):
                    yield from self._routes_of(router)

    def _routes_of(self, router: _Map) -> Iterator[Route]:
        for entry in router.entries:
            if entry.place is not None:
                queue, _ = self._destination(entry.value)
                matches = tuple(dict.fromkeys(entry.matches))
                yield Route(self._app, entry.pattern, entry.kind, queue, entry.place, matches)

    @property
    def has_opaque_router(self) -> bool:
        """A router of which it cannot be told what it does with every name."""
        return any(
            not isinstance(router, _Map) or router.more is not None
            for routers in self._choices
            for router in routers
        )


def _is_none(value: Abstract) -> bool:
    return isinstance(value, Known) and value.value is None


def _one_of(found: list[tuple[Value, str]]) -> tuple[Value, str]:
    """One of several destinations, and what decided, where it is the same for all of them."""
    decided = {decided_by for _, decided_by in found}
    value = merge([value for value, _ in found])
    return value, decided.pop() if len(decided) == 1 else "unknown"


def _queue_name(value: Value) -> Value:
    """Queues are known by their names."""
    if value.is_unknown:
        return value
    if not value.always(lambda name: name is None or isinstance(name, (str, Symbol))):
        return unknown("the queue's name cannot be told", value.trail)
    if not value.always(lambda name: not isinstance(name, Symbol)):
        return unknown("the queue is an object that cannot be told", value.trail)
    return value


def _routers(interpreter: Interpreter, value: Abstract) -> list[_Router]:
    """``task_routes`` as a list of routers (celery/app/routes.py, `prepare`)."""
    if value is MISSING or (isinstance(value, Known) and value.value is None):
        return []
    if isinstance(value, Items):
        routers = [_router(interpreter, item) for item in value.items]
        return [*routers, value.open] if value.open is not None else routers
    return [_router(interpreter, value)]


def _router(interpreter: Interpreter, value: Abstract) -> _Router:
    if isinstance(value, Mapping):
        return _Map(_entries(value.entries.items()), value.open)
    if isinstance(value, Items):
        if not all(isinstance(item, Items) and len(item.items) == 2 for item in value.items):
            # Pairs that are not in a list of their own: `for key, value in "proj.*"`.
            return Unknown("task_routes has a shape that makes every publish raise ValueError")
        return _Map(_entries(_pairs(value)), value.open)
    name = text(value)
    if name is not None:
        return _named_router(interpreter, name)
    if isinstance(value, Instance):
        method = interpreter.find_method(value.cls, "route_for_task")
        if method is not None:
            return method.bind(value)
        method = interpreter.find_method(value.cls, "__call__")
        if method is not None:
            return method.bind(value)
    return value


def _named_router(interpreter: Interpreter, name: str) -> Abstract:
    """A router given by its dotted name: ``proj.routers.route`` or ``proj.routers:route``."""
    module, _, attribute = name.replace(":", ".").rpartition(".")
    file = interpreter.modules.resolve(module) if module else None
    if file is None:
        return Unknown(f"the router `{name}` was not found")
    return interpreter.module_attribute(file, attribute, Place(file.shown, 1, 1, 1, 1))


def _pairs(value: Items) -> Iterator[tuple[Any, Abstract]]:
    for item in value.items:
        if isinstance(item, Items) and len(item.items) == 2:
            key = unmember(item.items[0])
            yield (key.value if isinstance(key, Known) else key), _placed(item.items[1], item)


def _placed(value: Abstract, pair: Items) -> Abstract:
    """The route of a pair, with the place of its key where it has none of its own."""
    key = pair.items[0]
    if not value.trail and key.trail and isinstance(value, (Mapping, Items)):
        value.trail = (Step(f"the route {key.trail[0].text}", key.trail[0].place),)
    return value


def _entries(items: Any) -> list[_Entry]:
    found: list[_Entry] = []
    for key, value in items:
        if isinstance(key, Made) and key.maker == "re.compile":
            pattern = text(key.argument(0, "pattern"))
            if pattern is not None:
                found.append(_Entry(pattern, "regex", value, len(found)))
        elif isinstance(key, str):
            kind = "glob" if "*" in key else "exact"
            found.append(_Entry(key, kind, value, len(found)))
    return found


def declared_queues(settings: Settings) -> tuple[dict[str, Place | None], bool]:
    """The queues in ``task_queues`` by name, and whether these are certainly all.

    Without ``task_queues``, Celery declares the default queue alone.
    """
    value = settings.abstract("task_queues")
    if value is MISSING or (isinstance(value, Known) and value.value is None):
        default = _queue_name(settings["task_default_queue"])
        return dict.fromkeys(default.possibilities(), default.place), not default.is_unknown
    if isinstance(value, Mapping):
        places = {
            str(key): item.trail[0].place if item.trail else None
            for key, item in value.entries.items()
        }
        return places, value.open is None
    if not isinstance(value, Items):
        return {}, False
    found: dict[str, Place | None] = {}
    complete = value.open is None
    for item in value.items:
        name = text(item.argument(0, "name")) if isinstance(item, Made) else None
        if name is None:
            complete = False
            continue
        found[name] = item.trail[0].place if item.trail else None
    return found, complete
