"""The check functions: a rule and a project in, findings out.

A check is ``(Rule, Project) -> Iterator[Finding]``. It sees the linked project and nothing else:
no file, no syntax. What it says is on the page of the rule that names it.
"""
