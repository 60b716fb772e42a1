"""The demo's folder: its database, its keys, the stand-in ERP's orders, the logs. Nobody else's database is touched.

The demo's database bears its mark from before the first table on, so known passwords get into no other one.
"""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from cryptography.fernet import Fernet

from wdtadmin.variables import defaults

DATABASE = "wdtadmin.sqlite3"
MARK = 0x64656D6F  # "demo", in the 32 bits that SQLite keeps in the head of a file for such a purpose
FILES = (
    f"{DATABASE}*", "erp.json", "erp.new", "*.log", "secret_key", "credential_keys", "audit_keys", "anchors.txt",
    "sap-01.txt",
)  # fmt: skip
MACHINE_FILE = "sap-01.txt"  # the token of the demo's machine
ERP_ORDERS = 400  # that the stand-in ERP makes up, besides those of the history


class NotTheDemos(Exception):
    """The folder holds a database that the demo did not make."""

    def __init__(self, database):
        super().__init__(f"{database} was not made by the demo: it is left as it is. Choose another --folder.")


def check(folder: Path) -> None:
    """Raises NotTheDemos if the folder holds a database with anything in it that does not bear the demo's mark."""
    file = folder / DATABASE
    if not file.exists():
        return
    try:
        with closing(sqlite3.connect(file)) as database:
            [[mark]] = database.execute("PRAGMA application_id")
            [[tables]] = database.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError:
        raise NotTheDemos(file) from None
    if tables and mark != MARK:
        raise NotTheDemos(file)


def claim(folder: Path) -> None:
    """Marks the folder's database as the demo's own, before anything is in it. Raises NotTheDemos."""
    check(folder)
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        database.execute(f"PRAGMA application_id = {MARK}")


def empty(folder: Path) -> None:
    """Removes what the demo stores, and nothing else that may lie in the folder. Raises NotTheDemos."""
    check(folder)
    for pattern in FILES:
        for file in folder.glob(pattern):
            file.unlink()


def environment(
    folder: Path, erp_port: int, web_port: int, chats_port: int = 9, *, debug: bool = False
) -> dict[str, str]:
    """The demo's settings; nothing of a .env or of the shell's own settings for the application gets in."""
    return (
        os.environ
        | defaults()
        | {
            "DJANGO_SETTINGS_MODULE": "wdtadmin.settings",
            "SECRET_KEY": _kept(folder / "secret_key", lambda: secrets.token_urlsafe(50)),
            "CREDENTIAL_KEYS": _kept(folder / "credential_keys", lambda: Fernet.generate_key().decode()),
            "AUDIT_KEYS": _kept(folder / "audit_keys", lambda: secrets.token_urlsafe(32)),
            "AUDIT_ANCHOR_FILE": str(folder / "anchors.txt"),
            "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
            "ERP_ADDRESSES": f"demo=http://127.0.0.1:{erp_port}/openapi",
            "ERP_PRIVATE_NETWORKS": "127.0.0.0/8",
            "APPROVAL_HOLD_SECONDS": "10",
            "PUBLIC_URL": f"http://127.0.0.1:{web_port}",
            "NOTICE_ROBOTS_BASE": f"http://127.0.0.1:{chats_port}",
            "NOTICE_MERGE_SECONDS": "5",
            "WEBHOOK_PRIVATE_NETWORKS": "127.0.0.0/8",
            "DEBUG": str(debug).lower(),
            "PLAIN_HTTP": "true",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "BIND": f"127.0.0.1:{web_port}",
            "PYTHONUNBUFFERED": "1",
        }
    )


def _kept(file, make):
    """A secret of the demo: made at the first run, the same ever after."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(make())
    return file.read_text()
