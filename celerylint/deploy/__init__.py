"""How workers, beat and flower are started: from deployment files to processes.

One small module reads each kind of file, on its own, into `facts`; `processes` puts them together:
a service with its image, a command with the scripts that it runs. What Celery makes of a command
line is worked out by `command_line`.
"""
