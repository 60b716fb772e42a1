"""The story of an order across requests."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from cancellations import words
from cancellations.history import story
from cancellations.models import Shop
from cancellations.pages.requests.calls import seconds_of


def order_story(request: HttpRequest, shop: int, order_no: str) -> HttpResponse:
    shop = get_object_or_404(Shop.objects.for_user(request.user), pk=shop)
    chapters = story.of_order(shop, order_no, person=request.user)
    if not chapters:
        raise Http404
    for chapter in chapters:
        for step in chapter.steps:
            if step.call:
                step.call.seconds = seconds_of(step.call)
        chapter.steps = [words.events.told_step(step, chapter.line) for step in chapter.steps]
    context = {"shop": shop, "order_no": order_no, "chapters": chapters, "is_cut": len(chapters) == story.MAX_REQUESTS}
    return render(request, "history/story.html", context)
