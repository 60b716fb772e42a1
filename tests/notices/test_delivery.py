"""What leaves the house: to a mail server and to chats, over real sockets, on good days and bad ones."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from cancellations.models import GroupRobot, Notice, NoticeSettings
from cancellations.notices import claims, delivery, groups, mail
from cancellations.robots import Robot
from cancellations.workflow import clerk, manager
from tests.mail_server import send_mail_to
from tests.people import submitted

pytestmark = pytest.mark.django_db
State = Notice.State


def states(**about):
    return sorted(set(Notice.objects.filter(**about).values_list("state", flat=True)))


def test_a_submission_reaches_the_manager_by_mail(shop, addressed, mail_server, outside, deliver):
    cancellation = submitted(shop, addressed.lina, reason="款式<b>停产</b>")
    assert deliver() == 2
    [message] = [one for one in mail_server.messages() if one["To"] == "wangqiang@corp.example"]
    assert message["Subject"] == f"A request waits for your decision: {cancellation.number}"
    assert message["From"] == "notice@corp.example"
    assert message["Auto-Submitted"] == "auto-generated"
    text, page = (part.get_content() for part in message.iter_parts())
    assert f"https://wdtadmin.example.com/requests/{cancellation.number}/" in text
    assert "款式<b>停产</b>" in text
    assert "款式&lt;b&gt;停产&lt;/b&gt;" in page
    assert "CG1" not in text  # no order numbers in a mailbox
    assert states(person=addressed.wangqiang) == [State.SENT]
    assert deliver() == 0


def test_several_become_one_mail(shop, addressed, mail_server, outside, deliver):
    for number in range(3):
        submitted(shop, addressed.lina, [f"CG{number}"])
    assert deliver() == 2
    assert {len(message["Subject"].split(", and 2 more")) for message in mail_server.messages()} == {2}


def test_mails_of_one_request_are_one_conversation(shop, addressed, mail_server, outside, deliver):
    cancellation = submitted(shop, addressed.lina)
    deliver()
    manager.approve(cancellation, by=addressed.wangqiang, seen_hash=cancellation.content_hash)
    deliver()
    assert len({message["References"] for message in mail_server.messages()}) == 1
    assert len({message["Message-ID"] for message in mail_server.messages()}) == 3


def test_a_notice_is_kept_for_a_moment(shop, addressed, mail_server, outside, deliver):
    outside.NOTICE_MERGE_SECONDS = 60
    submitted(shop, addressed.lina)
    assert deliver() == 0
    assert states() == [State.DUE]


def test_what_was_decided_meanwhile_is_not_said(shop, addressed, mail_server, outside, deliver):
    clerk.withdraw(submitted(shop, addressed.lina), by=addressed.lina)
    assert deliver() == 0
    assert states(kind="waiting") == [State.STALE]


def test_rights_are_asked_at_the_delivery(shop, addressed, mail_server, outside, deliver):
    submitted(shop, addressed.lina)
    shop.members.remove(addressed.wangqiang)
    addressed.zhoulan.is_active = False
    addressed.zhoulan.save()
    assert deliver() == 0
    assert states() == [State.STALE]


@pytest.mark.parametrize("without", ["address", "public url", "wish"])
def test_who_gets_no_mail_has_it_on_the_page(without, shop, addressed, mail_server, outside, deliver):
    if without == "address":
        type(addressed.wangqiang).objects.update(email="")
    elif without == "public url":
        outside.PUBLIC_URL = ""
    else:
        NoticeSettings.objects.update(not_by_mail=["waiting"])
    submitted(shop, addressed.lina)
    assert deliver() == 0
    assert states() == [State.PAGE_ONLY]
    assert mail_server.connections == 0


@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [
        ("2026-11-24 21:00", None, "2026-11-25 08:00"),
        ("2026-11-27 21:00", None, "2026-11-30 08:00"),  # over the weekend
        ("2026-11-28 12:00", None, "2026-11-30 08:00"),
        ("2026-09-30 21:00", None, "2026-10-08 08:00"),  # over the holidays
        ("2026-11-24 21:00", (9, 18), "2026-11-25 09:00"),
        ("2026-11-24 18:30", (9, 18), "2026-11-25 09:00"),  # the account has closed
    ],
)
def test_quiet_hours_put_off_what_is_not_urgent(
    now, hours, due, shop, addressed, mail_server, outside, deliver, time_machine
):
    time_machine.move_to(f"{now}+08:00")
    NoticeSettings.objects.update(quiet_from="20:00", quiet_until="08:00")
    if hours:
        shop.send_from, shop.send_until = map(time, hours)
        shop.save()
    submitted(shop, addressed.lina)
    assert deliver() == 0
    dues = {
        f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" for moment in Notice.objects.values_list("due_at", flat=True)
    }
    assert dues == {due}


def test_without_wishes_the_hours_of_the_account_count(shop, addressed, mail_server, outside, deliver, time_machine):
    time_machine.move_to("2026-11-24 19:00+08:00")
    shop.send_from, shop.send_until = time(9), time(18)
    shop.save()
    submitted(shop, addressed.lina)
    assert deliver() == 0
    time_machine.move_to("2026-11-25 09:00:01+08:00")
    assert deliver() == 2  # the two managers


@pytest.mark.parametrize(
    ("answers", "state", "code"),
    [
        ({"RCPT": "450 later"}, State.DUE, "smtp_450"),
        ({"RCPT": "550 nobody here"}, State.REFUSED, "smtp_550"),
        ({"DATA": "451 too frequently"}, State.DUE, "smtp_451"),
        ({"MAIL": "535 who are you"}, State.DUE, "smtp_535"),
    ],
)
def test_a_refused_mail_is_sent_again_or_never(answers, state, code, shop, addressed, mail_server, outside, deliver):
    mail_server.answers = answers
    submitted(shop, addressed.zhoulan)
    assert delivery.deliver_due() == 0
    notice = Notice.objects.get(kind="waiting")
    assert (notice.state, notice.code) == (state, code)
    if state == State.DUE:
        assert notice.due_at > timezone.now() + timedelta(seconds=50)
        mail_server.answers = {}
        Notice.objects.update(due_at=timezone.now())
        assert deliver() == 1


def test_a_mail_server_that_is_away_loses_nothing(shop, addressed, mail_server, outside, deliver):
    submitted(shop, addressed.lina)
    send_mail_to(outside, 9)
    assert delivery.deliver_due() == 0
    assert sorted(Notice.objects.values_list("attempts", flat=True)) == [0, 1]  # it is not asked again at once
    send_mail_to(outside, mail_server.port)
    mail._rests_until.clear()
    Notice.objects.update(due_at=timezone.now())
    assert deliver() == 2


def test_after_a_day_it_is_given_up_with_an_alarm(shop, addressed, mail_server, outside, caplog):
    mail_server.answers = {"RCPT": "450 later"}
    submitted(shop, addressed.zhoulan)
    Notice.objects.update(at=timezone.now() - timedelta(hours=25))
    delivery.deliver_due()
    assert states(kind="waiting") == [State.GIVEN_UP]
    assert "given up after a day" in caplog.text


def test_a_hostile_reason_gets_into_no_header(shop, addressed, mail_server, outside, deliver):
    addressed.lina.name = "李娜\r\nBcc: all@corp.example"
    addressed.lina.save()
    cancellation = submitted(shop, addressed.lina, reason="x\r\nBcc: all@corp.example")
    manager.approve(cancellation, by=addressed.wangqiang, seen_hash=cancellation.content_hash)
    deliver()
    assert mail_server.messages()
    assert not [message for message in mail_server.messages() if message["Bcc"]]


# --- groups ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", GroupRobot.Kind.values)
def test_a_submission_reaches_the_group(kind, shop, cast, chats, group, deliver):
    robot = group(kind)
    field = groups.ID_FIELDS[kind]
    NoticeSettings.objects.create(person=cast.wangqiang, **{field: "wangqiang01"})
    cancellation = submitted(shop, cast.lina, reason="停产 <@all> @所有人 [点我](http://evil)")
    assert deliver() == 1
    [arrival] = chats.arrived()
    assert arrival.accepted
    assert cancellation.number in arrival.title + arrival.text
    assert "](http://evil)" not in arrival.text
    assert list(arrival.mentioned) == ["wangqiang01"]
    assert states(robot=robot) == [State.SENT]
    assert deliver() == 0


def test_a_robot_speaks_in_its_turn_and_sums_up(shop, cast, chats, group):
    group()
    for number in range(5):
        submitted(shop, cast.lina, [f"CG{number}"])
    assert delivery.deliver_due() == 1
    submitted(shop, cast.lina, ["CG9"])
    assert delivery.deliver_due() == 0  # its pause is not over
    GroupRobot.objects.update(next_at=None)
    assert delivery.deliver_due() == 1
    assert len(chats.arrived()) == 2


def test_a_robot_whose_turn_has_not_come_holds_up_nobody(shop, addressed, mail_server, chats, group, monkeypatch):
    robot = group()
    GroupRobot.objects.update(next_at=timezone.now() + timedelta(minutes=5))
    monkeypatch.setattr(delivery, "AT_ONCE", 1)
    submitted(shop, addressed.zhoulan)
    assert delivery.deliver_due() == 1
    assert states(robot=robot) == [State.DUE]


def test_a_robot_that_was_removed_there_is_switched_off_and_told_of(shop, cast, chats, group, deliver):
    robot = group("wecom")
    chats.misbehave("93000", Robot.WECOM)
    submitted(shop, cast.lina)
    assert deliver() == 0
    robot.refresh_from_db()
    assert (robot.is_active, robot.off_code) == (False, "93000")
    assert states(robot=robot) == [State.REFUSED]
    told = Notice.objects.filter(kind="channel_off")
    assert {notice.person.username for notice in told} == {"zhaolei", "root"}
    submitted(shop, cast.lina, ["CG9"])
    assert not Notice.objects.filter(robot=robot, cancellation__line_count=1).exists()  # nothing more is kept for it


def test_a_chat_that_has_heard_too_much_is_left_alone_for_a_minute(shop, cast, chats, group):
    robot = group("wecom")
    chats.misbehave("45009", Robot.WECOM)
    submitted(shop, cast.lina)
    assert delivery.deliver_due() == 0
    robot.refresh_from_db()
    assert robot.is_active
    assert robot.next_at > timezone.now() + timedelta(seconds=50)
    assert states(robot=robot) == [State.DUE]


def test_an_answer_that_got_lost_is_asked_again(shop, cast, chats, group):
    robot = group("dingtalk")
    chats.misbehave("http_502", Robot.DINGTALK)
    submitted(shop, cast.lina)
    assert delivery.deliver_due() == 0
    assert states(robot=robot) == [State.DUE]
    GroupRobot.objects.update(next_at=None)
    Notice.objects.update(due_at=timezone.now())
    assert delivery.deliver_due() == 1


# --- several workers, and kills --------------------------------------------------------------------


def test_what_a_dead_worker_had_claimed_is_delivered_by_another(shop, addressed, mail_server, outside, deliver):
    submitted(shop, addressed.zhoulan)
    [claimed] = claims.claim(addressed.wangqiang.notices.all(), most=20)
    assert deliver() == 0  # its claim still holds
    Notice.objects.filter(pk=claimed.pk).update(claimed_until=timezone.now())
    assert deliver() == 1


def test_nobody_else_has_what_one_has_claimed(shop, addressed, outside):
    submitted(shop, addressed.zhoulan)
    assert len(claims.claim(addressed.wangqiang.notices.all(), most=20)) == 1
    assert not claims.claim(addressed.wangqiang.notices.all(), most=20)


def test_old_notices_are_forgotten_and_those_to_be_delivered_are_not(shop, cast, outside):
    submitted(shop, cast.lina)
    Notice.objects.update(at=timezone.now() - timedelta(days=91))
    assert delivery.forget_old() == 0
    Notice.objects.update(state=State.PAGE_ONLY)
    assert delivery.forget_old() == 2
