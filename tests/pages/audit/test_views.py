"""The page on which auditors see whether the history is what was written."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cancellations import tasks
from cancellations.audit import verification
from cancellations.models import AuditCheck, Event
from cancellations.pages.audit import views as view
from tests.audit.conftest import run_past_the_guards
from tests.people import draft_of

pytestmark = pytest.mark.django_db
PAGE = reverse("audit")


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize(
    ("person", "status"),
    [("chenjing", 200), ("zhaolei", 200), ("root", 200), ("lina", 403), ("wangqiang", 403), ("heping", 403)],
)
def test_auditors_and_administrators_see_it_and_have_it_verified(person, status, shop, cast, browser_of):
    browser = browser_of(getattr(cast, person))
    assert browser.get(PAGE).status_code == status
    assert browser.post(PAGE).status_code == (302 if status == 200 else 403)
    assert AuditCheck.objects.exists() is (status == 200)
    assert (f'href="{PAGE}"' in text(browser.get(reverse("account")))) is (status == 200)


def test_before_the_first_verification_it_says_so(cast, browser_of):
    assert "Not checked yet" in text(browser_of(cast.chenjing).get(PAGE))


def test_verifying_now_shows_what_came_out_and_who_asked(shop, cast, browser_of):
    draft_of(shop, cast.lina)
    page = text(browser_of(cast.chenjing).post(PAGE, follow=True))
    count = Event.objects.count()
    assert "The audit trail is intact up to" in page
    assert f"All {count} events are intact." in page
    assert "陈静" in page
    assert AuditCheck.objects.get().by == cast.chenjing


def test_a_fault_is_an_alarm_that_names_only_the_event(shop, cast, browser_of):
    event = draft_of(shop, cast.lina).events.first()
    verification.check()
    run_past_the_guards([(f"UPDATE {Event._meta.db_table} SET note = 'changed words' WHERE id = %s", event.pk)])
    page = text(browser_of(cast.chenjing).post(PAGE, follow=True))
    assert re.search(r'note tone-danger"\s+role="alert"', page)
    assert f"Event {event.pk} is affected, link 1 of the chain." in page
    assert "changed words" not in page


def test_it_shows_the_last_anchor_and_what_was_emptied(shop, cast, browser_of):
    draft_of(shop, cast.lina)
    Event.write("pruned", by=None, at=timezone.now(), calls=1234)
    tasks.check_history.call(is_daily=True)
    anchor = AuditCheck.objects.get()
    verification.check()
    page = text(browser_of(cast.chenjing).get(PAGE))
    assert f"{anchor.events}:{anchor.mac}" in page
    assert "1,234 calls were cleared last" in page


def test_it_says_when_nobody_has_verified_for_days(cast, browser_of):
    verification.check()
    auditor = browser_of(cast.chenjing)
    assert "Not checked for more than two days" not in text(auditor.get(PAGE))
    AuditCheck.objects.update(at=timezone.now() - timedelta(days=2, minutes=1))
    assert "Not checked for more than two days" in text(auditor.get(PAGE))


def test_a_long_history_is_verified_in_the_background(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr(view, "AT_ONCE", 1)
    draft_of(shop, cast.lina)
    page = text(browser_of(cast.chenjing).post(PAGE, follow=True))
    assert "Come back in a minute" in page
    assert not AuditCheck.objects.exists()
    task = DBTaskResult.objects.get(task_path="cancellations.tasks.check_history")
    tasks.check_history.call(*task.args_kwargs["args"], **task.args_kwargs["kwargs"])
    assert AuditCheck.objects.get().by == cast.chenjing


def test_nobody_has_it_verified_without_end(cast, browser_of, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"verify": 1}
    auditor = browser_of(cast.chenjing)
    assert [auditor.post(PAGE).status_code for _ in range(2)] == [302, 429]
    assert AuditCheck.objects.count() == 1
    assert "which is the limit" in text(auditor.post(PAGE))


def test_the_page_costs_the_same_queries_after_many_checks(cast, browser_of):
    auditor = browser_of(cast.chenjing)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            auditor.get(PAGE)
        return len(captured)

    verification.check(by=cast.zhaolei)
    before = queries()
    for _ in range(5):
        verification.check(by=cast.chenjing)
    assert queries() == before


def test_it_says_up_to_when_it_was_checked(shop, cast, browser_of):
    draft_of(shop, cast.lina)
    verification.check()
    draft_of(shop, cast.lina)
    page = re.sub(r"\s+", " ", text(browser_of(cast.chenjing).get(PAGE)))
    assert "The audit trail is intact up to" in page
    assert "1 event since then has not been checked yet." in page
