"""Django's settings. What differs from server to server comes from the variables of variables.py.

The defaults are those of production: whoever runs without TLS or with DEBUG has to say so.
"""

import copy
import ipaddress
import logging
from datetime import timedelta

import django
from django.utils.log import DEFAULT_LOGGING
from django.utils.translation import gettext_lazy as _
from environ import Env

from wdtadmin.mail import mail_settings
from wdtadmin.variables import BASE_DIR, required, value

# --- who may reach it, and how -----------------------------------------------------------------
DEBUG = value("DEBUG")
SECRET_KEY = required("SECRET_KEY")
ALLOWED_HOSTS = value("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = value("CSRF_TRUSTED_ORIGINS")
PLAIN_HTTP = value("PLAIN_HTTP")
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else value("HSTS_SECONDS")
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_HSTS_PRELOAD = value("HSTS_PRELOAD") and not PLAIN_HTTP
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # whether browsers know the host by heart is the operator's decision
SECURE_REFERRER_POLICY = "same-origin"
if value("BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_NAME = "sid" if PLAIN_HTTP else "__Host-sid"
CSRF_COOKIE_NAME = "csrf" if PLAIN_HTTP else "__Host-csrf"
LANGUAGE_COOKIE_NAME = "lang" if PLAIN_HTTP else "__Host-lang"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # what they say is in no cookie
SESSION_ENGINE = "cancellations.access.session_store"
SESSION_COOKIE_AGE = 8 * 60 * 60  # from the last page on; 12 hours at most: views/sessions.py
SESSION_SAVE_EVERY_REQUEST = False
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "cancellation-list"
LOGOUT_REDIRECT_URL = "login"
ACCESS_WAIT_HOURS, ACCESS_APART_DAYS = value("ACCESS_WAIT_HOURS"), value("ACCESS_APART_DAYS")
APPROVAL_ASKS_PASSWORD = value("APPROVAL_ASKS_PASSWORD")
PASSWORD_RESET_TIMEOUT = value("PASSWORD_LINK_HOURS") * 60 * 60
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
AUTH_USER_MODEL = "cancellations.Person"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ["username", "name", "email"]},
        "MinimumLengthValidator": {"min_length": value("PASSWORD_MIN_LENGTH")},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
] + [
    {"NAME": f"cancellations.access.passwords.{name}"}
    for name in ("OwnWordsValidator", "FewCharactersValidator", "LeakedCoreValidator")
]
PASSWORD_OWN_WORDS = value("PASSWORD_OWN_WORDS")

# --- who guesses passwords (docs/sign-in.md) ---------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "cancellations.access.sessions.PersonBackend"]
TRUSTED_PROXIES = value("TRUSTED_PROXIES")
AXES_HANDLER = "cancellations.access.throttling.Throttle"
AXES_CLIENT_IP_CALLABLE = "cancellations.access.throttling.address_of"
AXES_USERNAME_CALLABLE = "cancellations.access.throttling.name_tried"
AXES_LOCKOUT_CALLABLE = "cancellations.access.throttling.keep_answer"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else a stranger could prolong it without end
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # what the limit over all addresses is counted from
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old_password", "new_password1", "new_password2", "code"]

# --- the second factor (docs/sign-in.md) -------------------------------------------------------
SECOND_FACTOR_FOR = value("SECOND_FACTOR_FOR")
OTP_TOTP_ISSUER = "wdtadmin"  # what an authenticator app calls the account

# --- what it is made of ------------------------------------------------------------------------
INSTALLED_APPS = [
    "cancellations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    *(["django_tasks"] if django.VERSION < (6, 0) else []),  # a part of Django itself since
    "django_tasks_db",
]
MIDDLEWARE = [
    # Before everything that may answer by itself: static files and refused requests have these headers too.
    "cancellations.pages.middleware.security_headers",
    # Before everything that looks at the host or insists on TLS: a balancer asks by address.
    "cancellations.pages.probes.answer_probes",
    "django.middleware.security.SecurityMiddleware",
    "cancellations.api.problems.json_problems",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cancellations.pages.middleware.CompressPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "cancellations.pages.middleware.end_statements",
    # Before everything that reads a form.
    "cancellations.pages.middleware.refuse_long_encoded_forms",
    # After what knows the language, before everything that may write.
    "cancellations.pages.maintenance.refuse_changes",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "cancellations.access.sessions.session_timeouts",
    "cancellations.access.second_factor.required_second_factor",
    "cancellations.access.sessions.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cancellations.pages.middleware.strip_bidi_controls",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "wdtadmin.urls"
WSGI_APPLICATION = "wdtadmin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["cancellations.templatetags.icons", "cancellations.templatetags.parts"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cancellations.pages.context.what_the_person_may_do",
            ],
        },
    }
]
FORM_RENDERER = "cancellations.pages.fields.Renderer"  # every field as in templates/django/forms/field.html

# --- sign-in through the company's own provider (docs/sign-in.md) ------------------------------
OIDC_RP_CLIENT_ID = value("OIDC_RP_CLIENT_ID")
if OIDC_RP_CLIENT_ID:
    tell = "It is needed because OIDC_RP_CLIENT_ID is set."
    OIDC_RP_CLIENT_SECRET = required("OIDC_RP_CLIENT_SECRET", tell)
    OIDC_ISSUER = required("OIDC_ISSUER", tell)
    OIDC_OP_AUTHORIZATION_ENDPOINT = required("OIDC_OP_AUTHORIZATION_ENDPOINT", tell)
    OIDC_OP_TOKEN_ENDPOINT = required("OIDC_OP_TOKEN_ENDPOINT", tell)
    OIDC_OP_USER_ENDPOINT = required("OIDC_OP_USER_ENDPOINT", tell)
    OIDC_RP_SIGN_ALGO = value("OIDC_RP_SIGN_ALGO")
    if not OIDC_RP_SIGN_ALGO.startswith("HS"):
        OIDC_OP_JWKS_ENDPOINT = required("OIDC_OP_JWKS_ENDPOINT", tell)
    OIDC_RP_SCOPES = value("OIDC_RP_SCOPES")
    OIDC_USERNAME_CLAIM = value("OIDC_USERNAME_CLAIM")
    OIDC_CREATE_USER = False
    OIDC_USE_PKCE = True
    OIDC_TIMEOUT = 10  # seconds
    INSTALLED_APPS += ["mozilla_django_oidc"]
    AUTHENTICATION_BACKENDS += ["cancellations.access.oidc.ExistingPersonBackend"]

# --- where it is stored ------------------------------------------------------------------------
DATABASES = {"default": Env.db_url_config(value("DATABASE_URL"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # A transaction takes the write lock when it begins: it never fails half-way because another one writes.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # FULL: the record of a call has to survive a power cut, because the call itself cannot be undone.
        # recursive_triggers: without it INSERT OR REPLACE would slip past the guards of the events.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
else:
    OPTIONS = {"connect_timeout": 5} | DATABASES["default"].get("OPTIONS", {})  # those of the address stay
    DATABASES["default"].update(CONN_HEALTH_CHECKS=True, OPTIONS=OPTIONS)
DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds: not every page opens a connection of its own
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
API_CALLS_PER_MINUTE = value("API_CALLS_PER_MINUTE")
STATEMENT_SECONDS = value("STATEMENT_SECONDS")
UPLOAD_MAX_MB = value("UPLOAD_MAX_MB")
FILE_UPLOAD_HANDLERS = ["cancellations.pages.requests.uploads.LimitedUpload"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # 10,000 numbers of 40 Chinese characters fit

# --- how it is shown ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
FORMAT_MODULE_PATH = ["wdtadmin.formats"]
LOCALE_PATHS = [BASE_DIR / "cancellations" / "locale"]
TIME_ZONE = "Asia/Shanghai"  # shown in this zone, stored in UTC
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "cancellations.pages.errors.NoValues"
LOGGING = copy.deepcopy(DEFAULT_LOGGING)
LOGGING["filters"]["in_context"] = {"()": "cancellations.logs.InContext"}
LOGGING["formatters"]["plain"] = {
    "()": "cancellations.logs.OneLineEach",
    "format": "{asctime} {levelname} {name}{where}: {message}",
    "datefmt": "%Y-%m-%d %H:%M:%S%z",
    "style": "{",
}
LOGGING["formatters"]["json"] = {"()": "cancellations.logs.Json"}
LOGGING["handlers"]["stderr"] = {
    "class": "logging.StreamHandler",
    "formatter": value("LOG_FORMAT"),
    "filters": ["in_context"],
}
logging.captureWarnings(value("LOG_FORMAT") == "json")  # Python's own are lines of the log too
LOGGING["root"] = {"handlers": ["stderr"], "level": value("LOG_LEVEL")}
LOGGING["loggers"]["django"]["handlers"] = []
LOGGING["loggers"]["django.server"] = {"level": "WARNING"}
# urllib3 writes whole addresses, with key and sign: at DEBUG, and as a warning where an answer's headers are broken.
LOGGING["loggers"]["urllib3"] = {"level": "ERROR"}

# --- the ERP and the work with it --------------------------------------------------------------
# Which addresses a shop may be bound to; nobody can type another one into a page.
ERP_ADDRESSES = {
    "production": "http://wdt.wangdian.cn/openapi",
    "test": "http://47.92.239.46/openapi",
} | value("ERP_ADDRESSES")
ERP_PRIVATE_NETWORKS = [ipaddress.ip_network(text) for text in value("ERP_PRIVATE_NETWORKS")]
OUTGOING_ADDRESS = value("OUTGOING_ADDRESS")
CREDENTIAL_KEYS = value("CREDENTIAL_KEYS")
ORDERS_PER_REQUEST = value("ORDERS_PER_REQUEST")
HEAVY_WORK_PER_HOUR = {
    "upload": value("UPLOADS_PER_HOUR"),
    "read": value("READINGS_PER_HOUR"),
    "draft": value("DRAFTS_PER_HOUR"),
    "test": value("CONNECTION_TESTS_PER_HOUR"),
    "export": value("EXPORTS_PER_HOUR"),
    "look_up": value("LOOK_UPS_PER_HOUR"),
    "verify": value("VERIFICATIONS_PER_HOUR"),
    "test_webhook": value("WEBHOOK_TESTS_PER_HOUR"),
}
SUBMITTED_EXPIRES_AFTER_WORKING_DAYS = value("SUBMITTED_EXPIRES_AFTER_WORKING_DAYS")
APPROVAL_HOLD_SECONDS = value("APPROVAL_HOLD_SECONDS")
ERP_CONNECT_TIMEOUT = value("ERP_CONNECT_TIMEOUT")
ERP_READ_TIMEOUT = value("ERP_READ_TIMEOUT")
LEASE_SECONDS = value("LEASE_SECONDS")
SLICE_SECONDS = value("SLICE_SECONDS")
SWEEP_SECONDS = value("SWEEP_SECONDS")
WORKER_QUEUES = value("WORKER_QUEUES")
EXPORTS_NICENESS = 15  # of a process that makes exports: it gives way to everything else on the machine
SETTLE_GRACE_SECONDS = value("SETTLE_GRACE_SECONDS")

# --- the history (docs/operating.md) -----------------------------------------------------------
AUDIT_KEYS = value("AUDIT_KEYS")
AUDIT_ANCHOR_FILE = value("AUDIT_ANCHOR_FILE")
PUBLIC_URL = value("PUBLIC_URL")
NOTICE_MERGE_SECONDS = value("NOTICE_MERGE_SECONDS")
NOTICE_ROBOTS_BASE = value("NOTICE_ROBOTS_BASE")
WEBHOOK_PRIVATE_NETWORKS = [ipaddress.ip_network(text) for text in value("WEBHOOK_PRIVATE_NETWORKS")]
AUDIT_ANCHOR_EMAIL = value("AUDIT_ANCHOR_EMAIL")
vars().update(mail_settings(value("EMAIL_URL")))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = value("EMAIL_FROM")
KEEP_RAW_DAYS = value("KEEP_RAW_DAYS")

# --- watching it (docs/operating.md) -----------------------------------------------------------
WATCH_TOKEN = value("WATCH_TOKEN")
WATCH_NETWORKS = [ipaddress.ip_network(text) for text in value("WATCH_NETWORKS")]
WATCH_BACKUP_HOURS = value("WATCH_BACKUP_HOURS")
ACCESS_LOG = value("ACCESS_LOG")
PAGE_TIMES_EVERY = 10  # seconds: how often a web process writes down how long its pages took
if value("SENTRY_DSN"):
    from wdtadmin import error_reports

    error_reports.begin(value("SENTRY_DSN"))
