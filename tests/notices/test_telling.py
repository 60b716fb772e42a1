"""Who is told of what: each rule of the table, by the real verbs."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone, translation

from cancellations.models import AuditCheck, CancellationRequest, Export, Notice, NoticeSettings, OrderLine, Worker
from cancellations.sending import heartbeat
from cancellations.words.notices import said
from cancellations.workflow import administrator, clerk, control, machine, manager, people, telling
from cancellations.workflow.errors import MovedOn, NotAllowed, RemindedLately
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db
Kind = Notice.Kind


def people_told(kind, **about):
    told = Notice.objects.filter(kind=kind, person__isnull=False, **about).select_related("person")
    return sorted(notice.person.username for notice in told)


def test_a_submission_tells_who_may_decide_and_nobody_else(shop, shop_of_others, cast):
    cancellation = submitted(shop, cast.zhoulan)
    assert people_told(Kind.WAITING) == ["wangqiang"]  # not herself, no superuser, nobody of another account
    assert submitted(shop, cast.lina, ["CG9"]).notices.filter(kind=Kind.WAITING).count() == 2
    assert cancellation.notices.get().event.kind == "submitted"


def test_what_is_rolled_back_tells_nobody(shop, cast):
    draft = draft_of(shop, cast.lina)
    with transaction.atomic():
        clerk.submit(draft, by=cast.lina)
        assert Notice.objects.exists()
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("decide", "kind"),
    [(manager.approve, "approved"), (manager.reject, "rejected")],
)
def test_a_decision_tells_the_requester_and_ends_the_waiting_of_all(decide, kind, shop, cast):
    cancellation = submitted(shop, cast.lina)
    decide(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash, note="先确认库存")
    assert people_told(Kind.DECIDED) == ["lina"]
    assert cancellation.notices.get(kind=Kind.DECIDED).event.kind == kind
    assert not Notice.objects.filter(kind=Kind.WAITING, read_at__isnull=True).exists()


def test_a_withdrawal_ends_the_waiting(shop, cast):
    cancellation = submitted(shop, cast.lina)
    clerk.withdraw(cancellation, by=cast.lina)
    assert not Notice.objects.filter(read_at__isnull=True).exists()


def test_a_withdrawal_tells_who_had_acted_and_nobody_else(shop, cast):
    cancellation = submitted(shop, cast.lina)
    manager.extend(cancellation, by=cast.wangqiang)
    clerk.withdraw(cancellation, by=cast.lina)
    assert people_told(Kind.WITHDRAWN) == ["wangqiang"]
    notice = Notice.objects.get(kind=Kind.WITHDRAWN)
    with translation.override("en"):
        assert said(notice).title == f"李娜 withdrew the request: {cancellation.number}"


def test_a_draft_that_is_discarded_tells_nobody(shop, cast):
    draft = draft_of(shop, cast.lina)
    clerk.withdraw(draft, by=cast.lina)
    assert not Notice.objects.exists()


def test_the_end_tells_requester_and_approver(shop, cast):
    finished, stopped = (approved(shop, cast.lina, cast.wangqiang, [number]) for number in ("CG1", "CG2"))
    machine.start(finished)
    machine.finish(finished, DONE=1)
    assert people_told(Kind.OVER, cancellation=finished) == ["lina", "wangqiang"]
    control.stop(stopped, by=cast.lina, note="供应商改期")
    assert people_told(Kind.OVER, cancellation=stopped) == ["wangqiang"]  # nobody is told what they did


def test_a_request_that_expires_tells_everybody_concerned(shop, cast):
    cancellation = submitted(shop, cast.lina)
    CancellationRequest.objects.filter(pk=cancellation.pk).update(expires_at=timezone.now())
    machine.expire_overdue()
    assert people_told(Kind.EXPIRED) == ["lina", "wangqiang", "zhoulan"]


def test_a_pause_tells_the_administrators_of_the_account(shop, shop_of_others, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    machine.pause(cancellation, reason="sign")
    assert people_told(Kind.STUCK) == ["root", "zhaolei"]
    administrator.pause_account(shop, by=cast.zhaolei, note="月底")
    assert people_told(Kind.STUCK) == ["root", "root", "zhaolei"]


def test_what_only_a_person_can_settle_is_told_once(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1"])
    telling.find_unsettled()
    assert not people_told(Kind.TO_SETTLE)
    cancellation.lines.update(outcome=OrderLine.Outcome.UNKNOWN, why="no_answer", sent_in=_call(cancellation))
    for _ in range(2):
        telling.find_unsettled()
    assert people_told(Kind.TO_SETTLE) == ["wangqiang", "zhoulan"]


def test_orders_that_follow_are_told_of_again_once_an_hour(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2", "CG3"])
    _give_up(cancellation, "CG1")
    _give_up(cancellation, "CG2")
    assert people_told(Kind.TO_SETTLE) == ["wangqiang", "zhoulan"]
    _an_hour_goes_by()
    for _ in range(2):
        telling.find_unsettled()
    assert people_told(Kind.TO_SETTLE) == ["wangqiang", "wangqiang", "zhoulan", "zhoulan"]
    _an_hour_goes_by()
    telling.find_unsettled()
    assert len(people_told(Kind.TO_SETTLE)) == 4


def test_an_order_that_follows_settled_ones_is_told_of_too(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"])
    _give_up(cancellation, "CG1")
    control.decide_by_hand(cancellation, by=cast.zhoulan, lines=cancellation.lines.all(), done=True, note="看过了")
    telling.find_unsettled()
    assert not Notice.objects.filter(kind=Kind.TO_SETTLE).unread()
    _an_hour_goes_by()
    _give_up(cancellation, "CG2")
    assert people_told(Kind.TO_SETTLE, read_at=None) == ["wangqiang", "zhoulan"]


def _give_up(cancellation, order_no):
    lines = cancellation.lines.filter(order_no=order_no)
    lines.update(outcome=OrderLine.Outcome.UNKNOWN, why="no_answer", sent_in=_call(cancellation))
    telling.find_unsettled()


def _an_hour_goes_by():
    for notice in Notice.objects.all():
        notice.at -= timedelta(hours=1)
        notice.key += f" {notice.pk}"
        notice.save()


def _call(cancellation):
    from tests.made_calls import call_of

    return call_of(cancellation)


def test_access_that_is_given_or_recovered_is_told_to_its_person_and_the_administrators(shop, cast):
    people.make_link(cast.lina, by=cast.zhaolei)
    assert people_told(Kind.ACCESS) == ["lina", "root"]


def test_an_export_tells_who_asked_for_it(shop, cast):
    export = Export.objects.create(
        person=cast.chenjing, state="ready", orders=12, written=12, created_at=timezone.now()
    )
    telling.tell_of_export(export)
    assert people_told(Kind.EXPORT) == ["chenjing"]


def test_a_fault_of_the_audit_trail_tells_administrators_and_auditors(shop, cast):
    check = AuditCheck.objects.create(at=timezone.now(), events=1, fault="changed")
    telling.tell_of_fault(check)
    assert people_told(Kind.AUDIT) == ["chenjing", "root", "zhaolei"]


def test_a_worker_that_was_killed_is_told_of_and_one_that_ended_is_not(shop, cast):
    long_ago = timezone.now() - 2 * heartbeat.silent_after()
    Worker.objects.create(name="killed", host="erp-1", process=1, started_at=long_ago, beat_at=long_ago, queues=[])
    for _ in range(2):
        heartbeat.tell_of_silent()
    assert people_told(Kind.WORKER) == ["root", "zhaolei"]


def test_where_every_worker_is_dead_the_command_tells_administrators_once(shop, cast, capsys):
    heartbeat.beat("alive")
    call_command("check_workers")
    assert capsys.readouterr().out == "Workers alive: 1\n"
    Worker.objects.update(beat_at=timezone.now() - 2 * heartbeat.silent_after())
    for _ in range(2):
        with pytest.raises(CommandError, match="No worker is alive"):
            call_command("check_workers")
    assert people_told(Kind.WORKER) == ["root", "zhaolei"]
    assert not Notice.objects.filter(kind=Kind.WORKER, state=Notice.State.DUE).exists()


def test_who_is_away_is_left_out_and_where_nobody_is_left_administrators_are_told(shop, cast):
    today = timezone.localdate()
    for person in (cast.wangqiang, cast.zhoulan):
        NoticeSettings.objects.create(person=person, away_from=today, away_until=today)
    NoticeSettings.objects.filter(person=cast.zhoulan).update(away_until=today + timedelta(days=1))
    cancellation = submitted(shop, cast.lina)
    assert people_told(Kind.WAITING) == []
    assert people_told(Kind.NOBODY, cancellation=cancellation) == ["root", "zhaolei"]
    NoticeSettings.objects.filter(person=cast.wangqiang).update(away_from=None, away_until=None)
    submitted(shop, cast.lina, ["CG9"])
    assert people_told(Kind.WAITING) == ["wangqiang"]


def test_the_requester_asks_for_a_decision_once_an_hour(shop, cast, monkeypatch):
    cancellation = submitted(shop, cast.lina)
    assert {person.username for person in clerk.remind(cancellation, by=cast.lina)} == {"wangqiang", "zhoulan"}
    assert people_told(Kind.REMINDER) == ["wangqiang", "zhoulan"]
    with pytest.raises(RemindedLately):
        clerk.remind(cancellation, by=cast.lina)
    with pytest.raises(NotAllowed):
        clerk.remind(cancellation, by=cast.sunyue)
    monkeypatch.setattr(clerk, "REMIND_AFTER", timedelta(0))
    clerk.remind(cancellation, by=cast.lina)
    clerk.withdraw(cancellation, by=cast.lina)
    with pytest.raises(MovedOn):
        clerk.remind(cancellation, by=cast.lina)


def test_where_nobody_is_left_to_be_reminded_the_administrators_are(shop, cast):
    cancellation = submitted(shop, cast.lina)
    today = timezone.localdate()
    for person in (cast.wangqiang, cast.zhoulan):
        NoticeSettings.objects.create(person=person, away_from=today, away_until=today)
    assert clerk.remind(cancellation, by=cast.lina) == []
    assert people_told(Kind.NOBODY) == ["root", "zhaolei"]


def test_every_kind_of_notice_has_its_rule():
    assert {*telling.RULES, *telling.OTHERS} == set(Kind)
    assert not set(telling.RULES) & set(telling.OTHERS)
