"""A canary secret and a canary password go through everything that can happen, and are found nowhere afterwards.

The salt and the signatures of all calls count as much as the secret: whoever reads them could make calls of the past.
"""

import json
import logging
import socket
import time

import pytest
import requests
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.views.debug import ExceptionReporter, get_default_exception_reporter_filter
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from cancellations.models import ApiCall, Credential, OrderLine, Webhook
from cancellations.models.secrets import Secret
from cancellations.notices import webhooks as delivering
from cancellations.wdt import client as erp_client
from cancellations.workflow import webhooks
from tests.people import approved, submitted
from tests.ports import LOOPBACK
from tests.security.conftest import database_text
from tests.security.urls import PAGES
from tests.wdt.test_client import cut, server, text

pytestmark = pytest.mark.django_db(transaction=True)
SECRET, SALT, PASSWORD = "canarysecret7f3a", "canarysalt9b2c", "canary-password-5d1e"
FINE = {"status": 0, "data": {"code": 0, "message": "", "error_count": 0}}


@pytest.fixture
def signatures(monkeypatch):
    """The signature of every call that is made."""
    made, sign = [], erp_client.sign

    def remember(parameters, secret):
        made.append(sign(parameters, secret))
        return made[-1]

    monkeypatch.setattr(erp_client, "sign", remember)
    return made


@pytest.fixture
def canary_shop(shop, settings):
    shop.credentials.update(app_secret=Secret(f"{SECRET}:{SALT}"))
    settings.ERP_READ_TIMEOUT = 0.3
    settings.ERP_CONNECT_TIMEOUT = 0.3
    return shop


@pytest.fixture
def administrator(cast, sign_in):
    cast.zhaolei.set_password(PASSWORD)
    cast.zhaolei.save()
    return sign_in(cast.zhaolei, raise_request_exception=False)


def slowly(handler):
    time.sleep(0.5)
    text(json.dumps(FINE))(handler)


def echoing(handler):
    """An ERP that repeats in its answer what it was asked."""
    words = f"签名错误: {handler.path} {json.dumps({'sign': handler.path.rpartition('sign=')[2], 'salt': SALT})}"
    text(json.dumps({"status": 1, "message": words}))(handler)


def echoing_html(handler):
    text(f"<html><body>No such page: {handler.path}</body></html>", status=404)(handler)


def broken_headers(handler):
    """The library warns of it, and names the whole address."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nno header at all\r\n: x\r\nContent-Length: 2\r\n\r\n{}")


ANSWERS = {
    "success": text(json.dumps(FINE)),
    "refusal": text(json.dumps({"status": 1, "message": "sign error"})),
    "HTTP 500": text("<html>Internal Server Error</html>", status=500),
    "timeout": slowly,
    "cut": cut,
    "broken JSON": text('{"status":0,"da'),
    "redirect": text("", status=307, Location="http://127.0.0.1:9/elsewhere"),
    "broken headers": broken_headers,
    "echo": echoing,
    "echo as HTML": echoing_html,
}


def work():
    """Runs what was enqueued as a worker process does, with what it writes down of a task that failed."""
    options = {"queue_names": ["*"], "excluded_queue_names": [], "backend_name": "default", "worker_id": "w"}
    Worker(interval=0, batch=True, startup_delay=False, max_tasks=None, **options).run()


def through_everything(shop, cast, administrator):
    """A request is sent by the worker, another one looked up, and the connection tested."""
    shop.lookup_limit = 5
    shop.save()
    approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"])
    submitted(shop, cast.lina, ["CG8"])
    work()
    Credential.objects.update(next_call_at=None, lease_until=None)
    administrator.post(reverse("shop-test", args=[shop.pk]), follow=True)


def traces(caplog, administrator, shop):
    """Everything that is left: what was logged, all tables and sessions, all pages, a file."""
    left = {"log": caplog.text + repr([vars(record) for record in caplog.records])}
    left["database"] = database_text()
    left["sessions"] = repr([session.get_decoded() for session in Session.objects.all()])
    left["cookies"] = administrator.cookies.output()
    left["pages"] = "".join(_pages(administrator, shop))
    return left


def _pages(administrator, shop):
    for name, page in PAGES.items():
        for address in _addresses(name, page.about.__name__, shop):
            answer = administrator.get(address, follow=True)
            assert answer.status_code in (200, 403), address
            yield answer.content.decode("utf-8", "replace")


def _addresses(name, about, shop):
    if about in ("a_request", "an_order"):
        order = [1] if about == "an_order" else []
        return [reverse(name, args=[cancellation.number, *order]) for cancellation in shop.cancellations.all()]
    if about == "a_story":
        return [reverse(name, args=[shop.pk, line.order_no]) for line in OrderLine.objects.filter(shop=shop)]
    if about in ("an_export", "a_robot", "a_machine"):
        return []  # nobody has asked for one, or added one
    if about == "a_webhook":
        return [reverse(name, args=[webhook.pk]) for webhook in shop.webhooks.all()]
    about_one = {
        "a_kind_of_name": ["supplier"],
        "a_shop": [shop.pk],
        "a_person": [shop.members.first().pk],
        "a_session": ["0"],
    }
    return [reverse(name, args=about_one.get(about, []))]


def assert_nothing_leaked(left, *canaries):
    found = [(place, canary) for place, shown in left.items() for canary in canaries if canary in shown]
    assert not found
    assert all(left.values())


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_the_erp_answers(answer, canary_shop, cast, administrator, signatures, settings, caplog):
    caplog.set_level(logging.DEBUG)
    with server(ANSWERS[answer]) as erp:
        settings.ERP_ADDRESSES = {"sandbox": erp.address}
        through_everything(canary_shop, cast, administrator)
        assert erp.calls
    assert ApiCall.objects.filter(purpose="send").exists()
    assert_nothing_leaked(traces(caplog, administrator, canary_shop), SECRET, SALT, PASSWORD, *signatures)


@pytest.mark.parametrize("answer", ["success", "HTTP 500", "timeout", "cut", "redirect", "broken headers"])
def test_whatever_the_address_of_a_webhook_answers(answer, canary_shop, cast, administrator, settings, caplog):
    """Its secret shows nowhere but on the page that shows it once; nor does the signature of a message."""
    caplog.set_level(logging.DEBUG)
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with server(ANSWERS[answer]) as other:
        webhook = webhooks.add_webhook(
            canary_shop, by=cast.zhaolei, name="SAP", url=other.address, kinds=Webhook.Kind.values
        )
        webhooks.rotate_secret(webhook, by=cast.zhaolei)
        submitted(canary_shop, cast.lina)
        delivering.deliver_due()
        administrator.post(reverse("webhook-test", args=[webhook.pk]), follow=True)
    signatures = [one for call in other.calls for one in call.headers["webhook-signature"].split()]
    assert len(signatures) == 4
    secrets = [webhook.secret.reveal(), webhook.old_secret.reveal()]
    left = traces(caplog, administrator, canary_shop)
    assert "SAP" in left["pages"]
    assert_nothing_leaked(left, *secrets, *(secret.removeprefix("whsec_") for secret in secrets), *signatures)


def no_such_name(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    return "http://wdt.invalid/openapi"


def refused(_):
    return "http://127.0.0.1:9/openapi"


def unforeseen(monkeypatch):
    """The library fails in a way that nobody knows of, with the whole address in its text."""

    def fail(self, request, **_):
        raise ValueError(f"cannot send {request.url}")

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", fail)
    return "http://127.0.0.1:9/openapi"


@pytest.mark.parametrize("fault", [no_such_name, refused, unforeseen])
def test_whatever_happens_on_the_way(
    fault, canary_shop, cast, administrator, signatures, settings, caplog, monkeypatch
):
    caplog.set_level(logging.DEBUG)
    settings.ERP_ADDRESSES = {"sandbox": fault(monkeypatch)}
    through_everything(canary_shop, cast, administrator)
    assert signatures
    assert_nothing_leaked(traces(caplog, administrator, canary_shop), SECRET, SALT, PASSWORD, *signatures)


def test_a_connection_that_cannot_be_made_safe(canary_shop, cast, administrator, signatures, settings, caplog):
    caplog.set_level(logging.DEBUG)
    with server(text("")) as erp:
        settings.ERP_ADDRESSES = {"sandbox": erp.address.replace("http:", "https:")}
        through_everything(canary_shop, cast, administrator)
    assert signatures
    assert not erp.calls
    assert_nothing_leaked(traces(caplog, administrator, canary_shop), SECRET, SALT, PASSWORD, *signatures)


def test_a_task_that_failed_keeps_where_and_nothing_else(
    canary_shop, cast, administrator, signatures, settings, monkeypatch
):
    settings.ERP_ADDRESSES = {"sandbox": unforeseen(monkeypatch)}
    through_everything(canary_shop, cast, administrator)
    failed = DBTaskResult.objects.filter(status="FAILED").first()
    assert "cancellations/sending/calls.py" in failed.traceback
    assert "ValueError" in failed.traceback
    assert "http://" not in failed.traceback


def test_the_librarys_own_log_stays_silent_at_every_level(caplog):
    caplog.set_level(logging.DEBUG)
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.DEBUG)


NEW_SHOP = {
    "name": "新店",
    "sid": "new_sid",
    "environment": "sandbox",
    "app_key": "new_key",
    "app_secret": f"{SECRET}:{SALT}",
    "orders_per_call": 20,
    "seconds_between_calls": "1.10",
    "lookup_limit": "500",
}


def report_of(answer, caplog):
    """What Django would send by e-mail of a request that failed, what stands in the log, and what people see."""
    assert answer.status_code == 500
    [record] = [record for record in caplog.records if record.exc_info and record.name == "django.request"]
    reporter = ExceptionReporter(record.request, *record.exc_info)
    left = {"report": reporter.get_traceback_html(), "text": reporter.get_traceback_text()}
    assert all("RuntimeError" in shown for shown in left.values())
    return left | {"log": caplog.text, "page": answer.content.decode()}


# where a request breaks -> what was posted to which page, by somebody signed in or not
BREAKS = {
    "cancellations.models.Credential.save": ("shop-add", NEW_SHOP, True),
    "cryptography.fernet.Fernet.encrypt_at_time": ("shop-add", NEW_SHOP, True),
    "django.contrib.auth.models.UserManager.get_by_natural_key": (
        "login",
        {"username": "zhaolei", "password": PASSWORD},
        False,
    ),
    "cancellations.access.forms.authenticate": ("confirm-password", {"password": PASSWORD}, True),
}


@pytest.mark.parametrize("where", BREAKS)
def test_a_page_that_breaks(where, canary_shop, administrator, client, caplog, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(where, fail)
    name, posted, signed_in = BREAKS[where]
    client.raise_request_exception = False
    answer = (administrator if signed_in else client).post(reverse(name), posted)
    left = report_of(answer, caplog)
    assert_nothing_leaked(left, SECRET, SALT, PASSWORD, administrator.cookies["sid"].value)


def test_the_settings_page_of_a_report_shows_no_key(settings):
    shown = repr(get_default_exception_reporter_filter().get_safe_settings())
    assert settings.SECRET_KEY not in shown
    assert settings.CREDENTIAL_KEYS[0] not in shown


def test_signing_in_and_confirming_leave_no_password_behind(canary_shop, administrator, client, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = f"{PASSWORD}-wrong"
    for password in (wrong, PASSWORD):
        client.post(reverse("login"), {"username": "zhaolei", "password": password})
        administrator.post(reverse("confirm-password"), {"password": password})
    assert client.session["_auth_user_id"]
    assert_nothing_leaked(traces(caplog, administrator, canary_shop), SECRET, SALT, PASSWORD)


def test_add_shop_leaves_no_secret_behind(shop, administrator, caplog):
    caplog.set_level(logging.DEBUG)
    for changes in ({"orders_per_call": 0}, {}, {"name": "又一家"}):
        answer = administrator.post(reverse("shop-add"), NEW_SHOP | changes)
        assert SECRET not in answer.content.decode()
    new = Credential.objects.get(app_key="new_key")
    assert new.app_secret.reveal() == f"{SECRET}:{SALT}"
    assert_nothing_leaked(traces(caplog, administrator, shop), SECRET, SALT)
