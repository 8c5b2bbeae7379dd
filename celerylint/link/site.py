"""Walking through the code of a module, functions that are not executed included: where something
stands that has to do with Celery, and what is around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from celerylint.link.abstract import External, Scope
from celerylint.link.interpreter import Interpreter
from celerylint.link.local import local_scope
from celerylint.link.modules import ModuleFile
from celerylint.link.walk import children, walk_own
from celerylint.model.call import NOWHERE, Context
from celerylint.model.place import Place
from celerylint.read import syntax as s

_ATOMIC = "django.db.transaction.atomic"
_ALLOW_JOIN = "celery.result.allow_join_result"
# Flask, FastAPI and Starlette: `@app.get("/")`, `@bp.route("/")`; Django REST framework.
_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "route", "api_route", "api_view"})


class Site:
    """A place in the code: what names mean there, and what is around it."""

    __slots__ = ("allows_join", "assigned", "context", "function", "scope")

    def __init__(
        self,
        scope: Scope,
        context: Context = NOWHERE,
        function: s.Function | None = None,
        assigned: Mapping[str, s.Node] | None = None,
        allows_join: bool = False,
    ) -> None:
        self.scope = scope
        self.context = context
        self.function = function
        self.assigned = assigned or {}
        """What the local variables are that are assigned once"""
        self.allows_join = allows_join
        """Inside ``with allow_join_result():``"""

    def replaced(
        self,
        context: Context | None = None,
        *,
        allows_join: bool | None = None,
    ) -> Site:
        return Site(
            self.scope,
            context if context is not None else self.context,
            self.function,
            self.assigned,
            self.allows_join if allows_join is None else allows_join,
        )


Visit = Callable[[s.Node, Site], None]


class Walk:
    """Visits every node of a module with the site it stands at, in the order of the text; inside
    functions, of those that tell something."""

    def __init__(
        self,
        interpreter: Interpreter,
        file: ModuleFile,
        task_of: Callable[[s.Function], str | None],
        tells: Callable[[s.Function], bool],
        visit: Visit,
    ) -> None:
        self._interpreter = interpreter
        self._file = file
        self._task_of = task_of
        self._tells = tells
        self._visit_node = visit

    def run(self) -> None:
        statements = self._interpreter.modules.load(self._file).statements
        self._nodes(statements, Site(self._file.scope))

    def _nodes(self, nodes: Iterable[s.Node], site: Site) -> None:
        for node in nodes:
            self._node(node, site)

    def _node(self, node: s.Node, site: Site) -> None:
        if isinstance(node, s.Function):
            self._visit_node(node, site)
            self._nodes(node.decorators, site)
            if self._tells(node):
                self._nodes(node.body, self._inside(node, site))
            return
        self._visit_node(node, site)
        if isinstance(node, s.With):
            self._nodes(node.items, site)
            self._nodes(node.body, self._within(node, site))
        elif isinstance(node, s.If) and _tests_main(node.test):
            main = _with(site.context, is_main=True)
            self._nodes(node.body, site.replaced(main))
            self._nodes(node.orelse, site)
        elif isinstance(node, s.Lambda):
            # It runs when it is called: perhaps on commit.
            self._node(node.body, site.replaced(_with(site.context, transaction=None)))
        else:
            self._nodes(children(node), site)

    def _inside(self, node: s.Function, site: Site) -> Site:
        scope = local_scope(self._interpreter, node, site.scope)
        context = Context(
            task=self._task_of(node),
            function=node.name,
            is_async=node.is_async,
            transaction=self._transaction_of(node, site),
            is_main=site.context.is_main,
            handles_request=_handles_request(node),
        )
        return Site(scope, context, node, _assigned_once(node))

    def _transaction_of(self, node: s.Function, site: Site) -> Place | None:
        for decorator in node.decorators:
            if self._is(decorator, site, _ATOMIC):
                return site.scope.module.place(decorator)
        return None

    def _within(self, node: s.With, site: Site) -> Site:
        for item in node.items:
            if self._is(item.context, site, _ATOMIC):
                place = site.scope.module.place(item.context)
                site = site.replaced(_with(site.context, transaction=place))
            elif self._is(item.context, site, _ALLOW_JOIN):
                site = site.replaced(allows_join=True)
        return site

    def _is(self, node: s.Node, site: Site, name: str) -> bool:
        """Whether an expression is a thing from outside, or a call of it."""
        func = node.func if isinstance(node, s.Call) else node
        last = func.attr if isinstance(func, s.Attribute) else getattr(func, "id", "")
        if last != name.rpartition(".")[2]:
            return False
        value = self._interpreter.glance(func, site.scope)
        return isinstance(value, External) and value.name == name


def _with(context: Context, **changes: object) -> Context:
    fields = {name: getattr(context, name) for name in Context.__struct_fields__}
    return Context(**{**fields, **changes})


def _tests_main(test: s.Node) -> bool:
    """``__name__ == "__main__"``"""
    return (
        isinstance(test, s.Compare)
        and isinstance(test.left, s.Name)
        and test.left.id == "__name__"
        and any(isinstance(c, s.Literal) and c.value == "__main__" for c in test.comparators)
    )


def _handles_request(node: s.Function) -> bool:
    if any(parameter.name == "request" for parameter in node.parameters[:2]):
        return True
    for decorator in node.decorators:
        func = decorator.func if isinstance(decorator, s.Call) else None
        if isinstance(func, s.Attribute) and func.attr in _ROUTES:
            return True
        if isinstance(func, s.Name) and func.id == "api_view":
            return True
    return False


def _assigned_once(node: s.Function) -> dict[str, s.Node]:
    found: dict[str, s.Node] = {}
    counts: Counter[str] = Counter(parameter.name for parameter in node.parameters)
    for inner in walk_own(node.body):
        if isinstance(inner, s.Assign) and inner.value is not None:
            for target in inner.targets:
                if isinstance(target, s.Name):
                    counts[target.id] += 1
                    found[target.id] = inner.value
        elif isinstance(inner, (s.AugAssign, s.Loop)) and isinstance(inner.target, s.Name):
            counts[inner.target.id] += 2
    return {name: value for name, value in found.items() if counts[name] == 1}
