from django.urls import path

from cancellations.pages.notices import views

urlpatterns = [
    path("", views.notice_list, name="notices"),
    path("bell/", views.bell, name="notice-bell"),
    path("read/", views.read, name="notices-read"),
    path("settings/", views.settings_page, name="notice-settings"),
    path("mute/", views.mute, name="notice-mute"),
]
