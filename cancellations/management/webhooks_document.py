"""docs/webhooks.md, with the kinds of messages as the code has them; the rest of it is written by hand."""

from django.utils import translation

from cancellations.models import Webhook
from cancellations.workflow.publishing import KINDS
from wdtadmin.variables import BASE_DIR

FILE = BASE_DIR / "docs" / "webhooks.md"
BEGIN = "<!-- from cancellations/models/webhooks.py, by `manage.py documents --write` -->\n"
END = "<!-- until here -->\n"


def document() -> str:
    """The whole file, its table of kinds made anew: in Chinese as the pages say it, the rest in English."""
    before, _, rest = FILE.read_text().partition(BEGIN)
    moves = {kind: event for event, kind in KINDS.items()}
    rows = ["| `type` | the page says | what happened | event in the audit trail |", "|---|---|---|---|"]
    for kind in Webhook.Kind:
        with translation.override("zh-hans"):
            shown = str(kind.label)
        with translation.override("en"):
            event = f"`{moves[kind].value}`" if kind in moves else "`settled`, `decided_by_hand`"
            rows.append(f"| `{kind.value}` | {shown} | {kind.label} | {event} |")
    return before + BEGIN + "\n".join(rows) + "\n" + END + rest.partition(END)[2]
