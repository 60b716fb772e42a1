"""The page of a draft: everything in it can be changed, and every change taken back."""

import re
import uuid

import pytest
from django.urls import reverse

from cancellations.models import CancellationRequest, Event
from cancellations.workflow import clerk, control, manager
from tests.made_lookups import show
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db


def url(verb, cancellation):
    return reverse(f"cancellation-{verb}", args=[cancellation.number])


def page_of(cancellation, person, browser_of, **query):
    answer = browser_of(person).get(cancellation.get_absolute_url(), query)
    return re.sub(r"\s+", " ", answer.content.decode())


def edited(**changes):
    return {"operation": 0, "reason_kind": "other", "reason": "供应商停产", "wanted_by": ""} | changes


def test_edit_changes_the_reason_and_says_so(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    answer = browser_of(cast.lina).post(url("edit", cancellation), edited(reason="款式停产"), follow=True)
    page = answer.content.decode()
    assert "Draft changed." in page
    assert "Reason: 供应商停产 → 款式停产" in page
    assert 'id="edit-draft" open' not in page


def test_edit_keeps_what_was_typed_beside_what_is_wrong(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    answer = browser_of(cast.lina).post(url("edit", cancellation), edited(reason=" ", operation=1))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a reason. The approver needs it to decide." in page
    assert re.search(r'<details[^>]*id="edit-draft" open', page)
    assert re.search(r'name="operation" value="1"[^>]*checked', page)


def test_saving_what_is_there_already_writes_nothing(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    assert browser_of(cast.lina).post(url("edit", cancellation), edited()).status_code == 302
    assert not Event.objects.filter(kind="draft_changed").exists()


def test_ticked_orders_are_removed_and_come_back_by_undo(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    browser = browser_of(cast.lina)
    page = browser.post(url("drop", cancellation), {"what": "chosen", "position": ["1", "3", "x"]}, follow=True)
    text = re.sub(r"\s+", " ", page.content.decode())
    assert "2 orders were removed from this draft." in text
    assert "2 orders · chosen one by one" in text
    assert "CG1 CG3" in text
    assert 'id="put-back"' in text
    page = browser.post(url("put-back", cancellation), follow=True).content.decode()
    assert "The removed orders are back in the draft." in page
    assert 'id="put-back"' not in page
    assert cancellation.lines.count() == 3


def test_removing_every_order_says_what_to_do_instead(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    answer = browser_of(cast.lina).post(url("drop", cancellation), {"what": "chosen", "position": ["1", "2", "3"]})
    assert answer.status_code == 422
    assert "Discard the draft if you do not need it." in answer.content.decode()


def test_what_a_look_up_made_more_is_not_removed_unseen(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    for line in cancellation.lines.filter(position__lte=2):
        show(line, verdict="refused")
    answer = browser_of(cast.lina).post(url("drop", cancellation), {"what": "refused", "seen_refused": "1"})
    assert "These were 1 orders when you chose them and are 2 now." in answer.content.decode()
    assert cancellation.lines.count() == 3
    browser_of(cast.lina).post(url("drop", cancellation), {"what": "refused", "seen_refused": "2"})
    assert cancellation.lines.count() == 1


def test_added_orders_go_through_the_preview(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    browser = browser_of(cast.lina)
    assert "Add orders to the draft" in browser.get(url("add", cancellation)).content.decode()
    form = {"orders": "CG2\nCG8\nCG9", "token": uuid.uuid4(), "step": "preview"}
    page = re.sub(r"\s+", " ", browser.post(url("add", cancellation), form).content.decode())
    assert f"Add 2 orders to the draft {cancellation.number}." in page
    assert "1 order is in the draft already and will be skipped." in page
    page = browser.post(url("add", cancellation), form | {"step": "draft"}, follow=True).content.decode()
    assert "2 orders added to the draft." in page
    assert list(cancellation.lines.order_by("position").values_list("order_no", flat=True))[3:] == ["CG8", "CG9"]


def test_adding_what_is_there_already_stays_at_the_form(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    form = {"orders": "CG1", "token": uuid.uuid4(), "step": "draft"}
    answer = browser_of(cast.lina).post(url("add", cancellation), form)
    assert answer.status_code == 422
    assert "All these orders are in the draft already." in answer.content.decode()


def test_nothing_is_added_to_what_was_submitted(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    page = browser_of(cast.lina).get(url("add", cancellation), follow=True).content.decode()
    assert "This request has changed in the meantime" in page
    assert browser_of(cast.wangqiang).get(url("add", cancellation)).status_code == 403


def test_a_rejected_request_is_corrected_with_the_note_on_top(shop, cast, browser_of):
    rejected = submitted(shop, cast.lina, reason="测试")
    manager.reject(rejected, by=cast.wangqiang, seen_hash=rejected.content_hash, note="原因写“测试”不能批")
    assert "Edit and resubmit" in page_of(rejected, cast.lina, browser_of)
    answer = browser_of(cast.lina).post(url("copy", rejected), {"token": uuid.uuid4()}, follow=True)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert f"Correction of {rejected.number}. Note of" in page
    assert "原因写“测试”不能批" in page
    assert re.search(r'<details[^>]*id="edit-draft" open', page)
    assert re.search(r'name="reason"[^>]*autofocus', page)
    assert CancellationRequest.objects.latest("pk").copied_from == rejected


def test_a_stopped_request_leads_to_what_was_not_done(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    control.stop(cancellation, by=cast.lina, note="供应商改期")
    page = page_of(cancellation, cast.lina, browser_of)
    assert "New request for the orders not done" in page
    assert "Edit and resubmit" not in page


def test_a_discarded_draft_leaves_the_lists_and_comes_back(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    browser = browser_of(cast.lina)
    page = browser.post(url("withdraw", cancellation), follow=True).content.decode()
    assert page.count("This draft was discarded.") == 1
    assert 'id="restore"' in page
    mine = reverse("cancellation-list") + "?view=mine"
    assert cancellation.number not in browser.get(mine).content.decode()
    assert "The draft is back." in browser.post(url("restore", cancellation), follow=True).content.decode()
    assert cancellation.number in browser.get(mine).content.decode()


def test_what_was_withdrawn_after_the_submission_stays_in_the_lists(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    clerk.withdraw(cancellation, by=cast.lina)
    assert (
        cancellation.number in browser_of(cast.lina).get(reverse("cancellation-list") + "?view=mine").content.decode()
    )
    assert 'id="restore"' not in page_of(cancellation, cast.lina, browser_of)
