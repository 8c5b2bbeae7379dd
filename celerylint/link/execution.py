"""Executing a project: which modules, in which order, and the functions that nobody calls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator
from functools import cached_property

from celerylint.link.abstract import Function, Scope, Unknown
from celerylint.link.celery_app import AppObject, DefaultApp, Handler
from celerylint.link.celery_task import inner_function
from celerylint.link.celery_world import CeleryWorld
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile, Modules
from celerylint.link.natives import Arguments
from celerylint.link.walk import walk, walk_own
from celerylint.model.place import Place
from celerylint.read import FileFacts, Words
from celerylint.read import syntax as s

# What a function does that matters even if no module calls it while being imported: it makes an
# app, configures one, or defines tasks or schedules.
_TELLING_NAMES = frozenset({"Celery", "shared_task"})
_TELLING_ATTRIBUTES = _TELLING_NAMES | {
    "config_from_object", "add_periodic_task", "register_task", "conf", "task",
}  # fmt: skip
_TELLING = Words(
    *("Celery", "task", "conf"),
    pattern=rf"\b(?:{'|'.join(_TELLING_NAMES)})\b|\.\s*(?:{'|'.join(_TELLING_ATTRIBUTES)})\b",
)
_DECORATING = Words("task", pattern=r"\bshared_task\b|\.\s*task\b")


def wrapper_names(facts: Iterable[FileFacts]) -> set[str]:
    """The names of functions, classes and variables that may be wrappers of a task decorator."""
    found: set[str] = set()
    for file in facts:
        for node in file.statements:
            if isinstance(node, s.Function) and not node.may_say(_DECORATING):
                continue
            if isinstance(node, (s.Function, s.Class)) and _decorates(node.body):
                found.add(node.name)
            elif isinstance(node, s.Assign) and _makes_wrapper(node.value, found):
                found |= {target.id for target in node.targets if isinstance(target, s.Name)}
    return found


def _makes_wrapper(node: s.Node | None, wrappers: set[str]) -> bool:
    """``tracked = partial(shared_task, ...)``, ``tracked = Tracked()``"""
    if not isinstance(node, s.Call):
        return False
    return _decorates((node,)) or _last_name(node.func) in wrappers


def _decorates(body: tuple[s.Node, ...]) -> bool:
    """Whether code uses ``shared_task`` or ``app.task``."""
    for node in walk(body, saying=_DECORATING):
        if isinstance(node, s.Name) and node.id == "shared_task":
            return True
        if isinstance(node, s.Attribute) and node.attr in ("task", "shared_task"):
            return True
    return False


def execute(modules: Modules, world: CeleryWorld, paths: Collection[str]) -> Interpreter:
    """Execute every module that was read, then what is only run by Celery or a factory."""
    interpreter = Interpreter(modules, world, lambda file: file.path in paths)
    files = [modules.at(path) for path in paths]
    for file in files:
        _note_imports(modules, file)
    making_apps = {file for file in files if _makes_app(modules, file)}
    called = _Called(modules, files)
    if not making_apps and not called.an_app_class():
        world.default_app = DefaultApp(world, None, Place("", 1, 1, 1, 1), None)
    for file in sorted(files, key=lambda file: (file not in making_apps, file.path)):
        interpreter.run_module(file)
    for file in files:
        try:
            _run_forgotten(interpreter, file, called)
        except Exception as error:
            interpreter.failed(file, error)
    if world.default_app is not None and world.default_app.is_configured:
        world.default_app.settle(interpreter)
        world.apps.append(world.default_app)
    for app in list(world.apps):
        for handler in list(app.handlers):
            function = inner_function(handler.function)
            if handler.signal == "on_after_configure":
                handler.comes_late = _comes_late(interpreter, app, handler)
            if handler.comes_late:
                # The configuration is read before this module is imported: nobody calls it.
                continue
            if function is not None:
                interpreter.call_function(function, Arguments((app,)), app.place)
    return interpreter


def _comes_late(interpreter: Interpreter, app: AppObject, handler: Handler) -> bool:
    """Whether importing the app's module does not import the module of a receiver."""
    if app.module is None or handler.module is app.module:
        return False
    found = {app.module}
    waiting = [app.module]
    while waiting:
        file = waiting.pop()
        for target in _imports_of(interpreter.modules, file):
            if target is handler.module:
                return False
            # Modules that never mention Celery are not read for this.
            if target not in found and interpreter.relevant(target):
                found.add(target)
                waiting.append(target)
    return True


def _imports_of(modules: Modules, file: ModuleFile) -> Iterator[ModuleFile]:
    for node in walk_own(modules.load(file).statements):
        targets: list[ModuleFile | None] = []
        if isinstance(node, s.Import):
            targets = [modules.resolve(alias.name, file) for alias in node.names]
        elif isinstance(node, s.ImportFrom):
            package = (
                modules.relative(file, node.level, node.module)
                if node.level
                else modules.resolve(node.module, file)
            )
            targets = [package]
            if package is not None:
                targets += [modules.submodule(package, alias.name) for alias in node.names]
        yield from (target for target in targets if target is not None)


def _note_imports(modules: Modules, file: ModuleFile) -> None:
    """Absolute imports tell from which roots the project is imported."""
    for node in modules.load(file).statements:
        if isinstance(node, s.ImportFrom) and not node.level:
            modules.note_import(node.module, file)
            for alias in node.names:
                modules.note_import(f"{node.module}.{alias.name}", file)
        elif isinstance(node, s.Import):
            for alias in node.names:
                modules.note_import(alias.name, file)


def _makes_app(modules: Modules, file: ModuleFile) -> bool:
    return any(
        isinstance(node, s.Call) and _last_name(node.func) == "Celery"
        for node in walk_own(modules.load(file).statements)
    )


class _Called:
    """The names of the functions and methods that some files call."""

    def __init__(self, modules: Modules, files: Iterable[ModuleFile]) -> None:
        self._modules = modules
        self._files = files

    def __contains__(self, name: object) -> bool:
        return name in self._names or self._among_unread(
            Words(str(name)), lambda called: called == name
        )

    def an_app_class(self) -> bool:
        """Whether there is a call of something that may be the class Celery or derived from it."""

        def test(called: str) -> bool:
            return called.endswith("Celery")

        return any(map(test, self._names)) or self._among_unread(
            Words("Celery", pattern=r"Celery\b"), test
        )

    def _among_unread(self, words: Words, test: Callable[[str], bool]) -> bool:
        return any(
            isinstance(node, s.Call) and test(_last_name(node.func))
            for function in self._unread
            if function.may_say(words)
            for node in walk(function.body, saying=words)
        )

    @cached_property
    def _names(self) -> set[str]:
        return {_last_name(node.func) for node in self._nodes if isinstance(node, s.Call)}

    @cached_property
    def _unread(self) -> list[s.Function]:
        return [
            node for node in self._nodes if isinstance(node, s.Function) and not node.may_say(None)
        ]

    @cached_property
    def _nodes(self) -> list[s.Node]:
        """What has been read."""
        return [
            node
            for file in self._files
            for node in walk(self._modules.load(file).statements, saying=None)
        ]


def _run_forgotten(interpreter: Interpreter, file: ModuleFile, called: Container[str]) -> None:
    """Call functions that matter and that no module called: app factories, set-up functions."""
    facts = interpreter.modules.load(file)
    nodes = list(walk(facts.statements, saying=_TELLING))
    methods = {
        id(function): statement
        for statement in nodes
        if isinstance(statement, s.Class)
        for function in statement.body
        if isinstance(function, s.Function)
    }
    for node in nodes:
        if not isinstance(node, s.Function) or id(node) in interpreter.ran or not _matters(node):
            continue
        unknown = Unknown(f"it is a parameter of {node.name}() ({file.place(node)})")
        owner = file.scope.names.get(methods[id(node)].name) if id(node) in methods else None
        scope = getattr(owner, "scope", None) or file.scope
        function = Function(node, scope if isinstance(scope, Scope) else file.scope, {})
        makes_app = any(
            isinstance(inner, s.Call) and _last_name(inner.func) == "Celery"
            for inner in walk(node.body, saying=_TELLING)
        )
        interpreter.call_maybe(
            function,
            Arguments((), {}, unknown),
            file.place(node),
            certain=makes_app or node.name in called,
            near=not makes_app,
        )


def _matters(node: s.Function) -> bool:
    if not node.may_say(_TELLING):
        return False
    for inner in walk(node.body, saying=_TELLING):
        if isinstance(inner, s.Attribute) and inner.attr in _TELLING_ATTRIBUTES:
            return True
        if isinstance(inner, s.Name) and inner.id in _TELLING_NAMES:
            return True
    return False


def _last_name(node: s.Node) -> str:
    if isinstance(node, s.Attribute):
        return node.attr
    return node.id if isinstance(node, s.Name) else ""
