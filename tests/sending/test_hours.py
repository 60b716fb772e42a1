"""What keeps a request from going on, as its page says it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cancellations.sending.hours import Wait, wait_of
from cancellations.workflow import administrator
from tests.people import approved

pytestmark = pytest.mark.django_db


def test_a_hold_counts_down_and_is_over(shop, cast, settings):
    settings.APPROVAL_HOLD_SECONDS = 30
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    wait = wait_of(cancellation, is_due=True, is_waiting=True)
    assert (wait.why, wait.until) == ("held", cancellation.held_until)
    assert 0 < wait.seconds <= 30
    cancellation.decided_at -= timedelta(seconds=31)
    assert wait_of(cancellation, is_due=True, is_waiting=True) is None


def test_outside_working_hours_it_waits_for_the_opening(shop, cast, time_machine):
    shop.send_from, shop.send_until = "09:00", "18:00"
    shop.save()
    shop.refresh_from_db()
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    time_machine.move_to(timezone.now().replace(hour=15, minute=0))  # 23:00 in China
    wait = wait_of(cancellation, is_due=True, is_waiting=True)
    assert (wait.why, wait.seconds) == ("closed", None)
    assert f"{timezone.localtime(wait.until):%H:%M}" == "09:00"
    assert wait_of(cancellation, is_due=True, is_waiting=False) is None


def test_a_paused_account_keeps_back_whatever_is_due(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    administrator.pause_account(shop, by=cast.zhaolei, note="ERP 升级")
    cancellation.refresh_from_db()
    assert wait_of(cancellation, is_due=True, is_waiting=False) == Wait("paused")
    assert wait_of(cancellation, is_due=False, is_waiting=False) is None
