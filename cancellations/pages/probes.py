"""What machines ask: whether this process lives, is ready, whether the work goes on, and how much there is of what.

Answered before any other middleware: a balancer asks by address and without TLS, so neither the host nor the scheme
counts here. `request.path` is all that is looked at, and for what says more than a word, who asks.
"""

import ipaddress
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.crypto import constant_time_compare

from cancellations.deadline import each_ending_after
from cancellations.watching import exposition, health, metrics

METHODS = ("GET", "HEAD")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")
SECONDS = 10  # in which the database has to answer each of the questions


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answers the addresses of PROBES, and leaves everything else to the pages."""

    def answer(request):
        probe = PROBES.get(request.path)
        if probe is None:
            return get_response(request)
        response = probe(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response._has_been_logged = True  # else Django would log an error whenever somebody asks while it is 503
        return response

    return answer


def live(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all; nothing else is asked."""
    return _text("ok")


def ready(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the word for what is missing: pages can be answered or not."""
    word = health.readiness()
    return _text(word, status=200 if word in (health.READY, health.MAINTENANCE) else 503)


def work(request: HttpRequest) -> HttpResponse:
    """200, or 503 if something needs a person: for monitoring, not for a balancer. Which one `wrong` says."""
    said = health.work()
    return JsonResponse(said, status=503 if said["wrong"] else 200)


def scrape(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text format."""
    return HttpResponse(exposition.render(metrics.collect()), content_type=exposition.CONTENT_TYPE)


def for_monitoring(probe: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The probe for whoever has WATCH_TOKEN or asks from WATCH_NETWORKS, and 503 while the database is away."""

    def answer(request):
        given, token, is_near = request.headers.get("Authorization", ""), settings.WATCH_TOKEN, False
        has_token = bool(token) and constant_time_compare(given, f"Bearer {token}")
        address = request.META.get("REMOTE_ADDR", "")
        if any(name in request.headers for name in FORWARDED):  # by a proxy, which TRUSTED_PROXIES has to count
            hops = request.headers.get("X-Forwarded-For", "").split(",")
            trusted = settings.TRUSTED_PROXIES
            address = hops[-trusted].strip() if 0 < trusted <= len(hops) else ""
        with suppress(ValueError):
            found = ipaddress.ip_address(address)
            found = getattr(found, "ipv4_mapped", None) or found
            is_near = any(found in network for network in settings.WATCH_NETWORKS)
        if not (has_token or is_near):
            return _text("forbidden", status=403)
        try:
            with each_ending_after(SECONDS):
                return probe(request)
        except (DatabaseError, InterfaceError):
            return _text(health.DATABASE, status=503)

    return answer


def _text(word: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{word}\n", status=status, content_type="text/plain; charset=utf-8")


PROBES = {
    "/health/live": live,
    "/health/ready": ready,
    "/health/work": for_monitoring(work),
    "/metrics": for_monitoring(scrape),
}
