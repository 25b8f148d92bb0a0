"""Settings, from the environment alone; each name is explained in ``.env.example``.

Without DATABASE_URL this is a local checkout: the embedded engines, secrets made on first use, plain http on loopback.
With it this is a server, and what a server must be told has no default.
"""

import os
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from regentra.embedded.places import DATABASE as EMBEDDED_DATABASE
from regentra.embedded.places import OWNER_ROLE, POSTGRES_PORT, RUNTIME_ROLE, Home
from regentra.local_secrets import local_secret
from regentra.logs import logging_configuration
from regentra.paths import BASE, HOME
from regentra.wellformed import malformed

env = environ.Env()
env.read_env(str(BASE / ".env"))
if wrong := [what for what, _ in malformed(os.environ)]:
    raise ImproperlyConfigured(" ".join(wrong))


def secret(name: str) -> str:
    """From the environment; on a local checkout made when missing."""
    told = env.str(name, default="")
    if told or not IS_LOCAL:
        return told or str(env.str(name))
    return local_secret(HOME, name)


IS_LOCAL = not env.str("DATABASE_URL", default="")
EMBEDDED_HOME = Home(HOME)

# --- Who we are -----------------------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = secret("SECRET_KEY")
ENCRYPTION_KEYS = secret("ENCRYPTION_KEYS").split(",")
PORT = env.int("PORT", default=8000)
BASE_URL = (
    env.str("BASE_URL", default=f"http://127.0.0.1:{PORT}") if IS_LOCAL else env.str("BASE_URL")
).rstrip("/")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if IS_LOCAL else []
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="support@regentra.io")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

INSTALLED_APPS = [
    "regentra",
    "tenants",
    "billing",
    "integrations",
    "webhooks",
    "allauth",
    "allauth.account",
    "django_filters",
    "django_htmx",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "regentra.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "regentra.middleware.NoStoreWhenSignedIn",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "regentra.idle.IdleSessionEnds",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "regentra.urls"
WSGI_APPLICATION = "regentra.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Engines --------------------------------------------------------------------------------------------------------


def database(url_name: str, embedded_role: str) -> dict[str, Any]:
    """One way into the one database, through psycopg, safe behind a transaction pooler."""
    if IS_LOCAL:
        address: dict[str, Any] = {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(EMBEDDED_HOME.sockets),
            "PORT": POSTGRES_PORT,
            "NAME": EMBEDDED_DATABASE,
            "USER": embedded_role,
            "PASSWORD": "",
        }
    else:
        address = env.db_url(url_name)
        address["HOST"] = unquote(address["HOST"])  # a socket's folder is escaped in the URL
    return {
        **address,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"connect_timeout": 10, **address.get("OPTIONS", {})},
    }


# "default" is the plain role that row-level security binds; "owner" migrates, and a web process need not know it.
DATABASES = {"default": database("DATABASE_URL", RUNTIME_ROLE)}
if IS_LOCAL or env.str("DATABASE_OWNER_URL", default=""):
    DATABASES["owner"] = database("DATABASE_OWNER_URL", OWNER_ROLE)

REDIS_URL = (
    env.str("REDIS_URL", default=EMBEDDED_HOME.redis_url()) if IS_LOCAL else env.str("REDIS_URL")
)
CACHES = {
    "default": {
        "BACKEND": "regentra.caching.RedisOrMemory",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "regentra",
    }
}

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "regentra.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # accounts are made by the operator and by owners, not by strangers
)
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
# Log-ins are limited by address of origin; behind proxies that is an entry of X-Forwarded-For, counted from its end.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- Mail -----------------------------------------------------------------------------------------------------------

vars().update(
    env.email_url(
        "EMAIL_URL", default=f"filemail:///{quote(str(HOME))}/mail" if IS_LOCAL else env.NOTSET
    )
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = f"Regentra <{SUPPORT_EMAIL}>"

# --- Vendors --------------------------------------------------------------------------------------------------------

INTUIT_CLIENT_ID = env.str("INTUIT_CLIENT_ID", default="")
INTUIT_CLIENT_SECRET = env.str("INTUIT_CLIENT_SECRET", default="")
QUICKBOOKS_EDITION = env.str("QUICKBOOKS_EDITION", default="")
INTUIT_WEBHOOK_VERIFIER = env.str("INTUIT_WEBHOOK_VERIFIER", default="")
INTUIT_DISCOVERY_URL = env.str(
    "INTUIT_DISCOVERY_URL",
    default="https://developer.api.intuit.com/.well-known/openid_configuration",
)
QUICKBOOKS_API_URL = env.str("QUICKBOOKS_API_URL", default="https://quickbooks.api.intuit.com")
QUICKBOOKS_SANDBOX_API_URL = env.str(
    "QUICKBOOKS_SANDBOX_API_URL", default="https://sandbox-quickbooks.api.intuit.com"
)
# Shares of Intuit's limits; the figures and their source are in integrations/governor/limits.py.
QUICKBOOKS_LIMIT_PERCENT = env.int("QUICKBOOKS_LIMIT_PERCENT", default=97)
INTUIT_MONTHLY_READS = env.int("INTUIT_MONTHLY_READS", default=500_000)
INTUIT_OWN_APP_MONTHLY_READS = env.int("INTUIT_OWN_APP_MONTHLY_READS", default=500_000)
BATCH_METERED_AS = env.str("BATCH_METERED_AS", default="call")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_CLIENT_ID = env.str("STRIPE_CLIENT_ID", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_URL = env.str("STRIPE_API_URL", default="https://api.stripe.com")
STRIPE_CONNECT_URL = env.str("STRIPE_CONNECT_URL", default="https://connect.stripe.com")
REHEARSAL_URL = env.str("REHEARSAL_URL", default="")

# --- Security -------------------------------------------------------------------------------------------------------

# Everything that needs TLS follows from the address people use, so it cannot be forgotten on a server.
IS_SECURE = BASE_URL.startswith("https://")
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
# Browsers refuse the __Host- names without TLS.
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "csrf"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = (
    "Lax"  # Strict would lose the session on the way back from a consent page
)
X_FRAME_OPTIONS = "DENY"
# A form of 1,000 lines has a handful of fields in each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its arrows and ticks as data images
        "font-src": [SELF],
        "connect-src": [SELF],
        # "Connect" is a form whose answer leads to the vendor's consent page; browsers check that step, too.
        "form-action": [
            SELF,
            "https://appcenter.intuit.com",
            origin(INTUIT_DISCOVERY_URL),
            origin(STRIPE_CONNECT_URL),
        ],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        **({"upgrade-insecure-requests": True} if IS_SECURE else {}),
    }
}

# --- Language, time, files --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING = logging_configuration(readable=IS_LOCAL)

# --- Celery: it carries hints; what is owed is in PostgreSQL ----------------------------------------------------------


def broker_url(redis_url: str) -> str:
    """Kombu's own spelling of a Redis behind a Unix socket."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    return f"redis+socket://{parts.path}?virtual_host={parts.query.removeprefix('db=') or '0'}"


CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A message of a killed worker comes back after this; longer than the longest task. The last two make kombu look
    # every 2 s instead of every 100 s.
    "visibility_timeout": 330,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "global_keyprefix": "celery:",
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "health_check_interval": 25,
    "retry_on_timeout": True,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "regentra"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")

# Work that has been due for longer is told to operators and people; a turn takes 20 s, a pause after a 429 60 s.
LATE_AFTER_SECONDS = env.int("LATE_AFTER_SECONDS", default=300)
