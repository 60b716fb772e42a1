"""The OpenAPI 3.1 document, made of the table of endpoints and the types; docs/openapi.json is compared with it."""

from typing import Any

import msgspec
from django.utils import translation

from cancellations.api import problems, schemas
from cancellations.api.endpoints import ENDPOINTS, READ, Endpoint
from cancellations.api.problems import MEDIA_TYPE, OF_THE_API

VERSION = "1"
REF = "#/components/schemas/{name}"
OF_EVERY_CALL = ("unauthorized", "address_not_allowed", "too_many_calls", "invalid")
OF_EVERY_WRITE = (
    *("idempotency_key_missing", "idempotency_key_reused", "bad_request", "not_json", "too_large"),
    *("machine_reads_only", "machine_inactive", "nobody_answers", "not_allowed", "in_maintenance"),
)
HEADERS = {
    "X-Request-Id": "The number of this call; the log has it too.",
    "RateLimit-Policy": "Calls in a minute, of this token in this web process.",
    "RateLimit": "How many are left, and for how many seconds.",
}

NUMBER = {
    "name": "number",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^CR[0-9]{8}-[0-9]{4,8}$"},
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "New for each wish, the same for its repetitions; kept for 30 days.",
}


def document() -> dict[str, Any]:
    """The whole document, in English."""
    with translation.override("en"):
        takes = [one.takes for one in ENDPOINTS if one.method == "POST"]
        gives = [one.gives for one in ENDPOINTS]
        used = list(dict.fromkeys([*takes, *gives, schemas.Problem]))
        _, components = msgspec.json.schema_components(used, ref_template=REF)
        paths: dict[str, Any] = {}
        for one in ENDPOINTS:
            paths.setdefault(address_of(one), {})[one.method.lower()] = _operation(one)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "wdtadmin",
                "version": VERSION,
                "description": "Other systems ask for purchase orders to be cancelled; people decide.",
            },
            "servers": [{"url": "/"}],
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "wdt_…"}},
            },
        }


def as_json() -> str:
    """The document as the text of docs/openapi.json."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2).decode() + "\n"


def codes_of(one: Endpoint) -> list[str]:
    """The codes of the problems that an endpoint may answer, those of its own first."""
    found = ("not_found",) if "<" in one.path or one.method == "POST" or one.name == "findOrders" else ()
    writes = () if one.scope == READ else OF_EVERY_WRITE
    return list(dict.fromkeys([*one.refuses, *found, *writes, *OF_EVERY_CALL]))


def status_of(code: str) -> int:
    """The HTTP status of a problem."""
    return OF_THE_API[code].status if code in OF_THE_API else problems.status_of(problems.errors_by_code()[code])


def address_of(one: Endpoint) -> str:
    """The address as the document writes it."""
    return "/api/v1/" + one.path.replace("<request_number:number>", "{number}")


def _operation(one: Endpoint) -> dict[str, Any]:
    gives = {
        "description": (one.gives.__doc__ or "OK").strip().partition("\n")[0],
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
        "content": {"application/json": {"schema": {"$ref": REF.format(name=one.gives.__name__)}}},
    }
    statuses = {one.status, 200} if one.gives is schemas.Created else {one.status}
    responses: dict[str, Any] = {str(status): gives for status in sorted(statuses)}
    if one.scope == READ:
        responses["304"] = {"description": "Not changed since the ETag in If-None-Match."}
    answers: dict[int, list[str]] = {}
    for code in codes_of(one):
        answers.setdefault(status_of(code), []).append(code)
    parameters = [NUMBER] if "<" in one.path else []
    if one.method == "POST":
        parameters.append(KEY)
    else:
        _, components = msgspec.json.schema_components([one.takes], ref_template=REF)
        shape = components[one.takes.__name__]
        parameters += [
            {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}
            for name, schema in shape["properties"].items()
        ]
    problem = {MEDIA_TYPE: {"schema": {"$ref": REF.format(name="Problem")}}}
    for status, codes in sorted(answers.items()):
        responses[str(status)] = {"description": ", ".join(codes), "content": problem}
    operation: dict[str, Any] = {
        "operationId": one.name,
        "summary": str(one.says),
        "parameters": parameters,
        "responses": responses,
    }
    if one.method == "POST":
        schema = {"$ref": REF.format(name=one.takes.__name__)}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation
