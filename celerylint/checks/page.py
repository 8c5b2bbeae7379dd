"""Reading a rule from its page. rules/README.md describes the format."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import tomli

from celerylint.checks.rule import CATEGORIES, Rule
from celerylint.model.place import Place
from celerylint.policy import Policy, PolicyErrors, PolicySource, read_policy
from celerylint.wording import closest as closest
from celerylint.wording import did_you_mean as did_you_mean

_MANIFEST_START = "\n```toml\n"
_MANIFEST_END = "\n```\n"
_FILE_NAME = re.compile(r"(CEL\d{3})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_PARAM_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "str": (str,),
}
_TEMPLATES: tuple[str, ...] = ("message", "impact", "help")
_POLICY_KEYS = frozenset({"select", "when", "require", "forbid", "unknown"})
_HEADING = re.compile(r"(#{2,3}) (.+)")
_FENCE = re.compile(r"```\w+(?: title=\"(?P<path>[^\"]+)\")?")


class RuleError(Exception):
    """A rule page is not well-formed. Says everything that is wrong with it, a mistake a line."""

    def __init__(self, path: Path, mistakes: Iterable[tuple[int, str]]) -> None:
        super().__init__("\n".join(f"{path}:{line}: {text}" for line, text in sorted(mistakes)))


class ExampleFile(msgspec.Struct, frozen=True):
    """A file of an example. ``line`` is the line of the page where its text starts."""

    path: str
    text: str
    line: int


class Example(msgspec.Struct, frozen=True):
    """A small project from ``## Bad`` or ``## Good``: the files under one ``###`` heading."""

    title: str
    good: bool
    files: tuple[ExampleFile, ...]


def read_rule(path: Path) -> Rule:
    """The rule that a page declares; nothing but its manifest is looked at.

    Raises `RuleError` with every mistake at once.
    """
    text = path.read_text(encoding="utf-8")
    heading, _, rest = text.partition("\n")
    before, found, after = rest.partition(_MANIFEST_START)
    manifest, closed, _ = after.partition(_MANIFEST_END)
    if not (found and closed):
        raise RuleError(path, [(1, "no ```toml block with the manifest")])

    first_line = before.count("\n") + 4
    try:
        table = tomli.loads(manifest)
    except tomli.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = first_line + int(place[1]) - 1 if place else first_line
        raise RuleError(path, [(line, f"not TOML: {error}")]) from None

    file_name = _FILE_NAME.fullmatch(path.name)
    name = file_name[2] if file_name else ""
    given = {"name": name, "path": str(path)}
    policy, wrong_policy = _policy(table, name)
    rule = None
    if table.keys().isdisjoint(given):
        with contextlib.suppress(msgspec.ValidationError):  # it names the first wrong field only
            rule = msgspec.convert({**table, **given}, Rule)
            rule = msgspec.structs.replace(rule, policy=policy)

    misnamed = list(_misnamed(path, heading, name))
    wrong = list(_wrong_fields(table) if rule is None else _contradictions(rule, path))
    wrong += wrong_policy
    if rule is None or misnamed or wrong:
        lines = _lines_of_keys(manifest, first_line)
        mistakes = [(1, mistake) for mistake in misnamed]
        mistakes += [(lines.get(key, first_line), mistake) for key, mistake in wrong]
        raise RuleError(path, mistakes)
    return rule


def examples(rule: Rule) -> list[Example]:
    """The examples of a rule's page, in order. Code without a title belongs to no example."""
    found: list[Example] = []
    section = title = ""
    files: list[ExampleFile] = []

    def finish() -> None:
        if files:
            found.append(Example(title, section == "Good", tuple(files)))
            files.clear()

    lines = enumerate(rule.page().splitlines(keepends=True), 1)
    for number, line in lines:
        if fence := _FENCE.fullmatch(line.rstrip()):
            code = []
            for _, inner in lines:
                if inner.rstrip() == "```":
                    break
                code.append(inner)
            if fence["path"]:
                files.append(ExampleFile(fence["path"], "".join(code), number + 1))
        elif heading := _HEADING.fullmatch(line.rstrip()):
            finish()
            title = heading[2]
            if heading[1] == "##":
                section = title
    finish()
    return found


def _policy(table: dict[str, Any], name: str) -> tuple[Policy | None, list[tuple[str, str]]]:
    """Take the policy out of a manifest, with every mistake in it. What its findings say, and how
    severe they are, is the page's business."""
    if "policy" not in table:
        return None, []
    raw = table.pop("policy")
    if not isinstance(raw, dict):
        return None, [("policy", "`policy` is no table")]
    unknown = [
        ("policy", f"`policy`: unknown key `{key}`{did_you_mean(key, _POLICY_KEYS)}")
        for key in raw.keys() - _POLICY_KEYS
    ]
    texts = {key: table[key] for key in _TEMPLATES if isinstance(table.get(key), str)}
    known = {key: value for key, value in raw.items() if key in _POLICY_KEYS}
    nowhere = Place("", 1, 1, 1, 1)  # the manifest's keys have lines, not places
    source = PolicySource({"name": name, **texts, **known}, lambda _: nowhere, lambda _: nowhere)
    try:
        return read_policy(source), unknown
    except PolicyErrors as errors:
        mistakes = (str(mistake).removeprefix(f"{mistake.place}: ") for mistake in errors.mistakes)
        return None, [*unknown, *(("policy", f"`policy`: {text}") for text in mistakes)]


def _misnamed(path: Path, heading: str, name: str) -> Iterator[str]:
    if not name:
        yield "the file is not named CELnnn-name-of-the-rule.md"
    elif heading != f"# {name}":
        yield f"the first line is not `# {name}`, as the file is named"
    if path.parent.name not in CATEGORIES:
        yield f"the folder `{path.parent.name}` is none of {', '.join(CATEGORIES)}"


def _wrong_fields(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every key that is unknown, missing or wrong, with what to say about it."""
    fields = {
        field.encode_name: field
        for field in msgspec.structs.fields(Rule)
        if field.encode_name not in ("name", "path", "policy")
    }
    for key in table.keys() - fields.keys():
        yield key, f"unknown key `{key}`{did_you_mean(key, fields)}"
    for key, field in fields.items():
        if key in table:
            try:
                msgspec.convert(table[key], field.type)
            except msgspec.ValidationError as error:
                yield key, f"`{key}`: {error}"
        elif field.required:
            yield "", f"missing key `{key}`"


def _contradictions(rule: Rule, path: Path) -> Iterator[tuple[str, str]]:
    """Every key that is well-formed but at odds with another, or with where the page is."""
    if not path.name.startswith(f"{rule.code}-"):
        yield "code", f"`code`: {rule.code}, but the file is named {path.name}"
    if rule.category != path.parent.name:
        yield "category", f"`category`: {rule.category}, but the folder is {path.parent.name}"
    elif rule.category in CATEGORIES and rule.code[3] != str(CATEGORIES.index(rule.category)):
        hundreds = f"CEL{CATEGORIES.index(rule.category)}nn"
        yield "code", f"`code`: {rule.code}, but {rule.category} rules are {hundreds}"
    if (rule.policy is None) == (rule.check_name == "policy.broken"):
        yield "check", "`check`: policy.broken, and a table `policy`, need each other"
    if rule.proof and (rule.proof.kind == "live") != bool(rule.proof.brokers):
        yield "proof", "`proof`: a live one names its brokers, and one in a process has none"
    for name, param in rule.params.items():
        types = _PARAM_TYPES[param.type]
        if not isinstance(param.default, types) or (
            isinstance(param.default, bool) and param.type != "bool"
        ):
            yield "params", f"`params.{name}`: {param.default!r} is no {param.type}"


def _lines_of_keys(manifest: str, first_line: int) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(manifest.splitlines(), first_line):
        key = re.match(r"\[?([\w-]+)(?:\.[\w-]+)*(?:\]|\s*=)", line)
        if key:
            lines.setdefault(key[1], number)
    return lines
