"""Every environment variable that the application reads: name, type, default and meaning, each in this one place.

The settings and gunicorn.conf.py read them here, from the environment, else from `.env`; a secret also from the file
that `NAME_FILE` names. docs/settings.md and .env.example are generated from the table, `manage.py init` fills it in.
"""

import functools
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


class Variable(NamedTuple):
    """A default is the text that one would write into `.env`; what has none must be set."""

    name: str
    type: type
    default: str | None
    meaning: str
    start: str | None = None  # what .env.example begins with
    example: str = ""  # what .env.example shows, if the default would tell too little
    is_secret: bool = False  # it may stand in a file instead, which NAME_FILE names
    make: Callable[[], str] | None = None  # a fresh one, for what is a key


def make_token() -> str:
    return secrets.token_urlsafe(50)


def make_fernet_key() -> str:
    return Fernet.generate_key().decode()


PROVIDER = "https://sso.example.com/realms/company"
OPENID = f"{PROVIDER}/protocol/openid-connect"

SECTIONS = {
    "Keys": (
        Variable(
            "SECRET_KEY",
            str,
            None,
            "Django's key for sessions and forms.",
            start="",
            is_secret=True,
            make=make_token,
        ),
        Variable(
            "CREDENTIAL_KEYS",
            list,
            None,
            "Keys for the app secrets, separated by commas. The first one encrypts, all of them decrypt. Keep a copy "
            "apart from the database: without it no app secret can be read.",
            start="",
            is_secret=True,
            make=make_fernet_key,
        ),
        Variable(
            "AUDIT_KEYS",
            list,
            None,
            "Keys for the marks of the audit trail, separated by commas, of at least 32 characters each. The first one "
            "makes marks, all of them verify. Keep a copy apart from the database; an old key stays in the list, "
            "behind the new one.",
            start="",
            is_secret=True,
            make=make_token,
        ),
    ),
    "Who may reach it, and how": (
        Variable("ALLOWED_HOSTS", list, "", "The host names of the site.", start="wdtadmin.example.com"),
        Variable(
            "BEHIND_TLS_PROXY",
            bool,
            "false",
            "The proxy in front speaks TLS, and its `X-Forwarded-Proto` is believed.",
            start="true",
        ),
        Variable(
            "TRUSTED_PROXIES",
            int,
            "0",
            "How many proxies stand in front. This decides what is believed of `X-Forwarded-For`; with `0` everybody "
            "behind a proxy seems to come from one address.",
            start="1",
        ),
        Variable(
            "CSRF_TRUSTED_ORIGINS",
            list,
            "",
            "Needed if the proxy changes the host.",
            example="https://wdtadmin.example.com",
        ),
        Variable("HSTS_SECONDS", int, "31536000", "How long browsers insist on TLS."),
        Variable("HSTS_PRELOAD", bool, "false", "Whether the host may go into the browsers' own lists, for good."),
        Variable(
            "PLAIN_HTTP",
            bool,
            "false",
            "`true` turns off everything that needs TLS. Passwords can then be read on the way: only on loopback, or "
            "where you accept that.",
        ),
        Variable("DEBUG", bool, "false", "Django's pages for developers. Never on a server that others reach."),
        Variable("LOG_LEVEL", str, "INFO", "From which level on messages are logged."),
    ),
    "Signing in": (
        Variable(
            "SECOND_FACTOR_FOR",
            list,
            "",
            "Roles that must have a second factor (sign-in.md).",
            example="manager,administrator",
        ),
        Variable("PASSWORD_MIN_LENGTH", int, "12", "How long a new password must be."),
        Variable(
            "PASSWORD_OWN_WORDS",
            list,
            "",
            "Words of your company that a password must not be made of: its names, its products.",
            example="mingda,杭州明达",
        ),
        Variable(
            "ACCESS_WAIT_HOURS",
            int,
            "24",
            "How long a change waits that makes or recovers somebody who may decide, where nobody else could confirm "
            "it (sign-in.md).",
        ),
        Variable(
            "ACCESS_APART_DAYS",
            int,
            "30",
            "For how long nobody decides on requests of those whom they got in, who got them in, or whom the same "
            "person got in; `0` turns it off.",
        ),
        Variable(
            "APPROVAL_ASKS_PASSWORD",
            bool,
            "false",
            "Whether approving asks for the password or a code again, if it was not given in the last 15 minutes.",
            start="true",
        ),
        Variable("PASSWORD_LINK_HOURS", int, "24", "How long a one-time link for a password counts."),
    ),
    "Signing in at the company's own provider": (
        Variable(
            "OIDC_RP_CLIENT_ID",
            str,
            "",
            "What the provider calls this application. The way in exists if this is set (sign-in.md).",
            example="wdtadmin",
        ),
        Variable("OIDC_RP_CLIENT_SECRET", str, "", "The secret that the provider gave it.", is_secret=True),
        Variable("OIDC_ISSUER", str, "", "Exactly the `iss` of the provider's tokens.", example=PROVIDER),
        Variable(
            "OIDC_OP_AUTHORIZATION_ENDPOINT",
            str,
            "",
            "From the provider's `/.well-known/openid-configuration`.",
            example=f"{OPENID}/auth",
        ),
        Variable("OIDC_OP_TOKEN_ENDPOINT", str, "", "From the same page.", example=f"{OPENID}/token"),
        Variable("OIDC_OP_USER_ENDPOINT", str, "", "From the same page.", example=f"{OPENID}/userinfo"),
        Variable(
            "OIDC_OP_JWKS_ENDPOINT",
            str,
            "",
            "From the same page; not needed with an `HS…` algorithm.",
            example=f"{OPENID}/certs",
        ),
        Variable("OIDC_RP_SIGN_ALGO", str, "RS256", "How the provider signs its tokens."),
        Variable("OIDC_RP_SCOPES", str, "openid profile", "What the provider is asked for."),
        Variable("OIDC_USERNAME_CLAIM", str, "preferred_username", "The claim that is the user name here."),
    ),
    "Where it is stored": (
        Variable(
            "DATABASE_URL",
            str,
            f"sqlite:///{BASE_DIR}/var/wdtadmin.sqlite3",
            "SQLite serves one machine, PostgreSQL many workers on several machines.",
            example="postgres://wdtadmin:password@db.example.com/wdtadmin",
            is_secret=True,
        ),
        Variable("STATEMENT_SECONDS", int, "20", "After so many seconds in the database a page gives up, and says so."),
        Variable("API_CALLS_PER_MINUTE", int, "300", "Calls of each token in a minute, in each web process."),
        Variable("UPLOAD_MAX_MB", int, "5", "The largest file with order numbers."),
        Variable(
            "KEEP_RAW_DAYS",
            int,
            "0",
            "After so many days, what was sent and answered in the calls of ended requests is emptied; `0` keeps it "
            "for ever.",
        ),
    ),
    "The ERP and the work with it": (
        Variable(
            "ERP_ADDRESSES",
            dict,
            "",
            "Further addresses that a shop may be bound to, beside `production` and `test`.",
            example="relay=http://10.1.0.7/openapi",
        ),
        Variable(
            "ERP_PRIVATE_NETWORKS",
            list,
            "",
            "Private networks that the ERP's name may lead into, as for a relay of your own. No other private address "
            "is called.",
            example="10.1.0.0/16",
        ),
        Variable(
            "OUTGOING_ADDRESS",
            str,
            "",
            "The address that the ERP sees this server call from; pages name it where the ERP's whitelist lacks it.",
            example="203.0.113.7",
        ),
        Variable("ERP_CONNECT_TIMEOUT", float, "5", "Seconds in which the ERP must take the connection."),
        Variable("ERP_READ_TIMEOUT", float, "20", "Seconds in which its whole answer must be there."),
        Variable("ORDERS_PER_REQUEST", int, "10000", "The longest list of one request."),
        Variable("UPLOADS_PER_HOUR", int, "120", "How many files one person may upload in an hour."),
        Variable(
            "READINGS_PER_HOUR",
            int,
            "600",
            "How often in an hour one person may have a kept file, or a paste of more than 200,000 characters, read.",
        ),
        Variable("DRAFTS_PER_HOUR", int, "300", "How many drafts one person may make in an hour."),
        Variable(
            "CONNECTION_TESTS_PER_HOUR", int, "60", "How often one person may test connections to the ERP in an hour."
        ),
        Variable("EXPORTS_PER_HOUR", int, "60", "How many exports one person may take in an hour."),
        Variable(
            "LOOK_UPS_PER_HOUR",
            int,
            "30",
            "How many further look-ups one person may ask for in an hour. Those that a draft or a submission begins "
            "by itself are not counted.",
        ),
        Variable("VERIFICATIONS_PER_HOUR", int, "6", "How many verifications of the audit trail one person may start."),
        Variable(
            "SUBMITTED_EXPIRES_AFTER_WORKING_DAYS",
            int,
            "3",
            "So many working days after its submission a request that nobody decided on expires; one extension adds as "
            "many. Holidays and the days that make up for them are kept on a page (operating.md).",
        ),
        Variable(
            "APPROVAL_HOLD_SECONDS",
            int,
            "30",
            "From the approval to the first call: time to stop what was approved in haste.",
        ),
        Variable(
            "LEASE_SECONDS",
            int,
            "40",
            "How long a dead worker holds an account; at least 5 s above both timeouts together.",
        ),
        Variable("SLICE_SECONDS", int, "60", "How long a worker stays with one account."),
        Variable("SWEEP_SECONDS", float, "3", "How often a worker looks for work that nobody does."),
        Variable(
            "WORKER_QUEUES",
            str,
            "default,exports",
            "From which queues a worker takes tasks: `default` sends, `exports` makes long workbooks.",
        ),
        Variable(
            "SETTLE_GRACE_SECONDS",
            int,
            "150",
            'Until then "not cancelled" in the ERP proves nothing: it accepts a call that is up to 120 s old.',
        ),
    ),
    "The audit trail": (
        Variable(
            "AUDIT_ANCHOR_FILE",
            str,
            "",
            "A file to which the end of the chain is appended every day, besides the log; copy it to another machine "
            "(operating.md).",
            example="/srv/anchors/wdtadmin.txt",
        ),
        Variable(
            "AUDIT_ANCHOR_EMAIL", list, "", "People to whom the same line is mailed.", example="audit@example.com"
        ),
        Variable(
            "EMAIL_URL",
            str,
            "smtp://localhost:25",
            "How that e-mail is sent.",
            example="smtp+tls://user:password@mail.example.com:587",
            is_secret=True,
        ),
        Variable("EMAIL_FROM", str, "wdtadmin@localhost", "Whom it comes from.", example="wdtadmin@example.com"),
    ),
    "Notices": (
        Variable(
            "PUBLIC_URL",
            str,
            "",
            "The address at which people open the application. Without it nobody is told by mail or in a group: a "
            "notice leads to a page.",
            example="https://wdtadmin.example.com",
        ),
        Variable(
            "NOTICE_MERGE_SECONDS",
            int,
            "60",
            "So long a notice is kept, so that several become one message; urgent ones are not.",
        ),
        Variable(
            "NOTICE_ROBOTS_BASE",
            str,
            "",
            "Where a stand-in plays the robots of the chats, for the demo and tests: on loopback only.",
            example="http://127.0.0.1:8391",
        ),
        Variable(
            "WEBHOOK_PRIVATE_NETWORKS",
            list,
            "",
            "Private networks that a webhook may lead into, and the only ones in which it may speak HTTP. Without any, "
            "webhooks lead to public addresses, by HTTPS (webhooks.md).",
            example="10.1.0.0/16",
        ),
        Variable(
            "WEBHOOK_TESTS_PER_HOUR",
            int,
            "60",
            "How often one person may test webhooks, or have messages sent again, in an hour.",
        ),
    ),
    "Watching it": (
        Variable(
            "WATCH_TOKEN",
            str,
            "",
            "What monitoring sends as `Authorization: Bearer …` to read `/health/work` and `/metrics` from elsewhere "
            "than WATCH_NETWORKS; at least 32 characters (operating.md).",
            is_secret=True,
            make=make_token,
        ),
        Variable(
            "WATCH_NETWORKS",
            list,
            "127.0.0.0/8,::1/128",
            "Networks from which both can be read without a token.",
            example="127.0.0.0/8,::1/128,10.1.0.0/16",
        ),
        Variable(
            "WATCH_BACKUP_HOURS",
            int,
            "26",
            "How old the newest backup by `manage.py backup` may be; `0` if something else makes them.",
        ),
        Variable("LOG_FORMAT", str, "plain", "`plain`: lines for people. `json`: one object a line, times in UTC."),
        Variable(
            "ACCESS_LOG",
            bool,
            "false",
            "Whether each answer has a line in the log: route, status, milliseconds; no address and no parameter.",
        ),
        Variable(
            "SENTRY_DSN",
            str,
            "",
            "Where errors are reported to: Sentry, GlitchTip or Bugsink. Kind and place of an error go there, and no "
            "text, value or name (operating.md).",
            example="https://key@sentry.example.com/1",
            is_secret=True,
        ),
    ),
    "The web server": (
        Variable("BIND", str, "127.0.0.1:8000", "Where gunicorn listens."),
        Variable("WEB_WORKERS", int, "2", "gunicorn's processes."),
        Variable("WEB_THREADS", int, "4", "Threads of each: pages that may wait at once, for the ERP or a slow line."),
    ),
}
VARIABLES = {variable.name: variable for section in SECTIONS.values() for variable in section}


ASKED_FOR = {bool: "true or false", int: "a whole number", float: "a number", dict: "pairs name=value"}


def value(name: str) -> Any:
    """What the variable is set to in the environment, else in `.env`, else its default.

    A secret may stand in the file that `NAME_FILE` names. Empty where it must be set and is not. Raises KeyError for a
    name that is not in the table, ImproperlyConfigured for a file or a text that is not what it should be.
    """
    variable = VARIABLES[name]
    environment = _environment().ENVIRON
    if variable.is_secret and (file := environment.get(f"{name}_FILE")):
        if environment.get(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
        try:
            found = Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which cannot be read: {why}.") from None
        if not found:
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which is empty.")
        return environ.Env.parse_value(found, variable.type)
    try:
        return _environment().get_value(name, cast=variable.type, default=variable.default or "", parse_default=True)
    except (ValueError, IndexError):
        asked_for = ASKED_FOR.get(variable.type, "a text")
        raise ImproperlyConfigured(f"{name} must be {asked_for}, and is not. See docs/settings.md.") from None


def required(name: str, why: str = "") -> Any:
    """The same for what must be set; `why` says because of what. Raises ImproperlyConfigured."""
    if found := value(name):
        return found
    if (BASE_DIR / ".env").exists():
        how = f"Add it to .env; '.venv/bin/python manage.py init --key {name}' prints a fresh one."
    else:
        how = "'.venv/bin/python manage.py init' writes a file .env with fresh keys."
    raise ImproperlyConfigured(f"{name} is not set. {why or how}")


@functools.cache
def _environment() -> environ.Env:
    """The environment, completed by `.env` when it is first asked for."""
    env = environ.Env()
    env.read_env(BASE_DIR / ".env")
    return env


def defaults() -> dict[str, str]:
    """The environment in which everything is at its default, and nothing comes from a `.env`."""
    return {name: variable.default or "" for name, variable in VARIABLES.items()}
