"""Paths as the host of a repository knows them."""

from __future__ import annotations

import os

from celerylint import disk

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Variables in which GitHub and GitLab tell jobs where the checkout is."""


def checkout_path(path: str) -> str:
    """``path`` relative to the checkout that a CI job works in, for reports that the host reads.

    The linter shows paths relative to the current directory, and a job may have changed to a
    subfolder. Outside of CI, and where the file is not in the checkout, ``path`` stays as it is.
    """
    absolute = os.path.join(os.getcwd(), path)
    for variable in _ROOTS:
        root = disk.environment(variable)
        if root and absolute.startswith(os.path.join(os.path.realpath(root), "")):
            return os.path.relpath(absolute, os.path.realpath(root)).replace(os.sep, "/")
    return path
