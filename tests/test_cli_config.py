"""The command line with a configuration: what it changes, and what is said when it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Cli, Outcome

from celerylint.cli import init as init_command

APP = """\
from celery import Celery

app = Celery("shop", broker="redis://localhost")


@app.task(soft_time_limit=120, time_limit=60)
def charge(): ...


@app.task(autoretry_for=(OSError,), max_retries=None)
def export(): ...
"""


@pytest.fixture
def shop(here: Path) -> Path:
    """A repository with an app that has CEL101 and CEL201 for one task, CEL101 and CEL301 for
    another."""
    (here / ".git").mkdir()
    (here / "tasks.py").write_text(APP)
    (here / "requirements.txt").write_text("celery==5.6.3\n")
    return here


def found(outcome: Outcome) -> list[str]:
    """The codes in a concise report."""
    return [line.split()[1] for line in outcome.out.splitlines()]


def configure(folder: Path, text: str) -> None:
    (folder / "celerylint.toml").write_text(text)


class TestCheck:
    def test_reads_the_file(self, cli: Cli, shop: Path) -> None:
        configure(shop, "select = ['CEL301']\nfail-on = 'error'\noutput-format = 'concise'\n")
        code, out, err = cli()
        assert code == 0
        assert out.startswith("tasks.py:10:37: CEL301 [warning] ")
        assert err.startswith("Found 1 warning.\n")

    def test_the_command_line_beats_the_file(self, cli: Cli, shop: Path) -> None:
        configure(shop, "select = ['CEL301']\nfail-on = 'never'\noutput-format = 'json'\n")
        outcome = cli("--select", "CEL201", "--fail-on", "error", "--output-format", "concise")
        assert (outcome.code, found(outcome)) == (1, ["CEL201"])

    def test_isolated(self, cli: Cli, shop: Path) -> None:
        configure(shop, "nonsense = 1\nselect = ['CEL301']\n")
        outcome = cli("--isolated", "--output-format", "concise")
        assert found(outcome) == ["CEL101", "CEL201", "CEL101", "CEL301"]

    def test_config(self, cli: Cli, shop: Path) -> None:
        configure(shop, "nonsense = 1\n")
        (shop / "other.toml").write_text("select = ['CEL201']\n")
        assert found(cli("--config", "other.toml", "--output-format", "concise")) == ["CEL201"]

    def test_extend_select_and_ignore(self, cli: Cli, shop: Path) -> None:
        configure(shop, "select = ['CEL301']\n")
        outcome = cli(
            "--extend-select", "CEL101,CEL201", "--ignore=CEL20", "--output-format=concise"
        )
        assert found(outcome) == ["CEL101", "CEL101", "CEL301"]

    def test_severity(self, cli: Cli, shop: Path) -> None:
        configure(
            shop, "select = ['CEL301', 'CEL201']\nseverity = { CEL301 = 'error', CEL201 = 'info' }"
        )
        _, out, err = cli("--output-format=concise")
        assert "CEL301 [error]" in out
        assert "CEL201 [info]" in out
        assert err.startswith("Found 1 error and 1 info.\n")

    def test_per_file_ignores(self, cli: Cli, shop: Path) -> None:
        (shop / "old").mkdir()
        (shop / "old/tasks.py").write_text(APP)
        configure(shop, "[per-file-ignores]\n'old/' = ['CEL1', 'unbounded-retries']\n")
        lines = cli("--output-format", "concise").out.splitlines()
        assert [line for line in lines if line.startswith("old/")] == [
            line for line in lines if line.startswith("old/tasks.py:6:") and "CEL201" in line
        ]
        assert sum("CEL101" in line for line in lines) == 2

    def test_exclude_and_include(self, cli: Cli, shop: Path) -> None:
        for name in ("old", "generated", "tests"):
            (shop / name).mkdir()
            (shop / name / "jobs.py").write_text(APP.replace("shop", name))
        (shop / ".gitignore").write_text("generated/\n")
        configure(
            shop, "exclude = ['old/', 'tasks.py']\ninclude = ['generated', 'tests/jobs.py']\n"
        )
        out = cli("--output-format", "concise", "--select", "CEL201").out
        assert [line.split(":")[0] for line in out.splitlines()] == [
            "generated/jobs.py",
            "tests/jobs.py",
        ]

    def test_celery_version(self, cli: Cli, shop: Path) -> None:
        configure(shop, "\ncelery-version = '5.4'\n")
        assert "against Celery 5.4 (celerylint.toml:2).\n" in cli().out
        assert "against Celery 5.7 (--celery-version).\n" in cli("--celery-version", "5.7").out

    def test_source_roots(self, cli: Cli, shop: Path) -> None:
        (shop / "libs/py/common").mkdir(parents=True)
        (shop / "libs/py/common/limits.py").write_text("HARD = 60\n")
        source = APP.replace("from celery", "from common.limits import HARD\nfrom celery", 1)
        (shop / "tasks.py").write_text(source.replace("time_limit=60", "time_limit=HARD"))
        args = ("tasks.py", "--select", "CEL201", "--output-format=concise")
        assert found(cli(*args)) == []
        configure(shop, "src = ['libs/py']\n")
        assert found(cli(*args)) == ["CEL201"]

    def test_inspect_reads_it_too(self, cli: Cli, shop: Path) -> None:
        configure(shop, "celery-version = '5.4'\nexclude = ['tasks.py']\n")
        assert cli("inspect").code == 2
        configure(shop, "celery-version = '5.4'\n")
        document = json.loads(cli("inspect", "--output-format=json").out)
        assert document["celery_version"]["value"] == "5.4"
        assert cli("inspect", "--isolated", "--config", "missing.toml").code == 0


class TestMistakes:
    def test_are_shown_where_they_stand(self, cli: Cli, shop: Path) -> None:
        configure(
            shop, "# ours\npreset = 'stict'\nignroe = [\n  'CEL1',\n]\nselect = ['CEL1', '?']\n"
        )
        assert cli() == Outcome(
            2,
            "",
            "celerylint.toml:2:10: error: `stict` is none of `all`, `celery-best-practice`,"
            " `default`, `strict`; did you mean `strict`?\n"
            "  |\n"
            "2 | preset = 'stict'\n"
            "  |          ^^^^^^^\n"
            "  |\n"
            "\n"
            "celerylint.toml:3:1: error: unknown key `ignroe`; did you mean `ignore`?\n"
            "  |\n"
            "3 | ignroe = [\n"
            "  | ^^^^^^\n"
            "  |\n"
            "\n"
            "celerylint.toml:6:19: error: unknown rule `?`\n"
            "  |\n"
            "6 | select = ['CEL1', '?']\n"
            "  |                   ^^^\n"
            "  |\n"
            "  = help: `celerylint rules` lists them all\n",
        )

    def test_every_command_that_reads_the_file_tells(self, cli: Cli, shop: Path) -> None:
        configure(shop, "presets = 'all'\n")
        complaint = cli()
        for args in (["inspect"], ["config", "show"], ["test"], ["explain", "my-policy"]):
            assert cli(*args) == complaint, args
        assert cli("explain", "CEL101").code == cli("rules").code == 0

    def test_a_file_that_is_not_there(self, cli: Cli, shop: Path) -> None:
        assert cli("--config", "ci.toml") == Outcome(
            2, "", "ci.toml:1:1: error: cannot be read: No such file or directory\n"
        )

    def test_a_policy_that_selects_nothing(self, cli: Cli, shop: Path) -> None:
        configure(
            shop,
            "[[policy]]\nname = 'durable'\nselect.task = 'task.*'\nrequire.acks_late = true\n",
        )
        code, out, err = cli()
        assert (code, out) == (2, "")
        assert err.startswith(
            "celerylint.toml:3:1: error: policy `durable` selects nothing: no task is called"
            " `task.*`; did you mean `tasks.*`?\n"
        )
        # One file does not show enough of the project.
        assert cli("tasks.py").code == 1
        assert cli("--ignore", "durable").code == 1


class TestPolicies:
    POLICY = (
        "[[policy]]\n"
        "name = 'limited'\n"
        "select.task = 'tasks.*'\n"
        "require.time_limit = '<= 30'\n"
        "severity = 'error'\n"
    )

    def test_findings(self, cli: Cli, shop: Path) -> None:
        configure(shop, f"select = ['CEL301']\n{self.POLICY}")
        outcome = cli("--output-format", "concise")
        assert (outcome.code, found(outcome)) == (1, ["limited", "limited", "CEL301"])
        assert "error[limited] `tasks.charge`: " in cli().out

    def test_a_locked_one_cannot_be_suppressed(self, cli: Cli, shop: Path) -> None:
        source = APP.replace("=60)", "=60)  # celerylint: ignore[limited] because")
        (shop / "tasks.py").write_text(source)
        configure(shop, self.POLICY)
        assert found(cli("--select=limited", "--output-format=concise")) == ["limited"]
        configure(shop, f"{self.POLICY}locked = true\n")
        outcome = cli("--select=limited,CEL004", "--output-format=concise")
        assert found(outcome) == ["limited", "CEL004", "limited"]

    def test_explain(self, cli: Cli, shop: Path) -> None:
        configure(shop, self.POLICY)
        code, out, err = cli("explain", "limited")
        assert (code, err) == (0, "")
        assert out.startswith("error[limited]\nPolicy on task tasks.*\n")
        assert cli("explain", "limitd") == Outcome(
            2,
            "",
            "error: unknown rule `limitd`; did you mean `limited`?\n"
            "help: `celerylint rules` lists them all\n",
        )

    def test_examples(self, cli: Cli, shop: Path) -> None:
        code = (
            "from celery import Celery\napp = Celery()\n@app.task(time_limit=99){}\ndef f(): ...\n"
        )
        marked = code.format("  # error: [limited]")
        configure(
            shop,
            f"{self.POLICY}"
            f"[[policy.example]]\ntitle = 'Long'\ngood = false\nfiles.'tasks.py' = '''{marked}'''\n"
            f"[[policy.example]]\ngood = true\nfiles.'tasks.py' = '''{code.format('')}'''\n"
            "[[policy]]\nname = 'other'\nselect.task = '*'\nforbid.acks_late = true\n",
        )
        assert cli("test") == Outcome(
            1,
            "passed limited: Long\n"
            "failed limited: example 2 (celerylint.toml:14:1)\n"
            "       found, but not expected: tasks.py:3: error: [limited]\n"
            "\n"
            "2 examples, 1 of them failed.\n"
            "Without examples: `other`.\n",
            "",
        )

    def test_examples_that_pass(self, cli: Cli, shop: Path) -> None:
        configure(
            shop, f"{self.POLICY}[[policy.example]]\ngood = true\nfiles.'a.py' = 'import celery'"
        )
        assert cli("test") == Outcome(
            0, "passed limited: example 1\n\n1 example, none of them failed.\n", ""
        )

    def test_without_policies(self, cli: Cli, shop: Path) -> None:
        assert cli("test") == Outcome(
            2,
            "",
            "error: there are no policies to test\n"
            "help: write them as [[policy]] into celerylint.toml, or as"
            " [[tool.celerylint.policy]] into pyproject.toml\n",
        )


class TestSuppressions:
    @pytest.fixture(autouse=True)
    def suppressed(self, shop: Path) -> None:
        source = APP.replace("=60)", "=60)  # celerylint: ignore[CEL201] the task is idle")
        (shop / "tasks.py").write_text(source)
        configure(shop, "select = ['CEL201', 'CEL003']\n")

    def test_are_counted(self, cli: Cli) -> None:
        code, out, err = cli()
        assert (code, err) == (0, "")
        assert "Not counted: 1 finding that comments suppress (`--show-suppressed`).\n" in out

    def test_are_listed(self, cli: Cli) -> None:
        line = "tasks.py:6:11: CEL201 [suppressed] soft time limit of `tasks.charge` (120 s) "
        for output_format in ("text", "concise"):
            out = cli("--show-suppressed", "--output-format", output_format).out
            assert out.startswith(line)
            assert out.splitlines()[0].endswith(" (the task is idle)")

    def test_as_json(self, cli: Cli) -> None:
        document = json.loads(cli("--output-format=json").out)
        assert document["summary"]["suppressed"] == 1
        assert "suppressed" not in document
        document = json.loads(cli("--output-format=json", "--show-suppressed").out)
        (hidden,) = document["suppressed"]
        assert (hidden["code"], hidden["reason"]) == ("CEL201", "the task is idle")

    def test_unused_ones_are_findings_like_others(self, cli: Cli, shop: Path) -> None:
        configure(shop, "select = ['CEL201', 'CEL301', 'CEL003']\n")
        (shop / "tasks.py").write_text(APP + "# celerylint: ignore-file[CEL201, CEL301] why\n")
        assert found(cli("--output-format", "concise")) == []
        (shop / "tasks.py").write_text("import celery\n# celerylint: ignore-file[CEL301] why\n")
        assert found(cli("--output-format", "concise")) == ["CEL003"]
        configure(shop, "select = ['CEL301', 'CEL003']\nper-file-ignores.'*' = ['CEL003']\n")
        assert found(cli("--output-format", "concise")) == []


class TestBaseline:
    def test_write_then_hide(self, cli: Cli, shop: Path) -> None:
        args = ("--baseline", "known.json")
        code, out, err = cli(*args, "--write-baseline")
        assert (code, err) == (0, "")
        assert out == (
            "All good: no new findings.\n"
            "Checked 2 tasks and 1 queue in 1 file, against Celery 5.6.3 (requirements.txt:1).\n"
            "Not counted: 4 findings that the baseline holds.\n"
            "Wrote the baseline: 4 findings added, 0 dropped, 0 as before.\n"
        )
        code, out, _ = cli(*args)
        assert code == 0
        assert "Wrote" not in out

    def test_what_is_new_is_reported(self, cli: Cli, shop: Path) -> None:
        configure(shop, "baseline = 'known.json'\noutput-format = 'concise'\n")
        cli("--write-baseline")
        with (shop / "tasks.py").open("a") as file:
            file.write("\n\n@app.task\ndef forgotten(): ...\n")
        outcome = cli()
        assert (outcome.code, found(outcome)) == (1, ["CEL101"])
        assert "`tasks.forgotten`" in outcome.out
        assert "Not counted: 4 findings that the baseline holds.\n" in outcome.err

    def test_what_is_gone_is_told_and_pruned(self, cli: Cli, shop: Path) -> None:
        configure(shop, "baseline = 'known.json'\n")
        cli("--write-baseline")
        (shop / "tasks.py").write_text(APP.replace("soft_time_limit=120, ", ""))
        code, out, _ = cli()
        assert code == 0
        assert (
            "Out of date: 1 entry of the baseline (CEL201 tasks.charge); `--write-baseline`"
            " takes them out.\n"
        ) in out
        document = json.loads(cli("--output-format=json").out)
        assert document["summary"]["stale_baseline"] == ["CEL201 tasks.charge"]
        assert document["summary"]["baselined"] == 3
        out = cli("--write-baseline").out
        assert "Wrote the baseline: 0 findings added, 1 dropped, 3 as before.\n" in out
        assert "Out of date" not in out

    def test_is_relative_to_the_file_that_names_it(
        self, cli: Cli, shop: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (shop / "ci").mkdir()
        configure(shop, "baseline = 'known.json'\n")
        monkeypatch.chdir(shop / "ci")
        cli("..", "--write-baseline")
        assert (shop / "known.json").exists()
        cli("..", "--write-baseline", "--baseline", "known.json")
        assert (shop / "ci/known.json").exists()

    def test_write_where(self, cli: Cli, shop: Path) -> None:
        assert cli("--write-baseline") == Outcome(
            2,
            "",
            "error: --write-baseline needs to know which file\n"
            "help: add `--baseline FILE`, or `baseline` to the configuration\n",
        )

    def test_missing(self, cli: Cli, shop: Path) -> None:
        code, out, err = cli("--baseline", "known.json")
        assert (code, out) == (2, "")
        assert err.startswith("known.json:1:1: error: there is no such baseline\n")
        assert "`--write-baseline`" in err

    def test_broken_ones_are_replaced_but_nothing_else(self, cli: Cli, shop: Path) -> None:
        (shop / "known.json").write_text('<<<<<<< x\n{"schema": 1, "findings": []}\n')
        assert cli("--baseline", "known.json").code == 2
        assert cli("--baseline", "known.json", "--write-baseline").code == 0
        before = (shop / "tasks.py").read_text()
        code, out, err = cli("--baseline", "tasks.py", "--write-baseline")
        assert (code, out) == (2, "")
        assert err.startswith("tasks.py:1:1: error: this is no baseline, and is not overwritten\n")
        assert err.endswith("= help: delete it first\n")
        assert (shop / "tasks.py").read_text() == before


class TestOutputs:
    def test_files_besides_the_terminal(self, cli: Cli, shop: Path) -> None:
        code, out, _ = cli("--output", "json=a.json", "--output=concise=b.txt", "--color=always")
        assert code == 1
        assert "\x1b[" in out
        assert json.loads((shop / "a.json").read_text())["summary"]["tasks"] == 2
        assert (shop / "b.txt").read_text() == cli("--output-format", "concise").out

    def test_of_the_configuration(self, cli: Cli, shop: Path) -> None:
        configure(shop, "output = ['jsonl=a.jsonl']\n")
        cli()
        assert len((shop / "a.jsonl").read_text().splitlines()) == 4
        (shop / "a.jsonl").unlink()
        cli("--output", "text=a.txt")
        assert not (shop / "a.jsonl").exists()

    @pytest.mark.parametrize(
        "output_format",
        ["text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson"],
    )
    def test_every_format(self, cli: Cli, shop: Path, output_format: str) -> None:
        first = cli("--output-format", output_format, "--output", f"{output_format}=report")
        assert "CEL201" in first.out
        assert (shop / "report").read_text() == first.out
        assert cli("--output-format", output_format, "--jobs", "2").out == first.out

    def test_where_nothing_can_be_written(self, cli: Cli, shop: Path) -> None:
        code, out, err = cli("--output", "sarif=missing/x.sarif", "--output-format", "concise")
        assert code == 2
        assert "CEL201" in out
        assert err == (
            "error: cannot write the sarif report to missing/x.sarif: No such file or directory\n"
        )

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("sarif", "`sarif` is not of the form FORMAT=FILE"),
            ("srif=x", "; did you mean `sarif`?"),
            ("sarif=", "`sarif=` names no file"),
            ("json=-", "`json=-` is not a file; `--output-format` says what is printed"),
        ],
    )
    def test_wrong(self, cli: Cli, shop: Path, value: str, message: str) -> None:
        code, out, err = cli("--output", value)
        assert (code, out) == (2, "")
        assert err.splitlines()[0].startswith("error: Invalid value for '--output': ")
        assert message in err

    def test_statistics(self, cli: Cli, shop: Path) -> None:
        code, out, _ = cli("--statistics")
        assert code == 1
        lines = out.splitlines()
        assert [line.split() for line in lines[:4]] == [
            ["CODE", "NAME", "SEVERITY", "COUNT"],
            ["CEL101", "missing-acks-late", "warning", "2"],
            ["CEL201", "soft-limit-not-below-hard", "error", "1"],
            ["CEL301", "unbounded-retries", "warning", "1"],
        ]
        assert lines[4:6] == ["", "Found 1 error and 3 warnings."]
        assert cli("--statistics", "--quiet").out.splitlines() == lines[:4]

    def test_statistics_as_json(self, cli: Cli, shop: Path) -> None:
        document = json.loads(cli("--statistics", "--output-format", "json").out)
        assert [row["count"] for row in document["statistics"]] == [2, 1, 1]

    def test_statistics_of_nothing(self, cli: Cli, shop: Path) -> None:
        assert cli("--statistics", "--select", "CEL402").out.startswith("All good")

    def test_statistics_in_other_formats(self, cli: Cli, shop: Path) -> None:
        assert cli("--statistics", "--output-format", "sarif") == Outcome(
            2,
            "",
            "error: --statistics cannot be printed as sarif\n"
            "help: add `--output-format text` or `--output-format json`\n",
        )


class TestConfigShow:
    def test_text(self, cli: Cli, shop: Path) -> None:
        configure(
            shop,
            "preset = 'strict'\nignore = ['CEL0']\n\n[severity]\nCEL101 = 'info'\n"
            f"[per-file-ignores]\n'a b/' = ['CEL101']\n{TestPolicies.POLICY}",
        )
        code, out, err = cli("config", "show", "--ignore", "CEL4", "--fail-on", "error")
        assert (code, err) == (0, "")
        head, _, rules = out.partition("\n\n")
        lines = [
            tuple(part.strip() for part in line.split("  ") if part) for line in head.splitlines()
        ]
        assert lines[:2] == [("Configuration: celerylint.toml",), ("OPTION", "VALUE", "FROM")]
        assert {
            ("preset", '"strict"', "celerylint.toml:1"),
            ("ignore", '["CEL0", "CEL4"]', "celerylint.toml:2 and --ignore"),
            ('per-file-ignores."a b/"', '["CEL101"]', "celerylint.toml:7"),
            ("severity.CEL101", '"info"', "celerylint.toml:5"),
            (
                "policy.limited",
                '{ select = { task = "tasks.*" }, require = { time_limit = "<= 30" },'
                ' severity = "error" }',
                "celerylint.toml:8",
            ),
            ("fail-on", '"error"', "--fail-on"),
            ("celery-version", "-", "default"),
            ("src", "[]", "default"),
        } <= set(lines)
        assert "CEL101   missing-acks-late" in rules
        assert "CEL401" not in rules

    def test_json(self, cli: Cli, shop: Path) -> None:
        configure(shop, "preset = 'strict'\n")
        document = json.loads(
            cli("config", "show", "--select", "CEL201", "--output-format=json").out
        )
        assert document["schema"] == 1
        assert document["file"] == "celerylint.toml"
        assert document["options"]["select"] == {
            "value": ["CEL201"],
            "from": [{"option": "--select"}],
        }
        assert document["options"]["preset"] == {"value": "default", "from": []}
        assert document["rules"][-1] == {
            "code": "CEL201",
            "name": "soft-limit-not-below-hard",
            "severity": "error",
            "params": {},
        }

    def test_without_a_file(self, cli: Cli, shop: Path) -> None:
        assert cli("config", "show").out.startswith("Configuration: no file, only defaults\n")

    def test_a_folder_of_that_name(self, cli: Cli, shop: Path) -> None:
        (shop / "config").mkdir()
        (shop / "config/celery.py").write_text(APP)
        assert "config/celery.py" in cli("./config", "--output-format", "concise").out


class TestInit:
    FOUND = "Celery app tasks.app at tasks.py:3, tasks: 2"

    def test_writes_a_file_of_its_own(self, cli: Cli, shop: Path) -> None:
        code, out, err = cli("init")
        assert (code, err) == (0, "")
        assert out == (
            "Wrote celerylint.toml, having found:\n"
            f"  {self.FOUND}\n"
            "  Celery 5.6.3, from requirements.txt:1\n"
            "`celerylint` has 4 findings.\n"
        )
        assert (shop / "celerylint.toml").read_text() == (
            f"# {self.FOUND}\n"
            "# Celery 5.6.3, from requirements.txt:1\n"
            "# `celerylint config show` prints every option and where its value comes from.\n"
            "\n"
            "# The set of rules: default, strict, celery-best-practice or all.\n"
            'preset = "default"\n'
        )
        assert cli("--isolated").out == cli().out

    @pytest.mark.parametrize(
        ("before", "between"),
        [
            (b"", b""),
            (b"[project]\nname = 'x'\n", b"\n"),
            (b"# \xc3\xa9\r\n[project]", b"\r\n\r\n"),
        ],
    )
    def test_adds_to_a_pyproject(self, cli: Cli, shop: Path, before: bytes, between: bytes) -> None:
        (shop / "pyproject.toml").write_bytes(before)
        assert cli("init").out.startswith("Wrote pyproject.toml, having found:\n")
        after = (shop / "pyproject.toml").read_bytes()
        assert after.startswith(before + between + b"[tool.celerylint]")
        assert after.count(b"\r\n") in (0, after.count(b"\n"))
        assert not (shop / "celerylint.toml").exists()
        assert cli().code == 1

    def test_changes_nothing_the_second_time(self, cli: Cli, shop: Path) -> None:
        cli("init")
        before = (shop / "celerylint.toml").read_bytes()
        assert cli("init") == Outcome(
            0, "celerylint.toml configures celerylint already, and stays as it is.\n", ""
        )
        assert (shop / "celerylint.toml").read_bytes() == before
        assert "--write-baseline" in cli("init", "--baseline").out
        assert sorted(path.name for path in shop.glob("celerylint*")) == ["celerylint.toml"]

    def test_a_configuration_further_up_counts(self, cli: Cli, shop: Path) -> None:
        configure(shop, "")
        (shop / "pack").mkdir()
        (shop / "pack/tasks.py").write_text(APP)
        assert cli("init", "pack").out.startswith("celerylint.toml configures celerylint already")
        assert not (shop / "pack/celerylint.toml").exists()

    def test_baseline(self, cli: Cli, shop: Path) -> None:
        code, out, err = cli("init", "--baseline")
        assert (code, err) == (0, "")
        assert out.endswith(
            "Wrote celerylint-baseline.json: 4 findings, for now accepted.\n"
            "`celerylint` has no findings.\n"
        )
        assert 'baseline = "celerylint-baseline.json"\n' in (shop / "celerylint.toml").read_text()
        assert cli().code == 0

    def test_baseline_of_nothing(self, cli: Cli, shop: Path) -> None:
        (shop / "tasks.py").write_text("from celery import Celery\napp = Celery()\n")
        out = cli("init", "--baseline").out
        assert out.endswith("With no findings, there is nothing to put into a baseline.\n")
        assert "baseline" not in (shop / "celerylint.toml").read_text()

    def test_an_old_baseline_stays(self, cli: Cli, shop: Path) -> None:
        (shop / "celerylint-baseline.json").write_text("mine")
        assert cli("init", "--baseline") == Outcome(
            2,
            "",
            "error: celerylint-baseline.json is already there\n"
            "help: move it away, or leave out `--baseline`\n",
        )
        assert (shop / "celerylint-baseline.json").read_text() == "mine"
        assert not (shop / "celerylint.toml").exists()

    @pytest.mark.parametrize(("answer", "accepted"), [("y\n", True), ("n\n", False)])
    def test_asks_on_a_terminal(
        self, cli: Cli, shop: Path, monkeypatch: pytest.MonkeyPatch, answer: str, accepted: bool
    ) -> None:
        monkeypatch.setattr(init_command.sys.stdin, "isatty", lambda: True, raising=False)
        asked: list[str] = []

        def confirm(text: str, **options: object) -> bool:
            asked.append(text)
            return answer == "y\n"

        monkeypatch.setattr(init_command.click, "confirm", confirm)
        cli("init")
        assert asked == ["There are 4 findings. Accept them in a baseline?"]
        assert (shop / "celerylint-baseline.json").exists() is accepted

    def test_says_what_it_cannot_know(self, cli: Cli, shop: Path) -> None:
        (shop / "tasks.py").write_text(
            "from celery import Celery\nfrom house import settings\n"
            "app = Celery()\napp.config_from_object(settings())\n"
        )
        assert "\n    Not all of its settings can be told: " in cli("init").out

    def test_without_an_app(self, cli: Cli, shop: Path) -> None:
        (shop / "tasks.py").write_text("x = 1\n")
        (shop / "requirements.txt").unlink()
        assert "  No Celery app was found here.\n" in cli("init").out
        text = (shop / "celerylint.toml").read_text()
        assert "\n# No file pins the version of Celery" in text

    def test_a_broken_pyproject(self, cli: Cli, shop: Path) -> None:
        (shop / "pyproject.toml").write_text("[project\n")
        code, out, err = cli("init")
        assert (code, out) == (2, "")
        assert err.startswith("pyproject.toml:1:9: error: not TOML: ")
        assert (shop / "pyproject.toml").read_text() == "[project\n"

    def test_a_pyproject_without_room(self, cli: Cli, shop: Path) -> None:
        (shop / "pyproject.toml").write_text("tool = {}\n")
        code, out, err = cli("init")
        assert (code, out) == (2, "")
        assert err.startswith("error: [tool.celerylint] cannot be added to pyproject.toml: ")
        assert err.endswith("help: write celerylint.toml yourself\n")
        assert (shop / "pyproject.toml").read_text() == "tool = {}\n"

    def test_no_folder(self, cli: Cli, shop: Path) -> None:
        assert cli("init", "tasks.py") == Outcome(2, "", "error: tasks.py is not a folder\n")

    def test_nothing_to_check(self, cli: Cli, shop: Path) -> None:
        (shop / "empty").mkdir()
        code, _, err = cli("init", "empty")
        assert (code, err) == (2, "error: no Python files (*.py) to check in empty\n")
