"""The story of an order across requests, and the calls of a request: word for word."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404, render

from cancellations.history import story
from cancellations.models import Shop
from cancellations.views.lists import page_by_key
from cancellations.views.requests import find

CALLS_OF_A_PAGE = 50


def order_story(request, shop, order_no):
    shop = get_object_or_404(Shop.objects.for_user(request.user), pk=shop)
    chapters = story.of_order(shop, order_no, person=request.user)
    if not chapters:
        raise Http404
    for chapter in chapters:
        for step in chapter.steps:
            _measure(step.call)
    context = {"shop": shop, "order_no": order_no, "chapters": chapters, "is_cut": len(chapters) == story.MOST_REQUESTS}
    return render(request, "cancellations/order_story.html", context)


def calls(request, number):
    """Every exchange with the ERP for a request, the newest first."""
    cancellation = find(request, number)
    rows, newer, older = page_by_key(cancellation.calls.all(), request.GET, CALLS_OF_A_PAGE)
    for call in rows:
        _measure(call)
    context = {
        "cancellation": cancellation,
        "calls": rows,
        "newer_url": newer and f"?{urlencode(newer)}",
        "older_url": older and f"?{urlencode(older)}",
    }
    return render(request, "cancellations/calls.html", context)


def _measure(call):
    """Gives the call `seconds`: how long it took, None if it is under way."""
    if call is not None:
        call.seconds = (call.finished_at - call.started_at).total_seconds() if call.finished_at else None
