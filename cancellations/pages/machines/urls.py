from django.urls import path

from cancellations.pages.machines import views

urlpatterns = [
    path("", views.machine_list, name="machine-list"),
    path("new/", views.machine_add, name="machine-add"),
    path("<int:pk>/", views.machine, name="machine"),
    path("<int:pk>/settings/", views.machine_settings, name="machine-settings"),
    path("<int:pk>/shops/", views.machine_shops, name="machine-shops"),
    path("<int:pk>/deactivate/", views.machine_deactivate, name="machine-deactivate"),
    path("<int:pk>/reactivate/", views.machine_reactivate, name="machine-reactivate"),
    path("<int:pk>/token/", views.machine_token, name="machine-token"),
    path("<int:pk>/tokens/<int:token>/revoke/", views.token_revoke, name="token-revoke"),
]
