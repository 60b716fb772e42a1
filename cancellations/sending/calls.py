"""One exchange with the ERP, written down before it is made; no HTTP inside a transaction."""

import copy
import logging
import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeVar, TypeVarTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from cancellations import logs
from cancellations.models import ApiCall, CancellationRequest, Credential, Event, OrderLine
from cancellations.models.secrets import AppSecret
from cancellations.sending import lease, pace
from cancellations.sending.statements import insert_each, update_each
from cancellations.wdt.answers import Answer, read_answer
from cancellations.wdt.client import Account, Client, Page
from cancellations.workflow import machine

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")
logger = logging.getLogger("cancellations.calls")
LONGEST_ANSWER_KEPT = 64_000  # characters
_GAP = r"(?:\W|%22|%3A|%3D){1,9}"  # `sign=…`, a key of JSON, and the same inside quoted JSON or an address
_repeats = re.compile(rf"(?i)(?:sign|salt){_GAP}\w").search  # an ERP that repeats what it was asked


def open_client(credential: Credential) -> Client:
    """A client for an account without a problem in the settings; see problems.before_any_call."""
    shop = credential.shop
    account = Account(
        sid=shop.sid,
        key=credential.app_key,
        app_secret=AppSecret.parse(credential.app_secret.reveal()),  # decrypted once for the life of the client
        address=settings.ERP_ADDRESSES[shop.environment],
    )
    return Client(
        account,
        connect_timeout=settings.ERP_CONNECT_TIMEOUT,
        read_timeout=settings.ERP_READ_TIMEOUT,
        private_networks=settings.ERP_PRIVATE_NETWORKS,
    )


@transaction.atomic
def write_ahead(
    credential: Credential,
    *,
    purpose: ApiCall.Purpose,
    method: str,
    bodies: list[str],
    cancellation: CancellationRequest | None = None,
    page: Page | None = None,
) -> list[ApiCall]:
    """Writes down that the calls are about to be made, with the lease renewed and the next turn set; returns them.

    Raises lease.LeaseLost.
    """
    lease.renew(credential, **pace.next_turn(credential, len(bodies)))
    now = timezone.now()
    call = ApiCall(
        credential=credential,
        cancellation=cancellation,
        purpose=purpose,
        method=method,
        page_no=page.number if page else None,
        lease_token=credential.lease_token,
        started_at=now,
    )
    insert_each(call, "body", bodies)
    same = ApiCall.objects.filter(credential=credential, state=call.state, lease_token=call.lease_token, started_at=now)
    written = same.order_by("pk").values_list("pk", flat=True)
    made = []
    for pk, body in zip(written, bodies, strict=True):  # loading them would take as long as writing them
        one = copy.copy(call)
        one._state.adding = False
        one.pk, one.body = pk, body
        made.append(one)
    return made


class Exchange(NamedTuple):
    """What came of a call; the pace of the account counts from `called_at`, not from the write-ahead."""

    answer: Answer
    called_at: datetime


def make(client: Client, call: ApiCall, page: Page | None = None) -> Exchange:
    """Makes a call that was written ahead. Raises CallBroken.

    It is signed for the time of the write-ahead. A sender that was frozen between write-ahead and call may make the
    call long after others have found 'not carried out': then the ERP refuses it, because it takes none that is over
    120 s old (reference section 2).
    """
    called_at = timezone.now()
    with logs.within(shop=call.credential.shop_id, call=call.pk):
        try:
            answer = client.call(call.method, call.body, page, at=call.started_at.timestamp())
        except Exception as error:  # noqa: BLE001 - raised again, without its text
            raise CallBroken(type(error).__name__) from None
        logger.info("%s: %s%s", call.method, answer.state.value, f", {answer.why.value}" if answer.why else "")
    if answer.http_status is not None and _repeats(answer.text):  # nobody is to read signature and salt
        salt = re.escape(client.account.app_secret.salt)
        hidden = re.sub(rf"(?i)(sign{_GAP})[0-9a-f]{{32}}|(salt{_GAP}){salt}", r"\1\2***", answer.text)
        answer = answer if hidden == answer.text else read_answer(answer.http_status, hidden)
    return Exchange(answer, called_at)


class CallBroken(Exception):
    """Something that nobody foresaw; only its kind is told: its text may hold the address with the signature."""


def finish(call: ApiCall, answer: Answer) -> None:
    """Writes the answer to the call's row; call it in the transaction that draws the conclusions."""
    finish_all([(call, answer)])


def finish_all(answered: list[tuple[ApiCall, Answer]]) -> None:
    """Writes the answers of several (call, answer)."""
    for call, answer in answered:
        call.state = ApiCall.State(answer.state.value)
        call.finished_at = timezone.now()
        call.http_status = answer.http_status
        kept = answer.text[:LONGEST_ANSWER_KEPT]
        call.answer = kept if kept == answer.text else kept + " …"
        call.problem = answer.why or ""
        call.problem_message = answer.message[:500] if answer.why else ""
    fields = ["state", "finished_at", "http_status", "answer", "problem", "problem_message"]
    update_each(
        ApiCall, fields, "id = %s", [[*(getattr(call, field) for field in fields), call.pk] for call, _ in answered]
    )


def retry_until_recorded(record: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
    """Runs `record` until the database takes it, for as long as a lease: a known answer must not get lost."""
    give_up_at = time.monotonic() + settings.LEASE_SECONDS
    while True:
        try:
            return record(*arguments)
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.5)
            close_old_connections()


@transaction.atomic
def take_over(credential: Credential) -> None:
    """What a sender that is gone has left behind: its calls may have been carried out.

    Their orders become UNKNOWN and are settled by asking the ERP; they are never sent again blindly.
    """
    nobodys = credential.shop.credentials.filter(lease.free()).exclude(pk=credential.pk)
    in_flight = ApiCall.objects.filter(state=ApiCall.State.IN_FLIGHT).select_related("cancellation__shop")
    for call in [*in_flight.filter(credential=credential), *in_flight.filter(credential__in=nobodys)]:
        if call.cancellation_id:
            locked(call.cancellation_id)
        call.state, call.finished_at, call.problem = ApiCall.State.UNKNOWN, timezone.now(), "interrupted"
        call.save()
        lines = call.lines.filter(cancellation=call.cancellation_id, outcome=OrderLine.Outcome.SENDING)
        orders = lines.update(
            outcome=OrderLine.Outcome.UNKNOWN,
            why=OrderLine.Why.INTERRUPTED,
            outcome_at=call.finished_at,
            settle_at=call.finished_at,
        )
        if call.cancellation and call.purpose == ApiCall.Purpose.SEND:
            start_if_approved(call.cancellation)
            Event.write(
                Event.Kind.INTERRUPTED,
                by=None,
                shop=credential.shop,
                cancellation=call.cancellation,
                at=call.finished_at,
                call=call.pk,
                orders=orders,
            )


def locked(cancellation_pk: int) -> CancellationRequest:
    """The request with its shop; nobody else changes it or its lines until the transaction ends.

    Whoever changes lines in numbers takes the request first, as 'stop' does by moving it: on PostgreSQL two that took
    lines in different orders would wait for each other. On SQLite the transaction holds the only write lock anyway.
    """
    requests = CancellationRequest.objects.select_for_update(of=["self"], no_key=True).select_related("shop")
    return requests.get(pk=cancellation_pk)


def start_if_approved(cancellation: CancellationRequest) -> None:
    """The request runs from the first call that the ERP may have carried out."""
    cancellation.refresh_from_db(fields=["status"])
    if cancellation.status == CancellationRequest.Status.APPROVED:
        machine.start(cancellation)
