"""The reports over findings made by hand: what people and programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from celerylint.discover import Discovery, SourceFile
from celerylint.engine import Result
from celerylint.model.finding import Finding, Label, Severity
from celerylint.model.place import Place
from celerylint.model.project import App, Project
from celerylint.model.value import celery_default
from celerylint.report import concise, text
from celerylint.report import json as json_report
from celerylint.report.excerpt import excerpt
from celerylint.report.frame import Frames, Mark
from celerylint.report.markdown import render as render_markdown
from celerylint.report.source import Sources
from celerylint.report.style import Style, display_width, listed, printable, wrap
from celerylint.report.table import Cell, broken, table

PLAIN = Style(color=False)


def place(path: str, line: int, column: int, end_column: int, end_line: int | None = None) -> Place:
    return Place(path, line, column, end_line or line, end_column)


def soft_limit_finding(**changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "code": "CEL201",
        "name": "soft-limit-not-below-hard",
        "severity": Severity.ERROR,
        "message": "the soft limit of `shop.tasks.charge` never strikes",
        "place": place("shop/tasks.py", 3, 14, 33),
        "label": "120 s",
        "labels": (Label(place("shop/settings.py", 2, 1, 28), "the hard limit comes from here"),),
        "impact": "the task is killed before it can clean up",
        "help": "set `soft_time_limit` below 60",
        "task": "shop.tasks.charge",
    }
    return Finding(**{**fields, **changes})


def result_of(*findings: Finding, **changes: Any) -> Result:
    app = App(
        None, "shop.celery.app", place("shop/celery.py", 1, 1, 2), celery_default(None), {}, {}
    )
    project = Project("5.6.3", "uv.lock:512", [app], [], [], [], [], [], [])
    files = [SourceFile("shop/tasks.py", "/shop/tasks.py")]
    discovery = Discovery("/", files, [], {"tests": 2, "vendored": 1}, [])
    fields: dict[str, Any] = {"project": project, "discovery": discovery, "seconds": 1.5}
    return Result(list(findings), **{**fields, **changes})


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the findings point into, in the current folder."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/tasks.py").write_text(
        "from celery import shared_task\n"
        "\n"
        "@shared_task(soft_time_limit=120)\n"
        "def charge():\n"
        "    pass\n"
    )
    (tmp_path / "shop/settings.py").write_bytes(b"A = 1\r\nCELERY_TASK_TIME_LIMIT = 60\r\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def frame(source: str, *marks: Mark, width: int | None = None, folder: Path) -> str:
    (folder / "t.py").write_text(source, encoding="utf-8", newline="")
    return "\n".join(Frames(marks, "error", Sources(folder), PLAIN, width).lines())


class TestText:
    def test_a_finding_in_full(self, shop: Path) -> None:
        assert text.render(result_of(soft_limit_finding()), PLAIN) == (
            "shop/tasks.py:3:14: error[CEL201 soft-limit-not-below-hard] "
            "the soft limit of `shop.tasks.charge` never strikes\n"
            "  |\n"
            "3 | @shared_task(soft_time_limit=120)\n"
            "  |              ^^^^^^^^^^^^^^^^^^^ 120 s\n"
            "  |\n"
            "  ::: shop/settings.py:2:1\n"
            "  |\n"
            "2 | CELERY_TASK_TIME_LIMIT = 60\n"
            "  | --------------------------- the hard limit comes from here\n"
            "  |\n"
            "  = impact: the task is killed before it can clean up\n"
            "  = help: set `soft_time_limit` below 60\n"
            "  = docs: celerylint explain CEL201\n"
            "\n"
            "Found 1 error.\n"
            "Checked 0 tasks and 0 queues in 1 file, against Celery 5.6.3 (uv.lock:512).\n"
            "Skipped files and folders: 2 tests, 1 vendored.\n"
        )

    def test_source_that_has_gone_costs_only_the_frame(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        lines = text.render(result_of(soft_limit_finding()), PLAIN, quiet=True).splitlines()
        assert lines[1:4] == [
            "  = note: 120 s",
            "  ::: shop/settings.py:2:1: the hard limit comes from here",
            "  = impact: the task is killed before it can clean up",
        ]

    def test_clean(self) -> None:
        assert text.render(result_of(), PLAIN).startswith("All good: no findings.\nChecked 0 tasks")

    def test_quiet_and_clean_is_silent(self) -> None:
        assert text.render(result_of(), PLAIN, quiet=True) == ""

    def test_without_celery_it_does_not_say_all_good(self) -> None:
        result = result_of()
        result.project.apps.clear()
        assert text.render(result, PLAIN).startswith("No Celery app and no task found.\n")

    def test_the_summary_counts_by_severity(self) -> None:
        result = result_of(
            *(soft_limit_finding() for _ in range(2)),
            *(soft_limit_finding(severity=Severity.WARNING) for _ in range(3)),
            *(soft_limit_finding(severity=Severity.INFO) for _ in range(4)),
        )
        assert "Found 2 errors, 3 warnings and 4 info.\n" in text.render(result, PLAIN)

    def test_an_unknown_celery_version_is_said(self) -> None:
        result = result_of()
        result.project.celery_version = None
        assert "nothing pins a version (`--celery-version` tells it)" in text.render(result, PLAIN)

    def test_colours_only_when_asked_for(self, shop: Path) -> None:
        result = result_of(soft_limit_finding())
        assert "\x1b[" not in text.render(result, PLAIN)
        colored = text.render(result, Style(color=True))
        assert "\x1b[1;31merror[CEL201 soft-limit-not-below-hard]\x1b[0m" in colored

    def test_checked_files_cannot_steer_the_terminal(self, shop: Path) -> None:
        (shop / "shop/tasks.py").write_text("\n\n@shared_task('\x1b[31m\u202e', x=100)\n")
        finding = soft_limit_finding(message="task `a\x1b]0;b\nc`", help="\x07")
        report = text.render(result_of(finding), PLAIN)
        assert not set(report) & {"\x1b", "\x07", "\u202e"}
        assert "task `a␛]0;b␊c`" in report
        assert "3 | @shared_task('␛[31m�', x=100)" in report

    def test_words_stay_whole_on_narrow_terminals(self, shop: Path) -> None:
        report = text.render(result_of(soft_limit_finding(cause="x")), PLAIN, 60)
        assert report.startswith(
            "shop/tasks.py:3:14: error[CEL201 soft-limit-not-below-hard]\n"
            "the soft limit of `shop.tasks.charge` never strikes\n"
        )
        assert max(map(len, report.splitlines())) <= 60

    def test_is_the_same_every_time(self, shop: Path) -> None:
        findings = [soft_limit_finding(cause="x") for _ in range(5)]
        reports = {text.render(result_of(*findings, seconds=s), PLAIN) for s in (0.1, 2.0)}
        assert len(reports) == 1


class TestFolding:
    CAUSE = "setting `task_acks_late = True` at app.py:12 settles all of them"

    def findings(self, count: int) -> list[Finding]:
        return [
            soft_limit_finding(message=f"task {number}", cause=self.CAUSE)
            for number in range(count)
        ]

    def test_three_are_shown_and_the_rest_is_counted(self) -> None:
        report = text.render(result_of(*self.findings(61)), PLAIN)
        assert [f"task {n}\n" in report for n in (0, 1, 2, 3, 60)] == [True] * 3 + [False] * 2
        assert f"CEL201 soft-limit-not-below-hard: and 58 more; {self.CAUSE}\n" in report
        assert "Found 61 errors. 58 of them folded above; `--verbose` shows each.\n" in report

    def test_the_count_follows_the_third_also_among_other_findings(self) -> None:
        a, b, c, d = self.findings(4)
        other = soft_limit_finding(message="other")
        report = text.render(result_of(a, other, b, c, other, d), PLAIN, quiet=True)
        order = [report.index(part) for part in ("task 0", "task 1", "task 2", "and 1 more")]
        assert order == sorted(order)
        assert report.count("other") == 2
        assert report.rindex("other") > report.index("and 1 more")

    def test_a_few_are_all_shown_with_their_cause_once(self) -> None:
        report = text.render(result_of(*self.findings(2)), PLAIN)
        assert f"all 2; {self.CAUSE}\n" in report
        assert report.count(self.CAUSE) == 1
        assert "folded" not in report

    def test_one_alone_has_nothing_to_share(self) -> None:
        assert self.CAUSE not in text.render(result_of(*self.findings(1)), PLAIN)

    def test_the_same_cause_of_two_rules_is_two_groups(self) -> None:
        findings = [*self.findings(2), soft_limit_finding(code="CEL999", cause=self.CAUSE)]
        assert "all 2;" in text.render(result_of(*findings), PLAIN)

    def test_verbose_shows_all(self) -> None:
        report = text.render(result_of(*self.findings(61)), PLAIN, verbose=True)
        assert "task 60\n" in report
        assert "folded" not in report


class TestFrames:
    def test_two_spans_on_a_line(self, tmp_path: Path) -> None:
        source = "@shared_task(soft_time_limit=120, time_limit=60)\n"
        soft = Mark(place("t.py", 1, 14, 33), "the soft limit")
        hard = Mark(place("t.py", 1, 35, 48), "the hard limit strikes first", primary=True)
        assert frame(source, hard, soft, folder=tmp_path) == (
            "  |\n"
            "1 | @shared_task(soft_time_limit=120, time_limit=60)\n"
            "  |              -------------------  ^^^^^^^^^^^^^ the hard limit strikes first\n"
            "  |              |\n"
            "  |              the soft limit\n"
            "  |"
        )

    def test_a_span_inside_another_hangs(self, tmp_path: Path) -> None:
        outer = Mark(place("t.py", 1, 1, 17), "the decorator")
        inner = Mark(place("t.py", 1, 7, 10), "bind", primary=True)
        assert frame("@task(x=1, y=200)\n", inner, outer, folder=tmp_path) == (
            "  |\n"
            "1 | @task(x=1, y=200)\n"
            "  | ------^^^-------\n"
            "  | |     |\n"
            "  | |     bind\n"
            "  | the decorator\n"
            "  |"
        )

    def test_a_span_over_many_lines_is_bracketed_and_shortened(self, tmp_path: Path) -> None:
        source = "@task(\n    a=1,\n    b=2,\n    c=3,\n    d=4,\n)\ndef f(): ...\n"
        whole = Mark(place("t.py", 1, 1, 2, end_line=6), "no limit here", primary=True)
        name = Mark(place("t.py", 7, 5, 6), "this task")
        assert frame(source, whole, name, folder=tmp_path) == (
            "  |\n"
            "1 | / @task(\n"
            "2 | |     a=1,\n"
            "... |\n"
            "5 | |     d=4,\n"
            "6 | | )\n"
            "  | |_^ no limit here\n"
            "7 |   def f(): ...\n"
            "  |       - this task\n"
            "  |"
        )

    def test_brackets_side_by_side(self, tmp_path: Path) -> None:
        source = "f(\n  g(\n    1,\n  ),\n)\n"
        outer = Mark(place("t.py", 1, 1, 2, end_line=5), "outer", primary=True)
        inner = Mark(place("t.py", 2, 3, 4, end_line=4), "inner")
        assert frame(source, outer, inner, folder=tmp_path) == (
            "  |\n"
            "1 | /   f(\n"
            "2 | | /   g(\n"
            "3 | | |     1,\n"
            "4 | | |   ),\n"
            "  | | |___- inner\n"
            "5 | |   )\n"
            "  | |___^ outer\n"
            "  |"
        )

    def test_lines_between_are_shown_or_left_out(self, tmp_path: Path) -> None:
        source = "a\nb\nc\nd\ne\nf\ng\n"
        marks = [Mark(place("t.py", line, 1, 2), "", primary=line == 1) for line in (1, 3, 7)]
        assert frame(source, *marks, folder=tmp_path) == (
            "  |\n1 | a\n  | ^\n2 | b\n3 | c\n  | -\n...\n7 | g\n  | -\n  |"
        )

    def test_tabs_and_wide_characters_stay_aligned(self, tmp_path: Path) -> None:
        source = '\tq = "日本é\u0301" + x\n'
        mark = Mark(place("t.py", 1, source.index("x") + 1, source.index("x") + 2), "here", True)
        code, underline = frame(source, mark, folder=tmp_path).splitlines()[1:3]
        before, _, _ = code.partition("x")
        assert display_width(before) == underline.index("^")
        assert code.startswith("1 |     q")

    def test_a_wide_span_is_underlined_as_wide_as_it_is(self, tmp_path: Path) -> None:
        mark = Mark(place("t.py", 1, 1, 5), "", True)
        assert "\n  | ^^^^^^\n" in frame('"日本"\n', mark, folder=tmp_path)

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_line_ends_of_every_kind(self, tmp_path: Path, newline: str) -> None:
        source = newline.join(["a = 1", "# form\x0cfeed \u2028 ends no line", "b = 2", ""])
        mark = Mark(place("t.py", 3, 1, 2), "here", primary=True)
        assert "3 | b = 2\n  | ^ here\n" in frame(source, mark, folder=tmp_path)

    def test_other_encodings(self, tmp_path: Path) -> None:
        (tmp_path / "t.py").write_bytes("# coding: latin-1\nq = 'é'\n".encode("latin-1"))
        assert Sources(tmp_path).line("t.py", 2) == "q = 'é'"
        (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfq = 1\n")
        assert Sources(tmp_path).line("bom.py", 1) == "q = 1"
        (tmp_path / "broken.py").write_bytes(b"# coding: nonsense\nq = '\xff'\n")
        assert Sources(tmp_path).line("broken.py", 2) == "q = '�'"

    def test_long_lines_are_cropped_around_the_span(self, tmp_path: Path) -> None:
        source = "x" * 300 + "HERE" + "y" * 300 + "\n"
        mark = Mark(place("t.py", 1, 301, 305), "look", primary=True)
        _, code, underline, _ = frame(source, mark, width=60, folder=tmp_path).splitlines()
        assert len(code) <= 60
        assert code.startswith("1 | …xx")
        assert code.endswith("yy…")
        assert underline.index("^") == code.index("HERE")

    def test_long_lines_keep_their_beginning_where_the_span_is_in_it(self) -> None:
        shown = excerpt("task(" + "x" * 300, 40, (1, 5))
        assert shown.text == "task(" + "x" * 33 + "…"

    def test_labels_wrap_on_narrow_terminals(self, tmp_path: Path) -> None:
        mark = Mark(place("t.py", 1, 1, 5), "this label has more words than fit in it", True)
        assert frame("task()\n", mark, width=40, folder=tmp_path) == (
            "  |\n1 | task()\n  | ^^^^ this label has more words than\n  |      fit in it\n  |"
        )

    def test_labels_hang_where_there_is_no_room_beside_the_span(self, tmp_path: Path) -> None:
        mark = Mark(place("t.py", 1, 24, 34), "a label with words", True)
        assert frame("x" * 23 + "HERE_IT_IS\n", mark, width=40, folder=tmp_path) == (
            "  |\n"
            "1 | xxxxxxxxxxxxxxxxxxxxxxxHERE_IT_IS\n"
            "  |                        ^^^^^^^^^^\n"
            "  |                        |\n"
            "  |                        a label with words\n"
            "  |"
        )

    @pytest.mark.parametrize("column", [1, 5, 99])
    def test_columns_beyond_the_line_are_clamped(self, tmp_path: Path, column: int) -> None:
        mark = Mark(place("t.py", 1, column, column), "here", primary=True)
        assert "^ here" in frame("four\n", mark, folder=tmp_path)

    def test_an_empty_file_has_a_first_line(self, tmp_path: Path) -> None:
        mark = Mark(place("t.py", 1, 1, 1), "empty", primary=True)
        assert frame("", mark, folder=tmp_path) == "  |\n1 |\n  | ^ empty\n  |"


class TestOtherFormats:
    def test_concise(self) -> None:
        findings = [soft_limit_finding(), soft_limit_finding(severity=Severity.INFO)]
        message = "the soft limit of `shop.tasks.charge` never strikes"
        assert concise.render(result_of(*findings), PLAIN) == (
            f"shop/tasks.py:3:14: CEL201 [error] {message}\n"
            f"shop/tasks.py:3:14: CEL201 [info] {message}\n"
        )

    def test_json(self) -> None:
        assert json.loads(json_report.render(result_of(soft_limit_finding()))) == {
            "schema": 1,
            "findings": [
                {
                    "code": "CEL201",
                    "name": "soft-limit-not-below-hard",
                    "severity": "error",
                    "message": "the soft limit of `shop.tasks.charge` never strikes",
                    "help": "set `soft_time_limit` below 60",
                    "path": "shop/tasks.py",
                    "line": 3,
                    "column": 14,
                    "end_line": 3,
                    "end_column": 33,
                    "task": "shop.tasks.charge",
                    "trail": [
                        {
                            "path": "shop/settings.py",
                            "line": 2,
                            "text": "the hard limit comes from here",
                        }
                    ],
                }
            ],
            "summary": {
                "files": 1,
                "skipped": {"tests": 2, "vendored": 1},
                "apps": 1,
                "tasks": 0,
                "queues": 0,
                "beat": 0,
                "workers": 0,
                "findings": {"error": 1, "warning": 0, "info": 0},
                "suppressed": 0,
                "baselined": 0,
                "stale_baseline": [],
                "celery_version": {"value": "5.6.3", "source": "uv.lock:512"},
            },
        }

    def test_json_is_ascii_whatever_the_names_are(self) -> None:
        report = json_report.render(result_of(soft_limit_finding(task="été.\udcff")))
        assert report.isascii()
        assert json.loads(report)["findings"][0]["task"] == "été.\udcff"


class TestTables:
    ROWS = (
        (Cell("shop.tasks.reports.build_monthly"), Cell("billing")),
        (Cell("shop.mail"), Cell("email")),
    )

    def test_without_a_width_a_row_is_a_line(self) -> None:
        assert table(("NAME", "QUEUE"), self.ROWS, PLAIN, None) == [
            "NAME                              QUEUE",
            "shop.tasks.reports.build_monthly  billing",
            "shop.mail                         email",
        ]

    def test_narrow_tables_break_long_cells_at_dots(self) -> None:
        assert table(("NAME", "QUEUE"), self.ROWS, PLAIN, 30) == [
            "NAME                   QUEUE",
            "shop.tasks.reports.    billing",
            "build_monthly",
            "shop.mail              email",
        ]

    def test_very_narrow_tables_become_blocks(self) -> None:
        assert table(("NAME", "QUEUE"), self.ROWS, PLAIN, 16) == [
            "NAME   shop.",
            "       tasks.",
            "       reports.",
            "       build_mon",
            "       thly",
            "QUEUE  billing",
            "",
            "NAME   shop.mail",
            "QUEUE  email",
        ]

    def test_breaking_loses_nothing(self) -> None:
        assert broken("averylongnamewithoutdots.x", 8) == ["averylon", "gnamewit", "houtdots", ".x"]

    def test_colours_do_not_count(self) -> None:
        painted = table(("A", "B"), [(Cell("x", ("red",)), Cell("y"))], Style(color=True), None)
        assert painted[1] == "\x1b[31mx\x1b[0m  y"


class TestMarkdown:
    def test_a_page(self) -> None:
        page = (
            "# title\n\n"
            "Some *words* with `code`, **weight** and [a link](https://example.org/x), and\n"
            "[another rule](../limits/CEL202.md).\n\n"
            "- one entry that is long enough to wrap\n"
            "- two\n\n"
            '```python title="shop/tasks.py"\n@task\ndef f():\n\n    pass\n```\n'
            "| a | table |\n|---|---|\n| `x` | y |\n"
        )
        assert render_markdown(page, PLAIN, 34) == (
            "title\n\n"
            "Some *words* with `code`,\n"
            "weight and a link\n"
            "(https://example.org/x), and\n"
            "another rule.\n\n"
            "- one entry that is long enough to\n"
            "  wrap\n"
            "- two\n\n"
            "    [shop/tasks.py]\n"
            "    @task\n    def f():\n\n        pass\n\n"
            "a    table\n`x`  y\n"
        )

    def test_code_is_coloured_instead_of_quoted(self) -> None:
        assert render_markdown("a `b`", Style(color=True), 80) == "a \x1b[36mb\x1b[0m\n"

    def test_an_open_fence_ends_with_the_page(self) -> None:
        assert render_markdown("```\ncode", PLAIN, 80) == "    code\n"


def test_words() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert wrap("aa bb cc", 5) == ["aa bb", "cc"]
    assert wrap("", 5) == [""]
    assert wrap("aa bb cc", 5, used=3) == ["aa", "bb cc"]
    assert wrap("aa bb cc", 5, used=4) == ["", "aa bb", "cc"]
    assert printable("été\x00") == "été␀"
