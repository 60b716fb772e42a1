from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from cancellations.access import account, set_password, sign_in, sudo

urlpatterns = [
    path("sign-in/", sign_in.SignIn.as_view(), name="login"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign-in-code"),
    path("sign-out/", sign_in.SignOut.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password_change, name="password-change"),
    path("account/second-factor/", account.second_factor_set_up, name="second-factor-set-up"),
    path("account/second-factor/remove/", account.second_factor_remove, name="second-factor-remove"),
    path("account/recovery-codes/", account.recovery_codes_new, name="recovery-codes-new"),
    path("account/sign-out-everywhere/", account.sign_out_everywhere, name="sign-out-everywhere"),
    path("account/sessions/<slug:digest>/end/", account.session_end, name="session-end"),
    path("confirm/", sudo.confirm_password, name="confirm-password"),
    path("set-password/<uidb64>/<token>/", set_password.SetPassword.as_view(), name="set-password"),
]
if settings.OIDC_RP_CLIENT_ID:
    from cancellations.access.oidc import Begin, Callback

    urlpatterns += [
        path(
            "sign-in/oidc/",
            login_not_required(Begin.as_view()),
            name="oidc_authentication_init",
        ),
        path("sign-in/oidc/callback/", login_not_required(Callback.as_view()), name="oidc_authentication_callback"),
    ]
