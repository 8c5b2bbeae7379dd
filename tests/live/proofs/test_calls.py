"""Proofs of rules/calls."""

from __future__ import annotations

from live.proofs.project import Project
from live.proofs.proof import proves


@proves(
    "chord-without-results",
    bad={
        "tasks.py": """
        from celery import Celery, chord

        app = Celery("shop", broker="redis://localhost", backend="file://results")


        @app.task(ignore_result=True)
        def page(number): ...


        @app.task
        def bind_book(pages): ...


        def print_book():
            return chord([page.s(1), page.s(2)])(bind_book.s())
        """
    },
    good={
        "tasks.py": """
        from celery import Celery, chord

        app = Celery("shop", broker="redis://localhost", backend="file://results")


        @app.task
        def page(number): ...


        @app.task
        def bind_book(pages): ...


        def print_book():
            return chord([page.s(1), page.s(2)])(bind_book.s())
        """
    },
)
def test_a_chord_polls_forever_for_results_that_are_ignored(bad: Project, good: Project) -> None:
    for project in (bad, good):
        (project.folder / "results").mkdir()
        project.backend = "file://results"
        project.worker()
        project.python("from tasks import print_book; print_book()")
    good.wait_for("succeeded", task="tasks.bind_book")
    bad.wait_for("succeeded", task="tasks.page", times=2)
    (first, *_, last) = bad.wait_for("retried", task="celery.chord_unlock", times=5)
    assert first["delay"] == last["delay"] == 1
    assert not bad.events("started", task="tasks.bind_book")


@proves(
    "ignored-result-read",
    bad={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task(ignore_result=True)
        def total(numbers):
            return sum(numbers)
        """
    },
    good={
        "tasks.py": """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")


        @app.task
        def total(numbers):
            return sum(numbers)
        """
    },
)
def test_an_ignored_result_is_none(bad: Project, good: Project) -> None:
    bad.worker()
    good.worker()
    read = "from tasks import total; print(total.delay([1, 2]).get(timeout=60))"
    assert (bad.python(read), good.python(read)) == ("None", "3")
