"""What is asked once happens once: many equal calls at the same moment, and calls whose process dies on the way."""

import pytest
from django.db import connection

from cancellations.api import answering, writing
from cancellations.models import ApiAnswer, CancellationRequest, Event
from tests.workflow.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """As a signal that no code catches."""


@pytest.mark.parametrize("same", ["key", "external_id"])
def test_of_many_equal_calls_at_once_one_makes_the_request(same, sap, a_list, settings):
    settings.HEAVY_WORK_PER_HOUR = dict.fromkeys(settings.HEAVY_WORK_PER_HOUR, 1000)
    a_list["external_id"] = "4500017" if same == "external_id" else ""

    def call(number):
        return sap.post("requests", a_list, key="night" if same == "key" else f"night {number}")

    answers = at_once(call, range(20))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["request"]["number"] for answer in answers}) == 1
    assert CancellationRequest.objects.count() == 1
    assert Event.objects.filter(kind="drafted").count() == 1


def test_killed_before_the_commit_nothing_is_there_and_the_repetition_does_it(sap, a_list, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(writing.clerk, "submit", dying)
        with pytest.raises(Killed):
            sap.post("requests", a_list | {"submit": True}, key="night")
    connection.close()
    assert [model.objects.count() for model in (CancellationRequest, ApiAnswer, Event)] == [0, 0, 0]
    assert sap.post("requests", a_list | {"submit": True}, key="night").json()["request"]["status"] == "submitted"


def test_killed_between_commit_and_answer_the_repetition_gets_the_first_answer(sap, a_list, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(answering, "_answered", dying)
        with pytest.raises(Killed):
            sap.post("requests", a_list | {"submit": True}, key="night")
    connection.close()
    made = CancellationRequest.objects.get()
    answer = sap.post("requests", a_list | {"submit": True}, key="night")
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (201, "true")
    assert answer.json()["request"]["number"] == made.number
    assert CancellationRequest.objects.count() == 1


def test_a_refused_call_may_be_repeated_with_its_key(sap, a_list):
    refused = sap.post("requests", a_list | {"orders": ["CG1 CG2"]}, key="night")
    assert refused.status_code == 422
    assert sap.post("requests", a_list, key="night").status_code == 201


def dying(*_arguments, **_given):
    raise Killed
