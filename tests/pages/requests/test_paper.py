"""What people take along of a request: a sheet for the file, the numbers, an export."""

import re

import pytest
from django.urls import reverse

from cancellations.models import CancellationRequest
from tests.made_calls import call_of
from tests.people import approved, submitted

pytestmark = pytest.mark.django_db


def sheet_of(cancellation, person, browser_of):
    answer = browser_of(person).get(cancellation.get_absolute_url(), {"print": "1"})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_sheet_holds_every_order_the_whole_seal_and_who_did_what(shop, cast, browser_of):
    order_nos = [f"CG{number:04}" for number in range(150)]
    cancellation = approved(shop, cast.lina, cast.wangqiang, order_nos)
    page = sheet_of(cancellation, cast.chenjing, browser_of)
    assert all(order_no in page for order_no in order_nos)
    assert cancellation.content_hash in page
    assert "供应商停产" in page
    assert "approved the request" in page
    assert "Printed by" in page
    assert "陈静" in page
    assert page.count("<dd></dd>") == 3  # to be signed


def test_the_sheet_says_what_was_cancelled_as_far_as_it_is_known(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    assert "in all" not in sheet_of(cancellation, cast.lina, browser_of)
    cancellation.lines.filter(position=1).update(
        amount="52356.1", supplier="杭州明达", outcome="DONE", known_by="verified", sent_in=call_of(cancellation)
    )
    cancellation.lines.filter(position=2).update(amount="100")
    page = sheet_of(cancellation, cast.lina, browser_of)
    assert "¥52,456.10 in all, ¥52,356.10 of it done" in page
    assert "杭州明达" in page
    assert "Done 1, Waiting 2" in page


def test_the_sheet_takes_the_same_queries_whatever_its_length(shop, cast, browser_of, django_assert_max_num_queries):
    cancellation = submitted(shop, cast.lina, [f"CG{number}" for number in range(300)])
    browser = browser_of(cast.lina)
    with django_assert_max_num_queries(8):
        browser.get(cancellation.get_absolute_url(), {"print": "1"})


def test_the_numbers_of_one_outcome_are_lines_of_a_text(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    cancellation.lines.filter(position__gt=1).update(
        outcome="REFUSED", known_by="reported", sent_in=call_of(cancellation)
    )
    address = reverse("cancellation-numbers", args=[cancellation.number])
    answer = browser_of(cast.lina).get(address, {"outcome": "REFUSED"})
    assert (answer["Content-Type"], answer.content.decode()) == ("text/plain; charset=utf-8", "CG2\nCG3")
    assert browser_of(cast.lina).get(address, {"outcome": "x"}).content.decode() == "CG1\nCG2\nCG3"
    assert browser_of(cast.heping).get(address).status_code == 404


def test_a_request_is_exported_from_its_page(shop, cast, browser_of):
    first, second = submitted(shop, cast.lina, ["CG1", "CG2"]), submitted(shop, cast.lina, ["CG3"])
    page = browser_of(cast.lina).get(first.get_absolute_url()).content.decode()
    address = f"{reverse('history-csv')}?number={first.number}"
    assert f'action="{address}"' in page
    text = b"".join(browser_of(cast.lina).post(address).streaming_content).decode()
    assert "CG1" in text
    assert "CG2" in text
    assert "CG3" not in text
    assert second.number not in text


def test_a_draft_is_not_exported(shop, cast, browser_of):
    draft = submitted(shop, cast.lina)
    CancellationRequest.objects.filter(pk=draft.pk).update(status="DRAFT", submitted_at=None)
    page = browser_of(cast.lina).get(draft.get_absolute_url()).content.decode()
    assert "history-xlsx" not in page
    assert reverse("history-xlsx") not in page
