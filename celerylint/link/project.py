"""Putting the project together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from celerylint.celery_schema import Version, schema_for
from celerylint.link.abstract import MISSING, Abstract, Function, Items
from celerylint.link.bases import Bases
from celerylint.link.beat import Names, beat_entries
from celerylint.link.bodies import body_function, parameters, read_body
from celerylint.link.calls import Answers
from celerylint.link.celery_app import AppObject
from celerylint.link.celery_task import TaskObject, inner_function
from celerylint.link.celery_version import CeleryVersion, find_celery_version
from celerylint.link.celery_world import CeleryWorld
from celerylint.link.definitions import Definitions, task_classes
from celerylint.link.deployment import Deployment, DeploymentSource, add_workers
from celerylint.link.execution import execute, wrapper_names
from celerylint.link.imports import Imports, celery_imports, is_imported
from celerylint.link.interpreter import Interpreter
from celerylint.link.mentions import attributes_read, names_read
from celerylint.link.modules import Modules
from celerylint.link.naming import task_name
from celerylint.link.reading import read_decorated, read_file, read_relevant
from celerylint.link.registration import Loaded
from celerylint.link.registry import flag, text
from celerylint.link.route_mistakes import route_mistakes
from celerylint.link.routing import Routing, declared_queues
from celerylint.link.settings import Settings
from celerylint.link.sites import Sites
from celerylint.link.tasks import Options, effective_options
from celerylint.link.values import merge, plain_or_none, to_value
from celerylint.link.written import (
    config_sources,
    overwritten,
    positional_arguments,
    written_annotations,
    written_settings,
)
from celerylint.model.beat import BeatEntry
from celerylint.model.call import Call
from celerylint.model.place import Place
from celerylint.model.project import (
    App,
    Project,
    Queue,
    Route,
    Task,
    Unreadable,
)
from celerylint.model.value import State, Step, Value, celery_default, unknown
from celerylint.read import Store, reading


class Source(Protocol):
    """A file to read."""

    @property
    def absolute(self) -> str: ...


def link(
    files: Sequence[Source],
    *,
    root: str,
    import_roots: Sequence[str] = (),
    celery_version: str | None = None,
    jobs: int = 1,
    store: Store | None = None,
    deployment: Sequence[DeploymentSource] = (),
    is_development: Callable[[str], bool] = lambda path: False,
) -> Project:
    """Read the files and compute what Celery will do with them.

    ``root`` is the project's folder: other modules below it are read when something asks for
    them. ``import_roots`` are folders that the project puts on Python's path, beside those that
    its files show. ``celery_version`` ("5.6") overrides what the project pins. ``jobs`` is how many
    processes may read files, ``store`` keeps what was read. ``deployment`` are files that may say
    how workers are started, and ``is_development`` tells of the absolute path of any file whether
    what it starts is not for production.
    """
    with reading(jobs, store):
        paths = [file.absolute for file in files]
        started = Deployment(root, deployment, is_development)
        return _link(paths, root, import_roots, celery_version, started)


def _link(
    paths: list[str],
    root: str,
    import_roots: Sequence[str],
    celery_version: str | None,
    deployment: Deployment,
) -> Project:
    facts, failed = read_relevant(paths)
    wrappers = wrapper_names(facts.values())
    if wrappers:
        others = [path for path in paths if path not in facts]
        facts = {**facts, **read_decorated(others, wrappers)}
    modules = Modules(root, paths, lambda path: facts.get(path) or read_file(path), import_roots)
    world = CeleryWorld(root)
    interpreter = execute(modules, world, facts)
    version = _version(world, root, celery_version)
    linker = _Linker(interpreter, world, version, list(facts), paths)
    linked = linker.project()
    add_workers(
        linked,
        deployment,
        interpreter,
        read=list(facts),
        paths=paths,
        settings={app.variable: linker.settings[id(app)] for app in linker.apps},
        owners=linker.owners,
        version=linker.known_version,
    )
    linked.files_read = len(paths)
    linked.files_parsed = sum(1 for file in modules.files() if file.facts is not None)
    for path, reason in failed.items():
        linked.unreadable.append(Unreadable(Place(modules.at(path).shown, 1, 1, 1, 1), reason))
    return linked


def _version(world: CeleryWorld, root: str, given: str | None) -> CeleryVersion:
    if given is not None:
        return CeleryVersion(given, "--celery-version")
    starts = [Path(app.module.path).parent for app in world.apps if app.module is not None]
    for start in dict.fromkeys([*starts, Path(root)]):
        found = find_celery_version(start)
        if found.value is not None:
            return found
    return CeleryVersion(None, "")


class _Linker:
    """Works the project out from what executing it left behind."""

    def __init__(
        self,
        interpreter: Interpreter,
        world: CeleryWorld,
        version: CeleryVersion,
        paths: list[str],
        all_paths: list[str],
    ) -> None:
        self.interpreter = interpreter
        self.world = world
        self.version = version
        self.paths = paths
        """The files that were read"""
        self.files = [interpreter.modules.at(path) for path in paths]
        self.imports = Imports(interpreter.modules)
        self.all_paths = all_paths
        known = Version.parse(version.value) if version.value is not None else None
        self.known_version = known
        self.schema = schema_for(known)
        self.apps = list(world.apps)
        for app in self.apps:
            _note_loaded_modules(interpreter, app)
        _name_apart(self.apps)
        self.settings = {id(app): Settings(interpreter, world, app, known) for app in self.apps}
        self.routing = {
            id(app): Routing(interpreter, self.settings[id(app)], app.variable) for app in self.apps
        }
        self.loaded = {
            id(app): Loaded(interpreter, world, app, self.settings[id(app)], self.imports)
            for app in self.apps
        }
        self.names: dict[int, str | None] = {}
        self.options: dict[int, list[tuple[AppObject | None, Options]]] = {}
        self.by_name: dict[str, list[TaskObject]] = {}
        self.definitions = Definitions(interpreter)
        self.owners: dict[str, set[str]] = {}
        """The variables of the apps that a task belongs to, by the task's name"""

    def project(self) -> Project:
        tasks = self._tasks()
        apps = [self._app(app) for app in self.apps]
        self._mark_read(apps)
        beat = [
            entry
            for app in self.apps
            for entry in beat_entries(app, self.settings[id(app)], self._beat_names(app))
        ]
        sites = self._sites()
        calls = sites.calls
        modules = self.interpreter.modules
        routes = [route for app in self.apps for route in self.routing[id(app)].routes()]
        return Project(
            celery_version=self.version.value,
            celery_version_source=self.version.source,
            apps=apps,
            tasks=tasks,
            routes=_distinct(routes),
            queues=self._queues(tasks, beat, calls),
            beat=beat,
            calls=calls,
            unreadable=self._unreadable(),
            crashes=self.interpreter.crashes,
            results=sites.results,
            canvases=sites.canvases,
            canvas_sends=sites.canvas_sends,
            links=sites.links,
            crontabs=sites.crontabs,
            receivers=sites.receivers,
            task_classes=list(task_classes(self.interpreter, self.world, sites.published)),
            imports=[found for file in self.files for found in celery_imports(modules, file)],
            attributes_read=attributes_read(self.all_paths, self._own_attributes(tasks)),
        )

    def _mark_read(self, apps: list[App]) -> None:
        """Note which of the settings that Celery does not know the project reads itself."""
        modules = self.interpreter.modules
        definitions: dict[str, list[Place]] = {}
        names: set[str] = set()
        for written in (written for app in apps for written in app.written if not written.setting):
            names.add(written.name)
            file = modules.shown_as(written.place.path)
            if file is not None:
                definitions.setdefault(file.path, []).append(written.place)
        # A file that says CELERY_LOG_DIR mentions Celery, and was read.
        is_celerys = all("celery" in name.lower() for name in names)
        read = names_read(self.paths if is_celerys else self.all_paths, names, definitions)
        for app in apps:
            app.written = tuple(
                msgspec.structs.replace(written, is_read=True) if written.name in read else written
                for written in app.written
            )

    def _own_attributes(self, tasks: list[Task]) -> set[str]:
        """The options whose meaning depends on whether some code of the project reads them."""
        names = {name for task in tasks for name in task.extra}
        for task in tasks:
            names.update(RETRY_OPTIONS & task.given.keys())
        return names

    # Apps

    def _app(self, app: AppObject) -> App:
        settings = self.settings[id(app)]
        main = plain_or_none(app.main)
        return App(
            name=main if isinstance(main, str) else None,
            variable=app.variable,
            place=app.place,
            namespace=settings.namespace,
            settings={name: settings[name] for name in settings.given()},
            defaults={name: setting.default for name, setting in self.schema.settings.items()},
            opaque=settings.is_open,
            conditional=not app.is_certain,
            written=tuple(written_settings(self.interpreter, self.world, app, settings)),
            sources=config_sources(app),
            positional=positional_arguments(app),
            annotations=written_annotations(settings),
            route_mistakes=tuple(route_mistakes(settings, self.schema, app.place)),
            loads=tuple(self.loaded[id(app)].loads(settings)),
            autodiscoveries=tuple(self.loaded[id(app)].autodiscoveries()),
            overwritten=tuple(overwritten(app, settings)),
            is_django=any(source.value is self.world.django for source in app.sources)
            or any(text(s.value) in _DJANGO_SETTINGS for s in app.sources),
            is_imported=is_imported(self.imports, app.module, self.files),
        )

    # Tasks

    def _tasks(self) -> list[Task]:
        found: dict[tuple[str | None, Place, Place, str], Task] = {}
        for task in self.world.tasks:
            candidates = self._apps_of(task)
            first = candidates[0] if candidates else None
            name, reason = task_name(self.interpreter, task, first)
            self.names[id(task)] = name
            if name is not None:
                owners = self.owners.setdefault(name, set())
                owners.update(app.variable for app in candidates)
                named = self.by_name.setdefault(name, [])
                # Of two class tasks of one name the last is registered, of functions the first.
                named.insert(0 if task.cls is not None else len(named), task)
            key = (name, task.place, task.decorator, first.variable if first else "")
            if key not in found:
                found[key] = self._task(task, name, reason, candidates)
        tasks = sorted(found.values(), key=lambda task: (task.place, task.name))
        self._mark_shadowed(found)
        return tasks

    def _mark_shadowed(self, found: dict[tuple[str | None, Place, Place, str], Task]) -> None:
        """Of several tasks with one name in one app, one is registered: the last class task, else
        the first function (celery/app/base.py, `_task_from_fun` and `register_task`). Where some
        are defined only in some cases, it may be any of them."""
        groups: dict[tuple[str, str], list[Task]] = {}
        for (name, _, _, app), task in found.items():
            if name is not None:
                groups.setdefault((name, app), []).append(task)
        for group in groups.values():
            classes = [task for task in group if task.is_class]
            winner = classes[-1] if classes else group[0]
            if any(task.conditional for task in group):
                _merge_alternatives(winner, group)
            for task in group:
                task.is_registered = task is winner

    def _apps_of(self, task: TaskObject) -> list[AppObject]:
        """The apps a task belongs to: its own, or for a shared task, those that load it."""
        if task.app is not None:
            return [task.app, *self._others_running(task, task.app)]
        apps = [app for app in self.apps if app.is_for_tasks] or self.apps
        loading = [app for app in apps if self.loaded[id(app)].probably_has(task.module)]
        # Others may load it in ways that cannot be seen; not one that loads nothing by name, such
        # as an app for beat or for sending only.
        return loading or [app for app in apps if self.loaded[id(app)].names_modules] or apps

    def _others_running(self, task: TaskObject, own: AppObject) -> list[AppObject]:
        """The apps that load a task of an app that loads nothing itself, and so runs no worker:
        unless it is made with ``shared=False``, they register a task of their own for it."""
        if self.loaded[id(own)].names_modules or flag(task.options.get("shared")) is False:
            return []
        return [
            app
            for app in self.apps
            if app is not own
            and app.is_for_tasks
            and self.loaded[id(app)].names_modules
            and self.loaded[id(app)].may_have(task.module)
        ]

    def _task(self, task: TaskObject, name: str | None, reason: str, apps: list[AppObject]) -> Task:
        choices: list[AppObject | None] = [*apps] if apps else [None]
        bases = {id(app): Bases(self.interpreter, self.world, task, app) for app in choices}
        self.options[id(task)] = [
            (
                app,
                Options(
                    task,
                    name,
                    app,
                    bases[id(app)],
                    self.settings[id(app)] if app is not None else None,
                ),
            )
            for app in choices
        ]
        effective = [
            effective_options(self.schema, options) for _, options in self.options[id(task)]
        ]
        options = {
            option: merge([values[option] for values in effective]) for option in effective[0]
        }
        queue, routed_by = self._queue_of(task, name, apps)
        bind = self._bind(task, options)
        given = _given(task)
        function = task.cls.name if task.cls is not None else _function_name(task)
        return Task(
            name=name if name is not None else function,
            app=apps[0].variable if apps else "",
            module=task.module.name if task.module is not None else "",
            function=function,
            place=task.place,
            decorator=task.decorator,
            bind=bind,
            options=options,
            queue=queue,
            routed_by=routed_by,
            given=given,
            parameters=parameters(task, bool(bind.value) if not bind.is_unknown else None),
            definition=self.definitions.of(task),
            body=read_body(self.interpreter, task),
            extra=self._extra(task, given, bases.values()),
            conditional=not task.is_certain,
            loaded=self._loaded(task, apps),
            is_class=task.cls is not None,
            opaque=reason,
        )

    def _extra(
        self, task: TaskObject, given: dict[str, Place], bases: Iterable[Bases]
    ) -> dict[str, Place]:
        """What a decorator is given that neither Celery nor a base class knows."""
        if task.cls is not None or any(base.opaque is not None for base in bases):
            return {}
        schema = self.schema
        known = {*schema.task_options, *schema.extra_task_options, *schema.task_members}
        known.update(*(base.names() for base in bases))
        return {name: place for name, place in given.items() if name not in known}

    def _loaded(self, task: TaskObject, apps: list[AppObject]) -> bool | None:
        found = {self.loaded[id(app)].has(task.module) for app in apps}
        return found.pop() if len(found) == 1 else None

    def _bind(self, task: TaskObject, options: dict[str, Value]) -> Value:
        """Only the decorator binds; a class task's ``self`` is its own."""
        if task.cls is not None:
            return Value(State.KNOWN, True, (Step("a class task", task.place),))
        given = task.options.get("bind")
        if given is None and task.more is not None:
            return unknown(task.more.reason)
        value = to_value(given if given is not None else MISSING, lambda: celery_default(False))
        options["bind"] = value
        return value

    def _queue_of(
        self, task: TaskObject, name: str | None, apps: list[AppObject]
    ) -> tuple[Value, str]:
        if not apps:
            return unknown("no Celery app was found"), "unknown"
        found = [
            self.routing[id(app)].queue(options, name) for app, options in self.options[id(task)]
        ]
        decided = {decided_by for _, decided_by in found}
        value = merge([value for value, _ in found])
        return value, decided.pop() if len(decided) == 1 else "unknown"

    # Beat, calls, queues

    def _beat_names(self, app: AppObject) -> Names:
        return Names(
            name_of=lambda task: self.names.get(id(task)),
            resolves=self._resolves,
            queue_of=lambda name, given: self._queue_for(name, given, [app]),
        )

    def _resolves(self, name: str) -> bool | None:
        """Whether a task of that name is registered; None where another package may hold it."""
        if name in self.by_name or name.startswith("celery."):
            return True
        if any(known is None for known in self.names.values()):
            return None
        top, dot, _ = name.partition(".")
        if not dot:
            return False
        own = any(known.partition(".")[0] == top for known in self.by_name)
        if own or self.interpreter.modules.resolve(top) is not None:
            return False
        return None

    def _queue_for(self, name: str, given: Value, apps: Iterable[AppObject]) -> Value:
        """Where a call by name goes, with the queue it gives (None: none)."""
        if given.state is State.ONE_OF:
            named = tuple(queue for queue in given.possibilities() if queue)
            choices = [Value(State.KNOWN, queue, given.trail) for queue in named]
            if len(named) < len(given.possibilities()):
                choices.append(self._queue_for(name, celery_default(None), apps))
            return merge(choices)
        if given.always(bool):
            return given
        tasks = self.by_name.get(name, [])
        if given.is_set:
            # An explicit None drops the task's own queue.
            return merge([self.routing[id(app)].by_name(name)[0] for app in apps])
        values: list[Value] = []
        for app in apps:
            routing = self.routing[id(app)]
            for task in tasks[:1]:
                for owner, options in self.options[id(task)]:
                    if owner is app:
                        values.append(routing.queue(options, name)[0])
            if not tasks:
                values.append(routing.after(given, name)[0])
        return merge(values) if values else unknown("no Celery app was found")

    def _sites(self) -> Sites:
        """What the code of all modules does with tasks."""
        tasks = {
            id(function.node): name
            for task in self.world.tasks
            if (function := body_function(self.interpreter, task)) is not None
            and (name := self.names.get(id(task))) is not None
        }
        answers = Answers(
            name_of=lambda task: self.names.get(id(task)),
            queue_of=self._queue_of_call,
            resolves=self._resolves,
        )
        found = Sites(self.interpreter, self.files)
        for file in self.files:
            try:
                found.add(file, answers, tasks)
            except Exception as error:
                self.interpreter.failed(file, error)
        return found

    def _queue_of_call(self, task: TaskObject | str, given: Value) -> Value:
        """Where a call of a task, or by a name, goes that gives this queue (None: none)."""
        if given.is_unknown:
            return given
        if isinstance(task, str):
            return self._queue_for(task, given, self.apps)
        name = self.names.get(id(task))
        if name is None:
            return unknown("the task's name cannot be told")
        return self._queue_for(name, given, self._apps_of(task))

    def _queues(self, tasks: list[Task], beat: list[BeatEntry], calls: list[Call]) -> list[Queue]:
        declared: dict[str, Place | None] = {}
        all_told = True
        for app in self.apps:
            names, complete = declared_queues(self.settings[id(app)])
            declared.update(names)
            all_told = all_told and complete
        users: dict[str, list[str]] = {}
        for task in tasks:
            for queue in task.queue.possibilities():
                users.setdefault(queue, []).append(task.name)
        for value in [entry.queue for entry in beat] + [call.queue for call in calls]:
            for queue in value.possibilities():
                users.setdefault(queue, [])
        return [
            Queue(
                name,
                declared.get(name),
                name in declared or (False if all_told else None),
                tuple(sorted(set(users.get(name, ())))),
            )
            for name in sorted({*declared, *users})
        ]

    def _unreadable(self) -> list[Unreadable]:
        found = []
        for path in self.paths:
            file = self.interpreter.modules.at(path)
            error = file.facts.error if file.facts is not None else None
            if error is not None:
                place = Place(file.shown, error.line, error.column, error.line, error.column)
                found.append(Unreadable(place, error.message))
        return found


RETRY_OPTIONS = frozenset({
    "retry_backoff", "retry_backoff_max", "retry_jitter", "retry_kwargs", "dont_autoretry_for",
    "max_retries", "default_retry_delay",
})  # fmt: skip

_DJANGO_SETTINGS = ("django.conf:settings", "django.conf.settings")


def _merge_alternatives(task: Task, group: list[Task]) -> None:
    """Make a task one of several: ``if x: @app.task(...) else: @app.task(...)``."""
    task.options = {
        name: merge([other.options.get(name, value) for other in group])
        for name, value in task.options.items()
    }
    task.queue = merge([other.queue for other in group])
    if len({other.routed_by for other in group}) > 1:
        task.routed_by = "unknown"
    task.conditional = all(other.conditional for other in group)


def _name_apart(apps: list[AppObject]) -> None:
    """Give each app a name of its own: that of its variable, and its file's where several
    programs of one repository have such a variable."""
    for app in apps:
        if not app.variable:
            app.variable = f"{app.module.name if app.module else ''}:{app.place.line}"
    files: dict[str, set[str]] = {}
    for app in apps:
        files.setdefault(app.variable, set()).add(app.place.path)
    for app in apps:
        if len(files[app.variable]) > 1:
            app.variable = f"{app.variable} ({app.place.path})"


def _note_loaded_modules(interpreter: Interpreter, app: AppObject) -> None:
    """The modules that an app loads by name tell from which folder it is run."""
    if app.module is None:
        return
    names: list[str] = []
    for key in ("include", "imports"):
        names += _strings(app.changes.at(key))
    for call in app.autodiscovered:
        related = text(call.arguments.get(1, "related_name")) or "tasks"
        packages = call.arguments.get(0, "packages")
        found = _strings(packages) if packages is not None else []
        names += [f"{package}.{related}" for package in found] + found
    for name in names:
        interpreter.modules.note_import(name, app.module)


def _strings(value: Abstract) -> list[str]:
    """The strings in a list, or a string alone."""
    if isinstance(value, Items):
        return [found for item in value.items if (found := text(item)) is not None]
    found = text(value)
    return [found] if found is not None else []


def _function_name(task: TaskObject) -> str:
    inner = inner_function(task.function)
    named = inner.named if inner is not None else None
    return named.name if isinstance(named, Function) else "?"


def _given(task: TaskObject) -> dict[str, Place]:
    """The options that the task itself states, with their places."""
    found: dict[str, Place] = {}
    names: dict[str, Abstract] = dict(task.options)
    if task.cls is not None:
        names = {**task.cls.names, **names}
    for name, value in names.items():
        place = next((step.place for step in value.trail if step.place is not None), None)
        found[name] = place if place is not None else task.decorator
    return found


def _distinct(routes: list[Route]) -> list[Route]:
    """Routes of several apps that share one configuration are one route."""
    return list({(route.place, route.pattern): route for route in routes}.values())
