"""Prints the table of the problems of an account, or writes it into docs/operating.md."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from cancellations.models import AccountProblem
from cancellations.models.problems import Effect

FILE = settings.BASE_DIR / "docs" / "operating.md"
BEGIN = "<!-- from cancellations/models/problems.py, by `manage.py problems_document --write` -->\n"
END = "<!-- until here -->\n"
EFFECTS = {Effect.PAUSES: "requests pause until somebody resumes them", Effect.ENDS_LOOKUP: "look-ups end"}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="write it into docs/operating.md")

    def handle(self, *, write, **options):
        if write:
            before, _, rest = FILE.read_text().partition(BEGIN)
            FILE.write_text(before + BEGIN + table() + END + rest.partition(END)[2])
        else:
            self.stdout.write(table(), ending="")


def table():
    """The rows of the table of problems: in Chinese as the page says it, the rest in English."""
    rows = ["| the page says | what it means | what happens | what to do |", "|---|---|---|---|"]
    for problem in AccountProblem:
        with translation.override("zh-hans"):
            shown = str(problem.label)
        with translation.override("en"):
            rows.append(f"| {shown} | {problem.label} | {_effect(problem)} | {problem.advice} |")
    return "\n".join(rows) + "\n"


def _effect(problem):
    done = ", ".join(words for effect, words in EFFECTS.items() if effect in problem.effect)
    if not problem.waits:
        return done
    return "it is tried again by itself" + (f"; after several times in vain {done}" if done else "")
