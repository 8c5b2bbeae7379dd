"""What the project imports from Celery, and where its apps are imported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from celerylint.link.modules import ModuleFile, Modules
from celerylint.link.walk import children
from celerylint.model.definition import CeleryImport
from celerylint.read import syntax as s

_IMPORT = re.compile(r"\bimport\b")
_CELERY = re.compile(r"\bcelery\b")
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
    statements: tuple[s.Stmt, ...], is_guarded: bool, saying: re.Pattern[str]
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
        elif not isinstance(node, s.Function) or node.may_mention(saying):
            below = tuple(child for child in children(node) if isinstance(child, _BLOCKS))
            yield from _imports(below, is_guarded, saying)


def targets(modules: Modules, file: ModuleFile, node: s.Node) -> Iterator[ModuleFile]:
    """The modules that an import statement imports, packages around them included."""
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


_BLOCKS = (s.Import, s.ImportFrom, s.Try, s.If, s.With, s.Loop, s.Function, s.Class)


def is_imported(modules: Modules, module: ModuleFile | None, paths: list[str]) -> bool | None:
    """Whether another module that was read imports a module; None where that cannot be told."""
    if module is None:
        return None
    for path in paths:
        file = modules.at(path)
        if file is not module and any(
            module in targets(modules, file, node)
            for node, _ in _imports(modules.load(file).statements, False, _IMPORT)
        ):
            return True
    return False
