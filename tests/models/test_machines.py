"""Machines ask and never decide: what the database refuses, and what a token is."""

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, transaction

from cancellations.models import ApiToken, CancellationRequest, marks
from cancellations.models.machines import checksum, new_token, parse_token
from tests import made_machines
from tests.people import approved, submitted

KEY, SECRET = "k7Qm2Xv9TbZa", "0123456789abcdefghijABCDEFGHIJ0123456789"
TOKEN = f"wdt_{KEY}_{SECRET}2Npo5h"  # the checksum is the reference's (notices-api-operations.md, 2.4)


@pytest.fixture
def machine(shop, cast):
    return made_machines.machine(shop, responsible=cast.wangqiang)


def decide(cancellation, person):
    """As SQL does it that knows the constraints."""
    CancellationRequest.objects.filter(pk=cancellation.pk).update(
        status="APPROVED",
        decided_by=person,
        decided_at=cancellation.submitted_at,
        decided_hash=cancellation.content_hash,
    )


@pytest.mark.django_db
def test_the_database_refuses_a_machine_as_decider(machine, shop, cast):
    cancellation = submitted(shop, cast.lina)
    with pytest.raises(DatabaseError, match="a machine decides nothing"), transaction.atomic():
        decide(cancellation, machine.person)
    decide(cancellation, cast.zhoulan)


@pytest.mark.django_db
def test_the_database_refuses_who_answers_for_a_machine_as_decider(machine, shop, cast):
    cancellation = submitted(shop, machine.person)
    with pytest.raises(DatabaseError, match="nor who answers for it"), transaction.atomic():
        decide(cancellation, cast.wangqiang)
    decide(cancellation, cast.zhoulan)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["manager", "auditor", "administrator"])
def test_the_database_refuses_a_machine_every_role_but_clerk(machine, role):
    with pytest.raises(DatabaseError, match="a clerk and nothing else"), transaction.atomic():
        machine.person.groups.add(Group.objects.get(name=role))


@pytest.mark.django_db
def test_requests_of_a_machine_do_not_wait_for_who_answers_for_it(machine, shop, cast):
    submitted(shop, machine.person)
    waiting = CancellationRequest.objects.awaiting_decision_of
    assert [waiting(person).count() for person in (cast.wangqiang, cast.zhoulan)] == [0, 1]


@pytest.mark.django_db
def test_what_a_machine_asks_for_is_approved_by_a_manager_who_does_not_answer_for_it(machine, shop, cast):
    assert approved(shop, machine.person, cast.zhoulan).decided_by == cast.zhoulan


def test_the_checksum_of_a_token_is_that_of_the_reference():
    assert checksum(TOKEN[:-6]) == "2Npo5h"
    assert parse_token(TOKEN) == (KEY, SECRET)
    assert str(parse_token(TOKEN)) == TOKEN


@pytest.mark.parametrize(
    "text", ["", "wdt", "wdt__", TOKEN[:-1], TOKEN[:-1] + "i", TOKEN.replace("wdt", "ghp"), TOKEN + "\n", TOKEN.lower()]
)
def test_what_is_no_token_is_not_looked_up(text):
    assert parse_token(text) is None


def test_no_two_tokens_are_alike():
    assert len({str(new_token()) for _number in range(200)}) == 200


@pytest.mark.django_db
@pytest.mark.parametrize("changed", ["secret", "machine", "expiry"])
def test_a_token_fits_only_its_machine_and_its_expiry(changed, machine, shop, cast):
    shown = parse_token(made_machines.token(machine, by=cast.zhaolei))
    token = ApiToken.objects.get(key=shown.key)
    assert token.fits(shown.secret)
    if changed == "machine":
        token.machine = made_machines.machine(shop, responsible=cast.lina, name="SAP-02")
    elif changed == "expiry":
        token.expires_at = marks.moment("2036-01-01T00:00:00+00:00")
    assert not token.fits(shown.secret[::-1] if changed == "secret" else shown.secret)
