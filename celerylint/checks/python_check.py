"""Checks of one's own in Python, from installed packages.

A package names the function in an entry point of the group ``celerylint.checks``::

    [project.entry-points."celerylint.checks"]
    acme-naming = "acme_celery.naming:check"

It is given the `Project` and yields a `Finding` for everything that is wrong. Unlike everything
else that celerylint does, this runs code: only for the checks that the configuration names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator

import msgspec

from celerylint import disk
from celerylint.checks.rule import Rule
from celerylint.model.finding import Finding, Severity
from celerylint.model.project import Project
from celerylint.policy.packs import PackError, entry_point

GROUP = "celerylint.checks"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class PythonCheck(Rule, frozen=True, kw_only=True):
    """A function of an installed package as a rule. What it raises, `check` raises."""

    function: Callable[[Project], Iterable[Finding]]

    def check(self, project: Project) -> Iterator[Finding]:
        """Its findings, all under the name of the check, by which they are suppressed."""
        for finding in self.function(project):
            if not isinstance(finding, Finding):
                kind = type(finding).__name__
                raise TypeError(f"the check `{self.name}` yields a {kind} instead of a Finding")
            yield msgspec.structs.replace(finding, code=self.name, name=self.name)

    def page(self) -> str:
        """What its docstring says, as Markdown."""
        told = (self.function.__doc__ or "It says nothing about itself.").strip()
        return f'# {self.name}\n\n```toml\nname = "{self.name}"\n```\n\n{told}\n'


def load_python_check(name: str, taken: Container[str] = ()) -> Rule:
    """The check that an installed package has under that name. Runs the package's code.

    ``taken`` are the names and codes of other rules. Raises `PackError`, in words for the user.
    """
    point = entry_point(GROUP, name, "Python check")
    if not _NAME.fullmatch(name):
        raise PackError(f"the name of the Python check `{name}` is not kebab-case")
    if name in taken:
        raise PackError(f"the Python check `{name}` has the name of another rule")
    disk.give_up()  # whatever it looks at
    try:
        function = point.load()
    except Exception as error:
        kind = type(error).__name__
        raise PackError(
            f"the Python check `{name}` cannot be loaded from `{point.value}`: {kind}: {error}"
        ) from error
    if not callable(function):
        raise PackError(f"the Python check `{name}` is no function: `{point.value}`")
    first_line = (function.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return PythonCheck(
        name=name,
        code=name,
        path=point.value,
        summary=first_line or f"Python check `{point.value}`",
        message="",
        help="",
        category="python",
        severity=Severity.WARNING,
        presets=("default",),
        fix="none",
        celery="*",
        docs=(),
        function=function,
    )
