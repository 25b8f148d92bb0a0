"""How gunicorn serves the product: ``gunicorn --config python:regentra.gunicorn_settings``."""

import multiprocessing
import os

from regentra.settings import IS_LOCAL, PORT

_host = "127.0.0.1" if IS_LOCAL else "0.0.0.0"  # noqa: S104
_processes = 1 if IS_LOCAL else multiprocessing.cpu_count()

wsgi_app = "regentra.wsgi"
bind = f"{_host}:{PORT}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", _processes))
threads = 8
timeout = 60
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None  # regentra.middleware.RequestLog writes lines without addresses that carry tokens
loglevel = "warning"
