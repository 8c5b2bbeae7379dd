"""Workers of a linked project: what its deployment starts, who reads which queue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from celerylint.celery_schema import Version
from celerylint.deploy.processes import processes
from celerylint.deploy.repository import Repository
from celerylint.link.interpreter import Interpreter
from celerylint.link.routing import declared_queues
from celerylint.link.settings import Settings
from celerylint.link.walk import walk
from celerylint.link.worker_calls import starts_in
from celerylint.link.worker_queues import add_mentions, add_tasks
from celerylint.link.workers import AppOf, workers
from celerylint.model.project import Project, Unreadable
from celerylint.read import syntax as s


class DeploymentSource(Protocol):
    """A file that may say how something is started."""

    @property
    def path(self) -> str: ...

    @property
    def absolute(self) -> str: ...


class Deployment:
    """What is known of how a project is started.

    ``root`` is the absolute path of the project, ``files`` those that may say how workers are
    started. ``is_development`` tells of the absolute path of any file whether what it starts is not
    for production.
    """

    def __init__(
        self,
        root: str,
        files: Sequence[DeploymentSource] = (),
        is_development: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self.repository = Repository(root, {file.absolute: file.path for file in files})
        self.is_development = is_development
        self.is_empty = not files


def add_workers(
    project: Project,
    deployment: Deployment,
    interpreter: Interpreter,
    *,
    read: Collection[str],
    paths: Collection[str],
    settings: Mapping[str, Settings],
    owners: Mapping[str, set[str]],
    version: Version | None,
) -> None:
    """Put the workers into the project, with their tasks, and the readers of its queues.

    ``read`` are the Python files that matter, ``paths`` all of them; ``settings`` are those of each
    app and ``owners`` the apps of each task, by name.
    """
    modules = interpreter.modules
    starts = list(starts_in(interpreter, [modules.at(path) for path in read]))
    if deployment.is_empty and not starts:
        return
    found = processes(deployment.repository, starts, deployment.is_development)
    apps = {
        app.variable: _app(project, app.variable, settings[app.variable]) for app in project.apps
    }
    project.workers = workers(found, interpreter, apps, version)
    _keep_own_options(project, interpreter, read)
    add_tasks(project, owners)
    add_mentions(project, paths)
    problems = deployment.repository.problems()
    project.unreadable += [Unreadable(problem.place, problem.reason) for problem in problems]
    project.templates = deployment.repository.templates


def _app(project: Project, variable: str, settings: Settings) -> AppOf:
    app = project.app_named(variable)
    assert app is not None  # it is one of the project's
    names, complete = declared_queues(settings)
    task_queues = app.setting("task_queues")
    decided_by = task_queues if task_queues.is_set else app.setting("task_default_queue")
    return AppOf(app, tuple(names), decided_by, complete)


def _keep_own_options(project: Project, interpreter: Interpreter, read: Collection[str]) -> None:
    """Take back that options are unknown where the project adds some to Celery's commands
    (``app.user_options``)."""
    modules = interpreter.modules
    if not any(
        mistake.option_is_unknown for worker in project.workers for mistake in worker.mistakes
    ):
        return
    if any(
        isinstance(node, s.Attribute) and node.attr == "user_options"
        for path in read
        for node in walk(modules.load(modules.at(path)).statements)
    ):
        for worker in project.workers:
            worker.mistakes = tuple(one for one in worker.mistakes if not one.option_is_unknown)
