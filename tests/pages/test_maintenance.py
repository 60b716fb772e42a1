"""During maintenance people and machines read, and whatever would change something is refused in a sentence."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cancellations import sending
from cancellations.models import CancellationRequest, Maintenance
from cancellations.sending import heartbeat, lease
from cancellations.workflow import maintenance
from tests import made_machines
from tests.api.conftest import Caller
from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db
BANNER = "you can read everything and change nothing"
LIST = reverse("cancellation-list") + "?view=mine"


@pytest.fixture
def until():
    return timezone.now() + timedelta(minutes=40)


@pytest.fixture
def begun(until):
    return maintenance.begin(until=until, note="换服务器")


def text_of(answer):
    return " ".join(answer.content.decode().split())


def shown(moment):
    return f"{moment.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d %H:%M}"


def test_a_change_is_refused_until_it_ends_and_then_works(begun, until, shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    submit = reverse("cancellation-submit", args=[cancellation.number])
    browser = browser_of(cast.lina)
    answer = browser.post(submit)
    assert answer.status_code == 503
    assert 2300 < int(answer.headers["Retry-After"]) <= 2400
    assert f"expected to end at {shown(until)}. Nothing was changed, and nothing that is stored is lost" in text_of(
        answer
    )
    assert text_of(answer).count("换服务器") == 1
    cancellation.refresh_from_db()
    assert cancellation.status == CancellationRequest.Status.DRAFT
    maintenance.end()
    assert browser.post(submit).status_code == 302
    cancellation.refresh_from_db()
    assert cancellation.status == CancellationRequest.Status.SUBMITTED


def test_who_is_signed_in_reads_and_is_told_on_each_page(begun, until, shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    for person in (cast.lina, cast.wangqiang, cast.zhaolei):
        for address in (LIST, cancellation.get_absolute_url()):
            answer = browser_of(person).get(address)
            assert answer.status_code == 200
            assert BANNER in text_of(answer)
            assert f"expected to end at {shown(until)}" in text_of(answer)
    maintenance.end()
    assert BANNER not in text_of(browser_of(cast.lina).get(LIST))


def test_the_sentence_is_in_the_language_of_the_person(begun, shop, cast, browser_of):
    browser = browser_of(cast.lina, headers={"Accept-Language": "zh-CN"})
    assert "刚才的操作没有执行，已保存的数据不会丢失" in text_of(browser.post(reverse("cancellation-new")))
    assert "期间可以查询，不能提交或修改" in text_of(browser.get(LIST))


def test_people_sign_in_and_out_and_choose_their_language(begun, shop, cast, client):
    answer = client.post(reverse("login"), {"username": "lina", "password": "secret-of-lina"})
    assert answer.headers["Location"] == reverse("cancellation-list")
    assert client.get(LIST).status_code == 200
    assert client.post(reverse("set_language"), {"language": "en"}).status_code == 302
    assert client.post(reverse("logout")).status_code == 302


def test_reading_writes_nothing(begun, shop, cast, browser_of):
    browser = browser_of(cast.lina)
    session = browser.session
    session["last_page_at"] -= 600
    session.save()
    with CaptureQueriesContext(connection) as asked:
        browser.get(LIST)
    assert not [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_without_maintenance_a_page_asks_nothing_more(shop, cast, browser_of):
    """That there is some is read together with who signed in."""
    browser = browser_of(cast.lina)
    with CaptureQueriesContext(connection) as asked:
        browser.get(LIST)
    [query] = [query["sql"] for query in asked if Maintenance._meta.db_table in query["sql"]]
    assert "cancellations_person" in query


def test_a_machine_is_told_by_a_problem_and_goes_on_reading(begun, shop, cast):
    sap = Caller(made_machines.token(made_machines.machine(shop, responsible=cast.zhoulan), by=cast.zhaolei))
    answer = sap.post("requests", {"seller_account": shop.pk})
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer.json()["status"]) == ("in_maintenance", 503)
    assert "Nothing was changed" in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) > 60
    assert sap.get("requests").status_code == 200


def test_what_lasts_longer_than_expected_says_so(begun, shop, cast, browser_of):
    Maintenance.objects.update(until=timezone.now() - timedelta(minutes=1))
    browser = browser_of(cast.lina)
    answer = browser.post(reverse("cancellation-new"))
    assert answer.headers["Retry-After"] == "60"
    assert "It takes longer than expected." in text_of(answer)
    assert "It takes longer than expected." in text_of(browser.get(LIST))


def test_workers_that_rest_are_not_called_missing(begun, shop, cast, browser_of):
    assert "No worker is running: nothing is sent, looked up" not in text_of(browser_of(cast.zhaolei).get(LIST))


@pytest.mark.parametrize(("holds_an_account", "said"), [(True, "finishing the current call"), (False, "takes no new")])
def test_the_list_of_workers_says_what_each_does(holds_an_account, said, begun, shop, cast, browser_of):
    sending.stopping.set()
    heartbeat.beat("resting")
    if holds_an_account:
        lease.take(shop.credentials.get().pk, worker="resting")
    assert f"Maintenance: {said}" in text_of(browser_of(cast.zhaolei).get(reverse("worker-list")))
