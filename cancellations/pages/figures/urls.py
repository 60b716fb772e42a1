from django.urls import path

from cancellations.pages.figures import views

urlpatterns = [
    path("", views.figures_page, name="figures"),
]
