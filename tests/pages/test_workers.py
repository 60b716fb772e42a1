"""The page on which administrators see what goes on in the background."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cancellations import sending
from cancellations.models import Credential, Worker
from cancellations.sending import calls, heartbeat, lease
from cancellations.workflow import machine
from tests.people import approved, make_shop, numbers, submitted

pytestmark = pytest.mark.django_db
PAGE = reverse("worker-list")


def mine(browser):
    return browser.get(PAGE).content.decode()


def test_it_shows_workers_accounts_and_what_waits(shop, shop_of_others, cast, browser_of):
    approved(shop, cast.lina, cast.wangqiang)
    heartbeat.beat("alive")
    now = timezone.now()
    Worker.objects.create(name="gone", host="other-host", process=7, started_at=now, beat_at="2026-01-01T00:00Z")
    Credential.objects.filter(shop=shop).update(waiting_for="rate", next_call_at=now)
    page = browser_of(cast.zhaolei).get(PAGE).content.decode()
    assert "Running" in page
    assert "Not responding" in page
    assert "other-host" in page
    assert shop.name in page
    assert "The ERP is rate-limiting this seller account." in page
    assert shop_of_others.name not in page
    assert "No worker is running" not in page
    assert shop_of_others.name in browser_of(cast.root).get(PAGE).content.decode()


def test_without_a_worker_this_page_and_the_requests_say_so(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    assert "No worker is running" in browser_of(cast.zhaolei).get(PAGE).content.decode()
    assert "No worker is running" in browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    heartbeat.beat("alive")
    assert "No worker is running" not in browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()


def test_it_brings_itself_up_to_date_as_a_part(shop, cast, browser_of):
    part = browser_of(cast.zhaolei).get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="workers"')
    assert "<html" not in part


def test_an_open_page_learns_that_the_last_worker_is_gone(shop, cast, browser_of):
    heartbeat.beat("alive")
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    clerk, address = browser_of(cast.lina), reverse("cancellation-progress", args=[cancellation.number])
    version = version_of(clerk.get(cancellation.get_absolute_url()))
    assert clerk.get(address, {"version": version}).status_code == 204
    Worker.objects.update(beat_at="2026-01-01T00:00Z")
    answer = clerk.get(address, {"version": version})
    assert "No worker is running" in answer.content.decode()
    heartbeat.beat("alive")
    answer = clerk.get(address, {"version": version_of(answer)})
    assert answer.status_code == 200
    assert "No worker is running" not in answer.content.decode()


def version_of(answer):
    return re.search(r"version=([0-9a-f]+)", answer.content.decode())[1]


def test_whoever_was_signed_out_gets_the_sign_in_page_as_a_whole(client):
    answer = client.get(PAGE, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{reverse('login')}?next={PAGE}")


def test_what_waits_for_a_person_does_not_wait_for_a_worker(shop, cast, browser_of):
    submitted(shop, cast.lina)
    paused = approved(shop, cast.lina, cast.wangqiang, ["CG7"])
    machine.pause(paused, reason="sign")
    page = browser_of(cast.zhaolei).get(PAGE).content.decode()
    assert re.search(r'data-label="Waiting">\s*(\d+)\s*<', page)[1] == "1"
    assert "Oldest request in progress" not in page


def test_an_account_is_in_use_by_the_clock_of_the_database(shop, cast, browser_of, time_machine):
    lease.take(shop.credentials.get().pk)
    admin = browser_of(cast.zhaolei)
    time_machine.move_to(timezone.now() + timedelta(minutes=1))  # the clock of this web server is ahead
    assert "In use by a worker since" in admin.get(PAGE).content.decode()


def test_it_names_the_shops_of_a_worker_that_one_may_know(shop, shop_of_others, cast, browser_of):
    for worker, one in (("first", shop), ("second", shop_of_others), ("third", None)):
        heartbeat.beat(worker)
        if one:
            lease.take(one.credentials.get().pk, worker=worker)
    rows = re.findall(r'data-label="Working on"><span>(.*?)</span></td>', mine(browser_of(cast.zhaolei)), re.DOTALL)
    assert [re.sub("<.*?>", "", row).partition("since")[0].strip() for row in rows] == [
        shop.name,
        "a seller account you do not manage",
        "no job at the moment",
    ]


def test_a_worker_that_was_asked_to_end_says_so_until_it_is_gone(cast, browser_of):
    heartbeat.beat("ending")
    assert "Stopping after the current call" not in mine(browser_of(cast.zhaolei))
    sending.stopping.set()
    try:
        heartbeat.beat("ending")
    finally:
        sending.stopping.clear()
    assert "Stopping after the current call" in mine(browser_of(cast.zhaolei))


def test_it_tells_orders_in_doubt_from_those_being_verified(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(4))
    credential = lease.take(shop.credentials.get().pk)
    [call] = calls.write_ahead(credential, purpose="send", method="m", bodies=["[]"], cancellation=cancellation)
    first, others = cancellation.lines.filter(position=1), cancellation.lines.filter(position__in=[2, 3])
    cancellation.lines.filter(position=4).update(outcome="UNKNOWN", sent_in=call)  # nobody asks any more
    first.update(outcome="UNKNOWN", sent_in=call, settle_at=timezone.now())
    others.update(outcome="DONE", known_by="reported", sent_in=call, settle_at=timezone.now())
    Credential.objects.filter(shop=shop).update(waiting_for="no_answer", failures=3)
    page = mine(browser_of(cast.zhaolei))
    assert re.search(r'data-label="Unknown, being verified">\s*(\d+)\s*<', page)[1] == "1"
    assert re.search(r'data-label="To verify">\s*(\d+)\s*<', page)[1] == "2"
    assert re.search(r'data-label="To be settled manually">\s*(\d+)\s*<', page)[1] == "1"
    assert "(3 times in a row)" in page


@pytest.mark.parametrize("nobody_waits", [True, False])
def test_no_worker_is_an_alarm_only_while_something_waits(nobody_waits, shop, cast, browser_of):
    if not nobody_waits:
        approved(shop, cast.lina, cast.wangqiang)
    assert ('note tone-danger" role="alert"' in mine(browser_of(cast.zhaolei))) is not nobody_waits


@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing", "heping"])
def test_only_administrators_see_it(person, shop, cast, browser_of):
    assert browser_of(getattr(cast, person)).get(PAGE).status_code == 403


def test_it_costs_the_same_queries_with_many_accounts(shop, cast, browser_of):
    admin = browser_of(cast.zhaolei)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            admin.get(PAGE)
        return len(captured)

    before = queries()
    for name in ("二店", "三店", "四店"):
        make_shop(name, sid=name, members=[cast.zhaolei])
    assert queries() == before
