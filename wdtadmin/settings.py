"""Settings, all from environment variables or `.env`; .env.example explains each of them.

The defaults are those of production: whoever runs without TLS or with DEBUG has to say so.
"""

import copy
import ipaddress
from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.log import DEFAULT_LOGGING
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")


def required(name, what_to_do):
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {what_to_do} See .env.example.")
    return value


# --- who may reach it, and how -----------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY", "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Without TLS a password can be read on the way: only for a demo on loopback, or an intranet that accepts it.
PLAIN_HTTP = env.bool("PLAIN_HTTP", default=False)
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else env.int("HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_NAME = "sid" if PLAIN_HTTP else "__Host-sid"
CSRF_COOKIE_NAME = "csrf" if PLAIN_HTTP else "__Host-csrf"
LANGUAGE_COOKIE_NAME = "lang" if PLAIN_HTTP else "__Host-lang"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # what they say is in no cookie
SESSION_COOKIE_AGE = 8 * 60 * 60  # from the last page on; 12 hours at most: views/sessions.py
SESSION_SAVE_EVERY_REQUEST = False
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "cancellation-list"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = env.int("PASSWORD_LINK_HOURS", default=24) * 60 * 60  # of a one-time link
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
AUTH_USER_MODEL = "cancellations.Person"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ["username", "name", "email"]},
        "MinimumLengthValidator": {"min_length": env.int("PASSWORD_MIN_LENGTH", default=12)},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]

# --- who guesses passwords (docs/sign-in.md) ---------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "cancellations.access.sessions.PersonBackend"]
# How many proxies of ours stand in front: only what they write into X-Forwarded-For is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
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
SECOND_FACTOR_FOR = env.list("SECOND_FACTOR_FOR", default=[])  # roles that must have one
OTP_TOTP_ISSUER = "wdtadmin"  # what an authenticator app calls the account

# --- what it is made of ------------------------------------------------------------------------
INSTALLED_APPS = [
    "cancellations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Before everything that may answer by itself: static files and refused requests have these headers too.
    "cancellations.pages.middleware.strict_pages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "cancellations.access.sessions.limited_sessions",
    "cancellations.access.second_factor.required_second_factor",
    "cancellations.access.sessions.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cancellations.pages.middleware.one_direction",
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

# --- sign-in through the company's own provider (docs/sign-in.md) ------------------------------
OIDC_RP_CLIENT_ID = env.str("OIDC_RP_CLIENT_ID", default="")
if OIDC_RP_CLIENT_ID:
    tell = "It is needed because OIDC_RP_CLIENT_ID is set."
    OIDC_RP_CLIENT_SECRET = required("OIDC_RP_CLIENT_SECRET", tell)
    OIDC_ISSUER = required("OIDC_ISSUER", tell)
    OIDC_OP_AUTHORIZATION_ENDPOINT = required("OIDC_OP_AUTHORIZATION_ENDPOINT", tell)
    OIDC_OP_TOKEN_ENDPOINT = required("OIDC_OP_TOKEN_ENDPOINT", tell)
    OIDC_OP_USER_ENDPOINT = required("OIDC_OP_USER_ENDPOINT", tell)
    OIDC_RP_SIGN_ALGO = env.str("OIDC_RP_SIGN_ALGO", default="RS256")
    if not OIDC_RP_SIGN_ALGO.startswith("HS"):
        OIDC_OP_JWKS_ENDPOINT = required("OIDC_OP_JWKS_ENDPOINT", tell)
    OIDC_RP_SCOPES = env.str("OIDC_RP_SCOPES", default="openid profile")
    OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="preferred_username")
    OIDC_CREATE_USER = False
    OIDC_USE_PKCE = True
    OIDC_TIMEOUT = 10  # seconds
    INSTALLED_APPS += ["mozilla_django_oidc"]
    AUTHENTICATION_BACKENDS += ["cancellations.access.oidc.ExistingPersonBackend"]

# --- where it is stored ------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'wdtadmin.sqlite3'}")}
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
    DATABASES["default"].update(CONN_HEALTH_CHECKS=True, OPTIONS={"connect_timeout": 5})
DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds: not every page opens a connection of its own
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", default=5)  # of a file with order numbers
FILE_UPLOAD_HANDLERS = ["cancellations.pages.requests.uploads.LimitedUpload"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # 10,000 numbers of 40 Chinese characters, URL-encoded, fit

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
LOGGING["formatters"]["plain"] = {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
LOGGING["handlers"]["stderr"] = {"class": "logging.StreamHandler", "formatter": "plain"}
LOGGING["root"] = {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")}
LOGGING["loggers"]["django"]["handlers"] = []
LOGGING["loggers"]["django.server"] = {"level": "WARNING"}
# urllib3 writes whole addresses, with key and sign, at DEBUG.
LOGGING["loggers"]["urllib3"] = {"level": "WARNING"}

# --- the ERP and the work with it --------------------------------------------------------------
# Which addresses a shop may be bound to; nobody can type another one into a page.
ERP_ADDRESSES = {
    "production": "http://wdt.wangdian.cn/openapi",
    "test": "http://47.92.239.46/openapi",
} | env.dict("ERP_ADDRESSES", default={})
# A name that leads into a private network is not called, unless the network is listed here (10.1.0.0/16).
ERP_PRIVATE_NETWORKS = [ipaddress.ip_network(text) for text in env.list("ERP_PRIVATE_NETWORKS", default=[])]
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[])
ORDERS_PER_REQUEST = env.int("ORDERS_PER_REQUEST", default=10_000)
# of one person; look-ups that a draft or a submission begins by itself are not counted
HEAVY_WORK_PER_HOUR = {
    "upload": env.int("UPLOADS_PER_HOUR", default=120),
    "export": env.int("EXPORTS_PER_HOUR", default=60),
    "look_up": env.int("LOOK_UPS_PER_HOUR", default=30),
    "verify": env.int("VERIFICATIONS_PER_HOUR", default=6),
}
SUBMITTED_EXPIRES_AFTER_DAYS = env.int("SUBMITTED_EXPIRES_AFTER_DAYS", default=3)
APPROVAL_HOLD_SECONDS = env.int("APPROVAL_HOLD_SECONDS", default=30)  # in which a hasty approval can be stopped
ERP_CONNECT_TIMEOUT = env.float("ERP_CONNECT_TIMEOUT", default=5.0)  # seconds
ERP_READ_TIMEOUT = env.float("ERP_READ_TIMEOUT", default=20.0)  # seconds, for the whole answer
LEASE_SECONDS = env.int("LEASE_SECONDS", default=40)  # longer than a call can take
SLICE_SECONDS = env.int("SLICE_SECONDS", default=60)
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=3.0)
# Until then 'not cancelled' proves nothing: the ERP accepts a call that is up to 120 s old.
SETTLE_GRACE_SECONDS = env.int("SETTLE_GRACE_SECONDS", default=150)

# --- the history (docs/operating.md) -----------------------------------------------------------
AUDIT_KEYS = env.list("AUDIT_KEYS", default=[])
AUDIT_ANCHOR_FILE = env.str("AUDIT_ANCHOR_FILE", default="")
AUDIT_ANCHOR_EMAIL = env.list("AUDIT_ANCHOR_EMAIL", default=[])
vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default="wdtadmin@localhost")
EMAIL_TIMEOUT = 10  # seconds
KEEP_RAW_DAYS = env.int("KEEP_RAW_DAYS", default=0)  # of calls; 0: for ever
