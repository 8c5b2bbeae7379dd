"""Effective settings of an app, as ``app.conf`` would give them.

celery/app/utils.py (`Settings`, `detect_settings`) and celery/utils/collections.py
(`ConfigurationView`): three mappings are searched, the changes (``conf`` writes and the
constructor's keywords), the last configuration source, and Celery's defaults; under up to four
spellings. Celery 5.7 tries every spelling in one mapping before the next mapping; earlier
versions try one spelling in every mapping before the next spelling, so that with a namespace
the defaults hide old names, and the source's prefixed names come before changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from celerylint.celery_schema import SUPPORTED, Schema, Version, schema_for
from celerylint.link.abstract import MISSING, Abstract, Known, Unknown, join, resolved
from celerylint.link.celery_app import AppObject
from celerylint.link.celery_world import CeleryWorld
from celerylint.link.interpreter import Interpreter
from celerylint.link.precedence import decide
from celerylint.link.registry import text
from celerylint.link.sources import Names, names_of
from celerylint.link.values import merge, to_value, unless_set, with_losers
from celerylint.model.value import State, Value, celery_default

_BEFORE_5_7 = Version(5, 6)
_MAPPING_BY_MAPPING = Version(5, 7)

# Celery reads these environment variables itself (celery/app/utils.py, Settings).
ENVIRONMENT = {
    "broker_url": "CELERY_BROKER_URL",
    "broker_read_url": "CELERY_BROKER_READ_URL",
    "broker_write_url": "CELERY_BROKER_WRITE_URL",
    "result_backend": "CELERY_RESULT_BACKEND",
}
# Where a setting is None, Celery gives another one's value (properties of the same class).
_FALLBACKS = {
    "broker_url": "broker_host",
    "result_backend": "CELERY_RESULT_BACKEND",
    "broker_read_url": "broker_url",
    "broker_write_url": "broker_url",
    "task_default_exchange": "task_default_queue",
    "task_default_routing_key": "task_default_queue",
    "timezone": "TIME_ZONE",
}


class Settings:
    """The settings of one app, for one Celery version or, where that is unknown, for all."""

    def __init__(
        self,
        interpreter: Interpreter,
        world: CeleryWorld,
        app: AppObject,
        version: Version | None,
    ) -> None:
        self.schema: Schema = schema_for(version)
        self._versions = [version] if version is not None else [_BEFORE_5_7, SUPPORTED[-1]]
        self._changes = _in_new_names(app.changes.entries, self.schema)
        self._changes_open = app.changes.open
        self._added: Names = app.defaults.entries
        self._added_open = app.defaults.open
        self._source, self._source_open = _last_source(interpreter, world, app)
        self.namespace: Value = _namespace(app)
        self._prefixes = _prefixes(self.namespace)
        self._values: dict[str, Value] = {}
        self._to_old = {new: old for old, new in self.schema.old_to_new.items()}

    @property
    def is_open(self) -> str:
        """Why there may be settings that cannot be seen; empty where all are seen."""
        more = self._changes_open or self._added_open or self._source_open
        return more.reason if more is not None else ""

    def __getitem__(self, name: str) -> Value:
        """The effective value of a setting, by its new-style name."""
        if name not in self._values:
            self._values[name] = self._compute(name)
        return self._values[name]

    def given(self) -> list[str]:
        """The settings that the project gives, by their new-style names."""
        names: dict[str, None] = {}
        for key in (*self._changes, *self._added, *self._source):
            name = self._new_name(key)
            if name is not None:
                names[name] = None
        if "TIME_ZONE" in self._source:
            names["timezone"] = None  # Django's own name, which Celery falls back on
        if self.is_open:
            names.update(dict.fromkeys(self.schema.settings))
        return sorted(names)

    def abstract(self, name: str) -> Abstract:
        """A setting with its structure, for those that hold tasks, queues and schedules.
        `MISSING` where nobody sets it."""
        return decide(self._candidates(name, self._versions[-1], self._prefixes[-1]))[0]

    def name_set_by(self, key: str) -> str | None:
        """The setting that a name of a source or of ``conf`` sets, on some version if the project's
        is unknown; None for one that Celery does not look at."""
        name = self._new_name(key) or self._extra_name(key)
        is_old = name is not None and key in self.schema.old_to_new and key != name
        hidden = all(prefix for prefix in self._prefixes) and all(
            version < _MAPPING_BY_MAPPING for version in self._versions
        )
        if is_old and hidden and key not in self._prefixed_names(name):
            return None
        return name

    def _extra_name(self, key: str) -> str | None:
        """A setting that something reads although Celery does not list it."""
        extra = self.schema.extra_settings
        if key in extra:
            return key
        for prefix in self._prefixes:
            name = key.removeprefix(prefix).lower() if prefix else key
            if prefix and name in extra and key == _prefixed(prefix, name):
                return name
        return None

    def _prefixed_names(self, name: str | None) -> list[str]:
        return [_prefixed(prefix, name) for prefix in self._prefixes if prefix and name]

    def _new_name(self, key: str) -> str | None:
        for prefix in self._prefixes:
            if prefix and key.startswith(prefix):
                name = key.removeprefix(prefix).lower()
                if name in self.schema.settings and key == _prefixed(prefix, name):
                    return name
        if key in self.schema.settings:
            return key
        return self.schema.old_to_new.get(key)

    def _compute(self, name: str) -> Value:
        values = [
            self._effective(name, version, prefix)
            for version in self._versions
            for prefix in self._prefixes
        ]
        value = merge(values)
        variable = ENVIRONMENT.get(name)
        if variable is not None and value.state in (State.KNOWN, State.ENVIRONMENT):
            variables = (*value.variables, variable)
            return Value(State.ENVIRONMENT, value.value, value.trail, "", variables)
        return value

    def _effective(self, name: str, version: Version, prefix: str) -> Value:
        def absent() -> Value:
            return self._absent(name, version, prefix)

        found, losers = decide(self._candidates(name, version, prefix))
        value = with_losers(to_value(found, absent), losers)
        if name in _FALLBACKS and None in value.possibilities() and not value.is_default:
            return merge(
                [
                    unless_set(absent(), value) if option is None else value
                    for option in value.possibilities()
                ]
            )
        return value

    def _absent(self, name: str, version: Version, prefix: str) -> Value:
        fallback = _FALLBACKS.get(name)
        if fallback is not None:
            value = self._effective(fallback, version, prefix)
            if value.is_unknown or value.value is not None:
                return value
        setting = self.schema.settings.get(name)
        return celery_default(setting.default if setting is not None else None)

    def _candidates(self, name: str, version: Version, prefix: str) -> Iterator[Abstract]:
        """Who may decide, first winner first."""
        keys = self._keys(name, prefix)
        mappings = (
            (self._changes, self._changes_open),
            (self._added, self._added_open),
            (self._source, self._source_open),
        )
        if version >= _MAPPING_BY_MAPPING or not prefix:
            for names, more in mappings:
                yield from (resolved(names[key]) for key in keys if key in names)
                if more is not None:
                    yield more
            return
        # The defaults hold every new name: old ones are never reached.
        for key in keys[:2]:
            for names, _ in mappings:
                if key in names:
                    yield resolved(names[key])
        for _, more in mappings:
            if more is not None:
                yield more

    def _keys(self, name: str, prefix: str) -> list[str]:
        old = self._to_old.get(name, name.upper())
        if not prefix:
            return [name, old]
        return [_prefixed(prefix, name), name, old]


def _in_new_names(changes: Names, schema: Schema) -> Names:
    """The changes under their new names: Celery renames them when it reads the configuration, so
    that of two spellings the one that was first written last wins (`detect_settings`)."""
    result: Names = {}
    for key, value in changes.items():
        name = schema.old_to_new.get(key, key)
        result[name] = decide([value, result[name]])[0] if name in result else value
    return result


def _prefixed(prefix: str, name: str) -> str:
    """The namespaced spelling: in capitals where the namespace is (kombu's match_case)."""
    return f"{prefix}{name}".upper() if prefix.isupper() else f"{prefix}{name}".lower()


def _last_source(
    interpreter: Interpreter, world: CeleryWorld, app: AppObject
) -> tuple[Names, Unknown | None]:
    """The names of the source that counts: the last one, as far as it certainly comes last."""
    names: Names = {}
    more: Unknown | None = None
    for source in app.sources:
        found, unknown = names_of(interpreter, world, source)
        if source.is_certain:
            names, more = found, unknown
            continue
        keys = dict.fromkeys((*names, *found))
        names = {key: join(names.get(key, MISSING), found.get(key, MISSING)) for key in keys}
        more = more or unknown
    return names, more


def _namespace(app: AppObject) -> Value:
    """The namespace of the last source, or of the constructor."""
    given = app.attributes.get("namespace") or app.arguments.get(16, "namespace")
    for source in app.sources:
        if not isinstance(source.namespace, Known) or source.namespace.value is not None:
            given = source.namespace
    if given is None:
        return celery_default(None)
    return to_value(given, lambda: celery_default(None))


def _prefixes(namespace: Value) -> list[str]:
    """The prefixes that names may have: one, or several where the namespace is one of several."""
    options = namespace.possibilities() or (None,)
    return [
        f"{text(Known(option)) or ''}".rstrip("_") + "_" if option else "" for option in options
    ]
