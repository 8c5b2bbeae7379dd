"""What a run works with: the configuration, resolved."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from celerylint.catalogue import Catalogue, load_rules
from celerylint.checks.rule import Rule
from celerylint.config.configuration import Configuration, configure, file_for
from celerylint.config.given import Given
from celerylint.config.mistake import ConfigError
from celerylint.config.mistakes import mistakes
from celerylint.config.options import Options
from celerylint.config.output import Output, parse_output
from celerylint.config.own_rules import CATEGORIES, own_rules
from celerylint.config.per_file import PerFileIgnores
from celerylint.discover import find_root

_SPECIAL_IN_PATTERNS = re.compile(r"[\\*?\[\]!# ]")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What to check, and how.

    ``catalogue`` has all rules there are, ``rules`` those to run, with their severities and
    parameters. ``root`` is the absolute path of the project; the patterns ``exclude``, ``tests``
    and ``development`` (None: the usual ones) and the paths ``include`` are relative to it. ``src``
    and ``baseline`` (empty: none) are absolute. ``celery_version`` ("5.6") overrides the version
    that the project pins, and ``celery_version_source`` says who gave it. ``jobs`` is how many
    processes may read files.
    """

    catalogue: Catalogue
    rules: tuple[Rule, ...]
    per_file_ignores: PerFileIgnores
    root: str
    paths: tuple[str, ...] = (".",)
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    tests: tuple[str, ...] | None = None
    development: tuple[str, ...] | None = None
    src: tuple[str, ...] = ()
    celery_version: str | None = None
    celery_version_source: str = ""
    baseline: str = ""
    outputs: tuple[Output, ...] = ()
    jobs: int = 1


def load(
    paths: Sequence[str],
    line: Given,
    *,
    config: str | None = None,
    isolated: bool = False,
    jobs: int = 1,
) -> tuple[Configuration, Settings]:
    """Find the configuration of a check of some paths, and resolve it. ``line`` is what the
    command line says; ``config`` and ``isolated`` see `file_for`.

    Raises `ConfigError`, `celerylint.catalogue.UnknownRule` for rules in ``line``, and
    `celerylint.discover.DiscoverError` for paths that cannot be checked together.
    """
    file = file_for(paths, config, isolated)
    catalogue = load_rules()
    if file is not None:
        own = own_rules(file, catalogue)
        catalogue = Catalogue([*catalogue.rules, *own.rules])
        if wrong := [*own.mistakes, *mistakes(file, catalogue, own.names)]:
            raise ConfigError(wrong)
    configuration = configure(file, line)
    return configuration, resolve(configuration, catalogue, paths, jobs)


def isolated(
    paths: Sequence[str] = (".",), options: Options | None = None, jobs: int = 1
) -> Settings:
    """The settings that some options amount to, whatever files there are."""
    configuration = Configuration(options or Options(), {}, os.getcwd())
    return resolve(configuration, load_rules(), paths, jobs)


def resolve(
    configuration: Configuration, catalogue: Catalogue, paths: Sequence[str], jobs: int = 1
) -> Settings:
    """Work out what a configuration means for some paths.

    Raises `celerylint.catalogue.UnknownRule`, `celerylint.discover.DiscoverError`.
    """
    options, folder = configuration.options, configuration.folder
    root = find_root([Path(path) for path in paths])
    file = configuration.file
    if file is not None and file.found and _lies_in(root, folder):
        root = folder
    return Settings(
        catalogue=catalogue,
        rules=_rules(configuration, catalogue),
        per_file_ignores=PerFileIgnores(
            folder,
            {
                pattern: set().union(*map(catalogue.codes, selectors))
                for pattern, selectors in options.per_file_ignores.items()
            },
        ),
        root=root,
        paths=tuple(paths),
        exclude=_rebased(options.exclude, folder, root),
        include=tuple(
            os.path.relpath(os.path.join(folder, path), root) for path in options.include
        ),
        tests=_rebased(options.tests, folder, root) if options.tests else None,
        development=_rebased(options.development, folder, root) if options.development else None,
        src=tuple(os.path.normpath(os.path.join(folder, path)) for path in options.src),
        celery_version=options.celery_version or None,
        celery_version_source=", ".join(map(str, configuration.origins.get("celery-version", ()))),
        baseline=os.path.join(folder, options.baseline) if options.baseline else "",
        outputs=tuple(_output(text, folder) for text in options.output),
        jobs=jobs,
    )


def _rules(configuration: Configuration, catalogue: Catalogue) -> tuple[Rule, ...]:
    options = configuration.options
    extend_select = [*options.extend_select]
    if not any(origin.option for origin in configuration.origins.get("select", ())):
        # Whoever writes a policy into the file means it, whatever built-in rules are selected.
        extend_select += (rule.code for rule in catalogue.rules if rule.category in CATEGORIES)
    severities = {catalogue.get(name).code: level for name, level in options.severity.items()}
    values = {catalogue.get(name).code: table for name, table in options.rules.items()}
    return tuple(
        rule.configured(severities.get(rule.code), values.get(rule.code))
        for rule in catalogue.select(options.preset, options.select, options.ignore, extend_select)
    )


def _output(text: str, folder: str) -> Output:
    output = parse_output(text)
    return Output(output.format, os.path.join(folder, output.path))


def _rebased(patterns: Sequence[str], folder: str, root: str) -> tuple[str, ...]:
    """Patterns as in a .gitignore of ``folder``, for one of ``root``; a folder elsewhere, which
    only a file that was named can lie in, counts as the root."""
    if not _lies_in(folder, root) or folder == root:
        return tuple(patterns)
    inner = os.path.relpath(folder, root).replace(os.sep, "/")
    prefix = "/" + _SPECIAL_IN_PATTERNS.sub(r"\\\g<0>", inner) + "/"
    return tuple(_below(prefix, pattern) for pattern in patterns)


def _below(prefix: str, pattern: str) -> str:
    if not pattern.strip() or pattern.startswith("#"):
        return pattern
    sign = "!" if pattern.startswith("!") else ""
    body = pattern.removeprefix(sign)
    is_anchored = "/" in body.rstrip("/ ")
    return sign + prefix + (body.lstrip("/") if is_anchored else f"**/{body}")


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
