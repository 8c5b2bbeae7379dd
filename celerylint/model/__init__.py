"""The vocabulary of celerylint: places, values, the project and its parts, findings.

Nothing in this package does anything; everything else speaks in its terms.
"""
