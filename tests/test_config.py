"""The configuration: found, read strictly, merged with the command line, resolved."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import tomli

from celerylint.catalogue import PRESETS as PRESETS_OF_THE_CATALOGUE
from celerylint.catalogue import Catalogue, Rule, load_rules
from celerylint.checks.rule import Param
from celerylint.config import settings as resolving
from celerylint.config.configuration import configure, file_for
from celerylint.config.file import find_file, read_file
from celerylint.config.given import Given, Origin, Said
from celerylint.config.mistake import ConfigError
from celerylint.config.options import Options
from celerylint.config.output import Output
from celerylint.config.schema import config_schema
from celerylint.config.settings import Settings, isolated, load
from celerylint.config.words import FAIL_ON, FORMATS, PRESETS
from celerylint.discover import discover
from celerylint.model.finding import Finding, Severity
from celerylint.model.place import Place

REPOSITORY = Path(__file__).resolve().parent.parent

Config = Callable[[str], Path]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of an empty repository, which is the current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def config(here: Path) -> Config:
    """Writes celerylint.toml."""

    def write(text: str) -> Path:
        path = here / "celerylint.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def wrong(call: Callable[[], object]) -> list[tuple[str, str]]:
    """The mistakes that a call complains about: places and messages."""
    with pytest.raises(ConfigError) as caught:
        call()
    return [(str(mistake.place), mistake.message) for mistake in caught.value.mistakes]


def line(**values: Any) -> Given:
    """What a command line says."""
    keys = {name.replace("_", "-"): value for name, value in values.items()}
    return {key: Said(value, Origin(option=f"--{key}")) for key, value in keys.items()}


def loaded(given: Given | None = None, path: str = ".") -> Settings:
    return load([path], given or {})[1]


def codes(settings: Settings) -> list[str]:
    return [rule.code for rule in settings.rules]


class TestFinding:
    def test_the_nearest_file_upwards(self, here: Path) -> None:
        write(here / "celerylint.toml")
        inner = write(here / "a/celerylint.toml")
        (here / "a/b").mkdir()
        assert find_file(str(here / "a/b")) == inner
        assert find_file(str(here)) == here / "celerylint.toml"

    def test_a_pyproject_counts_if_it_configures_celerylint(self, here: Path) -> None:
        outer = write(here / "pyproject.toml", "[tool.celerylint]\n")
        write(here / "a/pyproject.toml", "[project]\nname = 'celerylint'\n")
        assert find_file(str(here / "a")) == outer
        write(here / "a/pyproject.toml", "[[tool.celerylint.policy]]\n")
        assert find_file(str(here / "a")) == here / "a/pyproject.toml"

    def test_not_beyond_the_repository(self, here: Path) -> None:
        write(here / "celerylint.toml")
        (here / "a/.git").mkdir(parents=True)
        assert find_file(str(here / "a")) is None

    def test_without_a_repository(self, here: Path) -> None:
        (here / ".git").rmdir()
        outer = write(here / "celerylint.toml")
        (here / "a").mkdir()
        assert find_file(str(here / "a")) == outer

    def test_paths_have_a_folder_in_common(self, here: Path) -> None:
        inner = write(here / "a/celerylint.toml")
        write(here / "a/x/tasks.py")
        for paths in (["a/x", "a/y"], ["a/x/tasks.py"], ["a"], ["a/missing"]):
            file = file_for(paths)
            assert file is not None and file.folder == str(inner.parent), paths
        assert file_for(["a", "b"]) is None

    def test_config_and_isolated(self, here: Path) -> None:
        write(here / "celerylint.toml")
        write(here / "ci/strict.toml", "preset = 'strict'")
        file = file_for(["."], config="ci/strict.toml")
        assert file is not None
        assert (file.path, file.folder) == ("ci/strict.toml", str(here / "ci"))
        assert file_for(["."], isolated=True) is None

    def test_two_configurations_in_one_folder(self, here: Path) -> None:
        write(here / "celerylint.toml")
        write(here / "pyproject.toml", "\n[tool.celerylint]\npreset = 'all'\n")
        assert wrong(lambda: find_file(str(here))) == [
            ("pyproject.toml:2:7", "there is a second configuration in celerylint.toml")
        ]

    def test_a_broken_pyproject_that_may_configure(self, here: Path) -> None:
        write(here / "pyproject.toml", "[tool.celerylint]\nx = \n")
        assert wrong(lambda: find_file(str(here))) == [
            ("pyproject.toml:2:5", "not TOML: Invalid value")
        ]

    def test_a_broken_pyproject_that_cannot(self, here: Path) -> None:
        write(here / "pyproject.toml", "x = \n")
        assert find_file(str(here)) is None


class TestUnreadable:
    def test_missing(self, here: Path) -> None:
        assert wrong(lambda: file_for(["."], config="nowhere.toml")) == [
            ("nowhere.toml:1:1", "cannot be read: No such file or directory")
        ]

    def test_not_toml(self, config: Config) -> None:
        config("a = 1\nb = [1\n")
        assert wrong(loaded) == [("celerylint.toml:3:1", "not TOML: Unclosed array")]

    def test_too_deep(self, config: Config) -> None:
        config(f"x = {'[' * 2000}{']' * 2000}")
        ((place, message),) = wrong(loaded)
        assert place == "celerylint.toml:1:1"
        assert "nested" in message

    def test_a_link_that_leads_nowhere(self, here: Path) -> None:
        (here / "celerylint.toml").symlink_to("gone.toml")
        assert wrong(loaded) == [
            ("celerylint.toml:1:1", "cannot be read: No such file or directory")
        ]

    def test_not_utf8(self, here: Path) -> None:
        (here / "celerylint.toml").write_bytes("# é\n# ü".encode() + b"\xff\n")
        assert wrong(loaded) == [("celerylint.toml:2:4", "not UTF-8: invalid start byte")]

    def test_a_byte_order_mark_is_no_mistake(self, here: Path) -> None:
        (here / "celerylint.toml").write_bytes(b"\xef\xbb\xbfpreset = 'all'\n")
        assert codes(loaded()) == codes(isolated(options=Options(preset="all")))

    @pytest.mark.parametrize("text", ["", "tool = 3", "[tool]\ncelerylint = 3", "[tool.other]"])
    def test_a_pyproject_without_the_table(self, here: Path, text: str) -> None:
        path = write(here / "pyproject.toml", text)
        ((_, message),) = wrong(lambda: read_file(path))
        assert message == "there is no table [tool.celerylint]"


MISTAKES: list[tuple[str, str, str]] = [
    ('presets = "all"', "1:1", "unknown key `presets`; did you mean `preset`?"),
    ('fail_on = "error"', "1:1", "unknown key `fail_on`; did you mean `fail-on`?"),
    ('[tool.celerylint]\npreset = "all"', "1:2", "unknown key `tool`"),
    (
        "preset = 3",
        "1:10",
        "expected one of `all`, `celery-best-practice`, `default`, `strict`, not the number 3",
    ),
    (
        'preset = "stict"',
        "1:10",
        "`stict` is none of `all`, `celery-best-practice`, `default`,"
        " `strict`; did you mean `strict`?",
    ),
    ('select = "CEL1"', "1:10", "expected a list, not a string"),
    ("select = [\n  'CEL1',\n  12,\n]", "3:3", "expected a string, not the number 12"),
    (
        "select = ['CEL1', 'mising-acks-late']",
        "1:19",
        "unknown rule `mising-acks-late`; did you mean `missing-acks-late`?",
    ),
    ("extend-select = ['?']", "1:18", "unknown rule `?`"),
    ("ignore = ['x']", "1:11", "unknown rule `x`"),
    ("per-file-ignores = ['CEL1']", "1:20", "expected a table, not a list"),
    ("[per-file-ignores]\n'old/' = 'CEL1'", "2:10", "expected a list, not a string"),
    (
        "[per-file-ignores]\n'old/' = ['CEL1', 'CELX']",
        "2:19",
        "unknown rule `CELX`",
    ),
    ("[per-file-ignores]\n'!old/' = []", "2:1", "here a pattern cannot begin with `!`"),
    ("severity.CEL101 = 'fatal'", "1:19", "`fatal` is none of `error`, `warning`, `info`"),
    (
        "severity.CEL1 = 'info'",
        "1:10",
        "`CEL1` is a prefix of codes; name every rule by itself",
    ),
    (
        "[severity]\nCEL101 = 'info'\nmissing-acks-late = 'error'",
        "3:1",
        "`missing-acks-late` is the same rule as `CEL101` above",
    ),
    ("rules.too-sfot.margin = 3", "1:7", "unknown rule `too-sfot`; did you mean `too-soft`?"),
    ("rules.CEL101 = 3", "1:16", "expected a table, not the number 3"),
    ("rules.CEL101.x = 3", "1:14", "the rule `missing-acks-late` has no parameters"),
    (
        "rules.CEL299.margn = 3",
        "1:14",
        "the rule `too-soft` has no parameter `margn`; did you mean `margin`?",
    ),
    ("[rules.too-soft]\nmargin = 2.5", "2:10", "expected a whole number, not the number 2.5"),
    ("[rules.too-soft]\nmargin = true", "2:10", "expected a whole number, not a boolean"),
    ("[rules.too-soft]\nhard = 'yes'", "2:8", "expected true or false, not a string"),
    ("[rules.too-soft]\nfactor = '2'", "2:10", "expected a number, not a string"),
    ("[rules.too-soft]\nword = 1979-05-27", "2:8", "expected a string, not a date or time"),
    ("policy = 3", "1:10", "expected a list, not the number 3"),
    ("[policy]\nname = 'x'", "1:2", "expected a list, not a table"),
    ("policy-files = ['none.toml']", "1:17", "there is no file `none.toml`"),
    ("policy-packs = ['acme']", "1:17", "no pack of policies is called `acme`; none is installed"),
    ("python-checks = ['acme']", "1:18", "no Python check is called `acme`; none is installed"),
    ("exclude = [[]]", "1:12", "expected a string, not a list"),
    ("include = ['gone.py']", "1:12", "there is no file or folder `gone.py`"),
    ("src = ['src']", "1:8", "there is no file or folder `src`"),
    (
        "celery-version = 'latest'",
        "1:18",
        "expected a Celery version such as 5.6 or 5.6.3, not `latest`",
    ),
    ("celery-version = 5.6", "1:18", "expected a string, not the number 5.6"),
    ("baseline = true", "1:12", "expected a string, not a boolean"),
    (
        "fail-on = 'warn'",
        "1:11",
        "`warn` is none of `error`, `info`, `never`, `warning`; did you mean `warning`?",
    ),
    ("output-format = 'srif'", "1:17", "`srif` is none of {FORMATS}; did you mean `sarif`?"),
    ("output = ['report.sarif']", "1:11", "`report.sarif` is not of the form FORMAT=FILE"),
    (
        "output = ['json=a', 'sarf=b']",
        "1:21",
        f"`sarf` is none of {', '.join(FORMATS)}; did you mean `sarif`?",
    ),
    ("output = ['sarif=']", "1:11", "`sarif=` names no file"),
]


EVERYTHING = """
preset = "strict"
select = ["CEL1", "unrouted-task", "durable"]
extend-select = ["CEL201"]
ignore = ["CEL0"]
exclude = ["old/"]
include = ["src"]
src = ["src"]
tests = ["checks/"]
development = ["*.dev.yml"]
celery-version = "5.6"
baseline = "known.json"
fail-on = "never"
output-format = "sarif"
output = ["json=report.json"]

[per-file-ignores]
"scripts/" = ["CEL", "durable"]

[severity]
CEL101 = "info"
durable = "error"

[rules.too-soft]
margin = 7
hard = true
factor = 2
word = "x"

[[policy]]
name = "durable"
select = { task = ["billing.*", "refunds.*"], path = "src/*" }
when = { queue = "billing" }
require = { acks_late = true, time_limit = "<= 600" }
forbid = { max_retries = "none" }
severity = "error"
unknown = "error"
locked = true
owner = "billing"
docs = ["https://example.org"]
message = "`{task}` may lose money"
impact = "it does"
help = "ask"
allow-empty = true

[[policy.example]]
title = "One"
good = true
files = { "tasks.py" = "" }
"""


@pytest.fixture
def soft(monkeypatch: pytest.MonkeyPatch) -> Rule:
    """A rule with parameters of every type, besides the others."""
    rules = load_rules()
    params = {
        "margin": Param("int", 5, "seconds"),
        "hard": Param("bool", False, "whether"),
        "factor": Param("float", 1.5, "times"),
        "word": Param("str", "soft", "what"),
    }
    rule = msgspec.structs.replace(
        rules.get("CEL201"), code="CEL299", name="too-soft", params=params
    )
    catalogue = Catalogue([*rules.rules, rule])
    monkeypatch.setattr(resolving, "load_rules", lambda: catalogue)
    return rule


class TestMistakes:
    @pytest.mark.usefixtures("soft")
    @pytest.mark.parametrize(("text", "place", "message"), MISTAKES, ids=[m[2] for m in MISTAKES])
    def test_says_what_and_where(self, config: Config, text: str, place: str, message: str) -> None:
        config(text)
        formats = ", ".join(f"`{name}`" for name in sorted(FORMATS))
        assert wrong(loaded) == [
            (f"celerylint.toml:{place}", message.replace("{FORMATS}", formats))
        ]

    def test_all_at_once_in_order(self, config: Config) -> None:
        config(
            "ignore = ['CELX', 'CEL1', 3]\n"
            "preste = 'all'\n"
            "severity.nothing = 'info'\n"
            "severity.CEL101 = 'bad'\n"
            "src = ['lib']\n"
            "[[policy]]\n"
            "name = 'a'\n"
            "select = { task = '*' }\n"
            "require = { acks_lat = true }\n"
        )
        assert [place for place, _ in wrong(loaded)] == [
            f"celerylint.toml:{place}"
            for place in ("1:11", "1:27", "2:1", "3:10", "4:19", "5:8", "9:13")
        ]

    def test_places_in_a_pyproject(self, here: Path) -> None:
        write(here / "pyproject.toml", "[project]\n[tool.celerylint]\nselct = []\n")
        assert wrong(loaded) == [
            ("pyproject.toml:3:1", "unknown key `selct`; did you mean `select`?")
        ]

    def test_an_unusable_policy_is_not_said_to_be_unknown_as_well(self, config: Config) -> None:
        config(
            "ignore = ['durable']\n"
            "severity.durable = 'info'\n"
            "per-file-ignores = { 'a' = ['durable'] }\n"
            "[[policy]]\n"
            "name = 'durable'\n"
        )
        assert {place for place, _ in wrong(loaded)} == {"celerylint.toml:4:1"}

    def test_mistakes_in_a_policy_file_are_in_that_file(self, here: Path, config: Config) -> None:
        config("policy-files = ['a.toml', 'b.toml', 'c.toml']")
        write(here / "a.toml", "[[policies]]\n")
        write(here / "b.toml", "policy = [\n")
        write(here / "c.toml", "[[policy]]\nname = 'X'\nselect.task = '*'\nrequire.priority = 1\n")
        assert wrong(loaded) == [
            (
                "a.toml:1:3",
                "unknown key `policies` in a file of policies; did you mean `policy`?",
            ),
            ("b.toml:2:1", "not TOML: Invalid value"),
            ("c.toml:2:8", "`X` is not kebab-case, such as `billing-limits`"),
        ]

    def test_a_folder_is_no_policy_file(self, here: Path, config: Config) -> None:
        config("policy-files = ['.']")
        assert wrong(loaded) == [("celerylint.toml:1:17", "there is no file `.`")]

    def test_a_policy_with_the_name_of_a_rule(self, config: Config) -> None:
        config(
            "[[policy]]\nname = 'missing-acks-late'\nselect.task = '*'\nrequire.acks_late = true\n"
        )
        assert wrong(loaded) == [
            ("celerylint.toml:2:8", "`missing-acks-late` is a rule of celerylint's own")
        ]


POLICY = "[[policy]]\nname = 'durable'\nselect.task = '*'\nrequire.acks_late = true\n"


class TestChoosingRules:
    """The command line beats the file."""

    @pytest.mark.parametrize(
        ("text", "given", "expected"),
        [
            ("preset = 'strict'", {}, {"preset": "strict"}),
            ("preset = 'strict'", {"preset": "default"}, {"preset": "default"}),
            ("select = ['CEL2']", {}, {"select": ("CEL2",)}),
            ("select = ['CEL2']", {"select": ("CEL3",)}, {"select": ("CEL3",)}),
            # A preset on the command line is not to be overruled by what is selected in the file.
            ("select = ['CEL2']", {"preset": "strict"}, {"preset": "strict"}),
            (
                "extend-select = ['CEL2']\nignore = ['CEL3']",
                {"preset": "strict"},
                {"preset": "strict", "extend_select": ("CEL2",), "ignore": ("CEL3",)},
            ),
            # Who selects on the command line gets just that.
            (
                "preset = 'all'\nextend-select = ['CEL2']\nignore = ['CEL301']",
                {"select": ("CEL3",)},
                {"select": ("CEL3",)},
            ),
            (
                "ignore = ['CEL301']",
                {"ignore": ("CEL101",)},
                {"ignore": ("CEL301", "CEL101")},
            ),
            (
                "extend-select = ['CEL102']",
                {"extend_select": ("CEL202",)},
                {"extend_select": ("CEL102", "CEL202")},
            ),
        ],
    )
    def test_rules(
        self, config: Config, text: str, given: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        config(text)
        assert codes(loaded(line(**given))) == codes(isolated(options=Options(**expected)))

    def test_policies_run_besides_what_the_file_selects(self, config: Config) -> None:
        config("select = ['CEL301']\n" + POLICY)
        assert codes(loaded())[-2:] == ["CEL301", "durable"]
        assert "durable" in codes(loaded(line(preset="all")))
        assert "durable" not in codes(loaded(line(ignore=("durable",))))

    def test_policies_do_not_run_besides_what_the_command_line_selects(
        self, config: Config
    ) -> None:
        config(POLICY)
        assert "durable" in codes(loaded())
        assert "durable" not in codes(loaded(line(select=("CEL301",))))
        assert codes(loaded(line(select=("durable",))))[-1] == "durable"

    def test_severities(self, config: Config) -> None:
        config(
            "preset = 'all'\n[severity]\nCEL101 = 'info'\nunbounded-retries = 'error'\n"
            "durable = 'error'\n" + POLICY
        )
        by_code = {rule.code: rule.severity for rule in loaded().rules}
        own = load_rules().get("CEL202").severity
        assert by_code["CEL101"] is Severity.INFO
        assert by_code["CEL301"] is by_code["durable"] is Severity.ERROR
        assert by_code["CEL202"] is own

    @pytest.mark.usefixtures("soft")
    def test_parameters(self, config: Config) -> None:
        config("select = ['too-soft']\n[rules.CEL299]\nmargin = 7\nfactor = 2\n")
        rule = next(rule for rule in loaded().rules if rule.code == "CEL299")
        assert {name: param.default for name, param in rule.params.items()} == {
            "margin": 7,
            "hard": False,
            "factor": 2,
            "word": "soft",
        }


class TestMerging:
    def test_origins(self, config: Config) -> None:
        config("\npreset = 'strict'\nignore = ['CEL1']\n[severity]\nCEL301 = 'info'\n")
        configuration = configure(
            file_for(["."]), line(ignore=("CEL2",), fail_on="error", preset="all")
        )
        shown = {key: list(map(str, origins)) for key, origins in configuration.origins.items()}
        assert shown == {
            "preset": ["--preset"],
            "ignore": ["celerylint.toml:3", "--ignore"],
            "severity": ["celerylint.toml:4"],
            "fail-on": ["--fail-on"],
        }
        assert configuration.options.preset == "all"
        assert configuration.options.ignore == ("CEL1", "CEL2")
        assert configuration.options.fail_on == "error"

    def test_the_source_of_the_version(self, config: Config) -> None:
        config("\ncelery-version = '5.4'")
        settings = loaded()
        assert (settings.celery_version, settings.celery_version_source) == (
            "5.4",
            "celerylint.toml:2",
        )
        settings = loaded(line(celery_version="5.6"))
        assert (settings.celery_version, settings.celery_version_source) == (
            "5.6",
            "--celery-version",
        )

    def test_without_a_file(self, here: Path) -> None:
        configuration, settings = load(["."], {})
        assert configuration.options == Options()
        assert configuration.origins == {}
        assert settings.rules == load_rules().select()


class TestPaths:
    """Paths and patterns are relative to the folder of the file, wherever the root is."""

    @pytest.mark.parametrize(
        ("pattern", "left_out"),
        [
            ("old/", {"old/tasks.py", "deep/old/tasks.py"}),
            ("/old/", {"old/tasks.py"}),
            ("deep/old/", {"deep/old/tasks.py"}),
            ("*s.py", {"tasks.py", "old/tasks.py", "deep/old/tasks.py"}),
            ("/*s.py", {"tasks.py"}),
            ("**/old/tasks.py", {"old/tasks.py", "deep/old/tasks.py"}),
        ],
    )
    @pytest.mark.parametrize("inner", ["", "pack [x]*/"])
    def test_exclude(self, here: Path, inner: str, pattern: str, left_out: set[str]) -> None:
        names = {"tasks.py", "old/tasks.py", "deep/old/tasks.py", "deep/app.py"}
        for name in names:
            write(here / f"{inner}{name}")
        # These lie outside of the file's folder, or in one that its name would match as a pattern.
        others = {"old/old/tasks.py", "pack x!/old/tasks.py"} if inner else set()
        for name in others:
            write(here / name)
        write(here / f"{inner}celerylint.toml", f"exclude = ['{pattern}']")
        settings = load([inner or "."], {})[1]
        discovery = discover(
            [here], root=settings.root, exclude=settings.exclude, include=settings.include
        )
        found = {file.path for file in discovery.files}
        assert settings.root == str(here)
        assert found == {f"{inner}{name}" for name in names - left_out} | others

    def test_a_pattern_that_takes_back(self, here: Path) -> None:
        write(here / "pack/celerylint.toml", "exclude = ['*.py', '!keep.py', '# comment', '']")
        settings = load(["pack"], {})[1]
        assert settings.exclude == ("/pack/**/*.py", "!/pack/**/keep.py", "# comment", "")

    def test_tests(self, here: Path) -> None:
        assert loaded().tests is None
        write(here / "pack/celerylint.toml", "tests = ['checks/']")
        assert load(["pack"], {})[1].tests == ("/pack/**/checks/",)

    def test_files_and_folders(self, here: Path) -> None:
        for name in ("pack/src", "pack/generated"):
            (here / name).mkdir(parents=True)
        write(
            here / "pack/celerylint.toml",
            "src = ['src']\ninclude = ['generated/']\nbaseline = 'known.json'\n"
            "output = ['sarif=out/x.sarif', 'json=/tmp/x.json']",
        )
        settings = load(["pack"], {})[1]
        assert settings.src == (str(here / "pack/src"),)
        assert settings.include == ("pack/generated",)
        assert settings.baseline == str(here / "pack/known.json")
        assert settings.outputs == (
            Output("sarif", str(here / "pack/out/x.sarif")),
            Output("json", "/tmp/x.json"),
        )

    def test_a_file_above_everything_else_marks_the_root(self, here: Path) -> None:
        (here / ".git").rmdir()
        write(here / "celerylint.toml", "exclude = ['src/old/']")
        write(here / "src/pyproject.toml")
        assert load(["src"], {})[1].root == str(here)

    def test_a_file_that_was_named_does_not(self, here: Path, tmp_path: Path) -> None:
        (here / "repo/.git").mkdir(parents=True)
        write(here / "house.toml", "exclude = ['old/']")
        settings = load(["repo"], {}, config="house.toml")[1]
        assert settings.root == str(here / "repo")
        assert settings.exclude == ("old/",)


class TestPerFileIgnores:
    @pytest.mark.parametrize(
        ("pattern", "path", "ignored"),
        [
            ("old/", "old/tasks.py", True),
            ("old/", "new/old/deep/tasks.py", True),
            ("/old/", "new/old/tasks.py", False),
            ("tasks.py", "new/tasks.py", True),
            ("*.py", "a.py", True),
            ("new/*.py", "new/deep/a.py", False),
            ("old", "older/tasks.py", False),
        ],
    )
    def test_patterns(self, config: Config, pattern: str, path: str, ignored: bool) -> None:
        config(f"[per-file-ignores]\n'{pattern}' = ['CEL1']")
        ignores = loaded().per_file_ignores
        assert ignores.ignore(finding("CEL101", path)) is ignored
        assert not ignores.ignore(finding("CEL201", path))

    def test_files_elsewhere(self, here: Path) -> None:
        write(here / "pack/celerylint.toml", "[per-file-ignores]\n'*' = ['CEL101']")
        ignores = load(["pack"], {})[1].per_file_ignores
        assert ignores.ignore(finding("CEL101", "pack/a.py"))
        assert not ignores.ignore(finding("CEL101", "a.py"))
        assert ignores.ignore(finding("CEL101", str(here / "pack/a.py")))


def finding(code: str, path: str) -> Finding:
    return Finding(code, "name", Severity.ERROR, "message", Place(path, 1, 1, 1, 2))


class TestOwnRules:
    def test_policies_of_files(self, here: Path, config: Config) -> None:
        config("policy-files = ['house/rules.toml']\n" + POLICY)
        write(here / "house/rules.toml", POLICY.replace("durable", "sturdy"))
        assert codes(loaded())[-2:] == ["durable", "sturdy"]

    def test_python_checks_run_only_if_they_are_named(
        self, here: Path, config: Config, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(
            here / "site/acme_celery.py",
            "def check(project):\n    '''Acme's names.'''\n    return []\n",
        )
        write(
            here / "site/acme-1.0.dist-info/entry_points.txt",
            "[celerylint.checks]\nacme-names = acme_celery:check\n",
        )
        write(here / "site/acme-1.0.dist-info/METADATA", "Name: acme\nVersion: 1.0\n")
        monkeypatch.syspath_prepend(str(here / "site"))
        config("")
        assert "acme-names" not in codes(loaded())
        assert "acme_celery" not in sys.modules
        config("python-checks = ['acme-names']")
        assert codes(loaded())[-1] == "acme-names"
        config("python-checks = ['acme-name']")
        assert wrong(loaded) == [
            (
                "celerylint.toml:1:18",
                "no Python check is called `acme-name`; installed: acme-names;"
                " did you mean `acme-names`?",
            )
        ]


class TestSchema:
    def test_is_up_to_date(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(str(REPOSITORY / "tools"))
        from generate_config_schema import DOCUMENTATION, SCHEMA, documentation, schema

        remedy = "run `python tools/generate_config_schema.py`"
        assert SCHEMA.read_text(encoding="utf-8") == schema(), remedy
        text = DOCUMENTATION.read_text(encoding="utf-8")
        assert text == documentation(text), remedy

    def test_has_every_option(self) -> None:
        schema = json.loads((REPOSITORY / "schema/celerylint.schema.json").read_text())
        keys = [field.encode_name for field in msgspec.structs.fields(Options)]
        assert list(schema["properties"]) == keys
        assert all(about["description"] for about in schema["properties"].values())
        assert schema["additionalProperties"] is False

    # It cannot know all rules, since policies are rules, too.
    @pytest.mark.parametrize(
        "text", [text for text, _, said in MISTAKES if said.startswith(("unknown key", "expected"))]
    )
    def test_objects_to_the_same_shapes(self, soft: Rule, text: str) -> None:
        schema = config_schema(resolving.load_rules())
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tomli.loads(text), schema, cls=jsonschema.Draft7Validator)

    def test_accepts_what_is_right(self, here: Path, config: Config, soft: Rule) -> None:
        (here / "src").mkdir()
        text = EVERYTHING
        config(text)
        assert loaded().rules
        schema = config_schema(resolving.load_rules())
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.validate(tomli.loads(text), schema, cls=jsonschema.Draft7Validator)
        given = tomli.loads(text).keys()
        keys = {field.encode_name for field in msgspec.structs.fields(Options)}
        assert keys - given == {"policy-files", "policy-packs", "python-checks"}

    def test_knows_rules_and_parameters(self, soft: Rule) -> None:
        schema = config_schema(resolving.load_rules())
        names = schema["definitions"]["Rule"]["anyOf"][0]["enum"]
        assert {"CEL299", "too-soft", "CEL101", "missing-acks-late"} <= set(names)
        table = schema["properties"]["rules"]["properties"]["too-soft"]
        assert table["properties"]["factor"] == {
            "type": "number",
            "description": "times",
            "default": 1.5,
        }
        assert table["additionalProperties"] is False
        assert json.loads(json.dumps(schema)) == schema


def test_the_example_of_the_documentation(here: Path, config: Config) -> None:
    text = (REPOSITORY / "docs/configuration.md").read_text(encoding="utf-8")
    config(text.partition("```toml\n")[2].partition("```\n")[0])
    assert loaded().per_file_ignores.ignore(finding("CEL101", "legacy/tasks.py"))


def test_presets_are_those_of_the_catalogue() -> None:
    assert set(PRESETS) == set(PRESETS_OF_THE_CATALOGUE)


def test_words_of_fail_on_are_severities() -> None:
    assert (*(severity.value for severity in Severity), "never") == FAIL_ON
