"""What machines may do, what they may ask for in a day, and who lets them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.utils import timezone

from cancellations.models import ApiToken, Event, Machine, Notice, Person, Usage
from cancellations.models.machines import parse_token
from cancellations.workflow import access_changes, administrator, drafts, errors, machine_settings, machines, manager
from cancellations.workflow import people as verbs
from cancellations.workflow.telling import deciders_of
from tests import made_machines
from tests.made_lookups import show
from tests.people import confirm, draft_of, make_shop, submitted

pytestmark = pytest.mark.django_db
WANTED = {
    "may_request": True,
    "networks": "10.20.0.0/16",
    "requests_per_day": 50,
    "orders_per_day": 10_000,
    "amount_per_day": Decimal("50000.00"),
}


@pytest.fixture
def machine(shop, cast):
    return made_machines.machine(shop, responsible=cast.wangqiang)


@pytest.fixture
def second_admin(shop, cast):
    cast.sunyue.groups.set(Group.objects.filter(name="administrator"))
    return cast.sunyue


@pytest.fixture
def added(shop, cast):
    return machines.add_machine(by=cast.zhaolei, name="SAP-02", shops=[shop], responsible=cast.wangqiang, **WANTED)


def changed(machine, *, by, **fields):
    """Everything as it is, but these fields."""
    names = ("responsible", *WANTED)
    return machines.change_machine(machine, by=by, **{name: getattr(machine, name) for name in names} | fields)


def kinds_of(machine):
    return list(Event.objects.filter(person=machine.person).order_by("pk").values_list("kind", flat=True))


def test_a_machine_is_let_in_when_a_second_administrator_has_confirmed_it(added, second_admin, shop, cast):
    assert not added.person.is_active
    assert list(added.person.shops.all()) == [shop]
    with pytest.raises(errors.NotAllowed):
        confirm(added.person, by=cast.zhaolei)
    confirm(added.person, by=second_admin)
    added.person.refresh_from_db()
    assert added.person.is_active
    assert kinds_of(added) == ["members_changed", "access_asked", "access_confirmed", "machine_added"]


def test_with_one_administrator_a_machine_waits(added, cast, settings, time_machine):
    Person.objects.filter(pk=cast.root.pk).update(is_active=False)
    change = added.person.access_changes.get()
    assert change.due_at is None  # root could have
    access_changes.refuse(change, by=cast.zhaolei)
    alone = verbs.reactivate(added.person, by=cast.zhaolei)
    time_machine.move_to(timezone.now() + timedelta(hours=settings.ACCESS_WAIT_HOURS - 1), tick=False)
    access_changes.carry_out_due()
    assert not Person.objects.get(pk=added.pk).is_active
    time_machine.move_to(alone.due_at, tick=False)
    access_changes.carry_out_due()
    assert Person.objects.get(pk=added.pk).is_active


def test_a_refused_machine_stays_out(added, second_admin):
    access_changes.refuse(added.person.access_changes.get(), by=second_admin)
    assert not Person.objects.get(pk=added.pk).is_active
    with pytest.raises(errors.MachineInactive):
        machines.make_token(added, by=second_admin, days=30)


@pytest.mark.parametrize("who", ["lina", "wangqiang", "chenjing", "heping"])
def test_only_administrators_add_machines(who, shop, cast):
    with pytest.raises(errors.NotAllowed):
        machines.add_machine(by=getattr(cast, who), name="SAP-02", shops=[shop], responsible=cast.wangqiang, **WANTED)


def test_a_machine_works_for_accounts_of_its_administrator_only(shop_of_others, cast):
    with pytest.raises(errors.NotAllowed):
        machines.add_machine(by=cast.zhaolei, name="SAP-02", shops=[shop_of_others], responsible=cast.heping, **WANTED)


@pytest.mark.parametrize("who", ["gone", "root", "heping"])
def test_an_active_colleague_answers_for_a_machine(who, shop, cast):
    with pytest.raises(errors.CannotAnswer):
        machines.add_machine(by=cast.zhaolei, name="SAP-02", shops=[shop], responsible=getattr(cast, who), **WANTED)


def test_a_machine_answers_for_no_machine(machine, shop, cast):
    with pytest.raises(errors.CannotAnswer, match="SAP-01"):
        machines.add_machine(by=cast.zhaolei, name="SAP-02", shops=[shop], responsible=machine.person, **WANTED)


@pytest.mark.parametrize(("name", "error"), [("sap-02", errors.MachineNameTaken), ("李 娜", errors.NameTaken)])
def test_no_machine_is_called_as_another_one_or_a_person(name, error, added, shop, cast):
    with pytest.raises(error):
        machines.add_machine(by=cast.zhaolei, name=name, shops=[shop], responsible=cast.wangqiang, **WANTED)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("10.20.0.0/16\n10.30.0.7", "10.20.0.0/16\n10.30.0.7/32"),
        (" 10.0.0.0/8, 10.0.0.0/8 ", "10.0.0.0/8"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("", ""),
    ],
)
def test_networks_are_stored_one_on_a_line(typed, stored):
    assert machine_settings.parse_networks(typed) == stored


@pytest.mark.parametrize("typed", ["10.20.0.1/16", "10.20.0.0/33", "erp.example.com", "10.20", "::/129"])
def test_what_is_no_network_is_refused(typed):
    with pytest.raises(errors.NetworkWrong, match=typed.replace(".", r"\.")):
        machine_settings.parse_networks(typed)


WIDER = [
    ("networks", "10.0.0.0/8"),
    ("networks", "10.20.0.0/16 10.30.0.0/16"),
    ("networks", "::/0"),
    ("requests_per_day", 51),
    ("orders_per_day", 10_001),
    ("amount_per_day", Decimal("50000.01")),
    ("amount_per_day", None),
]
NARROWER = [
    ("may_request", False),
    ("networks", "10.20.30.0/24 10.20.40.7"),
    ("networks", ""),
    ("requests_per_day", 0),
    ("orders_per_day", 9),
    ("amount_per_day", Decimal(0)),
]


@pytest.mark.parametrize(("name", "value"), WIDER)
def test_what_lets_a_machine_do_more_takes_two(name, value, added, second_admin, cast):
    confirm(added.person, by=second_admin)
    before = getattr(added, name)
    assert changed(added, by=cast.zhaolei, **{name: value})
    added.refresh_from_db()
    assert getattr(added, name) == before
    confirm(added.person, by=second_admin)
    added.refresh_from_db()
    stored = machine_settings.parse_networks(value) if name == "networks" else value
    assert getattr(added, name) == stored
    assert kinds_of(added)[-1] == "machine_changed"


@pytest.mark.parametrize(("name", "value"), NARROWER)
def test_what_lets_a_machine_do_less_happens_at_once(name, value, added, cast):
    assert changed(added, by=cast.zhaolei, **{name: value}) is None
    assert (
        machine_settings.settings_of(type(added).objects.get(pk=added.pk))[name]
        != machine_settings.settings_of(added)[name]
    )
    assert kinds_of(added)[-1] == "machine_changed"


def test_somebody_else_answers_for_a_machine_when_two_say_so(machine, second_admin, cast):
    changed(machine, by=cast.zhaolei, responsible=cast.lina, requests_per_day=1)
    machine.refresh_from_db()
    assert (machine.responsible, machine.requests_per_day) == (cast.wangqiang, 1)
    confirm(machine.person, by=second_admin)
    machine.refresh_from_db()
    assert machine.responsible == cast.lina


def test_a_change_that_was_overtaken_is_not_carried_out(machine, second_admin, cast):
    changed(machine, by=cast.zhaolei, requests_per_day=100)
    changed(machine, by=cast.zhaolei, requests_per_day=10)
    with pytest.raises(errors.PersonChanged):
        confirm(machine.person, by=second_admin)


def test_a_machine_that_is_as_wanted_is_not_changed(machine, cast):
    with pytest.raises(errors.NothingToChange):
        changed(machine, by=cast.zhaolei)


def test_two_changes_of_a_machine_do_not_wait_at_once(added, cast):
    with pytest.raises(errors.ChangeWaits):
        changed(added, by=cast.zhaolei, requests_per_day=500)


def test_a_further_account_of_a_machine_takes_two(machine, shop, second_admin, cast):
    second = make_shop("杭州店", sid="second", members=[cast.zhaolei, second_admin])
    change = verbs.change_shops(machine.person, by=cast.zhaolei, shops=[shop, second])
    assert list(machine.person.shops.all()) == [shop]
    access_changes.confirm(change, by=second_admin)
    assert set(machine.person.shops.all()) == {shop, second}


def test_who_works_for_an_account_is_changed_without_touching_its_machines(machine, shop, cast):
    people = [cast.lina, cast.wangqiang, cast.zhaolei]
    administrator.change_members(shop, by=cast.zhaolei, members=people)
    assert machine.person in shop.members.all()
    with pytest.raises(errors.NotAllowed):
        administrator.change_members(
            shop, by=cast.zhaolei, members=[*people, made_machines.machine(responsible=cast.lina, name="B").person]
        )


def test_a_token_is_returned_once_and_only_its_digest_is_kept(machine, cast):
    text = machines.make_token(machine, by=cast.zhaolei, days=90)
    shown = parse_token(text)
    token = ApiToken.objects.get(key=shown.key)
    assert token.fits(shown.secret)
    event = Event.objects.get(kind="token_made")
    assert event.data == {"key": shown.key, "expires_at": token.expires_at.isoformat()}
    assert shown.secret not in str([*Event.objects.values(), *ApiToken.objects.values()])


@pytest.mark.parametrize("days", [0, 367])
def test_a_token_ends_within_a_leap_year(days, machine, cast):
    with pytest.raises(errors.TokenTooLong, match="366"):
        machines.make_token(machine, by=cast.zhaolei, days=days)
    machines.make_token(machine, by=cast.zhaolei, days=366)


def test_a_machine_has_two_live_tokens(machine, cast):
    for _number in range(2):
        machines.make_token(machine, by=cast.zhaolei, days=90)
    with pytest.raises(errors.TooManyTokens):
        machines.make_token(machine, by=cast.zhaolei, days=90)
    token = machine.tokens.last()
    machines.revoke_token(token, by=cast.zhaolei)
    with pytest.raises(errors.TokenRevoked):
        machines.revoke_token(token, by=cast.zhaolei)
    machines.make_token(machine, by=cast.zhaolei, days=90)
    assert kinds_of(machine) == ["token_made", "token_made", "token_revoked", "token_made"]


@pytest.mark.parametrize("who", ["lina", "wangqiang", "chenjing", "heping"])
def test_only_administrators_make_and_revoke_tokens(who, machine, cast):
    made_machines.token(machine, by=cast.zhaolei)
    with pytest.raises(errors.NotAllowed):
        machines.make_token(machine, by=getattr(cast, who), days=1)
    with pytest.raises(errors.NotAllowed):
        machines.revoke_token(machine.tokens.get(), by=getattr(cast, who))


def decides(person, cancellation):
    person.groups.add(Group.objects.get(name="manager"))
    manager.approve(cancellation, by=Person.objects.get(pk=person.pk), seen_hash=cancellation.content_hash)


@pytest.mark.parametrize("who", ["zhaolei", "sunyue"])
def test_who_asked_for_a_machine_or_confirmed_it_does_not_decide_on_its_requests(who, added, second_admin, shop, cast):
    confirm(added.person, by=second_admin)
    Machine.objects.filter(pk=added.pk).update(amount_per_day=None)
    cancellation = submitted(shop, Person.objects.get(pk=added.pk))
    with pytest.raises(errors.NotApart):
        decides(getattr(cast, who), cancellation)
    assert cast.zhoulan in deciders_of(cancellation)
    decides(cast.zhoulan, cancellation)


def test_who_made_a_token_does_not_decide_on_what_is_asked_with_it(machine, shop, cast):
    machines.make_token(machine, by=cast.zhaolei, days=1)
    cancellation = submitted(shop, machine.person)
    with pytest.raises(errors.NotApart):
        decides(cast.zhaolei, cancellation)
    assert deciders_of(cancellation) == [cast.zhoulan]


def test_who_answers_for_a_machine_does_not_decide_on_its_requests(machine, shop, cast):
    cancellation = submitted(shop, machine.person)
    with pytest.raises(errors.OwnMachine):
        manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash)


def test_what_narrows_a_machine_ties_nobody_to_it(machine, shop, second_admin, cast):
    changed(machine, by=second_admin, requests_per_day=1)
    decides(second_admin, submitted(shop, machine.person))


VERBS_OF_PEOPLE = {
    "change_roles": {"roles": []},
    "change_details": {"username": "x", "name": "x"},
    "remove_second_factor": {},
    "reset_identity": {},
    "make_link": {},
    "ask_for_link": {},
}


@pytest.mark.parametrize("verb", VERBS_OF_PEOPLE)
def test_verbs_of_people_refuse_machines(verb, machine, cast):
    with pytest.raises(errors.NotAllowed):
        getattr(verbs, verb)(machine.person, by=cast.root, **VERBS_OF_PEOPLE[verb])


def test_a_machine_gets_no_password(machine):
    with pytest.raises(errors.LinkUsed):
        verbs.set_password(machine.person, password="ein-langes-wort-2026")
    assert ModelBackend().authenticate(None, machine.person.username, "ein-langes-wort-2026") is None


def test_machines_are_no_people(machine, shop, cast):
    assert machine.person not in verbs.known_to(cast.zhaolei)
    assert machine.person not in verbs.known_to(cast.root)
    assert machine in machines.known_to(cast.zhaolei)
    assert not machines.known_to(cast.heping).exists()
    draft_of(shop, cast.lina)
    assert machine.person not in drafts.receivers(cast.lina, by=cast.zhaolei)


def test_a_deactivated_machine_comes_back_when_two_say_so(machine, second_admin, cast):
    verbs.deactivate(machine.person, by=cast.zhaolei, note="换系统")
    verbs.reactivate(machine.person, by=cast.zhaolei)
    assert not Person.objects.get(pk=machine.pk).is_active
    confirm(machine.person, by=second_admin)
    assert Person.objects.get(pk=machine.pk).is_active


def told(kind):
    return sorted(Notice.objects.filter(kind=kind).values_list("person__username", flat=True))


def test_who_answers_for_a_machine_is_told_as_of_their_own_access(machine, cast):
    machines.make_token(machine, by=cast.zhaolei, days=90)
    assert told("access") == ["root", "wangqiang"]


def test_administrators_are_told_daily_that_nobody_answers_for_a_machine(machine, cast, time_machine):
    machines.tell_of_machines()
    assert not Notice.objects.exists()
    verbs.deactivate(cast.wangqiang, by=cast.zhaolei, note="离职")
    time_machine.move_to("2026-11-24 10:00+08:00")
    machines.tell_of_machines()
    machines.tell_of_machines()
    assert told("machine") == ["root", "zhaolei"]
    time_machine.move_to("2026-11-25 10:00+08:00")
    machines.tell_of_machines()
    assert len(told("machine")) == 4


def test_a_token_that_ends_is_told_of_a_month_a_week_and_a_day_before(machine, cast, time_machine):
    time_machine.move_to("2026-11-01 10:00+08:00", tick=False)
    made_machines.token(machine, by=cast.zhaolei, expires_at=timezone.now() + timedelta(days=60))
    found = []
    for day in range(60):
        machines.tell_of_machines()
        if len(told("machine")) > 3 * len(found):
            found.append(day)
        time_machine.shift(timedelta(days=1))
    assert found == [30, 53, 59]
    assert set(told("machine")) == {"root", "wangqiang", "zhaolei"}


def test_a_machine_that_somebody_answers_for_may_ask(machine):
    machines.check_may_ask(machine)


def test_a_machine_that_is_inactive_may_not_ask(machine):
    machine.person.is_active = False
    with pytest.raises(errors.MachineInactive, match="SAP-01"):
        machines.check_may_ask(machine)


def test_a_machine_that_only_reads_may_not_ask(machine):
    machine.may_request = False
    with pytest.raises(errors.MachineReadsOnly, match="SAP-01"):
        machines.check_may_ask(machine)


@pytest.mark.parametrize("lost", ["activity", "account", "one of two accounts"])
def test_a_machine_that_nobody_answers_for_may_not_ask(lost, machine, shop, shop_of_others, cast):
    if lost == "activity":
        machine.responsible.is_active = False
    elif lost == "account":
        shop.members.remove(cast.wangqiang)
    else:
        machine.person.shops.add(shop_of_others)
    with pytest.raises(errors.NobodyAnswers, match="SAP-01"):
        machines.check_may_ask(machine)


def test_a_superuser_does_not_answer_for_a_machine(machine, cast):
    machine.responsible = cast.root
    machine.person.shops.clear()
    with pytest.raises(errors.NobodyAnswers):
        machines.check_may_ask(machine)


def test_a_machine_has_a_share_of_requests_a_beijing_day(machine, time_machine):
    machine.requests_per_day = 2
    time_machine.move_to("2026-11-24 23:50+08:00")
    machines.consume_daily_share(machine, orders=1)
    machines.consume_daily_share(machine, orders=1)
    with pytest.raises(errors.DailyRequestsUsedUp, match="2 份"):
        machines.consume_daily_share(machine, orders=1)
    time_machine.move_to("2026-11-25 00:00+08:00")
    machines.consume_daily_share(machine, orders=1)


def test_orders_beyond_the_share_of_the_day_count_nothing(machine):
    machine.orders_per_day = 10
    machines.consume_daily_share(machine, orders=7)
    with pytest.raises(errors.DailyOrdersUsedUp, match="10 单"):
        machines.consume_daily_share(machine, orders=4)
    with pytest.raises(errors.DailyOrdersUsedUp):
        machines.consume_daily_share(machine, orders=11)
    assert dict(Usage.objects.values_list("work", "count")) == {"requests": 1, "orders": 7}
    machines.consume_daily_share(machine, orders=3)


def priced(cancellation, *amounts, verdict="will"):
    for line, amount in zip(cancellation.lines.order_by("position"), amounts, strict=True):
        show(line, verdict=verdict, at_stake=Decimal(amount))


def test_a_machine_without_a_limit_asks_for_any_amount(machine, shop):
    machines.check_amount(machine, draft_of(shop, machine.person))


def test_an_amount_that_is_not_known_yet_is_asked_for_after_the_lookup(machine, shop):
    machine.amount_per_day = Decimal(100)
    draft = draft_of(shop, machine.person, ["CG1", "CG2"])
    show(draft.lines.get(order_no="CG1"), verdict="will", at_stake=Decimal(1))
    with pytest.raises(errors.AmountNotKnown, match="1 单"):
        machines.check_amount(machine, draft)


def test_orders_that_take_nothing_away_have_no_amount(machine, shop):
    machine.amount_per_day = Decimal(100)
    draft = draft_of(shop, machine.person, ["CG1", "CG2"])
    show(draft.lines.get(order_no="CG1"), verdict="refused", at_stake=Decimal(900))
    show(draft.lines.get(order_no="CG2"), verdict="not_visible", found=False)
    machines.check_amount(machine, draft)


def test_the_amount_of_the_day_counts_what_the_machine_submitted_on_it(machine, shop, cast, time_machine):
    time_machine.move_to("2026-11-24 10:00+08:00")
    priced(submitted(shop, machine.person, ["CG1"]), "60")
    priced(submitted(shop, cast.lina, ["CG2"]), "500")
    machine.amount_per_day = Decimal("100.00")
    draft = draft_of(shop, machine.person, ["CG3", "CG4"])
    priced(draft, "30", "10.0001")
    with pytest.raises(errors.DailyAmountUsedUp, match=r"¥100\.00"):
        machines.check_amount(machine, draft)
    priced(draft, "30", "10")
    machines.check_amount(machine, draft)
    time_machine.move_to("2026-11-25 00:00+08:00")
    priced(draft, "50", "50")
    machines.check_amount(machine, draft)
