"""What the project imports from Celery, and where its apps are imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeGuard

from celerylint.link.modules import ModuleFile, Modules
from celerylint.model.definition import CeleryImport
from celerylint.read import Words
from celerylint.read import syntax as s

_IMPORT = Words("import")
_CELERY = Words("celery")
_CAUGHT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def celery_imports(modules: Modules, file: ModuleFile) -> Iterator[CeleryImport]:
    """Every import of something of Celery's in a module, in the order of the text."""
    for node, is_guarded in _imports(modules.load(file).statements, False, _CELERY):
        if isinstance(node, s.Import):
            named = [(alias.name, alias) for alias in node.names]
        elif not node.level:
            named = [(f"{node.module}.{alias.name}", alias) for alias in node.names]
        else:
            continue
        for name, alias in named:
            if name == "celery" or name.startswith("celery."):
                yield CeleryImport(name, file.place(alias), is_guarded)


def _imports(
    statements: tuple[s.Stmt, ...], is_guarded: bool, saying: Words
) -> Iterator[tuple[s.Import | s.ImportFrom, bool]]:
    """The imports, and whether they may not happen. Functions without such code are passed over."""
    for node in statements:
        if isinstance(node, (s.Import, s.ImportFrom)):
            yield node, is_guarded
        elif isinstance(node, s.Try):
            yield from _imports(node.body, is_guarded or any(map(_catches, node.handlers)), saying)
            for handler in node.handlers:
                yield from _imports(handler.body, True, saying)
            yield from _imports((*node.orelse, *node.final), is_guarded, saying)
        elif isinstance(node, s.If):
            # `if TYPE_CHECKING:`, `if celery.VERSION < (5,):`
            yield from _imports((*node.body, *node.orelse), True, saying)
        elif isinstance(node, s.Loop):
            yield from _imports((*node.body, *node.orelse), is_guarded, saying)
        elif isinstance(node, (s.With, s.Class)) or (
            isinstance(node, s.Function) and node.may_say(saying)
        ):
            yield from _imports(node.body, is_guarded, saying)


class Imports:
    """Which modules each module imports, packages around them included. Looked up once."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._at_once: dict[ModuleFile, frozenset[ModuleFile]] = {}
        self._ever: dict[ModuleFile, frozenset[ModuleFile]] = {}

    def at_once(self, file: ModuleFile) -> frozenset[ModuleFile]:
        """What importing the module imports."""
        if file not in self._at_once:
            self._at_once[file] = self._targets(file, False)
        return self._at_once[file]

    def ever(self, file: ModuleFile) -> frozenset[ModuleFile]:
        """What any code of the module imports."""
        if file not in self._ever:
            self._ever[file] = self._targets(file, True)
        return self._ever[file]

    def _targets(self, file: ModuleFile, with_definitions: bool) -> frozenset[ModuleFile]:
        statements = self._modules.load(file).statements
        return frozenset(
            target
            for node in _import_statements(statements, with_definitions)
            for target in _targets(self._modules, file, node)
        )


def _import_statements(
    statements: tuple[s.Stmt, ...], with_definitions: bool
) -> Iterator[s.Import | s.ImportFrom]:
    for node in statements:
        if isinstance(node, (s.Import, s.ImportFrom)):
            yield node
        elif isinstance(node, (s.If, s.Loop)):
            yield from _import_statements((*node.body, *node.orelse), with_definitions)
        elif isinstance(node, s.With):
            yield from _import_statements(node.body, with_definitions)
        elif isinstance(node, s.Try):
            handled = tuple(inner for handler in node.handlers for inner in handler.body)
            blocks = (*node.body, *handled, *node.orelse, *node.final)
            yield from _import_statements(blocks, with_definitions)
        elif with_definitions and _may_import(node):
            yield from _import_statements(node.body, with_definitions)


def _may_import(node: s.Stmt) -> TypeGuard[s.Class | s.Function]:
    """Whether a definition may hold imports."""
    return isinstance(node, s.Class) or (isinstance(node, s.Function) and node.may_say(_IMPORT))


def _targets(modules: Modules, file: ModuleFile, node: s.Node) -> Iterator[ModuleFile]:
    """The modules that an import statement imports."""
    names: list[str] = []
    if isinstance(node, s.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, s.ImportFrom):
        package = (
            modules.relative(file, node.level, node.module)
            if node.level
            else modules.resolve(node.module, file)
        )
        if package is None:
            return
        yield package
        for alias in node.names:
            submodule = modules.submodule(package, alias.name)
            if submodule is not None:
                yield submodule
        names = [node.module] if not node.level else []
    for name in names:
        while name:
            found = modules.resolve(name, file)
            if found is not None:
                yield found
            name = name.rpartition(".")[0]


def _catches(handler: s.Handler) -> bool:
    caught = handler.exception
    if caught is None:
        return True
    options = caught.items if isinstance(caught, s.Sequence) else (caught,)
    return any(isinstance(option, s.Name) and option.id in _CAUGHT for option in options)


def is_imported(
    imports: Imports, module: ModuleFile | None, files: Iterable[ModuleFile]
) -> bool | None:
    """Whether another one of these modules imports a module; None where that cannot be told."""
    if module is None:
        return None
    return any(module in imports.ever(file) for file in files if file is not module)
