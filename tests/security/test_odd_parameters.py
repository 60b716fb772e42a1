"""Whatever somebody puts into an address or a form, the answer is a page of ours: never an error of the server."""

import uuid
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from cancellations.pages.calendar.forms import DayForm, PasteForm
from cancellations.pages.figures.forms import FiguresForm
from cancellations.pages.history.forms import HistoryForm
from cancellations.pages.machines.forms import AddMachineForm
from cancellations.pages.people.forms import AddPersonForm, FindPeopleForm
from cancellations.pages.requests.filters import RequestFilter
from cancellations.pages.requests.list_forms import NewRequestForm
from cancellations.pages.shops.forms import AddShopForm
from tests.people import approved, draft_of, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# What one database takes and another does not: times, numbers and characters out of range, and what searches escape.
OF_DATABASES = [
    *("0001-01-01", "9999-12-31", "-1", "9" * 18, "9" * 40, "1e999", "NaN"),
    *("%", "'", "\\", "\x00", "\U0010ffff", "x" * 5000),
]
# What is judged before any database is asked, and by the same code: it is tried on SQLite only.
OF_FORMS = [
    *("2026-02-30", "-1-1-1", "0", "1.1.1", "１２", ""),
    *("\r\n", "\u202e", "null", '{"a":1,"a":2}', "é" * 300, '"#"'),
]
ODD = OF_DATABASES if connection.vendor == "postgresql" else [*OF_DATABASES, *OF_FORMS]
KEYED = ("after", "before")
OF_ORDERS = ("outcome", "forecast", "is_changed", "supplier", "warehouse", "sort", "page", "print", "edit", "version")
# page -> the parameters that it reads
READS = {
    "cancellation-list": ("view", "sort", "page", "from", "until", *KEYED, *RequestFilter.base_fields),
    "cancellation": OF_ORDERS,
    "cancellation-progress": OF_ORDERS,
    "cancellation-numbers": OF_ORDERS,
    "cancellation-calls": KEYED,
    "history": (*KEYED, *HistoryForm.base_fields),
    "search": ("q",),
    "figures": ("from", "until", "days", *FiguresForm.base_fields),
    "person-list": tuple(FindPeopleForm.base_fields),
    "audit-copies": KEYED,
    "confirm-password": ("next",),
    "export-list": KEYED,
    "notices": KEYED,
    "calendar": ("year", "day"),
}


FILTERS = {
    "cancellation-list": RequestFilter,
    "history": HistoryForm,
    "figures": FiguresForm,
    "person-list": FindPeopleForm,
}
LEADING = {*KEYED, "view", "print", "edit", "version"}  # to another page, or another part of it


@pytest.fixture
def everything(shop, cast, browser_of):
    """Zhou Lan with every role, and requests to look at."""
    cast.zhoulan.groups.set(Group.objects.all())
    requests = SimpleNamespace(
        draft=draft_of(shop, cast.zhoulan, ["CG1", "CG2"]),
        waiting=submitted(shop, cast.lina, ["CG3"]),
        running=approved(shop, cast.lina, cast.wangqiang, ["CG4"]),
    )
    return browser_of(cast.zhoulan, confirmed=True), requests


def address_of(name, requests):
    if name.startswith("cancellation") and name != "cancellation-list":
        return reverse(name, args=[requests.draft.number])
    return reverse(name)


def given(fields, alone=()):
    """What a request gives each: every value of ODD in every field, in few requests.

    A field that refuses its value hides what the others would do with theirs. So what a field takes goes with what the
    others take, what it refuses with what they refuse; and each once refuses while the others have what is right.
    Whatever has no field takes what comes. What leads to another page stands alone.
    """
    taken, refused = {}, {}
    for name, field in fields.items():
        for odd in ODD:
            (taken if _takes(field, odd) else refused).setdefault(name, []).append(odd)
    for group in (taken, refused):
        for place in range(max(map(len, group.values()), default=0)):
            yield {name: odds[(place + step) % len(odds)] for step, (name, odds) in enumerate(group.items())}
    yield from ({name: odds[0]} for name, odds in refused.items())
    yield from ({name: odd} for name in alone for odd in ODD)


def _takes(field, odd):
    try:
        return field is None or field.clean(odd) is not None
    except ValidationError:
        return False


@pytest.mark.parametrize("name", READS)
def test_no_parameter_of_a_page_is_an_error(name, everything):
    client, requests = everything
    address = address_of(name, requests)
    form = FILTERS.get(name)
    fields = {one: form.base_fields.get(one) if form else None for one in READS[name] if one not in LEADING}
    for parameters in given(fields, alone=LEADING & set(READS[name])):
        assert client.get(address, parameters).status_code < 500, parameters


@pytest.mark.parametrize("name", READS)
def test_nor_is_one_several_times_or_for_a_part_of_the_page(name, everything):
    client, requests = everything
    address = address_of(name, requests)
    for place, odd in enumerate(ODD):
        other = ODD[(place * 7 + 3) % len(ODD)]
        parameters = {parameter: [odd, other, odd] for parameter in READS[name]}
        headers = {"HX-Request": "true", "HX-Target": "found"} if place % 2 else {}
        assert client.get(address, parameters, headers=headers).status_code < 500, (odd, other)


FORMS = {
    "cancellation-new": (NewRequestForm, {"step": "preview", "orders": "CG1\nCG2", "reason": "停产", "operation": "0"}),
    "person-add": (AddPersonForm, {"username": "neu", "name": "新"}),
    "machine-add": (AddMachineForm, {"name": "SAP-09", "networks": "10.0.0.0/8", "requests_per_day": "1"}),
    "calendar-set": (DayForm, {"day": "2027-02-06", "kind": "off", "name": "春节"}),
    "calendar-paste": (PasteForm, {}),
    "shop-add": (AddShopForm, {"name": "新店", "sid": "neu", "app_key": "k", "app_secret": "a:b"}),
}
STEPS = {"cancellation-new": ("step", "take", "take_all", "token", "upload")}


@pytest.mark.parametrize("name", FORMS)
def test_no_field_of_a_form_is_an_error(name, everything, shop):
    client, _requests = everything
    form, fine = FORMS[name]
    fine = fine | {"shop": shop.pk, "token": str(uuid.uuid4())}
    for fields in given(form.base_fields, alone=STEPS.get(name, ())):
        assert client.post(reverse(name), fine | fields).status_code < 500, fields


VERBS = {
    "cancellation-approve": ("seen_hash", "note"),
    "cancellation-reject": ("seen_hash", "note"),
    "cancellation-drop": ("why", "lines", "seen"),
    "cancellation-put-back": ("event", "drop"),
    "cancellation-edit": ("operation", "allow_checked", "reason", "reason_kind", "wanted_by"),
    "cancellation-stop": ("note",),
    "cancellation-copy": ("token", "why"),
    "cancellation-by-hand": ("order", "as_done", "note", "lines"),
    "cancellation-pause-account": ("note",),
}


@pytest.mark.parametrize("name", VERBS)
def test_no_field_of_a_button_is_an_error(name, everything):
    client, requests = everything
    waits = ("cancellation-approve", "cancellation-reject")
    one = requests.waiting if name in waits else requests.running if name == "cancellation-stop" else requests.draft
    for field in VERBS[name]:
        for odd in ODD:
            answer = client.post(reverse(name, args=[one.number]), {field: odd})
            assert answer.status_code < 500, (field, odd)
