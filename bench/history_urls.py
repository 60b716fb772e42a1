"""The application's addresses, and Django's admin over the same rows."""

from django.contrib import admin
from django.urls import path

from cancellations.models import OrderLine
from wdtadmin.urls import urlpatterns as own


@admin.register(OrderLine)
class OrderLineAdmin(admin.ModelAdmin):
    """As Django suggests to write it: what is shown, searched and filtered by."""

    list_display = ["order_no", "outcome", "known_by", "shop", "cancellation", "outcome_at"]
    list_select_related = ["shop", "cancellation"]
    search_fields = ["order_no"]
    list_filter = ["outcome", "shop"]
    ordering = ["-id"]


urlpatterns = [path("admin/", admin.site.urls), *own]
