"""Finds out why an account cannot be used: from an answer, or before any call."""

from django.conf import settings

from cancellations.models import AccountProblem, Credential
from cancellations.models.secrets import AppSecret, BadAppSecret, SecretUnreadable
from cancellations.wdt.answers import Answer
from cancellations.wdt.errors import State


def in_answer(answer: Answer) -> AccountProblem | None:
    """What the answer says of the account; None if it was used."""
    if answer.state is State.UNKNOWN:
        return AccountProblem.NO_ANSWER
    return AccountProblem.of(answer.why.value) if answer.why else None


def that_pauses(answer: Answer, *, waited_in_vain: bool) -> AccountProblem | None:
    """The problem in the answer, if requests pause because of it: at once, or because the account waited in vain."""
    problem = in_answer(answer)
    return problem if problem and (waited_in_vain or problem.pauses_at_once) else None


def before_any_call(credential: Credential) -> AccountProblem | None:
    """What the settings and the stored secret say."""
    if credential.shop.environment not in settings.ERP_ADDRESSES:
        return AccountProblem.NO_ADDRESS
    try:
        AppSecret.parse(credential.app_secret.reveal())
    except (SecretUnreadable, BadAppSecret):
        return AccountProblem.SECRET
    return None
