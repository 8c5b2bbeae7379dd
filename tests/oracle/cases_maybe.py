"""What is there only in some cases: behind conditions, early returns, the environment."""

from __future__ import annotations

from .cases import Case, case


def _setting(name: str, source: str, value: int | None, *, unknown: bool = False) -> Case:
    """``task_time_limit`` as a piece of code sets it, with nothing in the environment."""
    lines = source.strip("\n").split("\n")
    indented = "\n".join(f"        {line}" for line in lines)
    text = f"""
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        C = os.environ.get("CONDITION")
{indented}

        @app.task
        def add(): ...
        """
    untold = ("task app.add", "setting task_time_limit") if unknown else ()
    expected = {} if value is None else {"task_time_limit": value}
    return case(name, text, settings=expected, unknown=untold)


CONTAINERS = [
    _setting("len-of-a-list-with-a-maybe", """
L = [1]
if C:
    L.append(2)
app.conf.task_time_limit = 60 * len(L)
""", 60),
    _setting("len-of-a-dict-with-a-maybe", """
D = {"a": 1}
if C:
    D["b"] = 2
app.conf.task_time_limit = 60 * len(D)
""", 60),
    _setting("len-of-a-set", """
S = {1}
S.add(1)
app.conf.task_time_limit = 60 * len(S)
""", 60),
    _setting("truth-of-a-list-of-maybes", """
L = []
if C:
    L.append(2)
app.conf.task_time_limit = 60 if L else 30
""", 30),
    _setting("truth-of-a-dict-of-maybes", """
D = {}
if C:
    D["x"] = 2
app.conf.task_time_limit = (D or {"x": 30})["x"]
""", 30),
    _setting("keys-that-may-be-there", """
D = {"a": 1}
if C:
    D["b"] = 2
app.conf.task_time_limit = 0
for key in D:
    app.conf.task_time_limit = {"a": 10, "b": 20}[key]
""", None, unknown=True),
    _setting("setdefault-of-a-maybe", """
D = {}
if C:
    D["limit"] = 5
D.setdefault("limit", 60)
app.conf.task_time_limit = D["limit"]
""", 60),
    _setting("index-behind-a-maybe", """
L = [60]
if C:
    L.append(5)
app.conf.task_time_limit = L[-1]
""", 60, unknown=True),
    _setting("an-argument-that-may-be-given", """
def limit(value=60):
    return value
O = {}
if C:
    O["value"] = 5
app.conf.task_time_limit = limit(**O)
""", 60),
    _setting("entries-merged-in-some-cases", """
D = {"limit": 60, **({"limit": 5} if C else {})}
app.conf.task_time_limit = D["limit"]
""", 60),
    _setting("update-with-one-of-two", """
D = {"limit": 60}
D.update({"limit": 5} if C else {})
app.conf.task_time_limit = D["limit"]
""", 60),
]  # fmt: skip

CONTROL = [
    _setting("after-a-return", """
def configure():
    if not C:
        return
    app.conf.task_time_limit = 5
configure()
""", None),
    _setting("after-a-return-of-an-inner-block", """
def configure():
    if app:
        for _ in range(1):
            if not C:
                return
    app.conf.task_time_limit = 5
configure()
""", None),
    _setting("before-a-return", """
def configure():
    app.conf.task_time_limit = 60
    if not C:
        return
    app.conf.task_time_limit = 5
configure()
""", 60),
    _setting("after-a-continue", """
for limit in (60, 5):
    if limit == 5 and not C:
        continue
    app.conf.task_time_limit = limit
""", 60),
    _setting("after-a-break", """
for limit in (60, 5):
    if limit == 5 and not C:
        break
    app.conf.task_time_limit = limit
""", 60),
    _setting("after-a-check-that-raises", """
if app is None:
    raise RuntimeError
if os.environ.get("BROKEN"):
    raise RuntimeError
app.conf.task_time_limit = 60
""", 60),
    _setting("while-with-an-end", """
limit = 0
while limit < 60:
    limit += 20
app.conf.task_time_limit = limit
""", 60),
]  # fmt: skip

ENVIRONMENT = [
    _setting("chosen-by-the-environment", """
LIMITS = {"development": 60, "production": 5}
app.conf.task_time_limit = LIMITS[os.environ.get("STAGE", "development")]
""", 60),
    _setting("chosen-by-get", """
LIMITS = {"development": 60, "production": 5}
app.conf.task_time_limit = LIMITS.get(os.environ.get("STAGE"), 30)
""", 30),
    _setting("chosen-class", """
class Development:
    task_time_limit = 60
class Production(Development):
    task_time_limit = 5
CONFIGS = {"development": Development, "production": Production}
app.config_from_object(CONFIGS[os.environ.get("STAGE", "development")]())
""", 60),
    _setting("chosen-attribute", """
class Limits:
    SHORT = 60
    LONG = 600
app.conf.task_time_limit = getattr(Limits, os.environ.get("LIMIT", "SHORT"))
""", 60),
    _setting("nothing-unless-it-is-set", """
app.conf.task_time_limit = os.environ.get("LIMIT")
""", None),
    _setting("as-many-as-the-environment-names", """
app.conf.task_time_limit = 30 * len(os.environ.get("HOSTS", "a,b").split(","))
""", 60),
]  # fmt: skip

TASKS = [
    case(
        "task-that-may-be-either",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")

        if os.environ.get("FAST"):
            @app.task(time_limit=1)
            def add(): ...
        else:
            @app.task(time_limit=2)
            def add(): ...
        """,
        tasks={"app.add": {"time_limit": 2}},
    ),
    case(
        "annotation-in-some-cases",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        app.conf.task_annotations = {"app.add": {"time_limit": 60}}
        if os.environ.get("FAST"):
            app.conf.task_annotations["app.add"] = {"time_limit": 2}
            app.conf.task_annotations["*"] = {"rate_limit": "1/s"}

        @app.task
        def add(): ...
        """,
        tasks={"app.add": {"time_limit": 60, "rate_limit": None}},
    ),
    case(
        "route-in-some-cases",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        ROUTES = {"app.add": {"queue": "slow"}}
        if os.environ.get("FAST"):
            ROUTES["app.add"] = {"queue": "fast"}
            ROUTES["app.su*"] = {"queue": "fast"}
        app.conf.task_routes = ROUTES

        @app.task
        def add(): ...

        @app.task
        def sub(): ...
        """,
        tasks={"app.add": {"queue": "slow"}, "app.sub": {"queue": "celery"}},
    ),
    case(
        "number-of-the-projects-own",
        """
        # app.py
        from celery import Celery
        app = Celery("proj")

        class Lazy:
            def __init__(self, value):
                self.value = value

            def __le__(self, other):
                return self.value <= other

            def __gt__(self, other):
                return self.value > other

        @app.task(max_retries=Lazy(3))
        def add(): ...
        """,
        unknown=("task app.add max_retries",),
    ),
]

APPS = [
    case(
        "an-app-made-to-send-something",
        """
        # app.py
        from celery import Celery
        app = Celery("proj", include=["jobs"], task_acks_late=True)

        # views.py
        from celery import Celery
        import jobs

        def stop(id):
            Celery().control.revoke(id)

        # jobs.py
        from celery import shared_task

        @shared_task
        def add(): ...
        """,
        tasks={"jobs.add": {"acks_late": True}},
    ),
    case(
        "tasks-of-one-app-run-by-another",
        """
        # worker.py
        from celery import Celery
        app = Celery("worker", include=["jobs"], task_acks_late=True)

        # sender.py
        from celery import Celery
        app = Celery("sender", broker="redis://x")

        # jobs.py
        from sender import app

        @app.task
        def add(): ...
        """,
        apps=("worker:app", "sender:app"),
        tasks={"jobs.add": {"acks_late": True}},
    ),
]

BEAT = [
    case(
        "entry-overridden-in-some-cases",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        SCHEDULE = {"a": {"task": "t", "schedule": 60, "options": {"queue": "slow"}}}
        if os.environ.get("FAST"):
            SCHEDULE["a"] = {"task": "u", "schedule": 5}
            SCHEDULE["b"] = {"task": "u", "schedule": 5}
        app.conf.beat_schedule = SCHEDULE
        """,
        beat={"a": {"task": "t", "schedule": 60, "queue": "slow"}},
    ),
    case(
        "options-changed-in-some-cases",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        SCHEDULE = {"a": {"task": "t", "schedule": 60, "options": {"queue": "slow"}}}
        if os.environ.get("FAST"):
            SCHEDULE["a"]["options"] = {"queue": "fast"}
        app.conf.beat_schedule = SCHEDULE
        """,
        beat={"a": {"queue": "slow"}},
    ),
    case(
        "periodic-task-replaced-in-some-cases",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")

        @app.task
        def add(): ...

        @app.on_after_configure.connect
        def schedule(sender, **kwargs):
            sender.add_periodic_task(60, add.s(), name="a")
            if os.environ.get("FAST"):
                sender.add_periodic_task(5, add.s(), name="a")
        """,
        beat={"a": {"schedule": 60}},
    ),
    case(
        "entries-spread-in-some-cases",
        """
        # app.py
        import os
        from celery import Celery
        app = Celery("proj")
        EXTRA = {"b": {"task": "u", "schedule": 5}}
        app.conf.beat_schedule = {
            "a": {"task": "t", "schedule": 60},
            **(EXTRA if os.environ.get("FAST") else {}),
        }
        """,
        beat={"a": {"schedule": 60}},
    ),
]

CASES = [*CONTAINERS, *CONTROL, *ENVIRONMENT, *TASKS, *APPS, *BEAT]
