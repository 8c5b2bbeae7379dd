"""Which deployment files are for development, and not for production."""

from __future__ import annotations

WORDS = (
    "override",
    "dev",
    "devel",
    "develop",
    "developer",
    "development",
    "devcontainer",
    "local",
    "localdev",
    "localhost",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "test",
    "tests",
    "testing",
    "unittest",
    "unittests",
    "ci",
    "cicd",
    "e2e",
    "debug",
    "docs",
)

DEFAULT_DEVELOPMENT_PATHS = tuple(
    pattern
    for word in WORDS
    for pattern in (word, f"{word}[._-]*", f"*[._-]{word}", f"*[._-]{word}[._-]*")
)
"""What counts as development unless the project says otherwise: these words as a part of the name
of a file or folder. Patterns as in a ``.gitignore``."""

PRODUCTION_WORDS = frozenset({"prod", "production"})
DEVELOPMENT_WORDS = frozenset(WORDS)
