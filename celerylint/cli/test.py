"""``celerylint test``: policies, tried on their own examples."""

from __future__ import annotations

import sys

import click

from celerylint.cli import configured, options
from celerylint.cli.exit_code import ExitCode
from celerylint.cli.options import Complaint
from celerylint.cli.terminal import use_color, write


@click.command("test", short_help="Try the policies of the configuration on their examples.")
@options.paths
@configured.config
@options.verbose("Show the traceback of a crash.")
@options.color
def command(paths: tuple[str, ...], config: str | None, verbose: bool, color: str) -> int:
    """Try the policies of the configuration that applies to PATH on the examples that they have,
    by default those of the current folder.

    Exit code 0: every example is as it claims. 1: one is not. 2: the configuration is wrong, or
    has no policies.
    """
    from celerylint.config.settings import load
    from celerylint.examples import run_policy_tests
    from celerylint.report import policy_tests
    from celerylint.report.style import Style

    with options.user_errors(paths):
        _, settings = load(paths or (".",), {}, config=config)
    policies = [
        rule.policy
        for rule in settings.catalogue.rules
        if rule.policy is not None and rule.category == "policy"
    ]
    if not policies:
        raise Complaint(
            "there are no policies to test",
            "write them as [[policy]] into celerylint.toml, or as [[tool.celerylint.policy]] into"
            " pyproject.toml",
        )
    results = run_policy_tests(policies)
    untested = [policy.name for policy in policies if not policy.examples]
    write(policy_tests.render(results, untested, Style(use_color(color, sys.stdout))), sys.stdout)
    return ExitCode.CLEAN if all(result.passed for result in results) else ExitCode.FINDINGS
