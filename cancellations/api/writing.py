"""What the API does: the verbs of the pages, as the machine, and nothing else."""

import uuid

from cancellations.api import schemas
from cancellations.api.callers import Caller
from cancellations.api.orders import read_orders
from cancellations.api.problems import refused
from cancellations.api.views import find, in_full
from cancellations.models import CancellationRequest, Shop
from cancellations.models.cancellations import content_hash
from cancellations.workflow import clerk, control, drafts

MAX_NAMED = 100  # orders that were done before
NAMESPACE = uuid.UUID("6f1d2c52-5a43-4f0e-8f6e-3c1d6f0c9a11")


def create(caller: Caller, asked: schemas.NewRequest, key: str) -> schemas.Created:
    """Makes a request of a list: a draft, or submitted at once. The same external_id gives what is there.

    Raises Refused, and what `draft` and `submit` raise: then nothing is left behind.
    """
    shop = Shop.objects.for_user(caller.person).filter(pk=asked.seller_account).first()
    if shop is None:
        raise refused("not_found", instance="/seller_account")
    orders, duplicates = read_orders(asked.orders)
    operation = schemas.OPERATIONS[asked.operation]
    same = CancellationRequest.objects.filter(requester=caller.person, external_id=asked.external_id)
    if asked.external_id and (known := same.first()):
        hashed = content_hash(
            shop_id=shop.pk,
            operation=operation,
            allow_checked=asked.include_checked,
            order_nos=[order.number for order in orders],
        )
        if known.content_hash != hashed:
            raise refused("external_id_taken", instance=known.number)
        return _created(known, caller, duplicates, existed=True)
    cancellation = drafts.draft(
        shop,
        by=caller.person,
        operation=operation,
        allow_checked=asked.include_checked,
        reason=asked.reason,
        reason_kind=asked.reason_kind,
        wanted_by=asked.wanted_by,
        orders=orders,
        token=uuid.uuid5(NAMESPACE, f"{caller.machine.pk} {key}"),
        source={"api_token": caller.token.key},
        external_id=asked.external_id,
        on_behalf_of=asked.on_behalf_of.strip(),
    )
    if asked.submit:
        clerk.submit(cancellation, by=caller.person)
    return _created(cancellation, caller, duplicates, existed=False)


def submit(caller: Caller, asked: schemas.NoBody, number: str) -> schemas.RequestInFull:
    """Hands a draft of this machine to the managers."""
    cancellation = find(caller, number)
    clerk.submit(cancellation, by=caller.person)
    return in_full(find(caller, number), caller)


def withdraw(caller: Caller, asked: schemas.NoBody, number: str) -> schemas.RequestInFull:
    """Takes back what nobody has decided on yet: a draft, or what was submitted by this machine."""
    clerk.withdraw(find(caller, number), by=caller.person)
    return in_full(find(caller, number), caller)


def stop(caller: Caller, asked: schemas.Stop, number: str) -> schemas.RequestInFull:
    """Sends nothing further of an approved request of this machine; a call on its way is finished and recorded."""
    control.stop(find(caller, number), by=caller.person, note=asked.note)
    return in_full(find(caller, number), caller)


def _created(cancellation, caller, duplicates, *, existed):
    before = clerk.done_before(cancellation).values_list("order_no", "cancellation__number")[:MAX_NAMED]
    return schemas.Created(
        request=in_full(find(caller, cancellation.number), caller),
        existed=existed,
        duplicates=duplicates[:MAX_NAMED],
        done_before=[schemas.DoneBefore(order_number=number, request=request) for number, request in before],
    )
