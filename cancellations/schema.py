"""Whether the database fits this version: which migrations it lacks, and which it has that this version does not know.

A migration that only adds what the version before can do without bears EXPANDS in its name. The name stands in the
database, so the version before knows that it can go on, and starts.
"""

from typing import NamedTuple

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

EXPANDS = "_expand_"


class Fit(NamedTuple):
    """Names of migrations, such as `cancellations.0001_initial`."""

    missing: list[str]
    newer: list[str]

    @property
    def breaking(self) -> list[str]:
        """Those of `newer` with which this version cannot work."""
        return [name for name in self.newer if EXPANDS not in name]


def fit() -> Fit:
    """What the database and this version do not have in common. A few queries."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    known = set(loader.disk_migrations).union(*(one.replaces for one in loader.disk_migrations.values()))
    newer = [key for key in loader.applied_migrations if key not in known and key[0] in loader.migrated_apps]
    plan = [(one.app_label, one.name) for one, _ in executor.migration_plan(loader.graph.leaf_nodes())]
    return Fit([".".join(key) for key in plan], sorted(".".join(key) for key in newer))


def why_not_start() -> str:
    """Why neither web nor worker may start on this database, and what to run; empty if they may."""
    found = fit()
    if found.breaking:
        return (
            f"The database is newer than this version: it has {', '.join(found.breaking)}. "
            "Start the version that made it, or restore the backup of before the update."
        )
    if found.missing:
        return (
            f"The database is not that of this version: it lacks {len(found.missing)} migrations, from "
            f"{found.missing[0]} on. Run: manage.py migrate"
        )
    return ""
