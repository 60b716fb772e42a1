"""How people get in and out: their sessions, passwords and second factors. Who works where is not decided here.

The secret of a second factor lies in django-otp's table as it is, because codes are computed from it: whoever reads
the database can make codes, but still needs the password. Recovery codes are kept as keyed hashes only.
"""

import time
from binascii import unhexlify
from unicodedata import normalize

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from cancellations.access import throttling
from cancellations.models import Event, Person
from cancellations.workflow import granting, permissions
from cancellations.workflow.errors import (
    CodesHeldBack,
    FactorExists,
    FactorMissing,
    FactorRequired,
    WrongCode,
)

RECOVERY_CODES = 10
CODE_LENGTH = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another one
DIGITS = 6


@transaction.atomic
def sign_out_everywhere(person: Person, *, by: Person) -> None:
    """Ends every session of the person, wherever it is; an administrator may do it for others. Raises NotAllowed."""
    permissions.check_may_guard_access(by, person)
    granting.end_sessions(person)
    Event.write(Event.Kind.SIGNED_OUT, by=by, person=person, at=timezone.now())


@transaction.atomic
def unlock(person: Person, *, by: Person) -> None:
    """Lets somebody try again who failed to sign in too often. Raises NotAllowed."""
    permissions.check_may_guard_access(by, person)
    throttling.forget_failures(person)
    Event.write(Event.Kind.UNLOCKED, by=by, person=person, at=timezone.now())


@transaction.atomic
def keep_identity(person: Person, *, issuer: str, subject: str) -> None:
    """Keeps who the person is for the company's provider, at the first sign-in through it."""
    Person.objects.filter(pk=person.pk, oidc_subject="").update(oidc_issuer=issuer, oidc_subject=subject)
    Event.write(Event.Kind.IDENTITY_KEPT, by=person, person=person, at=timezone.now())


@transaction.atomic
def change_password(person: Person, *, by: Person, password: str) -> None:
    """Sets a person's own new password, which the caller has validated; all their sessions end. Raises NotAllowed."""
    permissions.check_is_self(by, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    Event.write(Event.Kind.PASSWORD_SET, by=by, person=person, at=timezone.now())


def second_factor_of(person: Person) -> TOTPDevice | None:
    """The person's TOTP device, or None."""
    return TOTPDevice.objects.filter(user=person, confirmed=True).first()


def recovery_codes_left(person: Person) -> int:
    """How many recovery codes the person has not used yet."""
    return StaticToken.objects.filter(device__user=person).count()


def new_factor_key() -> str:
    """A secret for a second factor that is being set up, hexadecimal."""
    return default_key()


@transaction.atomic
def add_second_factor(person: Person, *, by: Person, key: str, code: str) -> list[str]:
    """Sets the second factor up, if `code` shows that an app computes with `key`; all sessions of the person end.

    Returns the recovery codes, which cannot be shown again. Raises NotAllowed, FactorExists, WrongCode.
    """
    permissions.check_is_self(by, person)
    _one_at_a_time(person)
    if second_factor_of(person):
        raise FactorExists
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    if not _is_totp(_plain(code)) or not totp.verify(int(_plain(code)), tolerance=1):
        raise WrongCode
    now = timezone.now()
    TOTPDevice.objects.create(user=person, name="TOTP", key=key, drift=totp.drift, last_t=totp.t())
    granting.end_sessions(person)
    Event.write(Event.Kind.FACTOR_ADDED, by=by, person=person, at=now)
    return _make_codes(person)


@transaction.atomic
def make_recovery_codes(person: Person, *, by: Person) -> list[str]:
    """Returns new recovery codes; the old ones count no more. Raises NotAllowed, FactorMissing."""
    permissions.check_is_self(by, person)
    _one_at_a_time(person)
    if not second_factor_of(person):
        raise FactorMissing
    Event.write(Event.Kind.CODES_MADE, by=by, person=person, at=timezone.now())
    return _make_codes(person)


@transaction.atomic
def remove_second_factor(person: Person, *, by: Person) -> None:
    """Removes one's own second factor with its recovery codes; all sessions of the person end.

    An administrator removes that of others by workflow/people.py. Raises NotAllowed, FactorMissing, FactorRequired.
    """
    permissions.check_is_self(by, person)
    if permissions.needs_second_factor(person):
        raise FactorRequired
    granting.remove_second_factor(person, by=by)


def check_code(person: Person, code: str) -> None:
    """Takes a code of the app or a recovery code, which counts once. Raises WrongCode, CodesHeldBack.

    Not in a transaction of its own: a wrong code must be remembered, and the error would undo that.
    """
    code = _plain(code)
    model, token = (TOTPDevice, code) if _is_totp(code) else (StaticDevice, _digest(code))
    device = model.objects.filter(user=person, confirmed=True).first()
    if device is None:
        raise WrongCode
    allowed, why = device.verify_is_allowed()
    if not allowed:
        raise CodesHeldBack(seconds=int((why["locked_until"] - timezone.now()).total_seconds()) + 1)
    if not verify_token(person, device.persistent_id, token):
        raise WrongCode


def _plain(code):
    """As it is kept: without the gaps that make it readable, digits and letters not full-width."""
    return "".join(normalize("NFKC", code).split()).replace("-", "").lower()


def _is_totp(code):
    return len(code) == DIGITS and code.isascii() and code.isdecimal()


def _make_codes(person):
    StaticDevice.objects.filter(user=person).delete()
    device = StaticDevice.objects.create(user=person, name="recovery codes")
    codes = [get_random_string(CODE_LENGTH, LETTERS) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(code)) for code in codes)
    return codes


def _digest(code):
    return salted_hmac("cancellations.recovery-code", code, algorithm="sha256").hexdigest()[:16]


def _one_at_a_time(person):
    """Two requests at once must not set up two factors. SQLite lets only one write anyway."""
    Person.objects.select_for_update().get(pk=person.pk)
