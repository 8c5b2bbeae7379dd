"""Judging a project by a policy.

Logic of three values throughout: what holds in every case that the code allows is true, what holds
in none is false, and the rest cannot be told. A policy is broken where that is certain; what cannot
be told is as the policy's ``unknown`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from celerylint.model.project import Project
from celerylint.model.value import State, Value
from celerylint.policy.expectation import Answer, Expectation, Not, verdict
from celerylint.policy.fields import SELECTED_SETTING, Field, Kind, fields_of
from celerylint.policy.mistakes import Mistake, PolicyErrors
from celerylint.policy.policy import Policy
from celerylint.policy.subjects import Subject, everything, selected
from celerylint.wording import closest, concise, mask_passwords


class Breach(msgspec.Struct, frozen=True):
    """A subject that does not keep a policy, or of which that cannot be told.

    ``option`` is what it is about, ``value`` its effective value, ``expected`` what it should have
    been. ``doubt`` says why it cannot be told; empty where the policy is certainly broken.
    ``compared`` are the values that the expectation compares with.
    """

    subject: Subject
    field: Field
    value: Value
    expected: Expectation
    compared: tuple[tuple[str, Value], ...]
    doubt: str = ""

    @property
    def option(self) -> str:
        """The name of the option, or of the setting that was selected."""
        return self.subject.name if self.field.name == SELECTED_SETTING else self.field.name

    @property
    def is_of_app(self) -> bool:
        """Whether it is a setting of the app that is to blame."""
        return self.subject.kind is Kind.SETTING or self.subject.is_setting(self.field)


def breaches(policy: Policy, project: Project) -> Iterator[Breach]:
    """Everything in the project that breaks the policy, or may."""
    fields = fields_of(policy.select.kind)
    for subject in selected(policy.select, project):
        applies, doubt = _applies(policy, subject)
        if applies is False:
            continue
        for name, expectation in policy.require.items():
            kept = verdict(expectation, fields[name], subject.asked)
            if breach := _breach(subject, fields[name], expectation, kept, doubt):
                yield breach
        for name, expectation in policy.forbid.items():
            met = verdict(expectation, fields[name], subject.asked, every=False)
            kept = None if met is None else not met
            if breach := _breach(subject, fields[name], Not(expectation), kept, doubt):
                yield breach


def _applies(policy: Policy, subject: Subject) -> tuple[Answer, str]:
    """Whether the policy's conditions hold, and why that cannot be told."""
    fields = fields_of(policy.select.kind)
    doubt = ""
    for name, expectation in policy.when.items():
        met = verdict(expectation, fields[name], subject.asked, every=False)
        if met is False:
            return False, ""
        if met is None:
            doubt = doubt or f"it is for those with `{name}` {expectation}, and "
            doubt += _doubt(name, subject.values(name))
    return (None if doubt else True), doubt


def _breach(
    subject: Subject, field: Field, expected: Expectation, kept: Answer, doubt: str
) -> Breach | None:
    if kept is True:
        return None
    value = subject.values(field.name)
    others = sorted(expected.compares_with(), key=lambda other: other.name)
    compared = tuple((other.name, subject.values(other.name)) for other in others)
    if kept is None:
        unclear = [(field.name, value), *compared]
        doubt = next((_doubt(*one) for one in unclear if one[1].is_unknown), "") or _doubt(
            field.name, value
        )
    return Breach(subject, field, value, expected, compared, doubt)


def _doubt(name: str, value: Value) -> str:
    """Why something about a value cannot be told."""
    if value.is_unknown:
        return f"`{name}` is unknown: {value.reason}"
    return f"`{name}` is {shown(value)}"


def shown(value: Value) -> str:
    """A value with what is to be known about it: ``300``, ``False (Celery's default)``."""
    if value.is_unknown:
        return "unknown"
    text = mask_passwords(" or ".join(dict.fromkeys(map(concise, value.possibilities()))))
    if value.is_default:
        return f"{text} ({value.trail[0].text if value.trail else 'the default'})"
    if value.state is State.ENVIRONMENT:
        return f"{text} unless {' or '.join(f'`{name}`' for name in value.variables)} is set"
    return text


def check_selections(policies: Iterable[Policy], project: Project) -> None:
    """Raises `PolicyErrors` for the policies that select nothing and are not to: most likely
    they have a typing error, and would never find anything."""
    mistakes = [
        _selects_nothing(policy, project)
        for policy in policies
        if not policy.allow_empty and next(selected(policy.select, project), None) is None
    ]
    if mistakes:
        raise PolicyErrors(mistakes)


def _selects_nothing(policy: Policy, project: Project) -> Mistake:
    kind = policy.select.kind
    start = f"policy `{policy.name}` selects nothing"
    if kind is Kind.WORKER:
        message = "workers are in deployment files, and these are not read yet"
        return Mistake(policy.select.place, f"{start}: {message}")
    names = list(dict.fromkeys(subject.name for subject in everything(kind, project)))
    if not names:
        message = "the project has no app" if kind is Kind.SETTING else f"there is no {kind.value}"
        return Mistake(policy.select.place, f"{start}: {message}")
    wanted = [pattern for pattern in policy.select.names if any(map(pattern.matches, names))]
    if wanted:
        limits = policy.select.path or policy.select.app
        message = f"no {kind.value} that it names is in `{limits.text if limits else ''}`"
        return Mistake(policy.select.place, f"{start}: {message}")
    tried = " or ".join(f"`{pattern.text}`" for pattern in policy.select.names)
    message = f"{start}: no {kind.value} is called {tried}"
    near = next(filter(None, (_nearest(one.text, names) for one in policy.select.names)), "")
    if not near:
        shown_names = ", ".join(f"`{name}`" for name in names[:3])
        message += f" among {len(names)}, such as {shown_names}"
    return Mistake(policy.select.place, message, near)


def _nearest(text: str, names: Iterable[str]) -> str | None:
    """The name, or the glob over names that share a beginning, that a text is near to."""
    names = list(names)
    if text.endswith(".*"):
        parts = (name.split(".") for name in names)
        heads = (".".join(part[:end]) for part in parts for end in range(1, len(part)))
        return closest(text, [f"{head}.*" for head in heads])
    return closest(text, names)
