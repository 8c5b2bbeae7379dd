"""Executing what decides which statements run: conditions, loops, ``try``, ``with``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from celerylint.link.abstract import Abstract, Scope, Unknown
from celerylint.link.compute import MOST_ITERATIONS
from celerylint.link.expressions import Expressions
from celerylint.link.modules import is_installed
from celerylint.link.natives import MOST_STEPS, Flow
from celerylint.read import syntax as s

_LONGEST_WHILE = 100
_NOTHING: tuple[Any, ...] = ()
# Not the members themselves, which mypy would take for all that a flag can be.
_NEXT: Flow = Flow.NEXT
_RAISE: Flow = Flow.RAISE
_BREAK: Flow = Flow.BREAK
_CONTINUE: Flow = Flow.CONTINUE


class Control(Expressions):
    """Executing what decides which statements run."""

    def one(self, statement: Any, scope: Scope) -> Flow:
        """Execute one statement."""
        raise NotImplementedError

    def bind(self, name: str, value: Abstract, scope: Scope) -> None:
        raise NotImplementedError

    def execute(self, statements: Iterable[Any], scope: Scope) -> Flow:
        """Execute statements; gives every way in which they may end."""
        block = tuple(statements)
        left = Flow(0)
        for position, statement in enumerate(block):
            self._steps += 1
            if self._steps > MOST_STEPS:
                return left | Flow.NEXT
            rest = block[position + 1 :]
            if type(statement) is s.If:
                flow, took_rest = self._decide(statement, rest, scope)
                if took_rest:
                    return left | flow
            else:
                flow = self.one(statement, scope)
            if flow is _NEXT:
                continue
            if Flow.NEXT not in flow:
                return left | flow
            # It may have left the block, and then nothing of what follows is run.
            left |= flow & ~Flow.NEXT
            return left | self._maybe(rest, scope)
        return left | Flow.NEXT

    def if_(self, node: s.If, scope: Scope) -> Flow:
        return self._decide(node, _NOTHING, scope)[0]

    def _decide(self, node: s.If, rest: Sequence[Any], scope: Scope) -> tuple[Flow, bool]:
        """Execute a condition, and what follows it where only one side comes there; tells whether
        it did."""
        verdict, variables = self.truth(self.evaluate(node.test, scope))
        if verdict is not None and not variables:
            return self.execute(node.body if verdict else node.orelse, scope), False
        return self.branch(
            verdict,
            variables,
            lambda: self.execute(node.body, scope),
            lambda: self.execute(node.orelse, scope),
            scope,
            rest,
        )

    def branch(
        self,
        verdict: bool | None,
        variables: tuple[str, ...],
        when_true: Callable[[], Flow],
        when_false: Callable[[], Flow],
        scope: Scope,
        rest: Sequence[Any] = _NOTHING,
    ) -> tuple[Flow, bool]:
        """Try both sides. With ``variables``, ``verdict`` is what holds when none is set.

        Where one side leaves the block, the other one goes on alone: with ``rest``, and the second
        value tells that it did.
        """
        usual, other = (when_false, when_true) if verdict is False else (when_true, when_false)
        with self._doubting():
            usual_flow, usual_writes = self.heap.attempt(usual)
            with self._elsewhere(scope, variables):
                other_flow, other_writes = self.heap.attempt(other)
        # What raises is taken not to happen: a program that goes on took the other side.
        if usual_flow is _RAISE or other_flow is _RAISE:
            taken = usual_writes if other_flow is _RAISE else other_writes
            self.heap.apply(taken)
            return (usual_flow if other_flow is _RAISE else other_flow), False
        leaves = [Flow.NEXT not in flow for flow in (usual_flow, other_flow)]
        if leaves[0] is leaves[1]:
            self.heap.merge(usual_writes, other_writes, variables=variables)
            return usual_flow | other_flow, False

        def go_on() -> Flow:
            self.heap.apply(other_writes if leaves[0] else usual_writes)
            return self.execute(rest, scope)

        if leaves[0] and variables:
            scope.elsewhere = scope.elsewhere or variables
        with self._doubting():
            rest_flow, rest_writes = self.heap.attempt(go_on)
        if leaves[0]:
            self.heap.merge(usual_writes, rest_writes, variables=variables)
            return usual_flow | rest_flow, True
        self.heap.merge(rest_writes, other_writes, variables=variables)
        return rest_flow | other_flow, True

    @contextmanager
    def _elsewhere(self, scope: Scope, variables: tuple[str, ...]) -> Iterator[None]:
        """What is returned here is returned only when the environment says so."""
        before = scope.elsewhere
        scope.elsewhere = scope.elsewhere or variables
        try:
            yield
        finally:
            scope.elsewhere = before

    def _maybe(self, body: Iterable[Any], scope: Scope) -> Flow:
        """Statements that may be run or not."""
        with self._doubting():
            flow, writes = self.heap.attempt(lambda: self.execute(body, scope))
        self.heap.merge(writes)
        return flow

    def loop(self, node: s.Loop, scope: Scope) -> Flow:
        if node.target is None:
            return self._while(node, scope)
        items, more = self.iterate(self.evaluate(node.iterable, scope))
        flow = self._iterations(node, items[:MOST_ITERATIONS], scope)
        if Flow.NEXT not in flow:
            return flow
        if more is not None:
            self.assign(node.target, Unknown(more.reason), scope)
            return flow | _out_of_loop(self._maybe(node.body, scope))
        return flow if node.orelse == () else flow | self.execute(node.orelse, scope)

    def _iterations(self, node: s.Loop, items: Sequence[Abstract], scope: Scope) -> Flow:
        """Run the body of a loop for each of these."""
        for position, item in enumerate(items):
            self.assign(node.target, item, scope)
            flow = self.execute(node.body, scope)
            if flow is _BREAK:
                return Flow.NEXT
            if not flow & (Flow.NEXT | Flow.CONTINUE):
                return _out_of_loop(flow)
            if flow & (Flow.BREAK | Flow.RETURN):
                # It may have ended here.
                with self._doubting():
                    rest, writes = self.heap.attempt(
                        lambda left=items[position + 1 :]: self._iterations(node, left, scope)  # type: ignore[misc]
                    )
                self.heap.merge(writes)
                return _out_of_loop(flow) | rest
        return Flow.NEXT

    def _while(self, node: s.Loop, scope: Scope) -> Flow:
        for _ in range(_LONGEST_WHILE):
            verdict, variables = self.truth(self.evaluate(node.iterable, scope))
            if verdict is False:
                return Flow.NEXT
            if verdict is None or variables:
                break
            flow = self.execute(node.body, scope)
            if flow is _BREAK:
                return Flow.NEXT
            if flow is not _NEXT and flow is not _CONTINUE:
                return _out_of_loop(flow)
        return Flow.NEXT | _out_of_loop(self._maybe(node.body, scope))

    def try_(self, node: s.Try, scope: Scope) -> Flow:
        may_fail = self._may_fail(node, scope)
        handlers: list[Any] = []
        if may_fail:
            for handler in node.handlers:
                with self._doubting():
                    flow, writes = self.heap.attempt(
                        lambda handler=handler: self._handler(handler, scope)  # type: ignore[misc]
                    )
                if Flow.NEXT in flow:
                    handlers.append(writes)
        if self._imports_what_is_missing(node, scope):
            # `try: from local_settings import *`: there is no such file here.
            return self.execute((*node.handlers[0].body, *node.final), scope)
        self.doubt += self._needs_a_package(node, scope)
        flow = self.execute((*node.body, *node.orelse), scope)
        self.doubt -= self._needs_a_package(node, scope)
        for writes in handlers:
            # What only the body writes is taken as written; what a handler writes too is either.
            self.heap.merge(writes)
        final = self.execute(node.final, scope)
        return final if final is not _NEXT else flow

    def _may_fail(self, node: s.Try, scope: Scope) -> bool:
        """Whether handlers count: an import that is certain to work or to fail needs none."""
        for statement in node.body:
            if isinstance(statement, s.ImportFrom) and statement.level:
                file = self.modules.relative(scope.module, statement.level, statement.module)
                if file is not None and len(node.body) == 1:
                    return False
        return True

    def _imports_what_is_missing(self, node: s.Try, scope: Scope) -> bool:
        """A star import, guarded, of a module that the project does not have, comes first."""
        if not node.body or not node.handlers:
            return False
        statement = node.body[0]
        if not isinstance(statement, s.ImportFrom) or statement.names[0].name != "*":
            return False
        if statement.level:
            return self.modules.relative(scope.module, statement.level, statement.module) is None
        return self.modules.resolve(statement.module, scope.module) is None

    def _needs_a_package(self, node: s.Try, scope: Scope) -> bool:
        """``try: import package``: what follows happens only where that package is installed."""
        if not node.handlers:
            return False
        for statement in node.body:
            if isinstance(statement, s.Import):
                names = [alias.name for alias in statement.names]
            elif isinstance(statement, s.ImportFrom) and not statement.level:
                names = [statement.module]
            else:
                continue
            for name in names:
                outside = self.modules.resolve(name, scope.module) is None
                if outside and not is_installed(name):
                    return True
        return False

    def _handler(self, handler: s.Handler, scope: Scope) -> Flow:
        if handler.name is not None:
            self.bind(handler.name, Unknown("it is an exception that was caught"), scope)
        return self.execute(handler.body, scope)

    def with_(self, node: s.With, scope: Scope) -> Flow:
        for item in node.items:
            value = self.evaluate(item.context, scope)
            if item.target is not None:
                self.assign(item.target, value, scope)
        return self.execute(node.body, scope)


def _out_of_loop(flow: Flow) -> Flow:
    """How a loop ends whose body may end like this."""
    ends = flow & (Flow.RETURN | Flow.RAISE)
    return ends | Flow.NEXT if flow & (Flow.NEXT | Flow.BREAK | Flow.CONTINUE) else ends
