"""The settings of the tests: every variable is set here, most to its default, so that a developer's .env gets into no
test. Processes that tests start inherit it."""

import os
import tempfile

from wdtadmin.variables import defaults

os.environ.update(
    defaults()
    | {
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
        "CREDENTIAL_KEYS": "XcPtf4-zXqyvzKcl7Nyi2esRnoMuPj5oPOxZtUpqLzs=",
        "AUDIT_KEYS": "only-for-tests-of-the-history-0123456789",
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "DATABASE_URL": f"sqlite:///{tempfile.gettempdir()}/wdtadmin-tests-unused.sqlite3",
        "ERP_ADDRESSES": "sandbox=http://127.0.0.1:9/openapi",  # nobody answers there; tests that need an ERP start one
        "ERP_PRIVATE_NETWORKS": "127.0.0.0/8",
        "PLAIN_HTTP": "true",
        "LOG_LEVEL": "WARNING",
        "APPROVAL_HOLD_SECONDS": "0",
    }
    # What whoever starts the tests has set: the database, and the provider of a test that starts the application.
    | {name: text for name, text in os.environ.items() if name == "DATABASE_URL" or name.startswith("OIDC_")}
)

from wdtadmin.settings import *  # noqa: F403
from wdtadmin.settings import DATABASES

DEMO_IS_TESTED = True
PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
PAGE_TIMES_EVERY = 0  # never: a page of a test writes nothing but its own
STATEMENT_SECONDS = 120  # a test is about what happens, not about how busy the machine is
MIGRATED = os.environ.get("TESTS_MIGRATED")  # a database that is copied instead of migrating one (tests/__main__.py)
STATIC_ROOT = None  # type: ignore[assignment] # files are found where they lie; nothing needs collecting before a test
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file and not memory, so that the real processes of a test can open it too; a folder of its own for each run.
    folder = tempfile.mkdtemp(prefix="wdtadmin-tests-")
    DATABASES["default"]["TEST"] = {"NAME": f"{folder}/test.sqlite3"}
    # What a power cut would do is not tested here.
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA recursive_triggers=ON;"
    )
elif MIGRATED:
    DATABASES["default"]["TEST"] = {"TEMPLATE": MIGRATED}
