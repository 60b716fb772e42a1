"""Tests a shop's connection with two reads: the ERP's time, and a query of one minute (reference section 6)."""

import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cancellations.models import AccountProblem, ApiCall, Credential, Event, Person, Shop
from cancellations.sending import calls, lease, pace, problems
from cancellations.sentences import sentences
from cancellations.wdt.answers import Answer, read_now
from cancellations.wdt.client import NOW, QUERY_WITH_DETAIL, Client, Page, body_of
from cancellations.wdt.errors import State
from cancellations.wdt.orders import read_orders
from cancellations.wdt.values import erp_time
from cancellations.workflow import limits

PATIENCE = 3  # seconds to wait for the account
MAX_SKEW = 120  # seconds; the ERP refuses more


class AccountBusy(Exception):
    """Another sender is using the account at this moment."""


def test_connection(shop: Shop, *, by: Person) -> tuple[bool, str]:
    """Makes the two calls with the shop's active credential and returns (works, sentence) for people.

    Says nothing of the right to cancel: nothing read-only proves that. Raises AccountBusy, TooOften.
    """
    limits.consume(limits.TEST, by=by)
    credential = shop.credentials.filter(is_active=True).first()
    if credential is None:
        return False, sentences(AccountProblem.NO_CREDENTIAL.label, AccountProblem.NO_CREDENTIAL.what_to_do)
    give_up_at = time.monotonic() + PATIENCE
    while not (held := lease.take(credential.pk)):
        if time.monotonic() > give_up_at:
            raise AccountBusy
        time.sleep(0.1)
    try:
        problem = problems.before_any_call(held)
        works, sentence = (False, sentences(problem.label, problem.what_to_do)) if problem else _probe(held)
    finally:
        lease.release(held)
    Event.write(Event.Kind.CONNECTION_TESTED, by=by, shop=shop, at=timezone.now(), note=sentence[:500], works=works)
    return works, sentence


test_connection.__test__ = False  # type: ignore[attr-defined]  # not one of pytest's


def _probe(credential: Credential) -> tuple[bool, str]:
    calls.take_over(credential)
    with calls.open_client(credential) as client:
        answer = _ask(credential, client, NOW, body_of())
        if answer.state is not State.ANSWERED:
            return False, _diagnosis(answer)
        skew = (read_now(answer.data) or time.time()) - time.time()
        if abs(skew) > MAX_SKEW:
            return False, _("This server's clock is off by %(seconds)d seconds. Synchronize it by NTP.") % {
                "seconds": -skew
            }
        now = timezone.now()
        minute = {"start_time": erp_time(now - timedelta(minutes=1)), "end_time": erp_time(now)}
        answer = _ask(credential, client, QUERY_WITH_DETAIL, body_of(minute), Page(0, 1, count=True))
    if answer.state is not State.ANSWERED or read_orders(answer.data) is None:
        return False, _diagnosis(answer)
    return True, _(
        "Connection OK: signature, IP whitelist and permission to query purchase orders. "
        "Permission to cancel only shows on an actual cancellation."
    )


def _ask(credential: Credential, client: Client, method: str, body: str, page: Page | None = None) -> Answer:
    pace.wait_for_turn(credential)
    [call] = calls.write_ahead(credential, purpose=ApiCall.Purpose.PROBE, method=method, bodies=[body], page=page)
    answer, _called_at = calls.make(client, call, page)
    with transaction.atomic():
        calls.finish(call, answer)
    return answer


def _diagnosis(answer: Answer) -> str:
    """What an answer that is not a success means, what to do about it, and the ERP's own words."""
    problem = problems.in_answer(answer) or AccountProblem.NO_ANSWER
    sentence = sentences(problem.label, problem.what_to_do)
    return f"{sentence} ({answer.message})" if answer.message else sentence
