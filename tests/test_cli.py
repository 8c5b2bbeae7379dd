"""The command line as its users see it: exit code, stdout and stderr of every path through it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli, Outcome

from celerylint import __version__, engine
from celerylint.catalogue import Catalogue, Rule, load_rules
from celerylint.checks.python_check import PythonCheck
from celerylint.cli.terminal import Progress, use_color, write
from celerylint.config import settings
from celerylint.discover import UnreadablePath, discover
from celerylint.model.finding import Finding, Severity
from celerylint.model.place import Place
from celerylint.model.project import Crash, Project, Task, Unreadable
from celerylint.model.value import celery_default

PACKAGE = Path(engine.__file__).parent


@pytest.fixture
def shop(here: Path) -> Path:
    """A project with one finding: a task that is killed before its soft limit strikes."""
    (here / "shop").mkdir()
    (here / "shop/__init__.py").touch()
    (here / "shop/tasks.py").write_text(
        "from celery import Celery\n"
        "\n"
        "app = Celery('shop', broker='redis://:hunter2@redis/0')\n"
        "app.conf.task_acks_late = True\n"
        "\n"
        "@app.task(soft_time_limit=120, time_limit=60)\n"
        "def charge():\n"
        "    pass\n"
    )
    (here / "requirements.txt").write_text("celery==5.6.3\n")
    return here


def project(**changes: Any) -> Project:
    fields: dict[str, Any] = {
        "celery_version": "5.6.3",
        "celery_version_source": "uv.lock:512",
        "apps": [],
        "tasks": [],
        "routes": [],
        "queues": [],
        "beat": [],
        "calls": [],
        "unreadable": [],
    }
    return Project(**{**fields, **changes})


@pytest.fixture
def linked(here: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """What the pipeline will link, to be changed by the test: a project with an unreadable file,
    which is one finding of severity error."""
    (here / "app.py").write_text("def f(:\n")
    stand_in = project(unreadable=[Unreadable(Place("app.py", 1, 7, 1, 8), "no parameter")])
    monkeypatch.setattr(engine, "link", lambda files, **options: stand_in)
    return stand_in


class TestCheck:
    def test_findings(self, cli: Cli, linked: Project) -> None:
        assert cli() == Outcome(
            1,
            "app.py:1:7: error[CEL001 unreadable-file] cannot be read: no parameter\n"
            "  |\n"
            "1 | def f(:\n"
            "  |       ^\n"
            "  |\n"
            "  = impact: tasks and settings in it are not checked, and findings elsewhere may be"
            " wrong without it\n"
            "  = help: repair the file, or leave it out if it is not part of the project\n"
            "  = docs: celerylint explain CEL001\n"
            "\n"
            "Found 1 error.\n"
            "Checked 0 tasks and 0 queues in 1 file, against Celery 5.6.3 (uv.lock:512).\n",
            "",
        )

    def test_clean(self, cli: Cli, linked: Project) -> None:
        linked.unreadable.clear()
        code, out, err = cli("app.py")
        assert (code, err) == (0, "")
        assert out.startswith("No Celery app and no task found.\n")

    @pytest.mark.parametrize("args", [(), (".",), ("check",), ("check", "app.py"), ("./app.py",)])
    def test_check_need_not_be_written(
        self, cli: Cli, linked: Project, args: tuple[str, ...]
    ) -> None:
        assert cli(*args, "--output-format", "concise", "--quiet") == Outcome(
            1, "app.py:1:7: CEL001 [error] cannot be read: no parameter\n", ""
        )

    def test_options_may_come_first(self, cli: Cli, linked: Project) -> None:
        assert cli("--fail-on", "never", ".").code == 0

    def test_a_path_after_two_dashes(self, cli: Cli, linked: Project, here: Path) -> None:
        (here / "-x.py").touch()
        assert cli("--quiet", "--", "-x.py").code == 1

    def test_concise_keeps_stdout_to_findings(self, cli: Cli, linked: Project) -> None:
        code, out, err = cli("--output-format", "concise")
        assert (code, out.count("\n")) == (1, 1)
        assert err.startswith("Found 1 error.\n")

    def test_json(self, cli: Cli, linked: Project) -> None:
        code, out, err = cli("--output-format=json")
        document = json.loads(out)
        assert (code, err) == (1, "")
        assert document["schema"] == 1
        assert [finding["code"] for finding in document["findings"]] == ["CEL001"]
        assert document["summary"]["findings"] == {"error": 1, "warning": 0, "info": 0}

    def test_quiet(self, cli: Cli, linked: Project) -> None:
        linked.unreadable.clear()
        assert cli("-q") == Outcome(0, "", "")

    def test_verbose_tells_the_time_on_stderr(self, cli: Cli, linked: Project) -> None:
        linked.files_read, linked.files_parsed = 7, 3
        _, out, err = cli("-v")
        assert re.fullmatch(r"Read 7 files, parsed 3, checked them in \d+\.\d\d s\.\n", err)
        assert " s.\n" not in out

    def test_output_is_the_same_in_every_run(self, cli: Cli, linked: Project) -> None:
        assert cli() == cli()

    @pytest.mark.parametrize(
        ("fail_on", "severity", "code"),
        [
            ("error", "error", 1),
            ("error", "warning", 0),
            ("warning", "warning", 1),
            ("warning", "info", 0),
            ("info", "info", 1),
            ("never", "error", 0),
        ],
    )
    def test_fail_on(
        self,
        cli: Cli,
        linked: Project,
        monkeypatch: pytest.MonkeyPatch,
        fail_on: str,
        severity: str,
        code: int,
    ) -> None:
        finding = Finding("CEL999", "x", Severity(severity), "m", Place("app.py", 1, 1, 1, 2))
        monkeypatch.setattr(engine, "check", lambda project, rules: iter([finding]))
        assert cli("--fail-on", fail_on).code == code

    def test_rules_are_chosen(self, cli: Cli, linked: Project) -> None:
        assert cli("--ignore", "CEL001").code == 0
        assert cli("--ignore", "CEL301,unreadable-file").code == 0
        assert cli("--select", "CEL2").code == 1  # the linter's own rules always run
        assert cli("--preset", "all", "--ignore", "CEL0", "--ignore=CEL1, CEL2").code == 0

    def test_unreadable_folders_are_findings(
        self, cli: Cli, linked: Project, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = discover([here])
        found.unreadable.append(UnreadablePath("locked", "Permission denied"))
        monkeypatch.setattr(engine, "discover", lambda paths, **options: found)
        linked.unreadable.clear()
        _, out, _ = cli("--output-format", "concise")
        assert out == "locked:1:1: CEL001 [error] cannot be read: Permission denied\n"

    def test_options_reach_the_linker(
        self, cli: Cli, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (here / "app.py").touch()
        told: dict[str, Any] = {}

        def link(files: Any, **options: Any) -> Project:
            told.update(options, files=[file.path for file in files])
            return project()

        monkeypatch.setattr(engine, "link", link)
        cli("--celery-version", "5.4", "--jobs", "2")
        assert told == {
            "files": ["app.py"],
            "root": str(here),
            "import_roots": (),
            "celery_version": "5.4",
            "jobs": 2,
            "deployment": [],
            "is_development": told["is_development"],
        }


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("args", "message", "hint"),
        [
            (
                ("--preest", "strict"),
                "No such option '--preest'. Did you mean '--preset'?",
                "`celerylint check --help` explains the options",
            ),
            (
                ("check", "--preset", "stict"),
                "Invalid value for '--preset': 'stict' is not one of 'default', 'strict',"
                " 'celery-best-practice', 'all'. Did you mean 'strict'?",
                "`celerylint check --help` explains the options",
            ),
            (
                ("--output-format", "yaml"),
                "Invalid value for '--output-format': 'yaml' is not one of 'text', 'concise',"
                " 'json', 'jsonl', 'sarif', 'github', 'gitlab', 'junit', 'rdjson'.",
                "`celerylint check --help` explains the options",
            ),
            (
                ("--celery-version", "latest"),
                "Invalid value for '--celery-version': 'latest' is no Celery version; write it"
                " like 5.6 or 5.6.3.",
                "`celerylint check --help` explains the options",
            ),
            (
                ("--select", "soft-limit-not-below"),
                "unknown rule `soft-limit-not-below`; did you mean `soft-limit-not-below-hard`?",
                "`celerylint rules` lists them all",
            ),
            (
                ("--ignore", "NOPE1"),
                "unknown rule `NOPE1`",
                "`celerylint rules` lists them all",
            ),
            (
                ("explain", "missing-ack-late"),
                "unknown rule `missing-ack-late`; did you mean `missing-acks-late`?",
                "`celerylint rules` lists them all",
            ),
            (
                ("explain",),
                "Missing argument 'CODE-OR-NAME'.",
                "`celerylint explain --help` explains the options",
            ),
            (
                ("ap.py",),
                "no such file or folder: ap.py; did you mean app.py?",
                None,
            ),
            (
                ("inspekt",),
                "no such file or folder: inspekt",
                "there is a command `celerylint inspect`",
            ),
            (
                ("--quiet", "inspect", "."),
                "no such file or folder: inspect",
                "there is a command `celerylint inspect`",
            ),
            (
                ("empty",),
                "no Python files (*.py) to check in empty",
                None,
            ),
            (
                ("inspect", "--task", "shop.taks.charge"),
                "no task is named 'shop.taks.charge'",
                "did you mean shop.tasks.charge?",
            ),
            (
                ("inspect", "--task", "charg"),
                "no task is named 'charg'",
                "did you mean mail.charge or shop.tasks.charge?",
            ),
            (
                ("inspect", "--task", "zzz"),
                "no task is named 'zzz'",
                "`celerylint inspect` lists them",
            ),
            (
                ("rules", "src"),
                "Got unexpected extra argument (src)",
                "`celerylint rules --help` explains the options",
            ),
        ],
    )
    def test_says_what_is_wrong_and_what_to_do(
        self,
        cli: Cli,
        linked: Project,
        here: Path,
        args: tuple[str, ...],
        message: str,
        hint: str | None,
    ) -> None:
        (here / "empty").mkdir()
        linked.unreadable.clear()
        linked.tasks += [task("shop.tasks.charge"), task("mail.charge")]
        code, out, err = cli(*args)
        first, *rest = err.splitlines()
        assert (code, out) == (2, "")
        assert words(first) == ["error", *words(message)]
        assert rest == ([f"help: {hint}"] if hint else [])

    def test_the_name_of_a_command_is_the_command(
        self, cli: Cli, linked: Project, here: Path
    ) -> None:
        (here / "rules").mkdir()
        (here / "rules/tasks.py").touch()
        assert cli("rules").out.startswith("CODE ")
        assert "CEL001" in cli("./rules", "--output-format=concise").out


def words(text: str) -> list[str]:
    """A message without its punctuation, which differs between releases of click."""
    return re.findall(r"[\w-]+", text)


def task(name: str) -> Task:
    where = Place("app.py", 1, 1, 1, 2)
    default = celery_default(None)
    return Task(name, "", "m", "f", where, where, default, {}, default, "default", {})


class TestFailures:
    def broken(self, error: BaseException) -> Callable[..., Any]:
        def link(files: Any, **options: Any) -> Project:
            raise error

        return link

    def test_a_crash_is_said_to_be_our_bug(
        self, cli: Cli, linked: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "link", self.broken(KeyError("x")))
        code, out, err = cli()
        assert (code, out) == (2, "")
        first, second = err.splitlines()
        assert re.fullmatch(
            r"error: celerylint crashed: KeyError: 'x' \(test_cli\.py:\d+ in link\)", first
        )
        assert second.startswith("help: this is a bug in celerylint, please report it to ")
        assert second.endswith(", best with what `--verbose` prints")

    def test_the_traceback_of_a_crash_is_there_for_the_asking(
        self, cli: Cli, linked: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "link", self.broken(KeyError("x")))
        code, _, err = cli("--verbose")
        assert code == 2
        assert err.startswith("Traceback (most recent call last):")

    def test_ctrl_c(self, cli: Cli, linked: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine, "link", self.broken(KeyboardInterrupt()))
        assert cli() == Outcome(130, "", "\n")

    @pytest.fixture
    def crashing_rule(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        whole = Rule.check

        def crash(rule: Rule, project: Project) -> Iterator[Finding]:
            yield from whole(rule, project)
            if rule.code == "CEL201":
                raise ValueError("two\nlines")

        monkeypatch.setattr(Rule, "check", crash)
        yield

    @pytest.mark.usefixtures("crashing_rule")
    def test_a_crash_in_a_rule_is_a_finding_and_the_others_go_on(
        self, cli: Cli, linked: Project
    ) -> None:
        code, out, err = cli()
        assert (code, err) == (1, "")
        assert re.match(
            r"\.:1:1: error\[CEL002 internal-error\] celerylint crashed on the rule CEL201 "
            r"soft-limit-not-below-hard: ValueError: two lines "
            r"\(test_cli\.py:\d+ in crash\)\n",
            out,
        )
        assert "please report this to " in out
        assert "app.py:1:7: error[CEL001 unreadable-file]" in out
        assert "Found 2 errors." in out

    def test_a_crash_in_a_file_is_a_finding_there(self, cli: Cli, linked: Project) -> None:
        linked.unreadable.clear()
        linked.crashes.append(Crash(Place("app.py", 1, 1, 1, 4), "KeyError: 'x' (calls.py:3)"))
        code, out, _ = cli("--output-format", "concise")
        assert (code, out) == (
            1,
            "app.py:1:1: CEL002 [error] celerylint crashed on this file:"
            " KeyError: 'x' (calls.py:3)\n",
        )
        assert cli("inspect").err == (
            "warning: app.py:1:1: celerylint failed on this file: KeyError: 'x' (calls.py:3)\n"
        )

    def test_a_crash_in_a_check_of_others_is_not_our_bug(
        self, cli: Cli, linked: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def check(project: Project) -> Iterator[Finding]:
            raise ValueError("no name")

        own = PythonCheck(
            **{name: getattr(load_rules().get("CEL201"), name) for name in Rule.__struct_fields__}
            | {"code": "acme", "name": "acme", "category": "python", "path": "acme_celery:check"},
            function=check,
        )
        catalogue = Catalogue([*load_rules().rules, own])
        monkeypatch.setattr(settings, "load_rules", lambda: catalogue)
        out = cli().out
        assert "celerylint crashed on the check acme: ValueError: no name (test_cli.py:" in out
        assert "please report this to the authors of `acme_celery:check`" in out

    @pytest.mark.usefixtures("crashing_rule")
    def test_a_rule_that_crashes_can_be_ignored(self, cli: Cli, linked: Project) -> None:
        assert "CEL002" not in cli("--ignore", "CEL201").out


class TestCatalogueCommands:
    def test_rules(self, cli: Cli) -> None:
        code, out, err = cli("rules")
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert lines[0].split() == ["CODE", "NAME", "SEVERITY", "PRESETS", "FIX", "SUMMARY"]
        assert [line.split()[:2] for line in lines[1:-2]] == [
            [rule.code, rule.name] for rule in load_rules().rules
        ]
        assert lines[-1] == "`celerylint explain CODE` tells more about a rule."

    def test_rules_as_json(self, cli: Cli) -> None:
        code, out, _ = cli("rules", "--output-format", "json")
        document = json.loads(out)
        assert (code, document["schema"]) == (0, 1)
        rule = next(rule for rule in document["rules"] if rule["code"] == "CEL201")
        assert rule.pop("docs")[0].startswith("https://docs.celeryq.dev/")
        assert rule == {
            "code": "CEL201",
            "name": "soft-limit-not-below-hard",
            "summary": load_rules().get("CEL201").summary,
            "category": "limits",
            "severity": "error",
            "presets": ["default"],
            "fix": "none",
            "celery": "*",
            "proof": {"kind": "live", "celery": "5.7", "brokers": ["redis"]},
        }
        assert next(rule for rule in document["rules"] if rule["code"] == "CEL001")["proof"] is None

    @pytest.mark.parametrize("rule", load_rules().rules, ids=lambda rule: str(rule.code))
    def test_every_rule_explains_itself(self, cli: Cli, rule: Rule) -> None:
        by_code, by_name = cli("explain", rule.code), cli("explain", rule.name)
        assert by_code == by_name
        assert (by_code.code, by_code.err) == (0, "")
        head = f"{rule.severity.value}[{rule.code} {rule.name}]\n{rule.summary}\n"
        assert by_code.out.startswith(head)
        assert "```" not in by_code.out
        assert 'check = "' not in by_code.out

    def test_a_page_in_full(
        self, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = tmp_path / "page.md"
        page.write_text(
            "# soft-limit-not-below-hard\n\n```toml\ncode = 'CEL201'\n```\n\n"
            "What it *is*.\n\n## Bad\n\n### Two limits\n\n"
            '```python title="tasks.py"\n@task  # error: [x]\n```\n'
        )
        rule = load_rules().get("CEL201")
        changed = Rule(
            **{name: getattr(rule, name) for name in Rule.__struct_fields__}
            | {"path": str(page), "summary": "Short.", "docs": ("https://example.org",)}
        )
        monkeypatch.setattr(Catalogue, "get", lambda self, name: changed)
        assert cli("explain", "CEL201").out == (
            "error[CEL201 soft-limit-not-below-hard]\n"
            "Short.\n"
            "\n"
            "category  limits\n"
            "presets   default\n"
            "fix       none\n"
            "Celery    every version\n"
            "proved    on Celery 5.7 with Redis\n"
            "docs      https://example.org\n"
            "\n"
            "What it *is*.\n"
            "\n"
            "Bad\n"
            "\n"
            "Two limits\n"
            "\n"
            "    [tasks.py]\n"
            "    @task  # error: [x]\n"
        )

    @pytest.mark.parametrize(
        ("rule", "proved"),
        [
            ("late-ack-without-reject", "\nproved    on Celery 5.7 with Redis and RabbitMQ\n"),
            ("retry-without-backoff", "\nproved    on Celery 5.7, without a broker\n"),
        ],
    )
    def test_how_a_rule_is_proved(self, cli: Cli, rule: str, proved: str) -> None:
        assert proved in cli("explain", rule).out
        assert "\nproved " not in cli("explain", "unreadable-file").out


class TestReferenceApp:
    def test_writes_a_copy(self, cli: Cli, here: Path) -> None:
        code, out, err = cli("reference-app", "my shop")
        assert (code, err) == (0, "")
        count = len([path for path in (here / "my shop").rglob("*") if path.is_file()])
        assert out == (
            f"Wrote the reference application to my shop: {count} files. Next:\n"
            "\n"
            "  cd 'my shop'\n"
            "  celerylint --preset all\n"
            "  pip install -r requirements-local.txt\n"
            "  honcho -e .env.embedded start -c redis=0\n"
        )
        for name in ("Procfile", ".gitignore", "shop/celery_app.py"):
            original = (PACKAGE / "reference_app" / name).read_bytes()
            assert (here / "my shop" / name).read_bytes() == original
        assert not list(here.rglob("__pycache__"))

    def test_other_files_may_be_there(self, cli: Cli, here: Path) -> None:
        (here / "LICENSE").touch()
        assert cli("reference-app", ".").code == 0

    def test_overwrites_nothing(self, cli: Cli, here: Path) -> None:
        (here / "Procfile").write_text("mine")
        assert cli("reference-app", ".") == Outcome(
            2, "", "error: Procfile is already there\nhelp: give the name of a new folder\n"
        )
        assert [path.name for path in here.iterdir()] == ["Procfile"]
        assert (here / "Procfile").read_text() == "mine"

    def test_names_some_of_what_is_there(self, cli: Cli, here: Path) -> None:
        cli("reference-app", "copy")
        code, out, err = cli("reference-app", "copy")
        assert (code, out) == (2, "")
        assert re.match(r"error: copy/\S+, (copy/\S+,? ){4}and \d+ more are already there\n", err)

    def test_a_file_of_that_name(self, cli: Cli, here: Path) -> None:
        (here / "copy").touch()
        assert cli("reference-app", "copy").err.startswith("error: copy is not a folder\n")

    def test_a_folder_that_cannot_be_written(self, cli: Cli, here: Path) -> None:
        (here / "file").touch()
        code, _, err = cli("reference-app", "file/copy")
        assert code == 2
        assert err.startswith("error: cannot write file")


class TestInspect:
    def test_warns_of_unreadable_files(self, cli: Cli, linked: Project) -> None:
        code, out, err = cli("inspect")
        assert code == 0
        assert out.startswith("No Celery app and no task found.\n")
        assert err == "warning: app.py:1:7: no parameter\n"

    def test_json(self, cli: Cli, linked: Project) -> None:
        linked.tasks += [task("a"), task("b")]
        names = [t["name"] for t in json.loads(cli("inspect", "--output-format=json").out)["tasks"]]
        assert names == ["a", "b"]

    def test_one_task(self, cli: Cli, linked: Project) -> None:
        linked.tasks += [task("a"), task("b"), task("a")]
        document = json.loads(cli("inspect", "--task", "a", "--output-format=json").out)
        assert [t["name"] for t in document["tasks"]] == ["a", "a"]
        assert cli("inspect", "--task", "b").out.startswith("b\n  f at app.py:1\n")


class TestEndToEnd:
    def test_check(self, cli: Cli, shop: Path) -> None:
        code, out, err = cli("shop")
        assert (code, err) == (1, "")
        assert out.startswith("shop/tasks.py:6:")
        assert "error[CEL201 soft-limit-not-below-hard]" in out
        assert "Found 1 error.\n" in out
        assert "against Celery 5.6.3 (requirements.txt:1)." in out

    def test_inspect(self, cli: Cli, shop: Path) -> None:
        code, out, err = cli("inspect")
        assert (code, err) == (0, "")
        assert "shop.tasks.charge" in out
        assert "hunter2" not in out
        code, out, _ = cli("inspect", "--task", "shop.tasks.charge")
        assert code == 0
        assert "soft_time_limit = 120\n" in out
        assert "hunter2" not in cli("inspect", "--output-format=json").out

    def test_the_reference_application_is_clean(self, cli: Cli, here: Path) -> None:
        cli("reference-app", ".")
        code, out, err = cli("--preset", "all")
        assert (code, err) == (0, "")
        assert out.startswith("All good: no findings.\n")


class TestTerminal:
    @pytest.mark.parametrize(
        ("choice", "terminal", "environment", "expected"),
        [
            ("always", False, {"NO_COLOR": "1"}, True),
            ("never", True, {"FORCE_COLOR": "1"}, False),
            ("auto", True, {}, True),
            ("auto", False, {}, False),
            ("auto", True, {"TERM": "dumb"}, False),
            ("auto", True, {"NO_COLOR": "1"}, False),
            ("auto", True, {"NO_COLOR": ""}, True),
            ("auto", False, {"FORCE_COLOR": "1"}, True),
            ("auto", False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ],
    )
    def test_colours(
        self, choice: str, terminal: bool, environment: dict[str, str], expected: bool
    ) -> None:
        stream = io.StringIO()
        stream.isatty = lambda: terminal  # type: ignore[method-assign]
        assert use_color(choice, stream, environment) is expected

    def test_colour_option(self, cli: Cli, linked: Project) -> None:
        assert "\x1b[" in cli("--color", "always").out
        assert "\x1b[" not in cli("--color", "never").out

    def test_any_encoding_will_do(self) -> None:
        buffer = io.BytesIO()
        stream = io.TextIOWrapper(buffer, encoding="ascii")
        write("été \udcff", stream)
        assert buffer.getvalue() == b"\\xe9t\\xe9 \\udcff"

    def test_the_reader_may_leave(self) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "w") as stream:
            write("x" * 100_000, stream)

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
    def test_a_full_disk(self, linked: Project) -> None:
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "celerylint", "rules"],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
            )
        assert done.returncode == 2
        assert done.stderr == "error: cannot write the report: No space left on device\n"

    def progress_of(self, delay: float, seconds: float, terminal: bool = True) -> str:
        reading, writing = os.pipe()
        with open(writing, "w") as stream, open(reading, newline="") as shown:
            stream.isatty = lambda: terminal  # type: ignore[method-assign]
            with Progress(stream, delay) as progress:
                progress.stage("reading 7 files")
                time.sleep(seconds)
            stream.close()
            return shown.read()

    def test_progress_appears_late_and_goes_away(self) -> None:
        shown = self.progress_of(delay=0.01, seconds=0.25)
        assert "reading 7 files (0 s)" in shown
        assert shown.endswith("\r\x1b[K")

    def test_no_progress_of_short_runs_or_into_files(self) -> None:
        assert self.progress_of(delay=1, seconds=0) == ""
        assert self.progress_of(delay=0, seconds=0.15, terminal=False) == ""


class TestStartUp:
    @pytest.mark.parametrize("args", [["--version"], ["--help"], ["check", "--help"]])
    def test_imports_next_to_nothing(self, args: list[str]) -> None:
        script = (
            "import sys\n"
            "from celerylint.cli import run\n"
            f"assert run({args!r}) == 0\n"
            "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        )
        assert done.returncode == 0, done.stderr
        heavy = {"celery", "kombu", "libcst", "msgspec", "packaging", "pathspec", "tomli"}
        assert not heavy & set(re.findall(r"\w+", done.stderr))

    def test_version(self, cli: Cli) -> None:
        assert cli("--version") == Outcome(0, f"celerylint {__version__}\n", "")
        assert cli("check", "--version") == cli("--version")

    def test_help_lists_every_command(self, cli: Cli) -> None:
        code, out, err = cli("-h")
        assert (code, err) == (0, "")
        listed = re.findall(r"^  ([a-z-]+)  +\S", out.partition("Commands:")[2], re.MULTILINE)
        assert listed == [
            "check",
            "inspect",
            "rules",
            "explain",
            "config",
            "init",
            "test",
            "reference-app",
        ]
        for command in listed:
            assert cli(command, "--help").out.startswith(f"Usage: celerylint {command} ")

    def test_python_dash_m(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "celerylint", "--version"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        )
        assert done.stdout == f"celerylint {__version__}\n"
