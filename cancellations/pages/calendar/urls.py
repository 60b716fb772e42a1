from django.urls import path

from cancellations.pages.calendar import views

urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("set/", views.set_day, name="calendar-set"),
    path("paste/", views.paste, name="calendar-paste"),
    path("remove/", views.remove, name="calendar-remove"),
]
