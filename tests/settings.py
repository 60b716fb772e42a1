"""The settings of the tests: everything that the application reads from the environment is set here, so that a
developer's .env gets into no test. Processes that tests start inherit it."""

import os
import tempfile

os.environ.update(
    SECRET_KEY="only-for-tests-" + "x" * 50,
    CREDENTIAL_KEYS="XcPtf4-zXqyvzKcl7Nyi2esRnoMuPj5oPOxZtUpqLzs=",
    AUDIT_KEYS="only-for-tests-of-the-history-0123456789",
    AUDIT_ANCHOR_FILE="",
    AUDIT_ANCHOR_EMAIL="",
    KEEP_RAW_DAYS="0",
    ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    ERP_ADDRESSES="sandbox=http://127.0.0.1:9/openapi",  # port 9 answers nobody; tests that need an ERP start one
    ERP_PRIVATE_NETWORKS="127.0.0.0/8",
    CSRF_TRUSTED_ORIGINS="",
    DEBUG="false",
    PLAIN_HTTP="true",
    BEHIND_TLS_PROXY="false",
    TRUSTED_PROXIES="0",
    SECOND_FACTOR_FOR="",
    PASSWORD_MIN_LENGTH="12",
    LOG_LEVEL="WARNING",
    ORDERS_PER_REQUEST="10000",
    UPLOAD_MAX_MB="5",
    UPLOADS_PER_HOUR="120",
    EXPORTS_PER_HOUR="60",
    LOOK_UPS_PER_HOUR="30",
    VERIFICATIONS_PER_HOUR="6",
    APPROVAL_HOLD_SECONDS="0",
)
os.environ.setdefault("OIDC_RP_CLIENT_ID", "")  # a test starts the application with one
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.gettempdir()}/wdtadmin-tests-unused.sqlite3")

from wdtadmin.settings import *  # noqa: F403
from wdtadmin.settings import DATABASES

PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file and not memory, so that the real processes of a test can open it too; a folder of its own for each run.
    folder = tempfile.mkdtemp(prefix="wdtadmin-tests-")
    DATABASES["default"]["TEST"] = {"NAME": f"{folder}/test.sqlite3"}
    # What a power cut would do is not tested here.
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA recursive_triggers=ON;"
    )
