"""What people and administrators get to see of what should not have happened."""

import logging
import sys
from types import FrameType
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.debug import SafeExceptionReporterFilter
from django.views.decorators.cache import never_cache

AGAIN_AFTER = 10  # seconds
logger = logging.getLogger("cancellations.errors")


@never_cache
def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what should not have happened: in the person's language, with a number that the log has too."""
    logger.error("The answer to request %s was an error: %s %s", request.number, request.method, request.path)
    error = sys.exception()
    if isinstance(error, OperationalError | InterfaceError):
        # Nothing that a page shows of the person can be read: it is made of words alone.
        page = render_to_string("503.html", {"request_id": request.number, "is_full": is_of_a_full_disk(error)})
        return HttpResponse(page, status=503, headers={"Retry-After": AGAIN_AFTER})
    return render(request, "500.html", status=500)


def is_of_a_full_disk(error: BaseException | None) -> bool:
    """Whether the database could not write for want of room: SQLite's SQLITE_FULL, PostgreSQL's disk_full."""
    cause = error.__cause__ if error else None
    codes = (getattr(cause, "sqlite_errorname", ""), getattr(cause, "sqlstate", ""))
    return bool({"SQLITE_FULL", "53100"} & set(codes))


class NoValues(SafeExceptionReporterFilter):
    """A report of an error says where it happened, and no value of any variable, form field or cookie.

    A list of names to hide would always lack one: passwords and app secrets go through the libraries' frames too.
    """

    def get_post_parameters(self, request: HttpRequest) -> dict[str, Any]:
        return self._hidden(super().get_post_parameters(request), request)

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return self._hidden(super().get_safe_cookies(request), request)

    def get_traceback_frame_variables(self, request: HttpRequest, tb_frame: FrameType) -> list[tuple[str, Any]]:
        return self._hidden(tb_frame.f_locals, request).items()

    def _hidden(self, values, request):
        return dict.fromkeys(values, self.cleansed_substitute) if self.is_active(request) else values
