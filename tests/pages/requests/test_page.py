import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import AccountProblem, ApiCall, CancellationRequest, Credential
from cancellations.workflow import administrator, control, machine, manager
from tests.people import approved, draft_of, numbers, submitted

pytestmark = pytest.mark.django_db
Status = CancellationRequest.Status
NAMES = ("page", "outcome", "forecast", "is_changed", "supplier", "warehouse", "sort")


def url(verb, cancellation):
    return reverse(f"cancellation-{verb}", args=[cancellation.number])


def test_the_whole_way_works_without_javascript(shop, cast, browser_of):
    cancellation = draft_of(shop, cast.lina)
    clerk, boss = browser_of(cast.lina), browser_of(cast.wangqiang)
    page = clerk.get(cancellation.get_absolute_url()).content.decode()
    assert "Cancel 3 purchase orders of the seller account “上海旗舰店”." in page
    assert "this cannot be undone" in page
    clerk.post(url("submit", cancellation))
    page = boss.get(cancellation.get_absolute_url()).content.decode()
    seen = re.search(r'name="seen_hash" value="([0-9a-f]{64})"', page)[1]
    answer = boss.post(url("approve", cancellation), {"seen_hash": seen, "note": "同意"}, follow=True)
    assert "Request approved." in answer.content.decode()
    cancellation.refresh_from_db()
    assert (cancellation.status, cancellation.decision_note) == (Status.APPROVED, "同意")


def test_approving_wakes_the_account_in_the_same_transaction(shop, cast, browser_of):
    from django_tasks_db.models import DBTaskResult

    cancellation = submitted(shop, cast.lina)
    DBTaskResult.objects.all().delete()
    browser_of(cast.wangqiang).post(url("approve", cancellation), {"seen_hash": cancellation.content_hash})
    [task] = DBTaskResult.objects.all()
    assert task.args_kwargs["args"] == [shop.credentials.get().pk]


def test_reject_without_a_note_says_so_at_the_field(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    answer = browser_of(cast.wangqiang).post(url("reject", cancellation), {"seen_hash": cancellation.content_hash})
    assert answer.status_code == 422
    assert 'id="id_note_error"' in answer.content.decode()
    cancellation.refresh_from_db()
    assert cancellation.status == Status.SUBMITTED


def test_the_requester_reads_why_it_was_rejected(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    data = {"seen_hash": cancellation.content_hash, "note": "先问一下<供应商>"}
    browser_of(cast.wangqiang).post(url("reject", cancellation), data)
    page = browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    assert "先问一下&lt;供应商&gt;" in page


def test_deciding_on_a_changed_request_says_where_it_is(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    data = {"seen_hash": cancellation.content_hash, "note": "我不同意"}
    answer = browser_of(cast.zhoulan).post(url("reject", cancellation), data)
    assert answer.status_code == 409
    assert "This request has changed in the meantime and is now “Approved”." in answer.content.decode()
    assert "我不同意" in answer.content.decode()


def test_approve_refuses_a_list_that_has_changed(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    answer = browser_of(cast.wangqiang).post(url("approve", cancellation), {"seen_hash": "0" * 64, "note": "同意"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The request differs from what you were shown." in page
    assert "同意</textarea>" in page


def test_approve_refuses_ones_own_request(shop, cast, browser_of):
    cancellation = submitted(shop, cast.zhoulan)
    me = browser_of(cast.zhoulan)
    page = me.get(cancellation.get_absolute_url()).content.decode()
    assert "seen_hash" not in page
    assert "so someone else decides" in page
    assert "王强" in page
    answer = me.post(url("approve", cancellation), {"seen_hash": cancellation.content_hash})
    assert answer.status_code == 403
    assert "This is your own request" in answer.content.decode()


def test_when_nobody_can_decide_the_page_says_so(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    shop.members.remove(cast.wangqiang, cast.zhoulan)
    page = browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    assert "Nobody: this seller account has no other manager." in page


VERBS = ("submit", "withdraw", "approve", "reject", "extend", "stop", "resume", "copy")


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_post(verb, shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    assert browser_of(cast.lina).get(url(verb, cancellation)).status_code == 405


@pytest.mark.parametrize("verb", VERBS)
def test_a_post_without_the_forms_token_is_refused(verb, shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    answer = browser_of(cast.wangqiang, enforce_csrf_checks=True).post(url(verb, cancellation))
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.content.decode()


@pytest.mark.parametrize("verb", VERBS)
def test_somebody_elses_request_does_not_exist(verb, shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    stranger = browser_of(cast.heping)
    assert stranger.post(url(verb, cancellation)).status_code == 404
    assert stranger.get(url("progress", cancellation)).status_code == 404
    assert stranger.get(cancellation.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_an_auditor_reads_and_changes_nothing(verb, shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    auditor = browser_of(cast.chenjing)
    page = auditor.get(cancellation.get_absolute_url()).content.decode()
    assert url(verb, cancellation) not in page
    answer = auditor.post(url(verb, cancellation), {"seen_hash": cancellation.content_hash, "note": "x"})
    assert answer.status_code == 403
    cancellation.refresh_from_db()
    assert cancellation.status == Status.SUBMITTED


def test_stop_says_how_many_were_sent_and_copy_makes_a_draft(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    clerk = browser_of(cast.lina)
    page = clerk.post(url("stop", cancellation), {"note": "供应商改期"}, follow=True).content.decode()
    assert "0 of 3 orders were sent." in page
    answer = clerk.post(url("copy", cancellation), {"token": "nonsense"}, follow=True)
    assert "Review before submitting" in answer.content.decode()
    assert cancellation.number in answer.content.decode()


def test_the_live_part_is_empty_until_something_is_new(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    clerk = browser_of(cast.lina)
    page = clerk.get(cancellation.get_absolute_url()).content.decode()
    version = re.search(r"version=([0-9a-f]+)", page)[1]
    assert clerk.get(url("progress", cancellation), {"version": version}).status_code == 204
    machine.start(cancellation)
    answer = clerk.get(url("progress", cancellation), {"version": version})
    assert answer.status_code == 200
    assert 'hx-trigger="every 2s"' in answer.content.decode()


def test_the_live_part_shows_no_sign_in_form_inside_the_page(shop, cast, client):
    address = url("progress", approved(shop, cast.lina, cast.wangqiang))
    answer = client.get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_a_request_that_has_ended_is_not_asked_for_again(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    machine.start(cancellation)
    machine.finish(cancellation)
    page = browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    assert f'hx-get="{url("progress", cancellation)}' not in page


def test_the_live_part_costs_a_fixed_number_of_queries(shop, cast, browser_of, django_assert_max_num_queries):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(150))
    clerk = browser_of(cast.lina)
    with django_assert_max_num_queries(20):
        answer = clerk.get(url("progress", cancellation), {"version": "x"})
    version = re.search(r"version=([0-9a-f]+)", answer.content.decode())[1]
    with django_assert_max_num_queries(10):
        assert clerk.get(url("progress", cancellation), {"version": version}).status_code == 204


def test_the_page_says_that_the_erp_is_down_and_the_next_try(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    Credential.objects.update(waiting_for="unreachable", next_call_at=timezone.now())
    page = browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    assert "The ERP is unreachable." in page
    assert "The next attempt is at" in page
    assert "Approved" in page


@pytest.mark.parametrize("reason", dict(CancellationRequest.PAUSE_REASONS))
def test_a_pause_says_why_and_what_to_do(reason, shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    machine.pause(cancellation, reason=reason, message="<b>ERP 返回信息</b>")
    page = browser_of(cast.wangqiang).get(cancellation.get_absolute_url()).content.decode()
    note = re.search(r"<strong>\s*Paused\. (.*?)\s*</strong>\s*<p>(.*?)</p>", page, re.DOTALL)
    assert note[1].strip()
    advice = " ".join(note[2].split())
    if reason in CancellationRequest.OF_FORGERY:
        assert advice.endswith("Contact an administrator, and stop this request.")
    elif reason == CancellationRequest.PERHAPS_SENT:
        assert advice.startswith("Look at the waiting orders in the ERP.")
    else:
        assert html.escape(str(AccountProblem(reason).advice)) in advice
    assert "&lt;b&gt;ERP 返回信息&lt;/b&gt;" in page
    assert url("resume", cancellation) in page


def test_unknown_is_said_aloud_and_that_it_is_not_sent_again(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    call = ApiCall.objects.create(
        credential=shop.credentials.get(), purpose="send", method="x", body="[]", started_at=timezone.now()
    )
    hostile = '<img src=x onerror="alert(1)">\u202e😀'
    cancellation.lines.update(outcome="UNKNOWN", sent_in=call, why="no_answer", message=hostile)
    page = browser_of(cast.chenjing).get(cancellation.get_absolute_url() + "?outcome=UNKNOWN").content.decode()
    assert "The outcome of 3 orders is unknown." in page
    assert "They are not sent again." in page
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_long_list_is_shown_page_by_page(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang, numbers(230))
    clerk = browser_of(cast.lina)
    first = clerk.get(cancellation.get_absolute_url()).content.decode()
    assert "CG202611010100" in first
    assert "CG202611010101" not in first
    last = clerk.get(cancellation.get_absolute_url() + "?page=3").content.decode()
    assert "CG202611010201" in last
    assert "CG202611010230" in last
    for nonsense in ("x", "-1", "0", "9" * 30, "１", "\x00", ""):
        assert clerk.get(cancellation.get_absolute_url(), dict.fromkeys(NAMES, nonsense)).status_code == 200


def test_people_are_called_by_name_not_by_sign_in_name(shop, cast, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    administrator.pause_account(shop, by=cast.zhaolei, note="升级")
    clerk = browser_of(cast.lina)
    assert "paused by <bdi>赵磊</bdi> since" in clerk.get(cancellation.get_absolute_url()).content.decode()
    control.stop(cancellation, by=cast.lina, note="供应商改期")
    assert "Stopped by <bdi>李娜</bdi>" in clerk.get(cancellation.get_absolute_url()).content.decode()
    rejected = submitted(shop, cast.lina, ["CG9"])
    manager.reject(rejected, by=cast.wangqiang, note="不行", seen_hash=rejected.content_hash)
    assert "Rejected by <bdi>王强</bdi>" in clerk.get(rejected.get_absolute_url()).content.decode()


def test_a_manager_extends_the_deadline_from_the_page(shop, cast, browser_of, time_machine):
    time_machine.move_to("2026-11-25 18:00+08:00", tick=False)
    cancellation = submitted(shop, cast.lina)
    manager = browser_of(cast.wangqiang)
    page = " ".join(manager.get(cancellation.get_absolute_url()).content.decode().split())
    assert "Without a decision it expires on 2026-11-30 18:00" in page
    assert "Extend to 12-03 18:00" in page
    page = " ".join(manager.post(url("extend", cancellation), follow=True).content.decode().split())
    assert "Deadline extended." in page
    assert "expires on 2026-12-03 18:00" in page
    assert "2026-11-30 18:00 → 2026-12-03 18:00" in page
    assert "Extend to" not in page
    again = manager.post(url("extend", cancellation))
    assert again.status_code == 422
    assert "was extended before" in again.content.decode()


def test_whoever_does_not_decide_sees_the_deadline_and_no_button(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    for person in (cast.lina, cast.chenjing, cast.zhaolei, cast.root):
        page = browser_of(person).get(cancellation.get_absolute_url()).content.decode()
        assert "Without a decision it expires on" in page
        assert url("extend", cancellation) not in page
        assert browser_of(person).post(url("extend", cancellation)).status_code == 403
