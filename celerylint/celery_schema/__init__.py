"""What Celery knows: its settings, task options and call options, for every supported version.

The facts are in ``data.json``, which ``tools/generate_celery_schema.py`` writes from the real
packages. Two tables are written by hand, because no Celery package holds them:
``extensions.json`` (what well-known extensions read) and ``dead_settings.json`` (settings that
Celery no longer reads, or never did). Neither celery nor kombu is imported here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

__all__ = [
    "SUPPORTED",
    "DeadSetting",
    "Deprecation",
    "Schema",
    "Setting",
    "TaskOption",
    "Version",
    "dead_settings",
    "schema_for",
    "versions_with_setting",
]


class Version(NamedTuple):
    """A Celery version as far as it matters here: major and minor."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """``"5.6"``, ``"5.6.3"`` and ``"5.7.0rc1"`` as versions; ValueError for anything else."""
        if match := re.fullmatch(r"(\d+)\.(\d+)([.a-z].*)?", text.strip()):
            return cls(int(match[1]), int(match[2]))
        raise ValueError(f"{text!r} is not a Celery version; write it like 5.6 or 5.6.3")

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


SUPPORTED = (Version(5, 4), Version(5, 5), Version(5, 6), Version(5, 7))
"""The Celery versions with facts of their own, in ascending order."""


class Deprecation(msgspec.Struct, frozen=True):
    """Celery's announcement: deprecated since, to be removed in, and what to use (prose)."""

    since: str
    removal: str
    instead: str


class Setting(msgspec.Struct, frozen=True):
    """A setting that ``celery.app.defaults`` lists.

    ``name`` is the lower-case name. ``old_names`` are its spellings from before Celery 4, such as
    ``CELERY_ACKS_LATE``; where the old name equals the name with the prefix ``CELERY_``
    (``CELERY_RESULT_BACKEND``), that spelling is right in both styles.

    ``type`` is any, bool, bytes, dict, float, int, list, string or tuple. It is a hint: Celery
    converts values from its command line only, never those of a configuration.

    ``since`` and ``until`` are the first and the last of the supported versions that have the
    setting.
    """

    name: str
    old_names: tuple[str, ...]
    type: str
    default: Any
    since: Version
    until: Version
    deprecated: Deprecation | None = None


class TaskOption(msgspec.Struct, frozen=True):
    """An option of a task.

    ``kind`` tells who reads it:

    - ``attribute``: an attribute of the task class, from a decorator, a class body or an
      annotation;
    - ``decorator``: a parameter of the decorators ``app.task`` and ``shared_task``;
    - ``app.task``: a parameter of ``app.task``, which ``shared_task`` makes a plain attribute;
    - ``autoretry``: read by `celery.app.autoretry`, decorator first, then the class.

    ``default`` is the class's own. ``setting`` is the one that `Task.from_config` copies while
    the attribute is None, so a ``default`` of None then means the value of that setting.
    ``published`` options travel with the message (`extract_exec_options` in celery/app/task.py).
    ``deprecated`` is Celery's advice where it warns about the option on a class.
    """

    name: str
    kind: Literal["attribute", "decorator", "app.task", "autoretry"]
    default: Any
    setting: str | None = None
    published: bool = False
    deprecated: str = ""


class Schema(msgspec.Struct, frozen=True):
    """What one Celery version knows.

    Attributes:
        version: the version the facts are from.
        settings: every listed setting by its name.
        old_to_new: old setting names to names in ``settings``.
        extra_settings: settings that are read but not listed, by Celery or a well-known
            extension, to the source file that reads them. Spelt as they are read, so a few are
            upper-case.
        task_options: every task option by name.
        task_members: methods and other names of the class `Task` that are no options. An option
            of that name replaces the member: right for ``on_failure``, fatal for ``retry``.
        exec_options: the task options that travel with the message.
        decorator_options: the task options that a decorator consumes, of either kind.
        autoretry_options: the task options of `celery.app.autoretry`.
        extra_task_options: task options of well-known extensions, to the source that reads them.
        call_options: what `apply_async` may be given, delivery and message properties included;
            also legal in beat entries and for the three methods below.
        send_task_options: the same for `Celery.send_task`.
        retry_options: the same for `Task.retry`.
        signature_options: the same for `signature` and `Signature.set`.
        extra_call_options: call options of well-known extensions, to the source that reads them.
    """

    version: Version
    settings: Mapping[str, Setting]
    old_to_new: Mapping[str, str]
    extra_settings: Mapping[str, str]
    task_options: Mapping[str, TaskOption]
    task_members: frozenset[str]
    exec_options: frozenset[str]
    decorator_options: frozenset[str]
    autoretry_options: frozenset[str]
    extra_task_options: Mapping[str, str]
    call_options: frozenset[str]
    send_task_options: frozenset[str]
    retry_options: frozenset[str]
    signature_options: frozenset[str]
    extra_call_options: Mapping[str, str]


class DeadSetting(msgspec.Struct, frozen=True):
    """A setting that people write and no supported Celery reads.

    ``kind`` is ``removed`` (an older Celery read it) or ``invented`` (no release ever did).
    ``setting`` is the one that takes the same value today; where there is none, ``instead`` says
    in prose what does the job. Both are empty where nothing replaces it. ``source`` is the proof.
    """

    kind: Literal["removed", "invented"]
    source: str
    setting: str = ""
    instead: str = ""


@cache
def schema_for(version: Version | None) -> Schema:
    """The facts for a Celery version, or those of the nearest supported one.

    None, a project whose version is unknown, means the newest.
    """
    supported = [known for known in SUPPORTED if version is None or known <= version]
    nearest = supported[-1] if supported else SUPPORTED[0]
    return _build(nearest)


def versions_with_setting(name: str) -> tuple[Version, ...]:
    """The supported versions that list the setting `name` (lower-case); empty if none does."""
    return tuple(version for version in SUPPORTED if name in schema_for(version).settings)


@cache
def dead_settings() -> Mapping[str, DeadSetting]:
    """The settings that Celery does not read, by the name people write.

    An upper-case name is to be compared with what is written, but only after the namespace had
    its say: ``CELERY_ENABLE_UTC`` is dead without a namespace and right with ``CELERY``.
    A lower-case name is compared with the setting name that remains without the namespace.
    """
    return msgspec.json.decode(_read("dead_settings.json"), type=dict[str, DeadSetting])


class _Span(msgspec.Struct):
    """Facts about a name from the version ``since`` to ``until``; see the generator."""

    since: str = ""
    until: str = ""

    @property
    def first(self) -> Version:
        return Version.parse(self.since) if self.since else SUPPORTED[0]

    @property
    def last(self) -> Version:
        return Version.parse(self.until) if self.until else SUPPORTED[-1]


_AnySpan = TypeVar("_AnySpan", bound=_Span)


class _SettingFacts(_Span, kw_only=True):
    default: Any
    type: str
    old: tuple[str, ...]
    deprecated: Deprecation | None = None


class _TaskOptionFacts(_Span, kw_only=True):
    default: Any
    kind: Literal["attribute", "decorator", "app.task", "autoretry"]
    setting: str | None = None
    published: bool = False
    deprecated: str = ""


class _CallOptionFacts(_Span, kw_only=True):
    only: Literal["", "send_task", "retry", "signature"] = ""


class _ReadFacts(_Span, kw_only=True):
    source: str


class _Data(msgspec.Struct):
    settings: dict[str, list[_SettingFacts]]
    extra_settings: dict[str, list[_ReadFacts]]
    task_options: dict[str, list[_TaskOptionFacts]]
    task_members: dict[str, list[_Span]]
    call_options: dict[str, list[_CallOptionFacts]]


class _Extensions(msgspec.Struct):
    settings: dict[str, str]
    task_options: dict[str, str]
    call_options: dict[str, str]


@cache
def _build(version: Version) -> Schema:
    data, extensions = _data(), _extensions()
    settings = {
        name: Setting(
            name=name,
            old_names=facts.old,
            type=facts.type,
            default=_decode(facts.default),
            since=data.settings[name][0].first,
            until=data.settings[name][-1].last,
            deprecated=facts.deprecated,
        )
        for name, facts in _facts_of(version, data.settings).items()
    }
    task_options = {
        name: TaskOption(
            name=name,
            kind=facts.kind,
            default=_decode(facts.default),
            setting=facts.setting,
            published=facts.published,
            deprecated=facts.deprecated,
        )
        for name, facts in _facts_of(version, data.task_options).items()
    }
    reads = _facts_of(version, data.extra_settings)
    calls = _facts_of(version, data.call_options)

    def options_of_kind(*kinds: str) -> frozenset[str]:
        return frozenset(name for name, option in task_options.items() if option.kind in kinds)

    def options_for(*callers: str) -> frozenset[str]:
        return frozenset(name for name, facts in calls.items() if facts.only in ("", *callers))

    return Schema(
        version=version,
        settings=settings,
        old_to_new={old: name for name, setting in settings.items() for old in setting.old_names},
        extra_settings={**extensions.settings, **{name: f.source for name, f in reads.items()}},
        task_options=task_options,
        task_members=frozenset(_facts_of(version, data.task_members)),
        exec_options=frozenset(name for name, option in task_options.items() if option.published),
        decorator_options=options_of_kind("decorator", "app.task"),
        autoretry_options=options_of_kind("autoretry"),
        extra_task_options=extensions.task_options,
        call_options=options_for(),
        send_task_options=options_for("send_task"),
        retry_options=options_for("retry"),
        signature_options=options_for("signature"),
        extra_call_options=extensions.call_options,
    )


def _facts_of(version: Version, table: Mapping[str, list[_AnySpan]]) -> dict[str, _AnySpan]:
    """The facts that hold in `version`, by name; names that it does not have are left out."""
    return {
        name: span
        for name, spans in table.items()
        for span in spans
        if span.first <= version <= span.last
    }


def _decode(encoded: Any) -> Any:
    """The Python value behind `encoded`, the inverse of ``encode`` in the generator.

    A JSON object has one key, which says what its value is the JSON form of.
    """
    if isinstance(encoded, list):
        return [_decode(item) for item in encoded]
    if not isinstance(encoded, dict):
        return encoded
    [(tag, value)] = encoded.items()
    if tag == "dict":
        return {key: _decode(item) for key, item in value.items()}
    if tag == "float":
        return float(value)
    if tag == "set":
        return {_decode(item) for item in value}
    if tag == "timedelta":
        return timedelta(seconds=value)
    if tag == "tuple":
        return tuple(_decode(item) for item in value)
    raise ValueError(f"data.json: unknown tag {tag!r}; write it anew with the generator")


@cache
def _data() -> _Data:
    return msgspec.json.decode(_read("data.json"), type=_Data)


@cache
def _extensions() -> _Extensions:
    return msgspec.json.decode(_read("extensions.json"), type=_Extensions)


def _read(file_name: str) -> bytes:
    return Path(__file__).with_name(file_name).read_bytes()
