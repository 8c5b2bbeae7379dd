"""Which app ``-A`` means: Celery's own order of looking (celery/app/utils.py, ``find_app``)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from celerylint.link.abstract import Abstract, ModuleValue, Unknown, resolved
from celerylint.link.celery_app import AppObject
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.model.place import Place


class AppFound(msgspec.Struct, frozen=True):
    """The app, or ``problem``: why there certainly is none. Neither where it cannot be told."""

    app: AppObject | None = None
    problem: str = ""


def find_app(interpreter: Interpreter, name: str, folders: Sequence[str]) -> AppFound:
    """The app that ``celery -A name`` loads when it is run in one of the folders."""
    search = _Search(interpreter, folders)
    found = search.find(name)
    return found if found.app is not None or search.is_certain else AppFound()


class _Search:
    def __init__(self, interpreter: Interpreter, folders: Sequence[str]) -> None:
        self._interpreter = interpreter
        self._folders = folders
        self.is_certain = True
        """Whether the modules were found where the command is run"""

    def find(self, name: str) -> AppFound:
        separator = ":" if ":" in name else "."
        module, _, attribute = name.rpartition(separator)
        if not module:
            file = self._module(name)
            return self._in_module(file, name) if file is not None else self._nowhere(name)
        file = self._module(module)
        if file is None:
            if separator == ":":
                return self._nowhere(module)
            whole = self._module(name)
            return self._in_module(whole, name) if whole is not None else self._nowhere(name)
        found = self._attribute(file, attribute)
        if isinstance(found, AppObject):
            return AppFound(found)
        if isinstance(found, ModuleValue):
            return self._in_module(found.file, name) if separator == "." else AppFound()
        if separator == "." and (inner := self._module(name)) is not None:
            return self._in_module(inner, name)
        if self._lacks(file, attribute):
            where = f"`{module}` ({file.shown})"
            return AppFound(problem=f"{where} has nothing called `{attribute}`")
        return AppFound()

    def _in_module(self, file: ModuleFile, name: str) -> AppFound:
        """``app``, ``celery``, the submodule ``celery``, any app that there is."""
        for attribute in ("app", "celery"):
            found = self._attribute(file, attribute)
            if isinstance(found, AppObject):
                return AppFound(found)
            if not isinstance(found, ModuleValue) and not self._lacks(file, attribute):
                return AppFound()
        if file.is_package:
            inner = self._interpreter.modules.submodule(file, "celery")
            if inner is not None:
                return self._in_module(inner, f"{name}.celery")
        apps = [
            value
            for value in map(resolved, list(file.scope.names.values()))
            if isinstance(value, AppObject)
        ]
        if apps:
            return AppFound(apps[0])
        if file.open is None and not file.stars and file.path.endswith(".py"):
            return AppFound(problem=f"there is no Celery app in `{name}` ({file.shown})")
        return AppFound()

    def _nowhere(self, name: str) -> AppFound:
        """A module that is not there: certain where the package it would be in is the project's,
        and one that has all its modules in one place."""
        parts = name.split(".")
        for size in range(len(parts) - 1, 0, -1):
            package = self._module(".".join(parts[:size]))
            if package is None:
                continue
            if not package.path.endswith("__init__.py") or package.open or package.stars:
                return AppFound()
            missing = parts[size]
            if missing in package.scope.names:
                return AppFound()
            outer = ".".join(parts[:size])
            return AppFound(problem=f"there is no module `{missing}` in `{outer}`")
        return AppFound()

    def _module(self, name: str) -> ModuleFile | None:
        modules = self._interpreter.modules
        found = [modules.below(folder, name) for folder in self._folders]
        elsewhere = modules.resolve(name)
        if not any(found) and elsewhere is not None:
            # `tasks.py` may be anybody's; a package is called like the project.
            self.is_certain &= "." in name or elsewhere.is_package
        files = [file for file in [*found, elsewhere] if file is not None]
        # A folder without modules may merely be called like a package somewhere below it.
        file = next((one for one in files if one.path.endswith(".py")), next(iter(files), None))
        if file is not None:
            self._interpreter.run_module(file)
        return file

    def _attribute(self, file: ModuleFile, name: str) -> Abstract:
        place = Place(file.shown, 1, 1, 1, 1)
        return resolved(self._interpreter.module_attribute(file, name, place))

    def _lacks(self, file: ModuleFile, name: str) -> bool:
        """Whether a module certainly has no such name."""
        if file.open is not None or file.stars or not file.path.endswith(".py"):
            return False
        if name in file.scope.names or "__getattr__" in file.scope.names:
            return False
        return self._interpreter.modules.submodule(file, name) is None and isinstance(
            self._attribute(file, name), Unknown
        )
