"""What policies can ask of a task, a setting, a queue, a beat entry, a call or a worker.

The names and types are those of every supported Celery version together: which one a project uses
is known only when it has been read.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache

import msgspec

from celerylint.celery_schema import SUPPORTED, Setting, TaskOption, schema_for


class Kind(str, Enum):
    """The things that a policy can select."""

    TASK = "task"
    SETTING = "setting"
    QUEUE = "queue"
    BEAT = "beat"
    CALL = "call"
    WORKER = "worker"


class Type(Enum):
    """What values a field has; the value is how that is said."""

    SWITCH = "true or false"
    NUMBER = 'a number, or a comparison such as "<= 10"'
    LIMIT = 'a number of seconds, or a comparison such as "<= 600"'
    """A number of which 0 means, to Celery, that there is none."""
    TEXT = 'a text, or a pattern such as "billing.*" or "/^billing/"'
    TEXTS = "a text or a pattern, for each of its members, or true (there are any) or false"
    TABLE = "true (it holds something) or false"
    ANY = "true or false, a number, a comparison, a text or a pattern"

    @property
    def is_number(self) -> bool:
        return self in (Type.NUMBER, Type.LIMIT, Type.ANY)

    @property
    def is_text(self) -> bool:
        return self in (Type.TEXT, Type.TEXTS, Type.ANY)

    @property
    def is_switch(self) -> bool:
        return self in (Type.SWITCH, Type.TEXTS, Type.TABLE, Type.ANY)


class Field(msgspec.Struct, frozen=True):
    """Something that can be asked. ``words`` are all the texts it may be, where these are few."""

    name: str
    type: Type
    words: tuple[str, ...] = ()


# celery_schema has the types of settings from Celery, where they are hints for its command line.
_SETTING_TYPES = {
    "any": Type.ANY,
    "bool": Type.SWITCH,
    "bytes": Type.TEXT,
    "dict": Type.TABLE,
    "float": Type.NUMBER,
    "int": Type.NUMBER,
    "list": Type.TEXTS,
    "string": Type.TEXT,
    "tuple": Type.TEXTS,
}
_OTHER_SETTING_TYPES = {
    "broker_use_ssl": Type.ANY,
    "cassandra_port": Type.ANY,
    "cassandra_servers": Type.TEXTS,
    "redis_backend_use_ssl": Type.ANY,
    "task_default_delivery_mode": Type.ANY,
    "task_default_priority": Type.NUMBER,
    "task_default_rate_limit": Type.ANY,
    "task_queues": Type.TEXTS,
    "task_soft_time_limit": Type.LIMIT,
    "task_time_limit": Type.LIMIT,
    "worker_concurrency": Type.ANY,
}
# The options that no setting and no default tells the type of.
_OPTION_TYPES = {
    "compression": Type.TEXT,
    "exchange": Type.TEXT,
    "exchange_type": Type.TEXT,
    "immediate": Type.SWITCH,
    "mandatory": Type.SWITCH,
    "queue": Type.TEXT,
    "rate_limit": Type.ANY,
    "retry_backoff": Type.ANY,
    "routing_key": Type.TEXT,
    "soft_time_limit": Type.LIMIT,
    "time_limit": Type.LIMIT,
    "typing": Type.SWITCH,
}

_TASK = (
    Field("app", Type.TEXT),
    Field("function", Type.TEXT),
    Field("has_retry", Type.SWITCH),
    Field("module", Type.TEXT),
    Field("name", Type.TEXT),
    Field("queue", Type.TEXT),
    Field("routed_by", Type.TEXT, ("option", "route", "default")),
)
_SENDING = (
    Field("countdown", Type.NUMBER),
    Field("eta", Type.ANY),
    Field("exchange", Type.TEXT),
    Field("expires", Type.ANY),
    Field("ignore_result", Type.SWITCH),
    Field("priority", Type.NUMBER),
    Field("queue", Type.TEXT),
    Field("routing_key", Type.TEXT),
    Field("serializer", Type.TEXT),
    Field("soft_time_limit", Type.LIMIT),
    Field("time_limit", Type.LIMIT),
)
"""The options of a call that the project knows."""
_BEAT = (
    Field("entry", Type.TEXT),
    Field("resolves", Type.SWITCH),
    Field("schedule", Type.NUMBER),
    Field("task", Type.TEXT),
    *_SENDING,
)
_CALL = (
    Field("kind", Type.TEXT, ("delay", "apply_async", "signature", "send_task", "reference")),
    Field("task", Type.TEXT),
    *_SENDING,
)
_QUEUE = (Field("declared", Type.SWITCH), Field("name", Type.TEXT), Field("tasks", Type.NUMBER))
_WORKER = (Field("name", Type.TEXT), Field("pool", Type.TEXT), Field("queues", Type.TEXTS))

SELECTED_SETTING = "value"
"""The field that a setting has besides the names of all settings: the one that was selected."""


@cache
def fields_of(kind: Kind) -> Mapping[str, Field]:
    """Everything that can be asked of one kind of thing, by name."""
    if kind is Kind.TASK:
        return {**settings(), **task_options(), **_by_name(*_TASK)}
    if kind is Kind.SETTING:
        return {**settings(), **_by_name(Field(SELECTED_SETTING, Type.ANY))}
    return _by_name(
        *{Kind.QUEUE: _QUEUE, Kind.BEAT: _BEAT, Kind.CALL: _CALL, Kind.WORKER: _WORKER}[kind]
    )


@cache
def settings() -> Mapping[str, Field]:
    """Every setting that some supported version lists."""
    return {
        name: Field(name, _setting_type(setting))
        for version in SUPPORTED
        for name, setting in schema_for(version).settings.items()
    }


@cache
def old_setting_names() -> Mapping[str, str]:
    """How settings were spelt before Celery 4, to their names of today."""
    return schema_for(None).old_to_new


@cache
def task_options() -> Mapping[str, Field]:
    """Every option of a task that some supported version reads, as an effective value."""
    return {
        name: Field(name, _option_type(option))
        for version in SUPPORTED
        for name, option in schema_for(version).task_options.items()
        if option.kind in ("attribute", "autoretry") or name == "bind"
    }


def _setting_type(setting: Setting) -> Type:
    return _OTHER_SETTING_TYPES.get(setting.name) or _SETTING_TYPES[setting.type]


def _option_type(option: TaskOption) -> Type:
    if option.name in _OPTION_TYPES:
        return _OPTION_TYPES[option.name]
    if option.setting is not None:
        return settings()[option.setting].type
    default = option.default
    if isinstance(default, bool):
        return Type.SWITCH
    if isinstance(default, (int, float)):
        return Type.NUMBER
    if isinstance(default, str):
        return Type.TEXT
    if isinstance(default, tuple):
        return Type.TEXTS
    return Type.TABLE if isinstance(default, dict) else Type.ANY


def _by_name(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}
