"""Policies: what an organisation demands of its Celery projects, in TOML and on effective values.

`load_policies` reads them, `breaches` judges a project by one. Who finds the files they stand in,
and what is reported, is decided elsewhere.
"""

from celerylint.policy.judge import Breach, breaches, check_selections
from celerylint.policy.mistakes import KeyPath, Mistake, PolicyErrors, PolicySource
from celerylint.policy.packs import PackError, find_pack
from celerylint.policy.policy import Policy, PolicyExample
from celerylint.policy.shape import PolicyTable
from celerylint.policy.table import load_policies, read_policy, sources_in

__all__ = [
    "Breach",
    "KeyPath",
    "Mistake",
    "PackError",
    "Policy",
    "PolicyErrors",
    "PolicyExample",
    "PolicySource",
    "PolicyTable",
    "breaches",
    "check_selections",
    "find_pack",
    "load_policies",
    "read_policy",
    "sources_in",
]
