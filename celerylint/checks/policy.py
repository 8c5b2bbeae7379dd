"""The check behind every policy: an organisation's own, and the built-in rules of that form."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from celerylint.checks.rule import Rule
from celerylint.checks.story import labels, setting_name, settings_place
from celerylint.model.finding import Finding, Label, Severity
from celerylint.model.project import Project
from celerylint.policy.fields import Kind, task_options
from celerylint.policy.judge import Breach, breaches, shown
from celerylint.policy.policy import Policy
from celerylint.policy.subjects import Subject

SHOWN_TASKS = 3
"""How many of the tasks that share a setting a finding points at."""

_MESSAGE = "{verdict}"
_OWNER = " (owner: {owner})"


class PolicyRule(Rule, frozen=True):
    """A policy of an organisation as a rule: it has no page, and its name is its code."""

    def page(self) -> str:
        """What there is to tell about the policy, as Markdown."""
        told = "" if self.policy is None else _told(self.policy)
        return f'# {self.name}\n\n```toml\nname = "{self.name}"\n```\n\n{told}'


def policy_rule(policy: Policy) -> Rule:
    """The rule that a policy is."""
    message = policy.message or _MESSAGE
    if policy.owner and "{owner}" not in message:
        message += _OWNER
    return PolicyRule(
        name=policy.name,
        code=policy.name,
        path=policy.place.path,
        summary=f"Policy on {policy.select}",
        message=message,
        impact=policy.impact,
        help=policy.help or "{advice}",
        category="policy",
        severity=policy.severity,
        presets=("default",),
        fix="none",
        celery="*",
        docs=policy.docs,
        check_name="policy.broken",
        policy=policy,
    )


def broken(rule: Rule, project: Project) -> Iterator[Finding]:
    """What breaks the rule's policy, or may where the policy asks for certainty.

    A setting that breaks it for many tasks is one finding.
    """
    policy = rule.policy
    if policy is None:
        return
    found = [
        breach
        for breach in breaches(policy, project)
        if not breach.doubt or policy.unknown != "ignore"
    ]
    for _, group in groupby(sorted(found, key=_shared), key=_shared):
        first, *others = group
        yield _finding(rule, policy, first, others)


def _shared(breach: Breach) -> tuple[str, ...]:
    """What breaches of one finding have in common."""
    app = breach.subject.app
    if app is not None and breach.is_of_app:
        return (app.variable, breach.option, str(breach.expected), breach.doubt)
    place = breach.subject.place
    where = (place.path, f"{place.line:9}", f"{place.column:9}")
    return (*where, breach.subject.name, breach.option, str(breach.expected))


def _finding(rule: Rule, policy: Policy, breach: Breach, others: list[Breach]) -> Finding:
    subject, option, value = breach.subject, breach.option, breach.value
    of_app = subject.app if breach.is_of_app else None
    if of_app is not None:
        place = value.place or of_app.place
    else:
        place = subject.given.get(breach.field.name, subject.place)
    role = f"`{option}` is {shown(value)}"
    told = list(labels(value, role))
    for name, compared in breach.compared:
        told += labels(compared, f"`{name}` is {shown(compared)}")
    if of_app is not None and subject.kind is Kind.TASK:
        tasks = [breach, *others][:SHOWN_TASKS]
        told += [
            Label(one.subject.place, f"`{one.subject.name}` is one such task") for one in tasks
        ]
    texts = _texts(policy, breach)
    finding = rule.finding(
        place,
        label="" if value.place == place else role,
        labels=tuple(told),
        symbol=f"{of_app.variable if of_app is not None else subject.name}:{option}",
        cause=_cause(breach),
        **texts,
    )
    if of_app is not None:
        finding = msgspec.structs.replace(finding, task=None)
    if not breach.doubt:
        return finding
    # What the policy says of a breach would be too much to say.
    message = texts["verdict"] + (_OWNER.format_map(texts) if policy.owner else "")
    return msgspec.structs.replace(finding, message=message, severity=Severity(policy.unknown))


def _texts(policy: Policy, breach: Breach) -> dict[str, Any]:
    """What the templates of a policy may show."""
    subject, option = breach.subject, breach.option
    value, expected = shown(breach.value), str(breach.expected)
    if breach.compared:
        compared = (f"`{name}` is {shown(other)}" for name, other in breach.compared)
        expected += f" ({' and '.join(compared)})"
    verdict = (
        f"`{option}` may not be as expected, {expected}: {breach.doubt}"
        if breach.doubt
        else f"`{option}` is {value}, expected {expected}"
    )
    return {
        "name": option if breach.is_of_app else subject.name,
        "task": subject.task,
        subject.kind.value: subject.name,
        "option": option,
        "value": value,
        "expected": expected,
        "owner": policy.owner,
        "advice": _advice(breach),
        "verdict": verdict if breach.is_of_app else f"`{subject.name}`: {verdict}",
    }


def _advice(breach: Breach) -> str:
    """What can be changed about an option, wherever that is."""
    subject, option = breach.subject, breach.option
    if breach.is_of_app and subject.app is not None:
        setting = setting_name(subject.app, option)
        if breach.value.place is not None:
            return f"change `{setting}`"
        return f"set `{setting}` at {settings_place(subject.app)}"
    if subject.kind is not Kind.TASK:
        return ""
    if option in ("queue", "routed_by"):
        return "change the route of the task in `task_routes`"
    if option not in task_options():
        return ""
    setting = _setting_of(subject, option)
    for_all = f", or `{setting}` for all tasks" if setting else ""
    return f"change `{option}` on the task{for_all}"


def _setting_of(subject: Subject, option: str) -> str:
    """The setting that stands for an option of a task, as the app's configuration spells it."""
    name = f"task_{option}"
    app = subject.app
    return setting_name(app, name) if app is not None and name in app.defaults else ""


def _cause(breach: Breach) -> str:
    """What one change would settle for all tasks that have their value from the same place."""
    subject, value = breach.subject, breach.value
    if subject.kind is not Kind.TASK or breach.is_of_app or breach.option in subject.given:
        return ""
    if value.place is not None:
        return f"decided for all of them at {value.place}"
    setting = _setting_of(subject, breach.option)
    if not setting or subject.app is None:
        return ""
    return f"setting `{setting}` at {settings_place(subject.app)} settles all of them"


def _told(policy: Policy) -> str:
    """The page of a policy."""
    lines = [f"A policy on {policy.select}.", ""]
    for key in ("when", "require", "forbid"):
        for option, expectation in getattr(policy, key).items():
            lines.append(f"- {key} `{option}`: {expectation}")
    if policy.unknown != "ignore":
        lines.append(f"- what cannot be told is of severity {policy.unknown}")
    if policy.locked:
        lines.append("- it cannot be suppressed in the code")
    for text in (policy.impact, policy.help):
        lines += ["", text] if text else []
    if policy.owner:
        lines += ["", f"Its owner is {policy.owner}."]
    lines += ["", f"It is written at {policy.place.path}:{policy.place.line}.", ""]
    return "\n".join(lines)
