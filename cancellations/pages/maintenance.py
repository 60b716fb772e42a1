"""During maintenance nothing is changed: whatever would is answered here, before any page and any call of the API."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from cancellations.api import problems
from cancellations.workflow import maintenance
from cancellations.workflow.errors import InMaintenance

READING = ("GET", "HEAD", "OPTIONS")
OPEN = ("login", "sign-in-code", "logout", "set_language")  # without them nobody could read
SHORTEST_WAIT = 60  # seconds


def refuse_changes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answers 503 to everything but reading while there is maintenance: people a page, machines a problem in JSON."""

    def answer(request):
        if request.method in READING or request.path in map(reverse, OPEN):
            return get_response(request)
        try:
            maintenance.check_none()
        except InMaintenance as error:
            now = error.details["maintenance"]
            left = round((now.until - timezone.now()).total_seconds())
            again_after = str(max(SHORTEST_WAIT, left))
            if request.path.startswith(problems.ROOT):
                return problems.answer(request, problems.of_verb(error, Retry_After=again_after))
            page = render_to_string("maintenance.html", {"refusal": error, "refused_for": now}, request)
            return HttpResponse(page, status=503, headers={"Retry-After": again_after})
        return get_response(request)

    return answer
