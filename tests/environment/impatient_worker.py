"""A worker that loses its patience after three seconds instead of two minutes."""

from regentra import stuck
from regentra.celery import app

stuck.PATIENCE_SECONDS = 3.0
stuck.LOOK_EVERY_SECONDS = 0.5

app.worker_main(["--quiet", "worker", "--concurrency", "1", "--without-gossip", "--without-mingle"])
