"""What must be true after every fault, whatever happened: our records against the stand-in ERP's memory."""

import itertools
from collections import Counter

from cancellations.models import OrderLine

CANCELLED = 10
ENDED = {"DONE", "REFUSED", "SKIPPED", "UNKNOWN"}


def everything_holds(cancellation, erp):
    no_order_is_lost(cancellation)
    nothing_is_sent_again_that_might_have_been_executed(erp)
    every_outcome_agrees_with_the_erp(cancellation, erp)


def no_order_is_lost(cancellation):
    lines = list(cancellation.lines.values("outcome", "why", "settle_at"))
    assert len(lines) == cancellation.line_count
    assert {line["outcome"] for line in lines} <= ENDED
    # An order in doubt says why, and somebody or something will find out.
    assert all(line["why"] for line in lines if line["outcome"] == "UNKNOWN")


def nothing_is_sent_again_that_might_have_been_executed(erp):
    """A call that the ERP refused as a whole (its envelope says so) may be repeated; any other one may not."""
    risked = [call["numbers"] for call in erp.calls("cancelByType") if is_risked(call)]
    assert max(Counter(itertools.chain.from_iterable(risked)).values(), default=0) <= 1


def is_risked(call):
    """Whether the ERP may have executed it: a refusal of the whole call can hide that it did (reference section 8)."""
    return call["status"] in (0, None) or bool(call["executed"])


def every_outcome_agrees_with_the_erp(cancellation, erp):
    executed = {number for number, order in erp.orders().items() if order["status"] == CANCELLED}
    recorded = dict(cancellation.lines.values_list("order_no", "outcome"))
    known = {number for number, outcome in recorded.items() if outcome != OrderLine.Outcome.UNKNOWN}
    done = {number for number, outcome in recorded.items() if outcome == OrderLine.Outcome.DONE}
    assert executed & known == done & known & set(recorded)


def one_call_at_a_time(erp):
    """For workers that live: a killed one leaves a call behind that the ERP still works on."""
    calls = sorted(erp.calls(), key=lambda call: call["at"])
    assert all(later["at"] >= earlier["ended"] for earlier, later in itertools.pairwise(calls))


def counts(cancellation, erp):
    """What a report of the faults adds up."""
    risked = Counter(number for call in erp.calls("cancelByType") if is_risked(call) for number in call["numbers"])
    ended = cancellation.lines.filter(outcome__in=ENDED).count()
    return {
        "orders sent": len(risked),
        "orders lost": cancellation.line_count - ended,
        "orders sent twice": sum(times > 1 for times in risked.values()),
    }
