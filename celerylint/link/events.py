"""Calls of ``crontab``, and functions that are connected to signals of Celery's."""

from __future__ import annotations

from celerylint.link.abstract import External, options_of
from celerylint.link.celery_app import AppObject, Signal
from celerylint.link.celery_task import inner_function
from celerylint.link.interpreter import Interpreter
from celerylint.link.site import Site
from celerylint.link.values import to_value
from celerylint.model.beat import CrontabCall, Receiver
from celerylint.model.place import Place
from celerylint.model.value import Value, celery_default, unknown
from celerylint.read import syntax as s

CRONTAB = "celery.schedules.crontab"
FIELDS = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
"""The parameters of ``crontab``, in order."""
# For tests, and for Celery itself.
_OTHER_PARAMETERS = ("nowfun", "app")


class Events:
    """Collects what `Walk` comes across in one module."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self.crontabs: list[CrontabCall] = []
        self.receivers: list[Receiver] = []

    def visit(self, node: s.Node, site: Site) -> None:
        if isinstance(node, s.Call) and self._makes_crontab(node.func, site):
            self.crontabs.append(self._crontab(node, site))
        elif isinstance(node, s.Function):
            for decorator in node.decorators:
                self._connect(node, decorator, site)

    def _makes_crontab(self, func: s.Node, site: Site) -> bool:
        if isinstance(func, s.Name):
            current = site.scope
            while func.id not in current.names:
                if current.outer is None:
                    return False
                current = current.outer
            bound = current.names[func.id]
            return isinstance(bound, External) and bound.name == CRONTAB
        if not isinstance(func, s.Attribute) or func.attr != "crontab":
            return False
        value = self._interpreter.glance(func, site.scope)
        return isinstance(value, External) and value.name == CRONTAB

    def _crontab(self, node: s.Call, site: Site) -> CrontabCall:
        module = site.scope.module
        fields: dict[str, Value] = {}
        others: dict[str, Place] = {}
        positional = 0
        is_complete = True
        for argument in node.args:
            name = argument.keyword
            if argument.star:
                is_complete = False
                continue
            if name is None:
                name = FIELDS[positional] if positional < len(FIELDS) else ""
                positional += 1
            if name in FIELDS:
                value = self._interpreter.glance(argument.value, site.scope)
                fields[name] = to_value(value, lambda: unknown("it cannot be told"))
            elif name and name not in _OTHER_PARAMETERS:
                others[name] = module.place(argument)
        return CrontabCall(module.place(node), fields, positional, others, is_complete)

    def _connect(self, node: s.Function, decorator: s.Node, site: Site) -> None:
        """``@app.on_after_configure.connect``, ``@worker_ready.connect(weak=False)``"""
        call = decorator if isinstance(decorator, s.Call) else None
        func = call.func if call is not None else decorator
        if not isinstance(func, s.Attribute) or func.attr != "connect":
            return
        for signal in options_of(self._interpreter.glance(func.value, site.scope)):
            if isinstance(signal, Signal):
                name, late = signal.name, _comes_late(signal.app, node)
            elif isinstance(signal, External) and signal.name.startswith("celery.signals."):
                name, late = signal.name, None
            else:
                continue
            self.receivers.append(
                Receiver(
                    signal=name,
                    function=node.name,
                    place=site.scope.module.place(node),
                    nested_in=site.context.function,
                    weak=self._weak(call, site),
                    takes_keywords=any(p.kind == "var-keyword" for p in node.parameters),
                    comes_late=late,
                )
            )

    def _weak(self, call: s.Call | None, site: Site) -> Value:
        for argument in call.args if call is not None else ():
            if argument.keyword == "weak":
                value = self._interpreter.glance(argument.value, site.scope)
                return to_value(value, lambda: celery_default(True))
            if argument.star:
                return unknown("its arguments cannot be told")
        return celery_default(True)


def _comes_late(app: AppObject, node: s.Function) -> bool | None:
    for handler in app.handlers:
        function = inner_function(handler.function)
        if function is not None and function.node is node:
            return handler.comes_late
    return None
