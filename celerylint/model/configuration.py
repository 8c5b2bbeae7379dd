"""How an app is configured, as it is written: what rules about spelling and order look at.

What the configuration amounts to is in `App.settings`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from celerylint.model.place import Place
from celerylint.model.value import Value


class WrittenSetting(msgspec.Struct, frozen=True):
    """A name that the project gives a value where Celery looks for settings.

    ``origin`` is the constructor (``Celery(task_acks_late=True)``), conf (``app.conf.x = ...``,
    ``conf.update``), the source (what ``config_from_object`` was given) or defaults
    (``add_defaults``). ``setting`` is the new-style name of what it sets, empty where Celery does
    not take it for a setting there. ``source`` is the place of the ``config_from_object`` whose
    source it is in. From a source that holds other things too (Django's settings, a module, a
    Flask configuration), only names that could be meant for Celery are here.
    """

    app: str
    name: str
    setting: str
    value: Value
    place: Place
    origin: Literal["constructor", "conf", "source", "defaults"]
    source: Place | None = None
    is_read: bool = False
    """The project reads a name like this elsewhere: it is its own as well"""


class ConfigSource(msgspec.Struct, frozen=True):
    """A call of ``config_from_object`` or ``config_from_envvar``, or ``config_source`` of the
    constructor. A later one replaces an earlier one (celery/app/base.py)."""

    place: Place
    what: str
    """What it is given, as text for people"""
    is_certain: bool


class Positional(msgspec.Struct, frozen=True):
    """An argument of ``Celery()`` given by position: the parameter it lands on."""

    parameter: str
    value: Value
    place: Place


class Annotation(msgspec.Struct, frozen=True):
    """An entry of ``task_annotations``: exact names or ``"*"``, applied in that order."""

    key: str
    place: Place
    options: dict[str, Value]


class Load(msgspec.Struct, frozen=True):
    """A module that is to be loaded by name: ``include``, ``imports``, or a package and the
    related name that ``autodiscover_tasks`` looks for in it.

    ``exists`` is False where nothing of that name is in the project although its parent is.
    """

    kind: Literal["include", "imports", "autodiscover"]
    name: str
    place: Place
    exists: bool | None
    related: str = ""


class Autodiscovery(msgspec.Struct, frozen=True):
    """A call of ``autodiscover_tasks``. ``packages`` is unknown where Django's apps are meant,
    which is what no argument means; ``finds`` tells whether any related module was found, None
    where that cannot be told."""

    place: Place
    packages: Value | None
    related: str
    finds: bool | None


class RouteMistake(msgspec.Struct, frozen=True):
    """Something in ``task_routes`` that Celery cannot use.

    ``kind`` is shape (every publish raises ValueError), value (a route that is no string, dict or
    queue), illegal (an option that publishing passes itself: TypeError) or unknown (an option
    that nothing reads). ``detail`` names the option or what stands there.
    """

    kind: Literal["shape", "value", "illegal", "unknown"]
    pattern: str
    detail: str
    place: Place


class Overwritten(msgspec.Struct, frozen=True):
    """A setting that is written to ``conf`` twice: the value at ``place`` is lost to that at
    ``by``. For one key of a dict that is written twice, ``key`` names it."""

    setting: str
    place: Place
    by: Place
    key: str = ""
