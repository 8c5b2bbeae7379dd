"""Runs a project's modules without running them.

An abstract interpreter for facts: it executes module bodies statement by statement on abstract
values, follows imports to other modules of the project on demand, calls the project's own
functions, and tries both sides of a branch it cannot decide. What it cannot tell becomes
`Unknown` with the reason; it never guesses.

What things outside the project do (Celery, environment readers, the standard library) is not
known here: `natives` and the registry of `externals` say that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from celerylint.link.abstract import (
    Abstract,
    Deferred,
    Function,
    ModuleValue,
    Pending,
    Scope,
    Unknown,
    resolved,
)
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import MOST_STEPS, Arguments
from celerylint.link.statements import Statements
from celerylint.model.place import Place
from celerylint.model.project import Crash
from celerylint.read import syntax as s

_GLANCE = 300


class Interpreter(Statements):
    """Executes modules. One instance a run; it keeps what the modules defined."""

    def run_module(self, file: ModuleFile) -> None:
        """Execute a module's top level, once."""
        if file.state != "new":
            return
        file.state = "running"
        facts = self.modules.load(file)
        file.name = file.name or self.modules.name_of(file)
        doubt, self.doubt = self.doubt, 0
        steps, self._steps = self._steps, 0
        try:
            # What a module does when it is imported stays done, whatever asked for it.
            with self.heap.apart():
                self.execute(facts.statements, file.scope)
        except Exception as error:
            # One file that cannot be followed must not hide what the others say.
            self.failed(file, error)
        finally:
            self.doubt = doubt
            self._steps = steps
            file.state = "done"

    def include(self, path: str, into: ModuleFile) -> None:
        """Run a file's statements in another module, as some settings packages do."""
        file = self.modules.at(path)
        facts = self.modules.load(file)
        file.name = into.name
        file.scope = Scope(file, "module", None)
        file.scope.names = into.scope.names
        file.state = "done"
        self.execute(facts.statements, file.scope)
        into.stars.extend(file.stars)

    def failed(self, file: ModuleFile, error: Exception) -> None:
        """Note a crash of celerylint's own; what the module binds is unknown from there on."""
        import traceback  # only a crash needs it

        frames = traceback.extract_tb(error.__traceback__)
        last = frames[-1]
        where = f"{os.path.basename(last.filename)}:{last.lineno} in {last.name}"
        raised = " ".join("".join(traceback.format_exception_only(error)).split())
        place = Place(file.shown, 1, 1, 1, 1)
        self.crashes.append(Crash(place, f"{raised} ({where})"))
        file.open = Unknown(f"celerylint failed on {file.shown}")

    def module_at(self, place: Place) -> ModuleFile | None:
        """The module that a place is in."""
        return self.modules.shown_as(place.path)

    def module_attribute(self, file: ModuleFile, name: str, place: Place) -> Abstract:
        """What ``from module import name`` gives."""
        found = self._module_name(file, name)
        if found is not None:
            return found
        submodule = self.modules.submodule(file, name)
        if submodule is not None:
            return ModuleValue(submodule)
        kind = Pending if file.state == "running" else Unknown
        return kind(f"`{name}` is not defined in {file.shown} as far as celerylint can tell")

    def _module_name(self, file: ModuleFile, name: str) -> Abstract | None:
        self.run_module(file)
        found = file.scope.names.get(name)
        if found is not None:
            return resolved(found)
        if file.open is not None:
            return file.open
        if file.stars:
            return Unknown(f"`{name}` may come from `from {file.stars[0]} import *`")
        return None

    def glance(self, node: Any, scope: Scope) -> Abstract:
        """Evaluate an expression of a body that is not executed, at little cost and without
        leaving a trace."""
        with self._glancing():
            value, _ = self.heap.attempt(lambda: self.evaluate(node, scope))
        return value

    def glance_at_arguments(
        self, args: Iterable[s.Argument], scope: Scope, *, resolve: bool
    ) -> Arguments:
        """The arguments of a call in a body that is not executed, in the same way. Unless they are
        to be resolved, what comes from modules that have nothing to do with Celery is put off."""

        def evaluated() -> Arguments:
            found = self.arguments(args, scope)
            return found.resolved() if resolve else found

        with self._glancing():
            found, _ = self.heap.attempt(evaluated)
        return found

    @contextmanager
    def _glancing(self) -> Iterator[None]:
        steps, self._steps = self._steps, MOST_STEPS - _GLANCE
        glancing, self.is_glancing = self.is_glancing, True
        try:
            yield
        finally:
            self._steps = steps
            self.is_glancing = glancing

    def glance_later(self, node: Any, scope: Scope) -> Deferred:
        """`glance`, when the value is asked for."""
        return Deferred(scope.module, lambda: self.glance(node, scope))

    def call_maybe(
        self, func: Function, arguments: Arguments, place: Place, *, certain: bool, near: bool
    ) -> None:
        """Call a function for what it does to Celery's objects; unless certain, it may or may
        not have run."""
        self._steps = 0
        self._stays_near = near
        try:
            if certain:
                self.call_function(func, arguments, place)
                return
            with self._doubting():
                _, writes = self.heap.attempt(lambda: self.call_function(func, arguments, place))
            self.heap.merge(writes)
        finally:
            self._stays_near = False
