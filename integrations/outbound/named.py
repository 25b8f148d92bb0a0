"""Which documents log lines are about."""

from contextlib import AbstractContextManager

import structlog

from integrations.models import SyncJob


def named(*jobs: SyncJob) -> AbstractContextManager[object]:
    """Every line written meanwhile names the job, or the jobs that travel together; ids only."""
    if len(jobs) == 1:
        return structlog.contextvars.bound_contextvars(job=str(jobs[0].pk), kind=jobs[0].kind)
    return structlog.contextvars.bound_contextvars(jobs=[str(job.pk) for job in jobs])
