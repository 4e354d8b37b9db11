"""A worker in a process of its own: `python -m tests.service.jobs.sample_worker DATABASE_URL FOLDER`."""

import sys
from pathlib import Path

from service.background import run_worker
from service.jobs.worker import Pace
from service.settings import Settings
from tests.service.jobs import sample_jobs  # noqa: F401 registers the jobs

url, folder = sys.argv[1:]
run_worker(
    Settings(database_url=url, store=f"{folder}/photos", secret=b"test secret", data=Path(folder)),
    pace=Pace(threads=2, heartbeat_s=0.2, look_s=0.2, grace_s=2),
)
