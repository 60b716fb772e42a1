"""The document says what the API does: it is complete, and strangers' programs find nothing that contradicts it."""

import re
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cancellations.api import openapi
from cancellations.api.advice import ADVICE
from cancellations.api.endpoints import ENDPOINTS
from cancellations.api.problems import OF_THE_API, errors_by_code
from cancellations.models import CancellationRequest
from tests import made_machines
from tests.people import numbers, submitted

DOCUMENT = openapi.document()
schema = schemathesis.openapi.from_dict(DOCUMENT)


def test_every_code_of_the_document_exists_and_has_its_advice():
    codes = {code for one in ENDPOINTS for code in openapi.codes_of(one)}
    assert codes <= OF_THE_API.keys() | errors_by_code().keys()
    assert codes <= ADVICE.keys() <= OF_THE_API.keys() | errors_by_code().keys()
    assert OF_THE_API.keys() <= ADVICE.keys()


def test_every_endpoint_has_a_name_of_its_own():
    assert max(Counter(one.name for one in ENDPOINTS).values()) == 1


def test_no_endpoint_decides_or_administers():
    words = re.compile("approve|reject|resume|extend|hand|people|person|shop/|credential|token", re.IGNORECASE)
    assert not [one.path for one in ENDPOINTS if words.search(one.path)]


@pytest.fixture
def token(shop, cast):
    submitted(shop, cast.lina, numbers(3))
    machine = made_machines.machine(shop, responsible=cast.zhoulan, requests_per_day=10_000, orders_per_day=10**8)
    return made_machines.token(machine, by=cast.zhaolei)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_strangers_program_finds_what_the_document_says(case, token, settings, live_server, shop):
    settings.API_CALLS_PER_MINUTE = 1_000_000
    settings.HEAVY_WORK_PER_HOUR = dict.fromkeys(settings.HEAVY_WORK_PER_HOUR, 1_000_000)
    headers = {"Authorization": f"Bearer {token}"}
    if case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE:
        if isinstance(case.body, dict) and "seller_account" in case.body:
            case.body["seller_account"] = shop.pk  # else no list would ever be read
        if case.path_parameters:
            case.path_parameters["number"] = CancellationRequest.objects.latest("pk").number
    elif "Authorization" in (case.headers or {}):
        headers = {}  # its own, which is none
    # What fits the types may still be no list of orders, or no cursor of this list: the sentence says so.
    case.call_and_validate(base_url=live_server.url, headers=headers, excluded_checks=[positive_data_acceptance])
