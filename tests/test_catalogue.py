"""Reading rule pages, and choosing among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
import tomli

from celerylint.catalogue import Catalogue, Rule, RuleError, UnknownRule, load_rules
from celerylint.checks.page import examples
from celerylint.model.finding import Finding, Severity
from celerylint.model.place import Place
from celerylint.model.project import Project

MANIFEST = {
    "code": '"CEL201"',
    "summary": '"Too soft"',
    "message": '"`{task}` is too soft by {margin} s"',
    "help": '"harden it, as in {{}}"',
    "category": '"limits"',
    "severity": '"error"',
    "presets": '["default"]',
    "fix": '"none"',
    "celery": '"*"',
    "docs": '["https://docs.celeryq.dev/"]',
    "check": '"limits.too_soft"',
}
EMPTY = Project(None, "", [], [], [], [], [], [], [])


def page(
    folder: Path, name: str = "too-soft", extra: str = "", path: str = "", **keys: str | None
) -> Path:
    """A well-formed page, but for the keys that are replaced, or left out with None."""
    manifest = {key: value for key, value in {**MANIFEST, **keys}.items() if value is not None}
    code = manifest.get("code", '""').strip('"')
    category = manifest.get("category", '""').strip('"')
    file = folder / (path or f"{category}/{code}-{name}.md")
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"{key} = {value}" for key, value in manifest.items())
    file.write_text(f"# {name}\n\n```toml\n{lines}\n{extra}\n```\n\nProse.\n", encoding="utf-8")
    return file


def mistakes(folder: Path) -> list[tuple[int, str]]:
    """What loading the folder complains about: line and text, of the one file."""
    with pytest.raises(RuleError) as caught:
        load_rules(folder)
    parts = [line.split(":", 2) for line in str(caught.value).splitlines()]
    assert {path for path, _, _ in parts} <= {str(file) for file in folder.rglob("*.md")}
    return [(int(line), text.strip()) for _, line, text in parts]


def test_reads_a_page(tmp_path: Path) -> None:
    file = page(tmp_path)
    (rule,) = load_rules(tmp_path).rules
    assert (rule.code, rule.name, rule.path) == ("CEL201", "too-soft", str(file))
    assert rule.severity == "error" and rule.presets == ("default",)
    assert rule.page() == file.read_text(encoding="utf-8")


def test_says_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    page(tmp_path, severity='"fatal"', sumary='"typo"', summary=None, docs="3", fix=None)
    lines, texts = zip(*mistakes(tmp_path), strict=True)
    assert texts == (
        "missing key `fix`",
        "missing key `summary`",
        "`severity`: Invalid enum value 'fatal'",
        "`docs`: Expected `array`, got `int`",
        "unknown key `sumary`; did you mean `summary`?",
    )
    assert lines == (4, 4, 8, 11, 13)


@pytest.mark.parametrize(
    ("keys", "line", "text"),
    [
        ({"code": '"CEL2"'}, 4, "`code`: Expected `str` matching regex"),
        ({"code": '"CEL301"'}, 4, "`code`: CEL301, but limits rules are CEL2nn"),
        (
            {"code": '"CEL202"', "path": "limits/CEL201-too-soft.md"},
            4,
            "`code`: CEL202, but the file is named CEL201-too-soft.md",
        ),
        (
            {"path": "retries/CEL201-too-soft.md"},
            8,
            "`category`: limits, but the folder is retries",
        ),
        ({"path": "limit/CEL201-too-soft.md"}, 1, "the folder `limit` is none of linter, delivery"),
        ({"path": "limits/CEL201_too_soft.md"}, 1, "the file is not named CELnnn-name"),
        ({"path": "limits/CEL201-too-hard.md"}, 1, "the first line is not `# too-hard`"),
        ({"presets": '["all"]'}, 10, "`presets`: Invalid enum value 'all'"),
        ({"check": '"os:system"'}, 14, "`check`: Expected `str` matching regex"),
        ({"name": "too-soft", "extra": 'name = "x"'}, 15, "unknown key `name`"),
        ({"extra": "celerys = none"}, 15, "not TOML: Invalid value"),
        ({"extra": "fix = 'none'"}, 4, "not TOML: Cannot overwrite a value"),
        ({"extra": "params.x = 3"}, 15, "`params`: Expected `object`, got `int`"),
        (
            {"extra": "[params.x]\ntype = 'int'\ndefault = true\ndescription = 'd'"},
            15,
            "`params.x`: True is no int",
        ),
        ({"extra": "[proof]\nkind = 'seen'\ncelery = '5.7'"}, 15, "`proof`: Invalid enum value"),
        ({"extra": "[proof]\nkind = 'live'\ncelery = '5.7'"}, 15, "`proof`: a live one names its"),
        (
            {"extra": "[proof]\nkind = 'in-process'\ncelery = '5.7'\nbrokers = ['redis']"},
            15,
            "`proof`: a live one names its brokers, and one in a process has none",
        ),
    ],
)
def test_mistakes(keys: dict[str, str], line: int, text: str, tmp_path: Path) -> None:
    page(tmp_path, **keys)
    found = mistakes(tmp_path)
    assert any(number == line and said.startswith(text) for number, said in found), found


def test_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "limits").mkdir()
    (tmp_path / "limits/CEL201-too-soft.md").write_text("# too-soft\n\nProse.\n")
    assert mistakes(tmp_path) == [(1, "no ```toml block with the manifest")]


@pytest.mark.parametrize(("name", "key"), [("softer", "CEL201"), ("too-soft", "too-soft")])
def test_taken_code_or_name(name: str, key: str, tmp_path: Path) -> None:
    first = page(tmp_path)
    page(tmp_path, name, code='"CEL201"' if key == "CEL201" else '"CEL202"')
    second_is_read_later = [] if name == "too-soft" else [first.rename(tmp_path / "limits/x")]
    if second_is_read_later:
        (tmp_path / "limits/x").rename(first)
    ((line, text),) = mistakes(tmp_path)
    assert line == 1 and text.startswith(f"`{key}` is already the rule of {tmp_path}")


# Choosing


def rule(code: str, name: str, *presets: str, category: str = "limits") -> Rule:
    manifest = {key: tomli.loads(f"x = {text}")["x"] for key, text in MANIFEST.items()}
    given = {"code": code, "name": name, "presets": presets, "category": category, "path": ""}
    return msgspec.convert({**manifest, **given}, Rule)


CATALOGUE = Catalogue(
    [
        rule("CEL301", "endless", "default", category="retries"),
        rule("CEL202", "limitless", "strict"),
        rule("CEL302", "unhurried", "celery-best-practice", category="retries"),
        rule("CEL201", "too-soft", "default"),
        rule("CEL203", "opinion"),
        rule("CEL001", "unreadable", "default", category="linter"),
        rule("CEL003", "unused", "strict", category="linter"),
    ],
    redirects={"too-mellow": "too-soft", "CEL299": "too-soft"},
)


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ({}, "001 201 301"),
        ({"preset": "strict"}, "001 003 201 202 301"),
        ({"preset": "celery-best-practice"}, "001 201 301 302"),
        ({"preset": "all"}, "001 003 201 202 203 301 302"),
        ({"select": ["CEL203"]}, "001 203"),
        ({"select": ["opinion"]}, "001 203"),
        ({"select": ["CEL2"]}, "001 201 202 203"),
        ({"select": ["CEL20", "endless"]}, "001 201 202 203 301"),
        ({"select": ["CEL"]}, "001 003 201 202 203 301 302"),
        ({"select": ["CEL2"], "preset": "all"}, "001 201 202 203"),
        ({"select": ["CEL2"], "ignore": ["limitless", "CEL0"]}, "201 203"),
        ({"ignore": ["CEL2"]}, "001 301"),
        ({"ignore": ["CEL0", "CEL203"]}, "201 301"),
        ({"extend_select": ["CEL302", "opinion"]}, "001 201 203 301 302"),
        ({"select": ["CEL301"], "extend_select": ["CEL20"]}, "001 201 202 203 301"),
        ({"extend_select": ["CEL20"], "ignore": ["CEL202"]}, "001 201 203 301"),
        ({"select": ["too-mellow"]}, "001 201"),
        ({"ignore": ["CEL299"]}, "001 301"),
    ],
)
def test_select(arguments: dict[str, object], codes: str) -> None:
    chosen = CATALOGUE.select(**arguments)  # type: ignore[arg-type]
    assert [rule.code for rule in chosen] == [f"CEL{code}" for code in codes.split()]


@pytest.mark.parametrize(
    ("selector", "suggestion"),
    [
        ("too-sfot", "too-soft"),
        ("TOO-SOFT", "too-soft"),
        ("cel201", "CEL201"),
        ("CEL2O1", "CEL201"),
        ("CEL9", None),
        ("CEL2011", "CEL201"),
        ("", None),
        ("something else", None),
    ],
)
def test_unknown_rule(selector: str, suggestion: str | None) -> None:
    for attempt in (
        lambda: CATALOGUE.get(selector),
        lambda: CATALOGUE.select(select=[selector]),
        lambda: CATALOGUE.select(ignore=[selector]),
        lambda: CATALOGUE.select(extend_select=[selector]),
    ):
        with pytest.raises(UnknownRule) as caught:
            attempt()
        assert caught.value.selector == selector
        assert caught.value.suggestion == suggestion
        hint = f"; did you mean `{suggestion}`?" if suggestion else ""
        assert str(caught.value) == f"unknown rule `{selector}`{hint}"


def test_unknown_preset() -> None:
    with pytest.raises(ValueError, match="unknown preset `lax`, expected one of default, strict"):
        CATALOGUE.select("lax")


def test_get() -> None:
    soft = CATALOGUE.get("CEL201")
    assert soft.name == "too-soft"
    assert CATALOGUE.get("too-soft") is CATALOGUE.get("too-mellow") is CATALOGUE.get("CEL299")


def test_redirects_lead_somewhere_and_hide_nothing() -> None:
    from celerylint.catalogue import REDIRECTS

    catalogue = load_rules()
    today = {key for rule in catalogue.rules for key in (rule.code, rule.name)}
    assert not today & REDIRECTS.keys()
    assert all(catalogue.get(old).name == new for old, new in REDIRECTS.items())


# Running


class Softness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    margin: int


def too_soft(rule: Rule, project: Project) -> Iterator[Finding]:
    margin = rule.parameters(Softness).margin
    yield rule.finding(Place("a.py", 1, 1, 1, 2), task="shop.export", margin=margin)


@pytest.fixture
def with_check(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("celerylint.checks.limits")
    module.too_soft = too_soft  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "celerylint.checks.limits", module)


MARGIN = "[params.margin]\ntype = 'int'\ndefault = 5\ndescription = 'seconds'"


@pytest.mark.usefixtures("with_check")
def test_check_fills_the_templates(tmp_path: Path) -> None:
    page(tmp_path, extra=MARGIN)
    (finding,) = load_rules(tmp_path).get("too-soft").check(EMPTY)
    assert finding.message == "`shop.export` is too soft by 5 s"
    assert finding.help == "harden it, as in {}"
    assert (finding.code, finding.name, finding.task) == ("CEL201", "too-soft", "shop.export")
    assert finding.symbol == "shop.export"


@pytest.mark.usefixtures("with_check")
@pytest.mark.parametrize(
    ("version", "applies"), [(None, True), ("5.6.3", False), ("5.7.0", True), ("5.7.0rc1", True)]
)
def test_versions(version: str | None, applies: bool, tmp_path: Path) -> None:
    page(tmp_path, extra=MARGIN, celery='">=5.7.0rc1"')
    project = Project(version, "", [], [], [], [], [], [], [])
    assert bool(list(load_rules(tmp_path).get("CEL201").check(project))) is applies


@pytest.mark.usefixtures("with_check")
def test_configured(tmp_path: Path) -> None:
    page(tmp_path, extra=MARGIN)
    own = load_rules(tmp_path).get("CEL201")
    changed = own.configured(Severity.INFO, {"margin": 7})
    (finding,) = changed.check(EMPTY)
    assert finding.message == "`shop.export` is too soft by 7 s"
    assert (finding.severity, own.severity) == (Severity.INFO, Severity.ERROR)
    assert own.configured() == own


# Examples


def test_examples(tmp_path: Path) -> None:
    file = page(tmp_path)
    start = len(file.read_text().splitlines())
    with file.open("a", encoding="utf-8") as text:
        text.write(
            '## Bad\n\n### One\n\n```python title="a/b.py"\n# comment\n## not a heading\n```\n\n'
            '```yaml title="compose.yaml"\nx: 1\n```\n\n```python\nno_file\n```\n\n'
            '### Two\n\n```python title="a.py"\n```\n\n## Good\n\n### Three\n\n'
            '```python title="a.py"\nx = 1\n```\n\n## See also\n\n### None\n'
        )
    one, two, three = examples(load_rules(tmp_path).get("too-soft"))
    assert [(e.title, e.good) for e in (one, two, three)] == [
        ("One", False),
        ("Two", False),
        ("Three", True),
    ]
    assert [(f.path, f.text) for f in one.files] == [
        ("a/b.py", "# comment\n## not a heading\n"),
        ("compose.yaml", "x: 1\n"),
    ]
    assert one.files[0].line == start + 6
    assert [(f.path, f.text) for f in two.files] == [("a.py", "")]
