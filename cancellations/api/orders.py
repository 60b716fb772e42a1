"""A list as a machine sends it: each entry is one order number, exactly as the ERP has it; what is not is refused."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from cancellations import words
from cancellations.api.problems import refused
from cancellations.api.schemas import Duplicate, ProblemAt
from cancellations.intake import Order, is_number, mistaken, read_text

MAX_NAMED = 100  # entries of a list that are named
_digit = re.compile("[0-9]").search


def read_orders(sent: Sequence[str]) -> tuple[list[Order], list[Duplicate]]:
    """(the orders, each once; what came twice). Lines count from 1, the positions of an answer from 0.

    A machine's numbers come out of a database: none is looked for within other text, and a look that differs from the
    others is no doubt. Raises Refused, with the place and the reason of each entry that is no number.
    """
    first: dict[str, Order] = {}
    again, wrong = [], []
    for place, text in enumerate(sent):
        number = text.strip()
        if not is_number(number) or not _digit(number) or mistaken(number):
            wrong.append((place, text))
            continue
        order = Order(number, place + 1, number)
        known = first.setdefault(number.upper(), order)
        if known is not order:
            again.append(Duplicate(position=place, first_position=known.line - 1, order_number=number))
    if wrong:
        error = refused("orders_refused")
        for place, text in wrong[:MAX_NAMED]:  # in the words of the preview
            read = read_text(text)
            code, detail = "not_exact", _("This is not one order number and nothing else.")
            if read.rejected:
                piece = read.rejected[0]
                code, detail = piece.reason.value, words.lists.why_rejected(piece)
            elif read.to_check:
                doubt = read.to_check[0].doubt
                code, detail = doubt.value, str(words.lists.DOUBTS[doubt])
            error.errors.append(ProblemAt(pointer=f"/orders/{place}", code=code, detail=detail))
        raise error
    return list(first.values()), again
