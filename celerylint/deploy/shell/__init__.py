"""Shell scripts: what they start, worked out without running them."""

from celerylint.deploy.shell.run import Branch, Started, run

__all__ = ["Branch", "Started", "run"]
