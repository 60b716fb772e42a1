"""The pages with which people stay in control of what is sent."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import ApiCall, Shop
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db


def url(verb, cancellation):
    return reverse(f"cancellation-{verb}", args=[cancellation.number])


def page_of(person, cancellation, browser_of):
    return re.sub(r"\s+", " ", browser_of(person).get(cancellation.get_absolute_url()).content.decode())


def unknown(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    call = ApiCall.objects.create(
        credential=shop.credentials.get(), purpose="send", method="x", body="[]", started_at=timezone.now()
    )
    cancellation.lines.update(outcome="UNKNOWN", why="not_visible", sent_in=call)
    return cancellation


def test_a_held_approval_counts_down_and_can_be_stopped(shop, cast, clock, browser_of, settings):
    settings.APPROVAL_HOLD_SECONDS = 30
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    page = page_of(cast.lina, cancellation, browser_of)
    assert re.search(r"Sending starts in 30 seconds, at \d\d:\d\d:\d\d\.", page)
    assert url("stop", cancellation) in page
    version = re.search(r"version=([0-9a-f]+)", page)[1]
    clock.shift(10)
    answer = browser_of(cast.lina).get(url("progress", cancellation), {"version": version})
    assert "Sending starts in 20 seconds" in re.sub(r"\s+", " ", answer.content.decode())


def test_outside_working_hours_the_page_says_when_it_goes_on(shop, cast, browser_of):
    later = timezone.localtime() + timedelta(hours=2)
    Shop.objects.update(send_from=later.time(), send_until=(later + timedelta(hours=1)).time())
    page = page_of(cast.lina, approved(shop, cast.lina, cast.wangqiang), browser_of)
    assert f"It continues at {later:%Y-%m-%d %H:%M}" in page


def test_pause_account_shows_everybody_why(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    admin = browser_of(cast.zhaolei)
    page = admin.post(reverse("shop-pause", args=[shop.pk]), {"note": ""}, follow=True).content.decode()
    assert "Enter a reason." in page
    page = admin.post(reverse("shop-pause", args=[shop.pk]), {"note": "ERP <升级>"}, follow=True).content.decode()
    assert "Seller account paused." in page
    assert "ERP &lt;升级&gt;" in page
    assert "Seller account paused by" in page_of(cast.lina, cancellation, browser_of)
    page = admin.post(reverse("shop-resume", args=[shop.pk]), follow=True).content.decode()
    assert "Seller account resumed." in page
    assert "paused by" not in page_of(cast.lina, cancellation, browser_of)


def test_a_manager_pauses_the_account_from_the_request(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    manager = browser_of(cast.wangqiang)
    assert "Pause this seller account" in page_of(cast.wangqiang, cancellation, browser_of)
    assert "Pause this seller account" not in page_of(cast.lina, cancellation, browser_of)
    assert "Enter a reason." in manager.post(url("pause-account", cancellation), {"note": ""}).content.decode()
    page = manager.post(url("pause-account", cancellation), {"note": "单价全错了"}, follow=True).content.decode()
    assert "单价全错了" in page
    assert Shop.objects.get(pk=shop.pk).paused_by == cast.wangqiang
    assert browser_of(cast.lina).post(url("resume-account", cancellation)).status_code == 403
    manager.post(url("resume-account", cancellation))
    assert not Shop.objects.filter(paused_at__isnull=False).exists()


def test_a_manager_resumes_the_account_where_it_was_paused_though_nothing_is_due(shop, cast, browser_of):
    shop.lookup_limit = 0
    shop.save()
    cancellation = submitted(shop, cast.lina)
    manager = browser_of(cast.wangqiang)
    page = manager.post(url("pause-account", cancellation), {"note": "盘点"}, follow=True).content.decode()
    assert page.count("Resume seller account") == 1
    assert "Resume seller account" not in page_of(cast.lina, cancellation, browser_of)
    page = manager.post(url("resume-account", cancellation), follow=True).content.decode()
    assert "Pause this seller account" in page


@pytest.mark.parametrize("verb", ["shop-pause", "shop-resume"])
def test_nobody_else_pauses_an_account(verb, shop, shop_of_others, cast, browser_of):
    for person in (cast.lina, cast.wangqiang, cast.chenjing):
        assert browser_of(person).post(reverse(verb, args=[shop.pk]), {"note": "x"}).status_code == 403
    assert browser_of(cast.zhaolei).post(reverse(verb, args=[shop_of_others.pk]), {"note": "x"}).status_code == 404
    assert browser_of(cast.zhaolei).get(reverse(verb, args=[shop.pk])).status_code == 405
    assert not Shop.objects.filter(paused_at__isnull=False).exists()


def test_a_manager_asks_again_or_decides_by_hand(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    assert "Record outcomes manually" not in page_of(cast.lina, cancellation, browser_of)
    assert "Verify with the ERP again" in page_of(cast.lina, cancellation, browser_of)
    boss = browser_of(cast.wangqiang)
    assert "Record outcomes manually" in page_of(cast.wangqiang, cancellation, browser_of)
    form = {"done-1": "yes", "note-1": "ERP 里已取消"}
    assert boss.post(url("by-hand", cancellation), form | {"note-1": ""}).status_code == 422
    page = re.sub(r"\s+", " ", boss.post(url("by-hand", cancellation), form, follow=True).content.decode())
    assert "Outcome recorded" in page
    assert "1 order · executed" in page
    assert cancellation.lines.get(position=1).outcome == "DONE"
    boss.post(url("by-hand", cancellation), {"shown": ["2", "3"], "done": "no", "note": "仍在编辑中"})
    assert set(cancellation.lines.filter(position__gt=1).values_list("outcome", "known_by")) == {("REFUSED", "by_hand")}
    assert boss.post(url("ask-again", cancellation)).status_code == 422


@pytest.mark.parametrize("form", [{}, {"done": "maybe", "note": "x"}, {"done-9": "yes", "note": "x"}])
def test_a_decision_by_hand_that_makes_no_sense_changes_nothing(form, shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    assert browser_of(cast.wangqiang).post(url("by-hand", cancellation), form).status_code == 422
    assert cancellation.lines.filter(outcome="UNKNOWN").count() == 3


def test_the_page_of_an_unknown_order_offers_managers_the_same(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    address = reverse("order", args=[cancellation.number, 1])
    assert "Record outcome manually" in browser_of(cast.wangqiang).get(address).content.decode()
    assert "Record outcome manually" not in browser_of(cast.lina).get(address).content.decode()


def test_a_contradiction_is_loud_on_the_page_and_in_the_list(shop, cast, browser_of):
    cancellation = unknown(shop, cast)
    cancellation.lines.filter(position=1).update(outcome="REFUSED", known_by="verified", why="contradicted")
    assert "The ERP reported success for 1 order" in page_of(cast.lina, cancellation, browser_of).replace("&#x27;", "'")
    draft_of(shop, cast.lina, ["CG9"])
    page = browser_of(cast.lina).get("/requests/?view=mine").content.decode()
    assert page.count("Contradicted by the ERP") == 1


def test_working_hours_are_given_with_the_shop(shop, cast, browser_of):
    from tests.pages.shops.test_views import GIVEN

    admin = browser_of(cast.zhaolei, confirmed=True)
    page = admin.post(reverse("shop-add"), GIVEN | {"send_from": "09:00"}).content.decode()
    assert "Enter both the start and the end of the working hours, or neither." in page
    page = admin.post(reverse("shop-add"), GIVEN | {"send_from": "09:00", "send_until": "18:30"}, follow=True)
    assert "09:00 – 18:30" in page.content.decode()
