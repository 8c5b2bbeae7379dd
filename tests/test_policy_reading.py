"""Reading policies: every mistake, where it stands, and what was meant."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
import tomli
from policy_projects import known, place_of, policy, project, read, task

from celerylint.catalogue import RuleError, load_rules
from celerylint.checks.page import read_rule
from celerylint.policy import PolicyErrors, PolicySource, load_policies, sources_in


def mistakes(text: str) -> list[tuple[str, str, str]]:
    """Where, what and what was meant instead, for everything that is wrong."""
    with pytest.raises(PolicyErrors) as caught:
        policy(text)
    return [
        (
            mistake.place.path.removeprefix("policy.0").lstrip("."),
            mistake.message,
            mistake.suggestion,
        )
        for mistake in caught.value.mistakes
    ]


def test_reads_everything() -> None:
    read_policy = policy(
        """
        name = "ours"
        select = { task = ["billing.*", "/refund$/", "tasks.pay"], path = "src/*", app = "shop" }
        when = { bind = true }
        require = { time_limit = "<= 600" }
        forbid = { queue = "celery" }
        severity = "error"
        unknown = "warning"
        locked = true
        allow-empty = true
        owner = "payments"
        docs = ["https://wiki.example.com/celery"]
        message = "{task} is {value}"
        impact = "money is lost"
        help = "ask {owner}"
        [[policy.example]]
        title = "short"
        good = true
        files."a/b.py" = "x = 1"
        """
    )
    assert str(read_policy.select) == (
        "task billing.* or /refund$/ or tasks.pay, in src/*, of app shop"
    )
    assert [str(each["time_limit"]) for each in (read_policy.require,)] == ["<= 600"]
    assert (read_policy.severity, read_policy.unknown) == ("error", "warning")
    assert read_policy.locked and read_policy.allow_empty
    assert read_policy.owner == "payments"
    (example,) = read_policy.examples
    assert (example.title, example.good, example.files) == ("short", True, {"a/b.py": "x = 1"})


def test_needs_little() -> None:
    read_policy = policy('select = { task = "*" }\nrequire = { acks_late = true }')
    assert (read_policy.severity, read_policy.unknown) == ("warning", "ignore")
    assert not (read_policy.locked or read_policy.allow_empty or read_policy.examples)


def test_says_everything_that_is_wrong_at_once() -> None:
    found = mistakes(
        """
        name = "Billing Tasks"
        select = { tasks = "billing.*", task = "billing.*" }
        require = { ack_late = true, time_limit = "abc" }
        forbid = { queue = 3 }
        severity = "eror"
        lokced = true
        owner = 3
        docs = "https://wiki.example.com"
        message = "{tsk}"
        [[policy.example]]
        good = "yes"
        files = { "../a.py" = "" }
        """
    )
    assert found == [
        ("docs", "`docs`: expected a list, got a text", ""),
        ("example.0.files.../a.py", "`../a.py` is no path below the example's folder", ""),
        ("example.0.good", "`good`: expected true or false, got a text", ""),
        (
            "forbid.queue",
            '`queue`: expected a text, or a pattern such as "billing.*" or "/^billing/", or one of'
            ' "set", "unset", "none"; got 3',
            '"3"',
        ),
        ("lokced", "unknown key `lokced`", "locked"),
        (
            "message",
            "`message`: there is no {tsk}, only {name}, {option}, {value}, {expected}, {owner},"
            " {task}",
            "task",
        ),
        ("name", "`Billing Tasks` is not kebab-case, such as `billing-limits`", ""),
        ("owner", "`owner`: expected a text, got a number", ""),
        ("require.ack_late", "a task has no `ack_late`", "acks_late"),
        (
            "require.time_limit",
            '`time_limit`: expected a number of seconds, or a comparison such as "<= 600", or one'
            ' of "set", "unset", "none"; got "abc"',
            "",
        ),
        ("select.tasks", "`tasks` is nothing that can be selected", "task"),
        ("severity", "`severity`: invalid enum value 'eror'", "error"),
    ]


BASE = 'select = { task = "*" }\nrequire = { acks_late = true }\n'


@pytest.mark.parametrize(
    ("text", "where", "message", "suggestion"),
    [
        ("require = { bind = true }", "", "the key `select` is missing", ""),
        ('select = { task = "*" }', "", "a policy needs something to `require` or to `forbid`", ""),
        ('select = { task = "*" }\nrequire = {}', "", "a policy needs something to", ""),
        ("select = {}\nrequire = { x = 1 }", "select", "select one of task, setting, queue,", ""),
        ('select = { path = "a" }\nrequire = { x = 1 }', "select", "select one of task,", ""),
        (
            'select = { task = "*", queue = "*" }\nrequire = { name = "x" }',
            "select",
            "selects `task` and `queue`: a policy is about one kind of thing",
            "",
        ),
        (
            "select = { task = [] }\nrequire = { bind = true }",
            "select.task",
            "`task`: an empty name selects nothing",
            "",
        ),
        (
            'select = { task = "/(/" }\nrequire = { bind = true }',
            "select.task",
            "`task`: `/(/` is no regular expression: missing ), unterminated subpattern",
            "",
        ),
        (
            'select = { task = "*", path = ["a", "b"] }\nrequire = { bind = true }',
            "select.path",
            "`path`: one pattern, not a list",
            "",
        ),
        (
            "select = { task = 3 }\nrequire = { bind = true }",
            "select",
            "`select`: expected a text or a list, got a number",
            "",
        ),
        (
            'select = { queue = "*", app = "shop" }\nrequire = { declared = true }',
            "select.app",
            "queues belong to no app",
            "",
        ),
        (
            'select = { setting = "task_serialiser" }\nrequire = { value = "json" }',
            "select.setting",
            "Celery has no setting `task_serialiser`",
            "task_serializer",
        ),
        (
            'select = { setting = ["timezone", "CELERY_ACKS_LATE"] }\nrequire = { value = true }',
            "select.setting.1",
            "Celery has no setting `CELERY_ACKS_LATE`",
            "task_acks_late",
        ),
        (
            'select = { setting = "CELERY_TASK_ACKS_LATE" }\nrequire = { value = true }',
            "select.setting",
            "Celery has no setting `CELERY_TASK_ACKS_LATE`",
            "task_acks_late",
        ),
        (
            'select = { call = "*" }\nrequire = { acks_late = true }',
            "require.acks_late",
            "a call has no `acks_late`",
            "",
        ),
        (
            BASE + "when = { CELERY_ACKS_LATE = true }",
            "when.CELERY_ACKS_LATE",
            "a task has no `CELERY_ACKS_LATE`",
            "acks_late",
        ),
        (BASE + 'unknown = "ignroe"', "unknown", "`unknown`: invalid enum value", "ignore"),
        (BASE + 'message = ""', "message", "`message`: expected a text of length >= 1", ""),
        (
            BASE + 'help = "a { alone"',
            "help",
            "`help`: expected '}' before end of string; a brace that is meant is written twice",
            "",
        ),
        (BASE + 'impact = "{0}"', "impact", "`impact`: there is no {0}, only {name}", ""),
        (BASE + "example = 3", "example", "`example`: expected a list, got a number", ""),
        (BASE + "example = [3]", "example.0", "an example is a table, [[policy.example]]", ""),
        (BASE + "[[policy.example]]", "example.0", "the key `good` is missing", ""),
        (
            BASE + "[[policy.example]]\ngood = true\nfiles = {}",
            "example.0.files",
            "`files`: expected a table of length >= 1",
            "",
        ),
        (
            BASE + "[[policy.example]]\ngood = true\nfiles = { '/a.py' = '' }\ncode = ''",
            "example.0.code",
            "unknown key `code`",
            "",
        ),
    ],
)
def test_mistakes(text: str, where: str, message: str, suggestion: str) -> None:
    found = mistakes(text)
    assert any(
        place == where and said.startswith(message) and meant == suggestion
        for place, said, meant in found
    ), found


@pytest.mark.parametrize(
    ("condition", "message", "suggestion"),
    [
        ('acks_late = "true"', '`acks_late`: expected true or false, or one of "set"', "true"),
        ("acks_late = 1", "`acks_late`: expected true or false, or one of", ""),
        ('acks_late = "<= 3"', "`acks_late`: expected true or false; `<=` compares numbers", ""),
        ("max_retries = true", "`max_retries`: expected a number, or a comparison such as", ""),
        ('max_retries = "5"', "`max_retries`: expected a number, or a comparison such as", "5"),
        ('max_retries = "few"', '"set", "unset", "none"; got "few"', ""),
        ('max_retries = "<= few"', "compares with a number or with another field that is one", ""),
        ('time_limit = "> sotf_time_limit"', '"sotf_time_limit" is neither', "soft_time_limit"),
        ('time_limit = "> queue"', 'that is one, and "queue" is neither', ""),
        ('time_limit = "> time_limit"', "`>` compares it with itself", ""),
        ('acks_late = "!= 3"', "`acks_late`: expected true or false; `!=` compares numbers", ""),
        ('time_limit = "<="', 'that is one, and "" is neither', ""),
        ('queue = ""', '`queue`: an empty text; "none" is what stands for no value', ""),
        ('queue = "> 3"', "or a pattern such as", ""),
        ('queue = "/(/"', "`queue`: `/(/` is no regular expression: missing )", ""),
        ("queue = true", '`queue`: expected a text, or a pattern such as "billing.*"', ""),
        ("queue = 2024-01-01", "got 2024-01-01", ""),
        ("queue = []", "`queue`: one of an empty list is nothing at all", ""),
        ('queue = ["a", ["b"]]', "`queue`: a list within a list; one list of what is allowed", ""),
        ('queue = { nto = "a" }', "`queue`: the only key here is `not`, and this is `nto`", ""),
        ("queue = {}", "`queue`: an empty table expects nothing", ""),
        ("queue = { not = 3 }", "`queue`: expected a text", '"3"'),
        ('routed_by = "routes"', '`routed_by` is never "routes", only one of "option"', "route"),
        ('routed_by = ["route", "defualt"]', '`routed_by` is never "defualt"', "default"),
        ('routed_by = "!= routes"', '`routed_by` is never "routes"', "route"),
        ('retry_kwargs = "x"', "`retry_kwargs`: expected true (it holds something) or false", ""),
        ('has_retry = "yes"', "`has_retry`: expected true or false", ""),
        ("autoretry_for = 3", "for each of its members", '"3"'),
    ],
)
def test_wrong_conditions(condition: str, message: str, suggestion: str) -> None:
    for key in ("when", "require", "forbid"):
        more = "require = { bind = true }\n" if key == "when" else ""
        ((where, said, meant),) = mistakes(
            f'select = {{ task = "*" }}\n{more}[policy.{key}]\n{condition}'
        )
        assert where == f"{key}.{condition.partition(' ')[0]}"
        assert message in said
        assert meant == suggestion


def test_names_of_others_are_taken() -> None:
    text = f"[[policy]]\nname = 'ours'\n{BASE}"
    two = tomli.loads(text + text)
    with pytest.raises(PolicyErrors, match=r"policy.1.name:1:1: `ours` is already the policy at"):
        load_policies(sources_in(PolicySource(two, place_of, place_of)))
    one = tomli.loads(text.replace("ours", "missing-acks-late"))
    with pytest.raises(PolicyErrors, match=r"`missing-acks-late` is a rule of celerylint's own"):
        load_policies(
            sources_in(PolicySource(one, place_of, place_of)), taken={"missing-acks-late"}
        )


def test_files_of_policies_hold_nothing_else() -> None:
    with pytest.raises(PolicyErrors, match=r"unknown key `policies` .*; did you mean `policy`\?"):
        read("[[policies]]\nname = 'x'")
    with pytest.raises(PolicyErrors, match=r"policies are written as \[\[policy\]\]"):
        read("[policy]\nname = 'x'")
    assert read("") == []


# Built-in rules


def page(folder: Path, policy_table: str, checked_by: str = "policy.broken") -> Path:
    file = folder / "limits" / "CEL299-too-soft.md"
    file.parent.mkdir()
    manifest = f"""
        code = "CEL299"
        summary = "Too soft"
        message = "`{{task}}` is {{value}}"
        help = "harden it"
        category = "limits"
        severity = "error"
        presets = []
        fix = "none"
        celery = "*"
        docs = []
        check = "{checked_by}"
        """
    text = f"# too-soft\n\n```toml{dedent(manifest)}{policy_table}\n```\n\nProse.\n"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_page_may_hold_a_policy(tmp_path: Path) -> None:
    table = "[policy]\nselect = { task = '*' }\nrequire = { time_limit = '<= 600' }"
    rule = read_rule(page(tmp_path, table))
    (found,) = rule.check(project(task(time_limit=known(900))))
    assert (found.code, found.name, found.severity) == ("CEL299", "too-soft", "error")
    assert (found.message, found.help) == ("`shop.tasks.export` is 900", "harden it")


@pytest.mark.parametrize(
    ("table", "checked_by", "message"),
    [
        ("", "policy.broken", ":14: `check`: policy.broken, and a table `policy`, need each other"),
        (
            "[policy]\nselect = { task = '*' }\nrequire = { bind = true }",
            "limits.x",
            ":14: `check`: policy.broken, and a table `policy`, need each other",
        ),
        ("policy = 3", "policy.broken", ":15: `policy` is no table"),
        (
            "[policy]\nselect = { task = '*' }\nrequire = { bnd = true }\nsevrity = 'x'",
            "policy.broken",
            ":15: `policy`: a task has no `bnd`; did you mean `bind`?",
        ),
        (
            "[policy]\nselect = { task = '*' }\nrequire = { bind = true }\nlocked = true",
            "policy.broken",
            ":15: `policy`: unknown key `locked`",
        ),
    ],
)
def test_a_page_with_a_wrong_policy(
    table: str, checked_by: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleError) as caught:
        read_rule(page(tmp_path, table, checked_by))
    assert message in str(caught.value)


def test_the_preset_asks_for_the_checklist() -> None:
    names = {rule.name for rule in load_rules().select("celery-best-practice")}
    assert names >= {
        "missing-acks-late", "explicit-early-ack", "late-ack-without-reject",
        "soft-limit-not-below-hard", "missing-time-limit", "missing-soft-time-limit",
        "unbounded-retries", "retry-without-backoff", "backoff-without-jitter",
        "unrouted-task", "unconsumed-default-queue", "missing-task-routes",
        "non-json-messages", "non-json-task", "results-never-expire", "prefetching-long-tasks",
        "unreadable-file", "internal-error",
    }  # fmt: skip
