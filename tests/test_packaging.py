"""What is installed: all of the package, nothing else, and every import declared."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomli

from celerylint import __version__

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "celerylint"
METADATA = tomli.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = METADATA["project"]


def distributions(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement)[0] for requirement in requirements}


def files(folder: Path) -> set[str]:
    """The files that belong to a folder, by their paths in the wheel."""
    return {
        path.relative_to(REPOSITORY).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy in which the reference app was used where it lies."""
    source = tmp_path_factory.mktemp("source")
    for folder in ("celerylint", "rules"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / folder, source / folder, ignore=ignored)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / file, source)
    app = source / "celerylint" / "reference_app"
    for leftover in ("shop/__pycache__/api.pyc", "data/shop.sqlite3", "data/control/x", ".env"):
        (app / leftover).parent.mkdir(exist_ok=True)
        (app / leftover).touch()
    build = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    done = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = (source / "dist").glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def installed(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the wheel is unpacked to, as pip does."""
    folder = tmp_path_factory.mktemp("site-packages")
    wheel.extractall(folder)
    return folder


def celerylint(installed: Path, *args: str) -> str:
    """What the installed celerylint prints."""
    done = subprocess.run(
        [sys.executable, "-m", "celerylint", *args],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_its_rules(wheel: zipfile.ZipFile) -> None:
    rules = {path for path in files(REPOSITORY / "rules") if path.endswith((".md", ".py"))}
    expected = files(PACKAGE) | {f"celerylint/{path}" for path in rules}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == expected


def test_the_wheel_holds_the_licence(wheel: zipfile.ZipFile) -> None:
    assert f"celerylint-{__version__}.dist-info/licenses/LICENSE" in wheel.namelist()


def test_the_wheel_runs(installed: Path) -> None:
    assert "missing-acks-late" in celerylint(installed, "rules")
    assert "All good" in celerylint(installed, "--preset", "all", "celerylint/reference_app")
    celerylint(installed, "reference-app", "shop")
    assert (installed / "shop" / "data" / ".gitignore").is_file()


def test_every_import_is_a_declared_dependency_and_every_dependency_is_imported() -> None:
    imported: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if "reference_app" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    others = imported - sys.stdlib_module_names - {"celerylint"}
    called_otherwise = {"yaml": "pyyaml"}
    found = {called_otherwise.get(name, name.replace("_", "-")) for name in others}
    assert found == distributions(PROJECT["dependencies"])


def test_contributing_gives_a_reason_for_every_dependency() -> None:
    contributing = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    run_time, development = contributing.split("For development:")
    extra = PROJECT["optional-dependencies"]["dev"]
    for text, requirements in ((run_time, PROJECT["dependencies"]), (development, extra)):
        reasons = {name.partition("[")[0] for name in re.findall(r"\*\*([\w\[\]-]+)\*\*", text)}
        assert distributions(requirements) <= reasons
