"""Which files of a project matter."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from celerylint.discover import DiscoverError, Discovery, SourceFile, discover, find_root


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the current directory."""
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    make("pyproject.toml")
    return root


def make(*names: str, text: str = "") -> None:
    """Files below the current directory."""
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def find(
    *paths: str,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    test_paths: Sequence[str] | None = None,
) -> Discovery:
    given = [Path(path) for path in paths or (".",)]
    return discover(given, exclude=exclude, include=include, test_paths=test_paths)


def shown(files: list[SourceFile]) -> list[str]:
    return [file.path for file in files]


def test_finds_python_files_in_order(project: Path) -> None:
    make("b/z.py", "b/a.py", "a.py", "b.txt", "c.pyi", "run", "d.py.example", "z/deep/er/x.py")
    found = find()
    assert shown(found.files) == ["a.py", "b/a.py", "b/z.py", "z/deep/er/x.py"]
    assert found.files[0] == SourceFile("a.py", str(project / "a.py"), "python")
    assert found.root == str(project)
    assert (found.tests, found.skipped, found.unreadable) == ([], {}, [])


def test_the_result_does_not_depend_on_the_order_of_the_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("b/tests/test_a.py", "b/a.py", "test/test_x.py", "test/a.py", "vendor/x/y.py", "a.py")
    Path("one.py").symlink_to("vendor/x/y.py")
    Path("two.py").symlink_to("vendor/x/y.py")
    forwards = find()

    class Backwards:
        def __init__(self, path: str) -> None:
            self._entries = sorted(scandir(path), key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self._entries

        def __exit__(self, *_: object) -> None:
            pass

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", Backwards)
    assert find() == forwards
    assert shown(forwards.files) == ["a.py", "b/a.py", "one.py"]


@pytest.mark.parametrize(
    "name",
    [
        *("tests/a.py", "app/tests/factories.py", "app/tests/api/helpers.py", "unittests/a.py"),
        *("rtd_tests/a.py", "integration-tests/a.py", "tests_slow/a.py", "app/fixtures/a.py"),
        *("app/test_a.py", "app/a_test.py", "app/a_tests.py", "app/tests.py", "conftest.py"),
        *("config/settings/test.py", "settings/testing.py", "tests/examples/a.py"),
    ],
)
def test_tests_are_set_apart(project: Path, name: str) -> None:
    make("app/tasks.py", name)
    found = find()
    assert shown(found.files) == ["app/tasks.py"]
    assert shown(found.tests) == [name]
    assert found.skipped == {"tests": 1}


@pytest.mark.parametrize(
    "name",
    [
        *("examples/a.py", "docs/conf.py", "app/migrations/0001_initial.py", "app/latest.py"),
        *("contests/a.py", "app/test.py", "test_type/a.py", "app/settings/local.py", "setup.py"),
    ],
)
def test_what_only_looks_like_tests_is_production(project: Path, name: str) -> None:
    make(name)
    found = find()
    assert (shown(found.files), found.skipped) == ([name], {})


@pytest.mark.parametrize("folder", ["test", "testing"])
def test_an_ambiguous_folder_is_tests_only_where_test_modules_lie_in_it(
    project: Path, folder: str
) -> None:
    files = [f"{folder}/models.py", f"{folder}/api/views.py"]
    # `startapp` puts a tests.py in every application, and its tests may fill a folder.
    make(*files, f"{folder}/tests.py", f"{folder}/tests/test_models.py")
    assert shown(find().files) == sorted(files)

    make(f"{folder}/api/test_views.py", "other.py")
    found = find()
    assert shown(found.files) == ["other.py"]
    assert found.skipped == {"tests": 5}
    assert shown(find(folder).files) == sorted(files)


def test_own_test_paths_replace_the_default_ones(project: Path) -> None:
    make("qa/a.py", "src/qa/b.py", "tests/c.py", "test/d.py", "test/test_e.py", "a_spec.py")
    found = find(test_paths=["/qa/", "*_spec.py"])
    assert shown(found.tests) == ["a_spec.py", "qa/a.py"]
    assert shown(found.files) == ["src/qa/b.py", "test/d.py", "test/test_e.py", "tests/c.py"]
    assert len(find(test_paths=[]).files) == 6


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("node_modules/x/a.py", "vendored"),
        ("env/lib/python3.12/site-packages/a.py", "vendored"),
        ("venv/lib/a.py", "vendored"),
        ("vendor/x/a.py", "vendored"),
        ("app/_vendor/a.py", "vendored"),
        ("third_party/a.py", "vendored"),
        ("build/lib/a.py", "generated"),
        ("dist/a.py", "generated"),
        ("app.egg-info/a.py", "generated"),
        ("app/service_pb2.py", "generated"),
        ("app/service_pb2_grpc.py", "generated"),
        ("{{cookiecutter.slug}}/app/a.py", "templates"),
        ("app/{% if x %}a{% endif %}/a.py", "templates"),
    ],
)
def test_what_is_not_the_projects_own_code_is_left_out(
    project: Path, name: str, reason: str
) -> None:
    make("app/tasks.py", name)
    found = find()
    assert shown(found.files) == ["app/tasks.py"]
    assert found.skipped == {reason: 1}


@pytest.mark.parametrize(
    "name",
    [".venv/a.py", ".tox/a.py", ".git/hooks/a.py", ".semgrep/a.py", "__pycache__/a.py", "._a.py"],
)
def test_hidden_files_and_caches_are_left_out_without_a_word(project: Path, name: str) -> None:
    make("app/tasks.py", name)
    found = find()
    assert shown(found.files) == ["app/tasks.py"]
    assert (found.tests, found.skipped) == ([], {})


@pytest.mark.parametrize("marker", ["pyvenv.cfg", "conda-meta/history"])
def test_an_environment_is_known_by_what_lies_in_it(project: Path, marker: str) -> None:
    make("app/env/a.py", f"python-3.12/{marker}", "python-3.12/lib/a.py")
    found = find()
    assert shown(found.files) == ["app/env/a.py"]
    assert found.skipped == {"vendored": 1}


def test_packages_that_are_called_like_something_else(project: Path) -> None:
    packages = ["app/build/tasks.py", "app/dist/tasks.py", "build/__init__.py", "vendor/models.py"]
    make(*packages)
    found = find()
    assert (shown(found.files), found.skipped) == (packages, {})


def test_git_is_obeyed(project: Path) -> None:
    make(".git/info/exclude", text="private.py\n")
    make(".gitignore", text="generated/\n*.local.py\n")
    make("app/.gitignore", text="!keep.local.py\n")
    make(
        "generated/a.py", "app/generated/b.py", "a.local.py", "app/keep.local.py", "app/private.py"
    )
    found = find()
    assert shown(found.files) == ["app/keep.local.py"]
    assert found.skipped == {"ignored by git": 4}
    assert find("app").files == found.files


def test_a_given_folder_is_entered_whatever_it_is(project: Path) -> None:
    make(".git/HEAD", "env/pyvenv.cfg")
    make(".gitignore", text="ignored/\n")
    for folder in ("tests/project", "ignored", ".hidden", "env", "node_modules", "{{slug}}"):
        make(f"{folder}/app/tasks.py", f"{folder}/app/tests/test_tasks.py")
        found = find(folder, exclude=[folder])
        assert shown(found.files) == [f"{folder}/app/tasks.py"]
        assert found.skipped == {"tests": 1}


def test_a_given_file_is_taken_whatever_it_is(project: Path) -> None:
    make(".gitignore", text="*.local.py\n")
    names = ["a.local.py", "app/test_a.py", "build/x.py", "excluded.py"]
    make(*names)
    found = find(*names, ".", exclude=["excluded.py"])
    assert (shown(found.files), found.tests) == (names, [])
    # The folder "build" is still not entered.
    assert found.skipped == {"generated": 1}


def test_a_folder_within_another_one_keeps_what_it_was_given_for(project: Path) -> None:
    make("app/a.py", "app/tests/helpers.py", "test/helpers.py", "test/test_a.py")
    inner, outer = ("app/tests", "test"), (".",)
    for paths in (inner + outer, outer + inner):
        found = find(*paths)
        assert shown(found.files) == ["app/a.py", "app/tests/helpers.py", "test/helpers.py"]
        assert found.skipped == {"tests": 1}


def test_a_folder_that_is_given_too_does_not_count_as_left_out(project: Path) -> None:
    make("app/a.py", "venv/b.py")
    assert find(".", "venv").skipped == {}
    assert shown(find(".", "venv").files) == ["app/a.py", "venv/b.py"]


def test_exclude_takes_git_patterns_from_the_root(project: Path) -> None:
    make("a.py", "legacy/b.py", "app/legacy/c.py", "app/d.py", "app/old_e.py", "app/old_f.py")
    found = find("app", ".", exclude=["/legacy/", "old_*.py", "!old_f.py"])
    assert shown(found.files) == ["a.py", "app/d.py", "app/legacy/c.py", "app/old_f.py"]
    assert found.skipped == {"excluded": 2}


def test_include_brings_back_what_would_be_left_out(project: Path) -> None:
    make(".git/HEAD", "a.py", "generated/deep/tasks.py", "vendor/ours/tasks.py", "tests/tasks.py")
    make(".gitignore", text="generated/\n")
    included = ["generated/deep", "vendor/ours/", "tests/tasks.py"]
    found = find(include=included)
    assert shown(found.files) == [
        "a.py",
        "generated/deep/tasks.py",
        "tests/tasks.py",
        "vendor/ours/tasks.py",
    ]
    assert shown(find("vendor", include=included).files) == ["vendor/ours/tasks.py"]
    with pytest.raises(DiscoverError, match=r"^include: there is no vendor/our in \.$"):
        find(include=["vendor/our"])


def test_links_within_the_project_are_followed_once_and_others_counted(
    project: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside.py").write_text("")
    make("app/a.py", "vendor/x/b.py")
    Path("again.py").symlink_to("app/a.py")
    Path("b.py").symlink_to("vendor/x/b.py")
    Path("c.py").symlink_to("vendor/x/b.py")
    Path("outside.py").symlink_to(tmp_path / "outside.py")
    Path("broken.py").symlink_to(tmp_path / "nowhere.py")
    Path("loop.py").symlink_to("loop.py")
    Path("app/up").symlink_to(project)
    Path("app/elsewhere").symlink_to(tmp_path)
    found = find()
    assert shown(found.files) == ["app/a.py", "b.py"]
    assert found.skipped == {"symbolic links": 2, "vendored": 1}
    assert shown(find("again.py").files) == ["again.py"]


def test_what_is_not_a_file_is_not_read(project: Path) -> None:
    make("folder.py/a.py")
    os.mkfifo("pipe.py")
    assert shown(find().files) == ["folder.py/a.py"]


@pytest.mark.parametrize("name", ["closed", "open/.gitignore"])
def test_what_cannot_be_read_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make("open/a.py", "closed/a.py", "open/.gitignore")
    refuse(monkeypatch, name)
    found = find()
    assert "open/a.py" in shown(found.files)
    assert [(path.path, path.reason) for path in found.unreadable] == [(name, "Permission denied")]


def test_a_given_folder_that_cannot_be_read_is_an_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("closed/a.py")
    refuse(monkeypatch, "closed")
    with pytest.raises(DiscoverError, match=r"^cannot read closed: Permission denied$"):
        find("closed")


def refuse(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Behave as though a file or folder could not be read; for the superuser everything can."""
    refused = os.path.abspath(name)
    scandir, original_open = os.scandir, open

    def checked(path: object) -> None:
        if path == refused:
            raise PermissionError(13, "Permission denied", path)

    def refusing_scandir(path: str) -> object:
        checked(path)
        return scandir(path)

    def refusing_open(path: str, *args: object, **options: object) -> object:
        checked(path)
        return original_open(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("os.scandir", refusing_scandir)
    monkeypatch.setattr("builtins.open", refusing_open)


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_name_that_is_no_text_is_reported(project: Path) -> None:
    try:
        Path(os.fsdecode(b"na\xefve.py")).write_text("")
    except OSError:
        pytest.skip("this file system takes no such names")
    make("b.py")
    found = find()
    assert shown(found.files) == ["b.py"]
    assert [(path.path, path.reason) for path in found.unreadable] == [
        ("na\\udcefve.py", "its name is not valid UTF-8")
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("srcc", "no such file or folder: srcc; did you mean src?"),
        ("src/taks.py", "no such file or folder: src/taks.py; did you mean src/tasks.py?"),
        ("scr/tasks.py", "no such file or folder: scr/tasks.py; did you mean src/tasks.py?"),
        ("scr/other.py", "no such file or folder: scr/other.py; did you mean src?"),
        ("src/tasks.py/x", "no such file or folder: src/tasks.py/x; did you mean src/tasks.py?"),
        ("zzzzzz", "no such file or folder: zzzzzz"),
        ("docs", "no Python files (*.py) to check in docs"),
        (
            "docs/a.md",
            "no Python files (*.py) to check in docs/a.md; left out: 1 not Python",
        ),
        (
            "only",
            "no Python files (*.py) to check in only; left out: 1 ignored by git, 2 tests"
            " (to check one of them, name it)",
        ),
    ],
)
def test_errors_say_what_to_do(project: Path, path: str, message: str) -> None:
    make("src/tasks.py", "docs/a.md", "only/tests/a.py", "only/test_b.py", "only/c.py")
    make("only/.gitignore", text="c.py\n")
    with pytest.raises(DiscoverError) as caught:
        find(path)
    assert str(caught.value) == message


def test_one_empty_folder_among_others_is_no_error(project: Path) -> None:
    make("src/tasks.py", "docs/a.md")
    assert shown(find("docs", "src").files) == ["src/tasks.py"]


def test_a_current_directory_that_is_gone_is_an_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("gone/a", "a.py")
    monkeypatch.chdir("gone")
    Path("a").unlink()
    Path("../gone").rmdir()
    for path in (Path(), project):
        with pytest.raises(DiscoverError, match="the current directory is gone"):
            discover([path])


def test_paths_outside_the_current_directory_are_shown_in_full(
    project: Path, tmp_path: Path
) -> None:
    make("../other/a.py")
    assert shown(find("../other").files) == [(tmp_path / "other" / "a.py").as_posix()]


@pytest.mark.parametrize(
    ("markers", "given", "root"),
    [
        ([".git/HEAD", "api/pyproject.toml"], ["api/src"], "."),
        ([".hg/requires", "api/setup.py"], ["api/src"], "."),
        (["pyproject.toml", "api/manage.py"], ["api/src"], "api"),
        (["pyproject.toml", "api/manage.py"], ["api/src/a.py"], "api"),
        (["pyproject.toml", "api/manage.py"], ["api/src", "web"], "."),
        (["api/setup.cfg", "web/setup.cfg"], ["api/src", "api/lib"], "api"),
        ([], ["api/src/a.py"], "api/src"),
        ([], ["api/src/a.py", "api/lib"], "api"),
        (["api/.git", "setup.cfg"], ["api/src"], "api"),
    ],
)
def test_root(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    markers: list[str],
    given: list[str],
    root: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    make(*markers, "api/src/a.py", "api/lib/a.py", "web/a.py")
    assert find_root([Path(path) for path in given]) == os.path.normpath(tmp_path / root)
    assert find(*given).root == os.path.normpath(tmp_path / root)
