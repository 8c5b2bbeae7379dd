"""How tasks are written: the functions and the decorators around them, and the task classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from celerylint.link.abstract import Abstract, Class, Function, Instance, resolved
from celerylint.link.bodies import all_parameters, body_function
from celerylint.link.celery_app import AppObject, AppTask
from celerylint.link.celery_task import TaskObject
from celerylint.link.celery_world import CeleryWorld
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.link.registry import text
from celerylint.link.values import symbol_name
from celerylint.link.walk import walk
from celerylint.model.definition import Decorator, Definition, Method, TaskClass
from celerylint.model.place import Place
from celerylint.read import syntax as s

HANDLERS = frozenset({
    "on_failure", "on_success", "on_retry", "after_return", "before_start", "on_replace",
    "on_bound", "shadow_name", "run", "__call__",
})  # fmt: skip
"""The methods of a task that Celery calls (celery/app/task.py)."""


_HIDING = frozenset({
    "asgiref.sync.async_to_sync", "asgiref.sync.sync_to_async", "contextlib.contextmanager",
    "django.contrib.auth.decorators.login_required",
    "django.contrib.auth.decorators.permission_required",
    "django.contrib.auth.decorators.user_passes_test",
    "django.db.transaction.atomic", "django.test.override_settings",
    "django.views.decorators.csrf.csrf_exempt", "django.views.decorators.http.require_POST",
    "django.views.decorators.cache.never_cache",
    "functools.cache", "functools.lru_cache", "functools.singledispatch", "unittest.mock.patch",
})  # fmt: skip
"""Decorators of other packages that give back a plain function, without ``delay``."""


class Definitions:
    """Reads the definitions of tasks; remembers what is inside which function."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._enclosing: dict[ModuleFile, dict[int, str]] = {}

    def of(self, task: TaskObject) -> Definition | None:
        """The definition of a task's function; None where there is none to read."""
        function = body_function(self._interpreter, task)
        if function is None or not isinstance(function.node, s.Function):
            return None
        node = function.node
        is_its_own = function.named is function and task.cls is None
        above, below = self._decorators(task, function) if is_its_own else ((), ())
        owner = function.scope.owner if function.scope.kind == "class" else None
        return Definition(
            parameters=all_parameters(node.parameters),
            is_async=node.is_async,
            is_generator=node.is_generator,
            owner=owner.name if owner is not None and is_its_own else "",
            nested_in=self._nested_in(function) if is_its_own else "",
            above=above,
            below=below,
        )

    def _decorators(
        self, task: TaskObject, function: Function
    ) -> tuple[tuple[Decorator, ...], tuple[Decorator, ...]]:
        node, module = function.node, function.scope.module
        assert isinstance(node, s.Function)
        places = [module.place(decorator) for decorator in node.decorators]
        if task.decorator not in places:
            return (), ()
        index = places.index(task.decorator)
        found = []
        for decorator, place in zip(node.decorators, places, strict=True):
            name = self._name(decorator, function)
            found.append(Decorator(name, place, place in task.hidden_at or name in _HIDING))
        return tuple(reversed(found[:index])), tuple(found[index + 1 :])

    def _name(self, decorator: s.Node, function: Function) -> str:
        func = decorator.func if isinstance(decorator, s.Call) else decorator
        home = self._interpreter.is_foreign(func, function.scope)
        if home is not None:  # not worth reading its module
            last = func.attr if isinstance(func, s.Attribute) else getattr(func, "id", "")
            return f"{self._interpreter.modules.name_of(home)}.{last}"
        value = self._interpreter.glance(func, function.scope)
        return symbol_name(value) or ""

    def _nested_in(self, function: Function) -> str:
        module = function.scope.module
        if module not in self._enclosing:
            enclosing: dict[int, str] = {}
            statements = self._interpreter.modules.load(module).statements
            # A function around a task has been read.
            for node in walk(statements, saying=None):
                if isinstance(node, s.Function) and node.may_say(None):
                    below = walk(node.body, saying=None)
                    # Outer functions come first, so that the innermost has the last word.
                    enclosing.update({id(n): node.name for n in below if isinstance(n, s.Function)})
            self._enclosing[module] = enclosing
        return self._enclosing[module].get(id(function.node), "")


def task_classes(
    interpreter: Interpreter, world: CeleryWorld, published: Mapping[int, list[Place]]
) -> Iterator[TaskClass]:
    """The classes at the top level of modules that inherit from Celery's task. ``published`` has
    the places where they are sent, by the identity of the class."""
    classes: dict[int, Class] = {}
    for file in list(interpreter.modules.files()):
        if file.facts is None:
            continue
        for bound in list(file.scope.names.values()):
            if not isinstance(bound, Class) or bound.module is not file:
                continue
            if interpreter.has_relevant_base(bound.node, file.scope) and _is_task_class(bound):
                classes[id(bound)] = bound
    registered = {id(task.cls) for task in world.tasks if task.cls is not None}
    bases = set(_bases(list(classes.values()), world))
    for cls in sorted(classes.values(), key=lambda cls: cls.module.place(cls.node)):
        yield TaskClass(
            name=f"{cls.module.name}.{cls.name}",
            place=cls.module.place(cls.node),
            has_run=interpreter.find_method(cls, "run") is not None,
            is_registered=id(cls) in registered,
            is_base=id(cls) in bases,
            methods=tuple(_methods(cls)),
            attributes=dict(_attributes(cls)),
            published=tuple(published.get(id(cls), ())),
        )


def _is_task_class(cls: Class) -> bool:
    return "celery.Task" in cls.outside or any(isinstance(a, AppTask) for a in cls.ancestors())


def _bases(classes: list[Class], world: CeleryWorld) -> Iterator[int]:
    """The identities of what other classes, tasks and apps are built on."""
    for cls in classes:
        for ancestor in cls.ancestors()[1:]:
            yield id(ancestor)
    given: list[Abstract] = [task.options["base"] for task in world.tasks if "base" in task.options]
    for app in world.apps:
        given += [app.attributes[name] for name in ("Task", "task_cls") if name in app.attributes]
        given += _declared(app)
    for value in map(resolved, given):
        found = value.cls if isinstance(value, Instance) else value
        yield id(found)
        name = text(found)
        if name is not None:
            yield from (
                id(cls)
                for cls in classes
                if f"{cls.module.name}.{cls.name}" == name.replace(":", ".")
            )


def _declared(app: AppObject) -> list[Abstract]:
    """``task_cls`` in the body of the app's class."""
    ancestors = app.cls.ancestors() if app.cls is not None else ()
    return [
        ancestor.names["task_cls"]
        for ancestor in ancestors
        if isinstance(ancestor, Class) and "task_cls" in ancestor.names
    ]


def _methods(cls: Class) -> Iterator[Method]:
    for name in HANDLERS & cls.names.keys():
        function = resolved(cls.names[name])
        if isinstance(function, Function) and isinstance(function.node, s.Function):
            yield Method(
                f"{cls.module.name}.{cls.name}",
                name,
                all_parameters(function.node.parameters),
                function.kind == "staticmethod",
                function.scope.module.place(function.node),
            )


def _attributes(cls: Class) -> Iterator[tuple[str, Place]]:
    """What the body of a class sets, apart from methods and inner classes."""
    for name, value in cls.names.items():
        value = resolved(value)
        if name.startswith("__") or isinstance(value, (Function, Class)):
            continue
        place = next((step.place for step in value.trail if step.place is not None), None)
        yield name, place or cls.module.place(cls.node)
