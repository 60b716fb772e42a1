"""Tests a shop's connection with two reads: the ERP's time, and a query of one minute (reference section 6)."""

import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cancellations.models import ApiCall, Event
from cancellations.models.secrets import SecretUnreadable
from cancellations.sending import calls, lease, pace
from cancellations.wdt.answers import read_now
from cancellations.wdt.client import NOW, QUERY_WITH_DETAIL, Page, body_of
from cancellations.wdt.errors import BadAppSecret, State, Why
from cancellations.wdt.orders import read_orders
from cancellations.wdt.values import erp_time

PATIENCE = 3  # seconds to wait for the account
MOST_SKEW = 120  # seconds; the ERP refuses more


class AccountBusy(Exception):
    """Another sender is using the account at this moment."""


def test_connection(shop, *, by):
    """Makes the two calls with the shop's active credential and returns (works, sentence) for people.

    Says nothing of the right to cancel: nothing read-only proves that. Raises AccountBusy.
    """
    credential = shop.credentials.filter(is_active=True).first()
    if credential is None:
        return False, _("The shop has no active credential.")
    held = _take(credential.pk)
    try:
        works, sentence = _probe(held)
    except (SecretUnreadable, BadAppSecret):
        works, sentence = False, _("The app secret cannot be read. An administrator has to add it again.")
    except KeyError:
        works, sentence = False, _("The server's settings hold no address for this environment.")
    finally:
        lease.release(held)
    Event.write(Event.Kind.CONNECTION_TESTED, by=by, shop=shop, at=timezone.now(), note=sentence[:500], works=works)
    return works, sentence


test_connection.__test__ = False  # not one of pytest's


def _take(credential_id):
    give_up_at = time.monotonic() + PATIENCE
    while not (credential := lease.take(credential_id)):
        if time.monotonic() > give_up_at:
            raise AccountBusy
        time.sleep(0.1)
    return credential


def _probe(credential):
    calls.take_over(credential)
    with calls.open_client(credential) as client:
        answer = _ask(credential, client, NOW, body_of())
        if answer.state is not State.ANSWERED:
            return False, diagnosis(answer)
        skew = (read_now(answer.data) or time.time()) - time.time()
        if abs(skew) > MOST_SKEW:
            return False, _("This server's clock is off by %(seconds)d seconds. Set it by NTP.") % {"seconds": -skew}
        now = timezone.now()
        minute = {"start_time": erp_time(now - timedelta(minutes=1)), "end_time": erp_time(now)}
        answer = _ask(credential, client, QUERY_WITH_DETAIL, body_of(minute), Page(0, 1, count=True))
    if answer.state is not State.ANSWERED or read_orders(answer.data) is None:
        return False, diagnosis(answer)
    return True, _(
        "The connection works: signature, whitelist and the right to read purchase orders. "
        "Whether this app key may cancel shows only when it does."
    )


def _ask(credential, client, method, body, page=None):
    pace.wait_for_turn(credential)
    [call] = calls.write_ahead(credential, purpose=ApiCall.Purpose.PROBE, method=method, bodies=[body], page=page)
    answer = calls.make(credential, client, call, page)
    with transaction.atomic():
        calls.finish(call, answer)
    return answer


def diagnosis(answer):
    """What an answer that is not a success means and what to do about it (reference section 6)."""
    advice = {
        Why.SIGN: _(
            "The ERP does not accept the seller account, app key or secret. Compare all three, and the environment: "
            "an account of the test environment does not exist in production."
        ),
        Why.IP: _("This server's address is not on the seller account's IP whitelist. Have it added in the ERP."),
        Why.CLOCK: _("The ERP finds this server's clock wrong by more than two minutes. Set it by NTP."),
        Why.PERMISSION: _(
            "The interface is not granted to this app key. Apply for it on the open platform "
            "(自助对接 → 应用管理), or have the rights of the ERP employee checked."
        ),
        Why.ADDRESS: _(
            "The address leads into a private network. If it is meant to, list the network in ERP_PRIVATE_NETWORKS."
        ),
        Why.RATE: _("The ERP limits the calls of this account. Try again in 5 to 10 minutes."),
        Why.UNREACHABLE: _("The ERP cannot be reached from this server: check the network and the environment."),
        Why.TIMEOUT: _("The ERP did not answer in time."),
    }.get(answer.why, _("The ERP's answer was not understood."))
    return f"{advice} ({answer.message})" if answer.message else advice
