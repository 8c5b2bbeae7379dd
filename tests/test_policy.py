"""Policies judging projects: what is kept, broken or cannot be told, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from policy_projects import (
    SCHEMA,
    UNTOLD,
    app,
    at,
    by_default,
    check,
    known,
    linked,
    one_of,
    place_of,
    policy,
    project,
    task,
)

from celerylint.celery_schema import SUPPORTED, schema_for
from celerylint.checks.policy import policy_rule
from celerylint.link.calls import SENDING
from celerylint.model.beat import BeatEntry
from celerylint.model.definition import Body, Retry
from celerylint.model.project import Call, Project, Queue, Task
from celerylint.model.value import Crontab, State, Step, Symbol, Value, celery_default
from celerylint.policy import PolicyErrors, check_selections
from celerylint.policy.fields import Kind, Type, fields_of

# Values


def outcome(condition: str, one: Task, key: str = "require", **parts: Any) -> str:
    """kept, broken or open: what a condition makes of a task."""
    more = "forbid = { name = '*' }\n" if key == "when" else ""
    text = f"select = {{ task = '*' }}\nunknown = 'error'\n{more}[policy.{key}]\n{condition}"
    found = check(text, project(one, **parts))
    if not found:
        return "kept"
    assert len(found) == 1
    return "open" if "may not be as expected" in found[0].message else "broken"


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        # Truth, as Celery takes it
        ("acks_late = true", known(True), "kept"),
        ("acks_late = true", known("False"), "kept"),
        ("acks_late = true", known(0), "broken"),
        ("acks_late = true", known(None), "broken"),
        ("acks_late = false", celery_default(None), "kept"),
        ("acks_late = false", known(True), "broken"),
        ('acks_late = "!= true"', known(False), "kept"),
        ('acks_late = "== true"', known(False), "broken"),
        ("autoretry_for = true", known((Symbol("builtins.OSError"),)), "kept"),
        ("autoretry_for = true", known(()), "broken"),
        ("retry_kwargs = false", known({}), "kept"),
        ("retry_backoff = true", known(10), "kept"),
        # Numbers
        ("max_retries = 5", known(5), "kept"),
        ("max_retries = 5", known(6), "broken"),
        ("max_retries = 5", known("5"), "broken"),
        ("max_retries = 5", known(None), "broken"),
        ('max_retries = "<= 5"', known(5), "kept"),
        ('max_retries = "<= 5"', known(float("inf")), "broken"),
        ('max_retries = "<= 5"', known(None), "broken"),
        ('max_retries = "<5"', known(5), "broken"),
        ('max_retries = "> 5"', known(5), "broken"),
        ('max_retries = ">= 5.5"', known(5.5), "kept"),
        ('max_retries = "== 5"', known(5), "kept"),
        ('max_retries = "!= 5"', known(5), "broken"),
        ('max_retries = "> -1"', known(0), "kept"),
        ('retry_backoff = ">= 1"', known(True), "kept"),
        ('expires = "<= 3600"', known(timedelta(hours=1)), "kept"),
        ("expires = 3600", known(timedelta(hours=1)), "kept"),
        ('rate_limit = "10/m"', known("10/m"), "kept"),
        ("rate_limit = 10", known(10), "kept"),
        # No value
        ('time_limit = "none"', known(None), "kept"),
        ('time_limit = "none"', known(0), "kept"),
        ('time_limit = "!= none"', known(0), "broken"),
        ('time_limit = "<= 600"', known(0), "broken"),
        ('max_retries = "none"', known(0), "broken"),
        ('time_limit = ["none", "<= 600"]', known(None), "kept"),
        # Text
        ('serializer = "json"', known("json"), "kept"),
        ('serializer = "json"', known("JSON"), "broken"),
        ('serializer = "json"', known(None), "broken"),
        ('serializer = "!= json"', known("pickle"), "kept"),
        ('serializer = "== json"', known("json"), "kept"),
        ('serializer = "js*"', known("json"), "kept"),
        ('serializer = "s*"', known("json"), "broken"),
        ('serializer = "js[ao]n"', known("json"), "kept"),
        ('serializer = "jso?"', known("json"), "kept"),
        ('serializer = "/so/"', known("json"), "kept"),
        ('serializer = "/^so/"', known("json"), "broken"),
        ('serializer = { not = "/^j/" }', known("json"), "broken"),
        ('queue = "files"', known(Symbol("files")), "kept"),
        # One of
        ('serializer = ["json", "yaml"]', known("yaml"), "kept"),
        ('serializer = ["json", "y*"]', known("pickle"), "broken"),
        ('serializer = { not = ["json", "yaml"] }', known("yaml"), "broken"),
        ('serializer = ["unset", "json"]', celery_default("pickle"), "kept"),
        # Given or not
        ('time_limit = "set"', known(None), "kept"),
        ('time_limit = "set"', celery_default(None), "broken"),
        ('time_limit = "unset"', celery_default(None), "kept"),
        ('time_limit = { not = "set" }', known(3), "broken"),
        ('time_limit = "set"', UNTOLD, "kept"),  # the task states it
        ('rate_limit = "unset"', UNTOLD, "broken"),
        # Members
        ('throws = "builtins.*"', known((Symbol("builtins.A"), Symbol("builtins.B"))), "kept"),
        ('throws = "builtins.*"', known([Symbol("builtins.A"), Symbol("shop.B")]), "broken"),
        ('throws = "builtins.*"', known(()), "kept"),
        ('throws = { not = "shop.B" }', known([Symbol("builtins.A"), Symbol("shop.B")]), "broken"),
        # Three values
        ('time_limit = "<= 600"', UNTOLD, "open"),
        ('time_limit = { not = "<= 600" }', UNTOLD, "open"),
        ('time_limit = ["none", "<= 600"]', UNTOLD, "open"),
        ("acks_late = true", UNTOLD, "open"),
        ('serializer = "json"', UNTOLD, "open"),
        ('time_limit = "<= 600"', one_of(300, 600), "kept"),
        ('time_limit = "<= 600"', one_of(900, None), "broken"),
        ('time_limit = "<= 600"', one_of(300, 900), "open"),
        ('time_limit = "<= 600"', by_default(300, "LIMIT"), "kept"),
        ('time_limit = "<= 600"', by_default(900, "LIMIT"), "broken"),
    ],
)
def test_require(condition: str, value: Value, expected: str) -> None:
    option = condition.partition(" ")[0]
    if option == "queue":
        assert outcome(condition, task(queue=value)) == expected
    else:
        given = () if value.is_default else (option,)
        assert outcome(condition, task(given=given, **{option: value})) == expected


@pytest.mark.parametrize(
    ("hard", "soft", "expected"),
    [
        (known(60), known(30), "kept"),
        (known(30), known(60), "broken"),
        (known(30), known(30), "broken"),
        (one_of(60, 90), one_of(30, 45), "kept"),
        (one_of(60, 90), known(75), "open"),
        (one_of(60, 90), known(95), "broken"),
        (known(60), UNTOLD, "open"),
        (UNTOLD, known(60), "open"),
        (known(60), known(None), "broken"),
        (known(60), known(0), "broken"),
    ],
)
def test_comparison_with_another_field(hard: Value, soft: Value, expected: str) -> None:
    one = task(time_limit=hard, soft_time_limit=soft)
    assert outcome('time_limit = "> soft_time_limit"', one) == expected


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ('throws = "shop.B"', known((Symbol("builtins.A"), Symbol("shop.B"))), "broken"),
        ('throws = "shop.B"', known(()), "kept"),
        ('time_limit = "> 600"', known(900), "broken"),
        ('time_limit = "> 600"', known(None), "kept"),
        ('time_limit = "> 600"', one_of(300, 900), "open"),
        ('time_limit = "> 600"', one_of(700, 900), "broken"),
        ('time_limit = "> 600"', UNTOLD, "open"),
        ("acks_late = false", known(False), "broken"),
        ('acks_late = "set"', celery_default(False), "kept"),
    ],
)
def test_forbid(condition: str, value: Value, expected: str) -> None:
    option = condition.partition(" ")[0]
    given = () if value.is_default else (option,)
    assert outcome(condition, task(given=given, **{option: value}), "forbid") == expected


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ("bind = true", known(True), "broken"),
        ("bind = true", known(False), "kept"),
        ("bind = true", UNTOLD, "open"),
        ("bind = true", one_of(True, False), "open"),
        ('throws = "shop.B"', known((Symbol("builtins.A"), Symbol("shop.B"))), "broken"),
        ('throws = "shop.B"', known((Symbol("builtins.A"),)), "kept"),
    ],
)
def test_when(condition: str, value: Value, expected: str) -> None:
    """What is required is broken by every task: ``when`` says whether it is asked."""
    assert outcome(condition, task(**{condition.partition(" ")[0]: value}), "when") == expected


def test_what_cannot_be_told_is_as_the_policy_says() -> None:
    text = 'select = { task = "*" }\nrequire = { time_limit = "<= 600" }\nseverity = "error"\n'
    of = project(task(time_limit=UNTOLD), task("shop.b", time_limit=one_of(300, 900)))
    assert check(text, of) == []
    found = check(text + 'unknown = "warning"\nmessage = "too long"\nowner = "ops"', of)
    assert [(one.severity.value, one.message) for one in found] == [
        (
            "warning",
            "`shop.b`: `time_limit` may not be as expected, <= 600: `time_limit` is 300 or 900"
            " (owner: ops)",
        ),
        (
            "warning",
            "`shop.tasks.export`: `time_limit` may not be as expected, <= 600: `time_limit` is"
            " unknown: a function decides (conf.py:3) (owner: ops)",
        ),
    ]


def test_a_condition_that_cannot_be_told() -> None:
    text = "select = { task = '*' }\nwhen = { bind = true }\nrequire = { acks_late = true }\n"
    assert check(text, project(task(bind=UNTOLD))) == []
    (found,) = check(text + "unknown = 'error'", project(task(bind=UNTOLD)))
    assert found.message == (
        "`shop.tasks.export`: `acks_late` may not be as expected, True: it is for those with `bind`"
        " True, and `bind` is unknown: a function decides (conf.py:3)"
    )
    # Whatever it is, the task is as it should be.
    kept = project(task(bind=UNTOLD, acks_late=known(True)))
    assert check(text + "unknown = 'error'", kept) == []


# Fields


@pytest.mark.parametrize(
    ("one", "condition", "expected"),
    [
        (task(), 'name = "shop.tasks.export"', "kept"),
        (task(), 'module = "shop.tasks"', "kept"),
        (task(), 'function = "export"', "kept"),
        (task(), 'app = "shop.app"', "kept"),
        (task(of=""), 'app = "shop.app"', "open"),
        (task(routed_by="route"), 'routed_by = "route"', "kept"),
        (task(), 'routed_by = ["route", "option"]', "broken"),
        (task(routed_by="unknown", queue=UNTOLD), 'routed_by = "route"', "open"),
        (task(), "has_retry = false", "kept"),
        (task(body=Body(retries=(Retry(at(12), {}),))), "has_retry = true", "kept"),
        (task(body=Body(hands_on=True)), "has_retry = true", "open"),
        (task(body=None), "has_retry = true", "open"),
        (task(autoretry_for=known((Symbol("a.B"),))), "has_retry = true", "kept"),
        (task(autoretry_for=known(())), "has_retry = true", "broken"),
        (task(autoretry_for=UNTOLD), "has_retry = true", "open"),
        (task(autoretry_for=one_of((), (Symbol("a.B"),))), "has_retry = true", "open"),
        (task(), "worker_prefetch_multiplier = 4", "kept"),
        (task(), "worker_prefetch_multiplier = 1", "broken"),
        (task(of=""), "worker_prefetch_multiplier = 1", "open"),
    ],
)
def test_fields_of_a_task(one: Task, condition: str, expected: str) -> None:
    assert outcome(condition, one) == expected


def test_settings_that_cannot_be_seen() -> None:
    hidden = [app(opaque="settings() decides (conf.py:3)")]
    assert outcome("worker_prefetch_multiplier = 1", task(), apps=hidden) == "open"


def test_an_option_that_this_celery_does_not_know() -> None:
    old = schema_for(SUPPORTED[0])
    one = task()
    one.options = {name: one.options[name] for name in old.task_options if name in one.options}
    text = "select = { task = '*' }\nrequire = { retry_on_worker_lost = true }"
    one_app = app()
    one_app.defaults = {name: setting.default for name, setting in old.settings.items()}
    (found,) = check(text, project(one, apps=[one_app], version="5.4.0"))
    assert found.message == (
        "`shop.tasks.export`: `retry_on_worker_lost` is None (Celery 5.4.0 knows no such option),"
        " expected True"
    )


def test_types_fit_what_celery_has() -> None:
    """A default that could not be asked for would betray a wrong type."""
    allowed: dict[type, Callable[[Type], bool]] = {
        bool: lambda kind: kind.is_switch,
        int: lambda kind: kind.is_number,
        float: lambda kind: kind.is_number,
        timedelta: lambda kind: kind.is_number,
        str: lambda kind: kind.is_text,
        tuple: lambda kind: kind is Type.TEXTS,
        dict: lambda kind: kind is Type.TABLE,
    }
    defaults = {name: setting.default for name, setting in SCHEMA.settings.items()}
    defaults |= {name: option.default for name, option in SCHEMA.task_options.items()}
    fields = fields_of(Kind.TASK)
    assert [
        name
        for name, default in defaults.items()
        if name in fields and default is not None and not allowed[type(default)](fields[name].type)
    ] == []


def test_calls_have_the_options_that_link_finds() -> None:
    assert fields_of(Kind.CALL).keys() - {"kind", "task"} == set(SENDING)
    assert fields_of(Kind.BEAT).keys() - {"entry", "resolves", "schedule", "task"} == set(SENDING)


@pytest.mark.parametrize("kind", Kind)
def test_every_field_has_a_value(kind: Kind) -> None:
    """Nothing that can be asked makes a policy crash."""
    of = project(
        task(),
        queues=[Queue("files", at(4), True, ())],
        beat=[BeatEntry("shop.app", "e", known("shop.tasks.export"), None, UNTOLD, UNTOLD, at(5))],
        calls=[Call("shop.tasks.export", "delay", UNTOLD, at(6), {})],
    )
    name = "timezone" if kind is Kind.SETTING else "*"
    for field in fields_of(kind):
        check(f"select = {{ {kind.value} = '{name}' }}\nforbid = {{ {field} = 'unset' }}", of)


# Selecting


def selected(select: str, of: Project) -> list[str]:
    kind = select.partition(" ")[0]
    fields = {"setting": "timezone", "beat": "entry", "call": "task"}
    text = f"select = {{ {select} }}\nforbid = {{ {fields.get(kind, 'name')} = ['set', 'unset'] }}"
    rule = policy_rule(policy(text + f"\nmessage = '{{{kind}}}'"))
    return [found.message for found in rule.check(of)]


TASKS = project(
    task("billing.charge", line=10),
    task("billing.tasks.refund", line=20, of="other.app"),
    task("reports.bill", line=30),
    task("hidden", line=40, opaque="its name is computed"),
    apps=[app(), app("other.app")],
)


@pytest.mark.parametrize(
    ("select", "names"),
    [
        ('task = "billing.charge"', ["billing.charge"]),
        ('task = "billing.*"', ["billing.charge", "billing.tasks.refund"]),
        ('task = "billing"', []),
        ('task = "Billing.*"', []),
        ('task = "/bill$/"', ["reports.bill"]),
        ('task = ["reports.*", "/charge/"]', ["billing.charge", "reports.bill"]),
        ('task = "*"', ["billing.charge", "billing.tasks.refund", "reports.bill"]),
        ('task = "*", app = "other.*"', ["billing.tasks.refund"]),
        ('task = "*", app = "shop"', ["billing.charge", "billing.tasks.refund", "reports.bill"]),
        (
            'task = "*", path = "tasks.py"',
            ["billing.charge", "billing.tasks.refund", "reports.bill"],
        ),
        ('task = "*", path = "other.py"', []),
    ],
)
def test_tasks_are_selected_by_name(select: str, names: list[str]) -> None:
    assert selected(select, TASKS) == names


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("src/shop/tasks.py", True),
        ("shop/tasks.py", True),
        ("shop/*", True),
        ("*.py", True),
        ("src", False),
        ("op/tasks.py", False),
        ("/^src/", True),
    ],
)
def test_paths_match_from_any_folder_on(pattern: str, matches: bool) -> None:
    one = task()
    one.decorator = at(10, "src/shop/tasks.py")
    assert bool(selected(f'task = "*", path = "{pattern}"', project(one))) is matches


@pytest.mark.parametrize(
    ("select", "message", "suggestion"),
    [
        ('task = "biling.*"', "no task is called `biling.*`", "billing.*"),
        ('task = "billing.chrage"', "no task is called `billing.chrage`", "billing.charge"),
        (
            'task = ["x", "y.*"]',
            "no task is called `x` or `y.*` among 3, such as `billing.charge`,"
            " `billing.tasks.refund`, `reports.bill`",
            "",
        ),
        ('task = "billing.*", path = "a/*"', "no task that it names is in `a/*`", ""),
        ('task = "billing.*", app = "a"', "no task that it names is in `a`", ""),
        ('queue = "files"', "there is no queue", ""),
        ('worker = "*"', "workers are in deployment files, and these are not read yet", ""),
    ],
)
def test_selecting_nothing_is_a_mistake(select: str, message: str, suggestion: str) -> None:
    text = f"select = {{ {select} }}\nrequire = {{ name = 'set' }}\n"
    with pytest.raises(PolicyErrors) as caught:
        check_selections([policy(text)], TASKS)
    (mistake,) = caught.value.mistakes
    assert mistake.message == f"policy `ours` selects nothing: {message}"
    assert mistake.suggestion == suggestion
    assert mistake.place == place_of(("policy", 0, "select"))
    check_selections([policy(text + "allow-empty = true")], TASKS)


def test_without_an_app_there_are_no_settings() -> None:
    with pytest.raises(PolicyErrors, match="selects nothing: the project has no app"):
        check_selections(
            [policy("select = { setting = 'timezone' }\nrequire = { value = 'UTC' }")],
            project(apps=[]),
        )


def test_selecting_something_is_enough() -> None:
    text = "select = { task = 'billing.*' }\nwhen = { bind = true }\nrequire = { bind = false }"
    check_selections([policy(text)], TASKS)


# Findings


def test_a_finding_tells_the_whole_story() -> None:
    text = """
        name = "billing-limits"
        select = { task = "*" }
        require = { time_limit = "<= 600" }
        owner = "payments"
        impact = "money waits"
        docs = ["https://wiki.example.com"]
        severity = "error"
        """
    limit = Value(
        State.ENVIRONMENT,
        900,
        (Step("`time_limit=...`", at(12)), Step("LIMIT", at(4, "conf.py"))),
        variables=("LIMIT",),
    )
    rule = policy_rule(policy(text))
    (found,) = rule.check(project(task(time_limit=limit)))
    assert (found.code, found.name, found.severity) == ("billing-limits", "billing-limits", "error")
    assert found.message == (
        "`shop.tasks.export`: `time_limit` is 900 unless `LIMIT` is set, expected <= 600"
        " (owner: payments)"
    )
    assert (found.place, found.label) == (at(12), "`time_limit` is 900 unless `LIMIT` is set")
    assert [(label.place, label.text) for label in found.labels] == [(at(4, "conf.py"), "LIMIT")]
    assert (found.impact, found.task) == ("money waits", "shop.tasks.export")
    assert found.help == "change `time_limit` on the task, or `task_time_limit` for all tasks"
    assert (found.symbol, found.cause) == ("shop.tasks.export:time_limit", "")
    assert (rule.docs, rule.presets) == (("https://wiki.example.com",), ("default",))
    assert rule.policy is not None and not rule.policy.locked


def test_where_it_comes_from_for_many_tasks() -> None:
    text = "select = { task = '*' }\nrequire = { acks_late = true }"
    (nobody,) = check(text, project(task()))
    assert (nobody.place, nobody.label) == (at(10), "`acks_late` is False (Celery's default)")
    assert nobody.cause == "setting `task_acks_late` at app.py:3 settles all of them"
    (elsewhere,) = check(text, project(task(acks_late=known(False, 4), given=())))
    assert elsewhere.place == at(10)
    assert elsewhere.cause == "decided for all of them at tasks.py:4:1"
    assert [(label.place, label.text) for label in elsewhere.labels] == [
        (at(4), "`acks_late` is False")
    ]


def test_texts_of_its_own() -> None:
    text = """
        select = { task = "*" }
        forbid = { queue = "celery" }
        message = "{task} goes to {value}; {owner} wants {expected} for its {option}"
        help = "see {{wiki}} of {name}"
        owner = "ops"
        """
    (found,) = check(text, project(task()))
    assert found.message == (
        'shop.tasks.export goes to "celery" (Celery\'s default); ops wants not "celery" for its'
        " queue"
    )
    assert found.help == "see {wiki} of shop.tasks.export"


def test_every_broken_expectation_is_a_finding() -> None:
    text = """
        select = { task = "*" }
        require = { acks_late = true, time_limit = "set" }
        forbid = { queue = "celery", bind = false }
        """
    found = check(text, project(task(), task("shop.b", line=20)))
    assert [
        (one.task, one.message.partition(": ")[2]) for one in found if one.task == "shop.b"
    ] == [
        ("shop.b", "`acks_late` is False (Celery's default), expected True"),
        ("shop.b", "`bind` is False (Celery's default), expected True"),
        ("shop.b", '`queue` is "celery" (Celery\'s default), expected not "celery"'),
        ("shop.b", "`time_limit` is None (Celery's default), expected it to be set"),
    ]
    assert len(found) == 8


def test_a_setting_that_breaks_it_for_many_tasks_is_one_finding() -> None:
    text = "select = { task = '*' }\nrequire = { worker_prefetch_multiplier = 1 }"
    tasks = [task(f"shop.t{number}", line=10 * number) for number in range(1, 6)]
    (found,) = check(text, project(*tasks))
    assert found.message == "`worker_prefetch_multiplier` is 4 (Celery's default), expected 1"
    assert found.place == at(3, "app.py") and found.task is None
    assert found.symbol == "shop.app:worker_prefetch_multiplier"
    assert found.help == "set `worker_prefetch_multiplier` at app.py:3"
    assert [label.text for label in found.labels] == [
        f"`shop.t{number}` is one such task" for number in (1, 2, 3)
    ]
    two = [*tasks, task("other.t", of="other.app", line=80)]
    assert len(check(text, project(*two, apps=[app(), app("other.app")]))) == 2


def test_a_setting() -> None:
    text = "select = { setting = ['task_serializer', 'broker_url'] }\nrequire = { value = 'json' }"
    secret = known("redis://user:hunter2@host", 5)
    (broker,) = check(text, project(apps=[app(broker_url=secret)]))
    assert broker.message == '`broker_url` is "redis://user:***@host", expected "json"'
    assert (broker.place, broker.symbol) == (at(5), "shop.app:broker_url")
    assert broker.help == "change `broker_url`"
    text = "select = { setting = 'result_expires' }\nrequire = { value = '< result_chord_expires' }"
    (other,) = check(text, project(apps=[app(result_chord_expires=known(60, 6))]))
    assert other.message == (
        "`result_expires` is 86400s (Celery's default), expected < `result_chord_expires`"
        " (`result_chord_expires` is 60)"
    )
    assert [(label.place, label.text) for label in other.labels] == [
        (at(6), "`result_chord_expires` is 60")
    ]


def test_a_queue() -> None:
    of = project(
        task(queue=known("fils", 15)),
        queues=[
            Queue("files", at(4), True, ()),
            Queue("fils", None, False, ("shop.tasks.export",)),
        ],
    )
    (undeclared,) = check("select = { queue = '*' }\nrequire = { declared = true }", of)
    assert undeclared.message == "`fils`: `declared` is False, expected True"
    assert undeclared.place == at(15)
    (unused,) = check("select = { queue = '*' }\nrequire = { tasks = '>= 1' }", of)
    assert (unused.message, unused.place) == ("`files`: `tasks` is 0, expected >= 1", at(4))


def test_a_queue_is_blamed_where_something_goes_to_it() -> None:
    text = "select = { queue = '*' }\nrequire = { declared = true }"
    undeclared = [Queue("fils", None, False, ())]
    call = Call("elsewhere.t", "send_task", known("fils"), at(6), {})
    entry = BeatEntry("shop.app", "e", known("elsewhere.t"), None, UNTOLD, known("fils"), at(7))
    for parts, place in (
        ({"calls": [call], "beat": [entry]}, at(6)),
        ({"beat": [entry]}, at(7)),
        ({}, at(3, "app.py")),
    ):
        (found,) = check(text, project(queues=undeclared, **parts))
        assert found.place == place


def test_what_is_handed_on_is_called_elsewhere() -> None:
    text = "select = { call = '*' }\nrequire = { expires = 'set', queue = 'files' }\n"
    of = project(task(), calls=[Call("shop.tasks.export", "reference", known("x"), at(6), {})])
    assert check(text, of) == []
    found = check(text + "unknown = 'warning'", of)
    assert [one.message.partition(": `")[2] for one in found] == [
        "expires` may not be as expected, it to be set: `expires` is unknown: it is handed on, and"
        " called elsewhere",
        'queue` may not be as expected, "files": `queue` is unknown: it is handed on, and called'
        " elsewhere",
    ]


def test_a_crontab_is_no_number_of_seconds() -> None:
    def entry(schedule: Any) -> Project:
        task_name = known("shop.tasks.export")
        made = BeatEntry("shop.app", "e", task_name, True, known(schedule), UNTOLD, at(5))
        return project(task(), beat=[made])

    text = "select = { beat = '*' }\nforbid = { schedule = '< 10' }\nunknown = 'error'"
    assert check(text, entry(60)) == []
    assert check(text, entry(timedelta(minutes=1))) == []
    assert "expected not < 10" in check(text, entry(5))[0].message
    assert "may not be as expected" in check(text, entry(Crontab(minute=0)))[0].message
    crontabs = "select = { beat = '*' }\nforbid = { task = 'x' }\nwhen = { schedule = '< 10' }"
    assert check(crontabs, entry(Crontab(minute=0))) == []


def test_the_page_of_a_policy() -> None:
    text = """
        name = "short"
        select = { task = "*" }
        when = { bind = true }
        require = { time_limit = "<= 600" }
        unknown = "error"
        locked = true
        owner = "ops"
        help = "be quick"
        """
    rule = policy_rule(policy(text))
    assert rule.summary == "Policy on task *"
    page = rule.page()
    assert page.startswith("# short\n\n```toml\n")
    for line in (
        "A policy on task *.",
        "- when `bind`: True",
        "- require `time_limit`: <= 600",
        "- what cannot be told is of severity error",
        "- it cannot be suppressed in the code",
        "be quick",
        "Its owner is ops.",
    ):
        assert f"{line}\n" in page


# From files to findings


def lines(text: str, of: Project) -> list[tuple[int, str]]:
    return sorted((found.place.line, found.message) for found in check(text, of))


def test_a_project_with_everything(tmp_path: Path) -> None:
    of = linked(
        tmp_path,
        tasks="""
            from celery import Celery
            from celery.schedules import crontab
            from elsewhere import options

            app = Celery("shop", task_time_limit=600)
            app.conf.task_routes = {"tasks.export": {"queue": "files"}}
            app.conf.beat_schedule = {
                "nightly": {
                    "task": "tasks.export",
                    "schedule": crontab(minute=0, hour=3),
                    "options": {"expires": 3600},
                },
                "often": {"task": "tasks.welcome", "schedule": 5},
            }

            @app.task
            def export(): ...

            @app.task(time_limit=900, expires=60)
            def welcome(user): ...

            def view(request):
                export.delay()
                export.apply_async(countdown=3, expires=60)
                export.apply_async(**options(request))
                welcome.delay(request.user)
            """,
    )
    assert lines("select = { task = '*' }\nrequire = { time_limit = '<= 600' }", of) == [
        (20, "`tasks.welcome`: `time_limit` is 900, expected <= 600")
    ]
    assert lines("select = { task = '*' }\nrequire = { routed_by = 'route' }", of) == [
        (20, '`tasks.welcome`: `routed_by` is "default", expected "route"')
    ]
    expire = "select = { call = 'tasks.*' }\nrequire = { expires = 'set' }\n"
    assert lines(expire, of) == [
        (24, "`tasks.export`: `expires` is None (Celery's default), expected it to be set")
    ]
    assert [line for line, _ in lines(expire + "unknown = 'error'", of)] == [24, 26]
    assert lines("select = { beat = '*' }\nrequire = { expires = '>= 100' }", of) == [
        (14, "`often`: `expires` is 60, expected >= 100")
    ]
    assert lines("select = { beat = '*' }\nforbid = { schedule = '< 10' }", of) == [
        (14, "`often`: `schedule` is 5, expected not < 10")
    ]
    assert lines("select = { queue = '*' }\nrequire = { declared = true }", of) == [
        (7, "`files`: `declared` is False, expected True")
    ]
    assert lines("select = { setting = 'task_*' }\nforbid = { value = [600, 'files'] }", of) == [
        (6, '`task_time_limit` is 600, expected not 600 or "files"')
    ]


def test_the_same_for_settings_with_a_namespace(tmp_path: Path) -> None:
    of = linked(
        tmp_path,
        app="""
            from celery import Celery

            app = Celery("shop")
            app.config_from_object("conf", namespace="CELERY")
            """,
        conf="CELERY_TASK_SERIALIZER = 'pickle'\n",
        tasks="from app import app\n\n@app.task\ndef export(): ...\n",
    )
    (found,) = check("select = { task = '*' }\nrequire = { task_serializer = 'json' }", of)
    assert found.place.path.endswith("conf.py") and found.help == "change `CELERY_TASK_SERIALIZER`"
    (found,) = check("select = { task = '*' }\nrequire = { acks_late = true }", of)
    assert found.help == "change `acks_late` on the task, or `CELERY_TASK_ACKS_LATE` for all tasks"
