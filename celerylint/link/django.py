"""Django's settings: which modules they are, and what a name in them is.

The settings module is named by ``DJANGO_SETTINGS_MODULE``, with the default that the project's
own entry points give it. Production often runs another module beside that one, so settings are
those of every module that production may run: where they differ, a setting is one of several.
"""

from __future__ import annotations

import os
import re

from celerylint import disk
from celerylint.link.abstract import MISSING, Abstract, Unknown, join, resolved
from celerylint.link.environment import Environ
from celerylint.link.interpreter import Interpreter
from celerylint.link.modules import ModuleFile
from celerylint.link.natives import Native
from celerylint.link.registry import text
from celerylint.model.place import Place

_ENTRY_POINTS = ("manage.py", "wsgi.py", "asgi.py", "celery.py", "celery_app.py", "__init__.py")
_NAMED = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*(?:,|\]\s*=)\s*["']([\w.]+)["']""")
_PRODUCTION = re.compile(r"(^|_)(prod|production|live)($|_)")
VARIABLE = "DJANGO_SETTINGS_MODULE"


class DjangoSettings(Native):
    """``django.conf.settings``"""

    __slots__ = ("environ", "more", "names", "root")

    def __init__(self, root: str, environ: Environ) -> None:
        super().__init__()
        self.root = root
        self.environ = environ
        self.names: dict[str, Abstract] | None = None
        self.more: Unknown | None = None
        """Why there may be settings that are not seen"""

    def __repr__(self) -> str:
        return "django.conf.settings"

    def lacks(self, name: str) -> bool:
        """Django's own settings are not read: only names that are the project's can be missing."""
        return self.names is not None and name not in self.names and not _is_djangos(name)

    def get(self, interpreter: Interpreter, name: str, place: Place) -> Abstract:
        names = self.load(interpreter)
        if names is None:
            return Unknown(f"Django's settings module was not found ({place})")
        found = resolved(names.get(name, MISSING))
        if found is MISSING and self.more is not None:
            return self.more
        if found is MISSING:
            return Unknown(f"`{name}` is not in the project's Django settings ({place})")
        return found

    def load(self, interpreter: Interpreter) -> dict[str, Abstract] | None:
        """Every name of the settings; None when the settings module cannot be found."""
        if self.names is None:
            files = self.modules(interpreter)
            if not files:
                return None
            if any(file.state == "running" for file in files):
                return {name: value for file in files for name, value in file.scope.names.items()}
            self.names = _joined(interpreter, files)
            self.more = next((file.open for file in files if file.open is not None), None)
            stars = [name for file in files for name in file.stars]
            if stars and self.more is None:
                self.more = Unknown(f"the Django settings star-import {stars[0]}")
        return self.names

    def is_in_use(self, interpreter: Interpreter) -> bool:
        """Whether a settings module is named, be it in the project or not: then Celery sets Django
        up (celery/fixups/django.py)."""
        named = text(self.environ.defaults.get(VARIABLE))
        return bool(named) or self._named_by_entry_points(interpreter) is not None

    def modules(self, interpreter: Interpreter) -> list[ModuleFile]:
        """The settings modules that production may run, the default one first."""
        name = text(self.environ.defaults.get(VARIABLE)) or self._named_by_entry_points(interpreter)
        file = interpreter.modules.resolve(name) if name is not None else None
        if file is None:
            return []
        return [file, *_production_siblings(interpreter, file)]

    def _named_by_entry_points(self, interpreter: Interpreter) -> str | None:
        for folder in (self.root, *interpreter.modules.roots):
            try:
                code = disk.read(os.path.join(folder, "manage.py")).decode()
            except (OSError, UnicodeDecodeError):
                continue
            if found := _NAMED.search(code):
                return found[1]
        return None


# Prefixes of the settings that Django itself has (django/conf/global_settings.py).
_DJANGOS = (
    "ABSOLUTE_", "ADMINS", "ALLOWED_", "APPEND_", "AUTH", "BASE_DIR", "CACHE", "CSRF_", "DATA",
    "DATE", "DEBUG", "DECIMAL_", "DEFAULT_", "DISALLOWED_", "EMAIL_", "FILE_", "FIRST_", "FIXTURE",
    "FORCE_", "FORM", "IGNORABLE_", "INSTALLED_APPS", "INTERNAL_IPS", "LANGUAGE", "LOCALE_",
    "LOGGING", "LOGIN_", "LOGOUT_", "MANAGERS", "MEDIA_", "MESSAGE_", "MIDDLEWARE", "MIGRATION_",
    "MONTH_", "NUMBER_", "PASSWORD_", "PREPEND_", "ROOT_URLCONF", "SECRET_", "SECURE_", "SERVER_",
    "SESSION_", "SHORT_", "SIGNING_", "SILENCED_", "STATIC", "STORAGES", "TEMPLATES", "TEST_",
    "THOUSAND_", "TIME_", "USE_", "WSGI_", "X_FRAME_", "YEAR_",
)  # fmt: skip


def _is_djangos(name: str) -> bool:
    return name.startswith(_DJANGOS)


def _joined(interpreter: Interpreter, files: list[ModuleFile]) -> dict[str, Abstract]:
    namespaces = []
    for file in files:
        interpreter.run_module(file)
        namespaces.append(file.scope.names)
    if len(namespaces) == 1:
        return dict(namespaces[0])
    names = dict.fromkeys(name for namespace in namespaces for name in namespace)
    result: dict[str, Abstract] = {}
    for name in names:
        value = namespaces[0].get(name, MISSING)
        for namespace in namespaces[1:]:
            value = join(value, namespace.get(name, MISSING))
        result[name] = value
    return result


def _production_siblings(interpreter: Interpreter, file: ModuleFile) -> list[ModuleFile]:
    """Settings modules beside the default one whose name says production."""
    if os.path.basename(file.path) == "__init__.py":
        return []
    folder = os.path.dirname(file.path)
    own = os.path.basename(file.path).removesuffix(".py")
    if _PRODUCTION.search(own):
        return []
    return [
        interpreter.modules.at(os.path.join(folder, name))
        for name in sorted(disk.names(folder))
        if name.endswith(".py") and _PRODUCTION.search(name.removesuffix(".py"))
    ]
