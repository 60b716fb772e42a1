"""Triggers that keep the history as it was written, whoever speaks to the database."""

TABLE = "cancellations_event"
WORDS = "events are never changed or deleted"

SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS events_are_not_{done} BEFORE {what} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    for what, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
]
POSTGRESQL = [
    f"CREATE OR REPLACE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$",
    f"CREATE OR REPLACE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE ON {TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION refuse_to_change_events()",
    f"CREATE OR REPLACE TRIGGER events_are_not_deleted BEFORE TRUNCATE ON {TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events()",
]


def install(connection):
    for statement in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
        _execute(connection, statement)


def remove(connection):
    table = "" if connection.vendor == "sqlite" else f" ON {TABLE}"
    for done in ("changed", "deleted"):
        _execute(connection, f"DROP TRIGGER IF EXISTS events_are_not_{done}{table}")


def _execute(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
