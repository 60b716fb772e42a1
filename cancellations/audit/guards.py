"""The triggers that keep events and links as they were written: whether they are there."""

from django.db import connection

from cancellations.models.chain import GUARDS

_FOUND_BY = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    # One that is disabled guards nothing.
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}


def missing() -> list[str]:
    """The names of the guards that the database lacks. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND_BY[connection.vendor])
        return sorted(GUARDS[connection.vendor] - {name for (name,) in cursor.fetchall()})
