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
    """The whole file, its table of problems made anew."""
    before, _, rest = FILE.read_text().partition(BEGIN)
    return before + BEGIN + _table() + END + rest.partition(END)[2]


def _table() -> str:
    """In Chinese as the pages say it, the rest in English."""
    rows = ["| the page says | what it means | what happens | what to do |", "|---|---|---|---|"]
    for problem in AccountProblem:
        with translation.override("zh-hans"):
            shown = str(problem.label)
        with translation.override("en"):
            rows.append(f"| {shown} | {problem.label} | {_effect(problem)} | {problem.advice} |")
    return "\n".join(rows) + "\n"


def _effect(problem: AccountProblem) -> str:
    done = ", ".join(words for effect, words in EFFECTS.items() if effect in problem.effect)
    if not problem.waits:
        return done
    return "it is tried again by itself" + (f"; after several times in vain {done}" if done else "")
