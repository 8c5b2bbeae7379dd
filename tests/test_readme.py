"""README.md and CONTRIBUTING.md promise nothing that is not so."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from celerylint.cli.exit_code import ExitCode

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def snippet(path: str) -> Any:
    """The YAML block that starts with the name of the file that it is for."""
    (text,) = (block for block in blocks("yaml") if block.startswith(f"# {path}\n"))
    return yaml.safe_load(text)


def test_what_is_generated_is_up_to_date() -> None:
    render = runpy.run_path(str(REPOSITORY / "tools" / "update_readme.py"))["render"]
    assert render(README) == README, "run python tools/update_readme.py"


def test_the_commands_are_those_that_ci_runs() -> None:
    in_ci = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    main_job, tests = blocks("sh")
    for command in (main_job, tests):
        for step in command.strip().split(" && "):
            assert step in in_ci


def test_every_exit_code_is_explained() -> None:
    rows = re.findall(r"^\| (\d+) \|", README, re.MULTILINE)
    assert [int(code) for code in rows] == sorted(ExitCode)


def test_the_pre_commit_snippet_names_the_hook() -> None:
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (repo,) = snippet(".pre-commit-config.yaml")["repos"]
    assert [hook["id"] for hook in repo["hooks"]] == [hook["id"] for hook in hooks]


def test_the_ci_snippets_run_the_linter() -> None:
    github = snippet(".github/workflows/celerylint.yml")["jobs"]["celerylint"]["steps"]
    gitlab = snippet(".gitlab-ci.yml")["celerylint"]["script"]
    commands = ['pip install "$CELERYLINT"', "celerylint src/"]
    assert [step["run"] for step in github if "run" in step] == gitlab == commands


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        url = urlsplit(link)
        if url.scheme:
            assert url.scheme == "https" and url.hostname, link
            continue
        target = REPOSITORY / url.path if url.path else REPOSITORY / name
        assert target.is_file(), link
        assert not url.fragment or url.fragment in anchors(target), link


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as repositories' web pages make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
