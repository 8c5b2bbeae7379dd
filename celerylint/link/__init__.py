"""From the facts of all files to one `Project`: what Celery will really do.

Modules are executed by an abstract interpreter (`interpreter`, told about the outside by
`celery_world`); what their code did to Celery's objects is then worked out as Celery would:
`settings`, `naming`, `tasks`, `routing`, `beat`, `calls`.
"""

from celerylint.link.project import link

__all__ = ["link"]
