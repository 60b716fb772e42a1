import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cancellations.models import AccountProblem, Credential, Shop
from cancellations.sending import lease, probe
from cancellations.wdt.sandbox import Sandbox
from tests.people import make_shop

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("shop-list"), reverse("shop-add")
GIVEN = {
    "name": "新店",
    "sid": "new_sid",
    "environment": "sandbox",
    "app_key": "new_key",
    "app_secret": "canarysecret:canarysalt",
    "orders_per_call": 20,
    "seconds_between_calls": "1.10",
    "lookup_limit": "500",
}


@pytest.fixture
def erp(settings):
    with Sandbox(orders=3) as sandbox:
        settings.ERP_ADDRESSES = {"sandbox": sandbox.address}
        yield sandbox


def test_add_shop_never_shows_the_secret_again(cast, browser_of):
    older = make_shop("老店", sid="old_sid", members=[cast.zhaolei, cast.lina, cast.sunyue])
    admin = browser_of(cast.zhaolei, confirmed=True)
    page = admin.post(ADD, GIVEN | {"members": [cast.lina.pk, cast.sunyue.pk]}, follow=True).content.decode()
    shop = Shop.objects.exclude(pk=older.pk).get()
    assert shop.credentials.get().app_secret.reveal() == "canarysecret:canarysalt"
    assert set(shop.members.all()) == {cast.zhaolei, cast.lina, cast.sunyue}
    assert shop.credentials.get().fingerprint in page
    assert "canary" not in page


def test_what_is_right_for_most_accounts_is_folded_unless_it_is_wrong(cast, browser_of):
    admin = browser_of(cast.zhaolei, confirmed=True)
    folded = re.compile(r"<details>\s*<summary>Pace, lookup, .*?name=\"orders_per_call\".*?</details>", re.DOTALL)
    assert folded.search(admin.get(ADD).content.decode())
    assert folded.search(admin.post(ADD, GIVEN | {"name": ""}).content.decode())
    page = admin.post(ADD, GIVEN | {"orders_per_call": 0, "lookup_limit": -1}).content.decode()
    assert "<details open>" in page
    assert not folded.search(page)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"app_secret": "canarysecret"}, "The app secret must have two parts joined by a colon: secret:salt."),
        ({"app_secret": ":canarysalt"}, "The app secret must have two parts"),
        ({"app_secret": ""}, "This field is required."),
        ({"environment": "http://169.254.169.254/"}, "Select a valid choice."),
        ({"name": "老店"}, "already"),
        ({"sid": "old_sid"}, "already"),
        ({"orders_per_call": 0}, "greater than or equal to 1"),
        ({"seconds_between_calls": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_added_comes_back_without_the_secret(changes, sentence, cast, browser_of):
    make_shop("老店", sid="old_sid")
    answer = browser_of(cast.zhaolei, confirmed=True).post(ADD, GIVEN | changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "canary" not in page
    assert 'value="new_key"' in page
    assert Credential.objects.count() == 1


def test_save_and_test_adds_and_tests_in_one(cast, browser_of, erp):
    admin = browser_of(cast.zhaolei, confirmed=True)
    page = admin.post(ADD, GIVEN | {"then": "test"}, follow=True).content.decode()
    shop = Shop.objects.get(name=GIVEN["name"])
    assert shop.events.filter(kind="connection_tested").count() == 1
    assert "Seller account added." in page
    assert "The ERP refused the seller account, app key or secret." in page


@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing"])
def test_only_administrators_come_here(person, shop, cast, browser_of):
    client = browser_of(getattr(cast, person))
    assert client.get(LIST).status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, GIVEN).status_code == 403
    assert client.post(reverse("shop-test", args=[shop.pk])).status_code == 403


def test_an_administrator_of_another_shop_does_not_find_it(shop_of_others, cast, browser_of):
    admin = browser_of(cast.zhaolei, confirmed=True)
    assert admin.post(reverse("shop-test", args=[shop_of_others.pk])).status_code == 404
    assert shop_of_others.name not in admin.get(LIST).content.decode()


def page_after_the_test(shop, cast, browser_of):
    return (
        browser_of(cast.zhaolei, confirmed=True)
        .post(reverse("shop-test", args=[shop.pk]), follow=True)
        .content.decode()
    )


def test_test_connection_says_what_it_proved_and_what_not(shop, cast, browser_of, erp):
    page = page_after_the_test(shop, cast, browser_of)
    assert "Connection OK" in page
    assert "Permission to cancel only shows on an actual cancellation." in page
    assert [call["method"] for call in erp.calls()] == ["system.Core.now", "purchase.PurchaseOrder.queryWithDetail"]
    assert shop.events.last().data == {"works": True}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("sign", AccountProblem.SIGN),
        ("ip", AccountProblem.IP),
        ("clock", AccountProblem.CLOCK),
        ("permission", AccountProblem.PERMISSION),
        ("warehouse", AccountProblem.PERMISSION),
        ("rate", AccountProblem.RATE),
        ("html", AccountProblem.NO_ANSWER),
    ],
)
def test_a_connection_that_does_not_work_says_what_to_do(name, problem, shop, cast, browser_of, erp):
    erp.misbehave(name)
    page = page_after_the_test(shop, cast, browser_of)
    assert html.escape(f"{problem.label} {problem.advice}") in page
    assert shop.events.last().data == {"works": False}


def test_a_refused_address_is_named_where_it_is_known(shop, cast, browser_of, erp, settings):
    erp.misbehave("ip")
    settings.OUTGOING_ADDRESS = "203.0.113.7"
    assert "The ERP sees this server as 203.0.113.7." in page_after_the_test(shop, cast, browser_of)


def test_an_erp_that_cannot_be_reached_is_said_so(shop, cast, browser_of):
    assert "The ERP is unreachable. Check the network" in page_after_the_test(shop, cast, browser_of)


def test_an_account_that_is_sending_is_left_alone(shop, cast, browser_of, erp, monkeypatch):
    monkeypatch.setattr(probe, "PATIENCE", 0)
    lease.take(shop.credentials.get().pk)
    assert "is being used for sending" in page_after_the_test(shop, cast, browser_of)
    assert not erp.calls()


def test_without_a_shop_the_page_says_what_to_do(cast, browser_of):
    assert "Add one with its app key and secret" in browser_of(cast.zhaolei, confirmed=True).get(LIST).content.decode()


def page_of(shop, verb=""):
    return reverse(f"shop-{verb}" if verb else "shop", args=[shop.pk])


CHANGED = {name: GIVEN[name] for name in ("orders_per_call", "seconds_between_calls", "lookup_limit")}


def test_the_page_of_a_shop_shows_settings_people_and_events(shop, cast, browser_of):
    admin = browser_of(cast.zhaolei, confirmed=True)
    settings = CHANGED | {"name": "上海一店", "sid": shop.sid, "environment": "sandbox", "is_active": "on"}
    page = admin.post(page_of(shop, "change"), settings | {"send_from": "09:00", "send_until": "18:00"}, follow=True)
    page = page.content.decode()
    assert "<h1><bdi>上海一店</bdi></h1>" in page
    assert "09:00 – 18:00" in page
    assert "上海旗舰店 → 上海一店" in page
    assert "李娜" in page
    assert "离职" not in page
    assert "demosecret" not in page


def test_a_wrong_setting_comes_back_at_its_field(shop, cast, browser_of):
    answer = browser_of(cast.zhaolei, confirmed=True).post(
        page_of(shop, "change"), CHANGED | {"name": "改名", "sid": "x", "environment": "http://10.0.0.1/"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Select a valid choice" in page
    assert 'value="改名"' in page
    assert "Settings of 上海旗舰店" in page


def test_replace_credential_shows_only_its_fingerprint(shop, cast, browser_of):
    before = shop.credentials.get()
    admin = browser_of(cast.zhaolei, confirmed=True)
    given = {"app_key": "new_key", "app_secret": "canarysecret:canarysalt"}
    page = admin.post(page_of(shop, "credential"), given, follow=True).content.decode()
    after = shop.credentials.get(is_active=True)
    for credential in (before, after):
        assert credential.fingerprint in page
    assert "canary" not in page
    assert "retired" in page
    wrong = admin.post(page_of(shop, "credential"), given | {"app_secret": "canaryhalf"})
    assert wrong.status_code == 422
    assert "canary" not in wrong.content.decode()


def test_members_are_ticked_and_the_last_administrator_stays(shop, cast, browser_of):
    type(cast.root).objects.filter(pk=cast.root.pk).update(is_active=False)
    admin = browser_of(cast.zhaolei, confirmed=True)
    assert f'value="{cast.lina.pk}" ' in admin.get(page_of(shop, "members")).content.decode()
    answer = admin.post(page_of(shop, "members"), {"members": [cast.lina.pk]})
    assert answer.status_code == 422
    assert "would be left without an administrator" in answer.content.decode()
    admin.post(page_of(shop, "members"), {"members": [cast.lina.pk, cast.zhaolei.pk]})
    assert set(shop.members.filter(is_active=True)) == {cast.lina, cast.zhaolei}


def test_a_credential_is_retired_from_the_page(shop, cast, browser_of):
    admin = browser_of(cast.zhaolei, confirmed=True)
    page = admin.post(page_of(shop, "retire"), follow=True).content.decode()
    assert "No calls are made for this seller account until a new one is added." in page
    assert not shop.credentials.filter(is_active=True).exists()
    assert "no active credential to retire" in admin.post(page_of(shop, "retire"), follow=True).content.decode()


@pytest.mark.parametrize("verb", ["change", "members", "credential", "retire"])
def test_shop_pages_ask_for_the_password_and_hide_from_others(verb, shop, shop_of_others, cast, browser_of):
    admin = browser_of(cast.zhaolei)
    assert admin.post(page_of(shop, verb), GIVEN).headers["Location"].startswith(reverse("confirm-password"))
    assert shop.credentials.get().is_active
    assert admin.post(page_of(shop_of_others, verb), GIVEN).status_code == 404
    assert browser_of(cast.lina).post(page_of(shop, verb), GIVEN).status_code == 403


def test_the_list_costs_the_same_queries_with_many_shops(shop, cast, browser_of):
    admin = browser_of(cast.zhaolei)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            admin.get(LIST)
        return len(captured)

    before = queries()
    for name in ("二店", "三店", "四店"):
        make_shop(name, sid=name, members=[cast.zhaolei])
    assert queries() == before


def test_a_new_credential_has_not_been_tested_yet(erp, shop, cast, browser_of):
    admin = browser_of(cast.zhaolei, confirmed=True)
    admin.post(page_of(shop, "test"))
    assert "Connected</span>" in admin.get(page_of(shop)).content.decode()
    admin.post(page_of(shop, "credential"), {"app_key": "new_key", "app_secret": "othersecret:othersalt"})
    assert "not tested yet" in admin.get(page_of(shop)).content.decode()
    assert "not tested yet" in admin.get(LIST).content.decode()
