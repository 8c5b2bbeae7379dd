"""Shell scripts: what they start, worked out without running them."""

from celerylint.deploy.shell.run import Started, run

__all__ = ["Started", "run"]
