"""A machine that calls the API, as a program does: with a token and JSON, without a session."""

import json
import uuid

import pytest
from django.test import Client

from cancellations.api import callers
from tests import made_machines


class Caller:
    """Calls with the token of a machine; a write gets a new Idempotency-Key unless one is given."""

    def __init__(self, token, language="en"):
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    def get(self, path, *, headers=(), **query):
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers | dict(headers))

    def post(self, path, body=None, *, key=None, headers=()):
        headers = self.headers | {"Idempotency-Key": key or str(uuid.uuid4())} | dict(headers)
        text = body if isinstance(body, bytes | str) else json.dumps(body or {})
        return self.client.post(f"/api/v1/{path}", text, "application/json", headers=headers)


@pytest.fixture(autouse=True)
def _nobody_has_called_yet():
    callers._buckets.clear()


@pytest.fixture
def machine(shop, cast):
    """SAP-01 of the shop; Zhou Lan answers for it."""
    return made_machines.machine(shop, responsible=cast.zhoulan)


@pytest.fixture
def sap(machine, cast):
    return Caller(made_machines.token(machine, by=cast.zhaolei))


@pytest.fixture
def a_list(shop):
    """The body of a request of three orders."""
    return {
        "seller_account": shop.pk,
        "operation": "cancel",
        "orders": ["CG202611010001", "CG202611010002", "CG202611010003"],
        "reason_kind": "duplicate",
    }
