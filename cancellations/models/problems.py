"""Why an account cannot be used: the one table from which requests, look-ups, pages and docs/operating.md take it."""

import enum
from typing import Self

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


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
            "Compare the seller account, app key, secret and environment with the open platform. An account of the "
            "test environment does not exist in production."
        ),
        _("The ERP does not accept the seller account, app key or secret."),
    )
    CLOCK = "clock", STOPS, _("Set the clock by NTP."), _("The ERP finds this server's clock wrong.")
    IP = (
        "ip",
        STOPS,
        _("Add the server's address to the whitelist in the ERP."),
        _("This server's address is not on the seller account's IP whitelist."),
    )
    ADDRESS = (
        "address",
        STOPS,
        _("Check the name in ERP_ADDRESSES. If it is right, list the network in ERP_PRIVATE_NETWORKS."),
        _("The ERP's address leads into a private network that this server does not list."),
    )
    PERMISSION = (
        "permission",
        STOPS,
        _(
            "Apply for the interface on the open platform (自助对接 → 应用管理), or have the rights of the ERP "
            "employee checked."
        ),
        _("The app key may not use this interface."),
    )
    ARGUMENT = (
        "argument",
        Effect.PAUSES,
        _(
            "The ERP's words say what it does not accept. If it is the number of orders in a call, an administrator "
            "can lower it for this shop."
        ),
        _("The ERP does not accept the call."),
    )
    SECRET = (
        "secret",
        STOPS,
        _("Add the key that it was encrypted with to CREDENTIAL_KEYS, or enter the secret again."),
        _("The app secret cannot be read."),
    )
    NO_CREDENTIAL = (
        "no_credential",
        STOPS,
        _("An administrator has to activate the shop or add a credential."),
        _("The shop has no active credential, or is not active."),
    )
    NO_ADDRESS = (
        "no_address",
        STOPS,
        _("Add the environment to ERP_ADDRESSES, or choose another one for the shop."),
        _("The server's settings hold no address for the shop's environment."),
    )
    RATE = (
        "rate",
        Effect.WAITS | STOPS,
        _("Check what else calls with this app key, and wait for 5 to 10 minutes."),
        _("The ERP limits the calls of this account."),
    )
    UNREACHABLE = (
        "unreachable",
        Effect.WAITS,
        _("Check the network and the environment."),
        _("The ERP cannot be reached."),
    )
    NO_ANSWER = (
        "no_answer",
        Effect.WAITS | Effect.ENDS_LOOKUP,
        _("The list of calls shows what came instead. Ask the vendor if it lasts."),
        _("The ERP's last answer did not come or was not understood."),
    )

    def __new__(cls, code: str, effect: Effect, advice: Promise) -> Self:
        problem = str.__new__(cls, code)
        problem._value_ = code
        problem.effect, problem.advice = effect, advice
        return problem

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
