"""Which modules an app's worker imports, and so which tasks it registers.

A task is registered by importing its module: the app's own module and what it imports, the modules
in ``include`` and ``imports``, and what ``autodiscover_tasks`` finds (celery/loaders/base.py,
`find_related_module`: the module ``related_name`` of each package; a package without it is passed
over in silence).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from celerylint import disk
from celerylint.link.abstract import (
    MISSING,
    Abstract,
    Deferred,
    Function,
    Items,
    Known,
    options_of,
    resolved,
)
from celerylint.link.celery_app import AppObject, Autodiscover
from celerylint.link.celery_world import CeleryWorld
from celerylint.link.imports import Imports
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import Arguments
from celerylint.link.registry import text
from celerylint.link.settings import Settings
from celerylint.link.values import to_value
from celerylint.model.configuration import Autodiscovery, Load
from celerylint.model.value import unknown
from celerylint.questions import EMPTY


class Loaded:
    """The modules that an app's worker imports."""

    def __init__(
        self,
        interpreter: Interpreter,
        world: CeleryWorld,
        app: AppObject,
        settings: Settings,
        imports: Imports,
    ) -> None:
        self._interpreter = interpreter
        self._world = world
        self._app = app
        self._imports = imports
        self._names_are_told = True
        own = {app.module} if app.module is not None else set()
        named = list(self._named_modules(app, settings))
        certain = own | {file for file, is_certain in named if is_certain}
        all_named = own | {file for file, _ in named}
        relevant = interpreter.relevant
        self._certain, _ = _closure(certain, imports.at_once, relevant)
        self._likely, _ = _closure(all_named, imports.at_once, relevant)
        self.names_modules = bool(named) or not self._names_are_told
        """Whether it loads modules by name, besides those that its own module imports"""
        # The checks that Django has a worker run first import the URLconf, and an AppConfig may
        # import anything.
        is_django = world.django.is_in_use(interpreter)
        self._possible: set[ModuleFile] = set()
        self._is_complete = self._names_are_told and not is_django
        if self._is_complete:
            self._possible, self._is_complete = _closure(all_named, imports.ever, relevant)

    def has(self, file: ModuleFile | None) -> bool | None:
        """Whether a module is imported; None where that cannot be told."""
        if file is None:
            return None
        if file in self._certain:
            return True
        if not self._is_complete or file in self._possible or file in self._from_elsewhere:
            return None
        return False

    @cached_property
    def _from_elsewhere(self) -> set[ModuleFile]:
        """What the modules import that the app is imported into: ``-A`` may name one of them."""
        modules = self._interpreter.modules
        named = [file for file in modules.files() if self._names_the_app(file)]
        found: set[ModuleFile] = set()
        for file in named:
            reached, _ = _closure({file}, self._imports.ever, self._interpreter.relevant)
            found |= reached - {file}
        return found

    def _names_the_app(self, file: ModuleFile) -> bool:
        if file is self._app.module or file.facts is None:
            return False
        relevant = self._interpreter.relevant
        return any(
            resolved(value) is self._app
            for value in list(file.scope.names.values())
            if not isinstance(value, Deferred) or relevant(value.file)
        )

    def may_have(self, file: ModuleFile | None) -> bool:
        """Whether it cannot be said that the module is not imported."""
        return self.has(file) is not False

    def probably_has(self, file: ModuleFile | None) -> bool:
        """Whether a module is imported in one of the cases that the code tells of."""
        return file in self._likely

    def loads(self, settings: Settings) -> Iterator[Load]:
        """The modules in ``include`` and ``imports``, where they are written."""
        for kind in ("include", "imports"):
            value = settings.abstract(kind)
            items = value.items if isinstance(value, Items) else (value,)
            for item in items:
                name = text(item)
                place = next((step.place for step in item.trail if step.place is not None), None)
                if name and place is not None:
                    exists = self._exists(name)
                    yield Load(kind, name, place, exists)

    def _exists(self, name: str) -> bool | None:
        """Whether there is a module of that name; None where it may be another package's."""
        modules = self._interpreter.modules
        if modules.resolve(name, self._app.module) is not None:
            return True
        return False if modules.resolve(name.partition(".")[0], self._app.module) else None

    def autodiscoveries(self) -> Iterator[Autodiscovery]:
        """The calls of ``autodiscover_tasks``, and whether they find anything."""
        for call in self._app.autodiscovered:
            packages = self._packages(call)
            related = call.arguments.get(1, "related_name")
            is_none = isinstance(related, Known) and related.value is None
            name = "tasks" if related is None else text(related)
            yield Autodiscovery(
                call.place,
                to_value(packages, lambda: unknown("Django's apps")) if packages else None,
                name or "",
                None if name is None and not is_none else self._finds(packages, name),
            )

    def _finds(self, packages: Abstract | None, related: str | None) -> bool | None:
        """Whether some package has the related module; None where that cannot be told."""
        if packages is None or len(options_of(packages)) > 1:
            return None
        if isinstance(packages, Known) and isinstance(packages.value, str):
            return False  # Celery takes a string for a list of characters
        names = [text(item) for item in packages.items] if isinstance(packages, Items) else [None]
        if None in names or (isinstance(packages, Items) and packages.open):
            return None
        verdicts = {
            self._exists(f"{name}.{related}" if related else str(name)) for name in names if name
        }
        return True if True in verdicts else None if None in verdicts else False

    def _packages(self, call: Autodiscover) -> Abstract | None:
        """What a call is given to search; None where it means Django's apps."""
        packages = call.arguments.get(0, "packages")
        if isinstance(packages, Function):
            packages = self._interpreter.call(packages, Arguments(), call.place)
        if isinstance(packages, Known) and packages.value is None:
            return None
        return packages

    def _named_modules(
        self, app: AppObject, settings: Settings
    ) -> Iterator[tuple[ModuleFile, bool]]:
        """The modules that are loaded by name, and whether they are in every case."""
        for setting in ("include", "imports"):
            for name, is_certain in self._strings(settings.abstract(setting)):
                for file in self._import(name, app):
                    yield file, is_certain
        for call in app.autodiscovered:
            yield from self._discovered(call, app)

    def _import(self, name: str, app: AppObject) -> Iterator[ModuleFile]:
        """A module by name, and the packages around it."""
        while name:
            file = self._interpreter.modules.resolve(name, app.module)
            if file is not None:
                yield file
            name = name.rpartition(".")[0]

    def _strings(self, value: Abstract) -> Iterator[tuple[str, bool]]:
        """The strings in a list, or a string alone, and whether they are there in every case;
        notes where there may be others."""
        options = [self._strings_of(option) for option in options_of(resolved(value))]
        for name in dict.fromkeys(name for option in options for name in option):
            yield name, all(name in option for option in options)

    def _strings_of(self, value: Abstract) -> list[str]:
        if value is MISSING or (isinstance(value, Known) and value.value is None):
            return []
        if isinstance(value, Known) and isinstance(value.value, str):
            return [value.value]
        if not isinstance(value, Items):
            self._names_are_told = False
            return []
        found = [text(item) for item in value.items]
        if value.open is not None or None in found:
            self._names_are_told = False
        return [name for name in found if name is not None]

    def _discovered(self, call: Autodiscover, app: AppObject) -> Iterator[tuple[ModuleFile, bool]]:
        packages = self._packages(call)
        related = call.arguments.get(1, "related_name")
        name = text(related) if related is not None else "tasks"
        if packages is None:
            packages = self._world.django.get(self._interpreter, "INSTALLED_APPS", call.place)
            if isinstance(packages, Items):
                packages = Items(
                    "list",
                    (self._app_package(item, call) for item in packages.items),
                    packages.trail,
                    packages.open,
                )
        if isinstance(packages, Known) and isinstance(packages.value, str):
            return  # Celery takes a string for a list of characters.
        for package, is_certain in self._strings(packages):
            for file in self._related(package, name, app):
                yield file, is_certain

    def _app_package(self, item: Abstract, call: Autodiscover) -> Abstract:
        """The package of an entry of ``INSTALLED_APPS``: for a configuration class
        ("shop.apps.ShopConfig"), what its ``name`` says."""
        name = text(item)
        modules = self._interpreter.modules
        if name is None or modules.resolve(name, self._app.module) is not None:
            return item
        module, _, cls = name.rpartition(".")
        file = modules.resolve(module, self._app.module) if module else None
        if file is None:
            return item
        config = self._interpreter.module_attribute(file, cls, call.place)
        package = self._interpreter.attribute(config, "name", call.place)
        if text(package) is not None:
            return package
        return Known(module.removesuffix(".apps"))

    def _related(self, package: str, related: str | None, app: AppObject) -> Iterator[ModuleFile]:
        modules = self._interpreter.modules
        file = modules.resolve(package, app.module)
        if file is None:
            # "shop.apps.ShopConfig" is a class: its package is where the tasks are looked for.
            package = package.rpartition(".")[0]
            file = modules.resolve(package, app.module) if package else None
        if file is None:
            return
        yield from self._import(package, app)
        if related is not None:
            yield from self._import(f"{package}.{related}", app)


def _closure(
    start: Iterable[ModuleFile],
    imports_of: Callable[[ModuleFile], Iterable[ModuleFile]],
    relevant: Callable[[ModuleFile], bool],
) -> tuple[set[ModuleFile], bool]:
    """What importing some modules imports, and whether all of it was looked at: modules that
    never mention Celery are not read for this."""
    found = set(start)
    waiting = list(found)
    all_read = True
    while waiting:
        file = waiting.pop()
        if not relevant(file) and file.facts is None and not _is_empty(file):
            all_read = False
            continue
        new = [target for target in imports_of(file) if target not in found]
        found.update(new)
        waiting += new
    return found, all_read


def _is_empty(file: ModuleFile) -> bool:
    """A package without a file, or with an empty one, as most are."""
    return not file.path.endswith(".py") or disk.says(file.path, EMPTY)
