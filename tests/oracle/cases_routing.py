"""Where a plain call of a task goes.

Decorator, base or annotation > task_routes > task_default_queue: celery/app/routes.py
(``Router.route``, ``MapRoute``) and celery/app/amqp.py (``Queues``, ``send_task_message``).
"""

from __future__ import annotations

import textwrap

from .cases import Case, case

ONE_TASK = """\
# app.py
import re
from celery import Celery
from kombu import Exchange, Queue
app = Celery("proj")
{configuration}
@app.task(name="proj.feeds.import_feed"{options})
def import_feed(): ...
"""


def _routed(
    name: str, queue: object, configuration: str = "", options: str = "", unknown: bool = False
) -> Case:
    """One task, ``proj.feeds.import_feed``: the queue it goes to under this configuration."""
    text = ONE_TASK.format(
        configuration=textwrap.dedent(configuration), options=", " + options if options else ""
    )
    return case(
        name,
        text,
        tasks={"proj.feeds.import_feed": {"queue": queue}},
        unknown=("task proj.feeds.import_feed queue", "setting task_routes") if unknown else (),
    )


QUEUE = [
    _routed("queue-default", "celery"),
    _routed("queue-default-setting", "q", "app.conf.task_default_queue = 'q'"),
    _routed("queue-of-the-decorator", "q", "", "queue='q'"),
    _routed("queue-beats-routes", "q", "app.conf.task_routes = {'proj.*': 'r'}", "queue='q'"),
    _routed(
        "queue-none-asks-the-routes", "r", "app.conf.task_routes = {'proj.*': 'r'}", "queue=None"
    ),
    _routed(
        "queue-empty-asks-the-routes", "r", "app.conf.task_routes = {'proj.*': 'r'}", "queue=''"
    ),
    _routed("queue-object", "q", "", "queue=Queue('q')"),
    _routed("queue-constant", "files", "class Queues:\n    FILES = 'files'", "queue=Queues.FILES"),
    _routed(
        "queue-enum",
        "files",
        """\
        from enum import Enum
        class Queues(str, Enum):
            FILES = "files"
        """,
        "queue=Queues.FILES.value",
    ),
    _routed(
        "queue-from-settings",
        "low",
        "app.conf.task_default_queue = 'low'",
        "queue=app.conf.task_default_queue",
    ),
    _routed(
        "queue-from-the-environment",
        "files",
        "import os",
        "queue=os.environ.get('FILES_QUEUE', 'files')",
    ),
    _routed("routing-key-alone-is-ignored", "celery", "", "routing_key='rk'"),
    _routed(
        "exchange-and-routing-key",
        {"exchange": "ex", "routing_key": "rk"},
        "",
        "exchange='ex', routing_key='rk'",
        unknown=True,
    ),
    _routed("exchange-of-the-queue", "q", "", "queue='q', exchange='q', routing_key='q'"),
    _routed("exchange-alone", "celery", "", "exchange='ex'"),
    _routed(
        "queue-of-the-base",
        "q",
        """\
        from celery import Task
        class Base(Task):
            queue = "q"
        """,
        "base=Base",
    ),
    _routed(
        "queue-none-over-the-base",
        "celery",
        """\
        from celery import Task
        class Base(Task):
            queue = "q"
        """,
        "base=Base, queue=None",
    ),
]

ROUTES = [
    _routed("route-string", "r", "app.conf.task_routes = {'proj.feeds.import_feed': 'r'}"),
    _routed(
        "route-dict",
        "r",
        "app.conf.task_routes = {'proj.feeds.import_feed': {'queue': 'r', 'priority': 3}}",
    ),
    _routed(
        "route-queue-object",
        "r",
        "app.conf.task_routes = {'proj.feeds.import_feed': {'queue': Queue('r')}}",
    ),
    _routed("route-glob", "r", "app.conf.task_routes = {'proj.*': {'queue': 'r'}}"),
    _routed("route-star", "r", "app.conf.task_routes = {'*': 'r'}"),
    _routed("route-star-crosses-dots", "r", "app.conf.task_routes = {'proj.*feed': 'r'}"),
    _routed("route-glob-is-case-sensitive", "celery", "app.conf.task_routes = {'Proj.*': 'r'}"),
    _routed("route-glob-is-anchored", "celery", "app.conf.task_routes = {'feeds.*': 'r'}"),
    _routed(
        "route-question-mark-alone",
        "celery",
        "app.conf.task_routes = {'proj.feeds.import_fee?': 'r'}",
    ),
    _routed("route-question-mark-with-star", "r", "app.conf.task_routes = {'pro?.feed[s].*': 'r'}"),
    _routed(
        "route-trailing-space", "celery", "app.conf.task_routes = {'proj.feeds.import_feed ': 'r'}"
    ),
    _routed(
        "route-exact-beats-earlier-glob",
        "exact",
        "app.conf.task_routes = {'proj.*': 'g', 'proj.feeds.import_feed': 'exact'}",
    ),
    _routed(
        "route-first-glob-wins",
        "one",
        "app.conf.task_routes = {'proj.*': 'one', 'proj.feeds.*': 'two'}",
    ),
    _routed(
        "route-regex",
        "r",
        "app.conf.task_routes = {re.compile(r'(proj|shop)\\.feeds'): {'queue': 'r'}}",
    ),
    _routed(
        "route-regex-matches-from-the-start",
        "celery",
        "app.conf.task_routes = {re.compile(r'feeds'): {'queue': 'r'}}",
    ),
    _routed(
        "route-regex-in-pairs",
        "r",
        "app.conf.task_routes = ([('x.*', 'q'), (re.compile('proj'), {'queue': 'r'})],)",
    ),
    _routed(
        "route-list-of-dicts-in-order",
        "g",
        "app.conf.task_routes = [{'proj.*': 'g'}, {'proj.feeds.import_feed': 'e'}]",
    ),
    _routed(
        "route-list-falls-through",
        "e",
        "app.conf.task_routes = ({'x.*': 'g'}, {'proj.feeds.import_feed': 'e'})",
    ),
    _routed("route-nested-pairs", "r", "app.conf.task_routes = ([('proj.*', {'queue': 'r'})],)"),
    _routed(
        "route-flat-pairs-raise",
        {"error": "ValueError"},
        "app.conf.task_routes = [('proj.*', {'queue': 'r'})]",
        unknown=True,
    ),
    _routed("route-value-of-pairs", "r", "app.conf.task_routes = {'proj.*': [('queue', 'r')]}"),
    _routed(
        "route-empty-dict", "celery", "app.conf.task_routes = [{'proj.*': {}}, {'proj.*': 'r'}]"
    ),
    _routed(
        "route-routing-key-only",
        "celery",
        "app.conf.task_routes = {'proj.*': {'routing_key': 'rk'}}",
    ),
    _routed(
        "route-exchange",
        {"exchange": "ex", "routing_key": "rk"},
        "app.conf.task_routes = {'proj.*': {'exchange': 'ex', 'routing_key': 'rk'}}",
        unknown=True,
    ),
    _routed(
        "route-with-limit-raises",
        {"error": "TypeError"},
        "app.conf.task_routes = {'proj.*': {'queue': 'r', 'time_limit': 5}}",
        unknown=True,
    ),
    _routed(
        "route-function",
        "r",
        """\
        def route(name, args, kwargs, options, task=None, **kw):
            if name.startswith("proj."):
                return {"queue": "r"}
        app.conf.task_routes = (route,)
        """,
        unknown=True,
    ),
    _routed(
        "route-function-after-a-match",
        "r",
        """\
        def route(name, args, kwargs, options, task=None, **kw):
            return {"queue": "f"}
        app.conf.task_routes = ({"proj.*": "r"}, route)
        """,
    ),
    _routed(
        "route-router-class",
        "r",
        """\
        class Router:
            def route_for_task(self, task, args=None, kwargs=None):
                return "r"
        app.conf.task_routes = (Router(),)
        """,
        unknown=True,
    ),
    _routed(
        "route-dotted-path",
        "r",
        """\
        def route(name, args, kwargs, options, task=None, **kw):
            return "r"
        app.conf.task_routes = ("app.route",)
        """,
        unknown=True,
    ),
    _routed("route-none-setting", "celery", "app.conf.task_routes = None"),
    _routed(
        "routes-by-comprehension",
        "feeds",
        "app.conf.task_routes = {f'proj.{n}.*': {'queue': n} for n in ('feeds', 'mail')}",
    ),
    _routed(
        "routes-item-by-item",
        "r",
        """\
        routes = {"x.*": "x"}
        routes["proj.*"] = {"queue": "r"}
        routes.update({"y.*": "y"})
        app.conf.task_routes = routes
        """,
    ),
    _routed(
        "routes-from-the-environment",
        "r",
        """\
        import os
        app.conf.task_routes = {"proj.*": {"queue": os.getenv("FEEDS_QUEUE", "r")}}
        """,
    ),
    _routed(
        "routes-in-a-branch",
        "celery",
        """\
        import os
        if os.getenv("ROUTED"):
            app.conf.task_routes = {"proj.*": "r"}
        """,
    ),
]

QUEUES = [
    _routed("queues-without-the-default", "celery", "app.conf.task_queues = [Queue('a')]"),
    _routed(
        "queues-with-the-default",
        "a",
        """\
        app.conf.task_queues = (Queue("a", Exchange("a"), routing_key="a"), Queue("b"))
        app.conf.task_default_queue = "a"
        """,
    ),
    _routed(
        "queues-as-a-dict",
        "b",
        """\
        app.conf.task_queues = {"b": {"exchange": "b", "routing_key": "b"}}
        app.conf.task_routes = {"proj.*": "b"}
        """,
    ),
    _routed(
        "queue-of-a-topic-exchange",
        "feeds",
        """\
        TOPIC = Exchange("topic", type="topic")
        app.conf.task_queues = [Queue("feeds", TOPIC, routing_key="feed.#"), Queue("celery")]
        app.conf.task_routes = {"proj.*": {"queue": "feeds"}}
        """,
    ),
    _routed(
        "queue-of-a-topic-exchange-with-a-key",
        "feeds",
        """\
        TOPIC = Exchange("topic", type="topic")
        app.conf.task_queues = [Queue("feeds", TOPIC, routing_key="feed.#"), Queue("celery")]
        app.conf.task_routes = {"proj.*": {"queue": "feeds", "routing_key": "feed.import"}}
        """,
    ),
    _routed(
        "queues-by-comprehension",
        "low",
        """\
        NAMES = ["high", "low"]
        app.conf.task_queues = [Queue(name, routing_key=name) for name in NAMES]
        app.conf.task_default_queue = NAMES[-1]
        """,
    ),
    _routed(
        "queues-not-created",
        {"error": "QueueNotFound"},
        """\
        app.conf.task_create_missing_queues = False
        app.conf.task_queues = [Queue("celery")]
        """,
        "queue='nope'",
        unknown=True,
    ),
]

PROJECTS = [
    case(
        "routes-in-a-config-module",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", include=["shop.tasks", "mail.tasks"])
        app.config_from_object("celeryconfig")

        # celeryconfig.py
        from kombu import Queue
        task_default_queue = "default"
        task_queues = (Queue("default"), Queue("mail"), Queue("slow"))
        task_routes = {"mail.tasks.*": {"queue": "mail"}, "shop.tasks.report": "slow"}

        # shop/__init__.py

        # shop/tasks.py
        from celery import shared_task

        @shared_task
        def pay(): ...

        @shared_task
        def report(): ...

        # mail/__init__.py

        # mail/tasks.py
        from celery import shared_task

        @shared_task
        def send(): ...

        @shared_task(queue="slow")
        def digest(): ...
        """,
        tasks={
            "shop.tasks.pay": {"queue": "default"},
            "shop.tasks.report": {"queue": "slow"},
            "mail.tasks.send": {"queue": "mail"},
            "mail.tasks.digest": {"queue": "slow"},
        },
    ),
    case(
        "route-by-custom-name",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")
        app.conf.task_routes = {"app.add": "by-module", "jobs.*": "by-name"}

        @app.task(name="jobs.add")
        def add(): ...

        @app.task
        def sub(): ...
        """,
        tasks={"jobs.add": {"queue": "by-name"}, "app.sub": {"queue": "celery"}},
    ),
]

CASES = [*QUEUE, *ROUTES, *QUEUES, *PROJECTS]
