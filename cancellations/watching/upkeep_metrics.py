"""Pages, workers, their tasks, notices, the audit trail, backups."""

from collections.abc import Iterator
from itertools import accumulate, groupby

from django.db.models import Count, Min

from cancellations import tasks
from cancellations.models import AuditCheck, Backup, GroupRobot, Maintenance, Notice, PageTimes, Worker
from cancellations.sending import heartbeat
from cancellations.watching.exposition import Metric, Sample
from cancellations.watching.reading import Reading, timestamp

MAIL = "mail"


def pages(reading: Reading) -> Iterator[Metric]:
    """How long they took, all web processes together."""
    samples = []
    for page, rows in groupby(PageTimes.objects.order_by("page"), key=lambda row: row.page):
        kept = {row.at_most: row for row in rows}
        answers = [kept[limit].answers if limit in kept else 0 for limit in PageTimes.LIMITS]
        counted = list(accumulate(answers))
        for limit, count in zip(PageTimes.LIMITS, counted, strict=True):
            samples.append(Sample(count, {"page": page, "le": limit}, "_bucket"))
        samples.append(Sample(round(sum(row.seconds for row in kept.values()), 3), {"page": page}, "_sum"))
        samples.append(Sample(counted[-1], {"page": page}, "_count"))
    yield Metric("wdtadmin_page_seconds", "How long pages took to be answered.", samples, "histogram")


def workers(reading: Reading) -> Iterator[Metric]:
    """How many are alive, and when one was seen last."""
    alive = [queues for (queues,) in heartbeat.alive().values_list("queues")]
    yield Metric(
        "wdtadmin_workers_alive",
        "Workers that have shown themselves lately, by the queue that they work on.",
        [
            Sample(sum(queue in queues for queues in alive), {"queue": queue})
            for queue in (heartbeat.SENDING, tasks.EXPORTS)
        ],
    )
    beats = [
        beat_at for beat_at, queues in Worker.objects.values_list("beat_at", "queues") if heartbeat.SENDING in queues
    ]
    yield Metric(
        "wdtadmin_worker_beat_timestamp_seconds",
        "When a worker that sends has shown itself last; 0 if none has, or all have ended in order.",
        [Sample(timestamp(max(beats, default=None)))],
    )


def queue(reading: Reading) -> Iterator[Metric]:
    """The tasks of the engine."""
    ready, running, _ = tasks.queue()
    yield Metric(
        "wdtadmin_tasks",
        "Tasks in the background that are due, and that run.",
        [Sample(ready, {"state": "due"}), Sample(running, {"state": "running"})],
    )


def notices(reading: Reading) -> Iterator[Metric]:
    """What people have not been told yet, by the channel that it goes through."""
    due = Notice.objects.filter(state=Notice.State.DUE, due_at__lte=reading.now).order_by()
    waiting = dict.fromkeys((MAIL, *GroupRobot.Kind.values), (0, reading.now))
    for kind, count, oldest in due.values_list("robot__kind").annotate(Count("pk"), Min("at")):
        waiting[kind or MAIL] = count, oldest
    yield Metric(
        "wdtadmin_notices_waiting",
        "Notices that are due and not delivered.",
        [Sample(count, {"channel": channel}) for channel, (count, _) in waiting.items()],
    )
    yield Metric(
        "wdtadmin_oldest_notice_seconds",
        "How old the oldest of them is.",
        [Sample(reading.age(oldest), {"channel": channel}) for channel, (_, oldest) in waiting.items()],
    )
    off = GroupRobot.objects.filter(off_at__isnull=False).count()
    yield Metric("wdtadmin_robots_switched_off", "Group robots that their chat has refused for good.", [Sample(off)])


def maintenance(reading: Reading) -> Iterator[Metric]:
    """Whether there is some, and whether somebody has forgotten it."""
    now = Maintenance.objects.first()
    yield Metric("wdtadmin_maintenance", "1 during maintenance: nothing is changed or sent.", [Sample(int(bool(now)))])
    yield Metric(
        "wdtadmin_maintenance_end_timestamp_seconds",
        "When it is expected to end; 0 if there is none.",
        [Sample(timestamp(now.until if now else None))],
    )


def checks(reading: Reading) -> Iterator[Metric]:
    """The audit trail and the backups."""
    check, backup = AuditCheck.objects.first(), Backup.objects.first()
    yield Metric(
        "wdtadmin_audit_fault",
        "1 if the last verification of the audit trail found something wrong.",
        [Sample(int(bool(check and check.fault)))],
    )
    yield Metric(
        "wdtadmin_audit_check_timestamp_seconds",
        "When the audit trail was verified last; 0 if never.",
        [Sample(timestamp(check.at if check else None))],
    )
    yield Metric(
        "wdtadmin_backup_timestamp_seconds",
        "When the newest backup was made; 0 if never.",
        [Sample(timestamp(backup.at if backup else None))],
    )
