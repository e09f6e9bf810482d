"""The one settings module: everything that differs between machines comes from the environment.

`.env.example` names every variable. What is missing in production refuses to start and says why.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from romagent import deployment
from romagent.base import logs

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
ENVIRONMENT = env.str("ENVIRONMENT", default="")  # production or staging, where an office runs both
ROOT_URLCONF = "romagent.urls"

INSTALLED_APPS = [
    "romagent",
    "audit",
    "accounts",
    "projects",
    "uploads",
    "jurisprudence",
    "conversations",
    "documents",
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
    "django_prose_editor",
]

MIDDLEWARE = [
    "romagent.base.middleware.request_log",
    "romagent.base.middleware.security_headers",
    "csp.middleware.CSPMiddleware",
    "romagent.base.middleware.known_methods",
    "django.middleware.security.SecurityMiddleware",
    "romagent.health.probe",
    "romagent.bodies.too_large",
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
            "builtins": ["romagent.templatetags.icons", "romagent.templatetags.addresses"],
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
    {"connect_timeout": 3, "application_name": env.str("PROCESS_NAME", default="romagent")} | deployment.SWALLOWED
)
deployment.check_environment(ENVIRONMENT, str(DATABASES["default"]["NAME"]))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_ON_APP_READY = "romagent.base.deferring.install"
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
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # ours are in accounts/guessing.py
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # invitations too; the mails say it in days
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_ALLOW_UNVERIFIED_EMAIL = True  # the office vouches for the e-mail
MFA_TOTP_TOLERANCE = 1  # codes of 30 seconds before and after: clocks differ
MFA_FORMS = deployment.MFA_PAGES
REQUIRE_MFA = env.bool("REQUIRE_MFA", default=False)
# How many proxies of ours add to X-Forwarded-For; the header is not believed beyond that.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if render_host else 0)

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "rom.sid"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

EMAIL_CONFIG = environ.Env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20
site_url, port = env.str("SITE_URL", default=""), env.int("PORT", default=8000)  # where links in mails lead
SITE_URL = site_url.rstrip("/") or (f"https://{render_host}" if render_host else f"http://127.0.0.1:{port}")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ROM Agent <nao-responda@localhost>")

# The assistant ---------------------------------------------------------------------------------

ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", default="")
ANTHROPIC_PROVIDER = env.str("ANTHROPIC_PROVIDER", default="") or "anthropic"
AWS_REGION = env.str("AWS_REGION", default="")  # where Bedrock runs; who calls is said by AWS_* as to any AWS client
BEDROCK_MODEL_PREFIX = env.str("BEDROCK_MODEL_PREFIX", default="") or "anthropic."
BEDROCK_TOKEN = env.str("AWS_BEARER_TOKEN_BEDROCK", default="")
ANTHROPIC_BASE_URL = deployment.provider_address(env.str("ANTHROPIC_BASE_URL", ""), ANTHROPIC_PROVIDER, AWS_REGION)
SIMULATED_API = env.bool("SIMULATED_API", default=False)  # only to show the banner
TITLE_MODEL = env.str("TITLE_MODEL", default="claude-haiku-5-5")
TRANSCRIPTION_MODEL = env.str("TRANSCRIPTION_MODEL", default="claude-haiku-5-5")  # reads pages that are images
ANSWER_MAX_TOKENS = env.int("ANSWER_MAX_TOKENS", default=32_000)
ANTHROPIC_READ_TIMEOUT = env.float("ANTHROPIC_READ_TIMEOUT", default=90.0)  # seconds without a byte
ANSWER_CONCURRENCY = env.int("ANSWER_CONCURRENCY", default=400)  # answers at once in one worker
READING_CONCURRENCY = env.int("READING_CONCURRENCY", default=3)  # files one worker reads at once
SHUTDOWN_GRACE_SECONDS = env.int("SHUTDOWN_GRACE_SECONDS", default=20)
REPLY_LEASE_SECONDS = env.float("REPLY_LEASE_SECONDS", default=10.0)  # a writer silent for longer is taken for dead

# DataJud: the processes of the courts by their number
DATAJUD_API_KEY = env.str("DATAJUD_API_KEY", default="")
DATAJUD_URL = env.str("DATAJUD_URL", default="") or "https://api-publica.datajud.cnj.jus.br"
DATAJUD_NIGHTLY = env.bool("DATAJUD_NIGHTLY", default=True)
SIMULATED_DATAJUD = env.bool("SIMULATED_DATAJUD", default=False)  # what it says is marked as made up

MESSAGES_PER_MINUTE = env.int("MESSAGES_PER_MINUTE", default=30)
STREAMS_PER_PERSON = env.int("STREAMS_PER_PERSON", default=20)
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

# Files: on S3 when there is a bucket, else on this machine's disk -------------------------------------

AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", default="")
AWS_S3_REGION_NAME = env.str("AWS_S3_REGION_NAME", default="") or None
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="") or None
AWS_ACCESS_KEY_ID = env.str("AWS_ACCESS_KEY_ID", default="") or None
AWS_SECRET_ACCESS_KEY = env.str("AWS_SECRET_ACCESS_KEY", default="") or None
MEDIA_ROOT = env.str("MEDIA_ROOT", default="") or str(BASE_DIR / env.str("DATA_DIR", default=".data") / "media")
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=1024**3)
UPLOADS_PER_HOUR = env.int("UPLOADS_PER_HOUR", default=500)
SERVER_UPLOAD_MAX_BYTES = 100 * 1024**2  # through the web process; more goes straight from the browser to S3
FILE_UPLOAD_PERMISSIONS = 0o600
S3_ORIGIN = deployment.bucket_origin(AWS_STORAGE_BUCKET_NAME, AWS_S3_REGION_NAME, AWS_S3_ENDPOINT_URL)

# Costs, in US dollars; None: no limit, no reais beside them
MONTHLY_BUDGET_PERSON_USD = deployment.amount(env, "MONTHLY_BUDGET_PERSON_USD")
MONTHLY_BUDGET_OFFICE_USD = deployment.amount(env, "MONTHLY_BUDGET_OFFICE_USD")
USD_BRL_RATE = deployment.amount(env, "USD_BRL_RATE") or None
USD_BRL_DATE = env.str("USD_BRL_DATE", default="")

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
CONTENT_SECURITY_POLICY = deployment.content_security_policy(connect=S3_ORIGIN)

# Language, time, static files ------------------------------------------------------------------

LANGUAGE_CODE = "pt-br"
TIME_ZONE = "America/Sao_Paulo"
FORMAT_MODULE_PATH = ["romagent.formats"]
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
COLLECTED_STATIC = env.bool("COLLECTED_STATIC", default=not DEBUG)  # false: straight from the source tree
STATIC_ROOT = BASE_DIR / "staticfiles" if COLLECTED_STATIC else None
WHITENOISE_USE_FINDERS = not COLLECTED_STATIC
STORAGES = {
    "default": {"BACKEND": "uploads.s3.PrivateS3" if AWS_STORAGE_BUCKET_NAME else "uploads.storage.LocalFiles"},
    "staticfiles": {
        "BACKEND": "romagent.base.static.ModuleStorage"
        if COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Errors to Sentry: what went wrong and where, never contents (romagent/sentry.py) -------------------

SENTRY_DSN = env.str("SENTRY_DSN", default="")
RELEASE = env.str("RENDER_GIT_COMMIT", default="")

# Logs: one line an event, with the request's id, never contents --------------------------------

LOGGING = logs.logging_config(
    as_json=env.str("LOG_FORMAT", default="text") == "json",
    level=env.str("LOG_LEVEL", default="INFO"),
    loggers=logs.DJANGO,
)
