"""Everything that is wrong with a configuration file, found before anything else is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from celerylint import disk
from celerylint.catalogue import Catalogue, UnknownRule
from celerylint.checks.rule import Rule
from celerylint.config.file import ConfigFile
from celerylint.config.mistake import Mistake
from celerylint.config.options import Options
from celerylint.config.output import parse_output
from celerylint.config.shape import misfits
from celerylint.model.place import Place
from celerylint.wording import did_you_mean

RULES_HELP = "`celerylint rules` lists them all"
_PARAM_TYPES: Mapping[str, type] = {"bool": bool, "int": int, "float": float, "str": str}


def mistakes(
    file: ConfigFile, catalogue: Catalogue, unusable: Collection[str] = ()
) -> Iterator[Mistake]:
    """What is of the wrong shape; and names of rules, parameters, files and formats that do not
    exist.

    The catalogue holds the rules of the file, too; ``unusable`` are the names of those of them
    that are wrong themselves.
    """
    wrong = list(misfits(file.table, msgspec.inspect.type_info(Options)))
    for misfit in wrong:
        place = file.key(*misfit.path) if misfit.at_key else file.value(*misfit.path)
        yield Mistake(place, misfit.message, _help(file, misfit.path))
    misshapen = {misfit.path for misfit in wrong}
    known = _Known(file, catalogue, unusable)
    for key, check in _CHECKS.items():
        if key in file.table and (key,) not in misshapen:
            yield from check(known, key)


def _help(file: ConfigFile, path: tuple[str | int, ...]) -> str:
    if path == ("tool",) and not file.is_shared:
        return "in a file of their own, the options stand at the top, without [tool.celerylint]"
    return ""


class _Known(NamedTuple):
    """What a check may ask. See `mistakes`."""

    file: ConfigFile
    catalogue: Catalogue
    unusable: Collection[str]


# The checks are asked about tables and lists only, but not everything in these need be of the right
# shape.


def _selectors(known: _Known, key: str) -> Iterator[Mistake]:
    yield from _unknown_selectors(known.file.texts(key), known)


def _per_file_ignores(known: _Known, key: str) -> Iterator[Mistake]:
    for pattern in known.file.table[key]:
        if pattern.startswith("!"):
            yield Mistake(known.file.key(key, pattern), "here a pattern cannot begin with `!`")
        yield from _unknown_selectors(known.file.texts(key, pattern), known)


def _unknown_selectors(selectors: Iterable[tuple[str, Place]], known: _Known) -> Iterator[Mistake]:
    for selector, place in selectors:
        try:
            known.catalogue.codes(selector)
        except UnknownRule as error:
            if selector not in known.unusable:
                yield Mistake(place, str(error), RULES_HELP)


def _severities(known: _Known, key: str) -> Iterator[Mistake]:
    for _, rule in _rules_as_keys(known, key):
        if isinstance(rule, Mistake):
            yield rule


def _parameters(known: _Known, key: str) -> Iterator[Mistake]:
    file = known.file
    for name, rule in _rules_as_keys(known, key):
        if isinstance(rule, Mistake):
            yield rule
            continue
        values = file.table[key][name]
        for param in values if isinstance(values, dict) else ():
            if param not in rule.params:
                yield Mistake(file.key(key, name, param), *_no_such_parameter(rule, param))
                continue
            expected = msgspec.inspect.type_info(_PARAM_TYPES[rule.params[param].type])
            for misfit in misfits(values[param], expected):
                yield Mistake(file.value(key, name, param), misfit.message)


def _rules_as_keys(known: _Known, key: str) -> Iterator[tuple[str, Rule | Mistake]]:
    """The keys of a table with the rules that they name, or with what is wrong with them."""
    names: dict[str, str] = {}
    for name in known.file.table[key]:
        try:
            rule = known.catalogue.get(name)
        except UnknownRule as error:
            if name not in known.unusable:
                message = _prefix(name, known.catalogue) or str(error)
                yield name, Mistake(known.file.key(key, name), message, RULES_HELP)
            continue
        if rule.code in names:
            message = f"`{name}` is the same rule as `{names[rule.code]}` above"
            yield name, Mistake(known.file.key(key, name), message)
            continue
        names[rule.code] = name
        yield name, rule


def _prefix(selector: str, catalogue: Catalogue) -> str:
    """What to say of a prefix of codes where a rule is to be named; empty for anything else."""
    try:
        catalogue.codes(selector)
    except UnknownRule:
        return ""
    return f"`{selector}` is a prefix of codes; name every rule by itself"


def _no_such_parameter(rule: Rule, param: str) -> tuple[str, str]:
    if not rule.params:
        return f"the rule `{rule.name}` has no parameters", ""
    hint = did_you_mean(param, rule.params)
    there_are = ", ".join(f"`{name}`" for name in rule.params)
    return f"the rule `{rule.name}` has no parameter `{param}`{hint}", f"it has {there_are}"


def _paths(known: _Known, key: str) -> Iterator[Mistake]:
    for path, place in known.file.texts(key):
        if not disk.exists(os.path.join(known.file.folder, path)):
            help = "paths are relative to the folder of this file"
            yield Mistake(place, f"there is no file or folder `{path}`", help)


def _outputs(known: _Known, key: str) -> Iterator[Mistake]:
    for text, place in known.file.texts(key):
        try:
            parse_output(text)
        except ValueError as error:
            yield Mistake(place, str(error))


_CHECKS: Mapping[str, Callable[[_Known, str], Iterator[Mistake]]] = {
    "select": _selectors,
    "extend-select": _selectors,
    "ignore": _selectors,
    "per-file-ignores": _per_file_ignores,
    "severity": _severities,
    "rules": _parameters,
    "include": _paths,
    "src": _paths,
    "output": _outputs,
}
