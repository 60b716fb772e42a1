import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cancellations.models import marks
from cancellations.models.cancellations import CancellationRequest
from cancellations.models.naming import naming
from cancellations.models.people import Person
from cancellations.models.shops import Shop

MAX_NOTE = 500  # characters
SERVER = "server"  # a command on the server, in a person's name

_via: ContextVar[str] = ContextVar("via", default="")


@contextmanager
def written_via(way: str) -> Iterator[None]:
    """Every event that is written inside keeps the way in its data, as `via`."""
    before = _via.set(way)
    try:
        yield
    finally:
        _via.reset(before)


class Event(models.Model):
    """One line of the audit history. Written once: the database refuses to change or delete it."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("created the draft")
        DRAFT_CHANGED = "draft_changed", _("changed the draft")
        ORDERS_ADDED = "orders_added", _("added orders to the draft")
        DROPPED = "dropped", _("removed orders from the draft")
        PUT_BACK = "put_back", _("put removed orders back into the draft")
        RESTORED = "restored", _("restored the draft")
        HANDED_OVER = "handed_over", _("handed over the draft")
        LOOKED_UP = "looked_up", _("looked up the orders in the ERP")
        ASKED_FOR_LOOKUP = "asked_for_lookup", _("refreshed the orders from the ERP")
        SUBMITTED = "submitted", _("submitted the request for approval")
        APPROVED = "approved", _("approved the request")
        REJECTED = "rejected", _("rejected the request")
        WITHDRAWN = "withdrawn", _("withdrew the request")
        EXTENDED = "extended", _("extended the deadline")
        EXPIRED = "expired", _("expired without a decision")
        STARTED = "started", _("started sending")
        SENT = "sent", _("made a call to the ERP")
        NOT_EXECUTED = "not_executed", _("a call was not executed")
        NOT_SENT = "not_sent", _("orders of a call that was not executed will not be sent")
        INTERRUPTED = "interrupted", _("the sender was interrupted during a call")
        SETTLED = "settled", _("verified the outcomes with the ERP")
        ASKED_AGAIN = "asked_again", _("requested another verification")
        DECIDED_BY_HAND = "decided_by_hand", _("recorded outcomes manually")
        PAUSED = "paused", _("paused the request")
        RESUMED = "resumed", _("resumed the request")
        STOPPED = "stopped", _("stopped the request")
        FINISHED = "finished", _("finished the request")
        SHOP_ADDED = "shop_added", _("added the seller account")
        SHOP_CHANGED = "shop_changed", _("changed the settings of the seller account")
        MEMBERS_CHANGED = "members_changed", _("changed access to the seller account")
        CREDENTIAL_ADDED = "credential_added", _("added the credential")
        CREDENTIAL_RETIRED = "credential_retired", _("retired the credential")
        KEYS_ROTATED = "keys_rotated", _("re-encrypted the app secrets")
        ACCOUNT_PAUSED = "account_paused", _("paused the seller account")
        ACCOUNT_RESUMED = "account_resumed", _("resumed the seller account")
        CONNECTION_TESTED = "connection_tested", _("tested the connection")
        PERSON_ADDED = "person_added", _("added the person")
        PERSON_CHANGED = "person_changed", _("changed the person's details")
        ROLES_CHANGED = "roles_changed", _("changed the person's roles")
        DEACTIVATED = "deactivated", _("deactivated the person")
        REACTIVATED = "reactivated", _("reactivated the person")
        LINK_MADE = "link_made", _("created a one-time link for a new password")
        PASSWORD_SET = "password_set", _("set a new password")
        FACTOR_ADDED = "factor_added", _("set up the second factor")
        FACTOR_REMOVED = "factor_removed", _("removed the second factor")
        CODES_MADE = "codes_made", _("generated new recovery codes")
        IDENTITY_KEPT = "identity_kept", _("linked to the company account at the first sign-in through it")
        IDENTITY_RESET = "identity_reset", _("ended the link to the company account")
        ACCESS_ASKED = "access_asked", _("asked for a change that needs a second person")
        ACCESS_CONFIRMED = "access_confirmed", _("confirmed the change")
        ACCESS_REFUSED = "access_refused", _("refused the change")
        ACCESS_WITHDRAWN = "access_withdrawn", _("withdrew the change")
        UNLOCKED = "unlocked", _("lifted the lock of signing in")
        SIGNED_OUT = "signed_out", _("signed out everywhere")
        CALENDAR_CHANGED = "calendar_changed", _("changed the calendar")
        PRUNED = "pruned", _("cleared the contents of old calls")
        REMINDED = "reminded", _("asked for a decision")
        ROBOT_ADDED = "robot_added", _("added the group robot")
        ROBOT_CHANGED = "robot_changed", _("changed the group robot")
        ROBOT_REMOVED = "robot_removed", _("removed the group robot")
        MACHINE_ADDED = "machine_added", _("added the machine")
        MACHINE_CHANGED = "machine_changed", _("changed what the machine may do")
        TOKEN_MADE = "token_made", _("created an API token")
        TOKEN_REVOKED = "token_revoked", _("revoked an API token")
        WEBHOOK_ADDED = "webhook_added", _("added the webhook")
        WEBHOOK_CHANGED = "webhook_changed", _("changed the webhook")
        WEBHOOK_SWITCHED = "webhook_switched", _("switched the webhook")
        WEBHOOK_ROTATED = "webhook_rotated", _("gave the webhook a new secret")
        WEBHOOK_REMOVED = "webhook_removed", _("removed the webhook")
        EXPORTED = "exported", _("exported orders")
        RESTORE_CONFIRMED = "restore_confirmed", _("confirmed that the database was restored")
        MAINTENANCE_BEGUN = "maintenance_begun", _("began maintenance")
        MAINTENANCE_ENDED = "maintenance_ended", _("ended maintenance")

    uid = models.UUIDField(default=uuid.uuid4, unique=True)  # known before the database gives an id
    mac = models.CharField(max_length=64)  # over everything else but the id; see marks.py
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind)
    # The actor is nobody where the machine acted by itself. The name is kept as it was at that moment.
    actor = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    actor_name = models.CharField(max_length=150, default="")
    # What it is about: a shop, a request of a shop, or a person.
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="events", null=True)
    cancellation = models.ForeignKey(CancellationRequest, models.PROTECT, related_name="events", null=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="events", null=True)
    note = models.CharField(max_length=MAX_NOTE, default="")
    data = models.JSONField(default=dict)  # counts, hashes, ids; never a secret

    get_kind_display = naming("kind", Kind)

    class Meta:
        ordering = ["id"]
        indexes = [
            # the page of the copies that were taken, the newest first: few of all events
            models.Index(fields=["id"], condition=Q(kind="exported"), name="copies_that_were_taken"),
            # when calls were emptied last, on the page of the history check
            models.Index(fields=["id"], condition=Q(kind="pruned"), name="emptied_calls"),
            # what administrators changed, on the page of the calendar
            models.Index(fields=["id"], condition=Q(kind="calendar_changed"), name="changes_of_the_calendar"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"

    @classmethod
    def write(
        cls,
        kind: str,
        *,
        by: Person | None,
        at: datetime,
        shop: Shop | None = None,
        cancellation: CancellationRequest | None = None,
        person: Person | None = None,
        note: str = "",
        **data: Any,
    ) -> Self:
        """Writes one line of history; call it in the transaction of the change that it tells of."""
        event = cls.compose(kind, by=by, at=at, shop=shop, cancellation=cancellation, person=person, note=note, **data)
        event.save(force_insert=True)
        return event

    @classmethod
    def compose(
        cls,
        kind: str,
        *,
        by: Person | None,
        at: datetime,
        shop: Shop | None = None,
        cancellation: CancellationRequest | None = None,
        person: Person | None = None,
        note: str = "",
        **data: Any,
    ) -> Self:
        """One line of history with its mark, not stored yet."""
        event = cls(
            kind=kind,
            actor=by,
            actor_name=str(by) if by else "",
            shop=shop,
            cancellation=cancellation,
            person=person,
            at=at,
            note=str(note),
            data=data | ({"via": _via.get()} if _via.get() else {}),
        )
        event.mac = event.made_mac()
        return event

    def made_mac(self) -> str:
        about = (self.actor_id, self.actor_name, self.shop_id, self.cancellation_id, self.person_id, self.note)
        return marks.of_event(self.uid, self.at, self.kind, *about, json.dumps(self.data))
