from collections import defaultdict

from django.urls import path

from cancellations.api import documents
from cancellations.api.answering import view_of
from cancellations.api.endpoints import ENDPOINTS, Endpoint

_by_path: dict[str, dict[str, Endpoint]] = defaultdict(dict)
for endpoint in ENDPOINTS:
    _by_path[endpoint.path][endpoint.method] = endpoint

urlpatterns = [
    path("docs", documents.docs, name="api-docs"),
    path("openapi.json", documents.openapi_json, name="api-openapi"),
    *(
        path(address, view_of(endpoints), name=f"api-{next(iter(endpoints.values())).name}")
        for address, endpoints in _by_path.items()
    ),
]
