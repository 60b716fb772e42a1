"""The rows of the page of the history, as HTML: a template takes several times as long for a hundred of them."""

from functools import cache
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.translation import get_language

from cancellations import words
from cancellations.models import Operation, OrderLine
from cancellations.templatetags.parts import badge

HEAD = (
    '<thead><tr><th scope="col">{order}</th><th scope="col">{outcome}</th><th scope="col">{request}</th>'
    '<th scope="col">{shop}</th><th scope="col">{people}</th><th scope="col">{submitted}</th></tr></thead>'
)
# What stands in double braces is put in for each row, the rest once for all of them.
ROW = (
    '<tr><th scope="row" class="order" data-label="{order}"><a class="order-no" href="{{}}">{{}}</a></th>'
    '<td data-label="{outcome}"><span>{{}}{{}}</span></td>{{}}</tr>'
)
REQUEST = (
    '<td data-label="{request}"><span><a class="order-no" href="{address}{{}}/">{{}}</a> '
    '<small class="muted">{{}}</small></span></td><td data-label="{shop}">{{}}</td>'
    '<td data-label="{people}"><span>{{}}</span></td><td data-label="{submitted}">{{}}</td>'
)
NO_REQUEST = "CR00000000-0000"  # for an address without its number


class Rows:
    """Makes rows; what many of them share is made once."""

    def __init__(self, shops):
        self._shops = _escaped(shops)
        self._operations = _escaped(words.history.labels(Operation))
        self._outcomes = words.history.labels(OrderLine.Outcome)
        self._whys = words.history.labels(OrderLine.Why)
        self._requests, self._people, self._stories = {}, {}, {}
        self.head, self._row_html, self._request_html = _forms(get_language())

    def row(self, found):
        """{"order_no", "url": of its story, "html"} of a search.Found."""
        url = f"{self._stories_of(found.shop_id)}{quote(found.order_no)}/"
        why = f"{self._whys[found.why]} {found.message}".strip()
        html = format_html(
            self._row_html,
            *(url, found.order_no, self._outcome(found)),
            why and format_html(" <small>{}</small>", why),
            self._requests.get(found.number) or self._request(found),
        )
        return {"order_no": found.order_no, "url": url, "html": html}

    def _outcome(self, found):
        known_by = words.history.SHORT_KNOWN_BY.get(found.known_by, "")
        return badge("outcome", found.outcome, self._outcomes[found.outcome], known_by)

    def _stories_of(self, shop):
        """The address of a story, without its order: to look it up a hundred times takes longer than the search."""
        if shop not in self._stories:
            self._stories[shop] = reverse("order-story", args=[shop, "-"]).removesuffix("-/")
        return self._stories[shop]

    def _request(self, found):
        """The cells that all orders of a request share."""
        at = found.submitted_at
        time = format_html('<time datetime="{}">{}</time>', at, at[:16]) if at else ""
        made = self._requests[found.number] = format_html(
            self._request_html,
            *(found.number, found.number, self._operations[found.operation], self._shops[found.shop_id]),
            *(self._people_of(found.requester, found.decider), time),
        )
        return made

    def _people_of(self, requester, decider):
        if (requester, decider) not in self._people:
            below = format_html(' <small class="muted">{}</small>', decider) if decider else ""
            self._people[requester, decider] = format_html("{}{}", requester, below)
        return self._people[requester, decider]


@cache
def _forms(_language):
    """The head of the table, and what rows and the cells of requests are made from."""
    headings = words.history.headings_of_rows()  # on a narrow screen each cell repeats its own
    address = reverse("cancellation", args=[NO_REQUEST]).removesuffix(f"{NO_REQUEST}/")
    return tuple(format_html(form, address=address, **headings) for form in (HEAD, ROW, REQUEST))


def _escaped(texts):
    return {key: conditional_escape(text) for key, text in texts.items()}
