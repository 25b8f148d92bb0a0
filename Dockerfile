# The product: web, worker, beat and the sandbox are this image with different commands (docker-compose.yml, Procfile).
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements/runtime.txt requirements/runtime.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt

FROM python:3.13-slim
RUN useradd --system --create-home --uid 10001 regentra
COPY --from=build /venv /venv
WORKDIR /app
COPY --chown=regentra:regentra . .
# The one folder the product writes to: collected files, beat's memory of its timetable.
RUN mkdir -p .regentra && chown regentra:regentra .regentra
USER regentra
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=regentra.settings
# Settings that a server has no default for; only the static files are collected with them.
RUN DATABASE_URL=postgres://none REDIS_URL=redis://none SECRET_KEY=none ENCRYPTION_KEYS=none \
    BASE_URL=https://none EMAIL_URL=consolemail:// python manage.py collectstatic --no-input
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["gunicorn", "--config", "python:regentra.gunicorn_settings"]
