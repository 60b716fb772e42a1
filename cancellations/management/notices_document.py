"""docs/notices.md, with the table of who is told of what as the code has it; the rest of it is written by hand."""

from django.utils import translation

from cancellations.models import Notice
from cancellations.workflow.telling import rule_of
from wdtadmin.variables import BASE_DIR

FILE = BASE_DIR / "docs" / "notices.md"
BEGIN = "<!-- from cancellations/workflow/telling.py, by `manage.py documents --write` -->\n"
END = "<!-- until here -->\n"


def document() -> str:
    """The whole file, its table of notices made anew: in Chinese as the pages say it, the rest in English."""
    before, _, rest = FILE.read_text().partition(BEGIN)
    rows = ["| the page says | what it is | who is told | in groups | by mail |", "|---|---|---|---|---|"]
    for kind in Notice.Kind:
        rule = rule_of(kind)
        with translation.override("zh-hans"):
            shown = str(kind.label)
        with translation.override("en"):
            mail = "always" if rule.is_urgent else "unless they choose otherwise"
            rows.append(f"| {shown} | {kind.label} | {rule.who} | {'yes' if rule.in_group else '–'} | {mail} |")
    return before + BEGIN + "\n".join(rows) + "\n" + END + rest.partition(END)[2]
