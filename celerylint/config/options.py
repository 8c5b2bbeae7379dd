"""What a configuration may say. Everything else about it follows from here: the checks of a file,
the JSON schema, `celerylint config show`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from celerylint.config.words import FailOn, Format, Preset
from celerylint.model.finding import Severity

Texts = tuple[str, ...]
Selectors = tuple[str, ...]
"""Rules by code (``CEL101``), prefix of codes (``CEL1``) or name."""


class Options(Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """The configuration of celerylint: celerylint.toml, or [tool.celerylint] of pyproject.toml.

    Paths and patterns are relative to the folder of the file, with forward slashes; patterns are
    those of .gitignore.
    """

    preset: Annotated[Preset, Meta(description="The set of rules to check.")] = "default"
    select: Annotated[
        Selectors,
        Meta(description="Rules to check instead of a preset: codes, prefixes of codes, names."),
    ] = ()
    extend_select: Annotated[
        Selectors, Meta(description="Rules to check besides the preset or `select`.")
    ] = ()
    ignore: Annotated[
        Selectors, Meta(description="Rules to leave out, whatever selects them.")
    ] = ()
    per_file_ignores: Annotated[
        dict[str, Selectors],
        Meta(
            description="Rules to leave out in some files: patterns, each with its rules.",
            examples=[{"legacy/": ["CEL101"]}],
        ),
    ] = {}
    severity: Annotated[
        dict[str, Severity],
        Meta(
            description="How severe the findings of a rule are, where not as its page says.",
            examples=[{"unrouted-task": "error"}],
        ),
    ] = {}
    rules: Annotated[
        dict[str, dict[str, Any]], Meta(description="The parameters of rules, a table a rule.")
    ] = {}
    policy: Annotated[
        list[dict[str, Any]], Meta(description="Policies of your own, a table each.")
    ] = []
    policy_files: Annotated[Texts, Meta(description="Files with more policies.")] = ()
    policy_packs: Annotated[
        Texts, Meta(description="Installed packages whose policies count, by the names of packs.")
    ] = ()
    python_checks: Annotated[
        Texts,
        Meta(description="Checks of installed packages to run, by name. Runs the package's code."),
    ] = ()
    exclude: Annotated[Texts, Meta(description="Patterns of files and folders to leave out.")] = ()
    include: Annotated[
        Texts,
        Meta(description="Files and folders to check even where git ignores them, or as tests."),
    ] = ()
    src: Annotated[
        Texts, Meta(description="Folders that Python imports from.", examples=[["src"]])
    ] = ()
    tests: Annotated[
        Texts, Meta(description="Patterns of what is not production, instead of the usual ones.")
    ] = ()
    development: Annotated[
        Texts,
        Meta(
            description=(
                "Patterns of deployment files that are not for production, instead of the usual"
                " ones."
            ),
            examples=[["*.dev.yml", "scripts/"]],
        ),
    ] = ()
    celery_version: Annotated[
        str,
        Meta(
            title="Celery version such as 5.6 or 5.6.3",
            description="The Celery version to judge by, instead of the one the project pins.",
            pattern=r"^\d+\.\d+(\.\d+\w*)?$",
            examples=["5.6", "5.6.3"],
        ),
    ] = ""
    baseline: Annotated[
        str, Meta(description="The file with findings that are known and not to be reported.")
    ] = ""
    fail_on: Annotated[
        FailOn, Meta(description="The lowest severity that makes the exit code 1.")
    ] = "warning"
    output_format: Annotated[Format, Meta(description="How to print findings.")] = "text"
    output: Annotated[
        Texts,
        Meta(
            description="Reports to write into files besides, as FORMAT=FILE.",
            examples=[["sarif=celerylint.sarif"]],
        ),
    ] = ()
