"""What the model says of code as it is written: settings, definitions, bodies, calls, canvases."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from celerylint.discover import discover
from celerylint.link import link
from celerylint.model.call import Canvas, Step
from celerylint.model.project import App, Project, Task

APP = """
    from celery import Celery, Task, chain, chord, group, shared_task
    app = Celery("proj")
    """


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Link a project of one module, behind the usual imports, or of several files."""
    monkeypatch.chdir(tmp_path)

    def linked(source: str = "", version: str = "5.7.0", **files: str) -> Project:
        for name, text in {"app": dedent(APP) + dedent(source), **files}.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return link(discover([Path()]).files, root=str(tmp_path), celery_version=version)

    return linked


def only(project: Project) -> App:
    (app,) = project.apps
    return app


def task(project: Project, name: str) -> Task:
    (found,) = (task for task in project.tasks if task.function == name)
    return found


# Settings


def test_settings_as_they_are_written(read) -> None:
    source = """
        app.conf.task_ack_late = True
        app.conf.update(worker_concurrency=4)
        app.config_from_object("config", namespace="CELERY")
        """
    config = """
        CELERY_TASK_ACKS_LATE = True
        CELERY_ACKS_LATE = True
        CELERY_LOG_DIR = "/var/log"
        BROKER_HOSTNAME = "rabbit"
        ALLOWED_HOSTS = []
        print(CELERY_LOG_DIR)
        """
    app = only(read(source, config=config))
    assert {(w.name, w.setting, w.origin, w.is_read) for w in app.written} == {
        ("task_ack_late", "", "conf", False),
        ("worker_concurrency", "worker_concurrency", "conf", False),
        ("CELERY_TASK_ACKS_LATE", "task_acks_late", "source", False),
        ("CELERY_ACKS_LATE", "task_acks_late", "source", False),
        ("CELERY_LOG_DIR", "", "source", True),
        ("BROKER_HOSTNAME", "", "source", False),
    }


def test_old_names_under_a_namespace_are_no_settings_before_5_7(read) -> None:
    source = 'app.config_from_object("config", namespace="CELERY")'
    app = only(read(source, version="5.6.3", config="CELERY_ACKS_LATE = True\n"))
    assert [(w.name, w.setting) for w in app.written] == [("CELERY_ACKS_LATE", "")]


def test_a_name_defined_in_another_settings_module_is_not_read_there(read) -> None:
    source = 'app.config_from_object("config", namespace="CELERY")'
    other = 'CELERY_TASK_LIMIT: int = int(env("CELERY_TASK_LIMIT", 5))\n'
    app = only(read(source, config="CELERY_TASK_LIMIT = 5\n", development=other))
    assert [w.is_read for w in app.written] == [False]


def test_sources_arguments_and_what_is_overwritten(read) -> None:
    project = read(
        worker="""
        from celery import Celery
        other = Celery("x", "redis://localhost")
        other.config_from_object("one")
        other.config_from_object("two")
        other.conf.beat_schedule = {"a": {"task": "t", "schedule": 1}}
        other.conf.beat_schedule = {"b": {}, "b": {"task": "t", "schedule": 1}}
        """
    )
    (other,) = (app for app in project.apps if app.variable == "worker.other")
    assert [(p.parameter, p.value.value) for p in other.positional] == [
        ("main", "x"),
        ("loader", "redis://localhost"),
    ]
    assert [source.what for source in other.sources] == ["'one'", "'two'"]
    assert [(o.setting, o.key) for o in other.overwritten] == [
        ("beat_schedule", ""),
        ("beat_schedule", "b"),
    ]


def test_annotations_and_mistakes_in_routes(read) -> None:
    source = """
        app.conf.task_annotations = {"*": {"rate_limit": "1/s"}, "app.x": {"max_retry": 5}}
        app.conf.task_routes = [
            ("app.*", {"queue": "a"}),
            {"b.*": {"queue": "b", "expires": 5, "queues": "c"}, "d": None},
        ]
        """
    app = only(read(source))
    assert {a.key: list(a.options) for a in app.annotations} == {
        "*": ["rate_limit"],
        "app.x": ["max_retry"],
    }
    assert [(m.kind, m.pattern, m.detail) for m in app.route_mistakes] == [
        ("shape", "app.*", "('app.*', {...})"),
        ("illegal", "b.*", "expires"),
        ("unknown", "b.*", "queues"),
        ("value", "d", "None"),
    ]


def test_modules_loaded_by_name(read) -> None:
    source = """
        app.conf.include = ["jobs.mail", "jobs.gone", "elsewhere.jobs"]
        app.autodiscover_tasks(["jobs"])
        app.autodiscover_tasks(["jobs"], related_name="mail")
        app.autodiscover_tasks("jobs")
        """
    app = only(read(source, jobs____init__="", jobs__mail="import celery\n"))
    assert [(load.name, load.exists) for load in app.loads] == [
        ("jobs.mail", True),
        ("jobs.gone", False),
        ("elsewhere.jobs", None),
    ]
    assert [found.finds for found in app.autodiscoveries] == [False, True, False]


# Definitions


def test_definitions(read) -> None:
    project = read(
        """
        import functools

        def hide(function):
            def inner(): ...
            return inner

        @hide
        @app.task
        @functools.cache
        async def above(): ...

        @functools.lru_cache
        @app.task
        def cached(): ...

        class Jobs:
            @app.task
            def method(self): yield

        def factory():
            @app.task(verbose=True)
            def inner(): ...
            return inner

        factory()
        """
    )
    above = task(project, "above").definition
    assert above is not None and above.is_async
    assert [(d.name, d.hides) for d in above.above] == [("app.hide", True)]
    assert [d.name for d in above.below] == ["functools.cache"]
    cached = task(project, "cached").definition
    assert cached is not None and [d.hides for d in cached.above] == [True]
    method = task(project, "method").definition
    assert method is not None and (method.owner, method.is_generator) == ("Jobs", True)
    inner = next(found for found in project.tasks if found.extra)
    assert inner.definition is not None and inner.definition.nested_in == "factory"
    assert list(inner.extra) == ["verbose"]


def test_extra_options_are_not_those_of_a_base_class(read) -> None:
    project = read(
        """
        class Base(Task):
            tenant = None

        @app.task(base=Base, tenant="x", tenent="y")
        def add(): ...

        def tell(task):
            return task.tenent
        """
    )
    assert list(task(project, "add").extra) == ["tenent"]
    assert project.attributes_read == {"tenent"}


def test_what_a_body_catches_and_retries(read) -> None:
    project = read(
        """
        from contextlib import suppress
        from celery.exceptions import Reject

        @app.task(bind=True)
        def add(self):
            for item in self.items:
                try:
                    self.retry(countdown=5)
                except (ValueError, KeyError):
                    pass
                except Exception as error:
                    raise self.retry(exc=error)
            with suppress(Exception):
                self.retry(None, {}, "text")
            if self.request.retries > 3:
                raise Reject("no", requeue=True)
            raise self.retry
        """
    )
    body = task(project, "add").body
    assert body is not None
    first, in_handler, suppressed = body.retries
    assert [[h.exceptions for h in group] for group in first.tries] == [
        [("builtins.ValueError", "builtins.KeyError"), ("builtins.Exception",)]
    ]
    swallowing, raising = first.tries[0]
    assert (swallowing.raises, raising.raises) == (False, True)
    assert swallowing.in_loop is not None
    assert in_handler.in_handler == raising and in_handler.tries == ()
    assert suppressed.options["exc"].value == "text"
    assert [h.exceptions for h in suppressed.tries[0]] == [("builtins.Exception",)]
    assert body.counts_retries and len(body.requeues) == len(body.uncalled_retries) == 1
    assert body.reads == {"items", "retry", "request"}


def test_task_classes_and_imports(read) -> None:
    project = read(
        """
        class Base(Task):
            abstract = True

            def on_failure(self, exc): ...

        class Forgotten(Base):
            def run(self): ...

        class Known(Base):
            def run(self): ...

        app.register_task(Known())
        Forgotten().delay()

        try:
            from celery.task import periodic_task
        except ImportError:
            pass
        from celery.five import items
        """
    )
    classes = {found.name: found for found in project.task_classes}
    assert classes["app.Base"].is_base and not classes["app.Base"].has_run
    assert [method.name for method in classes["app.Base"].methods] == ["on_failure"]
    assert classes["app.Known"].is_registered and not classes["app.Forgotten"].is_registered
    assert len(classes["app.Forgotten"].published) == 1
    guarded = {found.name: found.is_guarded for found in project.imports}
    assert guarded["celery.task.periodic_task"] and not guarded["celery.five.items"]


# Calls


def test_where_calls_stand(read) -> None:
    project = read(
        """
        from django.db import transaction

        @app.task
        def add(x): ...

        add.delay(1)

        if __name__ == "__main__":
            add.delay(2)

        @transaction.atomic
        def save():
            add.delay(3)
            transaction.on_commit(lambda: add.delay(4))
            transaction.on_commit(add.delay(5))

        def view(request):
            order = Order.objects.get(pk=1)
            with transaction.atomic():
                add.apply_async((order, request.user), {"items": Item.objects.filter(x=1)})

        @app.task
        def outer():
            add.delay(*arguments)
        """
    )
    calls = {call.place.line: call for call in project.calls if call.kind != "reference"}
    first, main, in_save, on_commit, at_once, in_view, in_task = calls.values()
    assert first.context.function == "" and not first.context.is_main
    assert main.context.is_main
    assert in_save.context.transaction is not None and on_commit.context.transaction is None
    assert at_once.given_to == "django.db.transaction.on_commit"
    assert in_view.context.handles_request and in_view.context.transaction is not None
    assert in_view.arguments is not None
    assert (in_view.arguments.positional, in_view.arguments.keywords) == (2, ("items",))
    assert [(o.kind, o.text) for o in in_view.arguments.objects] == [
        ("model", "order"),
        ("user", "request.user"),
        ("queryset", "Item.objects.filter(...)"),
    ]
    assert in_task.context.task == "app.outer"
    assert in_task.arguments is not None and not in_task.arguments.is_complete


def test_results_that_are_read(read) -> None:
    project = read(
        """
        from celery.result import AsyncResult, allow_join_result

        @app.task
        def add(x): ...

        @app.task
        def outer(options):
            add.delay(1).get()
            result = add.apply_async((1,), queue="q")
            result.get(timeout=5)
            with allow_join_result():
                group(add.s(1))().join()
            options.get("x")

        def look(id):
            return AsyncResult(id).state
        """
    )
    assert [(r.task, r.method, r.has_timeout, r.disables_check) for r in project.results] == [
        ("app.add", "get", False, False),
        ("app.add", "get", True, False),
        (None, "join", False, True),
        (None, "state", False, False),
    ]
    assert project.results[1].sent_with["queue"].value == "q"
    assert project.results[0].context.task == "app.outer"


def shape(canvas: Canvas) -> object:
    steps = [_shape(step) for step in canvas.steps]
    return (
        (canvas.kind, steps) if canvas.body is None else (canvas.kind, steps, _shape(canvas.body))
    )


def _shape(step: Step) -> object:
    return shape(step.canvas) if step.canvas is not None else f"{step.kind} {step.task}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("chain(a.s(1), b.s())", ("chain", ["signature app.a", "signature app.b"])),
        ("a.s(1) | b.si() | a.s()", ("chain", ["signature app.a", "signature app.b",
                                               "signature app.a"])),
        ("group([a.s(1), b])", ("group", ["signature app.a", "task app.b"])),
        ("group(a.s(i) for i in items)", ("group", ["signature app.a"])),
        ("chord([a.s(1)])(b.s())", ("chord", ["signature app.a"], "signature app.b")),
        ("chord([a.s(1)], b.s())", ("chord", ["signature app.a"], "signature app.b")),
        ("group(a.s(1)) | b.s()", ("chord", ["signature app.a"], "signature app.b")),
        ("chain(a.s(), group(a.s()), b.s())",
         ("chain", ["signature app.a", ("chord", ["signature app.a"], "signature app.b")])),
        ("chain(a.delay(1), other)", ("chain", ["call app.a", "unknown None"])),
    ],
)  # fmt: skip
def test_canvases(read, source: str, expected: object) -> None:
    project = read(
        f"""
        @app.task
        def a(x): ...

        @app.task
        def b(x): ...

        def send(items, other):
            {source}
        """
    )
    assert [shape(canvas) for canvas in project.canvases] == [expected]


def test_how_canvases_and_callbacks_are_sent(read) -> None:
    project = read(
        """
        @app.task
        def a(x): ...

        def send():
            work = chain(a.s(1), a.si(x=2))
            work.apply_async(countdown=5, link_error=a.s())
            a.apply_async((1,), link=[a.s()])
            a.s(1).on_error(a.si())
        """
    )
    (canvas,) = project.canvases
    assert [step.immutable for step in canvas.steps] == [False, True]
    arguments = [step.arguments for step in canvas.steps]
    assert [(a.positional, a.keywords) for a in arguments if a] == [(1, ()), (0, ("x",))]
    (sent,) = project.canvas_sends
    assert (sent.kind, sent.options["countdown"].value) == ("chain", 5)
    assert [(link.kind, link.step.immutable) for link in project.links] == [
        ("link_error", False),
        ("link", False),
        ("link_error", True),
    ]


# Beat and signals


def test_beat_entries_as_they_are_written(read) -> None:
    project = read(
        """
        @app.task
        def add(x, y): ...

        app.conf.beat_schedule = {
            "a": {"task": "app.add", "schedule": 5, "args": (1), "queue": "q",
                  "options": {"expires": 9, "bogus": 1}},
        }

        @app.on_after_configure.connect
        def setup(sender, **kwargs):
            sender.add_periodic_task(5, add.s(1, 2))
            sender.add_periodic_task(9, add.s(1, 2))
            sender.add_periodic_task(9, add.s(), (1,), expires=5)
        """
    )
    first, second, third = project.beat
    assert list(first.given) == ["task", "schedule", "args", "queue", "options"]
    assert first.args.value == 1 and first.options["bogus"].value == 1
    assert second.args.value == (1, 2) and second.replaces is not None
    assert third.args.value == (1,) and third.options["expires"].value == 5
    assert [entry.is_periodic for entry in project.beat] == [False, True, True]


def test_crontabs(read) -> None:
    project = read(
        """
        from celery.schedules import crontab as cron
        import celery.schedules

        cron(0, 3, day_of_month="1", second=5)

        def later(options):
            return celery.schedules.crontab(hour=3, **options)

        def crontab(hour): ...

        crontab(hour=3)
        """
    )
    first, second = project.crontabs
    assert {name: value.value for name, value in first.fields.items()} == {
        "minute": 0,
        "hour": 3,
        "day_of_month": "1",
    }
    assert (first.positional, list(first.others), first.is_complete) == (2, ["second"], True)
    assert (list(second.fields), second.is_complete) == (["hour"], False)


def test_receivers(read) -> None:
    project = read(
        """
        from celery.signals import worker_ready

        @worker_ready.connect
        def ready(sender): ...

        def factory():
            celery_app = Celery("nested")

            @celery_app.on_after_configure.connect(weak=False)
            def setup(sender, **kwargs): ...

            return celery_app
        """,
        jobs="""
        from app import app

        @app.on_after_configure.connect
        def late(sender, **kwargs): ...
        """,
    )
    told = {
        r.function: (r.signal, r.nested_in, r.weak.value, r.takes_keywords, r.comes_late)
        for r in project.receivers
    }
    assert told["ready"] == ("celery.signals.worker_ready", "", True, False, None)
    assert told["late"] == ("on_after_configure", "", True, True, True)
    name, nested, weak, *_ = told["setup"]
    assert (name, nested, weak) == ("on_after_configure", "factory", False)
