"""The shapes of a seller account's order numbers: set by administrators, or learnt from what its look-ups found."""

from collections import Counter

from cancellations.intake import shape_of
from cancellations.models import CancellationRequest, OrderSnapshot, Shop

REQUESTS, ORDERS = 30, 500  # the latest ones that are learnt from
ENOUGH, OF_A_SHAPE = 20, 5  # orders that have to be found before anything is learnt; of one shape
COVERED = 0.95  # of them, how many the shapes have to explain


def known_shapes(shop: Shop) -> list[str]:
    """The shapes in which the seller account's order numbers come, each digit as `#`; none if they are not known."""
    if shop.set_shapes:
        return shop.set_shapes
    latest = CancellationRequest.objects.filter(shop=shop).order_by("-pk").values_list("pk", flat=True)[:REQUESTS]
    found = OrderSnapshot.objects.filter(line__cancellation__in=list(latest), found=True)
    numbers = set(found.order_by("-pk").values_list("line__order_no", flat=True)[:ORDERS])
    frequency = Counter(map(shape_of, numbers))
    shapes = [shape for shape, count in frequency.most_common() if count >= OF_A_SHAPE and shape.count("#") >= 4]
    explained = sum(frequency[shape] for shape in shapes)
    return shapes if len(numbers) >= ENOUGH and explained >= COVERED * len(numbers) else []
