"""Why an account cannot be used is said in one table, and every answer leads to a row of it."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from cancellations.models import AccountProblem, CancellationRequest, Credential, Lookup
from cancellations.models.problems import Effect
from cancellations.sending import problems
from cancellations.wdt.answers import Answer
from cancellations.wdt.errors import State, Why

ROOT = Path(__file__).resolve().parent.parent.parent
MAYBE_ACTED = {Why.TIMEOUT, Why.CUT, Why.HTTP, Why.UNREADABLE, Why.ERP_ERROR}


@pytest.mark.parametrize("why", [why for why in Why if why not in MAYBE_ACTED])
def test_what_was_not_executed_has_a_row_of_its_code(why):
    assert problems.in_answer(Answer(State.NOT_EXECUTED, why)) == why.value


@pytest.mark.parametrize("why", sorted(MAYBE_ACTED))
def test_what_may_have_acted_is_no_usable_answer(why):
    assert problems.in_answer(Answer(State.UNKNOWN, why)) is AccountProblem.NO_ANSWER


def test_an_account_that_was_used_has_no_problem():
    assert problems.in_answer(Answer(State.ANSWERED)) is None


def test_an_answer_pauses_at_once_or_after_waiting_in_vain():
    of = {why: Answer(State.NOT_EXECUTED, why) for why in (Why.IP, Why.RATE, Why.UNREACHABLE)}
    assert problems.that_pauses(of[Why.IP], waited_in_vain=False) is AccountProblem.IP
    assert problems.that_pauses(of[Why.RATE], waited_in_vain=False) is None
    assert problems.that_pauses(of[Why.RATE], waited_in_vain=True) is AccountProblem.RATE
    assert problems.that_pauses(of[Why.UNREACHABLE], waited_in_vain=False) is None


@pytest.mark.parametrize(
    ("model", "field", "effect", "own"),
    [
        (
            CancellationRequest,
            "pause_reason",
            Effect.PAUSES,
            {*CancellationRequest.OF_FORGERY, CancellationRequest.PERHAPS_SENT},
        ),
        (Lookup, "failure", Effect.ENDS_LOOKUP, {Lookup.OVERTAKEN}),
        (Credential, "waiting_for", Effect.WAITS, set()),
    ],
)
def test_a_field_takes_the_codes_of_the_table(model, field, effect, own):
    codes = {code for code, _ in model._meta.get_field(field).choices}
    assert codes - own == {problem for problem in AccountProblem if effect in problem.effect}


@pytest.mark.parametrize("problem", AccountProblem)
def test_a_problem_says_what_it_means_and_what_to_do(problem):
    with translation.override("en"):
        assert all(str(sentence).endswith(".") for sentence in (problem.label, problem.advice))
    assert problem.effect


WITH_CODES = {"wdt", "robots", "webhooks", "api", "doctor", "migrations"}


def test_no_other_place_spells_the_codes():
    """Some rooms have codes of their own for answers and findings; some codes are words of other things too."""
    codes = set(AccountProblem.values) - {"address", "rate", "permission", "secret", "no_answer"}
    spelt = re.compile("|".join(f"[\"']{code}[\"']" for code in codes))
    files = [*ROOT.glob("cancellations/**/*.py"), *ROOT.glob("templates/**/*.html")]
    here = {path.relative_to(ROOT) for path in files if spelt.search(path.read_text())}
    others = {path for path in here if not WITH_CODES & set(path.parts)}
    assert others == {Path("cancellations/models/problems.py")}
