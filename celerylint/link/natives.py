"""What the interpreter and the things outside the project say to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Flag, auto
from typing import TYPE_CHECKING

from celerylint.link.abstract import (
    Abstract,
    Class,
    External,
    Made,
    Method,
    Scope,
    Unknown,
    resolved,
)
from celerylint.model.place import Place

if TYPE_CHECKING:
    from celerylint.link.interpreter import Interpreter


class Arguments:
    """The arguments of a call. ``more`` is set when there may be others that cannot be told."""

    __slots__ = ("args", "kwargs", "more")

    def __init__(
        self,
        args: Iterable[Abstract] = (),
        kwargs: dict[str, Abstract] | None = None,
        more: Unknown | None = None,
    ) -> None:
        self.args = tuple(args)
        self.kwargs = kwargs if kwargs is not None else {}
        self.more = more

    def get(self, position: int, name: str) -> Abstract | None:
        """An argument by position or name; None where it is not given."""
        found = self.args[position] if position < len(self.args) else self.kwargs.get(name)
        return resolved(found) if found is not None else self.more

    def resolved(self) -> Arguments:
        """The same arguments, none of them put off."""
        keywords = {name: resolved(value) for name, value in self.kwargs.items()}
        return Arguments(map(resolved, self.args), keywords, self.more)

    def prepend(self, *args: Abstract) -> Arguments:
        return Arguments((*args, *self.args), self.kwargs, self.more)


class Native(Abstract):
    """An object from outside the project whose behaviour is known to celerylint."""

    __slots__ = ()

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        return Method(self, name)

    def set(self, interpreter: Interpreter, name: str, value: Abstract, place: Place) -> None:
        return

    def index(self, interpreter: Interpreter, key: Abstract, place: Place) -> Abstract:
        return Unknown(f"what {self!r}[...] is cannot be told ({place})")

    def set_index(
        self, interpreter: Interpreter, key: Abstract, value: Abstract, place: Place
    ) -> None:
        return

    def invoke(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        """Call the method ``name``."""
        return Unknown(f"what `.{name}()` returns cannot be told ({place})")

    def contains(self, key: object) -> bool | None:
        """``key in object``; None where it cannot be told."""
        return None

    def lacks(self, name: str) -> bool:
        """Whether it certainly has no attribute of that name."""
        return False

    def decided_by(self, key: Abstract) -> tuple[str, ...]:
        """The environment variables that `contains` depends on."""
        return ()

    def call(self, interpreter: Interpreter, arguments: Arguments, place: Place) -> Abstract:
        """Call the object itself."""
        return Unknown(f"what the call returns cannot be told ({place})")


class Super(Abstract):
    """``super()`` inside a method."""

    __slots__ = ("cls", "owner")

    def __init__(self, cls: Class, owner: Abstract) -> None:
        super().__init__(())
        self.cls = cls
        self.owner = owner


class Flow(Flag):
    """How a block ends: every way in which it may."""

    NEXT = auto()
    RETURN = auto()
    RAISE = auto()
    BREAK = auto()
    CONTINUE = auto()


MOST_STEPS = 400_000
"""How many steps one module may take: an end for loops that are not worth following"""

ExternalCall = Callable[["Interpreter", str, Arguments, Place], Abstract]
"""What a call of the thing with a dotted name does"""


class World:
    """What the interpreter is told about everything outside the project."""

    def call_external(
        self, interpreter: Interpreter, name: str, arguments: Arguments, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def external_attribute(
        self, interpreter: Interpreter, owner: External, name: str, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def outside(self, name: str) -> Abstract:
        """What a dotted name from outside the project is."""
        raise NotImplementedError

    def make_instance(
        self, interpreter: Interpreter, cls: Class, arguments: Arguments, place: Place
    ) -> Abstract | None:
        """An instance of a project class with outside ancestors; None for an ordinary one."""
        raise NotImplementedError

    def made_attribute(
        self, interpreter: Interpreter, made: Made, name: str, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def call_method(
        self, interpreter: Interpreter, method: Method, arguments: Arguments, place: Place
    ) -> Abstract:
        raise NotImplementedError

    def instance_attribute(
        self, interpreter: Interpreter, owner: Abstract, cls: Class, name: str, place: Place
    ) -> Abstract | None:
        """An attribute that an outside ancestor of the class defines; None if there is none."""
        raise NotImplementedError

    def decorated(self, value: Native, result: Abstract, place: Place) -> Abstract:
        """What a name is bound to when a decorator is applied to one of the world's objects."""
        raise NotImplementedError

    def builtin(self, name: str) -> Abstract | None:
        raise NotImplementedError

    def bound_to_name(self, value: Abstract, scope: Scope, name: str) -> None:
        """A value was bound to a name at the top level of a module."""
        raise NotImplementedError

    def kept(self, value: Abstract) -> None:
        """A value was returned from a function, or made part of an object."""
        raise NotImplementedError
