"""What the page of figures draws: each chart has its numbers once, for the picture and for the table under it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cancellations import words
from cancellations.figures.reading import Asked, Figures
from cancellations.figures.reasons import quoted
from cancellations.models import CancellationRequest, OrderLine
from cancellations.models.figures import OUTCOMES, STATUSES
from cancellations.pages.figures.links import history_url, requests_url

Status, Outcome, KnownBy = CancellationRequest.Status, OrderLine.Outcome, OrderLine.KnownBy
FEW, MANY = 4, 10  # bars


class Series(NamedTuple):
    label: str
    tone: str  # one of the five of app.css
    columns: tuple = ()


class Cell(NamedTuple):
    series: Series | None
    value: int | str
    url: str | None  # of the list behind the number; None where there is nothing to list

    @property
    def linked(self) -> str:
        """HTML: the number with its link, if there is one."""
        if not self.url:
            return intcomma(self.value) if self.value else "0"
        return format_html('<a href="{}">{}</a>', self.url, intcomma(self.value))


def cell(series: Series, value: int, url: str, asked: Asked, *about: str, **filters: Any) -> Cell:
    """`url` is called only where there is something to list: most numbers of a page are zero."""
    return Cell(series, value, url(asked, *about, **filters) if value and asked else None)


def tds(cells: list[Cell]) -> str:
    """HTML: the numbers of a row. Not a template's, because a page has hundreds."""
    row = ((" zero" * (not cell.value), cell.series.label, cell.linked) for cell in cells)
    return format_html_join("", '<td class="number{}" data-label="{}">{}</td>', row)


@dataclass
class Chart:
    name: str
    kind: str  # stacked, grouped, ranked (horizontal, one series) or compared (horizontal, stacked)
    title: str
    heading: str  # of the first column
    series: list[Series]
    rows: list[tuple[str, list[Cell]]]  # what a row is about, and one cell for each of the series
    labels: list[str] | None = None  # in the picture, where those of the rows are too long

    @property
    def is_empty(self) -> bool:
        return not any(one.value for _, cells in self.rows for one in cells)

    @property
    def told(self) -> list[tuple[str, str]]:
        """The rows of the table, label and numbers: those in which there is something."""
        return [(label, tds(cells)) for label, cells in self.rows if any(one.value for one in cells)]

    @property
    def size(self) -> str:
        """How high it has to be: bars that lie need room below each other."""
        if self.kind not in ("ranked", "compared"):
            return ""
        return "low" if len(self.rows) <= FEW else "high" if len(self.rows) > MANY else ""

    @property
    def drawn(self) -> dict[str, Any]:
        """What the script of the page needs."""
        columns = zip(*(cells for _, cells in self.rows), strict=True)
        return {
            "kind": self.kind,
            "labels": self.labels or [label for label, _ in self.rows],
            "series": [
                {"label": series.label, "tone": series.tone, "values": [one.value for one in cells]}
                for series, cells in zip(self.series, columns, strict=True)
            ],
        }


def charts(found: Figures) -> list[Chart]:
    """All that the page shows, in its order."""
    tones = dict.fromkeys(STATUSES, "neutral") | {
        "requests_finished": "success",
        "requests_in_progress": "info",
        "requests_awaiting": "info",
        "requests_rejected": "danger",
        "requests_stopped": "warning",
    }
    series = [Series(str(words.figures.REQUESTS[column]), tones[column], (column,)) for column in STATUSES]

    def requests_of(asked, one):
        [column] = one.columns
        return requests_url(asked, status=[str(status) for status in STATUSES[column]])

    requests = _over_time("requests", _("Requests by status"), found, series, requests_of)
    orders = _over_time("orders", _("Orders by outcome"), found, order_series(), orders_url)
    refused = Series(pgettext("label", "Orders"), "danger")
    rows = []
    for reason in found.reasons:
        about = {"outcome": str(Outcome.REFUSED), "known_by": reason.known_by, "why": reason.why or None}
        if reason.known_by == KnownBy.REPORTED:
            about["words"] = quoted(reason.words)
        rows.append((words.figures.reason(reason), [cell(refused, reason.orders, history_url, found.asked, **about)]))
    known = {KnownBy.REPORTED: _("Reported by the ERP"), KnownBy.VERIFIED: _("Verified with the ERP")}
    known[KnownBy.BY_HAND] = _("Recorded manually")
    looks = {KnownBy.REPORTED: "info", KnownBy.VERIFIED: "success", KnownBy.BY_HAND: "warning"}
    columns = {how: tuple(name for name, (_, known_by) in OUTCOMES.items() if known_by == how) for how in known}
    by_source = {Series(known[how], looks[how], columns[how]): str(how) for how in known}
    sources = _over_time(
        "sources",
        _("Orders by outcome source"),
        found,
        list(by_source),
        lambda asked, one: history_url(asked, known_by=by_source[one]),
    )
    heading = pgettext("label", "Reason")
    reasons = Chart("reasons", "ranked", _("Refusal reasons"), heading, [refused], rows)
    taken = {
        "decided": Series(_("Submission to decision"), "info"),
        "ended": Series(_("Approval to last outcome"), "success"),
    }
    bins = {what: found.total.bins(what) for what in taken}
    rows = [
        (str(time), [cell(taken[what], bins[what][n], requests_url, found.asked, **{what: n}) for what in taken])
        for n, time in enumerate(words.figures.TIMES)
    ]
    times = Chart("times", "grouped", _("Requests by time taken"), _("Time taken"), list(taken.values()), rows)
    return [requests, orders, times, sources, reasons]


def order_series() -> list[Series]:
    return [
        Series(pgettext("outcome", "Done"), "success", _columns(Outcome.DONE)),
        Series(pgettext("outcome", "Refused"), "danger", _columns(Outcome.REFUSED)),
        Series(pgettext("outcome", "Unknown"), "warning", _columns(Outcome.UNKNOWN)),
        Series(pgettext("outcome", "Not sent"), "neutral", _columns(Outcome.SKIPPED)),
        Series(_("Waiting or sending"), "info", _columns(Outcome.WAITING)),
    ]


def _columns(outcome):
    return tuple(column for column, (outcomes, _) in OUTCOMES.items() if outcome in outcomes)


def orders_url(asked: Asked, series: Series) -> str:
    """The orders; of those that are on their way, the requests that they are in."""
    outcomes = {outcome for column in series.columns for outcome in OUTCOMES[column][0]}
    if len(outcomes) == 1:
        return history_url(asked, outcome=str(*outcomes))
    return requests_url(asked, status=[str(status) for status in (Status.SUBMITTED, *CancellationRequest.IN_PROGRESS)])


def _over_time(name, title, found, series, url):
    rows, labels = [], []
    for period, numbers in found.periods.items():
        days = (period.last - period.first).days
        asked = found.asked._replace(first=period.first, last=period.last)
        rows.append(
            (
                f"{period.first} – {period.last}" if days else f"{period.first}",
                [cell(one, numbers.of(*one.columns), url, asked, one) for one in series],
            )
        )
        # A month as such, also where it is cut; else the days without their year.
        last = f" – {period.last:%m-%d}" if days else ""
        labels.append(f"{period.first:%Y-%m}" if days > 6 else f"{period.first:%m-%d}{last}")
    return Chart(name, "stacked", title, _("Submitted on"), series, rows, labels)
