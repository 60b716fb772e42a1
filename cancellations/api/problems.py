"""Why a call was refused, as RFC 9457 says it: a stable code, and the sentence that people would read on a page."""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cancellations.api.schemas import Problem, ProblemAt
from cancellations.workflow import errors

MEDIA_TYPE = "application/problem+json"
ROOT = "/api/"
FOR_PEOPLE = (f"{ROOT}v1/docs", f"{ROOT}v1/openapi.json")
MAX_NAMED = 100  # orders


class Refused(Exception):
    """A call that is answered by a problem; `sentence` is for people, `code` for programs."""

    def __init__(
        self,
        status: int,
        code: str,
        sentence: object,
        *,
        errors: Sequence[ProblemAt] = (),
        instance: str = "",
        **headers: str,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence = status, code, sentence
        self.errors, self.instance = list(errors), instance
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Known(NamedTuple):
    """What a code means, for the document."""

    status: int
    sentence: object


# What the API says by itself; what verbs refuse is beside (`of_verb`).
OF_THE_API = {
    "unauthorized": Known(401, _("No valid token was shown.")),
    "address_not_allowed": Known(403, _("This address is not in the networks of the machine.")),
    "not_found": Known(404, _("There is nothing here, or this machine may not read it.")),
    "method_not_allowed": Known(405, _("This address does not take this method.")),
    "not_json": Known(415, _("The body has to be JSON in UTF-8, sent as application/json.")),
    "too_large": Known(413, _("The body is too large. Split the list.")),
    "invalid": Known(422, _("The body or the query is not as the document says.")),
    "orders_refused": Known(422, _("Some entries are no order numbers. Nothing was made.")),
    "idempotency_key_missing": Known(400, _("A call that changes something needs an Idempotency-Key.")),
    "idempotency_key_reused": Known(422, _("This Idempotency-Key came with another call before.")),
    "external_id_taken": Known(409, _("Another list has this external_id. It is named here as `instance`.")),
    "too_many_calls": Known(429, _("Too many calls. Wait as long as Retry-After says.")),
    "bad_request": Known(400, _("The call could not be understood.")),
    "server_error": Known(500, _("Something went wrong. The log has more under the number of this call.")),
    "unavailable": Known(503, _("The database cannot be reached. Try again in a moment.")),
}
_BY_STATUS = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    500: "server_error",
    503: "unavailable",
}
_STATUSES = {
    errors.TooOften: 429,
    errors.DailyShareUsedUp: 429,
    errors.NotAllowed: 403,
    errors.MovedOn: 409,
    errors.OrdersOpenElsewhere: 409,
    errors.ShopNotUsable: 409,
    errors.AmountNotKnown: 409,
    errors.InMaintenance: 503,
}
_AGAIN_AFTER = {errors.TooOften: "600", errors.AmountNotKnown: "60"}  # seconds


def refused(code: str, **given: str) -> Refused:
    """A refusal of the API's own, by its code."""
    known = OF_THE_API[code]
    return Refused(known.status, code, known.sentence, **given)


def of_verb(error: errors.WorkflowError, **given: str) -> Refused:
    """What a verb refuses: the code is the name of the error, the sentence is its own."""
    at: list[ProblemAt] = []
    if isinstance(error, errors.OrdersOpenElsewhere):
        for order_no, number in error.details["orders"][:MAX_NAMED]:
            at.append(
                ProblemAt(
                    pointer="",
                    code="open_elsewhere",
                    detail=gettext("Open in %(request)s.") % {"request": number},
                    order_number=order_no,
                    request=number,
                )
            )
    if type(error) in _AGAIN_AFTER:
        given["Retry_After"] = _AGAIN_AFTER[type(error)]
    return Refused(status_of(type(error)), code_of(type(error)), error, errors=at, **given)


def status_of(error: type[errors.WorkflowError]) -> int:
    """The HTTP status of what a verb refuses."""
    return next((status for kind, status in _STATUSES.items() if issubclass(error, kind)), 422)


def errors_by_code() -> dict[str, type[errors.WorkflowError]]:
    """What verbs refuse, by the codes of the API."""
    kinds, found = [errors.WorkflowError], {}
    while kinds:
        kind = kinds.pop()
        found[code_of(kind)] = kind
        kinds += kind.__subclasses__()
    return found


def code_of(error: type[Exception]) -> str:
    """`OrdersOpenElsewhere` → `orders_open_elsewhere`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__).lower()


def answer(request: HttpRequest, error: Refused) -> HttpResponse:
    """The problem as an answer."""
    problem = Problem(
        type=f"{ROOT}v1/docs#{error.code}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=str(error.sentence),
        request_id=getattr(request, "number", ""),
        instance=error.instance,
        errors=error.errors,
    )
    return HttpResponse(msgspec.json.encode(problem), MEDIA_TYPE, error.status, headers=error.headers)


def json_problems(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Whatever is refused under /api/ is refused in JSON, also what Django itself refuses."""

    def answer_in_json(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        is_of_api = request.path.startswith(ROOT) and request.path not in FOR_PEOPLE
        if not (is_of_api and is_page and response.status_code >= HTTPStatus.BAD_REQUEST):
            return response
        code = _BY_STATUS.get(response.status_code, "bad_request")
        refusal = Refused(response.status_code, code, OF_THE_API[code].sentence)
        kept = ("Allow", "Retry-After")
        refusal.headers |= {name: response.headers[name] for name in kept if name in response.headers}
        return answer(request, refusal)

    return answer_in_json
