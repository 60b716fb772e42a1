"""Marks (HMAC-SHA256) of who has AUDIT_KEYS: on events, the links of their chain, snapshots, API tokens."""

import hmac
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import ExpressionWrapper, F, QuerySet, TextField
from django.db.models.functions import Cast

from cancellations.unique_keys import unique_keys

if TYPE_CHECKING:
    from cancellations.models.events import Event

Row = tuple[Any, ...]  # what a row holds may be anything: somebody may have written into it
# Read as text where a field would refuse what somebody wrote into its column: it is to be found, not to be fallen over.
MARKED = (
    ExpressionWrapper(F("uid"), output_field=TextField()),  # as it is: a copy must not get by as another spelling
    Cast("at", TextField()),
    "kind",
    "actor_id",
    "actor_name",
    "shop_id",
    "cancellation_id",
    "person_id",
    "note",
    Cast("data", TextField()),
)
NOT_OURS = (ValueError, TypeError, OverflowError, RecursionError)  # what only a changed row can raise


def read(events: "QuerySet[Event]") -> "QuerySet[Event, Row]":
    """The events as tuples (id, mark, all that is marked …), in the order that `of_event` wants."""
    return events.values_list("pk", "mac", *MARKED)


def of_event(*marked: Any) -> str:
    """The mark of an event; takes what `MARKED` names, `data` as JSON text, other things as Python or as text."""
    return _first(_event(*marked))


def fits_event(mac: Any, *marked: Any) -> bool:
    """Whether the mark was made of exactly this by somebody with one of the keys."""
    try:
        return _any(_event(*marked), mac)
    except NOT_OURS:
        return False


def of_link(number: int, before: str, event_id: int, event_mac: str) -> str:
    """The mark of a link: of its number, the link before it, and its event."""
    return _first(_link(number, before, event_id, event_mac))


def fits_link(mac: Any, number: int, before: str, event_id: int, event_mac: str) -> bool:
    return _any(_link(number, before, event_id, event_mac), mac)


def of_anchor(number: int, mac: str) -> str:
    """The seal of an anchor: of the number and the mark of the last link."""
    return _first(f"anchor {number} {mac}".encode())


def fits_anchor(seal: Any, number: int, mac: str) -> bool:
    return _any(f"anchor {number} {mac}".encode(), seal)


def of_snapshot(*sealed: Any) -> str:
    """The mark of what a look-up wrote of an order."""
    return _first(_encode(["snapshot", *sealed]).encode())


def fits_snapshot(mac: Any, *sealed: Any) -> bool:
    try:
        return _any(_encode(["snapshot", *sealed]).encode(), mac)
    except NOT_OURS:
        return False


def of_token(*sealed: str) -> str:
    """The digest of an API token."""
    return _first(_encode(["token", *sealed]).encode())


def fits_token(digest: Any, *sealed: str) -> bool:
    return _any(_encode(["token", *sealed]).encode(), digest)


def moment(at: datetime | str) -> datetime:
    """A datetime, or what a database shows as its text. Without a zone it is UTC, as SQLite keeps it."""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _event(uid, at, kind, actor, actor_name, shop, cancellation, person, note, data):
    at = moment(at).isoformat(timespec="microseconds")
    uid = uid.hex if isinstance(uid, UUID) else uid
    about = [uid, at, str(kind), actor, actor_name, shop, cancellation, person, note]
    return _encode(["event", *about, _decode(data)]).encode()


def _link(number, before, event_id, event_mac):
    return f"link {number} {before} {event_id} {event_mac}".encode()


def _number(text):
    """PostgreSQL gives 1e20 back as a whole number, and SQLite does not: whole numbers are marked as such."""
    number = float(text)
    return int(number) if number.is_integer() else number


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_decode = json.JSONDecoder(parse_float=_number, object_pairs_hook=unique_keys).decode


def _first(text):
    if not settings.AUDIT_KEYS:
        raise ImproperlyConfigured("AUDIT_KEYS is not set: nothing can be marked. See .env.example.")
    return _hmac(settings.AUDIT_KEYS[0], text)


def _any(text, mac):
    given = str(mac).encode()
    return any(hmac.compare_digest(_hmac(key, text).encode(), given) for key in settings.AUDIT_KEYS)


def _hmac(key, text):
    return hmac.digest(key.encode(), text, "sha256").hex()
