"""Policies in TOML and projects made by hand, for the tests of policies."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import tomli

from celerylint.celery_schema import schema_for
from celerylint.checks.policy import policy_rule
from celerylint.discover import discover
from celerylint.link import link
from celerylint.model.definition import Body
from celerylint.model.finding import Finding
from celerylint.model.place import Place
from celerylint.model.project import App, Project, Task
from celerylint.model.value import State, Step, Value, celery_default, unknown
from celerylint.policy import KeyPath, Policy, PolicySource, load_policies, sources_in

SCHEMA = schema_for(None)
NOTHING = Body()


def place_of(path: KeyPath) -> Place:
    """A place that tells the path that was asked for."""
    return Place(".".join(map(str, path)) or "policy", 1, 1, 1, 1)


def read(text: str) -> list[Policy]:
    """The policies of a TOML document."""
    document = tomli.loads(dedent(text))
    return load_policies(sources_in(PolicySource(document, place_of, place_of)))


def policy(text: str) -> Policy:
    """One policy, with a name unless the text gives one."""
    name = "" if re.match(r"\s*name\s*=", text) else 'name = "ours"\n'
    (only,) = read(f"[[policy]]\n{name}{dedent(text)}")
    return only


def at(line: int, path: str = "tasks.py") -> Place:
    return Place(path, line, 1, line, 10)


def known(value: Any, line: int = 90) -> Value:
    return Value(State.KNOWN, value, (Step("set", at(line)),))


def by_default(value: Any, *variables: str) -> Value:
    return Value(State.ENVIRONMENT, value, (Step("set", at(91)),), variables=variables)


def one_of(*values: Any) -> Value:
    return Value(State.ONE_OF, values, (Step("set", at(92)),))


UNTOLD = unknown("a function decides (conf.py:3)")


def app(variable: str = "shop.app", opaque: str = "", **settings: Value) -> App:
    defaults = {name: setting.default for name, setting in SCHEMA.settings.items()}
    return App("shop", variable, at(3, "app.py"), known(None), settings, defaults, opaque)


def task(
    name: str = "shop.tasks.export",
    *,
    of: str = "shop.app",
    line: int = 10,
    queue: Value | None = None,
    routed_by: str = "default",
    given: tuple[str, ...] | None = None,
    body: Body | None = NOTHING,
    opaque: str = "",
    **options: Value,
) -> Task:
    """A task with the options it states itself (all of them, unless ``given`` names fewer)."""
    effective = {
        option.name: celery_default(
            SCHEMA.settings[option.setting].default if option.setting else option.default
        )
        for option in SCHEMA.task_options.values()
        if option.kind in ("attribute", "autoretry") or option.name == "bind"
    }
    stated = tuple(options) if given is None else given
    return Task(
        name=name,
        app=of,
        module=name.rpartition(".")[0],
        function=name.rpartition(".")[2],
        place=at(line + 1),
        decorator=at(line),
        bind=known(False),
        options={**effective, **options},
        queue=queue or celery_default("celery"),
        routed_by=routed_by,
        given={option: options[option].place or at(line) for option in stated},
        body=body,
        opaque=opaque,
    )


def project(*tasks: Task, apps: list[App] | None = None, **parts: Any) -> Project:
    kinds = ("routes", "queues", "beat", "calls", "unreadable")
    rest = {kind: list(parts.pop(kind, ())) for kind in kinds}
    version = parts.pop("version", None)
    return Project(version, "", [app()] if apps is None else apps, list(tasks), **rest)


def check(text: str, of: Project) -> list[Finding]:
    return list(policy_rule(policy(text)).check(of))


def linked(folder: Path, **files: str) -> Project:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text), encoding="utf-8")
    discovery = discover([folder], root=str(folder))
    return link(discovery.files, root=discovery.root)
