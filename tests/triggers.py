"""The triggers that keep the history as it was written: how a test goes around them."""

from django.db import connection

FOUND_BY = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    ),
}


def drop_triggers():
    """Returns the statements that put them back."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND_BY[connection.vendor])
        found = cursor.fetchall()
        for name, table, _statement in found:
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    return [statement for _name, _table, statement in found]


def put_back(statements):
    """Takes what `drop_triggers` has returned."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
