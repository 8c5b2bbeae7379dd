"""Which files are worth parsing."""

from __future__ import annotations

import pytest

from celerylint.questions import may_matter


@pytest.mark.parametrize(
    "source",
    [
        "from celery import shared_task",
        "CELERY_TASK_ACKS_LATE = True",
        "class MyCelery: ...",
        "from kombu import Queue",
        "@app.task\ndef f(): ...",
        "import os\n\n@worker.task(\n    bind=True,\n)\ndef f(self): ...",
        "class A:\n    @BackgroundTask()\n    def f(self): ...",
        "\t@our_periodic_TASK\n",
        "import a\r\n@app.task\r\ndef f(): ...",
        "f = app.task(g)",
        "f = app.task(bind=True)(g)",
        "class Send(BaseTask):\n    def run(self): ...",
        "class Send(Mixin, app.Task): ...",
        "app.register_task(Send())",
        "send.delay(1)",
        "on_commit(send.delay)",
        "send.delay_on_commit(1)",
        "send.apply_async((1,))",
        "send.apply_async_on_commit()",
        "class Base:\n    def apply_async(self, *args): ...",
        "app.send_task(NAME)",
        "run(send.s(1))",
        "run(send.si())",
        "run(app.signature(NAME))",
        "run(send.subtask())",
        "app.tasks[NAME].run()",
        "app.conf.task_routes = {}",
        "from django.conf import settings\napp.conf.update(x=1)",
        "from django.conf import settings\nimport django.conf.urls\napp.conf.x = 1",
        "app.conf['beat_schedule'] = {}",
        "app.config_from_object('proj.config')",
        "app.autodiscover_tasks()",
        "@app.on_after_configure.connect\ndef f(sender, **kwargs): ...",
        "sender.add_periodic_task(10, f)",
    ],
)
def test_files_that_may_matter(source: str) -> None:
    assert may_matter(source.encode())
    assert may_matter(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n" + source.encode())


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "from django.conf import settings\nfrom django.conf.urls import include\n",
        "import inspect\ninspect.signature(f)\n",
        "class Order(Model):\n    task = ForeignKey('Task')\n",
        "def task(): ...\ntask()\ntask_id = x.task_id\nself.assertTask(y)\n",
        "@property\ndef task(self): ...\n",
        "import asyncio\nasyncio.create_task(f())\nasyncio.Task.all_tasks()\n",
        "time.sleep(delay)\nself.items(1)\nparser.config.x = 1\n",
    ],
)
def test_files_that_do_not_matter(source: str) -> None:
    assert not may_matter(source.encode())
