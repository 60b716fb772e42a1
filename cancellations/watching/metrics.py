"""What Prometheus reads: some twenty queries, each of few rows, of an index, or of what is kept counted anyway."""

import platform
import time
from collections.abc import Iterator

import django
from django.db import connection

from cancellations.watching import upkeep_metrics, work_metrics
from cancellations.watching.exposition import Metric, Sample
from cancellations.watching.reading import Reading
from wdtadmin import version

READ = (
    work_metrics.requests,
    work_metrics.orders,
    work_metrics.due,
    work_metrics.outcomes,
    work_metrics.calls,
    work_metrics.accounts,
    upkeep_metrics.pages,
    upkeep_metrics.workers,
    upkeep_metrics.queue,
    upkeep_metrics.notices,
    upkeep_metrics.checks,
    upkeep_metrics.maintenance,
)


def collect() -> Iterator[Metric]:
    """All metrics, as they are now."""
    began_at, reading = time.monotonic(), Reading()
    labels = {
        "version": version.number(),
        "commit": version.commit(),
        "django": django.get_version(),
        "python": platform.python_version(),
        "database": connection.vendor,
    }
    yield Metric("wdtadmin_info", "What is running.", [Sample(1, labels)])
    for read in READ:
        yield from read(reading)
    seconds = time.monotonic() - began_at
    yield Metric("wdtadmin_scrape_seconds", "How long it took to read all this.", [Sample(round(seconds, 4))])
