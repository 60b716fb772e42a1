"""What was recognized in a list: what a person has to look at first, what is taken, and what is not."""

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cancellations import words
from cancellations.intake import Order, Reading
from cancellations.models import OrderLine, Shop
from cancellations.models.lines import folded
from cancellations.pages.requests.list_forms import EVERY_COLUMN, ListForm
from cancellations.pages.requests.obstacles import obstacles

MAX_SHOWN = 200  # of each kind in the preview; the counts are of all
MAX_OFFERED = 20  # numbers of one piece
MAX_ROWS_NAMED = 30


def preview(
    request: HttpRequest,
    form: ListForm,
    *,
    shop: Shop,
    operation: int,
    without: Collection[str] = (),
    **context: Any,
) -> HttpResponse:
    """The page of what was recognized in the list, for orders of the shop; `without` are in the draft already."""
    intake = form.intake
    taken, done = elsewhere(form, shop, operation)
    left_out = {folded(order_no) for order_no, _ in taken} | set(without)
    going_on = sum(folded(order.number) not in left_out for order in intake.orders)
    context |= {
        "form": form,
        "reading": form.reading,
        "every_column": EVERY_COLUMN,
        "shop": shop,
        "obstacles": obstacles([shop]),
        "intake": intake,
        "taken": taken[:MAX_SHOWN],
        "taken_count": len(taken),
        "done": done[:MAX_SHOWN],
        "done_count": len(done),
        "going_on": going_on,
        "promise": words.orders.promise(operation, going_on, shop),
        "listed_count": sum(folded(order.number) in set(without) for order in intake.orders) if without else 0,
        "token": uuid.uuid4(),
        "in_doubt": _in_doubt(form),
        "hidden": intake.hidden[:MAX_SHOWN],
        "hidden_count": len(intake.hidden),
        "gaps": [
            {
                "sentence": words.lists.UNREAD[gap.why],
                "count": len(gap.rows),
                "rows": ", ".join(map(str, gap.rows[:MAX_ROWS_NAMED]))
                + ("…" if len(gap.rows) > MAX_ROWS_NAMED else ""),
            }
            for gap in form.reading.gaps
        ],
        "not_taken_count": len(intake.rejected) + len(intake.to_check) + len(intake.hidden),
        "orders": intake.orders[:MAX_SHOWN],
        "repaired": intake.repaired[:MAX_SHOWN],
        "duplicates": intake.duplicates[:MAX_SHOWN],
        "rejected": grouped(form.reading),
        "shown_at_most": MAX_SHOWN,
    }
    return render(request, "requests/preview.html", context)


def elsewhere(form: ListForm, shop: Shop, operation: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(orders that are open in another request, orders that were probably done before): (number, request's number)"""
    same = OrderLine.objects.of_operation(shop, operation).numbered(form.intake.numbers)
    taken: list[tuple[str, str]] = []
    done: list[tuple[str, str]] = []
    for order_no, number, is_taken in same.in_the_way().values_list("order_no", "cancellation__number", "is_taken"):
        (taken if is_taken else done).append((order_no, number))
    return taken, done


def going_on(form: ListForm, shop: Shop, operation: int) -> list[Order]:
    """The orders without those that are open elsewhere and, if wished, those that were done."""
    taken, done = elsewhere(form, shop, operation)
    left_out = {folded(order_no) for order_no, _ in taken}
    if form.cleaned_data["without_done"]:
        left_out |= {folded(order_no) for order_no, _ in done}
    return [order for order in form.intake.orders if folded(order.number) not in left_out]


def grouped(reading: Reading) -> list[dict[str, Any]]:
    """The rejected pieces by reason, the most frequent first; `pieces` are the first of them, `count` is of all."""
    groups = []
    for reason, count in Counter(piece.reason for piece in reading.intake.rejected).most_common():
        first = islice((piece for piece in reading.intake.rejected if piece.reason is reason), MAX_SHOWN)
        pieces = [
            {
                "place": words.lists.place(reading, piece.line, piece.column),
                "value": piece.value,
                "why": words.lists.why_rejected(piece),
            }
            for piece in first
        ]
        groups.append({"sentence": words.lists.REJECTIONS[reason], "count": count, "pieces": pieces})
    return groups


def _in_doubt(form):
    """The pieces that a person has to look at, by doubt: the first of each, how many there are, what was chosen."""
    by_doubt = defaultdict(list)
    for piece in form.reading.intake.to_check:
        by_doubt[piece.doubt].append(piece)
    every = form.data.getlist("take_all")
    return [
        {
            "doubt": doubt,
            "sentence": words.lists.DOUBTS[doubt],
            "count": len(by_doubt[doubt]),
            "all_chosen": doubt in every,
            "pieces": [
                {
                    "place": words.lists.place(form.reading, piece.line, piece.column),
                    "value": piece.value,
                    "more": max(0, len(piece.offers) - MAX_OFFERED),
                    "offers": [(number, number in form.chosen) for number in piece.offers[:MAX_OFFERED]],
                }
                for piece in by_doubt[doubt][:MAX_SHOWN]
            ],
        }
        for doubt in words.lists.DOUBTS
        if by_doubt[doubt]
    ]


def source(form: ListForm) -> dict[str, Any]:
    """For the history: the file that the list came from, the place in it, and a hash that tells it from others."""
    reading, intake, choice = form.reading, form.intake, form.reading.choice
    # What was decided at the preview: nothing that a plain list does not have.
    counts = {
        "taken_in_doubt": len(intake.orders) - len(reading.intake.orders),
        "left_out": len(intake.rejected) + len(intake.to_check) + len(intake.hidden),
        "hidden_rows": reading.hidden_taken,
    }
    decided = {name: count for name, count in counts.items() if count}
    if choice and choice.together and reading.others:
        decided["read_together"] = [f"{other.sheet}!{other.letter}".lstrip("!") for other in reading.others]
    if not form.kept_file:
        return decided
    return decided | {
        "file": form.kept_file.name,
        "place": words.lists.place(reading, choice.first_row, words.lists.column_letter(reading)) if choice else "",
        "sha256": hashlib.sha256(bytes(form.kept_file.content)).hexdigest(),
    }
