"""A page never says more than is known: where a request stands, who keeps it, what was not done by it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations import words
from cancellations.models import CancellationRequest, OrderLine
from cancellations.sending import heartbeat
from cancellations.workflow import administrator, drafts
from tests.made_calls import call_of
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db
Why = OrderLine.Why


def page_of(person, cancellation, browser_of):
    page = browser_of(person).get(cancellation.get_absolute_url()).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))


def ended(shop, cast, *outcomes, status="FINISHED"):
    """A request that has ended, with an order for each (outcome, known by, why)."""
    cancellation = approved(shop, cast.lina, cast.wangqiang, [f"CG{number}" for number in range(len(outcomes))])
    call = call_of(cancellation)
    for line, (outcome, known_by, why) in zip(cancellation.lines.order_by("position"), outcomes, strict=True):
        OrderLine.objects.filter(pk=line.pk).update(outcome=outcome, known_by=known_by, why=why, sent_in=call)
    now = timezone.now()
    stopped = {"stopped_by": cast.lina, "stopped_at": now} if status == "STOPPED" else {}
    CancellationRequest.objects.filter(pk=cancellation.pk).update(status=status, ended_at=now, **stopped)
    cancellation.refresh_from_db()
    return cancellation


DONE, REFUSED = ("DONE", "verified", ""), ("REFUSED", "verified", "")
UNKNOWN, CONTRADICTED = ("UNKNOWN", "", Why.ASKED_IN_VAIN), ("REFUSED", "verified", Why.CONTRADICTED)


@pytest.mark.parametrize(
    ("outcomes", "code", "label"),
    [
        ([DONE, DONE], "FINISHED", "Finished"),
        ([DONE, REFUSED], "FINISHED", "Finished, 1 order refused"),
        ([DONE, UNKNOWN, UNKNOWN], "unsettled", "Finished, 2 orders to confirm"),
        ([DONE, CONTRADICTED], "unsettled", "Finished, 1 order to confirm"),
    ],
)
def test_an_ended_request_is_green_only_if_nothing_is_in_doubt(shop, cast, browser_of, outcomes, code, label):
    cancellation = ended(shop, cast, *outcomes)
    numbers = {"contradicted": sum(outcome is CONTRADICTED for outcome in outcomes)}
    numbers |= {name: sum(outcome[0] == name for outcome in outcomes) for name in ("DONE", "REFUSED", "UNKNOWN")}
    assert words.orders.standing(cancellation, numbers) == (code, label)
    assert label in page_of(cast.lina, cancellation, browser_of)
    listed = browser_of(cast.lina).get(reverse("cancellation-list"), {"view": "mine"}).content.decode()
    assert label in re.sub(r"\s+", " ", listed)


def test_only_what_is_known_counts_as_determined(shop, cast, browser_of):
    cancellation = ended(shop, cast, DONE, REFUSED, UNKNOWN, ("SKIPPED", "", ""), status="STOPPED")
    assert "2 of 4 orders determined" in page_of(cast.lina, cancellation, browser_of)
    page = browser_of(cast.lina).get(cancellation.get_absolute_url())
    parts = [(part.label, part.orders, part.start) for part in words.orders.segments(page.context["counts"])]
    assert parts == [("Determined", 2, 0), ("Unknown", 1, 2), ("Not sent", 1, 3)]


def test_nobody_verifies_while_the_account_is_paused(shop, cast, browser_of):
    heartbeat.beat("alive")
    cancellation = ended(shop, cast, UNKNOWN, status="RUNNING")
    OrderLine.objects.update(settle_at=timezone.now())
    assert "are being verified with the ERP" in page_of(cast.lina, cancellation, browser_of)
    administrator.pause_account(shop, by=cast.zhaolei, note="ERP 升级")
    page = page_of(cast.lina, cancellation, browser_of)
    assert "are being verified" not in page
    assert "will be verified with the ERP once calls are made again" in page
    assert "nothing is sent, looked up or verified" in page


def test_nobody_verifies_without_a_worker(shop, cast, browser_of):
    cancellation = ended(shop, cast, UNKNOWN, status="RUNNING")
    OrderLine.objects.update(settle_at=timezone.now())
    page = page_of(cast.lina, cancellation, browser_of)
    assert "are being verified" not in page
    assert "No worker is running" in page


def test_a_paused_account_is_said_before_anybody_submits_or_approves(shop, cast, browser_of):
    heartbeat.beat("alive")
    administrator.pause_account(shop, by=cast.zhaolei, note="ERP 升级")
    assert "requests wait until it is resumed" in re.sub(
        r"\s+", " ", browser_of(cast.lina).get(reverse("cancellation-new")).content.decode()
    )
    draft = page_of(cast.lina, draft_of(shop, cast.lina), browser_of)
    assert "The lookup does not go on at present." in draft
    assert "You do not need to wait." not in draft
    decision = page_of(cast.wangqiang, submitted(shop, cast.lina, ["CG9"]), browser_of)
    assert "An approval does not send anything at present" in decision


def test_copy_makes_a_draft_of_just_the_unchecked_orders(shop, cast, browser_of):
    cancellation = ended(shop, cast, DONE, REFUSED, ("REFUSED", "verified", Why.UNCHECKED))
    assert "was un-checked, but not cancelled" in page_of(cast.lina, cancellation, browser_of)
    answer = browser_of(cast.lina).post(
        reverse("cancellation-copy", args=[cancellation.number]), {"why": "unchecked"}, follow=True
    )
    draft = answer.context["cancellation"]
    assert list(draft.lines.values_list("order_no", flat=True)) == ["CG2"]


def test_copy_leaves_out_what_was_cancelled_before(shop, cast):
    cancellation = ended(shop, cast, REFUSED, ("REFUSED", "verified", Why.ALREADY))
    draft = drafts.copy(cancellation, by=cast.lina, token="00000000-0000-4000-8000-000000000001")
    assert list(draft.lines.values_list("order_no", flat=True)) == ["CG0"]


def test_what_was_cancelled_before_is_said_to_be_so(shop, cast, browser_of):
    cancellation = ended(shop, cast, DONE, ("REFUSED", "verified", Why.ALREADY))
    page = page_of(cast.lina, cancellation, browser_of)
    assert "1 order was, or perhaps was, cancelled or stopped before this request." in page
    assert "which changed nothing" in page


def test_copy_leaves_out_refusals_that_are_still_to_be_verified(shop, cast):
    cancellation = ended(shop, cast, REFUSED, ("REFUSED", "reported", ""), status="STOPPED")
    cancellation.lines.filter(known_by="reported").update(settle_at=timezone.now())
    draft = drafts.copy(cancellation, by=cast.lina, token="00000000-0000-4000-8000-000000000002")
    assert list(draft.lines.values_list("order_no", flat=True)) == ["CG0"]
