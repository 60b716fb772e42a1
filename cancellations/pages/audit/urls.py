from django.urls import path

from cancellations.pages.audit import export_log, views

urlpatterns = [
    path("", views.audit_page, name="audit"),
    path("copies/", export_log.copies_page, name="audit-copies"),
]
