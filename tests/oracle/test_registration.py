"""Which tasks a worker registers, by what makes it import their modules."""

from __future__ import annotations

import pytest

from celerylint.discover import discover
from celerylint.link import link

from .harness import Oracle, Project, files

TASKS = """
    # shop/__init__.py

    # shop/tasks.py
    from celery import shared_task

    @shared_task
    def pay(): ...

    # shop/jobs.py
    from celery import shared_task

    @shared_task
    def refund(): ...

    # stock/__init__.py

    # stock/apps.py
    class StockConfig: ...

    # stock/tasks/__init__.py
    from celery import shared_task

    @shared_task
    def count(): ...

    # stock/tasks/nightly.py
    from celery import shared_task

    @shared_task
    def clean(): ...
    """


@pytest.mark.parametrize(
    "source",
    [
        "app.autodiscover_tasks(['shop', 'stock'])",
        "app.autodiscover_tasks(['shop'], related_name='jobs')",
        "app.autodiscover_tasks(['shop'], 'nope')",
        "app.autodiscover_tasks(['shop.jobs'], related_name=None)",
        "app.autodiscover_tasks(['stock.tasks'])",
        "app.autodiscover_tasks(lambda: ['shop'])",
        "app.autodiscover_tasks(packages=[name for name in ('shop', 'stock')])",
        "app.conf.include = ['shop.jobs']",
        "app.conf.imports = ('stock.tasks.nightly',)",
        "app.conf.update(imports='shop.tasks')",
        "import shop.jobs",
        "from stock.tasks import nightly",
        "pass",
    ],
)
def test_loaded_is_registered(oracle: Oracle, source: str) -> None:
    app = f"""
    # app.py
    from celery import Celery
    app = Celery("proj")
    {source}
    """
    project = Project(files(app) | files(TASKS))
    with project.written() as root:
        real = oracle.run_at(root, project)
        found = discover([root])
        linked = link(found.files, root=found.root, celery_version=oracle.celery_version)
    registered = {name for told in real["apps"].values() for name in told["tasks"]}
    assert {task.name for task in linked.tasks if task.loaded} == registered
    assert all(task.loaded is not None for task in linked.tasks)
