from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import Notice, NoticeSettings
from cancellations.workflow import clerk, manager
from tests.people import submitted

pytestmark = pytest.mark.django_db
LIST, SETTINGS, READ = reverse("notices"), reverse("notice-settings"), reverse("notices-read")


def test_the_bell_and_the_tab_say_how_many_are_unread(shop, cast, browser_of):
    manager_ = browser_of(cast.wangqiang)
    assert 'data-unread="0"' in manager_.get(LIST).content.decode()
    submitted(shop, cast.lina)
    page = " ".join(manager_.get(reverse("notice-bell")).content.decode().split())
    assert '<span class="count">1</span>' in page
    assert "1 unread notice" in page
    assert "<title> (1)" in " ".join(manager_.get(reverse("account")).content.decode().split())


def test_the_bell_counts_no_more_than_ninety_nine(shop, cast, browser_of):
    now, about = timezone.now(), {"person": cast.chenjing, "kind": "export", "about": {"state": "ready", "orders": 1}}
    Notice.objects.bulk_create(Notice(key=f"export {n}", at=now, due_at=now, **about) for n in range(120))
    page = browser_of(cast.chenjing).get(reverse("account")).content.decode()
    assert '<span class="count">99+</span>' in page
    assert "<title> (99+)" in " ".join(page.split())


def test_what_was_said_of_a_request_stands_together(shop, cast, browser_of):
    first, second = submitted(shop, cast.lina, ["CG1"]), submitted(shop, cast.lina, ["CG2"])
    clerk.remind(first, by=cast.lina)
    shown = browser_of(cast.wangqiang).get(LIST).content.decode()
    assert shown.index("The requester asks") < shown.index("A request waits") < shown.index(second.number)
    assert shown.count("Requester: 李娜") == 2


def test_a_notice_says_what_waits_and_leads_to_it(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, reason="款式<b>停产</b>")
    page = browser_of(cast.wangqiang)
    shown = page.get(LIST).content.decode()
    assert "A request waits for your decision" in shown
    assert cancellation.number in shown
    assert "款式&lt;b&gt;停产&lt;/b&gt;" in shown
    notice = Notice.objects.get(person=cast.wangqiang)
    assert page.post(READ, {"notice": notice.pk}).url == cancellation.get_absolute_url()
    notice.refresh_from_db()
    assert notice.read_at


def test_nobody_reads_what_others_are_told(shop, cast, browser_of):
    submitted(shop, cast.lina)
    notice = Notice.objects.get(person=cast.wangqiang)
    assert browser_of(cast.zhoulan).post(READ, {"notice": notice.pk}).url == LIST
    notice.refresh_from_db()
    assert notice.read_at is None


def test_what_one_may_not_read_any_more_is_not_shown(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    shop.members.remove(cast.wangqiang)
    assert cancellation.number not in browser_of(cast.wangqiang).get(LIST).content.decode()


def test_all_are_marked_as_read_at_once(shop, cast, browser_of):
    for number in range(3):
        submitted(shop, cast.lina, [f"CG{number}"])
    browser_of(cast.wangqiang).post(READ)
    assert not Notice.objects.filter(person=cast.wangqiang, read_at__isnull=True).exists()
    assert Notice.objects.filter(person=cast.zhoulan, read_at__isnull=True).exists()


@pytest.mark.parametrize("odd", ["", "0", "x", "9" * 40, "１"])
def test_an_odd_notice_leads_back_to_the_list(odd, shop, cast, browser_of):
    assert browser_of(cast.lina).post(READ, {"notice": odd}).url == LIST


def test_a_clerk_is_told_of_the_decision_on_every_page(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    manager.reject(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash, note="先确认库存")
    shown = browser_of(cast.lina).get(LIST).content.decode()
    assert "王强 rejected your request" in shown
    assert "Note: 先确认库存" in shown


def wishes(**changes):
    return {"by_mail": ["decided"], "language": "en"} | changes


def test_the_settings_are_kept(shop, cast, browser_of):
    clerk = browser_of(cast.lina)
    given = {"quiet_from": "20:00", "quiet_until": "08:00", "away_from": "2026-12-01", "away_until": "2026-12-03"}
    assert clerk.post(SETTINGS, wishes(**given, wecom_id="lina.01", summary_at="10:15")).url == SETTINGS
    own = NoticeSettings.objects.get(person=cast.lina)
    assert "waiting" in own.not_by_mail
    assert "decided" not in own.not_by_mail
    assert (str(own.quiet_from), str(own.summary_at), own.wecom_id) == ("20:00:00", "10:15:00", "lina.01")
    assert 'value="lina.01"' in clerk.get(SETTINGS).content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"quiet_from": "20:00"}, "Enter both or neither."),
        ({"away_until": "2026-12-03"}, "Enter both or neither."),
        ({"away_from": "2026-12-03", "away_until": "2026-12-01"}, "The last day is before the first."),
        ({"wecom_id": "@all"}, "Letters, digits and . _ + - only."),
        ({"feishu_id": 'x"></at>'}, "Letters, digits and . _ + - only."),
        ({"by_mail": ["access"]}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused(given, sentence, shop, cast, browser_of):
    answer = browser_of(cast.lina).post(SETTINGS, wishes(**given))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not NoticeSettings.objects.exists()


def test_notices_are_paused_for_hours_and_go_on(shop, cast, browser_of):
    clerk = browser_of(cast.lina)
    clerk.post(reverse("notice-mute"), {"hours": "4"})
    until = NoticeSettings.objects.get(person=cast.lina).muted_until
    assert timedelta(hours=3.9) < until - timezone.now() < timedelta(hours=4.1)
    assert "Urgent ones still come." in clerk.get(SETTINGS).content.decode()
    clerk.post(reverse("notice-mute"), {"hours": "999"})
    assert NoticeSettings.objects.get(person=cast.lina).muted_until == until
    clerk.post(reverse("notice-mute"), {"hours": "0"})
    assert NoticeSettings.objects.get(person=cast.lina).muted_until is None
