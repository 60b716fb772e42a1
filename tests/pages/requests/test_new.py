import re
import uuid
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from cancellations.models import CancellationRequest

pytestmark = pytest.mark.django_db
NEW = reverse("cancellation-new")


def filled(shop, orders="CG1\nCG2", **changes):
    return {
        "shop": shop.pk,
        "operation": 0,
        "orders": orders,
        "reason": "供应商停产",
        "token": uuid.uuid4(),
        "step": "preview",
    } | changes


def test_the_preview_shows_what_was_read_and_stores_nothing(shop, cast, browser_of):
    answer = browser_of(cast.lina).post(NEW, filled(shop, "CG1，ＣＧ2\nCG1\nCG–3\n" + "x" * 41))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Cancel 2 purchase orders of the seller account “上海旗舰店”." in page
    assert "ＣＧ2" in page
    assert "U+2013 EN DASH" in page
    assert "41 characters; order numbers have at most 40" in page
    assert "2 unrecognized entries will be skipped." in page
    assert not CancellationRequest.objects.exists()


def test_a_nul_refuses_its_piece_and_not_the_whole_list(shop, cast, browser_of):
    page = browser_of(cast.lina).post(NEW, filled(shop, "CG1\nCG\x002")).content.decode()
    assert "Cancel 1 purchase order of the seller account" in page
    assert "U+0000" in page


def test_going_on_makes_a_draft_that_only_its_clerk_sees(shop, cast, browser_of):
    answer = browser_of(cast.lina).post(NEW, filled(shop, step="draft"))
    draft = CancellationRequest.objects.get()
    assert answer.url == draft.get_absolute_url()
    assert list(draft.lines.values_list("order_no", "source_line")) == [("CG1", 1), ("CG2", 2)]
    assert browser_of(cast.lina).get(answer.url).status_code == 200
    assert browser_of(cast.wangqiang).get(answer.url).status_code == 404


def test_a_double_click_and_the_back_button_make_one_draft(shop, cast, browser_of):
    form = filled(shop, step="draft")
    first, second = (browser_of(cast.lina).post(NEW, form).url for _ in range(2))
    assert first == second
    assert CancellationRequest.objects.count() == 1


def test_the_preview_gives_each_look_a_token_of_its_own(shop, cast, browser_of):
    clerk = browser_of(cast.lina)
    tokens = {
        re.search(r'name="token" value="([^"]+)"', clerk.post(NEW, filled(shop)).content.decode())[1] for _ in range(2)
    }
    assert len(tokens) == 2


def test_changing_the_list_brings_back_what_was_typed(shop, cast, browser_of):
    answer = browser_of(cast.lina).post(NEW, filled(shop, "CG1 CG2", step="change", allow_checked="on", operation=1))
    page = answer.content.decode()
    assert "CG1 CG2</textarea>" in page
    assert "供应商停产</textarea>" in page
    assert re.search(r'name="operation" value="1"[^>]*checked', page)
    assert re.search(r'name="allow_checked"[^>]*checked', page)
    assert not re.search(r'class="[^"]*field-errors', page)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"orders": ""}, "Paste at least one purchase order number, or choose a file."),
        ({"orders": " \n "}, "Paste at least one purchase order number, or choose a file."),
        ({"orders": "!!! ???"}, "The list contains no purchase order number."),
        (
            {"orders": "CG1 CG2 CG3 CG4"},
            "The list has 4 different orders, but a request holds at most 3. Split the list.",
        ),
        ({"reason": "  "}, "Enter a reason. The approver needs it to decide."),
        ({"shop": 999_999}, "This seller account does not exist, or you have no access to it."),
        ({"shop": "x"}, "This seller account does not exist, or you have no access to it."),
        ({"operation": 7}, "Select a valid choice."),
        ({"wanted_by": "2026-01-01T09:00"}, "The orders cannot be wanted by a time that has passed."),
        ({"wanted_by": "0001-01-01T00:00"}, "The orders cannot be wanted by a time that has passed."),
        ({"wanted_by": "soon"}, "Enter a valid date/time."),
        ({"reason_kind": "x"}, "Select a valid choice."),
        ({"token": "x"}, "Enter a valid UUID."),
    ],
)
@pytest.mark.parametrize("step", ["preview", "draft"])
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(changes, sentence, step, shop, cast, browser_of, settings):
    settings.ORDERS_PER_REQUEST = 3
    answer = browser_of(cast.lina).post(NEW, filled(shop, "CG1", step=step) | changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    if changes.get("orders", "CG1").strip():
        assert changes.get("orders", "CG1") + "</textarea>" in page
    assert not CancellationRequest.objects.exists()


def test_the_limit_is_said_before_the_form_is_sent(shop, cast, browser_of, settings):
    settings.ORDERS_PER_REQUEST = 123
    assert "At most 123 per request." in browser_of(cast.lina).get(NEW).content.decode()


def test_a_shop_without_a_credential_is_refused_at_the_field(shop, cast, browser_of):
    shop.credentials.update(is_active=False)
    page = browser_of(cast.lina).post(NEW, filled(shop)).content.decode()
    assert "has no active credential. An administrator has to add one first." in page
    assert 'id="id_shop_error"' in page


def test_a_shop_of_others_is_as_unknown_as_none(shop, shop_of_others, cast, browser_of):
    page = browser_of(cast.lina).post(NEW, filled(shop_of_others)).content.decode()
    assert "This seller account does not exist, or you have no access to it." in page
    assert shop_of_others.name not in page


def test_without_a_shop_the_page_says_whom_to_ask(cast, browser_of):
    assert "An administrator has to give you access" in browser_of(cast.lina).get(NEW).content.decode()


@pytest.mark.parametrize("person", ["wangqiang", "chenjing", "zhaolei", "root"])
def test_only_clerks_get_the_form(person, shop, cast, browser_of):
    assert browser_of(getattr(cast, person)).get(NEW).status_code == 403


def test_ten_thousand_orders_fit(shop, cast, browser_of):
    orders = "\r\n".join(f"采购单号二〇二六年第三季度-{number:06}" for number in range(10_000))
    answer = browser_of(cast.lina).post(NEW, filled(shop, orders, step="draft"))
    assert answer.status_code == 302
    assert CancellationRequest.objects.get().line_count == 10_000


def test_a_long_form_comes_as_our_pages_send_it_or_not_at_all(cast, shop, browser_of):
    """URL-encoded it would take a thread with everything that waits for it."""
    clerk = browser_of(cast.lina)
    form = urlencode(filled(shop, orders="采购单号\n" * 50_000))
    answer = clerk.post(NEW, form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    lying = clerk.generic("POST", NEW, form, "application/x-www-form-urlencoded", CONTENT_LENGTH="-1")
    assert lying.status_code == 400
    short = urlencode(filled(shop, orders="CG1"))
    assert clerk.post(NEW, short, content_type="application/x-www-form-urlencoded").status_code == 200


def test_a_usual_reason_needs_no_words_of_its_own(shop, cast, browser_of):
    asked = {"reason": "", "reason_kind": "duplicate", "wanted_by": "2099-12-31T09:00", "step": "draft"}
    browser_of(cast.lina).post(NEW, filled(shop, **asked))
    draft = CancellationRequest.objects.get()
    assert (draft.reason_kind, draft.reason, draft.wanted_by.isoformat()) == (
        "duplicate",
        "",
        "2099-12-31T01:00:00+00:00",
    )


def test_the_preview_carries_what_was_asked_for(shop, cast, browser_of):
    clerk = browser_of(cast.lina)
    asked = filled(shop, reason="重复下单两次", reason_kind="duplicate", wanted_by="2099-12-31T09:00")
    page = clerk.post(NEW, asked).content.decode()
    for name in ("reason_kind", "reason", "wanted_by"):
        assert f'name="{name}" value="{asked[name]}"' in page
    again = clerk.post(NEW, asked | {"step": "change"}).content.decode()
    assert 'value="2099-12-31T09:00"' in again
    assert re.search(r'value="duplicate"[^>]*checked', again)


def test_the_option_goes_with_cancelling_only(shop, cast, browser_of):
    """The page hides it beside the other operations; what was ticked before does not count."""
    browser_of(cast.lina).post(NEW, filled(shop, operation=1, allow_checked="on", step="draft"))
    assert not CancellationRequest.objects.get().allow_checked
