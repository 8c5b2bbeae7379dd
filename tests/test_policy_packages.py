"""Packs of policies, and checks in Python, from installed packages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from policy_projects import project, task

from celerylint.checks.python_check import load_python_check
from celerylint.policy import PackError, find_pack


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Installs a package with entry points, and returns its folder."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def make(name: str, group: str, points: dict[str, str], **files: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text("raise RuntimeError('it was imported')\n")
        for file, text in files.items():
            (folder / file.replace("__", ".")).write_text(dedent(text), encoding="utf-8")
        information = tmp_path / f"{name}-1.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        )
        entries = "".join(f"{key} = {value}\n" for key, value in points.items())
        (information / "entry_points.txt").write_text(f"[{group}]\n{entries}")
        return folder

    yield make
    for module in set(sys.modules) - before:
        del sys.modules[module]


PACKS = "celerylint.policies"
CHECKS = "celerylint.checks"


def test_a_pack_is_found_and_not_imported(install: Callable[..., Path]) -> None:
    points = {"acme-celery": "acme:policies.toml"}
    folder = install("acme", PACKS, points, policies__toml="[[policy]]\n")
    assert find_pack("acme-celery") == folder / "policies.toml"
    assert "acme" not in sys.modules


def test_a_pack_in_a_folder_of_a_package(install: Callable[..., Path]) -> None:
    folder = install("acme", PACKS, {"acme-celery": "acme.rules:all.toml"})
    (folder / "rules").mkdir()
    (folder / "rules" / "all.toml").touch()
    assert find_pack("acme-celery") == folder / "rules" / "all.toml"


@pytest.mark.parametrize(
    ("name", "message", "suggestion"),
    [
        (
            "acme-celry",
            "no pack of policies is called `acme-celry`; installed: acme-celery, main,"
            " no-file, no-package, no-toml",
            "acme-celery",
        ),
        (
            "no-file",
            "the pack `no-file` names no file: `acme` should be `package:file.toml`",
            "",
        ),
        ("no-toml", "the pack `no-toml` has no file `policies.toml` in `acme`", ""),
        ("main", "the pack `main` has no file `policies.toml` in `__main__`", ""),
        ("no-package", "the pack `no-package` has no file `policies.toml` in `nowhere.x`", ""),
    ],
)
def test_a_pack_that_cannot_be_used(
    name: str, message: str, suggestion: str, install: Callable[..., Path]
) -> None:
    points = {
        "acme-celery": "acme:policies.toml",
        "no-file": "acme",
        "no-toml": "acme:policies.toml",
        "no-package": "nowhere.x:policies.toml",
        "main": "__main__:policies.toml",
    }
    install("acme", PACKS, points)
    with pytest.raises(PackError) as caught:
        find_pack(name)
    assert (str(caught.value), caught.value.suggestion) == (message, suggestion)


def test_no_pack_and_two_packs(install: Callable[..., Path]) -> None:
    with pytest.raises(PackError, match="is called `acme-celery`; none is installed"):
        find_pack("acme-celery")
    for name in ("acme", "bcme"):
        install(name, PACKS, {"acme-celery": f"{name}:p.toml"})
    with pytest.raises(
        PackError, match="several packages have a pack of policies called `acme-celery`: acme and b"
    ):
        find_pack("acme-celery")


CODE = """
    from celerylint.model.finding import Finding, Severity
    from celerylint.model.place import Place

    def check(project):
        '''Names are short.

        Long ones hide in dashboards.'''
        for task in project.tasks:
            yield Finding("X1", "x", Severity.ERROR, "too long", task.decorator, symbol=task.name)

    def broken(project):
        yield "nothing"

    nothing = 3
    """


@pytest.fixture
def acme_checks(install: Callable[..., Path]) -> None:
    folder = install(
        "acme",
        CHECKS,
        {
            "acme-names": "acme.names:check",
            "acme-broken": "acme.names:broken",
            "acme-nothing": "acme.names:nothing",
            "acme-missing": "acme.names:chek",
            "Acme": "acme.names:check",
        },
        names__py=CODE,
    )
    (folder / "__init__.py").write_text("")


@pytest.mark.usefixtures("acme_checks")
def test_a_python_check() -> None:
    rule = load_python_check("acme-names")
    assert (rule.code, rule.name, rule.summary) == ("acme-names", "acme-names", "Names are short")
    assert "Long ones hide in dashboards." in rule.page()
    (found,) = rule.check(project(task()))
    assert (found.code, found.name, found.severity) == ("acme-names", "acme-names", "error")
    assert (found.message, found.symbol) == ("too long", "shop.tasks.export")
    with pytest.raises(TypeError, match="the check `acme-broken` yields a str instead of a Find"):
        list(load_python_check("acme-broken").check(project()))


@pytest.mark.usefixtures("acme_checks")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme-nmes", "no Python check is called `acme-nmes`; installed: Acme, acme-broken,"),
        ("acme-nothing", "the Python check `acme-nothing` is no function: `acme.names:nothing`"),
        (
            "acme-missing",
            "the Python check `acme-missing` cannot be loaded from `acme.names:chek`:"
            " AttributeError: module 'acme.names' has no attribute 'chek'",
        ),
        ("Acme", "the name of the Python check `Acme` is not kebab-case"),
    ],
)
def test_a_python_check_that_cannot_be_used(name: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        load_python_check(name)
    assert str(caught.value).startswith(message)


@pytest.mark.usefixtures("acme_checks")
def test_a_python_check_with_the_name_of_a_rule() -> None:
    with pytest.raises(PackError, match="`acme-names` has the name of another rule"):
        load_python_check("acme-names", taken={"acme-names"})
