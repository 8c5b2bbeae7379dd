"""The rules that a configuration brings along: policies, and checks in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from celerylint import disk
from celerylint.catalogue import Catalogue
from celerylint.checks.policy import policy_rule
from celerylint.checks.python_check import load_python_check
from celerylint.checks.rule import Rule
from celerylint.config.file import ConfigFile, parse
from celerylint.config.mistake import ConfigError, Mistake
from celerylint.model.place import Place
from celerylint.policy import (
    KeyPath,
    PackError,
    PolicyErrors,
    PolicySource,
    find_pack,
    load_policies,
    sources_in,
)

CATEGORIES = ("policy", "python")
"""What `Rule.category` is of such rules."""


class OwnRules(msgspec.Struct, frozen=True):
    """``rules`` that can be used, the ``mistakes`` in others, and the ``names`` of all of them."""

    rules: list[Rule]
    mistakes: list[Mistake]
    names: set[str]


def own_rules(file: ConfigFile, catalogue: Catalogue) -> OwnRules:
    """What the file holds and names. The catalogue is that of celerylint's own rules.

    Checks in Python are imported here, and nowhere else: those of them that the file names.
    """
    mistakes: list[Mistake] = []
    sources: list[PolicySource] = []
    for read in (_inline, _files, _packs):
        for found in read(file):
            if isinstance(found, Mistake):
                mistakes.append(found)
            else:
                sources.append(found)

    taken = {name for rule in catalogue.rules for name in (rule.code, rule.name)}
    rules: list[Rule] = []
    try:
        rules += map(policy_rule, load_policies(sources, taken))
    except PolicyErrors as errors:
        mistakes += as_config_error(errors).mistakes
    names = {name for source in sources if isinstance(name := source.table.get("name"), str)}

    for name, place in file.texts("python-checks"):
        try:
            rules.append(load_python_check(name, taken | names))
        except PackError as error:
            mistakes.append(_unusable(error, place))
        names.add(name)
    return OwnRules(rules, mistakes, names)


def as_config_error(errors: PolicyErrors) -> ConfigError:
    """Mistakes in policies as mistakes in a configuration."""
    return ConfigError(
        Mistake(mistake.place, mistake.message + _hint(mistake.suggestion))
        for mistake in errors.mistakes
    )


def _hint(suggestion: str) -> str:
    return f"; did you mean `{suggestion}`?" if suggestion else ""


def _unusable(error: PackError, place: Place) -> Mistake:
    return Mistake(place, f"{error}{_hint(error.suggestion)}")


def _inline(file: ConfigFile) -> Iterator[PolicySource]:
    policies = file.table.get("policy")
    for index, table in enumerate(policies if isinstance(policies, list) else ()):
        if isinstance(table, dict):
            place_of = partial(_place, file, "policy", index)
            yield PolicySource(table, partial(place_of, True), partial(place_of, False))


def _place(file: ConfigFile, key: str, index: int, of_key: bool, path: KeyPath) -> Place:
    return file.key(key, index, *path) if of_key else file.value(key, index, *path)


def _files(file: ConfigFile) -> Iterator[PolicySource | Mistake]:
    for name, place in file.texts("policy-files"):
        path = Path(file.folder, name)
        if disk.is_file(str(path)):
            yield from _read(path)
        else:
            help = "paths are relative to the folder of this file"
            yield Mistake(place, f"there is no file `{name}`", help)


def _packs(file: ConfigFile) -> Iterator[PolicySource | Mistake]:
    for name, place in file.texts("policy-packs"):
        try:
            path = find_pack(name)
        except PackError as error:
            yield _unusable(error, place)
        else:
            yield from _read(path)


def _read(path: Path) -> Iterable[PolicySource | Mistake]:
    try:
        document, table = parse(path)
        return sources_in(PolicySource(table, document.key, document.value))
    except ConfigError as error:
        return error.mistakes
    except PolicyErrors as errors:
        return as_config_error(errors).mistakes
