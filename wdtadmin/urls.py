from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from cancellations.forms.sign_in import SignInForm

urlpatterns = [
    path(
        "sign-in/",
        auth.LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True),
        name="login",
    ),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("cancellations.urls")),
]
handler500 = "cancellations.views.errors.server_error"
