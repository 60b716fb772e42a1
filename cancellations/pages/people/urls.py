from django.urls import path

from cancellations.pages.people import changes, views

urlpatterns = [
    path("", views.person_list, name="person-list"),
    path("add/", views.person_add, name="person-add"),
    path("changes/", changes.change_list, name="access-change-list"),
    path("changes/<int:pk>/confirm/", changes.confirm, name="access-change-confirm"),
    path("changes/<int:pk>/refuse/", changes.refuse, name="access-change-refuse"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/roles/", views.person_roles, name="person-roles"),
    path("<int:pk>/shops/", views.person_shops, name="person-shops"),
    path("<int:pk>/details/", views.person_details, name="person-details"),
    path("<int:pk>/deactivate/", views.person_deactivate, name="person-deactivate"),
    path("<int:pk>/reactivate/", views.person_reactivate, name="person-reactivate"),
    path("<int:pk>/unlock/", views.person_unlock, name="person-unlock"),
    path("<int:pk>/sign-out/", views.person_sign_out, name="person-sign-out"),
    path("<int:pk>/factor/", views.person_factor, name="person-factor"),
    path("<int:pk>/identity/", views.person_identity, name="person-identity"),
    path("<int:pk>/link/", views.person_link, name="person-link"),
]
