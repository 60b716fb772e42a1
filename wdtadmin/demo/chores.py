"""What happens in the two months besides the requests: workers' chores, administrators, auditors."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cancellations.audit import verification
from cancellations.exports.verbs import record_copy
from cancellations.models import OrderLine
from cancellations.sending import probe
from cancellations.workflow import administrator, machine, people, saved_filters
from wdtadmin.demo.world import World

DAY = timedelta(days=1)


def sweeps(world: World) -> Iterator[Any]:
    """The workers end what nobody decided on in time."""
    while True:
        machine.expire_overdue()
        yield DAY / 2


def verifications(world: World) -> Iterator[Any]:
    """One of the workers verifies the audit trail every day."""
    while True:
        yield DAY
        verification.check()


def shops_set_up(world: World) -> Iterator[Any]:
    """The administrator tests the new shops' connections and gives one of them working hours."""
    for shop in world.shops:
        probe.test_connection(shop, by=world.people["admin"])
        yield timedelta(minutes=3)
    administrator.change_shop(world.shops[2], by=world.people["admin"], orders_per_call=10)


def account_paused(world: World) -> Iterator[Any]:
    """The ERP is updated: no calls for an hour."""
    administrator.pause_account(world.shops[0], by=world.people["admin"], note="旺店通系统升级，暂停调用接口")
    yield timedelta(minutes=70)
    administrator.resume_account(world.shops[0], by=world.people["admin"])


def person_left(world: World) -> Iterator[Any]:
    """A clerk leaves the company."""
    people.deactivate(world.people["liuyang"], by=world.people["admin"], note="已离职")
    yield DAY


def exports(world: World) -> Iterator[Any]:
    """The auditor keeps a filter and takes a copy every other week."""
    auditor = world.people["chenjing"]
    saved_filters.save_filter("history", "结果未知", "outcome=UNKNOWN", by=auditor)
    shops = {shop.pk: shop.name for shop in world.shops}
    while True:
        record_copy(
            "xlsx",
            {"outcome": "REFUSED"},
            by=auditor,
            shops=shops,
            orders=OrderLine.objects.filter(shop__in=shops, outcome=OrderLine.Outcome.REFUSED).count(),
        )
        yield 14 * DAY
