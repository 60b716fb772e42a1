"""Why an account cannot be used: the one table from which requests, look-ups, pages and docs/operating.md take it."""

import enum
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cancellations.sentences import sentences


class Effect(enum.Flag):
    """What a problem does. One that waits does the rest only when it was tried in vain several times."""

    WAITS = enum.auto()  # the account is tried again by itself, later and later
    PAUSES = enum.auto()  # requests pause until somebody has mended it and resumes them
    ENDS_LOOKUP = enum.auto()


STOPS = Effect.PAUSES | Effect.ENDS_LOOKUP


class AccountProblem(models.TextChoices):
    """Each problem with its code, its effect, what to do about it, and, as its label, what it means.

    A code that an answer of the ERP leads to is the one of `wdt`.
    """

    effect: Effect
    advice: Promise

    SIGN = (
        "sign",
        STOPS,
        _(
            "Compare seller account, app key, secret and environment with the open platform. Test "
            "accounts do not exist in production."
        ),
        _("The ERP refused the seller account, app key or secret."),
    )
    CLOCK = "clock", STOPS, _("Synchronize the clock by NTP."), _("The ERP reports that this server's clock is wrong.")
    IP = (
        "ip",
        STOPS,
        _("Add the server's IP address to the whitelist in the ERP."),
        _("This server's IP address is not on the seller account's whitelist."),
    )
    ADDRESS = (
        "address",
        STOPS,
        _("Check the host name in ERP_ADDRESSES. If it is right, list the network in ERP_PRIVATE_NETWORKS."),
        _("The ERP address resolves to a private network that is not allowed."),
    )
    PERMISSION = (
        "permission",
        STOPS,
        _("Apply for the interface on the open platform (自助对接 → 应用管理), or check the ERP employee's rights."),
        _("The app key has no permission for this interface."),
    )
    ARGUMENT = (
        "argument",
        Effect.PAUSES,
        _(
            "The ERP message says what was not accepted. If it is the number of orders per call, an "
            "administrator can lower it."
        ),
        _("The ERP refused the call."),
    )
    SECRET = (
        "secret",
        STOPS,
        _("Add its encryption key to CREDENTIAL_KEYS, or enter the app secret again."),
        _("The app secret cannot be decrypted."),
    )
    NO_CREDENTIAL = (
        "no_credential",
        STOPS,
        _("An administrator has to activate the seller account or add a credential."),
        _("The seller account is inactive or has no active credential."),
    )
    NO_ADDRESS = (
        "no_address",
        STOPS,
        _("Add the environment to ERP_ADDRESSES, or choose another one for the seller account."),
        _("The server settings contain no address for this environment."),
    )
    RATE = (
        "rate",
        Effect.WAITS | STOPS,
        _("Find out what else uses this app key, and wait 5 to 10 minutes."),
        _("The ERP is rate-limiting this seller account."),
    )
    UNREACHABLE = (
        "unreachable",
        Effect.WAITS | Effect.ENDS_LOOKUP,
        _("Check the network and the environment."),
        _("The ERP is unreachable."),
    )
    NO_ANSWER = (
        "no_answer",
        Effect.WAITS | Effect.ENDS_LOOKUP,
        _("The API calls show what was received instead. Contact the vendor if it persists."),
        _("The last ERP response was missing or not understood."),
    )

    def __new__(cls, code: str, effect: Effect, advice: Promise) -> Self:
        problem = str.__new__(cls, code)
        problem._value_ = code
        problem.effect, problem.advice = effect, advice
        return problem

    @property
    def what_to_do(self) -> str:
        """The advice, and where the ERP refuses the server's address, which one that is, if a setting says so."""
        if self is AccountProblem.IP and settings.OUTGOING_ADDRESS:
            known = gettext("The ERP sees this server as %(address)s.") % {"address": settings.OUTGOING_ADDRESS}
            return sentences(self.advice, known)
        return str(self.advice)

    @property
    def waits(self) -> bool:
        return Effect.WAITS in self.effect

    @property
    def pauses_at_once(self) -> bool:
        return Effect.PAUSES in self.effect and not self.waits

    @classmethod
    def of(cls, code: str) -> Self | None:
        """The problem with the code; None for none, and for what keeps a request back without being the account's."""
        return cls(code) if code in cls.values else None

    @classmethod
    def that(cls, effect: Effect) -> list[tuple[str, Promise]]:
        """[(code, what it means)] of the problems that have the effect, as the choices of a field."""
        return [(problem.value, problem.label) for problem in cls if effect in problem.effect]
