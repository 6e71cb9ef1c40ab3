"""All settings, read from the environment by typed readers that refuse bad values.

Without any of them the site runs on http://127.0.0.1:8000 with SQLite in var/, safely.
Each setting stands in README.md with its default; a test compares the two.
"""

import ipaddress
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import dj_database_url
from csp.constants import NONE, SELF
from environs import Env, ValidationError, validate

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

env = Env()


def kept_secret(path: Path) -> str:
    """The secret in this file; made once, by whichever process comes first."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(64))
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().strip()


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The CIDRs in a comma-separated list."""
    try:
        return [ipaddress.ip_network(cidr.strip()) for cidr in env.list(name, [], subcast=str)]
    except ValueError as error:
        raise ValidationError(f"{name} takes CIDRs separated by commas: {error}") from error


def redis_url(value: str) -> None:
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValidationError("REDIS_URL is like redis://127.0.0.1:6379/0")


# Where things are kept

VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
SECRET_KEY = env.str("SECRET_KEY", "") or kept_secret(VAR_DIR / "secret_key")
AUTHOR_KEY_SECRET = env.str("AUTHOR_KEY_SECRET", "") or SECRET_KEY
DATABASE_URL = env.str("DATABASE_URL", "") or f"sqlite:///{quote(str(VAR_DIR / 'saywhat.sqlite3'))}"

REDIS_URL = env.str("REDIS_URL", "", validate=redis_url)  # only for hints between several processes

# Who may reach the site, and how

DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", LOOPBACK_HOSTS)
# Safe as soon as the site is opened to others; plain http works on the own machine only, unless asked for.
HTTPS = env.bool("HTTPS", not set(ALLOWED_HOSTS) <= set(LOOPBACK_HOSTS))
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
TRUSTED_BOT_NETWORKS = networks("TRUSTED_BOT_NETWORKS")
METRICS_NETWORKS = networks("METRICS_NETWORKS")
WEBHOOK_NETWORKS = networks("WEBHOOK_NETWORKS")

# How the stream behaves

SITE_NAME = env.str("SITE_NAME", "Say What Want")
SITE_ABOUT = env.str("SITE_ABOUT", "One open stream, no accounts.")
DOMAIN = env.str("DOMAIN", "default")
POLL_AFTER_MS = env.int("POLL_AFTER_MS", 4000, validate=validate.Range(min=250, max=60_000))
POSTS_PER_MINUTE = env.int("POSTS_PER_MINUTE", 10, validate=validate.Range(min=1))
POSTS_PER_BURST = env.int("POSTS_PER_BURST", 5, validate=validate.Range(min=1))
AUTHOR_KEY_DAYS = env.int("AUTHOR_KEY_DAYS", 30, validate=validate.Range(min=0))
RETENTION_DAYS = env.int("RETENTION_DAYS", 0, validate=validate.Range(min=0))
HIDDEN_DAYS = env.int("HIDDEN_DAYS", 0, validate=validate.Range(min=0))
BOT_POSTS_PER_MINUTE = env.int("BOT_POSTS_PER_MINUTE", 600, validate=validate.Range(min=1))
BOT_ATTEMPTS = env.int("BOT_ATTEMPTS", 5, validate=validate.Range(min=1))
BOT_DEPTH = env.int("BOT_DEPTH", 3, validate=validate.Range(min=1))
FAST_LANE = env.bool("FAST_LANE", True)
HOLD_COMMENTS = env.bool("HOLD_COMMENTS", False)
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", False)
REPORTS_TO_HOLD = env.int("REPORTS_TO_HOLD", 3, validate=validate.Range(min=0))

# Django

ROOT_URLCONF = "saywhat.urls"
ASGI_APPLICATION = "saywhat.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]

# Its form of runserver; any other command would take half as long again to start.
RUNSERVER = ["daphne"] if "runserver" in sys.argv else []

INSTALLED_APPS = [
    *RUNSERVER,
    "comments.desk.apps.DeskConfig",  # django.contrib.admin with the desk
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "comments",
]

MIDDLEWARE = [
    "comments.api.middleware.without_headers_of_documents",
    "django.middleware.security.SecurityMiddleware",
    "comments.api.middleware.public_routes",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",  # after the others: it says who is locked out
    "comments.api.middleware.database_is_away",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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

# The database: each commit reaches the disk, and a write transaction takes the lock when it begins, so that it
# never fails half-way for having read first.

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
}
# Who waits is told within two seconds that the database is away. The pool gives up connecting after as long, and
# begins anew with the next who asks: its own pauses would grow, and outlast what they wait for.
POSTGRESQL_OPTIONS = {"pool": {"min_size": 2, "max_size": 16, "timeout": 2, "reconnect_timeout": 2}}

database = dj_database_url.parse(DATABASE_URL)
IS_SQLITE = database["ENGINE"].endswith("sqlite3")
# The threads that requests run in are few and stay (saywhat/handler.py), so on SQLite each keeps its connection.
database["CONN_MAX_AGE"] = 60 if IS_SQLITE else 0
database["OPTIONS"] = (SQLITE_OPTIONS if IS_SQLITE else POSTGRESQL_OPTIONS) | database.get("OPTIONS", {})
DATABASES = {"default": database}

# Static files: hashed names once they are collected, the files of the checkout before that

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_IS_COLLECTED = not DEBUG and (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "saywhat.static.CollectedStaticFilesStorage"},
}

# Security

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Who guesses passwords is locked out by network, and not by name: or anybody could lock out a moderator.
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_CLIENT_IP_CALLABLE = "comments.desk.sign_in.network_of"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "admin/desk/locked.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
OTP_TOTP_ISSUER = SITE_NAME
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/comments/health$", r"^api/ready$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 60 * 60  # since somebody was last seen: desk/sign_in.py
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "comments.desk.again.csrf_failure"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": [],
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Logs say what went wrong, never who wrote or what was written.

LOG_FORMAT = env.str("LOG_FORMAT", "text", validate=validate.OneOf(["text", "json"]))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": {"text": "saywhat.logs.TextLine", "json": "saywhat.logs.JsonLine"}[LOG_FORMAT]}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # Below an error it reports each refused request, by a path that the visitor chose.
        "django.request": {"level": "ERROR"},
        # Whether the database answers is said by who asks it.
        "psycopg.pool": {"level": "ERROR"},
        # It repeats the Host header of each stranger.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # It names who was locked out, and from where.
        "axes": {"level": "CRITICAL"},
    },
}
