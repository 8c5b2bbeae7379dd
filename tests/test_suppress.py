"""Comments that suppress findings: where they reach, and what is wrong with them."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import textwrap
import tokenize
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celerylint.catalogue import Catalogue, load_rules
from celerylint.discover import SourceFile
from celerylint.model.finding import Finding, Severity
from celerylint.model.place import Place
from celerylint.questions import may_hold_directives
from celerylint.suppress import Suppressed, apply
from celerylint.suppress.comments import Block, comments_of

CATALOGUE = load_rules()
ALL = frozenset(rule.code for rule in CATALOGUE.rules)
REPOSITORY = Path(__file__).resolve().parent.parent

# Behind a line of a test's source: what is found there, and whether that is expected to be
# suppressed (=>) or kept (!>); `CEL101+2` ends two lines further down.
MARK = re.compile(r"\s*(?P<sign>=>|!>) (?P<code>[\w-]+)(?:\+(?P<more>\d+))?$")


class Checked:
    """A source without its marks, with the findings that they stand for."""

    def __init__(self, source: str, path: str) -> None:
        self.findings: list[Finding] = []
        self.suppressed: list[Finding] = []
        lines = textwrap.dedent(source).lstrip("\n").split("\n")
        for number, line in enumerate(lines, 1):
            if mark := MARK.search(line):
                lines[number - 1] = line[: mark.start()]
                finding = found(mark["code"], path, number, number + int(mark["more"] or 0))
                self.findings.append(finding)
                if mark["sign"] == "=>":
                    self.suppressed.append(finding)
        self.text = "\n".join(lines)


def found(code: str, path: str, line: int, end_line: int | None = None) -> Finding:
    name = next((rule.name for rule in CATALOGUE.rules if rule.code == code), code)
    place = Place(path, line, 1, end_line or line, 9)
    return Finding(code, name, Severity.WARNING, "a message", place, symbol="shop.tasks.charge")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def judge(
    source: str,
    path: str = "tasks.py",
    *,
    active: Collection[str] = ALL,
    locked: Collection[str] = (),
    catalogue: Catalogue = CATALOGUE,
) -> list[str]:
    """What is said about the comments of a source whose marks must come true, a line each."""
    checked = Checked(source, path)
    Path(path).write_text(checked.text, encoding="utf-8")
    result = suppressed_by(checked.findings, [path], active, locked, catalogue)
    assert [one.finding for one in result.suppressed] == checked.suppressed
    assert result.kept == [one for one in checked.findings if one not in checked.suppressed]
    return [f"{one.place.line}: {one.code} {one.message}" for one in result.problems]


def suppressed_by(
    findings: list[Finding],
    paths: list[str],
    active: Collection[str] = ALL,
    locked: Collection[str] = (),
    catalogue: Catalogue = CATALOGUE,
) -> Suppressed:
    files = [SourceFile(path, str(Path(path).absolute())) for path in paths]
    return apply(findings, files=files, catalogue=catalogue, active=active, locked=locked)


class TestReach:
    def test_behind_code(self) -> None:
        problems = judge(
            """
            app.conf.task_queues = []  # celerylint: ignore[CEL402] read elsewhere   => CEL402
            app.conf.task_queues = []  !> CEL402
            """
        )
        assert problems == []

    def test_only_the_rules_that_are_named(self) -> None:
        problems = judge(
            """
            ping = app.task(run)  # celerylint: ignore[CEL101] safe to lose  => CEL101
            pong = app.task(run)  # celerylint: ignore[CEL101] safe to lose  !> CEL202
            """
        )
        assert problems == [
            "2: CEL003 `CEL101` is suppressed, but finds nothing on this line",
        ]

    def test_several_rules_by_code_and_by_name(self) -> None:
        problems = judge(
            """
            # celerylint: ignore[CEL101, missing-time-limit] safe to lose
            ping = app.task(run)  => CEL101
            # celerylint: ignore [CEL101,CEL202 CEL301] safe to lose
            pong = app.task(run)  => CEL202
            """
        )
        assert problems == [
            "1: CEL003 `missing-time-limit` is suppressed, but finds nothing"
            " on the next line of code",
            "3: CEL003 `CEL101` is suppressed, but finds nothing on the next line of code",
            "3: CEL003 `CEL301` is suppressed, but finds nothing on the next line of code",
        ]

    def test_any_line_of_what_is_found(self) -> None:
        problems = judge(
            """
            ping = app.task(   => CEL101+3
                run,
                # celerylint: ignore[CEL101] safe to lose
                name="ping",
            )
            pong = app.task(   => CEL101+2
                run,
            )  # celerylint: ignore[CEL101] safe to lose
            """
        )
        assert problems == []

    def test_on_a_line_of_its_own_the_next_line_of_code_only(self) -> None:
        problems = judge(
            """
            # celerylint: ignore[CEL402] read elsewhere
            # celerylint: ignore[CEL401] the default will do
            # (they are old)

            app.conf.update(   => CEL402
                task_routes={},  !> CEL401
            )
            """
        )
        assert problems == [
            "2: CEL003 `CEL401` is suppressed, but finds nothing on the next line of code",
        ]

    def test_above_a_decorator_the_whole_definition(self) -> None:
        problems = judge(
            """
            # celerylint: ignore[CEL301] polls until it is there
            @app.task(   => CEL301
                bind=True,
                max_retries=None,  => CEL301
            )
            @traced
            def poll(
                self,
            ):
                def again():
                    raise self.retry()  => CEL301

                # a comment does not end it
            # even here

                again()  => CEL301
            raise_later = poll.retry()  !> CEL301
            """
        )
        assert problems == []

    def test_above_a_later_decorator_or_the_def_as_well(self) -> None:
        problems = judge(
            """
            @app.task
            # celerylint: ignore[CEL301] polls
            @traced
            # celerylint: ignore[CEL101] safe to lose
            async def poll(self):  => CEL101
                raise self.retry()  => CEL301
            """
        )
        assert problems == []

    def test_above_a_class_the_whole_class(self) -> None:
        problems = judge(
            """
            if celery:
                # celerylint: ignore[CEL301] polls
                class Poll(Task):
                    max_retries = None  => CEL301

                    def run(self):
                        raise self.retry()  => CEL301

                other = 1  !> CEL301
            """
        )
        assert problems == []

    def test_on_a_line_of_a_header_the_whole_header(self) -> None:
        problems = judge(
            """
            @app.task(   => CEL101
                bind=True,  # celerylint: ignore[CEL301] polls
                # celerylint: ignore[CEL301] polls
                max_retries=None,  => CEL301
            )
            @traced  # celerylint: ignore[CEL301, CEL202] short
            def poll(self):  # celerylint: ignore[CEL101, CEL202] safe to lose  => CEL202
                raise self.retry()  !> CEL301
            """
        )
        assert problems == []

    def test_what_is_found_about_a_whole_definition_is_on_the_line_of_its_header_too(self) -> None:
        assert not judge(
            """
            def poll(self):  # celerylint: ignore[CEL301] polls   => CEL301+1
                raise self.retry()
            """
        )

    def test_what_goes_beyond_a_definition_is_not_in_it(self) -> None:
        problems = judge(
            """
            # celerylint: ignore[CEL301] polls
            def run(self):
                poll()  !> CEL301+1
            poll()
            """
        )
        assert problems == [
            "1: CEL003 `CEL301` is suppressed, but finds nothing in this definition"
        ]

    def test_a_body_on_the_line_of_the_header(self) -> None:
        problems = judge(
            """
            # celerylint: ignore[CEL101] safe to lose
            @app.task  => CEL101
            def ping(): ...
            @app.task  !> CEL101
            def pong(): ...
            """
        )
        assert problems == []

    def test_a_comment_below_everything(self) -> None:
        problems = judge(
            """
            ping = app.task(run)  !> CEL101
            # celerylint: ignore[CEL101] too late
            """
        )
        assert problems == [
            "2: CEL003 `CEL101` is suppressed, but finds nothing on the next line of code",
        ]

    def test_a_whole_file(self) -> None:
        problems = judge(
            '''
            """Tasks."""
            ping = app.task(run)  => CEL101

            # celerylint: ignore-file[CEL101, CEL202] safe to lose
            def make():
                return app.task(run)  => CEL101
            '''
        )
        assert problems == ["4: CEL003 `CEL202` is suppressed, but finds nothing in this file"]

    def test_findings_of_other_files_do_not_count(self) -> None:
        Path("a.py").write_text("x = 1  # celerylint: ignore[CEL101] why\n", encoding="utf-8")
        Path("b.py").write_text("x = 1\n", encoding="utf-8")
        result = suppressed_by([found("CEL101", "b.py", 1)], ["a.py", "b.py"])
        assert result.suppressed == []
        assert [(one.code, one.place.path) for one in result.problems] == [("CEL003", "a.py")]

    def test_a_finding_in_a_file_that_was_not_asked_for(self) -> None:
        Path("a.py").write_text("x = 1  # celerylint: ignore[CEL101] why\n", encoding="utf-8")
        result = suppressed_by([found("CEL101", "a.py", 1)], [])
        assert len(result.suppressed) == 1

    def test_findings_without_a_file(self) -> None:
        findings = [found("CEL002", ".", 1), found("CEL001", "gone.py", 1)]
        assert suppressed_by(findings, ["gone.py"]).kept == findings


class TestNoqa:
    @pytest.mark.parametrize(
        "comment",
        [
            "# noqa: CEL101",
            "#noqa:CEL101",
            "# NOQA : cel101",
            "# noqa: CEL101, E501",
            "# noqa:E501 CEL101",
            "# noqa: E501,CEL101 because",
            "# type: ignore  # noqa: CEL101",
            "# noqa: E501  # noqa: CEL101",
        ],
    )
    def test_suppresses_what_it_names(self, comment: str) -> None:
        assert not judge(f"ping = app.task(run)  {comment}  => CEL101", active=ALL - {"CEL005"})

    @pytest.mark.parametrize(
        "comment",
        [
            "# noqa",
            "# noqa: E501",
            "# noqa CEL101",
            "# flake8: noqa: CEL101",
            "# x#noqa: CEL101",
        ],
    )
    def test_is_none_of_our_business(self, comment: str) -> None:
        assert not judge(f"ping = app.task(run)  {comment}  !> CEL101")

    def test_unused_codes_of_ours_only(self) -> None:
        assert judge("x = 1  # noqa: E501, CEL101, F401") == [
            "1: CEL003 `CEL101` is suppressed, but finds nothing on this line",
        ]

    def test_unknown_code(self) -> None:
        assert judge("x = 1  # noqa: E501, CEL4022") == [
            "1: CEL004 this suppresses nothing: unknown rule `CEL4022`; did you mean `CEL402`?",
        ]

    def test_is_never_about_the_next_line(self) -> None:
        problems = judge(
            """
            # noqa: CEL101
            @app.task  !> CEL101
            def ping(): ...
            """
        )
        assert problems == ["1: CEL003 `CEL101` is suppressed, but finds nothing on this line"]


class TestProblems:
    def test_place_is_the_rule_in_the_comment(self) -> None:
        Path("a.py").write_text(
            "x = 'ä'  # celerylint: ignore[CEL101, CEL999, missing-time-limit]\n", encoding="utf-8"
        )
        problems = suppressed_by([], ["a.py"]).problems
        assert [(one.code, one.place) for one in problems] == [
            ("CEL003", Place("a.py", 1, 31, 1, 37)),
            ("CEL004", Place("a.py", 1, 39, 1, 45)),
            ("CEL003", Place("a.py", 1, 47, 1, 65)),
        ]
        assert [one.severity.value for one in problems] == ["warning", "error", "warning"]

    @pytest.mark.parametrize(
        ("comment", "problem"),
        [
            ("ignore", "`ignore` names no rule"),
            ("ignore because", "`ignore` names no rule"),
            ("ignore CEL101 because", "`ignore` names no rule"),
            ("ignore[]", "`ignore` names no rule"),
            ("ignore[ , ] because", "`ignore` names no rule"),
            ("ignore[CEL101 because", "the bracket behind `ignore` is never closed"),
            ("ignroe[CEL101]", "`ignroe` is unknown; did you mean `ignore`?"),
            ("ignored", "`ignored` is unknown; did you mean `ignore`?"),
            ("disable[CEL101]", "`disable` is unknown"),
        ],
    )
    def test_not_well_formed(self, comment: str, problem: str) -> None:
        source = f"ping = app.task(run)  # celerylint: {comment}  !> CEL101"
        assert judge(source) == [f"1: CEL004 this suppresses nothing: {problem}"]

    def test_help_spells_the_comment_out(self) -> None:
        Path("a.py").write_text("x = 1  # celerylint: ignore\ny = 2\n", encoding="utf-8")
        findings = [found("CEL202", "a.py", 1), found("CEL101", "a.py", 1)]
        elsewhere = [found("CEL301", "a.py", 2), found("CEL301", "b.py", 1)]
        (problem,) = suppressed_by([*findings, *elsewhere], ["a.py"]).problems
        assert problem.help == "write `# celerylint: ignore[CEL101, CEL202] reason`"
        (problem,) = suppressed_by([], ["a.py"]).problems
        assert problem.help == "write `# celerylint: ignore[CODE] reason`"

    @pytest.mark.parametrize("comment", ["celerylint: see the handbook", "celerylint is run here"])
    def test_prose(self, comment: str) -> None:
        assert not judge(f"x = 1  # {comment}")

    def test_unknown_rule(self) -> None:
        problems = judge(
            """
            ping = app.task(run)  # celerylint: ignore[missing-ack-late] why  !> CEL101
            pong = app.task(run)  # celerylint: ignore[CEL101a, CEL1] why  !> CEL101
            """
        )
        assert problems == [
            "1: CEL004 this suppresses nothing: unknown rule `missing-ack-late`;"
            " did you mean `missing-acks-late`?",
            "2: CEL004 this suppresses nothing: unknown rule `CEL101a`; did you mean `CEL101`?",
            "2: CEL004 this suppresses nothing: `CEL1` is only the start of a code",
        ]

    def test_a_rule_by_a_name_it_once_had(self) -> None:
        renamed = Catalogue(CATALOGUE.rules, {"early-ack": "missing-acks-late"})
        source = "ping = app.task(run)  # celerylint: ignore[early-ack] why  => CEL101"
        assert not judge(source, catalogue=renamed)

    @pytest.mark.parametrize(
        "source",
        [
            "    # celerylint: ignore-file[CEL101] why\nx = 1",
            "x = 1  # celerylint: ignore-file[CEL101] why",
            "x = (\n# celerylint: ignore-file[CEL101] why\n1)",
        ],
    )
    def test_a_file_is_ignored_at_its_top_level(self, source: str) -> None:
        Path("a.py").write_text(source, encoding="utf-8")
        (problem,) = suppressed_by([found("CEL101", "a.py", 1)], ["a.py"]).problems
        assert problem.message.endswith("`ignore-file` stands within the code")
        assert problem.help == "put it on a line of its own that is not indented, or write `ignore`"

    def test_rules_about_comments(self) -> None:
        problems = judge("x = 1  # celerylint: ignore[unused-suppression] why")
        assert problems == [
            "1: CEL004 this suppresses nothing: `unused-suppression` is about comments like this,"
            " and none suppresses it",
        ]

    @pytest.mark.parametrize("locked", ["CEL101", "missing-acks-late"])
    def test_locked(self, locked: str) -> None:
        problems = judge(
            """
            ping = app.task(run)  # celerylint: ignore[CEL101, CEL202]  !> CEL101
            pong = app.task(run)  # noqa: CEL202 short   => CEL202
            """,
            locked={locked},
        )
        assert problems == [
            "1: CEL004 this suppresses nothing: `CEL101` is locked, and no comment suppresses it",
            "1: CEL003 `CEL202` is suppressed, but finds nothing on this line",
        ]

    def test_a_rule_that_did_not_run_is_not_unused(self) -> None:
        source = "x = 1  # celerylint: ignore[CEL101, CEL202] why"
        assert judge(source, active=ALL - {"CEL202"}) == [
            "1: CEL003 `CEL101` is suppressed, but finds nothing on this line",
        ]

    @pytest.mark.parametrize("code", ["CEL001", "CEL002"])
    def test_nothing_is_unused_while_findings_may_be_missing(self, code: str) -> None:
        Path("a.py").write_text(
            "x = 1  # celerylint: ignore[CEL101, CEL999] why\n", encoding="utf-8"
        )
        problems = suppressed_by([found(code, "b.py", 1)], ["a.py"]).problems
        assert [one.code for one in problems] == ["CEL004"]

    def test_problems_of_rules_that_did_not_run(self) -> None:
        source = "x = 1  # celerylint: ignore[CEL101, CEL999]"
        assert judge(source, active=ALL - {"CEL003", "CEL004"}) == []

    def test_used_by_two_comments(self) -> None:
        problems = judge(
            """
            # celerylint: ignore-file[CEL101] a demonstration
            # celerylint: ignore[CEL101] safe to lose
            ping = app.task(run)  # noqa: CEL101   => CEL101
            """,
            active=ALL - {"CEL005"},
        )
        assert problems == []


class TestReasons:
    @pytest.mark.parametrize(
        ("comment", "reason"),
        [
            ("celerylint: ignore[CEL101] safe to lose", "safe to lose"),
            ("celerylint: ignore[CEL101]: safe to lose.", "safe to lose."),
            ("celerylint: ignore[CEL101] -- see #123", "see #123"),
            ("celerylint: ignore[CEL101] #123", "#123"),
            ("celerylint:ignore[CEL101]— so", "so"),
            ("celerylint: ignore[CEL101] why  # noqa: E501", "why"),
            ("noqa: E501, CEL101 safe to lose", "safe to lose"),
            ("noqa: CEL101 - safe", "safe"),
            ("celerylint: ignore[CEL101]", ""),
            ("celerylint: ignore[CEL101] --", ""),
            ("celerylint: ignore[CEL101] # type: ignore", ""),
            ("noqa: CEL101, E501", ""),
        ],
    )
    def test_reason(self, comment: str, reason: str) -> None:
        Path("a.py").write_text(f"x = 1  # {comment}\n", encoding="utf-8")
        result = suppressed_by([found("CEL101", "a.py", 1)], ["a.py"])
        assert [one.reason for one in result.suppressed] == [reason]
        codes = [one.code for one in result.problems]
        assert codes == ([] if reason else ["CEL005"])

    def test_without_one(self) -> None:
        problems = judge(
            """
            # celerylint: ignore[CEL101, CEL301, missing-time-limit]
            @app.task  => CEL101
            def poll(): ...  => CEL202
            x = 1  # celerylint: ignore[CEL101]
            """
        )
        assert problems == [
            "1: CEL005 `CEL101`, `missing-time-limit` suppressed without a reason",
            "1: CEL003 `CEL301` is suppressed, but finds nothing in this definition",
            "4: CEL003 `CEL101` is suppressed, but finds nothing on this line",
        ]


class TestOtherLanguages:
    def test_compose(self) -> None:
        problems = judge(
            """
            services:
              # celerylint: ignore[CEL401] one queue is enough
              worker:  => CEL401
                command: "celery worker"  # celerylint: ignore[CEL402] why  => CEL402
                labels: ['# celerylint: ignore[CEL101]', don't]  # noqa: CEL101 don't   => CEL101
              beat:
                command: celery beat -l"#"  !> CEL401
            """,
            "compose.yaml",
            active=ALL - {"CEL005"},
        )
        assert problems == []

    def test_dockerfile(self) -> None:
        problems = judge(
            """
            # celerylint: ignore-file[CEL402] why
            FROM python   => CEL402
            RUN echo 'it''s # celerylint: ignore[CEL101]' isn't#celerylint: ignore[CEL101]
            # celerylint: ignore[CEL401] why

            CMD celery \\   => CEL401
                worker
            """,
            "Dockerfile",
        )
        assert problems == []

    def test_procfile(self) -> None:
        problems = judge(
            """
            worker: celery worker -Q a,b  # celerylint: ignore[CEL402] why   => CEL402
            # celerylint: ignore[CEL402]
            """,
            "Procfile",
        )
        assert problems == [
            "2: CEL003 `CEL402` is suppressed, but finds nothing on the next line of code",
        ]


class TestComments:
    @pytest.mark.parametrize(
        "code",
        [
            "x = '# celerylint: ignore[CEL101]'",
            'x = "\\"# celerylint: ignore[CEL101]"',
            "x = r'\\' # celerylint: ignore[CEL101]'",
            "x = '\\\n# celerylint: ignore[CEL101]'",
            'x = """\n# celerylint: ignore[CEL101]\n"""',
            'x = Rb"""\n"" # celerylint: ignore[CEL101]\n"""',
            "x = f'{y:# celerylint: ignore[CEL101]}'",
            "x = f'{{ # celerylint: ignore[CEL101]'",
            "x = f'\\N{NUMBER SIGN} # celerylint: ignore[CEL101]'",
            "x = f'\\{y} # celerylint: ignore[CEL101]'",
            "x = f'''{y:{z}\n}' # celerylint: ignore[CEL101]'''",
            "x = f'{y:{z:}}{{# celerylint: ignore[CEL101]'",
            # Since Python 3.12:
            'x = f"{y["# celerylint: ignore[CEL101]"]}"',
            'x = f"{f"{f" # celerylint: ignore[CEL101]"}"}"',
            # Since Python 3.14:
            "x = t'{y['# celerylint: ignore[CEL101]']}'",
        ],
    )
    def test_in_a_string(self, code: str) -> None:
        assert comments_of("a.py", f"{code}\ny = 1") == []

    @pytest.mark.parametrize(
        "code",
        [
            "x = f'{y}'",
            "x = f'{y!r:>{z}}'",
            "x = f'{y}}}' f''",
            "x = f'{y:%H:%M}' ''",
            'x = f"{y["k"]}"',
            'x = f"{ {1: lambda: 2}[1] }"',
            "x = f'{y:{'#'}}'",
            "x = rf'\\{y}'",
            "except A, B:",
            "type X[T] = list[T]",
            "x = 'never closed",
            "x = f'never closed",
            "x = f'never closed {y:",
            "x = (",
            "x = ]",
            "x = f'{never closed'",
            "$ ?",
        ],
    )
    def test_behind_code(self, code: str) -> None:
        if "closed" in code:
            (comment,) = comments_of("a.py", f"{code}\n# here")
            assert (comment.line, comment.column) == (2, 1)
        else:
            (comment,) = comments_of("a.py", f"{code}  # here")
            assert (comment.line, comment.column, comment.own_line) == (1, len(code) + 3, False)

    def test_within_an_f_string(self) -> None:
        for before, after in ("{\n  y", "\n}"), ("{y:{{\n  z", "\n}}}"):
            (comment,) = comments_of("a.py", f"x = f'''{before}  # here{after}'''")
            assert (comment.line, comment.column, comment.text) == (2, 6, "# here")

    def test_behind_a_string_of_several_lines(self) -> None:
        for quoted in ('"""\n"""', 'f"""\n"""', 'f"""{\n1}"""'):
            (comment,) = comments_of("a.py", f"x = {quoted}  # here")
            assert (comment.line, comment.own_line, comment.about) == (2, False, 2)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends(self, end: str) -> None:
        (comment,) = comments_of("a.py", end.join(["x = 1", "# here", "\f", "y = 2", ""]))
        assert (comment.line, comment.text, comment.about) == (2, "# here", 4)

    def test_a_form_feed_ends_an_indent(self) -> None:
        agree_with_python("# here\n\f@task\ndef f():\n    pass\n  \fx = 1\n")

    def test_byte_order_mark_and_encoding(self) -> None:
        text = "x = 'ä'  # celerylint: ignore[CEL101] why"
        for data in (
            text.encode("utf-8-sig"),
            b"# coding: latin-1\n" + text.encode("latin-1"),
            text.encode("latin-1"),
            b"# coding: nonsense\n" + text.encode(),
            b"# coding: hex\n" + text.encode(),
        ):
            Path("a.py").write_bytes(data)
            lines = data.count(b"\n") + 1
            result = suppressed_by([found("CEL101", "a.py", lines)], ["a.py"])
            assert [one.place.column for one in result.suppressed] == [31]

    def test_agree_with_python(self) -> None:
        """Comments as `tokenize` finds them, definitions as `ast` does."""
        paths = sorted((REPOSITORY / "celerylint").rglob("*.py"))[::3]
        for path in [*paths, Path(__file__)]:
            agree_with_python(path.read_text(encoding="utf-8"))

    @pytest.mark.filterwarnings("ignore:invalid escape sequence")
    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [*"xf'\"{}():=#\\\n ", '"""', "!r", "    ", "@x\n", "def f():", "class C:", "x\n"]
            )
        ).map("".join)
    )
    def test_any_text(self, text: str) -> None:
        lines = text.split("\n")
        for comment in comments_of("a.py", text):
            assert lines[comment.line - 1][comment.column - 1 :].rstrip() == comment.text
            assert comment.about is None or comment.about >= comment.line
        with contextlib.suppress(SyntaxError, tokenize.TokenError):
            agree_with_python(text)

    def test_words_that_are_looked_for(self) -> None:
        assert may_hold_directives(b"x = 1  # celerylint: ignore")
        assert may_hold_directives(b"x = 1  # NOQA:E501,CEL101")
        assert not may_hold_directives(b"x = 1  # noqa: E501\ny = 'CEL101'")


def agree_with_python(text: str) -> None:
    tree = ast.parse(text)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = comments_of("a.py", text)
    assert [(one.line, one.column, one.text) for one in comments] == [
        (token.start[0], token.start[1] + 1, token.string.rstrip())
        for token in tokens
        if token.type == tokenize.COMMENT
    ]

    definitions = {
        min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]): node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    lines = text.split("\n")
    for first in sorted(definitions, reverse=True):
        lines.insert(first - 1, "# above a definition")
    assert [
        comment.block
        for comment in comments_of("a.py", "\n".join(lines))
        if comment.text == "# above a definition"
    ] == [
        Block("definition", _shifted(first, definitions), _shifted(node.end_lineno, definitions))
        for first, node in sorted(definitions.items())
    ]


def _shifted(line: int | None, inserted_at: Collection[int]) -> int:
    """A line's number once a line has been inserted before each of some lines."""
    assert line is not None
    return line + sum(other <= line for other in inserted_at)
