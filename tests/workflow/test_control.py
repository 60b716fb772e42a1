"""What people do after the approval: hold, stop, pause an account, ask again, decide by hand."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from cancellations.models import ApiCall, Shop
from cancellations.sending import hours
from cancellations.workflow import administrator, control, errors
from tests.people import approved

pytestmark = pytest.mark.django_db
CHINA = timezone.get_default_timezone()


def unknown(shop, cast, settle_at=None):
    """An approved request of three orders; what became of the first two is not known."""
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    call = ApiCall.objects.create(
        credential=shop.credentials.get(), purpose="send", method="x", body="[]", started_at=timezone.now()
    )
    cancellation.lines.filter(position__lte=2).update(outcome="UNKNOWN", sent_in=call, settle_at=settle_at)
    return cancellation


def outcomes(cancellation):
    return list(cancellation.lines.order_by("position").values_list("outcome", "known_by"))


def test_the_erp_is_asked_again_about_what_it_could_not_tell(shop, cast):
    cancellation = unknown(shop, cast)
    assert control.ask_again(cancellation, by=cast.lina) == 2
    assert cancellation.lines.filter(settle_at__isnull=False, settle_count=0).count() == 2
    assert cancellation.events.get(kind="asked_again").data["orders"] == 2
    with pytest.raises(errors.NothingUnknown):
        control.ask_again(cancellation, by=cast.lina)


def test_a_manager_decides_by_hand_with_a_note(shop, cast):
    cancellation = unknown(shop, cast)
    one = cancellation.lines.filter(position=1)
    assert control.decide_by_hand(cancellation, by=cast.wangqiang, lines=one, done=True, note="ERP 里已取消") == 1
    rest = cancellation.lines.all()
    assert control.decide_by_hand(cancellation, by=cast.zhoulan, lines=rest, done=False, note="仍在编辑中") == 1
    assert outcomes(cancellation) == [("DONE", "by_hand"), ("REFUSED", "by_hand"), ("WAITING", "")]
    events = list(cancellation.events.filter(kind="decided_by_hand").order_by("pk"))
    assert [(event.actor, event.note, event.data["as_done"], event.data["order_nos"]) for event in events] == [
        (cast.wangqiang, "ERP 里已取消", True, ["CG1"]),
        (cast.zhoulan, "仍在编辑中", False, ["CG2"]),
    ]


def test_nobody_decides_by_hand_while_the_erp_is_being_asked(shop, cast):
    cancellation = unknown(shop, cast, settle_at=timezone.now())
    with pytest.raises(errors.NothingUnknown):
        control.decide_by_hand(
            cancellation, by=cast.wangqiang, lines=cancellation.lines.all(), done=True, note="看过了"
        )


def test_a_decision_by_hand_needs_a_note(shop, cast):
    cancellation = unknown(shop, cast)
    with pytest.raises(errors.NoteMissing):
        control.decide_by_hand(cancellation, by=cast.wangqiang, lines=cancellation.lines.all(), done=True, note=" ")


@pytest.mark.parametrize(
    ("person", "refusal"),
    [
        ("lina", errors.NotAllowed),
        ("sunyue", errors.NotAllowed),
        ("chenjing", errors.NotAllowed),
        ("zhaolei", errors.NotAllowed),
        ("heping", errors.NotAllowed),
        ("gone", errors.NotAllowed),
        ("root", errors.NotAllowed),
    ],
)
def test_only_managers_of_the_shop_decide_by_hand(person, refusal, shop, cast):
    cancellation = unknown(shop, cast)
    with pytest.raises(refusal):
        control.decide_by_hand(
            cancellation, by=getattr(cast, person), lines=cancellation.lines.all(), done=True, note="看过了"
        )
    assert outcomes(cancellation)[0] == ("UNKNOWN", "")


def test_nobody_decides_by_hand_on_their_own_request(shop, cast):
    cancellation = approved(shop, cast.zhoulan, cast.wangqiang)
    with pytest.raises(errors.OwnRequest):
        control.decide_by_hand(cancellation, by=cast.zhoulan, lines=cancellation.lines.all(), done=True, note="看过了")


def test_a_shops_administrator_pauses_and_resumes_it(shop, cast):
    administrator.pause_account(shop, by=cast.zhaolei, note="ERP 升级")
    shop.refresh_from_db()
    assert (shop.paused_by, shop.pause_note) == (cast.zhaolei, "ERP 升级")
    with pytest.raises(errors.AccountPaused):
        administrator.pause_account(shop, by=cast.zhaolei, note="再来一次")
    administrator.resume_account(shop, by=cast.zhaolei)
    with pytest.raises(errors.AccountNotPaused):
        administrator.resume_account(shop, by=cast.zhaolei)
    assert list(shop.events.values_list("kind", "note")) == [("account_paused", "ERP 升级"), ("account_resumed", "")]


@pytest.mark.parametrize("person", ["lina", "sunyue", "chenjing", "heping", "gone"])
def test_nobody_else_pauses_an_account(person, shop, cast):
    with pytest.raises(errors.NotAllowed):
        administrator.pause_account(shop, by=getattr(cast, person), note="x")
    Shop.objects.filter(pk=shop.pk).update(paused_by=cast.zhaolei, paused_at=timezone.now())
    with pytest.raises(errors.NotAllowed):
        administrator.resume_account(shop, by=getattr(cast, person))


def test_a_pause_says_why(shop, cast):
    with pytest.raises(errors.NoteMissing):
        administrator.pause_account(shop, by=cast.zhaolei, note=" ")


def test_an_approval_is_held_for_some_seconds(shop, cast, settings):
    settings.APPROVAL_HOLD_SECONDS = 30
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    assert hours.sent_from(cancellation) == cancellation.decided_at + timedelta(seconds=30)
    assert not hours.may_be_sent_now(cancellation)
    cancellation.status = "RUNNING"
    assert hours.may_be_sent_now(cancellation)


@pytest.mark.parametrize(
    ("working", "now", "opens"),
    [
        ((9, 18), "2026-11-24 10:00", "2026-11-24 10:00"),
        ((9, 18), "2026-11-24 08:59", "2026-11-24 09:00"),
        ((9, 18), "2026-11-24 18:00", "2026-11-25 09:00"),
        ((9, 18), "2026-11-24 23:59", "2026-11-25 09:00"),
        ((22, 6), "2026-11-24 23:00", "2026-11-24 23:00"),
        ((22, 6), "2026-11-24 05:59", "2026-11-24 05:59"),
        ((22, 6), "2026-11-24 06:00", "2026-11-24 22:00"),
    ],
)
def test_a_shop_opens_at_its_hours_in_china_also_past_midnight(working, now, opens):
    shop = Shop(send_from=time(working[0]), send_until=time(working[1]))
    moment, expected = (datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA) for text in (now, opens))
    assert shop.opens_at(moment) == expected
