"""What is done again and again, in one table: what, how often, by whom.

Every worker runs `run_housekeeping` when it starts and in every sweep. What stands here is cheap if nothing is due,
or holds for all workers together. A worker that dies in the middle leaves nothing undone: the next sweep finds it.
"""

import enum
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cancellations import tasks
from cancellations.audit import chain, restored
from cancellations.exports import queue
from cancellations.figures import counting
from cancellations.models import Chore
from cancellations.notices import delivery, reminding, webhooks
from cancellations.sending import heartbeat, slices
from cancellations.workflow import access_changes, limits, machine, machines, retention, telling

ATTEMPTS_ARE_KEPT = timedelta(days=90)  # to sign in: who, from where, whether it worked
TASKS_ARE_KEPT = 14  # days


class Every(enum.Enum):
    SWEEP = "in every sweep"
    DAY = "by the first that sweeps on the day (Asia/Shanghai)"


class By(enum.Enum):
    ALL = "the workers that send, and those that make exports only"
    SENDERS = "the workers that send"


class Work(NamedTuple):
    """`name` is kept in the database, to know when it was done, and is never given to other work."""

    name: str
    every: Every
    by: By
    do: Callable[[], Any]


def remove_old_tasks() -> None:
    call_command("prune_db_task_results", min_age_days=TASKS_ARE_KEPT, verbosity=0)


def remove_ended_sessions() -> None:
    call_command("clearsessions")


def empty_old_calls() -> None:
    """If a setting says so: their raw texts, see workflow/retention.py."""
    if settings.KEEP_RAW_DAYS > 0:
        retention.empty_calls(ended_before=timezone.now() - timedelta(days=settings.KEEP_RAW_DAYS))


def remove_old_sign_in_attempts() -> None:
    long_ago = timezone.now() - ATTEMPTS_ARE_KEPT
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(attempt_time__lt=long_ago).delete()


PERIODIC = (
    Work("notice a restore", Every.SWEEP, By.SENDERS, restored.notice),
    Work("expire requests", Every.SWEEP, By.SENDERS, machine.expire_overdue),
    Work("carry out changes of access", Every.SWEEP, By.SENDERS, access_changes.carry_out_due),
    Work("forget uploads", Every.SWEEP, By.SENDERS, machine.forget_uploads),
    Work("wake accounts", Every.SWEEP, By.SENDERS, slices.sweep),
    Work("mark lost tasks", Every.SWEEP, By.ALL, tasks.mark_lost),
    Work("retry exports", Every.SWEEP, By.ALL, tasks.retry_exports),
    Work("extend the chain", Every.SWEEP, By.SENDERS, chain.extend),
    Work(
        "count figures", Every.SWEEP, By.SENDERS, counting.catch_up
    ),  # looks for changes once a minute, for all workers
    Work("tell of unsettled orders", Every.SWEEP, By.SENDERS, telling.find_unsettled),
    Work("tell of silent workers", Every.SWEEP, By.SENDERS, heartbeat.tell_of_silent),
    Work("tell of machines", Every.SWEEP, By.SENDERS, machines.tell_of_machines),
    Work("remind of deadlines", Every.SWEEP, By.SENDERS, reminding.remind_of_deadlines),
    Work("say what waits", Every.SWEEP, By.SENDERS, reminding.say_what_waits),
    Work("expire exports", Every.SWEEP, By.SENDERS, queue.expire),
    Work("verify the history", Every.DAY, By.SENDERS, tasks.check_history_daily),
    Work("remove old tasks", Every.DAY, By.SENDERS, remove_old_tasks),
    Work("remove ended sessions", Every.DAY, By.SENDERS, remove_ended_sessions),
    Work("forget usage", Every.DAY, By.SENDERS, limits.forget_usage),
    Work("empty old calls", Every.DAY, By.SENDERS, empty_old_calls),
    Work("forget old notices", Every.DAY, By.SENDERS, delivery.forget_old),
    Work("forget answers of the API", Every.DAY, By.SENDERS, retention.forget_api_answers),
    Work("forget old messages of webhooks", Every.DAY, By.SENDERS, webhooks.forget_old),
    Work("remove old attempts", Every.DAY, By.SENDERS, remove_old_sign_in_attempts),
)


def run_housekeeping(*, is_sending: bool = True) -> None:
    """Does what is due of the table for a worker that sends or does not, from top to bottom."""
    # Looked at first: on SQLite each transaction of once_a_day takes the write lock, and every sweep comes here.
    done_today = set(Chore.objects.filter(done_on=timezone.localdate()).values_list("name", flat=True))
    for work in PERIODIC:
        if work.by is By.SENDERS and not is_sending:
            continue
        if work.every is Every.SWEEP:
            work.do()
        elif work.name not in done_today:
            once_a_day(work)


def once_a_day(work: Work) -> None:
    """Does it if none of the workers has today. If it fails the day stays free, and a later sweep tries again."""
    today = timezone.localdate()
    with transaction.atomic():
        Chore.objects.get_or_create(name=work.name)
        if Chore.objects.filter(name=work.name).exclude(done_on=today).update(done_on=today):
            work.do()
