"""What the bodies of tasks say: their parameters, what they catch, whether and how they retry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from celerylint.link.abstract import (
    Abstract,
    Class,
    External,
    Function,
    Items,
    Scope,
    Wrapped,
    options_of,
    resolved,
)
from celerylint.link.celery_task import TaskObject, inner_function
from celerylint.link.interpreter import Interpreter
from celerylint.link.local import local_scope
from celerylint.link.values import symbol_name, to_value
from celerylint.link.walk import children
from celerylint.model.definition import Body, Handler, Parameter, Retry
from celerylint.model.place import Place
from celerylint.model.value import State, Step, Value, unknown
from celerylint.read import syntax as s

# Task.retry(self, args, kwargs, exc, throw, eta, countdown, max_retries, **options)
_RETRY_PARAMETERS = ("args", "kwargs", "exc", "throw", "eta", "countdown", "max_retries")


def parameters(task: TaskObject, bind: bool | None) -> tuple[Parameter, ...] | None:
    """The parameters that callers fill; None where a decorator may change them."""
    function = task.function
    if task.cls is not None or isinstance(function, Wrapped) or bind is None:
        return None
    inner = inner_function(function)
    if inner is None or inner is not function:
        return None
    found = all_parameters(inner.node.parameters)
    if bind and found and found[0].kind in ("positional", "positional-only"):
        found = found[1:]
    return found


def all_parameters(given: Iterable[s.Parameter]) -> tuple[Parameter, ...]:
    """Parameters as the model has them, ``self`` included."""
    return tuple(
        Parameter(p.name, p.kind, p.default is None and not p.kind.startswith("var")) for p in given
    )


def body_function(interpreter: Interpreter, task: TaskObject) -> Function | None:
    """The function that runs when the task does."""
    if isinstance(task.cls, Class):
        return interpreter.find_method(task.cls, "run")
    return inner_function(task.function)


def read_body(interpreter: Interpreter, task: TaskObject) -> Body | None:
    """What the task's code does; None where there is none to read."""
    function = body_function(interpreter, task)
    if function is None or not isinstance(function.node, s.Function):
        return None
    return _Reader(interpreter, function.node, function.scope).body()


class _Around:
    """What is around a statement: the handlers of the tries it is in, innermost first, the clause
    and the loop."""

    __slots__ = ("handler", "loop", "tries")

    def __init__(
        self,
        tries: tuple[tuple[Handler, ...], ...] = (),
        handler: Handler | None = None,
        loop: Place | None = None,
    ) -> None:
        self.tries = tries
        self.handler = handler
        self.loop = loop


class _Reader:
    """Reads one function."""

    def __init__(self, interpreter: Interpreter, node: s.Function, outer: Scope) -> None:
        self._interpreter = interpreter
        self._node = node
        self._module = outer.module
        self._outer = outer
        self._scope: Scope | None = None
        self._self = node.parameters[0].name if node.parameters else ""
        self._owners = {node.name, "current_task", self._self}
        self._retries: list[Retry] = []
        self._handlers: list[tuple[Handler, ...]] = []
        self._uncalled: list[Place] = []
        self._requeues: list[Place] = []
        self._reads: set[str] = set()
        self._counts_retries = False
        self._hands_on = False

    def body(self) -> Body:
        self._statements(self._node.body, _Around())
        return Body(
            retries=tuple(self._retries),
            handlers=tuple(self._handlers),
            uncalled_retries=tuple(self._uncalled),
            requeues=tuple(self._requeues),
            counts_retries=self._counts_retries,
            reads=frozenset(self._reads),
            hands_on=self._hands_on,
        )

    @property
    def scope(self) -> Scope:
        """What names mean in the body; made when it is first needed."""
        if self._scope is None:
            self._scope = local_scope(self._interpreter, self._node, self._outer)
        return self._scope

    def _statements(self, statements: Iterable[s.Node], around: _Around) -> None:
        for statement in statements:
            self._statement(statement, around)

    def _statement(self, node: s.Node, around: _Around) -> None:
        if isinstance(node, s.Try):
            self._try(node, around)
        elif isinstance(node, s.Loop):
            self._look(node.iterable, around)
            inner = _Around(around.tries, around.handler, self._module.place(node))
            self._statements(node.body, inner)
            self._statements(node.orelse, around)
        elif isinstance(node, s.With):
            self._with(node, around)
        elif isinstance(node, s.Function):
            # It runs when it is called, wherever that is.
            self._statements(node.body, _Around())
        elif isinstance(node, s.Raise):
            self._raise(node)
            self._parts(node, around)
        else:
            self._parts(node, around)

    def _parts(self, node: s.Node, around: _Around) -> None:
        for child in children(node):
            if isinstance(child, _STATEMENTS):
                self._statement(child, around)
            else:
                self._look(child, around)

    def _try(self, node: s.Try, around: _Around) -> None:
        handlers = tuple(self._handler(handler, around.loop) for handler in node.handlers)
        if handlers:
            self._handlers.append(handlers)
        tries = (handlers, *around.tries) if handlers else around.tries
        self._statements(node.body, _Around(tries, around.handler, around.loop))
        for clause, handler in zip(node.handlers, handlers, strict=True):
            self._statements(clause.body, _Around(around.tries, handler, around.loop))
        self._statements(node.orelse, around)
        self._statements(node.final, around)

    def _with(self, node: s.With, around: _Around) -> None:
        tries = around.tries
        for item in node.items:
            self._look(item.context, around)
            suppressed = self._suppressed(item.context, around.loop)
            if suppressed is not None:
                self._handlers.append((suppressed,))
                tries = ((suppressed,), *tries)
        self._statements(node.body, _Around(tries, around.handler, around.loop))

    def _suppressed(self, context: s.Node, loop: Place | None) -> Handler | None:
        """``contextlib.suppress(...)`` as the handler that it is."""
        if not isinstance(context, s.Call) or _last_name(context.func) != "suppress":
            return None
        maker = self._interpreter.glance(context.func, self.scope)
        if not isinstance(maker, External) or maker.name != "contextlib.suppress":
            return None
        names: list[str] = []
        is_complete = True
        for argument in context.args:
            found, complete = self._exceptions(argument.value)
            names += found
            is_complete = is_complete and complete and not argument.star
        return Handler(tuple(names), is_complete, False, self._module.place(context), loop)

    def _handler(self, node: s.Handler, loop: Place | None) -> Handler:
        names, is_complete = (
            (["builtins.BaseException"], True)
            if node.exception is None
            else self._exceptions(node.exception)
        )
        place = self._module.place(node.exception if node.exception is not None else node)
        return Handler(tuple(names), is_complete, self._always_raises(node.body), place, loop)

    def _exceptions(self, node: s.Node) -> tuple[list[str], bool]:
        """The dotted names of the exceptions that an expression stands for, and whether these
        are all."""
        names: list[str] = []
        is_complete = True
        for option in options_of(self._interpreter.glance(node, self.scope)):
            is_group = isinstance(option, Items)
            if is_group and option.open:  # type: ignore[attr-defined]
                is_complete = False
            for item in option.items if isinstance(option, Items) else (option,):
                name = symbol_name(resolved(item))
                if name is None:
                    is_complete = False
                else:
                    names.append(name)
        return names, is_complete

    def _always_raises(self, statements: Sequence[s.Node]) -> bool:
        """Whether control never comes out at the end of a block, nor returns from it."""
        for node in statements:
            if isinstance(node, s.Raise):
                return True
            if isinstance(node, (s.Expression, s.Return)) and self._is_throwing_retry(node.value):
                return True
            if isinstance(node, (s.Return, s.Jump)):
                return False
            if isinstance(node, s.If) and node.orelse:
                if self._always_raises(node.body) and self._always_raises(node.orelse):
                    return True
            elif isinstance(node, s.With) and self._always_raises(node.body):
                return True
        return False

    def _is_throwing_retry(self, node: s.Node | None) -> bool:
        return (
            isinstance(node, s.Call)
            and self._is_retry(node.func)
            and not any(argument.keyword == "throw" for argument in node.args)
        )

    def _is_retry(self, func: s.Node) -> bool:
        return (
            isinstance(func, s.Attribute)
            and func.attr == "retry"
            and isinstance(func.value, s.Name)
            and func.value.id in self._owners
        )

    def _raise(self, node: s.Raise) -> None:
        raised = node.exception
        if raised is None:
            return
        if self._is_retry(raised):
            self._uncalled.append(self._module.place(raised))
        elif isinstance(raised, s.Call) and _last_name(raised.func) == "Reject":
            maker = self._interpreter.glance(raised.func, self.scope)
            requeue = next((a.value for a in raised.args if a.keyword == "requeue"), None)
            if requeue is None and len(raised.args) > 1:
                requeue = raised.args[1].value
            if (
                isinstance(maker, External)
                and maker.name == "celery.exceptions.Reject"
                and isinstance(requeue, s.Literal)
                and requeue.value is True
            ):
                self._requeues.append(self._module.place(raised))

    def _look(self, node: s.Node, around: _Around) -> None:
        """Look at an expression and at everything in it."""
        stack = [node]
        while stack:
            current = stack.pop()
            stack.extend(reversed(list(children(current))))
            if isinstance(current, s.Attribute):
                self._attribute(current)
            elif isinstance(current, s.Call):
                if self._is_retry(current.func):
                    self._retries.append(self._retry(current, around))
                self._hands_on = self._hands_on or self._gets_task(current)

    def _attribute(self, node: s.Attribute) -> None:
        if isinstance(node.value, s.Name) and node.value.id == self._self:
            self._reads.add(node.attr)
        if node.attr == "retries" and isinstance(node.value, s.Attribute):
            self._counts_retries = self._counts_retries or node.value.attr == "request"

    def _gets_task(self, call: s.Call) -> bool:
        """Whether a call is given the task itself."""
        return bool(self._self) and any(
            isinstance(argument.value, s.Name) and argument.value.id == self._self
            for argument in call.args
        )

    def _retry(self, call: s.Call, around: _Around) -> Retry:
        arguments = self._interpreter.arguments(call.args, self.scope)
        given: dict[str, Abstract] = dict(
            zip(_RETRY_PARAMETERS, arguments.args, strict=False), **arguments.kwargs
        )
        options = {
            name: to_value(value, lambda: unknown("it is not given"))
            for name, value in given.items()
        }
        for argument in call.args:
            if argument.keyword == "exc" and isinstance(argument.value, s.Format):
                # Whatever it says, it is a text and no exception.
                place = self._module.place(argument)
                options["exc"] = Value(State.KNOWN, "...", (Step("`exc=f'...'`", place),))
        if arguments.more is not None:
            options["**"] = unknown(arguments.more.reason)
        return Retry(self._module.place(call), options, around.tries, around.handler)


def _last_name(node: s.Node) -> str:
    if isinstance(node, s.Attribute):
        return node.attr
    return node.id if isinstance(node, s.Name) else ""


_STATEMENTS = (
    s.Import, s.ImportFrom, s.Assign, s.AugAssign, s.Expression, s.If, s.Loop, s.Try, s.With,
    s.Function, s.Class, s.Return, s.Raise, s.Delete, s.Global, s.Jump,
)  # fmt: skip
