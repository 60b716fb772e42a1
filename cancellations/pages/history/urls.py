from django.urls import path

from cancellations.pages.history import export, story, views, workbooks

urlpatterns = [
    path("", views.history, name="history"),
    path("export.csv", export.csv, name="history-csv"),
    path("export.xlsx", export.xlsx, name="history-xlsx"),
    path("names/<str:kind>/", views.names, name="history-names"),
    path("exports/", workbooks.export_list, name="export-list"),
    path("exports/<int:pk>/orders.xlsx", workbooks.file, name="export-file"),
    path("exports/<int:pk>/delete/", workbooks.delete, name="export-delete"),
    path("filters/", views.save, name="history-filter-save"),
    path("orders/<int:shop>/<text:order_no>/", story.order_story, name="order-story"),
]
