"""What is of use for some time only does not grow for ever: housekeeping removes it, and leaves what is younger."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cancellations.housekeeping import run_housekeeping
from cancellations.models import (
    ApiAnswer,
    Export,
    ExportPart,
    Notice,
    Upload,
    Usage,
    Webhook,
    WebhookDelivery,
)
from cancellations.models.secrets import Secret
from tests import made_machines

pytestmark = pytest.mark.django_db


def a_task(at, cast, shop):
    about = {"args_kwargs": {"args": [1], "kwargs": {}}, "task_path": "cancellations.tasks.run_account"}
    return DBTaskResult.objects.create(status="SUCCESSFUL", finished_at=at, backend_name="default", **about)


def a_session(at, cast, shop):
    return Session.objects.create(session_key=f"{at:%Y%m%d}", session_data="", expire_date=at + timedelta(days=1))


def an_attempt(at, cast, shop):
    return _attempt(AccessAttempt, at, failures_since_start=1)


def a_failure(at, cast, shop):
    return _attempt(AccessFailureLog, at)


def a_sign_in(at, cast, shop):
    return _attempt(AccessLog, at)


def _attempt(model, at, **fields):
    made = model.objects.create(username="lina", ip_address="203.0.113.9", user_agent=f"{at:%Y%m%d}", **fields)
    model.objects.filter(pk=made.pk).update(attempt_time=at)
    return made


def an_upload(at, cast, shop):
    return Upload.objects.create(person=cast.lina, name="a.csv", content=b"CG1", brought_at=at)


def a_file_of_an_export(at, cast, shop):
    made = {"person": cast.chenjing, "language": "en", "orders": 1, "created_at": at, "finished_at": at}
    return ExportPart.objects.create(export=Export.objects.create(state="ready", **made), number=1, content=b"PK")


def a_notice(at, cast, shop):
    about = {"kind": "worker", "key": f"{at:%Y%m%d}", "at": at, "due_at": at}
    return Notice.objects.create(person=cast.lina, state="sent", sent_at=at, **about)


def a_message_of_a_webhook(at, cast, shop):
    address = {"url": "https://127.0.0.1:9/", "secret": Secret("whsec"), "is_active": False}
    webhook, _ = Webhook.objects.get_or_create(shop=shop, name="x", defaults=address)
    return WebhookDelivery.objects.create(webhook=webhook, kind="test", at=at, due_at=at, body="{}", state="sent")


def an_answer_of_the_api(at, cast, shop):
    machine = made_machines.machine(shop, responsible=cast.lina, name=f"{at:%Y%m%d}")
    return ApiAnswer.objects.create(machine=machine, key="1", at=at)


def a_count(at, cast, shop):
    return Usage.objects.create(person=cast.lina, work="look_up", hour=at, count=1)


OF_USE_FOR_SOME_TIME = (
    *(a_task, a_session, an_attempt, a_failure, a_sign_in, an_upload, a_file_of_an_export, a_notice),
    *(a_message_of_a_webhook, an_answer_of_the_api, a_count),
)


@pytest.mark.parametrize("make", OF_USE_FOR_SOME_TIME)
def test_housekeeping_removes_what_is_old_and_leaves_what_is_new(make, cast, shop):
    old, new = (make(timezone.now() - timedelta(days=days), cast, shop) for days in (100, 0))
    run_housekeeping()
    assert not type(old).objects.filter(pk=old.pk).exists()
    assert type(new).objects.filter(pk=new.pk).exists()
