"""Nobody decides on their own request: not through the page, not by SQL, not by being quick."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from cancellations.models import CancellationRequest, Event, OrderLine
from cancellations.workflow import clerk, errors, manager
from tests.people import approved, submitted
from tests.workflow.test_at_once import at_once

TABLE = "cancellations_cancellationrequest"
OWN = "nobody_decides_on_their_own_request"
# what somebody with the database's password might try on a submitted request -> the rule that is in the way
ON_A_SUBMITTED_ONE = {
    f"UPDATE {TABLE} SET decided_by_id = requester_id, decided_at = submitted_at, decided_hash = content_hash, "
    "status = 'APPROVED' WHERE id = %(pk)s": OWN,
    f"UPDATE {TABLE} SET decided_by_id = requester_id, decided_at = submitted_at, decided_hash = content_hash "
    "WHERE id = %(pk)s": OWN,
    f"UPDATE {TABLE} SET status = 'APPROVED' WHERE id = %(pk)s": "nothing_runs_without_a_decision",
    f"UPDATE {TABLE} SET status = 'RUNNING' WHERE id = %(pk)s": "nothing_runs_without_a_decision",
    f"UPDATE {TABLE} SET status = 'APPROVED', decided_by_id = %(other)s WHERE id = %(pk)s": (
        "who_decided_when_on_what_or_nothing"
    ),
    f"UPDATE {TABLE} SET status = 'APPROVED', decided_by_id = %(other)s, decided_at = submitted_at, "
    "decided_hash = 'x' WHERE id = %(pk)s": "what_was_decided_on_is_what_is_stored",
}
ON_AN_APPROVED_ONE = {
    f"UPDATE {TABLE} SET requester_id = decided_by_id WHERE id = %(pk)s": OWN,
    f"UPDATE {TABLE} SET decided_by_id = requester_id WHERE id = %(pk)s": OWN,
    f"UPDATE {TABLE} SET decided_by_id = NULL, decided_at = NULL, decided_hash = '' WHERE id = %(pk)s": (
        "nothing_runs_without_a_decision"
    ),
    f"UPDATE {TABLE} SET content_hash = 'another list' WHERE id = %(pk)s": "what_was_decided_on_is_what_is_stored",
}


def refuses(rule, sql, cancellation, cast):
    before = list(CancellationRequest.objects.values())
    with pytest.raises(IntegrityError, match=rule), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, {"pk": cancellation.pk, "other": cast.wangqiang.pk})
    assert list(CancellationRequest.objects.values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ON_A_SUBMITTED_ONE)
def test_the_database_lets_nobody_pass_a_request_that_waits(sql, shop, cast):
    refuses(ON_A_SUBMITTED_ONE[sql], sql, submitted(shop, cast.lina), cast)


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ON_AN_APPROVED_ONE)
def test_the_database_refuses_a_decision_on_ones_own_request(sql, shop, cast):
    refuses(ON_AN_APPROVED_ONE[sql], sql, approved(shop, cast.lina, cast.wangqiang), cast)


def copied(verb="INSERT", **changes):
    """SQL that makes a new request from an existing one, with some columns changed."""
    columns = [field.column for field in CancellationRequest._meta.fields if field.column != "id"]
    values = ", ".join(changes.get(column, column) for column in columns)
    return f"{verb} INTO {TABLE} ({', '.join(columns)}) SELECT {values} FROM {TABLE} WHERE id = %(pk)s"


AS_ONES_OWN = {
    "status": "'APPROVED'",
    "decided_by_id": "requester_id",
    "decided_at": "submitted_at",
    "decided_hash": "content_hash",
}
ANOTHER = {"number": "'CR20261101-9999'", "form_token": f"'{'0' * 32}'"}
PUT_IN = {
    "a row": copied(**ANOTHER, **AS_ONES_OWN),
    "a row, with conflicts passed over": copied(**ANOTHER, **AS_ONES_OWN) + " ON CONFLICT DO NOTHING",
    "a row that changes another one": copied(form_token=ANOTHER["form_token"])
    + " ON CONFLICT (number) DO UPDATE SET "
    + "status = 'APPROVED', decided_by_id = excluded.requester_id, decided_at = excluded.submitted_at, "
    + "decided_hash = excluded.content_hash",
}
if connection.vendor == "sqlite":
    PUT_IN["a row in the place of another one"] = copied("INSERT OR REPLACE", **AS_ONES_OWN)


@pytest.mark.django_db
@pytest.mark.parametrize("how", PUT_IN)
def test_nor_is_one_put_in_that_its_requester_has_approved(how, shop, cast):
    refuses(OWN, PUT_IN[how], submitted(shop, cast.lina), cast)


@pytest.mark.django_db(transaction=True)
def test_of_managers_who_decide_at_once_one_wins(shop, cast):
    cancellation = submitted(shop, cast.lina)

    def decide(what):
        verb, person = what
        mine = CancellationRequest.objects.get(pk=cancellation.pk)
        verb(mine, by=person, seen_hash=mine.content_hash, note="看过了")

    said = at_once(decide, [(manager.approve, cast.wangqiang), (manager.reject, cast.zhoulan)] * 2)
    assert sorted(type(answer).__name__ for answer in said) == ["MovedOn"] * 3 + ["NoneType"]
    cancellation.refresh_from_db()
    won = cast.wangqiang if cancellation.status == "APPROVED" else cast.zhoulan
    assert cancellation.decided_by == won
    assert [event.actor for event in Event.objects.filter(kind__in=["approved", "rejected"])] == [won]


@pytest.mark.django_db(transaction=True)
def test_of_approve_and_withdraw_at_once_one_wins(shop, cast):
    cancellation = submitted(shop, cast.lina)

    def act(what):
        mine = CancellationRequest.objects.get(pk=cancellation.pk)
        if what == "approve":
            manager.approve(mine, by=cast.wangqiang, seen_hash=mine.content_hash)
        else:
            clerk.withdraw(mine, by=cast.lina)

    said = at_once(act, ["approve", "withdraw"])
    assert sorted(type(answer).__name__ for answer in said) == ["MovedOn", "NoneType"]
    cancellation.refresh_from_db()
    outcomes = set(OrderLine.objects.values_list("outcome", flat=True))
    assert (cancellation.status, outcomes) in (("APPROVED", {"WAITING"}), ("WITHDRAWN", {"SKIPPED"}))
    assert Event.objects.filter(kind__in=["approved", "withdrawn"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_decision_on_a_stale_request_is_refused(shop, cast):
    cancellation = submitted(shop, cast.lina)
    loaded_before = CancellationRequest.objects.get(pk=cancellation.pk)
    clerk.withdraw(cancellation, by=cast.lina)
    with pytest.raises(errors.MovedOn):
        manager.approve(loaded_before, by=cast.wangqiang, seen_hash=loaded_before.content_hash)
    assert CancellationRequest.objects.get().status == "WITHDRAWN"


def lose_the_role(person, shop):
    person.groups.clear()


def lose_the_shop(person, shop):
    shop.members.remove(person)


def be_deactivated(person, shop):
    person.is_active = False
    person.save()


@pytest.mark.django_db
@pytest.mark.parametrize(("happens", "status"), [(lose_the_role, 403), (lose_the_shop, 404), (be_deactivated, 302)])
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_right_lost_before_the_click_decides_nothing(verb, happens, status, shop, cast, sign_in):
    cancellation = submitted(shop, cast.lina)
    boss = sign_in(cast.wangqiang)
    assert 'id="decision-title"' in boss.get(cancellation.get_absolute_url()).content.decode()
    happens(cast.wangqiang, shop)
    events = Event.objects.count()
    answer = boss.post(
        reverse(f"cancellation-{verb}", args=[cancellation.number]),
        {"seen_hash": cancellation.content_hash, "note": "好"},
    )
    assert answer.status_code == status
    if status == 302:
        assert answer.headers["Location"].startswith(reverse("login"))
    cancellation.refresh_from_db()
    assert (cancellation.status, Event.objects.count()) == ("SUBMITTED", events)


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize(
    "role", [pytest.param(None, id="as such"), pytest.param("manager", id="who is the requester and a manager")]
)
def test_a_superuser_needs_the_role_and_anothers_request(verb, role, shop, cast, sign_in):
    if role:
        cast.root.groups.add(*cast.zhoulan.groups.all())
        shop.members.add(cast.root)
    cancellation = submitted(shop, cast.root if role else cast.lina)
    answer = sign_in(cast.root).post(
        reverse(f"cancellation-{verb}", args=[cancellation.number]),
        {"seen_hash": cancellation.content_hash, "note": "好"},
    )
    assert answer.status_code == 403
    cancellation.refresh_from_db()
    assert (cancellation.status, cancellation.decided_by) == ("SUBMITTED", None)
