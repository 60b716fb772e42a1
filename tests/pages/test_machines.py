"""The pages of machines: who gets them, what they show, and that a token is shown once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import AccessChange, ApiToken, CancellationRequest, Event, Machine
from tests import made_machines
from tests.people import submitted

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "SAP-02",
    "may_request": "on",
    "networks": "10.20.0.0/16",
    "requests_per_day": "50",
    "orders_per_day": "1000",
    "amount_per_day": "",
}


@pytest.fixture
def machine(shop, cast):
    return made_machines.machine(shop, responsible=cast.wangqiang)


@pytest.fixture
def admin(cast, browser_of):
    return browser_of(cast.zhaolei, confirmed=True)


def test_an_administrator_adds_a_machine_that_waits(admin, shop, cast):
    typed = TYPED | {"shops": [shop.pk], "responsible": cast.wangqiang.pk}
    answer = admin.post("/machines/new/", typed)
    machine = Machine.objects.get()
    assert answer.url == f"/machines/{machine.pk}/"
    page = admin.get(answer.url).content.decode()
    assert "SAP-02" in page
    assert "10.20.0.0/16" in page
    assert f"/people/changes/{AccessChange.objects.get().pk}/refuse/" in page


@pytest.mark.parametrize(
    ("field", "value"), [("networks", "10.20"), ("name", "李娜"), ("shops", ""), ("responsible", "9" * 40)]
)
def test_what_cannot_be_is_said_at_its_field(field, value, admin, shop, cast):
    typed = TYPED | {"shops": [shop.pk], "responsible": cast.wangqiang.pk} | {field: value}
    answer = admin.post("/machines/new/", typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_token_is_shown_once(admin, machine):
    answer = admin.post(f"/machines/{machine.pk}/token/", {"days": "30"})
    token = answer.context["token"]
    assert answer.content.decode().count(token) == 2  # to read, and to copy
    page = admin.get(f"/machines/{machine.pk}/").content.decode()
    assert token not in page
    assert str(ApiToken.objects.get()) in page


def test_a_third_token_is_refused(admin, machine, cast):
    for _number in range(2):
        made_machines.token(machine, by=cast.zhaolei)
    answer = admin.post(f"/machines/{machine.pk}/token/", {"days": "30"})
    assert answer.status_code == 422
    assert ApiToken.objects.count() == 2


def test_a_token_is_revoked(admin, machine, cast):
    made_machines.token(machine, by=cast.zhaolei)
    address = f"/machines/{machine.pk}/tokens/{machine.tokens.get().pk}/revoke/"
    admin.post(address)
    assert machine.tokens.get().revoked_at
    admin.post(address)
    assert Event.objects.filter(kind="token_revoked").count() == 1


def test_a_token_of_another_machine_is_not_there(admin, machine, shop_of_others, cast):
    other = made_machines.machine(shop_of_others, responsible=cast.heping, name="B")
    made_machines.token(other, by=cast.root)
    assert admin.post(f"/machines/{machine.pk}/tokens/{other.tokens.get().pk}/revoke/").status_code == 404


def test_what_narrows_and_what_widens_is_said(admin, machine, cast):
    typed = TYPED | {"responsible": cast.wangqiang.pk, "networks": "0.0.0.0/0\n::/0"}
    address = f"/machines/{machine.pk}/settings/"
    answer = admin.post(address, typed, follow=True)
    assert "What the machine may do was changed." in answer.content.decode()
    answer = admin.post(address, typed | {"orders_per_day": "2000"}, follow=True)
    assert AccessChange.objects.get().data == {"before": {"orders_per_day": 1000}, "after": {"orders_per_day": 2000}}
    assert "1,000 → 2,000" in answer.content.decode()
    assert admin.post(address, typed | {"orders_per_day": "3000"}).status_code == 422


def test_a_machine_is_deactivated_with_a_reason(admin, machine):
    address = f"/machines/{machine.pk}/deactivate/"
    assert admin.post(address, {"note": ""}).status_code == 422
    admin.post(address, {"note": "换系统"})
    machine.person.refresh_from_db()
    assert not machine.person.is_active


def test_the_page_says_that_nobody_answers_for_the_machine(admin, machine, shop, cast):
    shop.members.remove(cast.wangqiang)
    assert "Nobody answers for this machine any more" in admin.get(f"/machines/{machine.pk}/").content.decode()


def test_many_machines_take_few_queries(admin, machine, shop, cast, django_assert_max_num_queries):
    for number in range(20):
        made_machines.machine(shop, responsible=cast.wangqiang, name=f"M{number}")
    made_machines.token(machine, by=cast.zhaolei, expires_at=timezone.now() + timedelta(days=20))
    with django_assert_max_num_queries(20):
        answer = admin.get("/machines/")
    assert {one.person.name: one.ending for one in answer.context["machines"]}["SAP-01"] == 1


@pytest.mark.parametrize("who", ["lina", "wangqiang", "chenjing"])
def test_others_do_not_open_machines(who, machine, cast, browser_of):
    client = browser_of(getattr(cast, who))
    assert client.get("/machines/").status_code == 403
    assert client.get(f"/machines/{machine.pk}/").status_code == 403


def test_machines_have_no_page_among_people(admin, machine):
    assert admin.get(f"/people/{machine.pk}/").status_code == 404
    assert "SAP-01" not in admin.get("/people/?inactive=on").content.decode()


@pytest.fixture
def asked(machine, shop):
    cancellation = submitted(shop, machine.person)
    about = {"on_behalf_of": "张三", "external_id": "4500012345"}
    CancellationRequest.objects.filter(pk=cancellation.pk).update(**about)
    return cancellation


@pytest.mark.parametrize(
    "address", ["/requests/?view=all", "/requests/?view=decide", "", "?print=1", "/history/orders/story"]
)
def test_a_request_of_a_machine_says_for_whom_it_is(address, asked, cast, browser_of, shop):
    if address == "/history/orders/story":
        address = reverse("order-story", args=[shop.pk, "CG1"])
    elif not address.startswith("/"):
        address = asked.get_absolute_url() + address
    page = browser_of(cast.zhoulan).get(address).content.decode()
    assert "SAP-01 (API) for 张三" in page
    assert "4500012345" in page


def test_the_number_of_the_machine_finds_its_request(asked, cast, browser_of):
    client = browser_of(cast.lina)
    assert client.get("/search/?q=4500012345").url == asked.get_absolute_url()
    assert client.get("/search/?q=450001234").status_code == 200
    assert browser_of(cast.heping).get("/search/?q=4500012345").status_code == 200


def test_the_page_says_why_the_responsible_person_does_not_decide(asked, cast, browser_of):
    page = browser_of(cast.wangqiang).get(asked.get_absolute_url()).content.decode()
    assert "You answer for the machine “SAP-01”" in page
