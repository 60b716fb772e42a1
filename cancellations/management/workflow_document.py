"""docs/workflow.md, as the table of transitions has it."""

from django.utils import translation

from cancellations.models import CancellationRequest
from cancellations.workflow.transitions import TRANSITIONS

HEAD = """# The lifecycle of a cancellation request

Generated from the table in `cancellations/workflow/transitions.py` by `manage.py documents --write`; a test
compares the two. Only `move` there writes a status, by an update that is conditional on the status it starts from:
of two who act at once, one wins and the other one is told where the request is now.
"""
TAIL = """
## The deadline

A submission sets the deadline, `SUBMITTED_EXPIRES_AFTER_WORKING_DAYS` working days later; what nobody has decided on by
then expires. Whoever may decide may extend it once (`extend` in `cancellations/workflow/manager.py`): by as many
working days, from the deadline or from now, whichever is later. The status stays.

## The outcome of an order

An order is `LISTED` in a draft and `WAITING` from the submission on. `SENDING` is written before its call is made. The
answer makes it `DONE` or `REFUSED` (reported), or `UNKNOWN`; asking the ERP afterwards makes it `DONE` or `REFUSED`
(verified). A call that certainly was not executed puts it back to `WAITING`. What is not sent any more is `SKIPPED`.
An `UNKNOWN` order is never sent again by itself.
"""


def document() -> str:
    """The whole file: a diagram and a table of the transitions, in English."""
    with translation.override("en"):
        diagram, starts = ["```mermaid", "stateDiagram-v2", "    [*] --> DRAFT: draft"], set()
        rows = ["| verb | from | to | who | event |", "|---|---|---|---|---|"]
        for verb, move in TRANSITIONS.items():
            starts |= {*move.sources}
            diagram += [f"    {source.value} --> {move.target.value}: {verb}" for source in move.sources]
            sources = ", ".join(source.value for source in move.sources)
            rows.append(f"| {verb} | {sources} | {move.target.value} | {move.actor} | {move.kind.label} |")
        diagram += [f"    {status.value} --> [*]" for status in CancellationRequest.Status if status not in starts]
        return "\n".join([HEAD, *diagram, "```", "", *rows, TAIL])
