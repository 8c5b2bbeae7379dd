"""The Celery version of a project, from small projects written to a temporary directory.

The lock entries are shortened from what uv, Poetry, PDM and pipenv wrote for real projects.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

import celerylint
from celerylint.link.celery_version import CeleryVersion, find_celery_version


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository that is also the current directory."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content), encoding="utf-8", newline="")


def found(root: Path, files: dict[str, str], start: str = ".") -> CeleryVersion:
    write(root, files)
    return find_celery_version(root / start)


UV_LOCK = """\
version = 1
requires-python = ">=3.10"

[[package]]
name = "app"
version = "1.0.0"
source = { virtual = "." }
dependencies = [
    { name = "celery" },
]

[package.metadata]
requires-dist = [{ name = "celery", specifier = ">=5.3" }]

[[package]]
name = "celery"
version = "5.6.3"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "billiard" },
]

[[package]]
name = "celery-types"
version = "0.26.0"
"""

POETRY_LOCK = """\
[[package]]
name = "celery"
version = "5.2.7"
description = "Distributed Task Queue."
optional = false

[package.dependencies]
billiard = ">=3.6.4.0,<4.0"

[package.extras]
version = ["unrelated (>=1)"]

[[package]]
name = "django-celery"
version = "3.3.1"

[package.extras]
celery = ["celery (>=3)"]
"""

PDM_LOCK = """\
[metadata]
groups = ["default"]

[[package]]
name = "celery"
version = "5.5.1"
requires_python = ">=3.8"
dependencies = [
    "billiard<5.0,>=4.2.1",
]

[[package]]
name = "celery"
version = "5.5.1"
extras = ["redis"]
dependencies = [
    "celery==5.5.1",
]
"""

PYLOCK = """\
lock-version = "1.0"

[[packages]]
name = "celery"
version = "5.4.0"
index = "https://pypi.org/simple"
"""

PIPFILE_LOCK = """\
{
    "_meta": {"sources": [{"name": "pypi"}]},
    "default": {
        "billiard": {"version": "==4.2.1"},
        "celery": {
            "extras": ["redis"],
            "markers": "python_version >= '3.8'",
            "version": "==5.4.0"
        }
    },
    "develop": {
        "celery": {
            "version": "==5.3.0"
        }
    }
}
"""


@pytest.mark.parametrize(
    ("name", "content", "value", "line"),
    [
        ("uv.lock", UV_LOCK, "5.6.3", 16),
        ("poetry.lock", POETRY_LOCK, "5.2.7", 2),
        ("pdm.lock", PDM_LOCK, "5.5.1", 5),
        ("pylock.toml", PYLOCK, "5.4.0", 4),
        ("pylock.worker.toml", PYLOCK, "5.4.0", 4),
        ("Pipfile.lock", PIPFILE_LOCK, "5.4.0", 5),
        ("uv.lock", '[[package]]\nname = "celery"\nversion = "5.6.0rc1"\n', "5.6.0rc1", 2),
        ("uv.lock", UV_LOCK.replace("\n", "\r\n"), "5.6.3", 16),
    ],
)
def test_lock(project: Path, name: str, content: str, value: str, line: int) -> None:
    assert found(project, {name: content}) == CeleryVersion(value, f"{name}:{line}")


@pytest.mark.parametrize(
    ("content", "value", "line"),
    [
        ("celery==5.4.0\n", "5.4.0", 1),
        ("django\nCelery[redis,sqs] == 5.4.0 ; python_version >= '3.9'  # why\n", "5.4.0", 2),
        ("celery===4.4.7", "4.4.7", 1),
        ("celery (==5.4.0)", "5.4.0", 1),
        ("celery==5.4.0 --hash=sha256:0a1b", "5.4.0", 1),
        (
            "kombu==5.4.0 \\\n    --hash=sha256:00\ncelery==5.4.2 \\\n    --hash=sha256:01",
            "5.4.2",
            3,
        ),
        ("celery \\\n  ==5.4.2 \\\n  --hash=sha256:01\ncelery-types==0.2", "5.4.2", 1),
        ("celery==5.4.1+internal.2", "5.4.1+internal.2", 1),
        ("{% if celery %}\ncelery==5.6.3  # pyup: < 6.0\n{% endif %}\n", "5.6.3", 2),
        ("celery~=5.4.0", "5.4", 1),
        ("celery==5.4.*", "5.4", 1),
        ("celery==5.4", "5.4", 1),
        ("celery==5", "5.0", 1),
        ("celery>=5.4,<5.5", "5.4", 1),
        ("celery>=5.4.1, !=5.4.2, <=5.4.9", "5.4", 1),
        ("celery>5.4.0,<5.5.0rc1", "5.4", 1),
        ("celery>=5,<5.1", "5.0", 1),
    ],
)
def test_requirements(project: Path, content: str, value: str, line: int) -> None:
    assert found(project, {"requirements.txt": content}) == CeleryVersion(
        value, f"requirements.txt:{line}"
    )


@pytest.mark.parametrize(
    "requirement",
    [
        "celery",
        "celery[redis]",
        "celery>=5.3",
        "celery<6",
        "celery~=5.4",
        "celery~=5",
        "celery==5.*",
        "celery>=5.4,<=5.5",
        "celery>=5.4,<5.5.1",
        "celery>=5.6,<5.5",
        "celery!=5.4.0",
        "celery==",
        "celery==five",
        "celery==5.4.",
        "celery=={{ version }}",
        "celery @ git+https://github.com/celery/celery.git@v5.4.0",
    ],
)
def test_requirement_that_leaves_the_version_open(project: Path, requirement: str) -> None:
    version = found(project, {"requirements.txt": f"django==5.2\n{requirement}\n"})
    assert version == CeleryVersion(
        None, "", f'"{requirement}" (requirements.txt:2) does not settle one version'
    )


@pytest.mark.parametrize(
    "line",
    ["django-celery==3.3.1", "celery-types==0.26", "celery.extra==1", "# celery==5.4.0", "-e ."],
)
def test_line_that_asks_for_something_else(project: Path, line: str) -> None:
    version = found(project, {"requirements.txt": f"{line}\n"})
    assert version == CeleryVersion(
        None, "", "no lock, requirements or project file asks for celery"
    )


releases = st.tuples(st.integers(4, 6), st.integers(0, 3), st.integers(0, 3)).map(
    lambda numbers: ".".join(map(str, numbers))
)
clauses = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["==", ">=", "<=", ">", "<", "~="]), releases),
    st.builds("{}{}.{}".format, st.sampled_from([">=", "<", "~=", "=="]), *[st.integers(4, 6)] * 2),
    st.builds("=={}.{}.*".format, st.integers(4, 6), st.integers(0, 3)),
    st.builds("=={}.*".format, st.integers(4, 6)),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(clauses, min_size=1, max_size=3).map(",".join))
def test_specifier_means_what_packaging_says(project: Path, specifier: str) -> None:
    value = found(project, {"requirements.txt": f"celery{specifier}"}).value
    # Reaches beyond every release drawn, so that an open end shows as several minor series.
    candidates = [f"{x}.{y}.{z}" for x in range(3, 8) for y in range(9) for z in range(6)]
    allowed = set(SpecifierSet(specifier).filter(candidates))
    if not allowed:
        return  # contradicts itself: pip installs nothing
    minors = {version.rpartition(".")[0] for version in allowed}
    if value is None:
        assert len(minors) > 1
    elif value.count(".") == 2:
        assert allowed == {value}
    else:
        assert minors == {value}


PEP_621 = """\
[project]
name = "app"
dependencies = [
    # "celery[redis]{0}",
    "celery-types",
    "celery[redis]{0}",
]
"""


@pytest.mark.parametrize(
    ("name", "content", "value", "line"),
    [
        ("pyproject.toml", PEP_621.format("==5.4.0"), "5.4.0", 6),
        ("pyproject.toml", PEP_621.format("~=5.4.1"), "5.4", 6),
        (
            "pyproject.toml",
            """\
            [project]
            dependencies = ["celery>=5.3"]
            [project.optional-dependencies]
            worker = ["celery==5.4.0; sys_platform != 'win32'"]
            """,
            "5.4.0",
            4,
        ),
        ("pyproject.toml", '[dependency-groups]\nback = ["celery==5.5.1"]', "5.5.1", 2),
        (
            "pyproject.toml",
            '[dependency-groups]\ndev = ["celery==5.5.1"]\napp = ["celery==5.4.0"]',
            "5.4.0",
            3,
        ),
        ("pyproject.toml", '[tool.uv]\nconstraint-dependencies = ["celery<5.5,>=5.4"]', "5.4", 2),
        ("pyproject.toml", '[tool.uv]\noverride-dependencies = ["celery==5.4.1"]', "5.4.1", 2),
        ("pyproject.toml", '[tool.uv]\ndev-dependencies = ["celery==5.4.1"]', "5.4.1", 2),
        ("pyproject.toml", '[tool.pdm.dev-dependencies]\nx = ["celery==5.4.1"]', "5.4.1", 2),
        ("pyproject.toml", '[tool.pdm.resolution.overrides]\ncelery = "5.4.1"', "5.4.1", 2),
        ("pyproject.toml", '[tool.poetry.dependencies]\ncelery = "5.4.1"', "5.4.1", 2),
        ("pyproject.toml", '[tool.poetry.dependencies]\nCelery = "~5.4"', "5.4", 2),
        ("pyproject.toml", '[tool.poetry.dependencies]\ncelery = "~5.4.2"', "5.4", 2),
        ("pyproject.toml", '[tool.poetry.dependencies]\ncelery = "5.4.*"', "5.4", 2),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\ncelery = {version = "5.4.1", extras = ["redis"]}',
            "5.4.1",
            2,
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies.celery]\nversion = "5.4.1"\nextras = ["redis"]',
            "5.4.1",
            1,
        ),
        (
            "pyproject.toml",
            """\
            [tool.poetry.extras]
            celery = ["celery"]
            [tool.poetry.group.dev.dependencies]
            celery = "5.3.0"
            [tool.poetry.group.worker.dependencies]
            celery = "5.4.0"
            """,
            "5.4.0",
            6,
        ),
        ("pyproject.toml", '[tool.poetry.dev-dependencies]\ncelery = "5.3.0"', "5.3.0", 2),
        (
            "setup.cfg",
            """\
            [metadata]
            name = celery
            [options]
            tests_require = celery==1.0
            install_requires =
                django
                celery[redis]>=5.4,<5.5
            """,
            "5.4",
            7,
        ),
        ("setup.cfg", "[options]\ninstall_requires = celery==5.4.0", "5.4.0", 2),
        ("setup.cfg", "[options.extras_require]\nworker =\n    celery==5.4.0", "5.4.0", 3),
        (
            "setup.py",
            "NAME = 'celery'\n# 'celery==1.0'\nsetup(install_requires=['celery[redis]~=5.4.0'])",
            "5.4",
            3,
        ),
        ("Pipfile", '[packages]\ncelery = "==5.4.0"\n[dev-packages]\ncelery = "*"', "5.4.0", 2),
        ("Pipfile", '[dev-packages]\ncelery = {version = "~=5.4.0"}', "5.4", 2),
    ],
)
def test_declaration(project: Path, name: str, content: str, value: str, line: int) -> None:
    assert found(project, {name: content}) == CeleryVersion(value, f"{name}:{line}")


@pytest.mark.parametrize(
    ("content", "written", "line"),
    [
        (PEP_621.format(">=5.3"), "celery[redis]>=5.3", 6),
        ('[tool.poetry.dependencies]\ncelery = "^5.6"', "celery ^5.6", 2),
        ('[tool.poetry.dependencies]\ncelery = "^5"', "celery ^5", 2),
        ('[tool.poetry.dependencies]\ncelery = "~5"', "celery ~5", 2),
        ('[tool.poetry.dependencies]\ncelery = "*"', "celery *", 2),
        ('[tool.poetry.dependencies]\ncelery = "5.4.0 || 5.6.0"', "celery 5.4.0 || 5.6.0", 2),
        ('[tool.poetry.dependencies]\ncelery = { git = "https://example.org/c" }', "celery", 2),
    ],
)
def test_declared_range(project: Path, content: str, written: str, line: int) -> None:
    version = found(project, {"pyproject.toml": content})
    expected = f'"{written}" (pyproject.toml:{line}) does not settle one version'
    assert version == CeleryVersion(None, "", expected)


def lock_of(*entries: str) -> str:
    return "\n".join(f'[[package]]\nname = "celery"\n{entry}\n' for entry in entries)


ON_WINDOWS = "resolution-markers = [\n    \"sys_platform == 'win32'\",\n]"


def test_forked_lock(project: Path) -> None:
    forks = lock_of(
        f'version = "5.4.0"\n{ON_WINDOWS}', f'version = "5.6.3"\n{ON_WINDOWS.replace("==", "!=")}'
    )
    assert found(project, {"uv.lock": forks}) == CeleryVersion(
        None, "", "celery is pinned to 5.4.0 (uv.lock:2) and 5.6.3 (uv.lock:9)"
    )


def test_unconditional_fork_wins(project: Path) -> None:
    forks = lock_of(f'version = "5.4.0"\n{ON_WINDOWS}', 'version = "5.6.3"')
    assert found(project, {"uv.lock": forks}) == CeleryVersion("5.6.3", "uv.lock:9")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("requirements.txt", "celery==5.4.0 ; sys_platform == 'win32'\ncelery==5.6.3\n", 2),
        (
            "pyproject.toml",
            """\
            [tool.poetry.dependencies]
            celery = [{ version = "5.4.0", markers = "os_name == 'nt'" }, { version = "5.6.3" }]
            """,
            2,
        ),
    ],
)
def test_unconditional_requirement_wins(project: Path, name: str, content: str, line: int) -> None:
    assert found(project, {name: content}) == CeleryVersion("5.6.3", f"{name}:{line}")


def test_forks_of_one_minor_series(project: Path) -> None:
    forks = lock_of(f'version = "5.6.2"\n{ON_WINDOWS}', f'version = "5.6.3"\n{ON_WINDOWS}')
    assert found(project, {"uv.lock": forks}).value == "5.6"


def test_only_fork_is_conditional(project: Path) -> None:
    lock = lock_of(f'version = "5.4.0"\n{ON_WINDOWS}')
    assert found(project, {"uv.lock": lock}).value == "5.4.0"


def test_unresolved_merge_in_a_lock(project: Path) -> None:
    merge = '<<<<<<< ours\nversion = "5.4.0"\n=======\nversion = "5.6.3"\n>>>>>>> theirs'
    version = found(project, {"uv.lock": lock_of(merge)})
    assert version.value is None
    assert "uv.lock:2" in version.note


def test_package_called_so_in_another_table_is_not_a_locked_package(project: Path) -> None:
    text = '[[package]]\nname = "app"\n\n[[tool.thing]]\nname = "celery"\nversion = "5.4.0"\n'
    assert found(project, {"uv.lock": text}).value is None


LADDER = {
    "uv.lock": lock_of('version = "5.1.1"'),
    "poetry.lock": lock_of('version = "5.1.2"'),
    "pdm.lock": lock_of('version = "5.1.3"'),
    "pylock.toml": lock_of('version = "5.1.4"').replace("package", "packages"),
    "Pipfile.lock": '{"default": {"celery": {"version": "==5.1.5"}}}',
    "requirements.txt": "celery==5.2.1",
    "requirements/base.txt": "celery==5.2.2",
    "requirements/api.txt": "celery==5.2.3",
    "constraints.txt": "celery==5.3.1",
    "pyproject.toml": '[project]\ndependencies = ["celery==5.3.2"]',
    "setup.cfg": "[options]\ninstall_requires = celery==5.3.3",
    "setup.py": "setup(install_requires=['celery==5.3.4'])",
    "Pipfile": '[packages]\ncelery = "==5.3.5"',
    "requirements-dev.txt": "celery==5.4.1",
    "requirements/docs.txt": "celery==5.4.2",
}


def test_precedence_in_a_directory(project: Path) -> None:
    write(project, LADDER)
    order = []
    while (version := find_celery_version(project)).value is not None:
        name = version.source.rpartition(":")[0]
        order.append(name)
        (project / name).unlink()
    assert order == list(LADDER)


@pytest.mark.parametrize("name", ["local", "test", "dev", "docs", "testing", "ci-lint"])
def test_development_files_come_last(project: Path, name: str) -> None:
    files = {f"requirements/{name}.txt": "celery==5.3.0", "requirements/zoo.txt": "celery==5.4.0"}
    assert found(project, files).source == "requirements/zoo.txt:1"


def test_docker_is_not_documentation(project: Path) -> None:
    files = {"requirements/docker.txt": "celery==5.3.0", "requirements/zoo.txt": "celery==5.4.0"}
    assert found(project, files).source == "requirements/docker.txt:1"


def test_nearest_directory_wins(project: Path) -> None:
    files = {
        "uv.lock": UV_LOCK,
        "backend/requirements.txt": "celery==5.4.0",
        "backend/app/tasks.py": "",
    }
    for start in ("backend", "backend/app", "backend/app/tasks.py"):
        assert found(project, files, start).source == "backend/requirements.txt:1"
    assert find_celery_version(project).source == "uv.lock:16"


def test_lock_without_celery_is_passed_by(project: Path) -> None:
    files = {"uv.lock": UV_LOCK, "backend/uv.lock": 'version = 1\nrequires-python = ">=3.13"\n'}
    assert found(project, files, "backend") == CeleryVersion("5.6.3", "uv.lock:16")


def test_range_of_a_workspace_member_is_settled_by_the_lock_above(project: Path) -> None:
    files = {"uv.lock": UV_LOCK, "api/pyproject.toml": PEP_621.format(">=5.3")}
    assert found(project, files, "api") == CeleryVersion("5.6.3", "uv.lock:16")


def test_series_is_refined_by_a_full_version_of_it(project: Path) -> None:
    files = {"requirements.txt": "celery~=5.4.0", "constraints.txt": "celery==5.4.2"}
    assert found(project, files) == CeleryVersion("5.4.2", "constraints.txt:1")


def test_series_is_not_overruled_by_another_one(project: Path) -> None:
    files = {"requirements.txt": "celery~=5.4.0", "constraints.txt": "celery==5.6.2"}
    assert found(project, files) == CeleryVersion("5.4", "requirements.txt:1")


def test_nearest_series_wins(project: Path) -> None:
    files = {"requirements.txt": "celery~=5.6.0", "api/requirements.txt": "celery~=5.4.0"}
    assert found(project, files, "api") == CeleryVersion("5.4", "api/requirements.txt:1")


def test_note_names_the_nearest_range(project: Path) -> None:
    files = {"requirements.txt": "celery>=5.2", "api/requirements.txt": "celery>=5.3"}
    assert "api/requirements.txt:1" in found(project, files, "api").note


def test_stays_in_the_repository(project: Path) -> None:
    write(project, {"uv.lock": UV_LOCK, "inner/tasks.py": ""})
    (project / "inner/.hg").mkdir()
    assert find_celery_version(project / "inner").value is None


def test_stays_below_stop(project: Path) -> None:
    write(project, {"uv.lock": UV_LOCK, "inner/src/tasks.py": ""})
    assert find_celery_version(project / "inner/src", stop=project / "inner").value is None
    assert find_celery_version(project / "inner/src", stop=project).value == "5.6.3"


def test_source_is_shown_from_the_current_directory(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write(project, {"uv.lock": UV_LOCK, "backend/tasks.py": ""})
    monkeypatch.chdir(project / "backend")
    assert find_celery_version(Path()).source == "../uv.lock:16"
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert find_celery_version(project).source == f"{project.resolve().as_posix()}/uv.lock:16"


def test_includes(project: Path) -> None:
    files = {
        "requirements.txt": "-r requirements/prod.in  # all of it\n",
        "requirements/prod.in": "--requirement=../common/base.in\n-c 'limits.in'\n",
        "requirements/limits.in": "\ncelery==5.4.0\n",
        "common/base.in": "celery>=5\n",
    }
    assert found(project, files) == CeleryVersion("5.4.0", "requirements/limits.in:2")


def test_includes_in_a_circle(project: Path) -> None:
    files = {
        "requirements.txt": "-r base.in\n-r requirements.txt\n",
        "base.in": "-r requirements.txt\ncelery==5.4.0\n",
    }
    assert found(project, files) == CeleryVersion("5.4.0", "base.in:2")


def test_includes_that_are_not_the_repositorys_are_not_followed(project: Path) -> None:
    write(project, {"outer.txt": "celery==5.4.0\n", "inner/tasks.py": ""})
    (project / "inner/.git").mkdir()
    files = {"requirements.txt": "-r ../outer.txt\n-r https://example.org/base.txt\n"}
    version = found(project / "inner", files)
    assert version == CeleryVersion(
        None, "", "no lock, requirements or project file asks for celery"
    )


def test_missing_include_is_noted(project: Path) -> None:
    version = found(project, {"requirements.txt": "-r gone.in\ncelery==5.4.0\n"})
    note = "gone.in was skipped (No such file or directory)"
    assert version == CeleryVersion("5.4.0", "requirements.txt:2", note)


def test_requirements_in_utf_16(project: Path) -> None:
    (project / "requirements.txt").write_bytes("django==5.2\r\ncelery==5.4.0\r\n".encode("utf-16"))
    assert find_celery_version(project) == CeleryVersion("5.4.0", "requirements.txt:2")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("Pipfile.lock", '{"default": {"celery":', "invalid JSON"),
        ("pyproject.toml", '[project\ndependencies = ["celery"]', "invalid TOML"),
        ("pyproject.toml", f"celery = {'[' * 5000}", "invalid TOML"),
        ("pyproject.toml", f"celery = {'9' * 5000}", "invalid TOML"),
        ("Pipfile", "celery = [", "invalid TOML"),
    ],
)
def test_malformed_file_is_noted_and_passed_by(
    project: Path, name: str, content: str, reason: str
) -> None:
    version = found(project, {name: content, "requirements-dev.txt": "celery==5.4.0"})
    assert version.value == "5.4.0"
    assert version.note.startswith(f"{name} was skipped ({reason}")
    (project / "requirements-dev.txt").unlink()
    assert f"; {name} was skipped ({reason}" in find_celery_version(project).note


@pytest.mark.parametrize(
    "document",
    [
        {"project": 1, "tool": [], "dependency-groups": "celery"},
        {"project": {"dependencies": "celery", "optional-dependencies": ["celery"]}},
        {"project": {"dependencies": [1, {"celery": 1}]}, "tool": {"uv": "celery"}},
        {"tool": {"poetry": {"dependencies": ["celery"], "group": {"x": "celery"}}}},
        {"tool": {"poetry": {"dependencies": {"celery": [1, {"version": 5}]}}}},
        {"default": {"celery": [5, ["5.4.0"]]}, "develop": 1},
        ["celery"],
    ],
)
def test_unexpected_shapes_decide_nothing(project: Path, document: object) -> None:
    write(project, {"Pipfile.lock": json.dumps(document)})
    if isinstance(document, dict):
        # JSON of this depth, one key a line, is TOML once colons are equals signs.
        body = "\n".join(
            f"{key} = {json.dumps(value).replace(': ', ' = ')}" for key, value in document.items()
        )
        write(project, {"pyproject.toml": body, "Pipfile": body})
    version = find_celery_version(project)
    assert version.value is None
    assert "invalid" not in version.note


NAMES = ["uv.lock", "Pipfile.lock", "requirements.txt", *("pyproject.toml", "setup.cfg", "Pipfile")]
FRAGMENTS = st.sampled_from(
    [
        *(
            b'[[package]]\nname = "celery"\n',
            b'version = "5.4.0"\n',
            b"[tool.poetry.dependencies]\n",
        ),
        *(b"celery", b"==", b"5.4", b"[options]\n", b"install_requires =", b"-r ", b"\\\n", b'"'),
        *(b"{", b"[", b"]", b":", b"\n", b"=", b"~=", b",", b"\x00", b"\xff\xfe", b".", b"/", b"*"),
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(NAMES), st.lists(FRAGMENTS | st.binary(max_size=3), max_size=12))
def test_no_content_raises(project: Path, name: str, fragments: list[bytes]) -> None:
    for other in NAMES:
        (project / other).unlink(missing_ok=True)
    (project / name).write_bytes(b"".join(fragments))
    version = find_celery_version(project)
    assert (version.value is None) == (version.source == "")


def test_a_lock_needs_no_parser(project: Path) -> None:
    """Every run pays for these imports, also one where all else comes from the cache."""
    write(project, {"uv.lock": UV_LOCK, "requirements.txt": "celery==5.4.0"})
    script = """
        import sys
        from pathlib import Path
        from celerylint.link.celery_version import find_celery_version
        assert find_celery_version(Path()).value == "5.6.3"
        Path("uv.lock").unlink()
        assert find_celery_version(Path()).value == "5.4.0"
        print({"tomli", "packaging", "celery", "libcst", "configparser"} & set(sys.modules))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    checkout = str(Path(celerylint.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": checkout}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
