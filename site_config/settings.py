"""The only settings file: the environment, or `.env`, makes it development, test or production."""

from typing import Any

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from django.utils.translation import gettext_lazy as _

from site_config import environment
from site_config.setting_types.kinds import BASE_DIR

env = environment.read()  # The table of them all: setting_table.py.

# The site.

DEBUG = env.DEBUG
SECRET_KEY = env.SECRET_KEY
SECRET_KEY_FALLBACKS = env.SECRET_KEY_FALLBACKS
ALLOWED_HOSTS = env.ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = env.CSRF_TRUSTED_ORIGINS
HTTPS = env.HTTPS  # Served over HTTPS only, by a proxy in front.
TRUSTED_PROXIES = env.TRUSTED_PROXIES  # Proxies in front that add X-Forwarded-For.
# A part of all addresses: Django's own way would have to be told to each thread that makes links.
SITE_PREFIX = f"{env.FORCE_SCRIPT_NAME}/".lstrip("/")
ADMIN_PATH = env.ADMIN_PATH
ROOT_URLCONF = "site_config.urls"
ASGI_APPLICATION = "site_config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "site_config.apps.ParlorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "site_config.apps.ParlorStaticFilesConfig",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "apps.core",
    "apps.jobs",
    "apps.gateway",
    "apps.users",
    "apps.catalog",
    "apps.ghibli_converter",
    "apps.chat",
]

MIDDLEWARE = [
    "apps.core.middleware.log_requests",
    "csp.middleware.CSPMiddleware",
    "apps.core.middleware.add_headers",
    "apps.core.middleware.check_host",
    "django.middleware.security.SecurityMiddleware",
    "django_http_compression.middleware.HttpCompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.core.htmx.add_htmx",
    "apps.users.middleware.apply_preferences",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "apps.core.context_processors.site",
                "apps.users.context_processors.announcements",
                "apps.chat.context_processors.service",
            ],
        },
    }
]

# Data.

SQLITE_OPTIONS = {
    "timeout": 20,  # Seconds to wait for another writer.
    "transaction_mode": "IMMEDIATE",  # A deferred one that upgrades fails at once when busy.
    "synchronous": "FULL",  # "Saved" is a promise that has to survive a power cut.
    "max_idle": 16,  # Connections that wait to be used again; each may hold 4 MB of its pages.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=67108864;"
    " PRAGMA cache_size=-4000;",
}
POSTGRESQL_OPTIONS = {
    "pool": {"min_size": 2, "max_size": env.DATABASE_POOL},
    "options": "-c statement_timeout=15s -c lock_timeout=5s"
    " -c idle_in_transaction_session_timeout=30s",
}
DATABASES = {"default": dict(env.DATABASE_URL)}
DATABASE_URL_OPTIONS = env.DATABASE_URL["OPTIONS"]  # Its own, as sslmode.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "apps.core.db.sqlite"
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["OPTIONS"] = POSTGRESQL_OPTIONS | DATABASE_URL_OPTIONS
    if "options" in DATABASE_URL_OPTIONS:  # Of the same parameter, the later counts.
        DATABASES["default"]["OPTIONS"]["options"] = (
            f"{POSTGRESQL_OPTIONS['options']} {DATABASE_URL_OPTIONS['options']}"
        )
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.REDIS_URL
CHAT_ENGINE = env.CHAT_ENGINE
WEB_CONCURRENCY = env.WEB_CONCURRENCY
CACHE_OPTIONS = {"MAX_ENTRIES": 10_000}  # They count log-ins: none may be dropped for room.
MEMORY_CACHE = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": CACHE_OPTIONS,
}
ROWS_CACHE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "core_cache",
    "OPTIONS": CACHE_OPTIONS,
}
REDIS_CACHE = {"BACKEND": "apps.core.cache.failover.FailoverCache", "LOCATION": REDIS_URL}
CACHES = {
    # Limits and codes that count once have to hold for all processes together.
    "default": REDIS_CACHE if REDIS_URL else ROWS_CACHE if WEB_CONCURRENCY > 1 else MEMORY_CACHE,
    "rows": ROWS_CACHE,
    "local": {  # Of this process: no page waits for it, and it is never away.
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "local",
    },
}
MEDIA_ROOT = env.MEDIA_ROOT
MEDIA_STORAGE = env.MEDIA_STORAGE
MEDIA_STORAGE_OPTIONS = env.MEDIA_STORAGE_OPTIONS
FILE_UPLOAD_PERMISSIONS = 0o640  # Private, but for a web server in the group: ACCEL_REDIRECT.
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
ACCEL_REDIRECT = env.ACCEL_REDIRECT  # nginx's own address of MEDIA_ROOT.
STORAGE_PER_PERSON = env.STORAGE_PER_PERSON  # Bytes; 0: no limit.
TEXT_PER_PERSON = env.TEXT_PER_PERSON  # Bytes; 0: no limit.
UPLOAD_MAX_BYTES = env.UPLOAD_MAX_BYTES  # Of one request, with files.

# Files that browsers fetch.

STATIC_URL = f"/{SITE_PREFIX}static/"
STATIC_ROOT = env.STATIC_ROOT
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "site_config.static_files.StaticFilesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": MEDIA_STORAGE, "OPTIONS": MEDIA_STORAGE_OPTIONS}
    if MEDIA_STORAGE == "django.core.files.storage.FileSystemStorage"
    else {
        "BACKEND": "apps.core.files.remote_storage.RemoteStorage",
        "OPTIONS": {"backend": MEDIA_STORAGE, "options": MEDIA_STORAGE_OPTIONS},
    },
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# People.

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["apps.users.backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
REGISTRATION_OPEN = env.REGISTRATION_OPEN
REGISTRATION_NEEDS = env.REGISTRATION_NEEDS
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "chat_home"
LOGOUT_REDIRECT_URL = "home"

# allauth asks for accounts; apps/users/adapters.py answers it.
ACCOUNT_ADAPTER = "apps.users.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "apps.users.forms.LoginForm",
    "signup": "apps.users.forms.RegisterForm",
    "change_password": "apps.users.forms.ChangePasswordForm",
    "set_password": "apps.users.forms.SetPasswordForm",
    "reset_password": "apps.users.forms.ResetPasswordForm",
    "reset_password_from_key": "apps.users.forms.ResetPasswordKeyForm",
    "add_email": "apps.users.forms.AddEmailForm",
    "reauthenticate": "apps.users.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_CHANGE_EMAIL = True  # One address a person; a new one counts when it is confirmed.
ACCOUNT_PREVENT_ENUMERATION = "strict"  # Nobody learns whose address is known here.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Parlor] "
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {  # Roomy for one address, behind which a whole school may sit.
    "login": "120/m/ip",
    # The longer guesses go on, the slower they get. The key is person and place: guesses.py.
    "login_failed": "30/m/ip,300/h/ip,5/5m/key,15/h/key,40/d/key",
    "login_guessed": "20/10m/key,50/h/key",  # At one name, from all places but its own.
    "signup": "60/m/ip",
    "keep_form": "10/m/ip,60/h/ip",  # Sessions that hold the forms of anonymous visitors,
    "keep_form_of_person": "10/m/key,60/h/key",  # and of people whose session was over.
    "reset_password": "20/m/ip,5/h/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "apps.users.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "apps.users.forms.MfaAuthenticateForm",
    "reauthenticate": "apps.users.forms.MfaReauthenticateForm",
    "activate_totp": "apps.users.forms.ActivateTotpForm",
}
STAFF_TWO_STEPS = env.STAFF_TWO_STEPS
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # There may be no mail at all here.
MFA_TOTP_ISSUER = "Parlor"
MFA_TOTP_TOLERANCE = 1  # Steps of 30 seconds: clocks differ, and people need time to type.
EMAIL_TIMEOUT = 10  # Seconds: a page waits for the mail server.

vars().update(env.EMAIL_URL)
DEFAULT_FROM_EMAIL = env.DEFAULT_FROM_EMAIL
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Language and time.

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "site_config" / "locale"]
USE_TZ = True
TIME_ZONE = env.TIME_ZONE

# The AI service.

OPENAI_API_KEY = env.OPENAI_API_KEY
OPENAI_BASE_URL = env.OPENAI_BASE_URL
DEMO_MODEL = env.DEMO_MODEL  # Set by scripts/serve; the page says so.
OPENAI_CONNECT_SECONDS = 5.0
OPENAI_FIRST_BYTE_SECONDS = env.OPENAI_FIRST_BYTE_SECONDS
OPENAI_SILENCE_SECONDS = env.OPENAI_TIMEOUT  # Between pieces of a reply.
OPENAI_TOTAL_SECONDS = env.OPENAI_TOTAL_SECONDS
OPENAI_RETRY_SECONDS = (1.0, 4.0)  # Waits before the two retries.

# The chat.

CHAT_MODELS = env.CHAT_MODELS  # Empty: what the service lists.
CHAT_DEFAULT_MODEL = env.CHAT_DEFAULT_MODEL  # Empty: the newest general one.
CHAT_SYSTEM_PROMPT = env.CHAT_SYSTEM_PROMPT
CHAT_MAX_OUTPUT_TOKENS = env.CHAT_MAX_OUTPUT_TOKENS  # 0: the model's own.
CHAT_CONTEXT_TOKENS = env.CHAT_CONTEXT_TOKENS
CHAT_MODEL_CONTEXT = env.CHAT_MODEL_CONTEXT  # Tokens, by the name of a model.
CHAT_TITLE_MODEL = env.CHAT_TITLE_MODEL  # Empty: the first words are the title.
CHAT_THREADS = env.CHAT_THREADS  # Replies written at once in one process.
CHAT_QUEUE_LIMIT = env.CHAT_QUEUE_LIMIT  # Replies waiting for a thread.
CHAT_DRAIN_SECONDS = env.CHAT_DRAIN_SECONDS
CHAT_MESSAGES_PER_MINUTE = env.CHAT_MESSAGES_PER_MINUTE
CHAT_REPLIES_AT_ONCE = env.CHAT_REPLIES_AT_ONCE  # Of one person; 0: no limit.
CHAT_TOKENS_PER_DAY = env.CHAT_TOKENS_PER_DAY  # 0: no limit.
CHAT_VISION_MODELS = env.CHAT_VISION_MODELS  # Patterns of names.
CHAT_ATTACHMENTS = env.CHAT_ATTACHMENTS  # Files in one message.
ATTACHMENT_MAX_BYTES = env.ATTACHMENT_MAX_BYTES  # All but pictures.
ATTACHMENT_MAX_CHARS = env.ATTACHMENT_MAX_CHARS  # Taken from one of them.
ATTACHMENT_PAGES = 500  # Read of a PDF or a presentation.
ATTACHMENT_SECONDS = 20.0  # For reading one of them, of which it may compute the half.
CHAT_COST_PER_MONTH = env.CHAT_COST_PER_MONTH  # 0: no limit.
SITE_TOKENS_PER_DAY = env.SITE_TOKENS_PER_DAY  # Of all people together; 0: no limit.
SITE_TOKENS_PER_MONTH = env.SITE_TOKENS_PER_MONTH
SITE_COST_PER_DAY = env.SITE_COST_PER_DAY
SITE_COST_PER_MONTH = env.SITE_COST_PER_MONTH
LIMITS_SPARE_STAFF = env.LIMITS_SPARE_STAFF
CHAT_MESSAGE_MAX_CHARS = 100_000
CHAT_REPLY_MAX_CHARS = 1_000_000
CHAT_GATHER_SECONDS = 0.04  # What arrives within is sent to the page at once.
CHAT_LEASE_SECONDS = 30  # A running reply whose lease is over has lost its writer.
CHAT_HEARTBEAT_SECONDS = 5
TRASH_DAYS = env.TRASH_DAYS  # Then what was deleted is gone for good.
CHAT_PAGE_SIZE = 50  # Messages, or conversations, on one page.
# Bytes: a form spells a character with up to twelve, and one that is too long has to come back.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * CHAT_MESSAGE_MAX_CHARS

# Taking away and bringing along.

SHARING = env.SHARING  # Whether people may make links for everybody.
IMPORT_MAX_BYTES = env.IMPORT_MAX_BYTES
IMPORT_MAX_UNPACKED_BYTES = 10 * IMPORT_MAX_BYTES
IMPORT_UNPACKED_TIMES = 50  # Its own size, which text hardly reaches; a ZIP file can a thousand,
IMPORT_UNPACKED_FREE_BYTES = 20_000_000  # but for so much.

# Pictures.

IMAGE_MODEL = env.IMAGE_MODEL  # Empty: the newest that the service lists.
IMAGE_MAX_BYTES = env.IMAGE_MAX_BYTES
IMAGE_MAX_PIXELS = env.IMAGE_MAX_PIXELS  # Four bytes each, decoded.
IMAGES_PER_DAY = env.IMAGES_PER_DAY
IMAGE_URL_HOSTS = env.IMAGE_URL_HOSTS  # Beside the service's own.
IMAGE_TIMEOUT_SECONDS = 300.0

# Costs. What is not in a table has no price.

CHAT_PRICES = env.CHAT_PRICES  # model=prompt/completion, per million tokens.
IMAGE_PRICES = env.IMAGE_PRICES  # model=price, per picture.
CURRENCY = env.CURRENCY or "$"
USAGE_RETENTION_DAYS = env.USAGE_RETENTION_DAYS

# Security. The admin and the debug toolbar bring policies of their own: apps/core/admin/site.py.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["htmx"],
    }
}
CSRF_FAILURE_VIEW = "apps.chat.views.rejected_message.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "apps.users.login.sessions"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Probes come without the proxy.
    SECURE_REDIRECT_EXEMPT = [rf"^({SITE_PREFIX})?(healthz|readyz|metrics)/$"]
    SECURE_HSTS_SECONDS = 31_536_000
    # No word about subdomains, nor for the browsers' lists: other hosts there are not Parlor's.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Browsers take these names only over HTTPS, from this very host.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

# Finding out.

METRICS_TOKEN = env.METRICS_TOKEN
METRICS_ADDRESSES = env.METRICS_ADDRESSES  # Networks; with both empty there is no such page.
SENTRY_DSN = env.SENTRY_DSN

# What is logged: one line a request, one line a reply; never content, never a key.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "apps.core.monitoring.log_formatter.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "apps.core.monitoring.log_formatter.JsonFormatter"},
    },
    "filters": {
        "context": {"()": "apps.core.monitoring.log_formatter.AddContext"},
        "brake": {"()": "apps.core.monitoring.log_brake.Brake"},
        "secret_paths": {"()": "apps.core.monitoring.log_paths.HideSecretPaths"},
        "read_only": {"()": "apps.core.monitoring.log_quiet.ReadOnlyDatabase"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if env.LOG_FORMAT == "json" else "line",
            "filters": ["context", "read_only", "brake", "secret_paths"],
        }
    },
    "root": {"handlers": ["console"], "level": env.LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},  # parlor.requests has a line for each already.
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},  # parlor.replies has a line for each already.
    },
}

if DEBUG:
    INSTALLED_APPS.append("debug_toolbar")
    # Inside of the compression: the toolbar is added to the page's text.
    compression = MIDDLEWARE.index("django_http_compression.middleware.HttpCompressionMiddleware")
    MIDDLEWARE.insert(compression + 1, "debug_toolbar.middleware.DebugToolbarMiddleware")
    INTERNAL_IPS = ["127.0.0.1", "::1"]
    DEBUG_TOOLBAR_CONFIG = {"UPDATE_ON_FETCH": True}  # Show what htmx has just fetched.
    # Its panels are written as strings of HTML, which Trusted Types forbid.
    for directive in ("require-trusted-types-for", "trusted-types"):
        del CONTENT_SECURITY_POLICY["DIRECTIVES"][directive]
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
