"""Keeps the months the sums of their days: what a day loses and gets, its month loses and gets.

Summed up anew, a month of many suppliers would take seconds, each minute, and nobody else writes meanwhile on SQLite.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import Model

from cancellations.models import (
    DailyFigures,
    DailyRefusals,
    DailyShares,
    MonthlyFigures,
    MonthlyRefusals,
    MonthlyShares,
)
from cancellations.models.figures import COUNTED, SHARES, STATUSES, Trait

WHOSE = ("shop_id", "operation", "requester_id")
REASON = ("known_by", "why", "words")
SHARE = ("trait", "value")

_TAKE_OUT = """
    UPDATE {months} SET {less} FROM {days} AS d WHERE {of_the_day} AND {months}.month = %s AND {same}
"""
_DROP_THE_EMPTY = """
    DELETE FROM {months} WHERE id IN (
        SELECT {months}.id FROM {days} AS d JOIN {months} ON {months}.month = %s AND {same}
        WHERE {of_the_day} AND {nothing}
    )
"""
_DROP_THE_DAY = "DELETE FROM {days} AS d WHERE {of_the_day}"
_PUT_IN = """
    INSERT INTO {months} (month, {key}, {columns}) SELECT %s, {key}, {columns} FROM {days} AS d WHERE {of_the_day}
    ON CONFLICT (month, {key}) DO UPDATE SET {more}
"""


class _Kept(NamedTuple):
    """What is kept of days and of months: whose a row is, what is summed, and what is not zero in any row."""

    daily: type[Model]
    monthly: type[Model]
    key: Sequence[str]
    columns: Sequence[str]
    never_nothing: Sequence[str]
    of_the_day: str = "d.day = %s"

    def sql(self, statement: str) -> str:
        months = self.monthly._meta.db_table
        return statement.format(
            days=self.daily._meta.db_table,
            months=months,
            key=", ".join(self.key),
            columns=", ".join(self.columns),
            of_the_day=self.of_the_day,
            same=" AND ".join(f"{months}.{name} = d.{name}" for name in self.key),
            nothing=" AND ".join(f"{months}.{name} = 0" for name in self.never_nothing),
            less=", ".join(f"{name} = {months}.{name} - d.{name}" for name in self.columns),
            more=", ".join(f"{name} = {months}.{name} + excluded.{name}" for name in self.columns),
        )


# The index of the shares begins with the trait.
_OF_THE_DAY = "d.trait IN ({}) AND d.day = %s".format(", ".join(f"'{trait}'" for trait in Trait))
_KEPT = (
    _Kept(DailyFigures, MonthlyFigures, WHOSE, COUNTED, tuple(STATUSES)),
    _Kept(DailyRefusals, MonthlyRefusals, (*WHOSE, *REASON), ("orders",), ("orders",)),
    _Kept(DailyShares, MonthlyShares, (*WHOSE, *SHARE), SHARES, ("orders",), _OF_THE_DAY),
)


def take_out(day: date) -> None:
    """Drops the figures of a day, and takes them out of its month."""
    month = day.replace(day=1)
    with connection.cursor() as cursor:
        for kept in _KEPT:
            cursor.execute(kept.sql(_TAKE_OUT), [day, month])
            cursor.execute(kept.sql(_DROP_THE_EMPTY), [month, day])
            cursor.execute(kept.sql(_DROP_THE_DAY), [day])


def put_in(day: date) -> None:
    """Adds the figures of a day, which have been written, to its month."""
    with connection.cursor() as cursor:
        for kept in _KEPT:
            cursor.execute(kept.sql(_PUT_IN), [day.replace(day=1), day])


def drop_all() -> None:
    """Drops the figures of all days and months."""
    for kept in _KEPT:
        kept.daily._default_manager.all().delete()
        kept.monthly._default_manager.all().delete()
