"""Machines that ask through the API, and the tokens that they show.

A machine is a Person that never signs in: so it stands in requests, history and audit trail as people do.
"""

import secrets
import string
import zlib
from typing import NamedTuple

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cancellations.models import marks
from cancellations.models.people import Person

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PREFIX = "wdt"


class Machine(models.Model):
    """What a machine may do, who answers for it, and how much it may ask for in a day."""

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="machine")
    # May not decide on its requests.
    responsible = models.ForeignKey(Person, models.PROTECT, related_name="machines")
    may_request = models.BooleanField(_("May make requests"), default=False)  # else it reads only
    networks = models.TextField(_("Allowed networks"), max_length=1000)  # one per line; none: it is let in nowhere
    requests_per_day = models.PositiveIntegerField(_("Requests per day"), default=50)
    orders_per_day = models.PositiveIntegerField(_("Orders per day"), default=10_000)
    amount_per_day = models.DecimalField(
        _("Amount per day (¥)"), max_digits=14, decimal_places=2, null=True, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(responsible=F("person")), name="a_person_answers_for_a_machine"),
        ]

    def __str__(self):
        return str(self.person)


class ApiToken(models.Model):
    """What a machine shows to be let in. Only its digest is kept, made with AUDIT_KEYS of machine and expiry too."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="tokens")
    key = models.CharField(max_length=12, unique=True)  # the readable part, by which it is found
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute
    last_address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{PREFIX}_{self.key}_…"

    def sealed(self, secret: str) -> tuple[str, ...]:
        """What the digest is made of: who changes machine or expiry in the database has made the token worthless."""
        return self.key, str(self.machine_id), marks.moment(self.expires_at).isoformat(), secret

    def fits(self, secret: str) -> bool:
        """Whether this is its secret."""
        return marks.fits_token(self.digest, *self.sealed(secret))


class Shown(NamedTuple):
    """The parts of a token as a caller shows it: `wdt_<key>_<secret><checksum>`."""

    key: str
    secret: str

    def __str__(self):
        text = f"{PREFIX}_{self.key}_{self.secret}"
        return text + checksum(text)


def new_token() -> Shown:
    """A token nobody has: 12 random letters and digits to find it by, and 40 (238 bits) that are kept secret."""
    key, secret = ("".join(secrets.choice(ALPHABET) for _letter in range(count)) for count in (12, 40))
    return Shown(key, secret)


def parse_token(text: str) -> Shown | None:
    """The parts of a token; None if it is none: of another form, or its checksum differs (a slip of the copy)."""
    prefix, _mark, rest = text.partition("_")
    key, _mark, tail = rest.partition("_")
    if prefix != PREFIX or len(key) != 12 or len(tail) != 46 or not set(key + tail) <= set(ALPHABET):
        return None
    return Shown(key, tail[:40]) if checksum(text[:-6]) == tail[40:] else None


def checksum(text: str) -> str:
    """CRC-32 in six places of base 62, by which scanners tell a real token from an example."""
    number, places = zlib.crc32(text.encode()), []
    for _place in range(6):
        number, rest = divmod(number, len(ALPHABET))
        places.append(ALPHABET[rest])
    return "".join(reversed(places))


class ApiAnswer(models.Model):
    """What a writing call was answered, so that its repetition gets the same: written with what the call did."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="answers", db_index=False)
    key = models.CharField(max_length=255)  # Idempotency-Key
    asked = models.CharField(max_length=64)  # SHA-256 of method, path and body
    http_status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=200, default="")
    body = models.TextField(default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["machine", "key"], name="a_key_is_answered_once"),
        ]

    def __str__(self):
        return f"{self.machine_id} {self.key} {self.http_status}"
