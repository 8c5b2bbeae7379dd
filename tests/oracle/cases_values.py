"""How a value is written: everything here ends in one setting of one app.

Each row is (name, the lines before the app, the expression, its value). Which setting it is
does not matter; see `_setting_for`.
"""

from __future__ import annotations

import textwrap
from typing import Any

from .cases import Case, case

APP = """\
# app.py
from celery import Celery
{before}
app = Celery("proj")
app.conf.{setting} = {expression}

@app.task
def add(x, y):
    return x + y
"""


def _value(
    name: str, before: str, expression: str, value: Any, *, files: str = "", **about: Any
) -> Case:
    setting = _setting_for(value)
    text = APP.format(before=textwrap.dedent(before), setting=setting, expression=expression)
    return case(name, text + textwrap.dedent(files), settings={setting: value}, **about)


def _setting_for(value: Any) -> str:
    """A setting that takes such a value, without other effects, and has another default."""
    if value is None:
        return "worker_redirect_stdouts_level"
    if isinstance(value, bool):
        return "result_extended" if value else "worker_hijack_root_logger"
    if isinstance(value, (int, float)):
        return "result_expires"
    if isinstance(value, str):
        return "worker_log_format"
    return "broker_transport_options" if isinstance(value, dict) else "accept_content"


EXPRESSIONS = [
    _value("arithmetic", "HOUR = 60 * 60", "2 * HOUR + 30 - 10 // 3", 7227),
    _value("power-and-modulo", "", "2 ** 10 % 1000", 24),
    _value("negative", "", "-(-90)", 90),
    _value("float-to-int", "LIMIT = 300", "int(0.9 * LIMIT)", 270),
    _value("underscored-number", "", "90_000", 90000),
    _value("timedelta", "from datetime import timedelta", "timedelta(hours=1, minutes=30)", 5400),
    _value("timedelta-by-module", "import datetime as dt", "dt.timedelta(days=2)", 172800),
    _value(
        "timedelta-seconds",
        "from datetime import timedelta",
        "int(timedelta(minutes=5).total_seconds())",
        300,
    ),
    _value("f-string", "NAME, N = 'x', 3", "f'{NAME}-{N + 1}'", "x-4"),
    _value("f-string-format", "N = 3", "f'{N:03d}/{\"a\"!r}'", "003/'a'"),
    _value("percent-format", "NAME = 'x'", "'%s:%d' % (NAME, 5)", "x:5"),
    _value("str-format", "NAME = 'x'", "'{}-{n}'.format(NAME, n=2)", "x-2"),
    _value("concatenation", "PREFIX = 'a' 'b'", "PREFIX + '.c'", "ab.c"),
    _value("string-methods", "", "' A-b '.strip().lower().replace('-', '_')", "a_b"),
    _value("split-and-join", "", "','.join('a b c'.split())", "a,b,c"),
    _value("split-list", "", "'json,yaml'.split(',')", ["json", "yaml"]),
    _value("annotated-constant", "from typing import Final\nX: Final[int] = 7", "X", 7),
    _value("chained-assignment", "A = B = 5", "A + B", 10),
    _value("unpacked-assignment", "A, (B, C) = 1, (2, 3)", "A + B + C", 6),
    _value("last-assignment-wins", "X = 1\nX = X + 1", "X", 2),
    _value("augmented-number", "X = 1\nX += 4", "X", 5),
    _value("conditional-expression", "FAST = True", "10 if FAST else 20", 10),
    _value("boolean-operators", "DEBUG = False", "not DEBUG and (DEBUG or True)", True),
    _value("or-default", "NAME = ''", "NAME or 'fallback'", "fallback"),
    _value("comparison", "ENV = 'prod'", "ENV in ('prod', 'stage') and 1 < 2 <= 2", True),
    _value("builtin-calls", "", "max(3, min(10, 7)) + len([1, 2]) + int('5') + abs(-1)", 15),
    _value("str-and-bool-calls", "", "bool(str(12))", True),
    _value("float-call", "", "float('1.5')", 1.5),
    _value("dict-call", "", "dict(a=1, **{'b': 2})", {"a": 1, "b": 2}),
    _value("dict-call-of-dict", "BASE = {'a': 1}", "dict(BASE, b=2)", {"a": 1, "b": 2}),
    _value("dict-merge-stars", "A = {'a': 1}", "{**A, 'b': 2, **{'a': 3}}", {"a": 3, "b": 2}),
    _value("dict-merge-operator", "A = {'a': 1}", "A | {'b': 2}", {"a": 1, "b": 2}),
    _value("list-sum", "A = ['json']", "A + ['yaml'] * 2", ["json", "yaml", "yaml"]),
    _value("list-stars", "A = ('json',)", "[*A, 'yaml']", ["json", "yaml"]),
    _value("list-call", "A = ('json', 'yaml')", "list(A)", ["json", "yaml"]),
    _value("set-literal", "", "{'yaml', 'json'}", ["json", "yaml"]),
    _value("list-comprehension", "", "[n + 'x' for n in ('a', 'b') if n != 'a']", ["bx"]),
    _value("dict-comprehension", "N = ['a', 'b']", "{n: len(n) for n in N}", {"a": 1, "b": 1}),
    _value(
        "dict-comprehension-of-items",
        "D = {'a': 1, 'b': 2}",
        "{k: v * 2 for k, v in D.items() if v > 1}",
        {"b": 4},
    ),
    _value("generator-in-call", "", "tuple(n for n in ['yaml'])", ["yaml"]),
    _value("range-and-enumerate", "", "{str(i): n for i, n in enumerate(['a'])}", {"0": "a"}),
    _value("zip", "", "dict(zip(('a', 'b'), (1, 2)))", {"a": 1, "b": 2}),
    _value("fromkeys", "", "dict.fromkeys(['a', 'b'], 0)", {"a": 0, "b": 0}),
    _value("subscript", "D = {'a': [1, {'b': 9}]}", "D['a'][1]['b']", 9),
    _value("negative-index-and-slice", "L = [1, 2, 3]", "L[-1] + L[:2][1]", 5),
    _value("dict-get", "D = {'a': 1}", "D.get('a') + D.get('b', 5)", 6),
    _value("sorted-call", "", "sorted({'yaml', 'json'})", ["json", "yaml"]),
    _value("item-assignment", "D = {}\nD['a'] = {}\nD['a']['b'] = 1", "D", {"a": {"b": 1}}),
    _value("dict-update", "D = {'a': 1}\nD.update({'b': 2}, c=3)", "D", {"a": 1, "b": 2, "c": 3}),
    _value("dict-ior", "D = {'a': 1}\nD |= {'b': 2}", "D", {"a": 1, "b": 2}),
    _value(
        "dict-setdefault-pop-del",
        "D = dict(a=1, b=2, c=3)\nD.setdefault('a', 9)\nD.pop('b')\ndel D['c']",
        "D",
        {"a": 1},
    ),
    _value(
        "list-append-extend",
        "L = ['a']\nL.append('b')\nL.extend(['c'])\nL += ['d']\nL.insert(0, 'z')",
        "L",
        ["z", "a", "b", "c", "d"],
    ),
    _value(
        "filled-in-a-loop",
        "D = {}\nfor n in ('a', 'b'):\n    D[n] = n * 2",
        "D",
        {"a": "aa", "b": "bb"},
    ),
    _value(
        "class-attribute",
        """\
        class Limits:
            SHORT = 30
            LONG = SHORT * 10
        """,
        "Limits.LONG",
        300,
    ),
    _value(
        "inherited-class-attribute",
        """\
        class Base:
            A = 1
            B = 2
        class Limits(Base):
            B = 3
        """,
        "Limits.A + Limits.B",
        4,
    ),
    _value(
        "nested-class-attribute",
        """\
        class Conf:
            class Queues:
                HIGH = "high"
        """,
        "Conf.Queues.HIGH",
        "high",
    ),
    _value(
        "enum-value",
        """\
        from enum import Enum
        class Level(Enum):
            LOW = "low"
        """,
        "Level.LOW.value",
        "low",
    ),
    _value(
        "enum-name",
        """\
        import enum
        class Level(enum.Enum):
            LOW = 1
        """,
        "Level.LOW.name",
        "LOW",
    ),
    _value(
        "str-enum-member",
        """\
        from enum import Enum
        class Level(str, Enum):
            LOW = "low"
        """,
        "Level.LOW",
        "low",
    ),
    _value(
        "int-enum-member",
        """\
        from enum import IntEnum
        class Limit(IntEnum):
            LOW = 5
        """,
        "Limit.LOW * 2",
        10,
    ),
    _value(
        "enum-by-name",
        """\
        from enum import Enum
        class Level(Enum):
            LOW = "low"
        """,
        "Level['LOW'].value + Level('low').value",
        "lowlow",
    ),
    _value("function-returning-literal", "def limit():\n    return 5 * 60", "limit()", 300),
    _value(
        "function-with-arguments",
        """\
        def limit(minutes, extra=10):
            return minutes * 60 + extra
        """,
        "limit(2, extra=5)",
        125,
    ),
    _value(
        "function-with-locals",
        """\
        def options():
            found = {"a": 1}
            found["b"] = 2
            return found
        """,
        "options()",
        {"a": 1, "b": 2},
    ),
    _value(
        "function-with-branch",
        """\
        def limit(fast=False):
            if fast:
                return 10
            return 20
        """,
        "limit(fast=True)",
        10,
    ),
    _value("lambda", "limit = lambda minutes: minutes * 60", "limit(2)", 120),
    _value(
        "known-branch",
        "import sys\nif sys.version_info >= (3, 8):\n    X = 1\nelse:\n    X = 2",
        "X",
        1,
    ),
    _value("constant-branch", "DEBUG = False\nif DEBUG:\n    X = 1\nelse:\n    X = 2", "X", 2),
    _value(
        "type-checking-branch",
        """\
        from typing import TYPE_CHECKING
        X = 1
        if TYPE_CHECKING:
            X = 2
        """,
        "X",
        1,
    ),
    _value("cast-call", "from typing import cast", "cast('int', 5)", 5),
    _value(
        "instance-of-namespace",
        """\
        from types import SimpleNamespace
        limits = SimpleNamespace(short=30)
        """,
        "limits.short",
        30,
    ),
    _value(
        "dataclass-default",
        """\
        from dataclasses import dataclass
        @dataclass
        class Limits:
            short: int = 30
            long: int = 300
        limits = Limits(short=40)
        """,
        "limits.short + limits.long",
        340,
    ),
    _value(
        "instance-attribute",
        """\
        class Limits:
            def __init__(self, short, long=300):
                self.short = short
                self.long = long
        limits = Limits(30)
        """,
        "limits.short + limits.long",
        330,
    ),
    _value(
        "property-of-instance",
        """\
        class Settings:
            host = "redis"
            @property
            def url(self):
                return f"redis://{self.host}/0"
        settings = Settings()
        """,
        "settings.url",
        "redis://redis/0",
    ),
    _value(
        "named-tuple",
        """\
        from typing import NamedTuple
        class Limits(NamedTuple):
            soft: int
            hard: int = 20
        """,
        "Limits(10).hard",
        20,
    ),
    _value("path-and-name", "import os", "os.path.join('a', 'b')", "a/b"),
    _value("module-name", "", "__name__", "app"),
    _value(
        "unpicked-branch-agrees",
        "import os\nif os.getenv('X'):\n    X = 5\nelse:\n    X = 5",
        "X",
        5,
    ),
    _value(
        "branch-on-environment",
        """\
        import os
        if os.environ.get("ENVIRONMENT") == "production":
            X = 5
        else:
            X = 10
        """,
        "X",
        10,
    ),
    _value(
        "try-import",
        """\
        try:
            from local_settings import X
        except ImportError:
            X = 5
        """,
        "X",
        5,
    ),
    _value(
        "match-statement",
        """\
        NAME = "b"
        match NAME:
            case "a":
                X = 1
            case _:
                X = 2
        """,
        "X",
        2,
    ),
]

IMPORTS = [
    _value("imported-constant", "from consts import X", "X", 5, files="# consts.py\nX = 5"),
    _value("imported-under-alias", "from consts import X as Y", "Y", 5, files="# consts.py\nX = 5"),
    _value("module-attribute", "import consts", "consts.X", 5, files="# consts.py\nX = 5"),
    _value(
        "module-alias",
        "import pkg.consts as c",
        "c.X",
        5,
        files="# pkg/__init__.py\n\n# pkg/consts.py\nX = 5",
    ),
    _value(
        "dotted-module",
        "import pkg.consts",
        "pkg.consts.X",
        5,
        files="# pkg/__init__.py\n\n# pkg/consts.py\nX = 5",
    ),
    _value(
        "module-from-package",
        "from pkg import consts",
        "consts.X",
        5,
        files="# pkg/__init__.py\n\n# pkg/consts.py\nX = 5",
    ),
    _value("namespace-package", "from pkg.consts import X", "X", 5, files="# pkg/consts.py\nX = 5"),
    _value("star-import", "from consts import *", "X", 5, files="# consts.py\nX = 5\n_Y = 6"),
    _value(
        "star-import-with-all",
        "from consts import *\nY = 1\nfrom more import *",
        "X + Y",
        6,
        files="# consts.py\nX = 5\n\n# more.py\n__all__ = ['Z']\nZ = 1\nY = 9",
    ),
    _value(
        "star-import-overridden",
        "from consts import *\nX = X * 2",
        "X",
        10,
        files="# consts.py\nX = 5",
    ),
    _value(
        "star-import-chain",
        "from c import *",
        "X",
        3,
        files="# a.py\nX = 1\n\n# b.py\nfrom a import *\nX += 1\n\n# c.py\nfrom b import *\nX += 1",
    ),
    _value(
        "package-re-export",
        "from pkg import X",
        "X",
        5,
        files="# pkg/__init__.py\nfrom .consts import X\n\n# pkg/consts.py\nX = 5",
    ),
    _value(
        "relative-imports",
        "from pkg.sub.mod import Y",
        "Y",
        10,
        files="""\
        # pkg/__init__.py

        # pkg/consts.py
        X = 5

        # pkg/sub/__init__.py

        # pkg/sub/mod.py
        from ..consts import X
        from . import other
        Y = X + other.Z

        # pkg/sub/other.py
        Z = 5
        """,
    ),
    _value(
        "imported-class-attribute",
        "from consts import Q",
        "Q.HIGH",
        "high",
        files="# consts.py\nclass Q:\n    HIGH = 'high'",
    ),
    _value(
        "imported-enum",
        "from consts import Q",
        "Q.HIGH.value",
        "high",
        files="# consts.py\nfrom enum import Enum\nclass Q(Enum):\n    HIGH = 'high'",
    ),
    _value(
        "imported-function",
        "from consts import limit",
        "limit(2)",
        120,
        files="# consts.py\nMINUTE = 60\ndef limit(n):\n    return n * MINUTE",
    ),
    _value(
        "patched-in-another-module",
        "import consts\nconsts.D['b'] = 2",
        "consts.D",
        {"a": 1, "b": 2},
        files="# consts.py\nD = {'a': 1}",
    ),
    _value(
        "circular-import", "from consts import X", "X", 5, files="# consts.py\nimport app\nX = 5"
    ),
    _value(
        "import-in-try",
        """\
        try:
            from consts import X
        except ImportError:
            X = 1
        """,
        "X",
        5,
        files="# consts.py\nX = 5",
    ),
    _value(
        "import-in-function",
        "def x():\n    from consts import X\n    return X",
        "x()",
        5,
        files="# consts.py\nX = 5",
    ),
]

ENVIRONMENT = [
    _value("getenv", "import os", "os.getenv('X', 'a')", "a"),
    _value("getenv-none", "import os", "os.getenv('X')", None),
    _value("environ-get", "import os", "os.environ.get('X', 'a')", "a"),
    _value("environ-get-keyword", "import os", "os.getenv('X', default='a')", "a"),
    _value(
        "imported-getenv",
        "from os import environ, getenv as g",
        "environ.get('X', 'a') + g('Y', 'b')",
        "ab",
    ),
    _value("environ-int", "import os", "int(os.environ.get('X', 60)) * 2", 120),
    _value("environ-float", "import os", "float(os.getenv('X', '1.5'))", 1.5),
    _value("environ-or", "import os", "os.environ.get('X') or 'a'", "a"),
    _value("environ-or-int", "import os", "int(os.environ.get('X') or 60)", 60),
    _value("environ-nested", "import os", "os.getenv('X', os.getenv('Y', 'b'))", "b"),
    _value("environ-equals", "import os", "os.getenv('X', 'false') == 'true'", False),
    _value(
        "environ-lower-in",
        "import os",
        "os.environ.get('X', 'True').lower() in ('1', 'true', 'yes')",
        True,
    ),
    _value("environ-contains", "import os", "'X' in os.environ", False),
    _value("environ-bool", "import os", "bool(int(os.environ.get('X', '0')))", False),
    _value(
        "environ-strtobool",
        "import os\nfrom kombu.utils.objects import cached_property\n"
        "from celery.utils.serialization import strtobool",
        "strtobool(os.getenv('X', 'yes'))",
        True,
    ),
    _value(
        "environ-split", "import os", "os.getenv('X', 'json,yaml').split(',')", ["json", "yaml"]
    ),
    _value(
        "environ-f-string",
        "import os\nHOST = os.getenv('HOST_X', 'redis')",
        "f'redis://{HOST}:6379/0'",
        "redis://redis:6379/0",
    ),
    _value("environ-in-arithmetic", "import os\nX = int(os.getenv('X', '10'))", "X + X // 2", 15),
    _value(
        "environ-try-int",
        """\
        import os
        try:
            X = int(os.environ["X"])
        except (KeyError, ValueError):
            X = 30
        """,
        "X",
        30,
    ),
    _value(
        "environ-if-set",
        """\
        import os
        X = 30
        if "X" in os.environ:
            X = int(os.environ["X"])
        """,
        "X",
        30,
        unknown=("setting result_expires",),
    ),
    _value(
        "environ-required",
        "import os",
        "int(os.environ['ORACLE_X'])",
        30,
        env={"ORACLE_X": "30"},
        unknown=("setting result_expires",),
    ),
    _value(
        "environ-setdefault", "import os\nos.environ.setdefault('X', 'a')", "os.environ['X']", "a"
    ),
    _value(
        "helper-function",
        """\
        import os
        def env_int(name, default):
            return int(os.environ.get(name, default))
        """,
        "env_int('X', 30)",
        30,
    ),
    _value(
        "helper-with-none-test",
        """\
        import os
        def env_bool(name, default=False):
            value = os.getenv(name)
            if value is None:
                return default
            return value.lower() in ("1", "true")
        """,
        "env_bool('X', True)",
        True,
    ),
    _value(
        "helper-with-try",
        """\
        import os
        def env(name, default=None):
            try:
                return os.environ[name]
            except KeyError:
                return default
        """,
        "env('X', 'a')",
        "a",
    ),
    _value(
        "helper-method",
        """\
        import os
        class Env:
            @staticmethod
            def integer(name: str, default: int) -> int:
                return int(os.getenv(name, str(default)))
        """,
        "Env.integer('X', 30)",
        30,
    ),
    _value(
        "helper-imported",
        "from helpers import env_int",
        "env_int('X', default=30)",
        30,
        files="# helpers.py\nimport os\ndef env_int(name, default=0):\n"
        "    return int(os.getenv(name, default))",
    ),
    _value(
        "django-environ-default",
        "import environ\nenv = environ.Env()",
        "env('X', default='a')",
        "a",
        needs=("environ",),
    ),
    _value(
        "django-environ-int",
        "import environ\nenv = environ.Env()",
        "env.int('X', default=30)",
        30,
        needs=("environ",),
    ),
    _value(
        "django-environ-bool",
        "from environ import Env\nenv = Env()",
        "env.bool('X', True)",
        True,
        needs=("environ",),
    ),
    _value(
        "django-environ-cast",
        "import environ\nenv = environ.Env()",
        "env('X', int, 30)",
        30,
        needs=("environ",),
    ),
    _value(
        "django-environ-list",
        "import environ\nenv = environ.Env()",
        "env.list('X', default=['yaml'])",
        ["yaml"],
        needs=("environ",),
    ),
    _value(
        "django-environ-scheme",
        "import environ\nenv = environ.Env(X=(int, 30))",
        "env('X')",
        30,
        needs=("environ",),
    ),
    _value(
        "django-environ-file",
        """\
        import environ
        env = environ.Env()
        environ.Env.read_env()
        """,
        "env.str('X', default='a')",
        "a",
        needs=("environ",),
    ),
    _value(
        "environs-positional-default",
        "from environs import Env\nenv = Env()\nenv.read_env()",
        "env.int('X', 30)",
        30,
        needs=("environs",),
    ),
    _value(
        "environs-call",
        "from environs import Env\nenv = Env()",
        "env('X', 'a')",
        "a",
        needs=("environs",),
    ),
    _value(
        "environs-bool",
        "from environs import Env\nenv = Env()",
        "env.bool('X', default=True)",
        True,
        needs=("environs",),
    ),
    _value(
        "environs-list",
        "import environs\nenv = environs.Env()",
        "env.list('X', ['yaml'])",
        ["yaml"],
        needs=("environs",),
    ),
    _value(
        "environs-prefixed",
        """\
        from environs import Env
        env = Env()
        with env.prefixed("CELERY_"):
            X = env.int("X", 30)
        """,
        "X",
        30,
        needs=("environs",),
    ),
    _value(
        "decouple-default",
        "from decouple import config",
        "config('X', default='a')",
        "a",
        needs=("decouple",),
    ),
    _value(
        "decouple-cast",
        "from decouple import config",
        "config('X', default='30', cast=int)",
        30,
        needs=("decouple",),
    ),
    _value(
        "decouple-bool",
        "from decouple import config as cfg",
        "cfg('X', default='on', cast=bool)",
        True,
        needs=("decouple",),
    ),
    _value(
        "decouple-csv",
        "from decouple import Csv, config",
        "config('X', default='json, yaml', cast=Csv())",
        ["json", "yaml"],
        needs=("decouple",),
    ),
    _value(
        "decouple-cast-function",
        "from decouple import config",
        "config('X', default='a-b', cast=lambda v: v.split('-'))",
        ["a", "b"],
        needs=("decouple",),
    ),
    _value(
        "pydantic-default",
        """\
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            limit: int = 30
        settings = Settings()
        """,
        "settings.limit",
        30,
        needs=("pydantic_settings",),
    ),
    _value(
        "pydantic-field",
        """\
        from pydantic import Field
        from pydantic_settings import BaseSettings, SettingsConfigDict
        class Settings(BaseSettings):
            model_config = SettingsConfigDict(env_prefix="SHOP_", env_file=".env")
            limit: int = Field(default=30, alias="TASK_LIMIT")
            name: str = Field("x", description="a name")
        settings = Settings()
        """,
        "{'limit': settings.limit, 'name': settings.name}",
        {"limit": 30, "name": "x"},
        needs=("pydantic_settings",),
    ),
    _value(
        "pydantic-property",
        """\
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            host: str = "redis"
            port: int = 6379
            @property
            def redis_url(self) -> str:
                return f"redis://{self.host}:{self.port}/0"
        settings = Settings()
        """,
        "settings.redis_url",
        "redis://redis:6379/0",
        needs=("pydantic_settings",),
    ),
    _value(
        "pydantic-cached-getter",
        "from config import get_settings\nsettings = get_settings()",
        "settings.limit",
        30,
        needs=("pydantic_settings",),
        files="""\
        # config.py
        from functools import lru_cache
        from pydantic_settings import BaseSettings

        class Settings(BaseSettings):
            limit: int = 30

        @lru_cache
        def get_settings() -> Settings:
            return Settings()
        """,
    ),
    _value(
        "pydantic-nested",
        """\
        from pydantic import BaseModel
        from pydantic_settings import BaseSettings
        class Limits(BaseModel):
            soft: int = 30
        class Settings(BaseSettings):
            limits: Limits = Limits()
        settings = Settings()
        """,
        "settings.limits.soft",
        30,
        needs=("pydantic_settings",),
    ),
    _value(
        "pydantic-inherited",
        """\
        from typing import Optional
        from pydantic_settings import BaseSettings
        class Common(BaseSettings):
            limit: int = 30
            name: Optional[str] = None
        class Settings(Common):
            limit: int = 60
        """,
        "Settings().limit",
        60,
        needs=("pydantic_settings",),
    ),
    _value(
        "plain-settings-class",
        """\
        import os
        class Settings:
            LIMIT: int = int(os.getenv("LIMIT_X", "30"))
        settings = Settings()
        """,
        "settings.LIMIT",
        30,
    ),
    _value(
        "settings-made-in-init",
        """\
        import os
        class Settings:
            def __init__(self):
                self.limit = int(os.getenv("LIMIT_X", "30"))
        settings = Settings()
        """,
        "settings.limit",
        30,
    ),
]

CASES = [*EXPRESSIONS, *IMPORTS, *ENVIRONMENT]
