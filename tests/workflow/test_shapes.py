"""The shapes of a seller account's order numbers."""

import pytest
from django.utils import timezone

from cancellations.models import OrderSnapshot
from cancellations.workflow.shapes import known_shapes
from tests.people import draft_of

pytestmark = pytest.mark.django_db


def found(shop, person, orders):
    cancellation = draft_of(shop, person, orders)
    OrderSnapshot.objects.filter(lookup__cancellation=cancellation).update(found=True, at=timezone.now())


def test_nothing_is_known_at_first(shop):
    assert known_shapes(shop) == []


def test_shapes_are_learnt_from_what_the_erp_showed(shop, cast):
    found(shop, cast.lina, [f"CG230426{number:04}" for number in range(24)])
    assert known_shapes(shop) == ["CG##########"]


def test_little_or_mixed_experience_teaches_nothing(shop, cast):
    found(shop, cast.lina, [f"CG230426{number:04}" for number in range(12)])
    assert known_shapes(shop) == []
    found(shop, cast.lina, [f"PO-{'x' * number}-7" for number in range(1, 13)])
    assert known_shapes(shop) == []


def test_what_is_set_is_what_is_known(shop, cast):
    found(shop, cast.lina, [f"CG230426{number:04}" for number in range(24)])
    shop.order_shapes = "45########\nPO-####"
    assert known_shapes(shop) == ["45########", "PO-####"]
