"""One call from its bytes to its answer: who calls, what is asked, once, and in JSON."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from cancellations.api import problems, schemas
from cancellations.api.callers import Caller, caller_of, limits
from cancellations.api.endpoints import REQUEST, Endpoint
from cancellations.api.problems import Refused, refused
from cancellations.models import ApiAnswer
from cancellations.workflow import machines
from cancellations.workflow.errors import WorkflowError

MAX_BODY = 2 * 1024 * 1024  # bytes
MAX_KEY = 255
_encode = msgspec.json.Encoder(decimal_format="string").encode


def view_of(endpoints: Mapping[str, Endpoint]) -> Callable[..., HttpResponse]:
    """The view of an address: {method: endpoint}. It takes no session, so it needs no CSRF token."""
    decoders = {method: msgspec.json.Decoder(one.takes, strict=True) for method, one in endpoints.items()}

    def view(request: HttpRequest, **place: str) -> HttpResponse:
        headers: dict[str, str] = {}
        try:
            endpoint = endpoints.get("GET" if request.method == "HEAD" else request.method or "")
            if endpoint is None:
                raise refused("method_not_allowed", Allow=", ".join([*endpoints, "OPTIONS"]))
            caller = caller_of(request)
            headers = {name.replace("_", "-"): value for name, value in limits(caller.left).items()}
            if endpoint.scope == REQUEST:
                response = _write(request, endpoint, decoders[request.method], caller, place)
            else:
                response = _read(request, endpoint, caller, place)
        except Refused as error:
            response = problems.answer(request, error)
        except WorkflowError as error:
            response = problems.answer(request, problems.of_verb(error))
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return response

    view.csrf_exempt = True
    view.login_required = False
    return view


def _read(request: HttpRequest, endpoint: Endpoint, caller: Caller, place: dict[str, str]) -> HttpResponse:
    """Reads the query as its type says. Raises Refused, also where a parameter comes twice that is one."""
    kinds = {field.name: str(field.type) for field in msgspec.structs.fields(endpoint.takes)}
    values: dict[str, Any] = {}
    for name, many in request.GET.lists():
        values[name] = many if "list[" in kinds.get(name, "") or len(many) > 1 else many[0]
        if "datetime" in kinds.get(name, ""):
            # Read by itself, strictly: a number would be taken for seconds since 1970.
            try:
                [text] = many
                values[name] = msgspec.convert(text, schemas.Moment)
            except (ValueError, msgspec.ValidationError):
                raise _refused_at(f"/{name}", "RFC 3339") from None
    try:
        asked = msgspec.convert(values, endpoint.takes, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    _check_texts(asked)
    body = _encode(endpoint.do(caller, asked, **place))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in (known.strip().removeprefix("W/") for known in request.headers.get("If-None-Match", "").split(",")):
        return HttpResponseNotModified(headers={"ETag": tag})
    return HttpResponse(body, "application/json", headers={"ETag": tag})


def _write(
    request: HttpRequest, endpoint: Endpoint, decoder: Any, caller: Caller, place: dict[str, str]
) -> HttpResponse:
    """What the call does and what it is answered are one transaction: after any kill both are there, or neither."""
    key = request.headers.get("Idempotency-Key", "")
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise refused("idempotency_key_missing")
    if request.content_type != "application/json" and request.headers.get("Content-Length", "0") != "0":
        raise refused("not_json")
    try:
        body = request.body
    except RequestDataTooBig:
        raise refused("too_large") from None
    if len(body) > MAX_BODY:
        raise refused("too_large")
    machines.check_may_ask(caller.machine)
    try:
        asked = decoder.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid(error) from error
    _check_texts(asked)
    said = hashlib.sha256(b"\0".join([(request.method or "").encode(), request.path.encode(), body])).hexdigest()
    with transaction.atomic():
        row = ApiAnswer(machine=caller.machine, key=key, asked=said, at=timezone.now())
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            first = ApiAnswer.objects.get(machine=caller.machine, key=key)
            if first.asked != said:
                raise refused("idempotency_key_reused") from None
            return _answered(first, {"Idempotency-Replayed": "true"})
        if endpoint.takes is schemas.NewRequest:
            place = {"key": key}
        done = endpoint.do(caller, asked, **place)
        row.http_status = 200 if isinstance(done, schemas.Created) and done.existed else endpoint.status
        if isinstance(done, schemas.Created):
            row.location = f"/api/v1/requests/{done.request.number}"
        row.body = _encode(done).decode()
        row.save(update_fields=["http_status", "location", "body"])
    return _answered(row)


def _answered(row: ApiAnswer, headers: Mapping[str, str] | None = None) -> HttpResponse:
    location = {"Location": row.location} if row.location else {}
    return HttpResponse(row.body, "application/json", row.http_status, headers={**location, **(headers or {})})


def _check_texts(asked: schemas.Asked) -> None:
    """The one character that PostgreSQL keeps nowhere; in an order number it is refused with its place."""
    for name in asked.__struct_fields__:
        if "\x00" in str(getattr(asked, name)) and name not in ("orders", "number"):
            raise _refused_at(f"/{name}", "U+0000")


def _invalid(error: Exception) -> Refused:
    """Says where; the library's sentence ends with the place: `Expected `str`, got `int` - at `$.orders[3]``."""
    text, _at, place = str(error).partition(" - at `$")
    if not isinstance(error, msgspec.ValidationError):
        return refused("bad_request")
    pointer = place.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/").replace("...", "")
    return _refused_at(pointer, text)


def _refused_at(pointer: str, detail: str) -> Refused:
    problem = refused("invalid")
    problem.errors.append(schemas.ProblemAt(pointer=pointer, code="invalid", detail=detail))
    return problem
