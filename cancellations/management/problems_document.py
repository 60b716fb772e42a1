"""docs/operating.md, with the problems of an account as their table has them; the rest of it is written by hand."""

from django.utils import translation

from cancellations.models import AccountProblem
from cancellations.models.problems import Effect
from wdtadmin.variables import BASE_DIR

FILE = BASE_DIR / "docs" / "operating.md"
BEGIN = "<!-- from cancellations/models/problems.py, by `manage.py documents --write` -->\n"
END = "<!-- until here -->\n"
EFFECTS = {Effect.PAUSES: "requests pause until somebody resumes them", Effect.ENDS_LOOKUP: "look-ups end"}


def document() -> str:
    """The whole file, its table of problems made anew: in Chinese as the pages say it, the rest in English."""
    before, _, rest = FILE.read_text().partition(BEGIN)
    rows = ["| the page says | what it means | what happens | what to do |", "|---|---|---|---|"]
    for problem in AccountProblem:
        effect = ", ".join(said for one, said in EFFECTS.items() if one in problem.effect)
        if problem.waits:
            effect = "it is tried again by itself" + (f"; after several times in vain {effect}" if effect else "")
        with translation.override("zh-hans"):
            shown = str(problem.label)
        with translation.override("en"):
            rows.append(f"| {shown} | {problem.label} | {effect} | {problem.advice} |")
    return before + BEGIN + "\n".join(rows) + "\n" + END + rest.partition(END)[2]
