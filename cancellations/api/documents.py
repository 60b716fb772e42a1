"""The document of the API: for programs as JSON, for people as a page without a script."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from cancellations.api import openapi
from cancellations.api.advice import ADVICE
from cancellations.api.endpoints import ENDPOINTS
from cancellations.api.examples import examples
from cancellations.api.problems import OF_THE_API, errors_by_code
from cancellations.models import Shop

_placeholder = re.compile(r"%\([a-z]+\)s")


def openapi_json(request: HttpRequest) -> HttpResponse:
    """For whoever is signed in: nothing in it is secret, and nobody else needs it."""
    return HttpResponse(openapi.as_json(), "application/json")


def docs(request: HttpRequest) -> HttpResponse:
    shop = Shop.objects.for_user(request.user).first()
    context = {
        "examples": list(examples(request.build_absolute_uri("/"), shop.pk if shop else 1)),
        "rows": [
            {
                "endpoint": one,
                "path": openapi.address_of(one),
                "fields": list(fields(one.takes)),
                "codes": openapi.codes_of(one),
            }
            for one in ENDPOINTS
        ],
        "problems": list(problems()),
    }
    return render(request, "api/docs.html", context)


def problems() -> Iterator[dict[str, Any]]:
    """Every code with its HTTP status, its sentence, and what to do about it."""
    by_code = errors_by_code()
    for code, advice in ADVICE.items():
        sentence = OF_THE_API[code].sentence if code in OF_THE_API else by_code[code].sentence
        sentence = _placeholder.sub("…", str(sentence))
        yield {"code": code, "status": openapi.status_of(code), "sentence": sentence, "advice": advice}


def fields(takes: type[msgspec.Struct]) -> Iterator[dict[str, Any]]:
    """What a body or a query is made of: name, type in a few words, whether it is needed, and what it means."""
    _, components = msgspec.json.schema_components([takes])
    schema = components[takes.__name__]
    for name, shape in schema["properties"].items():
        shape = next((one for one in shape.get("anyOf", ()) if one.get("type") != "null"), shape)
        one = shape["items"] if shape.get("type") == "array" else shape
        kind = one.get("format") or one.get("type", "")
        if "enum" in one:
            kind = " | ".join(map(str, one["enum"]))
        elif "maxLength" in one:
            kind = f"{kind} ≤ {one['maxLength']}"
        elif "maximum" in one:
            kind = f"{kind} {one['minimum']} – {one['maximum']}"
        yield {
            "name": name,
            "type": kind if one is shape else f"[{kind}], {shape['minItems']} – {shape['maxItems']}",
            "required": name in schema.get("required", ()),
            "description": gettext(shape["description"]) if "description" in shape else "",
        }
