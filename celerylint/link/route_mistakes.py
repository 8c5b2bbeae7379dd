"""What is wrong with the shape of ``task_routes`` (celery/app/routes.py, celery/app/base.py)."""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.celery_schema import Schema
from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Items,
    Known,
    Mapping,
    OneOf,
)
from celerylint.link.compute import describe, unmember
from celerylint.link.registry import text
from celerylint.link.settings import Settings
from celerylint.model.configuration import RouteMistake
from celerylint.model.place import Place

ILLEGAL = frozenset({
    "expires", "time_limit", "soft_time_limit", "countdown", "eta", "retries", "shadow",
    "ignore_result", "chord", "chain", "reply_to", "root_id", "parent_id", "group_id",
})  # fmt: skip
"""What a route may not hold: publishing passes these by name as well (``Celery.send_task``), and
"got multiple values for argument" is raised."""


def route_mistakes(settings: Settings, schema: Schema, place: Place) -> Iterator[RouteMistake]:
    """Every mistake in the routes of an app; ``place`` is for those that have none."""
    value = settings.abstract("task_routes")
    if isinstance(value, Mapping):
        yield from _of_map(value, schema, place)
    elif isinstance(value, Items):
        for item in value.items:
            yield from _of_router(item, schema, _place_of(item, _place_of(value, place)))


def _of_router(router: Abstract, schema: Schema, place: Place) -> Iterator[RouteMistake]:
    if isinstance(router, Mapping):
        yield from _of_map(router, schema, place)
        return
    if not isinstance(router, Items):
        return
    if _is_pair(router):
        # `[("proj.*", {...})]`: Celery unpacks the pattern into key and value.
        yield RouteMistake("shape", text(router.items[0]) or "", describe(router), place)
        return
    for item in router.items:
        if isinstance(item, Items) and len(item.items) == 2:
            pattern = text(item.items[0]) or ""
            yield from _of_route(pattern, item.items[1], schema, _place_of(item.items[0], place))


def _is_pair(router: Items) -> bool:
    """A pattern and its route, rather than a list of such pairs."""
    return len(router.items) == 2 and text(router.items[0]) is not None


def _of_map(routes: Mapping, schema: Schema, place: Place) -> Iterator[RouteMistake]:
    for pattern, route in routes.entries.items():
        shown = pattern if isinstance(pattern, str) else ""
        yield from _of_route(shown, routes.at(pattern), schema, _place_of(route, place))


def _of_route(
    pattern: str, route: Abstract, schema: Schema, place: Place
) -> Iterator[RouteMistake]:
    route = unmember(route)
    if isinstance(route, OneOf) or route is MISSING:
        return
    if isinstance(route, Known) and not isinstance(route.value, str):
        yield RouteMistake("value", pattern, describe(route), place)
    if not isinstance(route, Mapping):
        return
    for option, value in route.entries.items():
        where = _place_of(value, place)
        if option in ILLEGAL:
            yield RouteMistake("illegal", pattern, str(option), where)
        elif option not in schema.send_task_options:
            yield RouteMistake("unknown", pattern, str(option), where)


def _place_of(value: Abstract, otherwise: Place) -> Place:
    return next((step.place for step in value.trail if step.place is not None), otherwise)
