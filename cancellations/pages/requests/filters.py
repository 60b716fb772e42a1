"""Which requests a list shows: a form that the address fills; nonsense in it is left out rather than refused."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from cancellations import words
from cancellations.models import CancellationRequest, Operation, OrderLine, Person, Shop
from cancellations.models.figures import LIMITS

Status = CancellationRequest.Status
# what was done within one of the LIMITS, but not within the one before: from when to when
TOOK = {"decided": ("submitted_at", "decided_at"), "ended": ("decided_at", "ended_at")}
DRAFTS, WAITING, RUNNING, UNSETTLED, ENDED = "drafts", "waiting", "running", "unsettled", "ended"
# the tabs of a list
GROUPS = {
    "": pgettext_lazy("filter", "All"),
    DRAFTS: gettext_lazy("Drafts"),
    WAITING: gettext_lazy("Awaiting approval"),
    RUNNING: pgettext_lazy("requests", "In progress"),
    UNSETTLED: gettext_lazy("To be confirmed"),
    ENDED: pgettext_lazy("requests", "Ended"),
}
STATUSES = {
    DRAFTS: (Status.DRAFT,),
    WAITING: (Status.SUBMITTED,),
    RUNNING: CancellationRequest.IN_PROGRESS,
    ENDED: CancellationRequest.ENDED,
}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # days that every database can turn into UTC


def _day(label):
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class RequestFilter(forms.Form):
    """What of a list is shown. `shown` is the part of the address that was understood."""

    group = forms.ChoiceField(choices=list(GROUPS.items()), required=False, widget=forms.HiddenInput)
    status = forms.MultipleChoiceField(choices=Status.choices, required=False, widget=forms.MultipleHiddenInput)
    shop = forms.ModelChoiceField(
        Shop.objects.none(), label=gettext_lazy("Seller account"), required=False, empty_label=GROUPS[""]
    )
    requester = forms.ModelChoiceField(
        Person.objects.none(),
        label=pgettext_lazy("label", "Requester"),
        required=False,
        to_field_name="username",
        empty_label=GROUPS[""],
    )
    operation = forms.ChoiceField(label=pgettext_lazy("label", "Operation"), required=False)
    decided = forms.TypedChoiceField(
        choices=[(str(which), "") for which in range(len(LIMITS) + 1)],
        coerce=int,
        required=False,
        widget=forms.HiddenInput,
    )
    ended = forms.TypedChoiceField(
        choices=[(str(which), "") for which in range(len(LIMITS) + 1)],
        coerce=int,
        required=False,
        widget=forms.HiddenInput,
    )
    unmarked = ("shop", "requester", "operation", "from", "until")

    def __init__(self, data: QueryDict, *, person: Person) -> None:
        super().__init__(data)
        self.fields["from"] = _day(gettext_lazy("Submitted from"))
        self.fields["until"] = _day(gettext_lazy("Submitted until"))
        shops = Shop.objects.for_user(person)
        self.fields["shop"].queryset = shops
        asked = CancellationRequest.objects.filter(requester=OuterRef("pk"), shop__in=shops)
        self.fields["requester"].queryset = Person.objects.filter(Exists(asked)).order_by("username")
        self.fields["operation"].choices = [("", GROUPS[""]), *Operation.choices]
        self.full_clean()
        known = {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}
        for name in ("from", "until"):
            if name in known and not FIRST_DAY <= known[name] <= LAST_DAY:
                del known[name]
        self.known: dict[str, Any] = known
        self.shown = QueryDict(mutable=True)
        for name in known:
            self.shown.setlist(name, data.getlist(name) if name == "status" else [data[name]])

    def narrow(self, requests: QuerySet[CancellationRequest]) -> QuerySet[CancellationRequest]:
        """Those of the requests that are asked for."""
        known = self.known
        if "group" in known:
            requests = _of_group(requests, known["group"])
        if "status" in known:
            requests = requests.filter(status__in=known["status"])
        for name in ("shop", "requester", "operation"):
            if name in known:
                requests = requests.filter(**{name: known[name]})
        if "from" in known:
            requests = requests.filter(submitted_at__gte=_midnight(known["from"]))
        if "until" in known:
            requests = requests.filter(submitted_at__lt=_midnight(known["until"]) + timedelta(days=1))
        limits = list(LIMITS.values())
        for what, (start, end) in TOOK.items():
            if what not in known:
                continue
            requests = requests.filter(**{f"{start}__isnull": False, f"{end}__isnull": False})
            if what == "ended":
                requests = requests.filter(status=Status.FINISHED)
            if (which := known[what]) > 0:
                requests = requests.filter(**{f"{end}__gt": F(start) + limits[which - 1]})
            if which < len(limits):
                requests = requests.filter(**{f"{end}__lte": F(start) + limits[which]})
        return requests

    def applied(self) -> list[tuple[str, str]]:
        """[(what is applied in words, the query without it)]; the tab is not among them."""
        labels = {
            "status": lambda value: pgettext("list", ", ").join(str(Status(each).label) for each in value),
            "shop": lambda value: value.name,
            "requester": str,
            "operation": lambda value: str(Operation(int(value)).label),
            "from": lambda value: _("submitted from %(day)s") % {"day": value},
            "until": lambda value: _("submitted until %(day)s") % {"day": value},
            "decided": lambda value: _("time to decision: %(time)s") % {"time": words.figures.TIMES[value]},
            "ended": lambda value: _("time to outcome: %(time)s") % {"time": words.figures.TIMES[value]},
        }
        return [(label(self.known[name]), self._without(name)) for name, label in labels.items() if name in self.known]

    def tabs(self, requests: QuerySet[CancellationRequest], *, with_drafts: bool) -> list[dict[str, Any]]:
        """The tabs with their queries; those of what is still open with how many there are."""
        of_status = dict(
            requests.filter(status__in=(*CancellationRequest.UNDECIDED, *CancellationRequest.IN_PROGRESS))
            .order_by()
            .values_list("status")
            .annotate(Count("pk"))
        )
        counts = {
            group: sum(of_status.get(status, 0) for status in STATUSES[group]) for group in (DRAFTS, WAITING, RUNNING)
        }
        counts[UNSETTLED] = _of_group(requests, UNSETTLED).count()
        return [
            {
                "label": label,
                "count": counts.get(group),
                "query": self._without("group") if not group else self._with(group=group),
                "current": self.known.get("group", "") == group,
            }
            for group, label in GROUPS.items()
            if group != DRAFTS or with_drafts
        ]

    def _without(self, name):
        left = self.shown.copy()
        left.pop(name, None)
        return left.urlencode()

    def _with(self, **changes):
        query = self.shown.copy()
        for name, value in changes.items():
            query[name] = value
        return query.urlencode()


def _of_group(requests, group):
    if group != UNSETTLED:
        return requests.filter(status__in=STATUSES[group])
    unknown = OrderLine.objects.filter(outcome=OrderLine.Outcome.UNKNOWN).values("cancellation")
    return requests.filter(Q(pk__in=unknown) | Q(pk__in=OrderLine.objects.for_people().values("cancellation")))


def _midnight(day):
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
