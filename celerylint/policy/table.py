"""Reading policies: tables of TOML in, policies out, or everything that is wrong with them."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Container, Iterable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import msgspec

from celerylint.model.finding import Severity
from celerylint.model.place import Place
from celerylint.policy.conditions import Unfit, expectation
from celerylint.policy.expectation import Expectation
from celerylint.policy.fields import Kind, fields_of, old_setting_names, settings
from celerylint.policy.mistakes import KeyPath, Mistake, PolicyErrors, PolicySource
from celerylint.policy.pattern import Pattern
from celerylint.policy.policy import Policy, PolicyExample, Selection
from celerylint.policy.shape import ExampleTable, PolicyTable, fields_of_table, in_words, meant
from celerylint.wording import closest

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CONDITIONS = ("when", "require", "forbid")
TEMPLATE_FIELDS = ("name", "option", "value", "expected", "owner")
"""What a policy's texts may show in braces, besides the kind of thing that it selects."""


def load_policies(sources: Iterable[PolicySource], taken: Container[str] = ()) -> list[Policy]:
    """The policies of all sources, in order. ``taken`` are the names and codes of other rules.

    Raises `PolicyErrors` with everything that is wrong with any of them.
    """
    policies: dict[str, Policy] = {}
    mistakes: list[Mistake] = []
    for source in sources:
        try:
            policy = read_policy(source)
        except PolicyErrors as errors:
            mistakes += errors.mistakes
            continue
        place = source.value(("name",))
        if policy.name in taken:
            mistakes.append(Mistake(place, f"`{policy.name}` is a rule of celerylint's own"))
        elif policy.name in policies:
            other = policies[policy.name].place
            mistakes.append(Mistake(place, f"`{policy.name}` is already the policy at {other}"))
        policies.setdefault(policy.name, policy)
    if mistakes:
        raise PolicyErrors(mistakes)
    return list(policies.values())


def sources_in(document: PolicySource) -> list[PolicySource]:
    """The policies in a file that holds ``[[policy]]`` and nothing else.

    Raises `PolicyErrors`.
    """
    table = document.table
    mistakes = [
        Mistake(document.key((key,)), f"unknown key `{key}` in a file of policies", "policy")
        for key in table
        if key != "policy"
    ]
    policies = table.get("policy", [])
    if not isinstance(policies, list) or not all(isinstance(one, dict) for one in policies):
        message = "policies are written as [[policy]], with two brackets"
        mistakes.append(Mistake(document.key(("policy",)), message))
    if mistakes:
        raise PolicyErrors(mistakes)
    return [
        PolicySource(
            one,
            partial(_below, document.key, ("policy", index)),
            partial(_below, document.value, ("policy", index)),
        )
        for index, one in enumerate(policies)
    ]


def _below(place_of: Callable[[KeyPath], Place], prefix: KeyPath, path: KeyPath) -> Place:
    return place_of((*prefix, *path))


def read_policy(source: PolicySource) -> Policy:
    """The policy of one source. Raises `PolicyErrors` with everything that is wrong with it."""
    reader = _Reader(source)
    policy = reader.policy()
    if reader.mistakes:
        raise PolicyErrors(reader.mistakes)
    return policy


class _Reader:
    """Reads one policy, and goes on after a mistake as if the key had not been given."""

    def __init__(self, source: PolicySource) -> None:
        self._source = source
        self.mistakes: list[Mistake] = []

    def policy(self) -> Policy:
        table = self._fitting(PolicyTable, self._source.table, ())
        if "name" in table and not _NAME.fullmatch(table["name"]):
            self._wrong(("name",), f"`{table['name']}` is not kebab-case, such as `billing-limits`")
        select = self._selection(table["select"]) if "select" in table else None
        if not table.get("require") and not table.get("forbid"):
            self._missing((), "a policy needs something to `require` or to `forbid`")
        conditions = {key: self._conditions(key, table.get(key, {}), select) for key in _CONDITIONS}
        for key in ("message", "impact", "help"):
            self._check_template(key, table.get(key, ""), select)
        examples = [self._example(index, raw) for index, raw in enumerate(table.get("example", []))]
        return Policy(
            name=table.get("name", ""),
            place=self._source.key(()),
            # Without a selection there is a mistake, and nobody gets to see the policy.
            select=select or Selection(Kind.TASK, (), self._source.key(())),
            severity=Severity(table.get("severity", Severity.WARNING)),
            unknown=table.get("unknown", "ignore"),
            message=table.get("message", ""),
            impact=table.get("impact", ""),
            help=table.get("help", ""),
            locked=table.get("locked", False),
            owner=table.get("owner", ""),
            docs=tuple(table.get("docs", ())),
            allow_empty=table.get("allow-empty", False),
            examples=tuple(examples),
            **conditions,
        )

    # Shape

    def _fitting(
        self, kind: type[msgspec.Struct], raw: dict[str, Any], at: KeyPath
    ) -> dict[str, Any]:
        """The entries of a table that have the shape they should have."""
        fields = fields_of_table(kind)
        fitting: dict[str, Any] = {}
        for key, value in raw.items():
            if key not in fields:
                self._unknown((*at, key), f"unknown key `{key}`", closest(key, fields))
                continue
            if key == "example" and isinstance(value, list):
                fitting[key] = value  # each is looked at by itself
                continue
            try:
                msgspec.convert(value, fields[key].type)
            except msgspec.ValidationError as error:
                self._wrong((*at, key), f"`{key}`: {in_words(error)}", meant(value, fields[key]))
            else:
                fitting[key] = value
        for key, field in fields.items():
            if field.required and key not in raw:
                self._missing(at, f"the key `{key}` is missing")
        return fitting

    def _example(self, index: int, raw: Any) -> PolicyExample:
        at: KeyPath = ("example", index)
        if not isinstance(raw, dict):
            self._wrong(at, "an example is a table, [[policy.example]]")
            raw = {"good": True, "files": {}}
        table = self._fitting(ExampleTable, raw, at)
        for path in table.get("files", ()):
            parts = PurePosixPath(path).parts
            if not parts or "\\" in path or path.startswith("/") or ".." in parts:
                self._wrong((*at, "files", path), f"`{path}` is no path below the example's folder")
        return PolicyExample(
            title=table.get("title") or f"example {index + 1}",
            good=table.get("good", True),
            files=table.get("files", {}),
            place=self._source.key(at),
        )

    # Meaning

    def _selection(self, raw: dict[str, str | list[str]]) -> Selection | None:
        kinds = [kind.value for kind in Kind]
        for key in raw.keys() - {*kinds, "path", "app"}:
            near = closest(key, [*kinds, "path", "app"])
            self._unknown(("select", key), f"`{key}` is nothing that can be selected", near)
        chosen = [key for key in raw if key in kinds]
        if not chosen:
            self._wrong(("select",), f"select one of {', '.join(kinds)}")
            return None
        if len(chosen) > 1:
            both = " and ".join(f"`{key}`" for key in chosen)
            self._wrong(("select",), f"selects {both}: a policy is about one kind of thing")
            return None
        kind = Kind(chosen[0])
        names = self._patterns(kind.value, raw[kind.value])
        if kind is Kind.SETTING:
            self._check_settings(raw[kind.value], names)
        if kind is Kind.QUEUE and "app" in raw:
            self._unknown(("select", "app"), "queues belong to no app", None)
        narrower = {key: self._one_pattern(key, raw.get(key)) for key in ("path", "app")}
        return Selection(kind, tuple(names), self._source.value(("select",)), **narrower)

    def _patterns(self, key: str, raw: str | list[str]) -> list[Pattern]:
        texts = [raw] if isinstance(raw, str) else raw
        if not texts or "" in texts:
            self._wrong(("select", key), f"`{key}`: an empty name selects nothing")
        patterns = []
        for text in texts:
            try:
                patterns.append(Pattern(text))
            except ValueError as error:
                self._wrong(("select", key), f"`{key}`: {error}")
        return patterns

    def _one_pattern(self, key: str, raw: str | list[str] | None) -> Pattern | None:
        if isinstance(raw, list):
            self._wrong(("select", key), f"`{key}`: one pattern, not a list")
            return None
        return next(iter(self._patterns(key, raw)), None) if raw is not None else None

    def _check_settings(self, raw: str | list[str], names: Iterable[Pattern]) -> None:
        for name in names:
            if not any(map(name.matches, settings())):
                at: KeyPath = ("select", "setting")
                if isinstance(raw, list):
                    at = (*at, raw.index(name.text))
                message = f"Celery has no setting `{name.text}`"
                self._wrong(at, message, _meant_setting(name.text))

    def _conditions(
        self, key: str, raw: dict[str, Any], select: Selection | None
    ) -> Mapping[str, Expectation]:
        if select is None:
            return {}  # what can be asked depends on what is selected
        fields = fields_of(select.kind)
        found = {}
        for name, expected in raw.items():
            if name not in fields:
                near = closest(name, fields) or _meant_setting(name)
                near = near if near in fields else None
                message = f"a {select.kind.value} has no `{name}`"
                self._unknown((key, name), message, near)
                continue
            try:
                found[name] = expectation(expected, fields[name], fields)
            except Unfit as unfit:
                self._wrong((key, name), str(unfit), unfit.suggestion)
        return found

    def _check_template(self, key: str, text: str, select: Selection | None) -> None:
        known = [*TEMPLATE_FIELDS, *([select.kind.value] if select else [])]
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        except ValueError as error:
            self._wrong((key,), f"`{key}`: {error}; a brace that is meant is written twice")
            return
        for name in names:
            if name not in known and select is not None:
                fields = ", ".join(f"{{{field}}}" for field in known)
                near = closest(name, known)
                self._wrong((key,), f"`{key}`: there is no {{{name}}}, only {fields}", near)

    # Complaints

    def _wrong(self, path: KeyPath, message: str, suggestion: str | None = None) -> None:
        self.mistakes.append(Mistake(self._source.value(path), message, suggestion or ""))

    def _unknown(self, path: KeyPath, message: str, suggestion: str | None) -> None:
        self.mistakes.append(Mistake(self._source.key(path), message, suggestion or ""))

    def _missing(self, path: KeyPath, message: str) -> None:
        self.mistakes.append(Mistake(self._source.key(path), message))


def _meant_setting(name: str) -> str | None:
    """The setting that a name is near to; old names and those with a namespace mean today's."""
    if name in old_setting_names():
        return old_setting_names()[name]
    plain = name.lower()
    for candidate in (plain, plain.removeprefix("celery_")):
        if candidate in settings():
            return candidate
    return closest(plain, settings())
