"""Baselines: what they accept, what they notice, and which files they refuse."""

from __future__ import annotations

import json
import os
import random
import stat
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celerylint.baseline import Applied, Baseline, BaselineError, WriteSummary, load, write
from celerylint.catalogue import Catalogue, load_rules
from celerylint.model.finding import Finding, Severity
from celerylint.model.place import Place

CATALOGUE = load_rules()
ALL = frozenset(rule.code for rule in CATALOGUE.rules)
NAMES = {rule.code: rule.name for rule in CATALOGUE.rules}


def found(code: str, symbol: str = "", path: str = "shop/tasks.py", line: int = 1) -> Finding:
    place = Place(path, line, 1, line, 9)
    name = NAMES.get(code, code)
    return Finding(code, name, Severity.WARNING, "a message", place, symbol=symbol)


CHARGE = found("CEL101", "shop.tasks.charge", line=4)
REFUND = found("CEL101", "shop.tasks.refund", line=9)
UNUSED = [found("CEL003", line=line) for line in (2, 7, 8)]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "baseline.json"


def applied(file: Path, findings: list[Finding], catalogue: Catalogue = CATALOGUE) -> Applied:
    return load(file, catalogue).apply(findings, active=ALL)


def stale(file: Path, findings: list[Finding]) -> list[str]:
    return [str(entry) for entry in applied(file, findings).stale]


class TestFile:
    def test_an_entry_a_line_in_order(self, file: Path) -> None:
        write(file, [REFUND, *UNUSED, CHARGE], None, active=ALL)
        assert file.read_text(encoding="utf-8") == (
            "{\n"
            '  "schema": 1,\n'
            '  "findings": [\n'
            '    {"code": "CEL003", "path": "shop/tasks.py", "count": 3},\n'
            '    {"code": "CEL101", "symbol": "shop.tasks.charge", "count": 1},\n'
            '    {"code": "CEL101", "symbol": "shop.tasks.refund", "count": 1}\n'
            "  ]\n"
            "}\n"
        )

    def test_empty(self, file: Path) -> None:
        assert write(file, [], None, active=ALL) == WriteSummary(0, 0, 0)
        assert file.read_text(encoding="utf-8") == '{\n  "schema": 1,\n  "findings": []\n}\n'
        assert applied(file, [CHARGE]).kept == [CHARGE]

    def test_task_where_there_is_no_symbol(self, file: Path) -> None:
        finding = msgspec.structs.replace(found("CEL101"), task="shop.tasks.charge")
        write(file, [finding], None, active=ALL)
        assert applied(file, [CHARGE]).hidden == [CHARGE]

    def test_paths_are_those_from_the_baseline(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "ci" / "baseline.json"
        file.parent.mkdir()
        (tmp_path / "shop").mkdir()
        monkeypatch.chdir(tmp_path)
        write(Path("ci/baseline.json"), UNUSED, None, active=ALL)
        assert '"path": "../shop/tasks.py"' in file.read_text(encoding="utf-8")
        monkeypatch.chdir(tmp_path / "shop")
        here = [found("CEL003", path="tasks.py"), found("CEL003", path="shop/tasks.py")]
        assert applied(file, here).hidden == here[:1]

    def test_is_replaced_at_once(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(file, [CHARGE], None, active=ALL)
        before = file.read_bytes()

        def full(source: str, target: str) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(BaselineError, match="cannot be written: No space left on device"):
            write(file, [REFUND], None, active=ALL)
        assert file.read_bytes() == before
        assert os.listdir(file.parent) == [file.name]

    @pytest.mark.skipif(os.name == "nt", reason="the modes and links are those of Unix")
    def test_keeps_its_mode_and_a_link_to_it(self, file: Path) -> None:
        target = file.with_name("target.json")
        write(target, [], None, active=ALL)
        assert stat.S_IMODE(target.stat().st_mode) & 0o400
        target.chmod(0o664)
        file.symlink_to(target)
        write(file, [CHARGE], None, active=ALL)
        assert file.is_symlink()
        assert stat.S_IMODE(target.stat().st_mode) == 0o664
        assert applied(target, [CHARGE]).hidden == [CHARGE]


class TestApply:
    def test_parts_findings(self, file: Path) -> None:
        write(file, [CHARGE], None, active=ALL)
        assert applied(file, [REFUND, CHARGE]) == Applied([REFUND], [CHARGE], [])

    def test_the_same_symbol_of_another_rule(self, file: Path) -> None:
        write(file, [CHARGE], None, active=ALL)
        other = found("CEL202", CHARGE.symbol)
        assert applied(file, [CHARGE, other]).kept == [other]

    def test_more_than_accepted(self, file: Path) -> None:
        write(file, UNUSED[:2], None, active=ALL)
        assert applied(file, UNUSED) == Applied(UNUSED[2:], UNUSED[:2], [])

    def test_a_symbol_may_move_to_another_file_but_a_file_is_not_another(self, file: Path) -> None:
        write(file, [CHARGE, UNUSED[0]], None, active=ALL)
        moved = found("CEL101", CHARGE.symbol, path="shop/payment.py")
        other = found("CEL003", path="shop/payment.py")
        assert applied(file, [moved, other]).hidden == [moved]

    @pytest.mark.parametrize("code", ["CEL001", "CEL002"])
    def test_never_hides_what_celerylint_failed_at(self, file: Path, code: str) -> None:
        failure = found(code, "shop/tasks.py")
        assert write(file, [failure, CHARGE], None, active=ALL) == WriteSummary(1, 0, 0)
        assert applied(file, [failure, CHARGE]).kept == [failure]

    def test_not_even_under_another_name(self, file: Path) -> None:
        entry = {"code": "internal-error", "symbol": "CEL101", "count": 1}
        file.write_text(json.dumps({"schema": 1, "findings": [entry]}), encoding="utf-8")
        crash = found("CEL002", "CEL101")
        assert applied(file, [crash]).kept == [crash]


class TestStale:
    def test_gone_or_fewer(self, file: Path) -> None:
        write(file, [CHARGE, REFUND, *UNUSED], None, active=ALL)
        assert stale(file, [REFUND, UNUSED[0]]) == [
            "CEL003 shop/tasks.py (1 of 3 left)",
            "CEL101 shop.tasks.charge",
        ]
        assert stale(file, [CHARGE, REFUND, *UNUSED, found("CEL202")]) == []

    def test_not_of_rules_that_did_not_run(self, file: Path) -> None:
        write(file, [CHARGE, *UNUSED], None, active=ALL)
        entries = load(file, CATALOGUE).apply([], active={"CEL003"}).stale
        assert [entry.subject.code for entry in entries] == ["CEL003"]

    def test_of_rules_that_are_no_more(self, file: Path) -> None:
        write(file, [found("CEL999", "shop.tasks.charge")], None, active=ALL)
        assert stale(file, []) == ["CEL999 shop.tasks.charge"]

    @pytest.mark.parametrize("code", ["CEL001", "CEL002"])
    def test_not_while_findings_may_be_missing(self, file: Path, code: str) -> None:
        write(file, [CHARGE], None, active=ALL)
        assert stale(file, [found(code, "shop/tasks.py")]) == []


class TestWriteAgain:
    def test_prunes_and_adds(self, file: Path) -> None:
        assert write(file, [CHARGE, *UNUSED], None, active=ALL) == WriteSummary(4, 0, 0)
        old = load(file, CATALOGUE)
        summary = write(file, [REFUND, *UNUSED[:2]], old, active=ALL)
        assert summary == WriteSummary(added=1, removed=2, kept=2)
        assert stale(file, [REFUND, *UNUSED[:2]]) == []
        assert applied(file, [CHARGE]).kept == [CHARGE]

    def test_unchanged(self, file: Path) -> None:
        write(file, [CHARGE, *UNUSED], None, active=ALL)
        before = file.read_bytes()
        summary = write(file, [*UNUSED, CHARGE], load(file, CATALOGUE), active=ALL)
        assert summary == WriteSummary(added=0, removed=0, kept=4)
        assert file.read_bytes() == before

    def test_keeps_what_rules_that_did_not_run_have_found(self, file: Path) -> None:
        write(file, [CHARGE, *UNUSED], None, active=ALL)
        summary = write(file, [UNUSED[0]], load(file, CATALOGUE), active={"CEL003"})
        assert summary == WriteSummary(added=0, removed=2, kept=2)
        assert applied(file, [CHARGE]).hidden == [CHARGE]

    def test_keeps_everything_while_findings_may_be_missing(self, file: Path) -> None:
        write(file, [CHARGE, *UNUSED], None, active=ALL)
        crash = found("CEL002", "CEL101")
        summary = write(file, [crash, REFUND, UNUSED[0]], load(file, CATALOGUE), active=ALL)
        assert summary == WriteSummary(added=1, removed=0, kept=4)

    def test_drops_rules_that_are_no_more(self, file: Path) -> None:
        write(file, [found("CEL999", "shop.tasks.charge")], None, active=ALL)
        assert write(file, [], load(file, CATALOGUE), active=ALL) == WriteSummary(0, 1, 0)


class TestRenamedRules:
    RENAMED = Catalogue(CATALOGUE.rules, {"CEL150": "missing-acks-late", "early": "CEL101"})

    @pytest.mark.parametrize("code", ["CEL150", "early", "missing-acks-late", "CEL101"])
    def test_match(self, file: Path, code: str) -> None:
        write(file, [found(code, CHARGE.symbol)], None, active=ALL)
        assert applied(file, [CHARGE], self.RENAMED) == Applied([], [CHARGE], [])
        old = load(file, self.RENAMED)
        assert write(file, [CHARGE], old, active=ALL) == WriteSummary(0, 0, 1)
        assert '"CEL101"' in file.read_text(encoding="utf-8")

    def test_merge(self, file: Path) -> None:
        write(file, [found("CEL150", CHARGE.symbol), CHARGE], None, active=ALL)
        assert applied(file, [CHARGE] * 3, self.RENAMED).hidden == [CHARGE] * 2


class TestMistakes:
    """Each is named with its line, and with what to do."""

    def mistakes(self, file: Path, text: str) -> list[str]:
        file.write_text(text, encoding="utf-8")
        with pytest.raises(BaselineError) as caught:
            load(file, CATALOGUE)
        assert all(mistake.help for mistake in caught.value.mistakes)
        return str(caught.value).splitlines()

    def test_missing_file(self, file: Path) -> None:
        with pytest.raises(BaselineError, match=r"^baseline\.json:1:1: there is no such baseline$"):
            load(file, CATALOGUE)

    def test_a_folder(self, file: Path) -> None:
        file.mkdir()
        with pytest.raises(BaselineError, match="the baseline cannot be read: "):
            load(file, CATALOGUE)

    def test_no_folder_to_write_to(self, file: Path) -> None:
        with pytest.raises(
            BaselineError, match=r"^no/where\.json:1:1: .* be written: No such file"
        ):
            write(Path("no/where.json"), [], None, active=ALL)

    def test_not_utf_8(self, file: Path) -> None:
        file.write_bytes(b"\xff{}")
        with pytest.raises(BaselineError, match="the baseline is not UTF-8"):
            load(file, CATALOGUE)

    @pytest.mark.parametrize(
        ("text", "mistake"),
        [
            ("", "1:1: this is not JSON: Expecting value"),
            ('{"schema": 1,\n  x}', "2:3: this is not JSON: Expecting property name"),
            ("[" * 100_000, "1:1: this is not a baseline"),
            ('{"schema": ' + "1" * 5000 + "}", "1:1: "),
            ("[]", "1:1: a baseline is an object with `schema` and `findings`"),
            ("{}", "1:1: the baseline's `schema` is null, and not 1"),
            ('{"schema": true}', "1:1: the baseline's `schema` is true, and not 1"),
            ('{"schema": 2, "entries": []}', "1:1: the baseline's `schema` is 2, and not 1"),
            ('{"schema": 1}', "1:1: the baseline's `findings` is no list"),
            (
                '{"schema": 1, "findings": [], "finding": [], "a": 1}',
                "1:1: a baseline has no `a`, `finding`, only `schema` and `findings`",
            ),
        ],
    )
    def test_not_a_baseline(self, file: Path, text: str, mistake: str) -> None:
        (said,) = self.mistakes(file, text)
        assert said.startswith(f"baseline.json:{mistake}")

    def test_a_merge_conflict(self, file: Path) -> None:
        text = '{\n  "schema": 1,\n  "findings": [\n<<<<<<< HEAD\n=======\n>>>>>>> main\n  ]\n}\n'
        assert self.mistakes(file, text) == ["baseline.json:4:1: a merge conflict is left here"]

    @pytest.mark.parametrize(
        ("entry", "problem"),
        [
            ("7", "an entry is an object with `code`, `symbol` (or `path`) and `count`"),
            ('{"symbol": "a", "count": 1}', "`code` is missing, or is no text"),
            ('{"code": 101, "symbol": "a", "count": 1}', "`code` is missing, or is no text"),
            (
                '{"code": "CEL002", "symbol": "a", "count": 1}',
                "findings of CEL002 cannot be accepted",
            ),
            ('{"code": "CEL101", "count": 1}', "an entry has either a `symbol` or a `path`"),
            (
                '{"code": "CEL101", "symbol": "a", "path": "b", "count": 1}',
                "an entry has either a `symbol` or a `path`",
            ),
            (
                '{"code": "CEL101", "symbol": "", "count": 1}',
                "`symbol` is empty, or is no text",
            ),
            ('{"code": "CEL101", "path": 1, "count": 1}', "`path` is empty, or is no text"),
            ('{"code": "CEL101", "symbol": "a"}', "`count` is missing, or is no number from 1"),
            (
                '{"code": "CEL101", "symbol": "a", "count": 0}',
                "`count` is missing, or is no number from 1",
            ),
            (
                '{"code": "CEL101", "symbol": "a", "count": true}',
                "`count` is missing, or is no number from 1",
            ),
            (
                '{"code": "CEL101", "symbl": "b", "symbol": "a", "count": 1}',
                "unknown key `symbl`; did you mean `symbol`?",
            ),
        ],
    )
    def test_a_wrong_entry(self, file: Path, entry: str, problem: str) -> None:
        good = '{"code": "CEL101", "symbol": "] , {", "count": 1}'
        text = f'{{"schema": 1,\n "findings" : [\n  {good},\n\n  {good},\n {entry} ]}}'
        assert self.mistakes(file, text) == [f"baseline.json:6:2: {problem}"]

    def test_all_at_once(self, file: Path) -> None:
        text = '{"schema": 1, "findings": [\n{"code": "CEL101"},\n7]}'
        assert len(self.mistakes(file, text)) == 3

    def test_a_key_in_disguise(self, file: Path) -> None:
        assert self.mistakes(file, '{"schema": 1,\n "find\\u0069ngs": [7]}') == [
            "baseline.json:1:1: an entry is an object with `code`, `symbol` (or `path`) and `count`"
        ]

    def test_duplicates(self, file: Path) -> None:
        entry = {"code": "CEL101", "symbol": "a", "count": 1}
        text = json.dumps({"schema": 1, "findings": [entry, {**entry, "count": 2}]}, indent=1)
        assert self.mistakes(file, text) == [
            "baseline.json:9:3: there is another entry for CEL101 a"
        ]


FINDINGS = st.lists(
    st.builds(
        found,
        st.sampled_from(["CEL001", "CEL002", "CEL003", "CEL101", "CEL202", "CEL999"]),
        st.sampled_from(["", "a", "b.c"]) | st.text(max_size=3),
        st.sampled_from(["tasks.py", "a b/ü.py"]),
        st.integers(1, 99),
    )
)


def rewritten(findings: list[Finding], old: Baseline | None = None) -> Baseline:
    """The baseline that accepts these, by way of a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "baseline.json"
        write(file, findings, old, active=ALL)
        loaded = load(file, CATALOGUE)
        data = file.read_bytes()
        write(file, findings, loaded, active=ALL)
        assert file.read_bytes() == data
    return loaded


class TestProperties:
    @given(FINDINGS)
    def test_hides_all_that_was_written(self, findings: list[Finding]) -> None:
        result = rewritten(findings).apply(findings, active=ALL)
        assert {finding.code for finding in result.kept} <= {"CEL001", "CEL002"}
        assert not {finding.code for finding in result.hidden} & {"CEL001", "CEL002"}
        assert Counter(map(id, result.kept + result.hidden)) == Counter(map(id, findings))
        assert result.stale == []

    @given(FINDINGS, st.randoms(), st.integers(1, 50))
    def test_lines_and_order_change_nothing(
        self, findings: list[Finding], chance: random.Random, by: int
    ) -> None:
        baseline = rewritten(findings)
        moved = [
            msgspec.structs.replace(finding, place=Place(finding.place.path, by, 2, by, 3))
            for finding in findings
        ]
        chance.shuffle(moved)
        before, after = (baseline.apply(some, active=ALL) for some in (findings, moved))
        assert len(after.hidden) == len(before.hidden)
        assert after.stale == before.stale

    @given(FINDINGS, FINDINGS)
    def test_hides_no_more_than_was_accepted(self, old: list[Finding], new: list[Finding]) -> None:
        baseline = rewritten(old)
        result = baseline.apply(old + new, active=ALL)
        assert len(result.hidden) == len(baseline.apply(old, active=ALL).hidden)
        assert result.hidden == baseline.apply(result.hidden, active=ALL).hidden

    @given(FINDINGS, FINDINGS)
    def test_summary_adds_up(self, old: list[Finding], new: list[Finding]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "baseline.json"
            write(file, old, None, active=ALL)
            before = load(file, CATALOGUE)
            summary = write(file, new, before, active=ALL)
            after = load(file, CATALOGUE)
        assert summary.kept + summary.removed == sum(before.accepted.values())
        assert summary.kept + summary.added == sum(after.accepted.values())
