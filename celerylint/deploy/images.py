"""What is in well-known base images."""

from __future__ import annotations

import re

_OFFICIAL = frozenset({"debian", "ubuntu", "python", "pypy", "node", "buildpack-deps", "ruby"})
_DEBIAN = re.compile(
    r"(?:^|[-:.])(?:slim|buster|bullseye|bookworm|trixie|focal|jammy|noble|debian|ubuntu)(?:$|[-.\d])"
)
_WITH_BASH = ("fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "ubi7", "ubi8", "ubi9")


def system_shell(image: str) -> str:
    """Which shell ``/bin/sh`` is: ``dash``, ``ash`` or ``bash``; empty where nobody knows."""
    image = image.partition("@")[0].lower()
    name = image.rpartition("/")[2]
    repository, _, tag = name.partition(":")
    if "alpine" in name or repository == "busybox":
        return "ash"
    if any(known in name for known in _WITH_BASH):
        return "bash"
    is_official = "/" not in image.removeprefix("docker.io/").removeprefix("library/")
    if (repository in _OFFICIAL and is_official) or _DEBIAN.search(name):
        return "" if "windows" in tag or "nanoserver" in tag else "dash"
    return ""


def runs_as_root(image: str) -> bool:
    """Whether an image without a ``USER`` of its own runs as root: certain for those of a
    distribution or a language."""
    name = image.partition("@")[0].lower().rpartition("/")[2].partition(":")[0]
    is_official = "/" not in image.removeprefix("docker.io/").removeprefix("library/")
    return is_official and name in (*_OFFICIAL, "alpine", *_WITH_BASH)
