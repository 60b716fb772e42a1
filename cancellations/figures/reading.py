"""Reads the figures of the days: over time, by shop, person or one trait of the orders, and why they were refused.

Four queries, and one more for what the page has to know before it knows what is asked for. Of a long range the months
that lie wholly in it are read as such, and only what is left of it day by day.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, Manager, Q, QuerySet, Subquery, Sum

from cancellations.figures.months import REASON
from cancellations.models import (
    DailyFigures,
    DailyRefusals,
    DailyShares,
    FiguresCursor,
    MonthlyFigures,
    MonthlyRefusals,
    MonthlyShares,
    Person,
    Shop,
    StaleDay,
)
from cancellations.models.figures import CALLS, COUNTED, LIMITS, OUTCOMES, PER_YUAN, SHARES, STATUSES, Trait

REASONS_SHOWN = 10
VALUES_SHOWN = 20  # of a trait
DAYS_BY_DAY, DAYS_BY_WEEK = 31, 92  # of a longer range whole months are shown


class Asked(NamedTuple):
    """A range of days, both included, and perhaps only one shop, one requester (by user name), one operation.

    `by` is the trait of the orders to be counted by: one, because a year of many suppliers has a row for each order.
    """

    first: date
    last: date
    shop: int | None = None
    person: str | None = None
    operation: int | None = None
    by: Trait = Trait.REASON


class Period(NamedTuple):
    """A day, a week or a month, as far as it lies in the range that was asked for."""

    first: date
    last: date


class Reason(NamedTuple):
    known_by: str
    why: str
    words: str
    orders: int


class Share(NamedTuple):
    """Orders with the same value of a trait; amounts in yuan, as far as the ERP showed them."""

    value: str
    orders: int
    done: int
    refused: int
    amount_done: Decimal
    amount_not_done: Decimal


class Numbers:
    """Sums of the columns of DailyFigures, and what follows from them."""

    def __init__(self, rows: Iterable[Sequence[int]] = ()) -> None:
        """`rows` are tuples of all COUNTED columns; they are summed column by column, which is quick."""
        self.sums = (
            dict(zip(COUNTED, map(sum, zip(*rows, strict=True)), strict=True)) if rows else dict.fromkeys(COUNTED, 0)
        )

    def of(self, *columns: str) -> int:
        """The sum of these columns."""
        return sum(self.sums[column] for column in columns)

    def starting(self, prefix: str) -> int:
        """The sum of the outcomes whose names begin so."""
        return self.of(*(column for column in OUTCOMES if column.startswith(prefix)))

    @property
    def requests(self) -> int:
        return self.of(*STATUSES)

    @property
    def orders(self) -> int:
        return self.of(*OUTCOMES)

    @property
    def done(self) -> int:
        return self.starting("orders_done")

    @property
    def done_before(self) -> int:
        """Of those that are done: what was so before the request, or perhaps was."""
        return self.of("orders_before")

    @property
    def calls(self) -> dict[str, int]:
        """Calls of the ERP by their purpose."""
        return {purpose: self.of(column) for purpose, column in CALLS.items()}

    @property
    def amounts(self) -> tuple[Decimal, Decimal]:
        """(yuan that were cancelled or stopped, yuan that were not), as far as the ERP showed them."""
        return Decimal(self.of("amount_done")) / PER_YUAN, Decimal(self.of("amount_not_done")) / PER_YUAN

    @property
    def refused(self) -> int:
        return self.starting("orders_refused")

    @property
    def verified(self) -> int:
        return self.of("orders_done_verified", "orders_refused_verified")

    @property
    def share_verified(self) -> float | None:
        """Of the orders whose outcome is known; None if there are none."""
        known = self.done + self.refused
        return self.verified / known if known else None

    def mean(self, what: str) -> timedelta | None:
        """How long it took on average (`what`: decided, ended) as a timedelta; None if nothing did."""
        return timedelta(seconds=self.sums[f"{what}_seconds"] / self.sums[what]) if self.sums[what] else None

    def bins(self, what: str) -> list[int]:
        """How many took up to each of the LIMITS and longer than the one before, and how many longer than all."""
        reached = [0, *(self.sums[f"{what}_in_{limit}"] for limit in LIMITS), self.sums[what]]
        return [after - before for before, after in itertools.pairwise(reached)]

    def half_in(self, what: str) -> str | None:
        """The least of the LIMITS that at least half of them kept; None if half took longer than all, or none did."""
        return next(
            (limit for limit in LIMITS if self.sums[what] and 2 * self.sums[f"{what}_in_{limit}"] >= self.sums[what]),
            None,
        )


def together(many: Iterable[Numbers]) -> Numbers:
    """The sums of many Numbers."""
    return Numbers([tuple(numbers.sums.values()) for numbers in many])


@dataclass
class Figures:
    asked: Asked
    people: dict[str, str]  # user name -> name of everybody who asked for something in the range
    total: Numbers
    periods: dict[Period, Numbers]  # all of the range, in order, also those with nothing in them
    by_shop: dict[int, Numbers]
    by_person: dict[str, Numbers]
    reasons: list[Reason]  # the most frequent first
    shares: list[Share]  # of the trait; the values with the most orders first, those after the first ones are left out


def own_shops(user: Person) -> tuple[list[Shop], datetime | None, bool]:
    """(the person's shops, until when everything is counted or None, whether something is left to be counted)"""
    mark = FiguresCursor.objects.filter(pk=1).values("looked_at")
    shops: list[Any] = list(
        Shop.objects.for_user(user)
        .order_by("name")
        .annotate(counted_until=Subquery(mark), is_counting=Exists(StaleDay.objects.all()))
    )
    return shops, shops[0].counted_until if shops else None, any(shop.is_counting for shop in shops)


def read(shops: Sequence[Shop], asked: Asked) -> Figures:
    """The figures of these shops, which have to be the person's own."""
    rows: list[Sequence[int]] = []
    starts: defaultdict[date, list[Sequence[int]]] = defaultdict(list)
    of_shop: defaultdict[int, list[Sequence[int]]] = defaultdict(list)
    of_person: defaultdict[str, list[Sequence[int]]] = defaultdict(list)
    # Not limited to the shop and the person that were asked for: the page offers the others.
    key = (_unit(asked), "shop", "requester")
    all_rows = list(_sums(DailyFigures.objects, MonthlyFigures.objects, asked, key, COUNTED, shop__in=shops))
    # Joined to the figures, the people would take as long as these.
    found = Person.objects.filter(pk__in={row[2] for row in all_rows}).only("username", "name")
    people = {person.pk: (person.username, str(person)) for person in found}
    for start, shop, requester, *row in all_rows:
        person, _ = people[requester]
        if asked.shop in (None, shop) and asked.person in (None, person):
            for wanted in (rows, starts[start], of_shop[shop], of_person[person]):
                wanted.append(row)
    refusals: Counter[tuple[str, str, str]] = Counter()
    about: dict[str, Any] = {"shop__in": [shop for shop in shops if asked.shop in (None, shop.pk)]}
    if asked.person is not None:
        about["requester__username"] = asked.person
    for known_by, why, words, count in _sums(
        DailyRefusals.objects, MonthlyRefusals.objects, asked, REASON, ("orders",), **about
    ):
        refusals[known_by, why, words] += count
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for value, *counts in _sums(
        DailyShares.objects, MonthlyShares.objects, asked, ("value",), SHARES, trait=asked.by, **about
    ):
        sums[value].update(dict(zip(SHARES, counts, strict=True)))
    largest = sorted(sums.items(), key=lambda item: (-item[1]["orders"], item[0]))[:VALUES_SHOWN]
    most = sorted((-count, words, why, known_by) for (known_by, why, words), count in refusals.items())[:REASONS_SHOWN]
    return Figures(
        asked,
        dict(people.values()),
        Numbers(rows),
        {period: Numbers(starts[_start(asked, period.first)]) for period in periods_of(asked)},
        {shop: Numbers(own) for shop, own in of_shop.items()},
        {person: Numbers(own) for person, own in of_person.items()},
        [Reason(known_by, why, words, -count) for count, words, why, known_by in most],
        [_share(value, counts) for value, counts in largest],
    )


def _share(value: str, counts: Counter[str]) -> Share:
    yuan = (Decimal(counts[column]) / PER_YUAN for column in ("amount_done", "amount_not_done"))
    return Share(value, counts["orders"], counts["done"], counts["refused"], *yuan)


def _sums(
    daily: Manager[Any],
    monthly: Manager[Any],
    asked: Asked,
    key: Sequence[str],
    columns: Sequence[str],
    **about: Any,
) -> QuerySet[Any, Any]:
    """(the key, the sums of the columns), perhaps twice for the same key: once of whole months, once of other days."""
    if asked.operation is not None:
        about["operation"] = asked.operation
    # The months that lie wholly in a range which is shown by month begin here, and end before there.
    begin, end = asked.first, (asked.last + timedelta(days=1)).replace(day=1)
    if begin.day > 1:
        begin = (begin.replace(day=1) + timedelta(days=31)).replace(day=1)
    if _unit(asked) != "month" or begin >= end:
        return _grouped(daily.filter(day__gte=asked.first, day__lte=asked.last, **about), key, columns)
    before = Q(day__gte=asked.first, day__lt=begin)
    days = daily.filter(before | Q(day__gte=end, day__lte=asked.last), **about)
    months = monthly.filter(month__gte=begin, month__lt=end, **about)
    return _grouped(days, key, columns).union(_grouped(months, key, columns), all=True)


def _grouped(rows: QuerySet[Any], key: Sequence[str], columns: Sequence[str]) -> QuerySet[Any, Any]:
    if rows.model is DailyFigures and "day" in key:  # a person has one row a day and operation
        return rows.order_by().values_list(*key, *columns)
    sums = {column: Sum(column) for column in columns}
    grouped: QuerySet[Any, Any] = rows.order_by().values(*key).annotate(**sums).values_list(*key, *columns)
    return grouped


def _unit(asked: Asked) -> str:
    days = (asked.last - asked.first).days + 1
    return "day" if days <= DAYS_BY_DAY else "week" if days <= DAYS_BY_WEEK else "month"


def _start(asked: Asked, day: date) -> date:
    """The first day of the day's week or month, or the day itself."""
    unit = _unit(asked)
    if unit == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if unit == "week" else day


def periods_of(asked: Asked) -> list[Period]:
    """Every day, week or month of the range, the first and the last one cut to it."""
    first, periods = asked.first, []
    while first <= asked.last:
        following = first
        while following <= asked.last and _start(asked, following) == _start(asked, first):
            following += timedelta(days=1)
        periods.append(Period(first, following - timedelta(days=1)))
        first = following
    return periods
