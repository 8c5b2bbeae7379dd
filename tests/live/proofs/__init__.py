"""What rule pages claim, shown on real Celery: bad examples do harm, good ones do not.

CONTRIBUTING.md says how to add one.
"""
