"""What git ignores, compared with git itself."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.gitignore import GitIgnore, IgnorePatterns

FILES = (
    "a.py",
    "b.py",
    "ab.py",
    "build",
    "x y.py",
    "#a.py",
    "!a.py",
    "[a].py",
    "a*b.py",
    "trailing ",
    "lib/a.py",
    "lib/b.py",
    "lib/build/a.py",
    "lib/deep/er/a.py",
    "lib/deep/er/build/b.py",
    "src/lib/a.py",
    "src/a/b/a.py",
    "a/b.py",
    "a/a/b.py",
)


def git(folder: Path, *arguments: str, text: str = "") -> str:
    """Run git unaware of its user's own configuration."""
    unaware = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment.pop("XDG_CONFIG_HOME", None)
    completed = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=text,
        env=environment | unaware,
        capture_output=True,
        text=True,
    )
    # check-ignore returns 1 where nothing is ignored.
    assert completed.returncode in (0, 1), completed.stderr
    return completed.stdout


def make(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def entries(root: Path) -> list[str]:
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if ".git" not in path.relative_to(root).parts and path.name != ".gitignore"
    )


def ignored_by_git(root: Path) -> list[str]:
    output = git(root, "check-ignore", "-z", "--stdin", text="\0".join(entries(root)))
    return sorted(filter(None, output.split("\0")))


def ignored_by_us(root: Path) -> list[str]:
    """A walk as `celerylint.discover` does it: an ignored folder takes along all that is in it."""
    ignored: list[str] = []

    def walk(folder: Path, rules: GitIgnore) -> None:
        rules = rules.within(str(folder))
        for path in folder.iterdir():
            if path.name in (".git", ".gitignore"):
                continue
            if rules.ignores(str(path), is_folder=path.is_dir()):
                ignored.extend(str(inner) for inner in [path, *path.rglob("*")])
            elif path.is_dir():
                walk(path, rules)

    walk(root, GitIgnore())
    return sorted(
        Path(path).relative_to(root).as_posix()
        for path in ignored
        if not path.endswith("/.gitignore")
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make(tmp_path_factory.mktemp("repository"), dict.fromkeys(FILES, ""))
    git(root, "init", "-q")
    return root


@pytest.mark.parametrize(
    ("patterns", "example"),
    [
        ("a.py", "src/a/b/a.py"),
        ("/a.py", "a.py"),
        ("lib/", "src/lib"),
        ("/lib/", "lib/a.py"),
        ("build/", "lib/build"),
        ("lib/a.py", "lib/a.py"),
        ("/lib/*.py", "lib/b.py"),
        ("lib/*", "lib/deep/er/a.py"),
        ("lib/**", "lib/a.py"),
        ("**/build", "lib/deep/er/build"),
        ("**/", "lib"),
        ("**", "a.py"),
        ("*", "a.py"),
        ("lib/**/a.py", "lib/deep/er/a.py"),
        ("lib/**/**/a.py", "lib/a.py"),
        ("/**/er/a.py", "lib/deep/er/a.py"),
        ("a**b.py", "a*b.py"),
        ("***.py", "a.py"),
        ("?.py", "b.py"),
        ("?", "a"),
        ("/?/*", "a/b.py"),
        ("[ab].py", "b.py"),
        ("[!a].py", "b.py"),
        ("[^a].py", "b.py"),
        ("[a-c]*.py", "ab.py"),
        ("[[:alpha:]].py", "a.py"),
        ("[]a]*.py", "a.py"),
        ("[a-]*.py", "a.py"),
        ("\\[a\\].py", "[a].py"),
        ("\\#a.py", "#a.py"),
        ("\\!a.py", "!a.py"),
        ("a\\*b.py", "a*b.py"),
        ("x y.py", "x y.py"),
        ("trailing\\ ", "trailing "),
        ("a.py   ", "a.py"),
        ("a.py\r\nb.py\r\n", "b.py"),
        ("\ufeffa.py", "a.py"),
        ("*.py\n!a.py", "b.py"),
        ("*.py\n!/lib/a.py\n", "a.py"),
        ("*\n!*/\n!a.py", "b.py"),
        ("lib/\n!lib/a.py", "lib/a.py"),
        ("lib/*\n!lib/deep/\n", "lib/a.py"),
        ("!a.py\na.py", "a.py"),
        ("# a comment\n\n   \na.py", "a.py"),
    ],
)
def test_patterns_mean_what_they_mean_to_git(repository: Path, patterns: str, example: str) -> None:
    (repository / ".gitignore").write_text(patterns, newline="")
    expected = ignored_by_git(repository)
    assert example in expected
    assert ignored_by_us(repository) == expected


@pytest.mark.parametrize(
    "patterns",
    [
        *("#a.py", "!a.py", "/", "!", "lib//", "//a.py", "a.py\\", "[a", "[a-", "[[:nope:]].py"),
        *("trailing", "[z-b].py", "lib/[!a]build", "a.py/", "**/lib/**/nope", "\ta.py"),
    ],
)
def test_patterns_that_match_nothing(repository: Path, patterns: str) -> None:
    (repository / ".gitignore").write_text(patterns)
    assert ignored_by_git(repository) == []
    assert ignored_by_us(repository) == []


NAMES = st.sampled_from(["a", "b", "ab", "a.py", "b.py", "x y", "[a]", "!a", "#a", "a*b"])
GLOBS = st.sampled_from(
    [
        *("a", "b", "ab", "a.py", "x y", "*", "?", "**", "***", "a*", "*b", "a**b", "*.py"),
        *("[ab]", "[!a]", "[a-c]*", "[]a]", "[a-", "[[:alpha:]]", "\\!a", "\\#a", "\\*"),
    ]
)
PATTERNS = st.builds(
    lambda sign, start, globs, end: sign + start + "/".join(globs) + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(GLOBS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/", " "]),
)
IGNORE_FILES = st.lists(PATTERNS, min_size=1, max_size=4).map("\n".join)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(tuple)


@given(
    paths=st.lists(PATHS, min_size=1, max_size=8),
    ignore_files=st.dictionaries(st.integers(0, 7), IGNORE_FILES, max_size=3),
    top=IGNORE_FILES,
    exclude=IGNORE_FILES,
)
@settings(max_examples=60, deadline=None)
def test_generated_trees_are_seen_as_git_sees_them(
    paths: list[tuple[str, ...]], ignore_files: dict[int, str], top: str, exclude: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        git(root, "init", "-q")
        for path in paths:
            target = root.joinpath(*path)
            if not any(parent.is_file() for parent in target.parents) and not target.exists():
                make(root, {"/".join(path): ""})
        folders = [path for path in entries(root) if (root / path).is_dir()]
        make(root, {".gitignore": top, ".git/info/exclude": exclude})
        for index, patterns in ignore_files.items():
            if index < len(folders):
                make(root, {f"{folders[index]}/.gitignore": patterns})
        assert ignored_by_us(root) == ignored_by_git(root)


def test_no_pattern_decides_nothing() -> None:
    patterns = IgnorePatterns(["*.log", "!keep.log"])
    assert patterns.decide("a.log", is_folder=False) is True
    assert patterns.decide("keep.log", is_folder=False) is False
    assert patterns.decide("a.py", is_folder=False) is None


def test_ignore_files_above_a_folder_are_in_force(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            ".gitignore": "outside.py",
            "repository/.git/info/exclude": "excluded.py",
            "repository/.gitignore": "/src/generated.py",
            "repository/src/a.py": "",
        },
    )
    src = tmp_path / "repository" / "src"
    rules = GitIgnore.above(str(src), str(tmp_path))
    assert rules.ignores(str(src / "excluded.py"), is_folder=False)
    assert rules.ignores(str(src / "generated.py"), is_folder=False)
    assert not rules.ignores(str(src / "outside.py"), is_folder=False)


def test_without_a_repository_ignore_files_hold_from_the_top_down(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "above.py", "top/.gitignore": "a.py", "top/src/x.py": ""})
    src = tmp_path / "top" / "src"
    rules = GitIgnore.above(str(src), str(tmp_path / "top"))
    assert rules.ignores(str(src / "a.py"), is_folder=False)
    assert not rules.ignores(str(src / "above.py"), is_folder=False)


def test_a_repository_within_a_repository_obeys_only_itself(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            ".git/info/exclude": "",
            ".gitignore": "a.py",
            ".git/modules/sub/info/exclude": "b.py",
            "sub/.git": "gitdir: ../.git/modules/sub\n",
            "plain/.git/HEAD": "",
        },
    )
    rules = GitIgnore().within(str(tmp_path)).within(str(tmp_path / "sub"))
    assert not rules.ignores(str(tmp_path / "sub" / "a.py"), is_folder=False)
    assert rules.ignores(str(tmp_path / "sub" / "b.py"), is_folder=False)
    rules = GitIgnore().within(str(tmp_path)).within(str(tmp_path / "plain"))
    assert not rules.ignores(str(tmp_path / "plain" / "a.py"), is_folder=False)


def test_a_worktree_obeys_the_exclude_file_of_its_repository(tmp_path: Path) -> None:
    main = make(tmp_path / "main", {"a.py": ""})
    git(main, "init", "-q")
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    git(main, *identity, "commit", "-q", "--allow-empty", "-m", "start")
    git(main, "worktree", "add", "-q", str(tmp_path / "tree"))
    make(main, {".git/info/exclude": "secret.py"})
    tree = make(tmp_path / "tree", {"secret.py": "", "public.py": ""})
    assert ignored_by_us(tree) == ignored_by_git(tree) == ["secret.py"]
