"""What every answer of the application carries."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware

from cancellations import logs
from cancellations.deadline import each_ending_after
from cancellations.pages.probes import PROBES
from cancellations.watching import page_times
from wdtadmin.call_stack import with_room

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
ENCODED, MAX_ENCODED = "application/x-www-form-urlencoded", 1 << 20  # bytes: twice 10,000 ticked orders
access_log = logging.getLogger("cancellations.access_log")


def security_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Gives each HTTP request a number, which error pages and the log show, and each answer its security headers."""

    @with_room
    def answer(request):
        began_at = time.monotonic()
        request.number = number_of(request)
        logs.begin(request)
        response = get_response(request) if request.method != "TRACE" else HttpResponseNotAllowed(METHODS)
        response.headers["X-Request-Id"] = request.number
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        # Pages hold order numbers and names: no copy of them stays in a shared browser.
        response.headers.setdefault("Cache-Control", "no-store")
        if request.path not in PROBES:
            note_answer(request, response, time.monotonic() - began_at)
        return response

    return answer


def number_of(request: HttpRequest) -> str:
    """The number that our own proxy gave the request, if it is well-formed; else a new one."""
    given = request.headers.get("X-Request-Id", "") if settings.TRUSTED_PROXIES else ""
    return given if logs.NUMBER.fullmatch(given) else uuid.uuid4().hex[:12]


def note_answer(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """How long it took: for the metrics, unless it is a file, and as a line of the access log.

    They name the route, not the address: an order number stands in some addresses.
    """
    match = request.resolver_match
    if not request.path.startswith(settings.STATIC_URL):
        page_times.add(match and match.view_name, seconds)
    if not settings.ACCESS_LOG:
        return
    said = {
        "method": request.method,
        "route": f"/{match.route}" if match else "-",
        "status": response.status_code,
        "ms": round(seconds * 1000),
    }
    access_log.info("%(method)s %(route)s %(status)s %(ms)s ms", said, extra={"answer": said})


class CompressPages(GZipMiddleware):
    """Compresses pages, which are mostly the same words again and again; files are not pages.

    Compression tells a secret by its length only where the secret stays the same from answer to answer (BREACH). Ours
    does not: Django masks the CSRF token anew each time and adds up to 100 random bytes to each compressed answer.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


def refuse_long_encoded_forms(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """What is long comes as multipart/form-data from our pages: decoding it otherwise would hold up other threads."""

    def answer(request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.content_type == ENCODED and not (length.isdecimal() and int(length) <= MAX_ENCODED):
            raise RequestDataTooBig("A URL-encoded form is longer than any of our pages sends.")
        return get_response(request)

    return answer


def end_statements(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """No page waits for the database for ever: `errors.server_error` says what became of it."""

    def answer(request):
        with each_ending_after(settings.STATEMENT_SECONDS):
            return get_response(request)

    return answer


# Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm, as they stand in a page: U+200E and
# 200F, 202A to 202E, 2066 to 2069; and U+061C by itself, as looking for one first byte takes a tenth of the time.
DIRECTIONS = re.compile(rb"\xe2(?:\x80[\x8e\x8f\xaa-\xae]|\x81[\xa6-\xa9])")
ARABIC_MARK = b"\xd8\x9c"


def strip_bidi_controls(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Takes out of each page the characters that turn round the direction of writing; Chinese and English need none.

    In a name or in the ERP's words they would show numbers and what stands beside them the wrong way round. An element
    that isolates its text does not help: an isolate that the text opens and never closes reaches beyond it.
    """

    def answer(request):
        response = get_response(request)
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            page = response.content
            if ARABIC_MARK in page or DIRECTIONS.search(page):
                response.content = DIRECTIONS.sub(b"", page).replace(ARABIC_MARK, b"")
        return response

    return answer
