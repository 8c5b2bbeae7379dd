"""What the environment decides; the defaults suit a laptop."""

import os
from typing import Final

# Celery itself reads these two names from the environment, above all code: no second name for them.
BROKER_URL: Final = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0")
RESULT_BACKEND: Final = os.environ.get("CELERY_RESULT_BACKEND", "redis://localhost:6379/1")
WORKER_CONCURRENCY: Final = int(os.environ.get("WORKER_CONCURRENCY", "4"))

SMTP_HOST: Final = os.environ.get("SMTP_HOST", "localhost")
SMTP_PORT: Final = int(os.environ.get("SMTP_PORT", "1025"))

# An existing directory that web, workers and beat share.
DATA_DIR: Final = os.environ.get("DATA_DIR", "data")

# Without Redis, messages are files, and `filesystem://` has to be told where. Processes that start
# together trip over each other in one control folder; honcho gives each a PORT of its own.
BROKER_FOLDERS: Final[dict[str, str]] = (
    {
        "data_folder_in": DATA_DIR,
        "data_folder_out": DATA_DIR,
        "control_folder": f"{DATA_DIR}/control-{os.environ.get('PORT', '')}",
    }
    if BROKER_URL.startswith("filesystem:")
    else {}
)
