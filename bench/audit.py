"""How long 1,000,000 events take to be chained and verified, and how much memory that needs.

Run it with `python -m bench.audit` (`--events N` for another number); it uses DATABASE_URL, else SQLite in a folder of
its own.
"""

import argparse
import resource
import tempfile
import time
from datetime import timedelta

from bench.results import keep
from bench.start import start_django

AT_ONCE = 10_000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        start_django(folder)
        from cancellations.audit import chain, verification

        print(f"{'':<28}{'seconds':>9}{'CPU':>9}{'events/s':>11}{'peak MB':>9}")
        timed("written, with their marks", count, lambda: write(count))
        timed("taken into the chain", count, chain.extend_fully)
        finding = timed("verified", count, verification.verify)
        assert (finding.last.number, finding.fault) == (count, "")
        timed("a sweep with nothing to do", 1, chain.extend)


def timed(what, count, do):
    began, of_ours = time.monotonic(), time.process_time()
    done = do()
    seconds, of_ours = time.monotonic() - began, time.process_time() - of_ours
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if what == "verified":
        keep("audit", seconds=seconds, events=count)
    print(f"{what:<28}{seconds:>9.3f}{of_ours:>9.3f}{count / seconds:>11,.0f}{peak:>9}", flush=True)
    return done


def write(count):
    from django.utils import timezone

    from cancellations.models import Event
    from tests.people import make_shop

    shop, began = make_shop("bench", sid="bench"), timezone.now() - timedelta(days=365)
    for first in range(0, count, AT_ONCE):
        Event.objects.bulk_create(
            Event.compose(
                "sent",
                by=None,
                shop=shop,
                at=began + timedelta(seconds=number),
                note="取消采购单成功",
                orders=20,
                done=18,
                refused=2,
                call=number,
            )
            for number in range(first, min(first + AT_ONCE, count))
        )


if __name__ == "__main__":
    main()
