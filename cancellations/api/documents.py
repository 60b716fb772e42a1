"""The document of the API: for programs as JSON, for people as a page without a script."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cancellations.api import openapi
from cancellations.api.endpoints import ENDPOINTS
from cancellations.api.problems import OF_THE_API, errors_by_code


def openapi_json(request: HttpRequest) -> HttpResponse:
    """For whoever is signed in: nothing in it is secret, and nobody else needs it."""
    return HttpResponse(msgspec.json.format(msgspec.json.encode(openapi.document()), indent=2), "application/json")


def docs(request: HttpRequest) -> HttpResponse:
    document = openapi.document()
    rows = [
        {
            "endpoint": one,
            "path": f"/api/v1/{openapi._path(one)}",
            "operation": document["paths"][f"/api/v1/{openapi._path(one)}"][one.method.lower()],
            "codes": openapi.codes_of(one),
        }
        for one in ENDPOINTS
    ]
    codes = sorted({code for row in rows for code in row["codes"]} | OF_THE_API.keys())
    problems = [(code, openapi.status_of(code), _sentence(code)) for code in codes]
    return render(request, "api/docs.html", {"rows": rows, "problems": problems})


def _sentence(code):
    if code in OF_THE_API:
        return OF_THE_API[code].sentence
    return errors_by_code()[code].sentence
