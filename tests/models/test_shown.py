"""What a request shows of its orders is what the ERP showed: whatever SQL changes is found."""

from decimal import Decimal

import pytest
from django.db import connection

from cancellations.models import OrderLine, OrderSnapshot
from cancellations.models.shown import differing
from cancellations.workflow import manager
from cancellations.workflow.errors import ShownChanged
from tests.made_lookups import show
from tests.people import submitted

pytestmark = pytest.mark.django_db
SHOWN = {
    "provider_name": "杭州明达纺织",
    "warehouse_name": "主仓",
    "purchaser_name": "李娜",
    "status": 20,
    "stockin_status": 0,
    "total_fee": "203510.0001",
    "goods_count": "90",
    "arrive_count": "0",
    "stockin_count": "0",
    "at_stake": "203510.0001",
    "verdict": "will",
    "because": "editing",
}
FORGED = {
    "found": False,
    "status": 40,
    "stockin_status": 1,
    "provider_name": "宁波海通",
    "warehouse_name": "分仓",
    "purchaser_name": "王强",
    "total_fee": Decimal(1),
    "goods_count": Decimal(1),
    "arrive_count": Decimal(1),
    "stockin_count": Decimal(1),
    "at_stake": Decimal("203510.0002"),
    "verdict": "refused",
    "because": "arrived",
}


@pytest.fixture
def looked_up(shop, cast):
    cancellation = submitted(shop, cast.lina, ["CG1", "CG2"])
    for line in cancellation.lines.all():
        show(line, **SHOWN)
    assert differing(cancellation) == []
    return cancellation


@pytest.mark.parametrize("column", FORGED)
def test_a_changed_snapshot_is_found(column, looked_up):
    OrderSnapshot.objects.filter(line__order_no="CG2", at__isnull=False).update(**{column: FORGED[column]})
    assert differing(looked_up) == ["CG2"]


@pytest.mark.parametrize(
    ("column", "value"), [("supplier", "x"), ("warehouse", "x"), ("purchaser", "x"), ("amount", 1), ("amount", None)]
)
def test_a_change_of_what_is_kept_with_the_line_is_found(column, value, looked_up):
    OrderLine.objects.filter(order_no="CG1").update(**{column: value})
    assert differing(looked_up) == ["CG1"]


def test_the_snapshot_of_another_order_is_found(looked_up):
    one, two = looked_up.lines.order_by("position")
    OrderSnapshot.objects.filter(pk=two.snapshot_id).update(verdict="x")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cancellations_orderline SET snapshot_id = %s WHERE id = %s", [one.snapshot_id, two.pk])
    assert differing(looked_up) == ["CG2"]


def test_an_older_snapshot_in_the_place_of_a_newer_one_is_found(looked_up):
    line = looked_up.lines.first()
    older = line.snapshot
    newer = OrderSnapshot.objects.create(line=line, lookup=looked_up.lookups.create(
        shop=looked_up.shop, occasion="asked", wanted=1, of=2, started_at=older.at, ended_at=older.at,
    ))  # fmt: skip
    show(line, **SHOWN | {"at_stake": "7"})
    assert differing(looked_up) == []
    OrderLine.objects.filter(pk=line.pk).update(snapshot=older, amount=older.at_stake)
    assert OrderSnapshot.objects.filter(pk=newer.pk).exists()
    assert differing(looked_up) == ["CG1"]


def test_what_no_look_up_wrote_is_no_snapshot(looked_up):
    OrderSnapshot.objects.filter(line__order_no="CG1").update(mac="")
    assert differing(looked_up) == ["CG1"]


@pytest.mark.parametrize("amount", ["0", "0.0001", "-12.5", "99999999999.9999", "12345678901234.5678"])
def test_an_amount_is_the_same_on_its_way_through_the_database(amount, looked_up):
    show(looked_up.lines.first(), **SHOWN | {"at_stake": amount, "total_fee": amount})
    assert differing(looked_up) == []


def test_nobody_approves_what_the_erp_did_not_show(looked_up, cast):
    OrderSnapshot.objects.filter(line__order_no="CG2", at__isnull=False).update(at_stake=1)
    OrderLine.objects.filter(order_no="CG2").update(amount=1)
    with pytest.raises(ShownChanged, match="CG2"):
        manager.approve(looked_up, by=cast.wangqiang, seen_hash=looked_up.content_hash)
    show(looked_up.lines.get(order_no="CG2"), **SHOWN)  # the ERP was asked again
    manager.approve(looked_up, by=cast.wangqiang, seen_hash=looked_up.content_hash)
