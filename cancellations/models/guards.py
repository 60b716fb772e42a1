"""Triggers that keep the history and its chain as they were written, whoever speaks to the database."""

TABLES = {"events": "cancellations_event", "links": "cancellations_chainlink"}


def _sqlite(rows, table):
    for what, done in (("UPDATE", "changed"), ("DELETE", "deleted")):
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {rows}_are_not_{done} BEFORE {what} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{rows} are never changed or deleted'); END"
        )


def _postgresql(rows, table):
    yield (
        f"CREATE OR REPLACE FUNCTION refuse_to_change_{rows}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{rows} are never changed or deleted'; END $$"
    )
    for done, what, each in (
        ("changed", "UPDATE OR DELETE", "ROW"),
        ("deleted", "TRUNCATE", "STATEMENT"),
    ):
        yield (
            f"CREATE OR REPLACE TRIGGER {rows}_are_not_{done} BEFORE {what} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_to_change_{rows}()"
        )


def install(connection):
    """On those of the tables that there are: the first migrations come before the chain."""
    statements = _sqlite if connection.vendor == "sqlite" else _postgresql
    for rows, table in _present(connection):
        for statement in statements(rows, table):
            _execute(connection, statement)


def remove(connection):
    for rows, table in _present(connection):
        where = "" if connection.vendor == "sqlite" else f" ON {table}"
        for done in ("changed", "deleted"):
            _execute(connection, f"DROP TRIGGER IF EXISTS {rows}_are_not_{done}{where}")


def _present(connection):
    there = set(connection.introspection.table_names())
    return [(rows, table) for rows, table in TABLES.items() if table in there]


def _execute(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
