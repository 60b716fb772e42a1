"""The commands of the chapter 'Backup and restore' of docs/operating.md, run on a machine of a test."""

from contextlib import contextmanager

from django.db import connection

from tests.install.document import blocks
from tests.processes import database_url

COPY, RESTORED = "/backup/wdtadmin-20261126-020000", "wdtadmin_restored"  # the names of the document


@contextmanager
def restored(machine, file):
    """Puts the copy into a new database; the machine uses that one from now on, and so does this process meanwhile."""
    old, server = connection.settings_dict["NAME"], database_url().rpartition("/")[0]
    machine.paths |= {f"{COPY}{file.suffix}": str(file), RESTORED: f"wdtadmin_{file.parent.parent.name}"[:60]}
    machine.environment |= _server_of_postgresql()
    (machine.srv / "restore").mkdir()
    for command in _commands():
        if command.startswith("export DATABASE_URL="):
            address = machine.here(command.partition("=")[2]).replace("postgres://user:password@host", server)
            machine.environment["DATABASE_URL"] = address
        else:
            machine.run(command)
    connection.close()
    connection.settings_dict["NAME"] = address.partition("sqlite:///")[2] or address.rpartition("/")[2]
    try:
        yield
    finally:
        connection.close()
        here, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], old
        if connection.vendor == "postgresql":
            on_server(f'DROP DATABASE "{here}" WITH (FORCE)')


def on_server(statement):
    import psycopg  # only where there is a server

    with psycopg.connect(f"{database_url().rpartition('/')[0]}/postgres", autocommit=True) as server:
        server.execute(statement)


def _commands():
    """Those of the database that this is."""
    [block] = [block for block in blocks("Backup and restore") if "# PostgreSQL" in block.commands]
    on_sqlite, _, on_postgresql = "\n".join(block.commands).replace("\\\n", "").partition("# PostgreSQL\n")
    lines = on_sqlite if connection.vendor == "sqlite" else on_postgresql
    return [line for line in lines.splitlines() if not line.startswith("#")]


def _server_of_postgresql():
    made = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    return {name: str(made[key]) for name, key in names.items() if made.get(key)}
