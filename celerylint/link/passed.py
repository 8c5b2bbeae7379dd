"""Arguments that are no plain data: instances of models, querysets, requests.

Told by how Django code is written: what a manager called ``objects`` returns, and a parameter
called ``request``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from celerylint.link.site import Site
from celerylint.model.call import PassedObject
from celerylint.read import syntax as s

_Kind = Literal["model", "queryset", "request", "user"]

_MANAGERS = frozenset({"objects", "_default_manager"})
_INSTANCE = frozenset({"get", "create", "first", "last", "latest", "earliest"})
_QUERYSET = frozenset({
    "all", "filter", "exclude", "order_by", "select_related", "prefetch_related", "distinct",
    "annotate", "values", "values_list", "only", "defer", "none", "reverse",
})  # fmt: skip
_SHORTCUTS = frozenset({"get_object_or_404", "aget_object_or_404"})


def passed_objects(nodes: Iterable[s.Node], site: Site) -> Iterator[PassedObject]:
    """The arguments among these expressions that are such objects."""
    for node in nodes:
        kind = _kind(node, site)
        if kind is not None:
            yield PassedObject(kind, _text(node), site.scope.module.place(node))


def _kind(node: s.Node, site: Site) -> _Kind | None:
    if isinstance(node, s.Name):
        if node.id == "request":
            return "request" if _is_parameter(node.id, site) else None
        assigned = site.assigned.get(node.id)
        return _kind(assigned, site) if isinstance(assigned, s.Call) else None
    if isinstance(node, s.Attribute):
        is_user = node.attr == "user" and isinstance(node.value, s.Name)
        return "user" if is_user and _kind(node.value, site) == "request" else None
    if not isinstance(node, s.Call):
        return None
    func = node.func
    if isinstance(func, s.Name):
        return "model" if func.id in _SHORTCUTS else None
    if not isinstance(func, s.Attribute) or not _starts_at_manager(func.value):
        return None
    if func.attr in _INSTANCE:
        return "model"
    return "queryset" if func.attr in _QUERYSET else None


def _starts_at_manager(node: s.Node) -> bool:
    """``Order.objects``, ``Order.objects.filter(...)``, ..."""
    while True:
        if isinstance(node, s.Attribute) and node.attr in _MANAGERS:
            return True
        if isinstance(node, s.Call):
            node = node.func
        elif isinstance(node, s.Attribute) and node.attr in _QUERYSET:
            node = node.value
        else:
            return False


def _is_parameter(name: str, site: Site) -> bool:
    function = site.function
    return function is not None and any(p.name == name for p in function.parameters)


def _text(node: s.Node) -> str:
    """How an expression is written, in short."""
    if isinstance(node, s.Name):
        return node.id
    if isinstance(node, s.Attribute):
        return f"{_text(node.value)}.{node.attr}"
    if isinstance(node, s.Call):
        return f"{_text(node.func)}(...)" if node.args else f"{_text(node.func)}()"
    return "..."
