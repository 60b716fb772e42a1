"""When an account may call again: the pace between calls, and the waiting after an answer that asks for it."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cancellations import sending
from cancellations.models import AccountProblem, Credential
from cancellations.sending import problems
from cancellations.wdt.answers import Answer

# Reference section 5: after a rate answer 60 s, then 5 min; at the third in a row the work is parked.
RATE_WAITS = (60, 300)
LONGEST_BACKOFF = 300  # seconds
# Whoever would have to wait longer gives the lease back; the sweep wakes the account in time.
LONGEST_WAIT_IN_TURN = 5  # seconds


def next_turn(credential: Credential, calls: int) -> dict[str, Any]:
    """What to write with the write-ahead of some calls: the earliest start of the one after them."""
    return {"next_call_at": timezone.now() + timedelta(seconds=calls * float(credential.shop.seconds_between_calls))}


def wait_for_turn(credential: Credential) -> bool:
    """Sleeps until the account may call. False if that is too long, or the process is to end."""
    while not sending.stopping.is_set():
        now = timezone.now()
        seconds = ((credential.next_call_at or now) - now).total_seconds()
        if seconds <= 0:
            return True
        if seconds > LONGEST_WAIT_IN_TURN:
            return False
        time.sleep(min(seconds, 0.2))
    return False


def after(credential: Credential, answer: Answer, called_at: datetime) -> tuple[dict[str, Any], bool]:
    """The changes of the credential after the answer to its last call, and whether the work is to be parked."""
    problem = problems.in_answer(answer)
    if not (problem and problem.waits):
        next_call_at = called_at + timedelta(seconds=float(credential.shop.seconds_between_calls))
        return {"waiting_for": "", "failures": 0, "next_call_at": next_call_at}, False
    failures = credential.failures + 1 if credential.waiting_for == problem else 1
    if problem is AccountProblem.RATE:
        seconds, park = RATE_WAITS[min(failures, len(RATE_WAITS)) - 1], failures > len(RATE_WAITS)
    else:
        seconds, park = min(LONGEST_BACKOFF, 2**failures), False
    return {
        "waiting_for": problem,
        "failures": 0 if park else failures,
        "next_call_at": timezone.now() + timedelta(seconds=seconds),
    }, park
