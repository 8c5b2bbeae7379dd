"""Everything that is found by walking through the code of the modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from celerylint.link.calls import Answers, Calls
from celerylint.link.events import Events
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.link.site import Site, Walk
from celerylint.link.telling import Telling
from celerylint.model.beat import CrontabCall, Receiver
from celerylint.model.call import Call, Canvas, CanvasSend, Link, ResultRead
from celerylint.model.place import Place
from celerylint.read import syntax as s


class Sites:
    """What was found so far, module by module, in the order of the text."""

    def __init__(self, interpreter: Interpreter, files: Sequence[ModuleFile]) -> None:
        self._interpreter = interpreter
        self._telling = Telling(interpreter, files)
        self.calls: list[Call] = []
        self.results: list[ResultRead] = []
        self.canvases: list[Canvas] = []
        self.canvas_sends: list[CanvasSend] = []
        self.links: list[Link] = []
        self.crontabs: list[CrontabCall] = []
        self.receivers: list[Receiver] = []
        self.published: dict[int, list[Place]] = {}
        """Where task classes are sent, by the identity of the class"""

    def add(self, file: ModuleFile, answers: Answers, tasks: Mapping[int, str]) -> None:
        """Walk through one module. ``tasks`` names the tasks by the identity of the node of their
        function."""
        interpreter = self._interpreter
        calls, events = Calls(interpreter, answers), Events(interpreter)

        def visit(node: s.Node, site: Site) -> None:
            calls.visit(node, site)
            events.visit(node, site)

        def task_of(node: s.Function) -> str | None:
            return tasks.get(id(node))

        def tells(node: s.Function) -> bool:
            return self._telling.tells(node, file)

        Walk(interpreter, file, task_of, tells, visit).run()
        self.calls += sorted(calls.calls, key=lambda call: call.place)
        self.results += calls.results
        self.canvases += calls.canvases.canvases
        self.canvas_sends += calls.canvases.sends
        self.links += calls.canvases.links
        self.crontabs += events.crontabs
        self.receivers += events.receivers
        for cls, places in calls.published_classes.items():
            self.published.setdefault(cls, []).extend(places)
