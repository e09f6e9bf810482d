"""The one settings module: everything that differs between machines comes from the environment.

`.env.example` names every variable. What is missing in production refuses to start and says why.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def required(name: str, why: str) -> str:
    """The variable's value, or a refusal to start that says what it is for."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} não está definida: {why}")
    return value


# The ground ------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SESSION_SECRET", "é a chave que assina sessões e formulários. Gere uma aleatória e longa.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
if render_host := env.str("RENDER_EXTERNAL_HOSTNAME", default=""):
    ALLOWED_HOSTS.append(render_host)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "romagent.urls"

INSTALLED_APPS = [
    "romagent",
    "audit",
    "accounts",
    "projects",
    "uploads",
    "conversations",
    "romagent.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "lucide",
]

MIDDLEWARE = [
    "romagent.base.middleware.request_log",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.sessions.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
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
                "romagent.context_processors.workspace",
            ],
            "builtins": ["lucide.templatetags.lucide"],
        },
    }
]

# PostgreSQL ------------------------------------------------------------------------------------
# Connections belong to the threads that run Django's code, and there are never more threads than
# POSTGRES_POOL_SIZE allows (romagent/asgi.py, the worker command): the threads are the pool.

POSTGRES_POOL_SIZE = env.int("POSTGRES_POOL_SIZE", default=10)
required("DATABASE_URL", "é o endereço do PostgreSQL, como postgresql://usuario:senha@host:5432/banco.")
DATABASES = {
    "default": env.db_url("DATABASE_URL", engine="romagent.base.postgresql")
    | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {"connect_timeout": 3, "keepalives_idle": 30, "application_name": env.str("PROCESS_NAME", default="romagent")}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# Redis: cache, session cache, rate limits and live streams; nothing in it that may not vanish ---

REDIS_URL = env.str("REDIS_URL", default="")
REDIS_TIMEOUT = 1.0  # seconds; a Redis that hangs must not make a page wait
CACHES = {
    "default": {
        "BACKEND": "romagent.base.redis.ForgivingCache",
        "LOCATION": REDIS_URL or "redis://127.0.0.1:1/0",
        "KEY_PREFIX": "rom",
        "TIMEOUT": 3600,
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT,
            "IGNORE_EXCEPTIONS": True,
            "CONNECTION_FACTORY": "romagent.base.redis.ConnectionFactory",
        },
    }
}

# People and their sessions ---------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "accounts.roles.RolePermissions",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "conversations:list"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.adapter.user_display"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# An office sits behind one address: limits by address are wide, the one by account is for guessed passwords.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip,10/5m/key"}
# How many proxies of ours add to X-Forwarded-For; the header is not believed beyond that.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if render_host else 0)

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "rom.sid"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Where links in mails lead.
site_url = env.str("SITE_URL", default="")
SITE_URL = site_url.rstrip("/") or (
    f"https://{render_host}" if render_host else f"http://127.0.0.1:{env.str('PORT', default='8000')}"
)
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # seconds a link of an invitation or a forgotten password is good for
EMAIL_TIMEOUT = 10  # seconds; a mail server that hangs must not keep a job
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ROM Agent <nao-responda@localhost>")

# The assistant ---------------------------------------------------------------------------------

ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", default="")
ANTHROPIC_BASE_URL = env.str("ANTHROPIC_BASE_URL", default="https://api.anthropic.com")
SIMULATED_API = env.bool("SIMULATED_API", default=False)  # only to show the banner
TITLE_MODEL = env.str("TITLE_MODEL", default="claude-haiku-5-5")
ANSWER_MAX_TOKENS = env.int("ANSWER_MAX_TOKENS", default=32_000)
ANTHROPIC_READ_TIMEOUT = env.float("ANTHROPIC_READ_TIMEOUT", default=90.0)  # seconds without a byte
ANSWER_CONCURRENCY = env.int("ANSWER_CONCURRENCY", default=400)  # answers at once in one worker
SHUTDOWN_GRACE_SECONDS = env.int("SHUTDOWN_GRACE_SECONDS", default=20)
REPLY_LEASE_SECONDS = env.float("REPLY_LEASE_SECONDS", default=10.0)  # a writer silent for longer is taken for dead

MESSAGES_PER_MINUTE = env.int("MESSAGES_PER_MINUTE", default=1_000)
STREAMS_PER_PERSON = env.int("STREAMS_PER_PERSON", default=2_000)
MESSAGE_MAX_CHARACTERS = 200_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # bytes: a question of 200,000 characters, url-encoded
MAX_BODY_BYTES = 16 * 1024 * 1024  # the largest request that is read at all

# Retention: days after which the clean-up removes things (romagent/retention.py); audit rows stay unless said otherwise
CLEANUP_NIGHTLY = env.bool("CLEANUP_NIGHTLY", default=True)
CLEANUP_ARCHIVED_DAYS = env.int("CLEANUP_ARCHIVED_DAYS", default=90)
CLEANUP_OPERATIONS_DAYS = env.int("CLEANUP_OPERATIONS_DAYS", default=30)
CLEANUP_DELETED_DAYS = env.int("CLEANUP_DELETED_DAYS", default=7)
CLEANUP_JOBS_DAYS = env.int("CLEANUP_JOBS_DAYS", default=7)
CLEANUP_AUDIT_DAYS = env.int("CLEANUP_AUDIT_DAYS", default=0) or None
DATABASE_DISK_MB = env.int("DATABASE_DISK_MB", default=0)  # the plan's disk; 0: not known

# Web security ----------------------------------------------------------------------------------

HTTPS = env.bool("HTTPS", default=not DEBUG)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "romagent.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# Language, time, static files ------------------------------------------------------------------

LANGUAGE_CODE = "pt-br"
TIME_ZONE = "America/Sao_Paulo"
USE_I18N = True
FORMAT_MODULE_PATH = ["romagent.formats"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
COLLECTED_STATIC = env.bool("COLLECTED_STATIC", default=not DEBUG)  # false: straight from the source tree
WHITENOISE_USE_FINDERS = not COLLECTED_STATIC
# Files that people give; on a host without a lasting disk they belong on S3.
MEDIA_ROOT = env.str("MEDIA_ROOT", default="") or str(
    Path(env.str("DATA_DIR", default="") or BASE_DIR / ".data") / "media"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "romagent.base.static.ModuleStorage"
        if COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Logs: one line an event, with the request's id, never contents --------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "romagent.base.logs.TextFormatter"},
        "json": {"()": "romagent.base.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json" if env.str("LOG_FORMAT", default="text") == "json" else "text",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "anthropic": {"level": "INFO"},  # at DEBUG it prints whole prompts
    },
}
