"""The tasks: one module a queue."""
