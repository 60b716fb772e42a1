"""Every address of the application; each room of pages lists its own."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, register_converter
from django.views.generic import RedirectView

from cancellations.pages import about, restored, saved_filters, search, workers


class RequestNumber:
    regex = r"CR[0-9]{8}-[0-9]{4,8}"
    to_python = to_url = staticmethod(str)


class Text:
    """Whatever is stored as an order number, line breaks and slashes included."""

    regex = r"[\s\S]+"
    to_python = to_url = staticmethod(str)


# Browsers and robots ask for it wherever a page names no other.
favicon = login_not_required(RedirectView.as_view(url=f"{settings.STATIC_URL}favicon.svg", permanent=True))

register_converter(RequestNumber, "request_number")
register_converter(Text, "text")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="cancellation-list"), name="home"),
    path("favicon.ico", favicon, name="favicon"),
    path("requests/", include("cancellations.pages.requests.urls")),
    path("history/audit/", include("cancellations.pages.audit.urls")),
    path("history/", include("cancellations.pages.history.urls")),
    path("figures/", include("cancellations.pages.figures.urls")),
    path("people/", include("cancellations.pages.people.urls")),
    path("machines/", include("cancellations.pages.machines.urls")),
    path("calendar/", include("cancellations.pages.calendar.urls")),
    path("shops/", include("cancellations.pages.shops.urls")),
    path("filters/<int:pk>/delete/", saved_filters.delete, name="filter-delete"),
    path("notices/", include("cancellations.pages.notices.urls")),
    path("api/v1/", include("cancellations.api.urls")),
    path("search/", search.search, name="search"),
    path("workers/", workers.worker_list, name="worker-list"),
    path("about/", about.about, name="about"),
    path("restored/", restored.restored_page, name="restored"),
    path("", include("cancellations.access.urls")),
]
