"""The checks on projects made by hand: what decides, what stays silent, and what is said."""

from __future__ import annotations

from typing import Any

import pytest

from celerylint.catalogue import load_rules
from celerylint.model.beat import BeatEntry
from celerylint.model.definition import Body, Retry
from celerylint.model.finding import Finding
from celerylint.model.place import Place
from celerylint.model.project import (
    App,
    Call,
    Project,
    Queue,
    Route,
    Task,
    Unreadable,
)
from celerylint.model.value import State, Step, Value, celery_default, unknown

CATALOGUE = load_rules()

DEFAULTS = {
    "task_acks_late": False,
    "task_time_limit": None,
    "task_soft_time_limit": None,
    "task_queues": None,
    "task_routes": None,
    "task_default_queue": "celery",
    "task_create_missing_queues": True,
    "worker_pool": "prefork",
}
OPTIONS = {
    "acks_late": False,
    "time_limit": None,
    "soft_time_limit": None,
    "max_retries": 3,
    "autoretry_for": (),
    "retry_kwargs": {},
}
FROM_SETTINGS = {
    "acks_late": "task_acks_late",
    "time_limit": "task_time_limit",
    "soft_time_limit": "task_soft_time_limit",
}


def at(line: int, path: str = "tasks.py") -> Place:
    return Place(path, line, 1, line, 10)


def known(value: Any, place: Place | None = None) -> Value:
    return Value(State.KNOWN, value, (Step("set", place or at(90)),))


def by_default(value: Any, *variables: str) -> Value:
    return Value(State.ENVIRONMENT, value, (Step("set", at(91)),), variables=variables)


def one_of(*values: Any) -> Value:
    return Value(State.ONE_OF, values, (Step("set", at(92)),))


NOT_TOLD = unknown("a function decides (conf.py:3)")
NOT_TOLD_WHERE = unknown("a function decides (conf.py:3)", (Step("queue()", at(93)),))


def app(variable: str = "shop.app", namespace: str | None = None, **settings: Value) -> App:
    place = at(3, f"{variable.replace('.', '/')}.py")
    return App("shop", variable, place, known(namespace), settings, DEFAULTS)


def task(
    of: App | None = None,
    name: str = "shop.tasks.export",
    line: int = 10,
    queue: Value | None = None,
    routed_by: str = "default",
    retries: tuple[Retry, ...] = (),
    given: tuple[str, ...] | None = None,
    **options: Value,
) -> Task:
    """A task with the options it states itself (all of them, unless ``given`` names fewer); the
    rest from the app, or Celery's default."""
    effective = {}
    for option, default in OPTIONS.items():
        value = celery_default(default)
        if of is not None and option in FROM_SETTINGS:
            value = of.setting(FROM_SETTINGS[option])
        effective[option] = options.get(option, value)
    stated = tuple(options) if given is None else given
    return Task(
        name=name,
        app=of.variable if of else "",
        module="shop.tasks",
        function=name.rpartition(".")[2],
        place=at(line + 1),
        decorator=at(line),
        bind=known(False),
        options=effective,
        queue=queue or celery_default("celery"),
        routed_by=routed_by,
        given={option: options[option].place or at(line) for option in stated},
        body=Body(retries=retries),
    )


def project(apps: list[App], *tasks: Task, version: str | None = None, **parts: Any) -> Project:
    kinds = ("routes", "queues", "beat", "calls", "unreadable")
    rest = {kind: list(parts.get(kind, ())) for kind in kinds}
    return Project(version, "", apps, list(tasks), **rest)


def check(name: str, of: Project) -> list[Finding]:
    return list(CATALOGUE.get(name).check(of))


def told(finding: Finding) -> list[tuple[str, str]]:
    """The labels of a finding: where, and what."""
    return [(f"{label.place.path}:{label.place.line}", label.text) for label in finding.labels]


class TestUnreadableFile:
    def test_each_is_a_finding(self) -> None:
        broken = Unreadable(at(7, "a.py"), "not valid Python")
        (finding,) = check("unreadable-file", project([], unreadable=[broken]))
        assert finding.place == at(7, "a.py")
        assert finding.message == "cannot be read: not valid Python"
        assert finding.symbol == "a.py"


class TestInternalError:
    def test_page_says_what_the_engine_knows(self) -> None:
        rule = CATALOGUE.get("internal-error")
        finding = rule.finding(
            at(1), subject="the rule CEL201 x", error="KeyError: 1", tracker="the tracker"
        )
        assert finding.message == "celerylint crashed on the rule CEL201 x: KeyError: 1"
        assert "the tracker" in finding.help
        assert list(rule.check(project([]))) == []


class TestMissingAcksLate:
    def test_default(self) -> None:
        shop = app()
        (finding,) = check("missing-acks-late", project([shop], task(shop)))
        assert finding.place == at(10)
        assert finding.task == finding.symbol == "shop.tasks.export"
        assert finding.cause == (
            "setting `task_acks_late = True` at shop/app.py:3 settles all of them"
        )

    @pytest.mark.parametrize(
        "value", [known(True), known(False), by_default(False, "X"), one_of(True, False), NOT_TOLD]
    )
    @pytest.mark.parametrize("where", ["task", "app"])
    def test_decided_or_not_told(self, value: Value, where: str) -> None:
        shop = app(task_acks_late=value) if where == "app" else app()
        it = task(shop, acks_late=value) if where == "task" else task(shop)
        assert check("missing-acks-late", project([shop], it)) == []

    def test_without_an_app_nothing_is_known_of_its_settings(self) -> None:
        assert check("missing-acks-late", project([], task(None))) == []
        assert check("missing-acks-late", project([app()], task(None))) == []

    def test_each_app_is_a_cause(self) -> None:
        shop, bank = app(), app("bank.app")
        tasks = [task(shop), task(bank, "bank.pay"), task(shop, "shop.tasks.import")]
        found = check("missing-acks-late", project([shop, bank], *tasks))
        assert [finding.cause.split(" at ")[1].split()[0] for finding in found] == [
            "shop/app.py:3",
            "bank/app.py:3",
            "shop/app.py:3",
        ]

    def test_cause_spells_the_setting_as_the_project_does(self) -> None:
        broker = known("redis://", at(40, "shop/settings.py"))
        django = app(namespace="CELERY", broker_url=broker)
        (finding,) = check("missing-acks-late", project([django], task(django)))
        assert finding.cause == (
            "setting `CELERY_TASK_ACKS_LATE = True` at shop/settings.py settles all of them"
        )

    @pytest.mark.parametrize("namespace", ["CELERY", "CELERY_"])
    def test_namespace_without_settings(self, namespace: str) -> None:
        django = app(namespace=namespace)
        (finding,) = check("missing-acks-late", project([django], task(django)))
        assert "`CELERY_TASK_ACKS_LATE = True` at shop/app.py:3 " in finding.cause


class TestExplicitEarlyAck:
    @pytest.mark.parametrize("value", [known(False), by_default(False, "X"), one_of(False, 0)])
    def test_on_the_task(self, value: Value) -> None:
        shop = app(task_acks_late=known(True))
        (finding,) = check("explicit-early-ack", project([shop], task(shop, acks_late=value)))
        assert finding.place == value.place
        assert finding.cause == ""

    def test_in_the_settings(self) -> None:
        shop = app(task_acks_late=known(False, at(5, "conf.py")))
        first, second = check("explicit-early-ack", project([shop], task(shop), task(shop, "b")))
        assert first.place == at(10)
        assert told(first) == [("conf.py:5", "decided here")]
        assert first.cause == second.cause == "decided for all of them at conf.py:5:1"

    @pytest.mark.parametrize(
        "value", [known(True), celery_default(False), one_of(True, False), NOT_TOLD]
    )
    def test_silent(self, value: Value) -> None:
        shop = app()
        assert check("explicit-early-ack", project([shop], task(shop, acks_late=value))) == []


RAISES = "every `delay()` and `apply_async()` raises `ValueError`"
KILLED = "the worker kills the task before it can clean up"


class TestSoftLimitNotBelowHard:
    def consequence(self, version: str | None, it: Task, *apps: App) -> str:
        of = project(list(apps), it, version=version)
        (finding,) = check("soft-limit-not-below-hard", of)
        return finding.message.partition(": ")[2]

    @pytest.mark.parametrize(
        ("version", "on_task", "with_app"),
        [
            ("5.4.0", f"on Celery 5.4.0 {KILLED}", f"on Celery 5.4.0 {KILLED}"),
            ("5.5.0", f"{RAISES} on Celery 5.5.0", f"on Celery 5.5.0 {KILLED}"),
            ("5.6", f"{RAISES} on Celery 5.6", f"on Celery 5.6 {KILLED}"),
            ("5.7.0", f"{RAISES} on Celery 5.7.0", f"{RAISES} on Celery 5.7.0"),
            ("5.10.1", f"{RAISES} on Celery 5.10.1", f"{RAISES} on Celery 5.10.1"),
            (
                None,
                f"{RAISES} since Celery 5.5, and before that {KILLED}",
                f"{RAISES} since Celery 5.7, and before that {KILLED}",
            ),
        ],
    )
    def test_says_what_happens(self, version: str | None, on_task: str, with_app: str) -> None:
        both = task(soft_time_limit=known(9), time_limit=known(6))
        assert self.consequence(version, both) == on_task
        hard = app(task_time_limit=known(6, at(4, "conf.py")))
        assert self.consequence(version, task(hard, soft_time_limit=known(9)), hard) == with_app
        soft = app(task_soft_time_limit=known(9, at(4, "conf.py")))
        assert self.consequence(version, task(soft, time_limit=known(6)), soft) == with_app

    def test_a_base_class_counts_as_the_task(self) -> None:
        hard = app(task_time_limit=known(6, at(4, "conf.py")))
        base = task(
            hard,
            soft_time_limit=known(9),
            time_limit=known(6, at(5, "base.py")),
            given=("soft_time_limit",),
        )
        assert self.consequence("5.5.3", base, hard) == f"{RAISES} on Celery 5.5.3"

    @pytest.mark.parametrize("version", ["5.4.0", "5.7.0", None])
    def test_equal_is_published(self, version: str | None) -> None:
        equal = task(soft_time_limit=known(6), time_limit=known(6.0))
        assert self.consequence(version, equal) == KILLED

    @pytest.mark.parametrize(
        ("version", "said"),
        [
            ("5.6.3", f"on Celery 5.6.3 {KILLED}"),
            ("5.7.0", f"Celery refuses to send it, or {KILLED}"),
            (None, f"Celery refuses to send it, or {KILLED}"),
        ],
    )
    def test_zero_and_none_leave_the_limit_to_the_app(self, version: str | None, said: str) -> None:
        """The model does not say which of them it was, and only one of them is refused."""
        in_app = known(6, at(4, "conf.py"))
        shop = app(task_time_limit=in_app)
        it = task(shop, soft_time_limit=known(9), time_limit=in_app)
        it.given["time_limit"] = at(13)
        assert self.consequence(version, it, shop) == said
        (finding,) = check("soft-limit-not-below-hard", project([shop], it))
        assert told(finding)[1:] == [("tasks.py:13", "leaves the limit to the app")]

    def test_message_and_trail(self) -> None:
        trail = (Step("task_time_limit = LIMIT", at(4, "conf.py")), Step("LIMIT = 600", at(1)))
        shop = app(task_time_limit=Value(State.KNOWN, 600, trail))
        it = task(shop, soft_time_limit=known(900, at(10)))
        (finding,) = check("soft-limit-not-below-hard", project([shop], it, version="5.7.0"))
        assert finding.message.startswith(
            "soft time limit of `shop.tasks.export` (900 s) is not below its hard limit (600 s): "
        )
        assert (finding.place, finding.label) == (at(10), "soft limit of 900 s")
        assert told(finding) == [
            ("conf.py:4", "hard limit of 600 s"),
            ("tasks.py:1", "LIMIT = 600"),
        ]

    def test_marks_the_hard_limit_where_only_that_is_the_tasks(self) -> None:
        shop = app(task_soft_time_limit=known(300, at(4, "conf.py")))
        it = task(shop, time_limit=known(30, at(12)))
        (finding,) = check("soft-limit-not-below-hard", project([shop], it))
        assert (finding.place, finding.label) == (at(12), "hard limit of 30 s")
        assert finding.cause == ""

    def test_both_from_the_app_is_one_cause(self) -> None:
        shop = app(
            task_soft_time_limit=known(9, at(4, "conf.py")),
            task_time_limit=known(6, at(5, "conf.py")),
        )
        found = check("soft-limit-not-below-hard", project([shop], task(shop), task(shop, "b")))
        assert [finding.cause for finding in found] == ["both limits come from shop/app.py:3"] * 2
        assert [finding.place for finding in found] == [at(10)] * 2

    def test_says_that_the_environment_may_differ(self) -> None:
        it = task(soft_time_limit=by_default(90.0, "SOFT"), time_limit=one_of(60, 30))
        (finding,) = check("soft-limit-not-below-hard", project([], it))
        assert "(90 s unless `SOFT` is set)" in finding.message
        assert "(30 s or 60 s)" in finding.message

    @pytest.mark.parametrize(
        ("soft", "hard"),
        [
            (known(5), known(6)),
            (known(0), known(0)),
            (known(9), known(0)),
            (known(None), known(6)),
            (known(9), celery_default(None)),
            (known(9), NOT_TOLD),
            (NOT_TOLD, known(6)),
            (known(9), one_of(6, 10)),
            (one_of(9, 5), known(6)),
            (one_of(9, 0), known(6)),
            (known("9"), known(6)),
            (known(True), known(1)),
            (by_default(5, "X"), known(6)),
        ],
    )
    def test_silent(self, soft: Value, hard: Value) -> None:
        shop = app()
        it = task(shop, soft_time_limit=soft, time_limit=hard)
        assert check("soft-limit-not-below-hard", project([shop], it)) == []


class TestMissingTimeLimit:
    def test_default(self) -> None:
        shop = app()
        (finding,) = check("missing-time-limit", project([shop], task(shop)))
        assert "has no time limit" in finding.message
        assert finding.cause == "setting `task_time_limit` at shop/app.py:3 settles all of them"

    def test_soft_limit_alone(self) -> None:
        shop = app(task_soft_time_limit=known(300, at(4, "conf.py")))
        (finding,) = check("missing-time-limit", project([shop], task(shop)))
        assert "has only a soft time limit" in finding.message
        assert told(finding) == [("conf.py:4", "the soft limit only raises an exception")]

    @pytest.mark.parametrize(
        "limit", [known(60), known(0), by_default(60, "X"), one_of(None, 60), NOT_TOLD]
    )
    def test_limited_decided_or_not_told(self, limit: Value) -> None:
        shop = app()
        assert check("missing-time-limit", project([shop], task(shop, time_limit=limit))) == []

    @pytest.mark.parametrize(
        ("pool", "findings"),
        [
            (known("prefork"), 1),
            (known("gevent"), 1),
            (known("threads"), 0),
            (known("solo"), 0),
            (one_of("prefork", "threads"), 0),
            (NOT_TOLD, 0),
        ],
    )
    def test_pools(self, pool: Value, findings: int) -> None:
        shop = app(worker_pool=pool)
        assert len(check("missing-time-limit", project([shop], task(shop)))) == findings

    def test_without_an_app(self) -> None:
        assert check("missing-time-limit", project([], task(None))) == []


def retry(line: int = 20, **options: Value) -> Retry:
    return Retry(at(line), options)


INF = float("inf")
SOME_ERRORS = known((ValueError.__name__,), at(11))


class TestUnboundedRetries:
    def found(self, *, retries: tuple[Retry, ...] = (), **options: Value) -> list[Finding]:
        return check("unbounded-retries", project([], task(retries=retries, **options)))

    @pytest.mark.parametrize("limit", [known(None), known(INF), one_of(None, INF)])
    def test_retry_in_the_body(self, limit: Value) -> None:
        (finding,) = self.found(max_retries=limit, retries=(retry(20), retry(21)))
        assert (finding.place, finding.label) == (limit.place, "no limit")
        assert told(finding) == [("tasks.py:20", "retries here"), ("tasks.py:21", "retries here")]

    def test_autoretry(self) -> None:
        (finding,) = self.found(max_retries=known(None), autoretry_for=SOME_ERRORS)
        assert told(finding) == [("tasks.py:11", "retries on these exceptions")]

    def test_limit_taken_away_by_a_base_class(self) -> None:
        it = task(max_retries=known(None, at(5, "base.py")), given=(), retries=(retry(),))
        (finding,) = check("unbounded-retries", project([], it))
        assert (finding.place, finding.label) == (at(10), "")
        assert told(finding) == [("base.py:5", "no limit"), ("tasks.py:20", "retries here")]

    @pytest.mark.parametrize(
        ("own", "task_limit", "endless"),
        [
            (None, known(None), True),
            (None, celery_default(3), False),
            (None, known(0), False),
            (None, one_of(None, 5), False),
            (None, NOT_TOLD, False),
            (known(None), known(None), True),
            (known(None), celery_default(3), False),
            (known(2), known(None), False),
            (known(INF), celery_default(3), True),
            (known(INF), NOT_TOLD, True),
            (one_of(None, INF), known(None), True),
            (one_of(None, 2), known(None), False),
            (NOT_TOLD, known(None), False),
        ],
    )
    def test_whose_limit_counts(self, own: Value | None, task_limit: Value, endless: bool) -> None:
        """As Celery does it: None in a retry is the task's limit, anything else beats it."""
        options = {} if own is None else {"max_retries": own}
        found = self.found(max_retries=task_limit, retries=(retry(**options),))
        assert bool(found) is endless

        if own is None or own.state is State.KNOWN:
            kwargs = {} if own is None else {"max_retries": own.value}
            found = self.found(
                max_retries=task_limit, autoretry_for=SOME_ERRORS, retry_kwargs=known(kwargs)
            )
            assert bool(found) is endless

    def test_marks_the_retry_where_that_is_endless(self) -> None:
        (finding,) = self.found(
            retries=(retry(20, max_retries=known(2)), retry(22, max_retries=known(INF)))
        )
        assert (finding.place, finding.label) == (at(22), "no limit")
        assert finding.labels == ()

    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"autoretry_for": known(())},
            {"autoretry_for": NOT_TOLD},
            {"autoretry_for": one_of((), ("ValueError",))},
            {"autoretry_for": SOME_ERRORS, "retry_kwargs": NOT_TOLD},
            {"autoretry_for": SOME_ERRORS, "retry_kwargs": one_of({}, {"max_retries": 5})},
        ],
    )
    def test_no_certain_way_to_retry(self, options: dict[str, Value]) -> None:
        assert self.found(max_retries=known(None), **options) == []

    def test_self_given_away_proves_nothing(self) -> None:
        it = task(max_retries=known(None))
        it.body = Body(hands_on=True)
        assert check("unbounded-retries", project([], it)) == []


def route(of: App, kind: str = "glob", matches: tuple[str, ...] = ()) -> Route:
    return Route(of.variable, "emails.*", kind, known("email"), at(5, "routes.py"), matches)


def call(name: str = "shop.tasks.export", **options: Value) -> Call:
    queue = options.get("queue", celery_default("celery"))
    return Call(name, "apply_async", queue, at(50), options)


def entry(queue: Value, name: str = "shop.tasks.export") -> BeatEntry:
    return BeatEntry("shop.app", "nightly", known(name), True, known(60), queue, at(60))


class TestUnroutedTask:
    def test_beside_a_route(self) -> None:
        shop = app()
        (finding,) = check("unrouted-task", project([shop], task(shop), routes=[route(shop)]))
        assert finding.place == at(10)
        assert "lands on the default queue `celery`: " in finding.message
        assert told(finding) == [("routes.py:5", "tasks are routed here")]
        assert "`task_routes` at shop/app.py:3" in finding.cause

    def test_beside_a_task_with_a_queue(self) -> None:
        shop = app()
        other = task(shop, "b", queue=known("files", at(30)), routed_by="option")
        (finding,) = check("unrouted-task", project([shop], other, task(shop)))
        assert finding.task == "shop.tasks.export"
        assert told(finding) == [("tasks.py:30", "this task names its queue")]

    @pytest.mark.parametrize("queues", [["celery", "files"], {"files": {}}, ("files",)])
    def test_beside_declared_queues(self, queues: object) -> None:
        shop = app(task_queues=known(queues, at(7)))
        (finding,) = check("unrouted-task", project([shop], task(shop)))
        assert told(finding) == [("tasks.py:7", "there are queues to choose from")]

    def test_renamed_default_queue_is_told(self) -> None:
        shop = app()
        it = task(shop, queue=known("misc", at(8, "conf.py")))
        (finding,) = check("unrouted-task", project([shop], it, routes=[route(shop)]))
        assert "default queue `misc`" in finding.message
        assert told(finding)[1:] == [("conf.py:8", "the default queue")]

    def test_default_queue_that_cannot_be_told(self) -> None:
        shop = app()
        it = task(shop, queue=NOT_TOLD)
        (finding,) = check("unrouted-task", project([shop], it, routes=[route(shop)]))
        assert "lands on the default queue of the app: " in finding.message

    @pytest.mark.parametrize("routed_by", ["option", "route", "unknown"])
    def test_routed(self, routed_by: str) -> None:
        shop = app()
        it = task(shop, routed_by=routed_by)
        assert check("unrouted-task", project([shop], it, routes=[route(shop)])) == []

    @pytest.mark.parametrize(
        "queues",
        [celery_default(None), known(None), known(["celery"]), one_of(["a"], None), NOT_TOLD],
    )
    def test_no_routing_in_the_project(self, queues: Value) -> None:
        shop = app(task_queues=queues)
        assert check("unrouted-task", project([shop], task(shop))) == []

    def test_routes_of_another_app(self) -> None:
        shop, bank = app(), app("bank.app")
        assert check("unrouted-task", project([shop, bank], task(shop), routes=[route(bank)])) == []

    def test_a_route_that_names_no_queue_is_a_decision(self) -> None:
        shop = app()
        routes = [route(shop, matches=("shop.tasks.export",))]
        assert check("unrouted-task", project([shop], task(shop), routes=routes)) == []

    def test_a_function_may_route_anything(self) -> None:
        shop = app()
        routes = [route(shop), route(shop, "function")]
        assert check("unrouted-task", project([shop], task(shop), routes=routes)) == []

    def test_routes_that_cannot_be_told(self) -> None:
        shop = app(task_routes=NOT_TOLD)
        other = task(shop, "b", queue=known("files"), routed_by="option")
        assert check("unrouted-task", project([shop], other, task(shop))) == []

    @pytest.mark.parametrize(
        ("calls", "beat", "findings"),
        [
            ([call(queue=known("files"))], [], 0),
            ([call(queue=NOT_TOLD)], [], 0),
            ([call(queue=known("files")), call()], [], 1),
            ([call(queue=known(None))], [], 1),
            ([call("other", queue=known("files"))], [], 1),
            ([call(queue=known("files")), call("other")], [], 0),
            ([], [entry(known("files", at(61)))], 0),
            ([], [entry(NOT_TOLD_WHERE)], 0),
            ([], [entry(celery_default("celery"))], 1),
            ([call(queue=known("files"))], [entry(celery_default("celery"))], 1),
            ([call(queue=known("files"))], [entry(celery_default("celery"), "other")], 0),
        ],
    )
    def test_calls(self, calls: list[Call], beat: list[BeatEntry], findings: int) -> None:
        shop = app()
        of = project([shop], task(shop), routes=[route(shop)], calls=calls, beat=beat)
        assert len(check("unrouted-task", of)) == findings


class TestUnconsumedDefaultQueue:
    def test_left_out(self) -> None:
        shop = app(task_queues=known(["files"], at(7, "conf.py")))
        tasks = [task(shop, f"t{number}", line=number) for number in range(10, 15)]
        (finding,) = check("unconsumed-default-queue", project([shop], *tasks))
        assert finding.place == at(7, "conf.py")
        assert finding.message == (
            "`task_queues` leaves out the default queue `celery`, where 5 tasks go"
        )
        assert finding.impact.startswith("messages pile up there")
        assert told(finding) == [(f"tasks.py:{n}", "goes to `celery`") for n in (10, 11, 12)]
        assert (finding.task, finding.symbol) == (None, "shop.app:task_queues")

    def test_spells_the_setting_as_the_project_does(self) -> None:
        shop = app(
            namespace="CELERY",
            task_queues=known(("files",)),
            task_default_queue=known("misc", at(6, "conf.py")),
        )
        (finding,) = check("unconsumed-default-queue", project([shop], task(shop)))
        assert finding.message == (
            "`CELERY_TASK_QUEUES` leaves out the default queue `misc`,"
            " where `shop.tasks.export` goes"
        )
        assert told(finding)[0] == ("conf.py:6", "the default queue")

    def test_refused_at_once(self) -> None:
        shop = app(task_queues=known(["files"]), task_create_missing_queues=known(False))
        (finding,) = check("unconsumed-default-queue", project([shop], task(shop)))
        assert finding.impact == "every call raises `QueueNotFound`"

    @pytest.mark.parametrize(
        ("queues", "default"),
        [
            (known(["celery", "files"]), celery_default("celery")),
            (known({"celery": {}}), celery_default("celery")),
            (known(["files"]), known("files")),
            (known(["files"]), one_of("files", "celery")),
            (one_of(["files"], ["celery"]), celery_default("celery")),
            (known(["files"]), NOT_TOLD),
            (known([]), celery_default("celery")),
            (known(None), celery_default("celery")),
            (celery_default(None), known("misc")),
            (NOT_TOLD, celery_default("celery")),
            (known(["files", ""]), celery_default("celery")),
            (known([{"name": "files"}]), celery_default("celery")),
        ],
    )
    def test_silent(self, queues: Value, default: Value) -> None:
        shop = app(task_queues=queues, task_default_queue=default)
        assert check("unconsumed-default-queue", project([shop], task(shop))) == []

    @pytest.mark.parametrize("routed_by", ["option", "route", "unknown"])
    def test_no_task_falls_to_it(self, routed_by: str) -> None:
        shop = app(task_queues=known(["files"]))
        it = task(shop, routed_by=routed_by)
        assert check("unconsumed-default-queue", project([shop], it)) == []

    def test_a_worker_reads_it_all_the_same(self) -> None:
        shop = app(task_queues=known(["files"]))
        queue = Queue("celery", None, False, (), workers=("Procfile:1",))
        assert check("unconsumed-default-queue", project([shop], task(shop), queues=[queue])) == []
