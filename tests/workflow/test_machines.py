"""What machines may do, what they may ask for in a day, and who lets them."""

from decimal import Decimal

import pytest

from cancellations.models import Usage
from cancellations.workflow import errors, machines
from tests import made_machines
from tests.made_lookups import show
from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(shop, cast):
    return made_machines.machine(shop, responsible=cast.wangqiang)


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
    machine.amount_per_day = Decimal("100.00")
    time_machine.move_to("2026-11-24 10:00+08:00")
    priced(submitted(shop, machine.person, ["CG1"]), "60")
    priced(submitted(shop, cast.lina, ["CG2"]), "500")
    draft = draft_of(shop, machine.person, ["CG3", "CG4"])
    priced(draft, "30", "10.0001")
    with pytest.raises(errors.DailyAmountUsedUp, match=r"¥100\.00"):
        machines.check_amount(machine, draft)
    priced(draft, "30", "10")
    machines.check_amount(machine, draft)
    time_machine.move_to("2026-11-25 00:00+08:00")
    priced(draft, "50", "50")
    machines.check_amount(machine, draft)
