from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("cancellations.urls")),
]
handler500 = "cancellations.pages.errors.server_error"
