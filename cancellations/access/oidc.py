"""Sign-in through the company's own provider (OpenID Connect). Only imported where the settings name one.

The protocol is mozilla-django-oidc's; here is what it leaves open: people are never made, only matched; what the
standard says must be checked of a token is checked; and a failure leads back to the sign-in page.
"""

import logging
from collections.abc import Iterable
from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

from cancellations.access.sessions import person_of
from cancellations.access.sign_in import go_on
from cancellations.models import Person

logger = logging.getLogger("cancellations.sign_in")
BAD_ANSWERS = (requests.RequestException, jwt.PyJWTError, SuspiciousOperation, KeyError, TypeError, ValueError)


class ExistingPersonBackend(OIDCAuthenticationBackend):
    """Finds the person whom the provider names, by the claim OIDC_USERNAME_CLAIM."""

    def get_user(self, user_id: int) -> Person | None:
        return person_of(user_id)

    def authenticate(
        self, request: HttpRequest | None, *, nonce: str | None, code_verifier: str | None
    ) -> Person | None:
        """Without a nonce, as when a password is given, Django does not even ask this backend.

        Of an error only its kind is logged: its text may hold an address with a code in it.
        """
        try:
            return super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        except BAD_ANSWERS as error:
            logger.warning("The sign-in through the provider failed: %s", type(error).__name__)
            return None

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> Person | None:
        """The library checks signature and nonce, but not for whom a token is, from whom, and that it ends."""
        audience = payload["aud"] if isinstance(payload["aud"], list) else [payload["aud"]]
        if settings.OIDC_RP_CLIENT_ID not in audience or payload["iss"] != settings.OIDC_ISSUER or "exp" not in payload:
            raise SuspiciousOperation("The token is not meant for this application.")
        return super().get_or_create_user(access_token, id_token, payload)

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        claims = super().get_userinfo(access_token, id_token, payload)
        if claims["sub"] != payload["sub"]:
            raise SuspiciousOperation("The claims are somebody else's.")
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        name = claims.get(settings.OIDC_USERNAME_CLAIM)
        return isinstance(name, str) and name != ""

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Iterable[Person]:
        return self.UserModel.objects.filter(username=claims[settings.OIDC_USERNAME_CLAIM], is_active=True)

    def describe_user_by_claims(self, claims: dict[str, Any]) -> str:
        return "this name"


class Callback(OIDCAuthenticationCallbackView):
    """Where the provider sends people back to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:  # a link must not be able to sign somebody out, or in as somebody else
            return redirect("home")
        return super().get(request)

    def login_success(self) -> HttpResponse:
        return go_on(self.request, self.user, self.success_url, with_password=False)

    def login_failure(self) -> HttpResponse:
        messages.error(
            self.request,
            _("Your company account is not linked to a person here. Contact an administrator."),
        )
        return redirect("login")
