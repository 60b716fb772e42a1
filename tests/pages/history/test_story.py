import pytest
from django.urls import reverse

from cancellations.workflow import manager
from tests.made_calls import call_of
from tests.people import approved, draft_of, make_shop, submitted

pytestmark = pytest.mark.django_db
AROUND = 3  # queries of any page: session; person, with roles and whether the session is over; unread notices


def story(shop, order_no="CG1"):
    return reverse("order-story", args=[shop.pk, order_no])


def test_a_story_tells_who_asked_who_decided_and_the_answer(shop, cast, browser_of):
    first = submitted(shop, cast.lina, ["CG1"], reason="供应商停产")
    manager.reject(first, by=cast.wangqiang, seen_hash=first.content_hash, note="再等一周")
    second = approved(shop, cast.sunyue, cast.zhoulan, ["CG1", "CG2"])
    call = call_of(
        second, body='[["CG1","CG2"],0]', answer='{"status":0,"data":{"code":1,"message":"采购单CG1已审核"}}'
    )
    second.lines.update(outcome="REFUSED", known_by="reported", message="采购单CG1已审核", sent_in=call)
    chapters = browser_of(cast.chenjing).get(story(shop)).context["chapters"]
    assert [chapter.line.cancellation for chapter in chapters] == [second, first]
    assert [(told.step.what, told.step.who) for told in chapters[1].steps] == [
        ("drafted", cast.lina),
        ("submitted", cast.lina),
        ("rejected", cast.wangqiang),
    ]
    assert [told.step.what for told in chapters[0].steps] == ["drafted", "submitted", "approved", "called"]
    page = browser_of(cast.chenjing).get(story(shop)).content.decode()
    for words in (
        "供应商停产",
        "再等一周",
        "Sent to the ERP",
        "[[&quot;CG1&quot;,&quot;CG2&quot;],0]",
        "已审核&quot;}}",
    ):
        assert words in page


def test_a_story_holds_failed_attempts_and_no_other_orders(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG12"])
    tried = call_of(cancellation, state="not_executed", body='[["CG1"]]', problem_message="超过频率")
    other = call_of(cancellation, body='[["CG12"]]')
    steps = browser_of(cast.chenjing).get(story(shop)).context["chapters"][0].steps
    called = [told.step.call for told in steps if told.step.call]
    assert called == [tried]
    assert other not in called


def test_a_story_is_read_only_by_whom_it_concerns(shop, shop_of_others, cast, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    draft_of(shop, cast.lina, ["CG2"])
    auditor = browser_of(cast.chenjing)
    assert auditor.get(story(shop)).status_code == 200
    assert browser_of(cast.lina).get(story(shop, "CG2")).status_code == 200
    assert auditor.get(story(shop, "CG2")).status_code == 404
    assert auditor.get(story(shop, "CG9")).status_code == 404
    assert auditor.get(story(shop_of_others)).status_code == 404
    assert browser_of(cast.heping).get(story(shop)).status_code == 404


def test_a_story_shows_no_same_number_of_another_shop(shop, cast, browser_of):
    twin = make_shop("北京旗舰店", sid="twin", members=[cast.chenjing, cast.lina])
    submitted(shop, cast.lina, ["CG1"])
    elsewhere = submitted(twin, cast.lina, ["CG1"])
    page = browser_of(cast.chenjing).get(story(shop))
    assert elsewhere.number not in page.content.decode()


def test_a_story_costs_the_same_queries_with_many_requests(shop, cast, browser_of, django_assert_max_num_queries):
    for _ in range(4):
        again = submitted(shop, cast.lina, ["CG1"])
        manager.reject(again, by=cast.wangqiang, seen_hash=again.content_hash, note="no")
    auditor = browser_of(cast.chenjing)
    with django_assert_max_num_queries(AROUND + 5):
        auditor.get(story(shop))
