"""A rule: what its page declares, and how a check turns that into findings."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from celerylint.model.finding import Finding, Label, Severity
from celerylint.model.place import Place
from celerylint.model.project import Project
from celerylint.policy import Policy

CATEGORIES = (
    "linter",
    "delivery",
    "limits",
    "retries",
    "routing",
    "configuration",
    "beat",
    "calls",
    "definition",
    "deployment",
)
"""The families of rules; the position is the hundreds digit of their codes."""

P = TypeVar("P", bound=msgspec.Struct)

Text = Annotated[str, msgspec.Meta(min_length=1)]


ParamValue = bool | int | float | str


class Param(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parameter of a rule, as its page documents it."""

    type: Literal["bool", "int", "float", "str"]
    default: ParamValue
    description: Text


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it is shown that the examples of a page do in real Celery what the page says."""

    kind: Literal["live", "in-process"]
    celery: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+\.[0-9]+$")]
    """The version that the tests run on, without the patch level."""
    brokers: tuple[Literal["redis", "rabbitmq"], ...] = ()
    """With which the workers are run; none for what is shown in a process."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page declares (rules/README.md says it field by field), with its name and place.

    ``message``, ``impact`` and ``help`` are templates: `finding` fills their ``{fields}`` with
    what the check found. ``celery`` is a version specifier such as ``">=5.7"``, or ``"*"``.
    """

    name: str
    path: str
    code: Annotated[str, msgspec.Meta(pattern=r"^CEL[0-9]{3}$")]
    summary: Text
    message: Text
    help: Text
    category: str
    severity: Severity
    presets: tuple[Literal["default", "strict", "celery-best-practice"], ...]
    fix: Literal["safe", "unsafe", "none"]
    celery: Text
    docs: tuple[Text, ...]
    check_name: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+\.[a-z_]+$")] | None = msgspec.field(
        name="check", default=None
    )
    """``module.function`` in celerylint.checks; None where the engine itself makes the finding."""
    impact: str = ""
    params: dict[str, Param] = {}
    proof: Proof | None = None
    policy: Policy | None = None
    """What the check ``policy.broken`` judges by."""

    def check(self, project: Project) -> Iterator[Finding]:
        """Everything this rule finds in the project."""
        if self.check_name is None or not self.applies_to(project.celery_version):
            return
        module, function = self.check_name.split(".")
        run: Callable[[Rule, Project], Iterator[Finding]] = getattr(
            importlib.import_module(f"celerylint.checks.{module}"), function
        )
        yield from run(self, project)

    def applies_to(self, celery_version: str | None) -> bool:
        """Whether the rule holds on that Celery version; an unknown version may be any."""
        if self.celery == "*" or celery_version is None:
            return True
        from packaging.specifiers import SpecifierSet  # not needed on most runs

        return SpecifierSet(self.celery).contains(celery_version, prereleases=True)

    def configured(
        self, severity: Severity | None = None, values: Mapping[str, ParamValue] | None = None
    ) -> Rule:
        """The rule with another severity, and other values for some of its parameters.

        The values have to be of the parameters' types.
        """
        return msgspec.structs.replace(
            self,
            severity=severity or self.severity,
            params={
                name: msgspec.structs.replace(
                    param, default=(values or {}).get(name, param.default)
                )
                for name, param in self.params.items()
            },
        )

    def parameters(self, kind: type[P]) -> P:
        """The parameters as the check's own struct."""
        return msgspec.convert({name: param.default for name, param in self.params.items()}, kind)

    def finding(
        self,
        place: Place,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        task: str | None = None,
        symbol: str = "",
        cause: str = "",
        **fields: object,
    ) -> Finding:
        """A finding of this rule; ``task`` is its symbol where no other is given.

        Of the labels, one that stands at the place itself becomes its ``label``, unless there is
        one; what is said twice is said once.
        """
        fields["task"] = task
        label = label or next((mark.text for mark in labels if mark.place == place), "")
        return Finding(
            code=self.code,
            name=self.name,
            severity=self.severity,
            message=self.message.format_map(fields),
            place=place,
            label=label,
            labels=tuple(mark for mark in dict.fromkeys(labels) if mark.place != place),
            impact=self.impact.format_map(fields),
            help=self.help.format_map(fields),
            task=task,
            symbol=symbol or task or "",
            cause=cause,
        )

    def page(self) -> str:
        """The Markdown of the page."""
        return Path(self.path).read_text(encoding="utf-8")
