"""What ``celery`` makes of a command line: parsed as click does, with the options of the project's
version of Celery (celery/bin/celery.py, celery/bin/worker.py, celery/bin/beat.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from celerylint.celery_schema import Version
from celerylint.celery_schema.commands import Command, CommandOption, command_options
from celerylint.deploy.words import Piece, Word
from celerylint.model.place import Place
from celerylint.model.value import State, Step, Value, unknown
from celerylint.wording import closest

Problem = Literal["unknown", "misplaced", "value", "missing", "extra", "flag"]


class Mistake(msgspec.Struct, frozen=True):
    """Why the command line is refused. ``kind`` says what about: an option that is unknown,
    ``misplaced`` (it goes before or behind the command), of a wrong value, without a value, a
    flag with one, or an ``extra`` argument. ``text`` is for people."""

    kind: Problem
    text: str
    help: str
    place: Place


class Given(msgspec.Struct, frozen=True):
    """An option that the command line (or a variable that click reads) gives."""

    value: Value
    place: Place


class CommandLine(msgspec.Struct):
    """A parsed command line.

    ``command`` is the name of Celery's command, empty where there is none. ``globals`` are the
    options before it, ``options`` those of the command, by name. ``rest`` is why options that are
    not there may be given all the same; empty where that is certain. Values are converted: whole
    numbers, floats, lists of strings (``-Q``), and a pair for ``--autoscale`` (most, least).
    """

    command: str
    globals: dict[str, Given]
    options: dict[str, Given]
    mistakes: list[Mistake]
    rest: str = ""
    configuration: str = ""
    """Why settings are not what the code says: arguments such as ``worker_concurrency=2``"""
    shows_help: bool = False
    """``--help`` is among them: then nothing is started."""


def parse(
    words: Sequence[Word],
    environment: Mapping[str, Sequence[Sequence[Piece]]],
    version: Version | None,
) -> CommandLine:
    """Parse the words behind ``celery``. ``environment`` has the values of variables, each in
    every way that it may be."""
    line = CommandLine("", {}, {}, [])
    top = _Parser(line, command_options(version, "celery"), "celery", line.globals)
    position = top.run(words, 0, interspersed=False)
    top.from_environment(environment)
    if top.is_lost:
        # Celery ends here; what was meant tells more about why.
        meant = (index for index in range(len(words)) if words[index].known in _KNOWN_COMMANDS)
        position = next(meant, position)
    if position < len(words):
        word = words[position]
        line.command = word.known or ""
        if word.known in _KNOWN_COMMANDS:
            command: Command = "worker" if word.known == "worker" else "beat"
            inner = _Parser(line, command_options(version, command), command, line.options)
            inner.run(words, position + 1, interspersed=True)
            inner.from_environment(environment)
            inner.explain_misplaced(top)
            top.explain_misplaced(inner)
    if line.shows_help:
        # The help is printed before anybody looks at values.
        line.mistakes = [one for one in line.mistakes if one.kind not in ("value", "extra")]
    return line


_KNOWN_COMMANDS = ("worker", "beat")


class _Parser:
    """click's parser for one command (click/parser.py, ``_OptionParser``)."""

    def __init__(
        self,
        line: CommandLine,
        options: Mapping[str, CommandOption],
        command: str,
        given: dict[str, Given],
    ) -> None:
        self._line = line
        self._command = command
        self._given = given
        self._options = options
        self._by_flag = {flag: one for one in options.values() for flag in (*one.flags, *one.off)}
        self._unknown: list[tuple[str, Word]] = []
        self._refused: dict[str, Mistake] = {}
        """Values by option: of several only the last is looked at"""

    @property
    def is_lost(self) -> bool:
        """Whether an option was unknown: from there on all is guesswork."""
        return bool(self._unknown)

    def run(self, words: Sequence[Word], position: int, *, interspersed: bool) -> int:
        """Take options, and return where the first other word is that ends them."""
        while position < len(words):
            word = words[position]
            if word.open:
                self._line.rest = next(piece.reason for piece in word.pieces if piece.reason)
                position += 1
                continue
            if word.known == "--":
                for extra in words[position + 1 :] if interspersed else ():
                    self._extra(extra)
                return position + 1
            head = word.head
            if not head.startswith("-") or len(head) < 2:
                if not interspersed:
                    return position
                self._extra(word)
                position += 1
                continue
            position = self._option(word, words, position + 1)
        return position

    def _option(self, word: Word, words: Sequence[Word], position: int) -> int:
        head = word.head
        flag, equals, _ = head.partition("=")
        option = self._by_flag.get(flag)
        if head == "--help":
            self._line.shows_help = True
            return position
        # Short ones are matched letter by letter: `-c=4` gives `-c` the value `=4`.
        is_whole = flag.startswith("--") or (not equals and word.known is not None)
        if option is not None and is_whole and (equals or word.known is not None):
            if not equals:
                return self._take(option, flag, word, words, position)
            if not option.takes_value:
                text = f"`{flag}` is a switch and takes no value"
                self._wrong("flag", text, f"write `{flag}` alone", word.place)
                return position
            self._give(option, flag, word.after(len(flag) + 1))
            return position
        if head.startswith("--") or (word.known is None and len(head) < 2):
            if word.known is None and not equals:
                self._line.rest = f"`{word.written}` cannot be told"
                return position
            self._unknown.append((flag, word))
            return position
        return self._cluster(word, words, position)

    def _cluster(self, word: Word, words: Sequence[Word], position: int) -> int:
        """``-EB``, ``-c4``: one letter after the other, until one takes the rest as its value."""
        head = word.head
        for index in range(1, len(head)):
            flag = f"-{head[index]}"
            option = self._by_flag.get(flag)
            if option is None:
                self._unknown.append((flag, word))
                return position
            if option.takes_value:
                if index + 1 < len(head) or word.known is None:
                    self._give(option, flag, word.after(index + 1))
                    return position
                return self._take(option, flag, word, words, position)
            self._given[option.name] = Given(_flag(True, flag, word), word.place)
        return position

    def _take(
        self, option: CommandOption, flag: str, word: Word, words: Sequence[Word], position: int
    ) -> int:
        if not option.takes_value:
            self._given[option.name] = Given(_flag(flag not in option.off, flag, word), word.place)
            return position
        if position < len(words):
            self._give(option, flag, words[position])
            return position + 1
        if not self._line.rest:
            text = f"`{flag}` needs a value"
            self._wrong("missing", text, f"give one behind `{flag}`", word.place)
        return position

    def _give(self, option: CommandOption, flag: str, word: Word) -> None:
        self._refused.pop(option.name, None)
        self._given[option.name] = Given(self._converted(option, flag, word), word.place)

    def _converted(self, option: CommandOption, flag: str, word: Word) -> Value:
        value = word.value(f"`{flag}`")
        if value.is_unknown:
            return value
        try:
            result = convert(option, value.value)
        except ValueError as error:
            text = f"`{flag} {value.value}`: {error}"
            self._refused[option.name] = Mistake("value", text, _help(option), word.place)
            return unknown(f"`{flag} {value.value}` is refused", value.trail)
        return Value(value.state, result, value.trail, "", value.variables)

    def from_environment(self, environment: Mapping[str, Sequence[Sequence[Piece]]]) -> None:
        """click reads ``CELERY_WORKER_CONCURRENCY`` and its like where an option is not given."""
        for option in self._options.values():
            if option.name in self._given:
                continue
            for variable in option.variables:
                ways = environment.get(variable)
                if not ways:
                    continue
                words = [Word(tuple(pieces)) for pieces in ways if pieces]
                if len(words) != 1 or words[0].known == "":
                    continue
                value = self._converted(option, variable, words[0])
                if option.type == "flag" and not value.is_unknown:
                    value = msgspec.structs.replace(value, value=_is_true(words[0].known or ""))
                self._given[option.name] = Given(value, words[0].place)
                break
        self._line.mistakes += self._refused.values()

    def _extra(self, word: Word) -> None:
        """``worker`` and ``beat`` take ``key=value`` arguments as configuration, and refuse
        others (celery/loaders/base.py, ``cmdline_config_parser``)."""
        if word.known is None or "=" in word.known:
            self._line.configuration = f"`{word.written}` on the command line is configuration"
            return
        text = f"`{word.known}` belongs to no option"
        help = "an option that takes several values takes them as one word, with commas"
        self._wrong("extra", text, help, word.place)

    def explain_misplaced(self, other: _Parser) -> None:
        """Say what was unknown, with what is known of the other command's options."""
        for flag, word in self._unknown:
            where = f"`celery {self._command}`" if self._command != "celery" else "`celery`"
            if flag in other._by_flag and flag not in self._by_flag:
                side = "before" if self._command != "celery" else "behind"
                name = self._command if self._command != "celery" else other._command
                text = f"{where} has no option `{flag}`"
                help = f"write `{flag}` {side} `{name}`"
                self._wrong("misplaced", text, help, word.place)
                continue
            near = closest(flag, self._by_flag)
            text = f"{where} has no option `{flag}`"
            help = f"write `{near}`" if near else f"remove it, or see {where[:-1]} --help`"
            self._wrong("unknown", text, help, word.place)
        if self._unknown:
            # What stands behind an unknown option may have been meant as its value.
            self._line.mistakes[:] = [one for one in self._line.mistakes if one.kind != "extra"]
        self._unknown = []

    def _wrong(self, kind: Problem, text: str, help: str, place: Place) -> None:
        self._line.mistakes.append(Mistake(kind, text, help, place))


def convert(option: CommandOption, text: str) -> Any:
    """The value that click makes of a text; raises ValueError, in words, where it refuses it."""
    kind = option.type
    if kind == "int":
        return _whole(text)
    if kind == "float":
        try:
            return float(text)
        except ValueError:
            raise ValueError("it takes a number of seconds") from None
    if kind == "list":
        return tuple(text.split(","))
    if kind == "autoscale":
        parts = text.split(",")
        if len(parts) > 2:
            raise ValueError("it takes one or two whole numbers with a comma between")
        numbers = [*map(_whole, parts), *([0] if len(parts) == 1 else ())]
        return tuple(sorted(numbers, reverse=True))
    if kind == "concurrency":
        if text.strip().lower() == "auto":
            return "auto"
        if not text:
            return None
        number = _whole(text)
        if number < 0:
            raise ValueError("it takes a whole number that is not negative, or `auto`")
        return number
    if kind == "flag":
        return _is_true(text)
    if kind == "loglevel":
        text = text.upper()
    if option.choices and text not in option.choices:
        raise ValueError(f"it takes one of {', '.join(option.choices)}")
    return text


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("it takes a whole number") from None


def _help(option: CommandOption) -> str:
    if option.choices:
        return f"give one of {', '.join(f'`{choice}`' for choice in option.choices)}"
    return {
        "int": "give a whole number",
        "float": "give a number of seconds",
        "autoscale": "write it like `10,3`: most and least processes, without a blank",
        "concurrency": "give a whole number, or `auto`",
    }.get(option.type, "mend the value")


def _flag(value: bool, flag: str, word: Word) -> Value:
    return Value(State.KNOWN, value, (Step(f"`{flag}`", word.place),))


def _is_true(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "t", "yes", "y", "on")
