from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from cancellations.views import sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignIn.as_view(), name="login"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign-in-code"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("cancellations.urls")),
]
if settings.OIDC_RP_CLIENT_ID:
    from mozilla_django_oidc.views import OIDCAuthenticationRequestView

    from cancellations.views.oidc import Callback

    urlpatterns += [
        path(
            "sign-in/oidc/",
            login_not_required(OIDCAuthenticationRequestView.as_view()),
            name="oidc_authentication_init",
        ),
        path("sign-in/oidc/callback/", login_not_required(Callback.as_view()), name="oidc_authentication_callback"),
    ]
handler500 = "cancellations.views.errors.server_error"
