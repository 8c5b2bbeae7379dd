"""The reports that CI services read, over findings made by hand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from celerylint import __version__
from celerylint.catalogue import load_rules
from celerylint.config.words import FORMATS
from celerylint.discover import Discovery
from celerylint.engine import INTERNAL_ERROR, Result
from celerylint.model.finding import Finding, Label, Severity
from celerylint.model.place import Place
from celerylint.model.project import Project
from celerylint.report import github, gitlab, jsonl, junit, rdjson, sarif, statistics
from celerylint.report import json as json_report
from celerylint.report.checkout import checkout_path
from celerylint.suppress import SuppressedFinding

REPOSITORY = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((REPOSITORY / "tests/data/sarif-2.1.0.json").read_text(encoding="utf-8"))
RULES = load_rules().select("all")
RENDERERS: tuple[Callable[[Result], str], ...] = (
    github.render,
    gitlab.render,
    jsonl.render,
    junit.render,
    rdjson.render,
    sarif.render,
    statistics.render,
    statistics.render_json,
)

SETTINGS = "CELERY_TASK_TIME_LIMIT = 60\n"
TASKS = "@shared_task(name='été', soft_time_limit=120)\ndef send():\n    pass\n"


def place(path: str, line: int, column: int, end_column: int, end_line: int | None = None) -> Place:
    return Place(path, line, column, end_line or line, end_column)


def limits(**changes: Any) -> Finding:
    """A finding with everything that one can have, in `TASKS`."""
    fields: dict[str, Any] = {
        "code": "CEL201",
        "name": "soft-limit-not-below-hard",
        "severity": Severity.ERROR,
        "message": "soft time limit of `été` (120 s) is not below its hard limit (60 s)",
        "place": place("shop/tasks.py", 1, 26, 45),
        "label": "soft limit of 120 s",
        "labels": (Label(place("shop/settings.py", 1, 1, 28), "hard limit of 60 s"),),
        "impact": "the task is killed before it can clean up",
        "help": "set the soft limit below the hard one",
        "task": "été",
        "symbol": "été",
    }
    return Finding(**{**fields, **changes})


def acks(**changes: Any) -> Finding:
    """A finding with nothing but what each must have, over several lines."""
    fields: dict[str, Any] = {
        "code": "CEL101",
        "name": "missing-acks-late",
        "severity": Severity.WARNING,
        "message": "`send` is acknowledged before it runs",
        "place": place("shop/tasks.py", 1, 1, 9, end_line=3),
        "symbol": "shop.tasks.send",
    }
    return Finding(**{**fields, **changes})


def suppressed(
    finding: Finding, comment: Place | None = None, reason: str = ""
) -> SuppressedFinding:
    return SuppressedFinding(finding, comment or finding.place, reason)


def result_of(*findings: Finding, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "findings": list(findings),
        "project": Project("5.6.3", "uv.lock:512", [], [], [], [], [], [], []),
        "discovery": Discovery("/", [], [], {}, []),
        "seconds": 1.5,
        "rules": RULES,
        "suppressed": [],
    }
    return Result(**{**fields, **changes})


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the findings point into, in the current folder, outside of any CI job."""
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/tasks.py").write_text(TASKS, encoding="utf-8")
    (tmp_path / "shop/settings.py").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestEveryFormat:
    def test_is_described(self) -> None:
        page = (REPOSITORY / "docs/ci.md").read_text(encoding="utf-8")
        _, _, rest = page.partition("| `--output-format` |")
        table, _, _ = rest.partition("\n\n")
        described = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
        assert described == set(FORMATS) - {"text", "concise"}

    @pytest.mark.parametrize("render", RENDERERS)
    def test_is_the_same_each_time(self, render: Callable[[Result], str]) -> None:
        result = result_of(
            acks(), limits(), limits(), suppressed=[suppressed(acks(symbol="other"))]
        )
        assert render(result) == render(result)

    @given(
        text=st.text(st.characters(), max_size=20),
        path=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10),
    )
    @hypothesis_settings(max_examples=60, deadline=None)
    def test_stays_well_formed_whatever_the_project_is_called(self, text: str, path: str) -> None:
        where = place(path, 1, 1, 2)
        finding = limits(
            message=text,
            place=where,
            label=text,
            labels=(Label(where, text),),
            impact=text,
            help=text,
            task=text,
            symbol=text,
        )
        result = result_of(finding, rules=[])
        Draft7Validator(SCHEMA).validate(json.loads(sarif.render(result)))
        assert len(json.loads(gitlab.render(result))) == 1
        assert json.loads(jsonl.render(result))["message"] == text
        assert len(json.loads(rdjson.render(result))["diagnostics"]) == 1
        assert len(list(ElementTree.fromstring(junit.render(result)).iter("failure"))) == 1
        assert junit.render(result).encode("utf-8")
        assert re.fullmatch("[^\r\n]+\n", github.render(result))


class TestSarif:
    def run_of(self, *findings: Finding, show_suppressed: bool = False, **changes: Any) -> Any:
        result = result_of(*findings, **changes)
        document = json.loads(sarif.render(result, show_suppressed=show_suppressed))
        Draft7Validator(SCHEMA).validate(document)
        (run,) = document["runs"]
        return run

    def test_says_what_ran(self) -> None:
        run = self.run_of()
        driver = run["tool"]["driver"]
        assert (driver["name"], driver["version"]) == ("celerylint", __version__)
        assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in RULES]
        assert run["results"] == []
        assert run["invocations"] == [{"executionSuccessful": True}]
        assert run["columnKind"] == "unicodeCodePoints"

    def test_a_rule_brings_its_page(self) -> None:
        (rule,) = (rule for rule in RULES if rule.code == "CEL201")
        (descriptor,) = self.run_of(rules=[rule])["tool"]["driver"]["rules"]
        prose = descriptor["help"].pop("markdown")
        assert prose.startswith("The soft limit raises `SoftTimeLimitExceeded` in the task")
        assert "## When not to follow it" in prose
        assert "```toml" not in prose
        text = descriptor["help"].pop("text")
        assert "When not to follow it\n\nThe order of the two limits" in text
        assert descriptor.pop("fullDescription")["text"].startswith("The soft limit raises")
        assert descriptor == {
            "id": "CEL201",
            "name": "soft-limit-not-below-hard",
            "shortDescription": {"text": "The soft time limit is not below the hard one."},
            "help": {},
            "helpUri": rule.docs[0],
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["limits", "default"]},
        }

    def test_every_rule_has_what_github_requires(self) -> None:
        for rule in self.run_of()["tool"]["driver"]["rules"]:
            assert rule["help"]["text"].strip() and rule["help"]["markdown"].strip()
            assert ".md)" not in rule["help"]["markdown"], "a link to a page that is not there"
            for description in ("shortDescription", "fullDescription"):
                assert 0 < len(rule[description]["text"]) <= 1024

    def test_a_rule_without_links_has_no_help_uri(self) -> None:
        rules = [rule for rule in RULES if not rule.docs]
        assert rules
        for rule in self.run_of(rules=rules)["tool"]["driver"]["rules"]:
            assert "helpUri" not in rule

    def test_a_result(self) -> None:
        (result,) = self.run_of(limits())["results"]
        assert RULES[result.pop("ruleIndex")].code == "CEL201"
        assert list(result.pop("partialFingerprints")) == ["celerylint/v1"]
        text = (
            "soft time limit of {0}été{0} (120 s) is not below its hard limit (60 s).\n"
            "impact: the task is killed before it can clean up.\n"
            "help: set the soft limit below the hard one.\n"
            "see: [hard limit of 60 s](1)."
        )
        assert result == {
            "ruleId": "CEL201",
            "level": "error",
            "message": {"text": text.format("'"), "markdown": text.format("`")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "shop/tasks.py", "uriBaseId": "%SRCROOT%"},
                        "region": {
                            "startLine": 1,
                            "startColumn": 26,
                            "endLine": 1,
                            "endColumn": 45,
                        },
                    },
                    "message": {"text": "soft limit of 120 s"},
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": {"uri": "shop/settings.py", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 28},
                    },
                    "message": {"text": "hard limit of 60 s"},
                }
            ],
        }

    def test_regions_are_characters_and_end_after_the_last_one(self) -> None:
        (result,) = self.run_of(limits())["results"]
        region = result["locations"][0]["physicalLocation"]["region"]
        line = TASKS.splitlines()[region["startLine"] - 1]
        # § 3.30.8: endColumn is one more than the column of the last character.
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "soft_time_limit=120"

    @pytest.mark.parametrize(
        ("severity", "level"),
        [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note")],
    )
    def test_level(self, severity: Severity, level: str) -> None:
        assert self.run_of(limits(severity=severity))["results"][0]["level"] == level

    def test_names_cannot_pass_for_links(self) -> None:
        labels = (Label(place("a.py", 1, 1, 2), "x](http://evil) [y"),)
        (result,) = self.run_of(limits(message="is [this](1) a link", labels=labels))["results"]
        first, *_, last = result["message"]["text"].splitlines()
        assert first == r"is [this\](1) a link."
        assert last == r"see: [x\](http://evil) \[y](1)."

    def test_paths_become_uris(self, shop: Path) -> None:
        paths = ["a b/été#1.py", f"{shop.parent}/c d.py"]
        results = self.run_of(*(limits(place=place(path, 1, 1, 2)) for path in paths))["results"]
        artifacts = [
            result["locations"][0]["physicalLocation"]["artifactLocation"] for result in results
        ]
        assert {"uri": "a%20b/%C3%A9t%C3%A9%231.py", "uriBaseId": "%SRCROOT%"} in artifacts
        assert {"uri": f"{shop.parent.as_uri()}/c%20d.py"} in artifacts

    def test_fingerprints_outlive_edits_but_not_the_subject(self) -> None:
        def fingerprints(*findings: Finding) -> set[str]:
            results = self.run_of(*findings)["results"]
            return {result["partialFingerprints"]["celerylint/v1"] for result in results}

        before = fingerprints(acks(), limits(), limits())
        assert len(before) == 3
        moved = place("shop/other.py", 80, 5, 9)
        assert fingerprints(limits(place=moved), limits(place=moved), acks(place=moved)) == before
        assert fingerprints(limits()) < before
        assert fingerprints(limits(symbol="shop.tasks.other")).isdisjoint(before)
        assert fingerprints(acks(code="CEL102")).isdisjoint(before)

    def test_suppressed_findings_are_marked(self) -> None:
        comment = place("shop/tasks.py", 1, 50, 56)
        hidden = [suppressed(acks(), comment, "it is idempotent"), suppressed(acks(), comment)]
        first, second, third = self.run_of(limits(), suppressed=hidden, show_suppressed=True)[
            "results"
        ]
        (suppression,) = first["suppressions"]
        region = {"startLine": 1, "startColumn": 50, "endLine": 1, "endColumn": 56}
        assert suppression.pop("location")["physicalLocation"]["region"] == region
        assert suppression == {"kind": "inSource", "justification": "it is idempotent"}
        assert "justification" not in second["suppressions"][0]
        assert (third["ruleId"], "suppressions" in third) == ("CEL201", False)

    def test_suppressed_findings_are_left_out_unless_asked_for(self) -> None:
        """GitHub would show them as if nothing had suppressed them."""
        twins = self.run_of(limits(), limits())["results"]
        later = limits(place=place("shop/tasks.py", 1, 30, 45))
        (result,) = self.run_of(later, suppressed=[suppressed(limits())])["results"]
        assert result["partialFingerprints"] == twins[1]["partialFingerprints"]

    def test_a_crash_is_no_success(self) -> None:
        crash = limits(code=INTERNAL_ERROR, place=place(".", 1, 1, 1), labels=(), label="")
        assert self.run_of(crash)["invocations"] == [{"executionSuccessful": False}]

    def test_a_finding_of_a_rule_that_is_not_listed(self) -> None:
        (result,) = self.run_of(limits(), rules=[])["results"]
        assert "ruleIndex" not in result


class TestGithub:
    COMMAND = re.compile(r"::(?P<command>\w+) (?P<properties>[^:]*)::(?P<message>.*)")

    def parsed(self, line: str) -> tuple[str, dict[str, str], str]:
        """A command as GitHub's runner reads it."""
        match = self.COMMAND.fullmatch(line)
        assert match
        properties = dict(pair.split("=", 1) for pair in match["properties"].split(","))
        return (
            match["command"],
            {name: self.unescaped(value) for name, value in properties.items()},
            self.unescaped(match["message"]),
        )

    def unescaped(self, text: str) -> str:
        assert "\r" not in text and "\n" not in text
        for escape, character in ("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","):
            text = text.replace(escape, character)
        return text.replace("%25", "%")

    def test_an_annotation(self) -> None:
        assert github.render(result_of(limits())) == (
            "::error file=shop/tasks.py,line=1,endLine=1,col=26,endColumn=45,"
            "title=CEL201 soft-limit-not-below-hard::"
            "shop/tasks.py:1:26: CEL201 [error] soft time limit of `été` (120 s) is not below"
            " its hard limit (60 s)"
            "%0Ashop/settings.py:1:1: hard limit of 60 s"
            "%0Aimpact: the task is killed before it can clean up"
            "%0Ahelp: set the soft limit below the hard one\n"
        )

    def test_a_span_of_several_lines_has_no_columns(self) -> None:
        assert github.render(result_of(acks(severity=Severity.INFO))) == (
            "::notice file=shop/tasks.py,line=1,endLine=3,title=CEL101 missing-acks-late::"
            "shop/tasks.py:1:1: CEL101 [info] `send` is acknowledged before it runs\n"
        )

    def test_the_log_has_all_of_the_concise_list(self) -> None:
        findings = [limits(symbol=str(number)) for number in range(30)] + [acks()]
        lines = github.render(result_of(*findings)).splitlines()
        heads = [self.parsed(line)[2].splitlines()[0] for line in lines]
        assert len(heads) == 31
        assert heads[-1].startswith("shop/tasks.py:1:1: CEL101 [warning] ")

    def test_nothing_is_lost_or_injected(self) -> None:
        path = "50%,a:b/::error::x.py"
        finding = limits(place=place(path, 1, 1, 2), message="100%\n::add-mask::x\r%0A")
        (line,) = github.render(result_of(finding)).splitlines()
        command, properties, message = self.parsed(line)
        assert (command, properties["file"]) == ("error", path)
        assert message.splitlines()[0] == f"{path}:1:1: CEL201 [error] 100%␊::add-mask::x␍%0A"

    def test_nothing_for_a_clean_run(self) -> None:
        assert github.render(result_of()) == ""


class TestGitlab:
    def test_an_issue(self) -> None:
        (issue,) = json.loads(gitlab.render(result_of(limits())))
        assert re.fullmatch("[0-9a-f]{32}", issue.pop("fingerprint"))
        assert issue == {
            "description": "CEL201: soft time limit of `été` (120 s) is not below its hard limit"
            " (60 s)",
            "check_name": "soft-limit-not-below-hard",
            "severity": "critical",
            "location": {"path": "shop/tasks.py", "lines": {"begin": 1}},
        }

    def test_severities(self) -> None:
        findings = [limits(severity=severity) for severity in Severity]
        issues = json.loads(gitlab.render(result_of(*findings)))
        assert [issue["severity"] for issue in issues] == ["critical", "major", "info"]

    def test_no_two_fingerprints_are_the_same(self) -> None:
        unnamed = acks(symbol="")
        findings = [limits(), limits(), limits(code="CEL202"), unnamed, unnamed, acks()]
        issues = json.loads(gitlab.render(result_of(*findings)))
        assert len({issue["fingerprint"] for issue in issues}) == len(findings)

    def test_an_empty_list_for_a_clean_run(self) -> None:
        assert gitlab.render(result_of(suppressed=[suppressed(limits())])) == "[]\n"


class TestJunit:
    def cases(self, *findings: Finding, **changes: Any) -> list[ElementTree.Element]:
        document = ElementTree.fromstring(junit.render(result_of(*findings, **changes)))
        (suite,) = document
        tests = list(suite)
        names = {(test.get("classname"), test.get("name"), test.get("file")) for test in tests}
        assert len(names) == len(tests), "GitLab ignores the second test of a name"
        assert suite.get("tests") == str(len(tests))
        assert suite.get("failures") == str(sum(len(test) for test in tests))
        return tests

    def test_a_clean_run_has_passed_a_test_for_each_rule(self) -> None:
        tests = self.cases()
        assert len(tests) == len(RULES)
        assert {(test.get("name"), len(test)) for test in tests} == {("no findings", 0)}

    def test_a_finding_is_a_failed_test(self) -> None:
        test, *others = self.cases(limits())
        assert len(others) == len(RULES) - 1
        assert test.attrib == {
            "classname": "celerylint.CEL201-soft-limit-not-below-hard",
            "name": "été",
            "file": "shop/tasks.py",
            "line": "1",
        }
        (failure,) = test
        message = "soft time limit of `été` (120 s) is not below its hard limit (60 s)"
        assert failure.attrib == {"type": "error", "message": message}
        assert failure.text == (
            f"shop/tasks.py:1:26: {message}\n"
            "shop/settings.py:1:1: hard limit of 60 s\n"
            "impact: the task is killed before it can clean up\n"
            "help: set the soft limit below the hard one"
        )

    def test_names_do_not_change_when_lines_move(self) -> None:
        before = self.cases(limits(), limits(), acks(symbol=""), rules=[])
        moved = place("shop/tasks.py", 9, 1, 2)
        after = self.cases(
            limits(place=moved), limits(place=moved), acks(symbol="", place=moved), rules=[]
        )
        names = [test.get("name") for test in before]
        assert names == ["été", "été (2)", "shop/tasks.py"]
        assert [test.get("name") for test in after] == names

    def test_what_xml_cannot_hold_is_replaced(self) -> None:
        (test,) = self.cases(limits(symbol="a\x00\x1b<&>\ufffe\ud800", message="\x00"), rules=[])
        assert test.get("name") == "a␀␛<&>\ufffd\ufffd"
        assert test[0].get("message") == "␀"


class TestJsonLines:
    def test_the_findings_of_the_json_report(self) -> None:
        result = result_of(limits(), acks())
        lines = jsonl.render(result).splitlines()
        assert [json.loads(line) for line in lines] == (
            json.loads(json_report.render(result))["findings"]
        )

    def test_nothing_for_a_clean_run(self) -> None:
        assert jsonl.render(result_of()) == ""


class TestRdjson:
    def test_a_diagnostic(self) -> None:
        document = json.loads(rdjson.render(result_of(limits())))
        line = TASKS.splitlines()[0]
        start = len(line[:25].encode()) + 1
        assert start == 28, "reviewdog counts bytes, and two letters before it have two"
        assert document == {
            "source": {"name": "celerylint"},
            "diagnostics": [
                {
                    "message": "soft time limit of `été` (120 s) is not below its hard limit"
                    " (60 s)\n"
                    "impact: the task is killed before it can clean up\n"
                    "help: set the soft limit below the hard one",
                    "location": {
                        "path": "shop/tasks.py",
                        "range": {
                            "start": {"line": 1, "column": start},
                            "end": {"line": 1, "column": start + 19},
                        },
                    },
                    "severity": "ERROR",
                    "code": {"value": "CEL201"},
                    "related_locations": [
                        {
                            "message": "hard limit of 60 s",
                            "location": {
                                "path": "shop/settings.py",
                                "range": {
                                    "start": {"line": 1, "column": 1},
                                    "end": {"line": 1, "column": 28},
                                },
                            },
                        }
                    ],
                }
            ],
        }

    def test_several_lines(self) -> None:
        (diagnostic,) = json.loads(rdjson.render(result_of(acks())))["diagnostics"]
        span = {"start": {"line": 1, "column": 1}, "end": {"line": 3, "column": 9}}
        assert diagnostic["location"]["range"] == span
        assert "related_locations" not in diagnostic

    @pytest.mark.parametrize("lines", ["", "only one\n"])
    def test_whole_lines_where_bytes_cannot_be_counted(self, shop: Path, lines: str) -> None:
        (shop / "shop/tasks.py").write_text(lines)
        where = place("shop/tasks.py", 1, 1, 9, end_line=3)
        (diagnostic,) = json.loads(rdjson.render(result_of(acks(place=where))))["diagnostics"]
        assert diagnostic["location"]["range"] == {"start": {"line": 1}, "end": {"line": 3}}

    def test_a_clean_run(self) -> None:
        assert json.loads(rdjson.render(result_of()))["diagnostics"] == []


class TestStatistics:
    FINDINGS = (acks(), limits(), limits(), acks(code="CEL102", name="explicit-early-ack"))

    def test_the_most_frequent_rule_comes_first(self) -> None:
        assert statistics.render(result_of(*self.FINDINGS)) == (
            "CODE    NAME                       SEVERITY  COUNT\n"
            "CEL201  soft-limit-not-below-hard  error     2\n"
            "CEL101  missing-acks-late          warning   1\n"
            "CEL102  explicit-early-ack         warning   1\n"
        )

    def test_nothing_for_a_clean_run(self) -> None:
        assert statistics.render(result_of()) == ""

    def test_json(self) -> None:
        document = json.loads(statistics.render_json(result_of(limits(), acks(), acks())))
        assert document == {
            "schema": 1,
            "statistics": [
                {
                    "code": "CEL101",
                    "name": "missing-acks-late",
                    "severity": "warning",
                    "count": 2,
                },
                {
                    "code": "CEL201",
                    "name": "soft-limit-not-below-hard",
                    "severity": "error",
                    "count": 1,
                },
            ],
        }


class TestCheckout:
    @pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
    def test_paths_are_those_of_the_repository(
        self, shop: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        """In a job that has changed to a folder of the checkout."""
        monkeypatch.setenv(variable, str(shop))
        monkeypatch.chdir(shop / "shop")
        result = result_of(limits(place=place("tasks.py", 1, 26, 45)))
        assert checkout_path("tasks.py") == "shop/tasks.py"
        assert checkout_path(str(shop / "setup.py")) == "setup.py"
        assert checkout_path("/elsewhere/tasks.py") == "/elsewhere/tasks.py"
        assert "file=shop/tasks.py," in github.render(result)
        assert '"path": "shop/tasks.py"' in gitlab.render(result)
        assert '"uri": "shop/tasks.py"' in sarif.render(result)
        assert 'file="shop/tasks.py"' in junit.render(result)
        # reviewdog does that itself.
        assert '"path": "tasks.py"' in rdjson.render(result)

    def test_another_project_than_that_of_the_job(
        self, shop: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(shop / "sh"))
        assert checkout_path("shop/tasks.py") == "shop/tasks.py"

    def test_a_link_to_the_checkout(self, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (shop / "link").symlink_to(shop / "shop")
        monkeypatch.setenv("CI_PROJECT_DIR", str(shop / "link"))
        assert checkout_path("shop/tasks.py") == "tasks.py"


class TestAction:
    """action.yml, whose last step is run with a stand-in for celerylint."""

    ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))

    def run_with(self, folder: Path, **inputs: str) -> list[str]:
        """The arguments that celerylint is called with."""
        step = self.ACTION["runs"]["steps"][-1]
        stand_in = folder / "celerylint"
        stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        stand_in.chmod(0o755)
        values = {name: given["default"] for name, given in self.ACTION["inputs"].items()}
        values |= inputs
        env = {"PATH": os.environ["PATH"], "CELERYLINT": str(stand_in)}
        for variable, expression in step["env"].items():
            (name,) = re.findall(r"^\$\{\{ inputs\.(\w+) \}\}$", expression)
            env[variable] = values[name]
        # As GitHub calls bash.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def test_defaults(self, tmp_path: Path) -> None:
        assert self.run_with(tmp_path) == ["check", "--output-format=github", "--", "."]

    def test_every_input(self, tmp_path: Path) -> None:
        arguments = self.run_with(
            tmp_path,
            path="my src",
            preset="strict",
            sarif="out dir/x.sarif",
            args="--fail-on never\n--ignore CEL101",
        )
        assert arguments == [
            "check",
            "--output-format=github",
            "--preset=strict",
            "--output=sarif=out dir/x.sarif",
            "--fail-on",
            "never",
            "--ignore",
            "CEL101",
            "--",
            "my src",
        ]

    @pytest.mark.parametrize("name", ["path", "preset", "sarif", "args"])
    def test_inputs_are_data(self, tmp_path: Path, name: str) -> None:
        arguments = self.run_with(tmp_path, **{name: "$(touch${IFS}x);`touch${IFS}x`"})
        assert any("$(touch${IFS}x);`touch${IFS}x`" in argument for argument in arguments)
        assert not Path("x").exists()
        assert all("${{" not in step["run"] for step in self.ACTION["runs"]["steps"])

    def test_the_page_describes_the_inputs(self) -> None:
        page = (REPOSITORY / "docs/ci.md").read_text(encoding="utf-8")
        _, _, table = page.partition("| input | |\n")
        rows, _, _ = table.partition("\n\n")
        assert re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE) == list(self.ACTION["inputs"])
