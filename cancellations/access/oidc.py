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
from django.urls import reverse
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from cancellations.access import verbs
from cancellations.access.sessions import person_of
from cancellations.access.sign_in import go_on
from cancellations.models import Person

logger = logging.getLogger("cancellations.sign_in")
MAX_SUBJECT = 255  # characters (OpenID Connect Core, 2)
BAD_ANSWERS = (requests.RequestException, jwt.PyJWTError, SuspiciousOperation, KeyError, TypeError, ValueError)


class ExistingPersonBackend(OIDCAuthenticationBackend):
    """Finds the person whom the provider names: by the subject, and the first time by OIDC_USERNAME_CLAIM."""

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
        person = super().get_or_create_user(access_token, id_token, payload)
        if person is not None and not person.oidc_subject:
            verbs.keep_identity(person, issuer=payload["iss"], subject=payload["sub"])
        return person

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        claims = super().get_userinfo(access_token, id_token, payload)
        if claims["sub"] != payload["sub"]:
            raise SuspiciousOperation("The claims are somebody else's.")
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        return all(
            isinstance(claims.get(name), str) and 0 < len(claims[name]) <= MAX_SUBJECT
            for name in ("sub", settings.OIDC_USERNAME_CLAIM)
        )

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Iterable[Person]:
        """Whom the subject is known as; only a subject that nobody is known as is matched by the name, once.

        A name can be given to somebody else, at the provider as here; a subject cannot (OpenID Connect Core, 5.7).
        """
        known = Person.objects.filter(oidc_issuer=settings.OIDC_ISSUER, oidc_subject=claims["sub"])
        if known.exists():
            return known.filter(is_active=True)
        named = Person.objects.filter(username=claims[settings.OIDC_USERNAME_CLAIM], is_active=True, oidc_subject="")
        return named.filter(is_machine=False)

    def describe_user_by_claims(self, claims: dict[str, Any]) -> str:
        return "this name"


class Begin(OIDCAuthenticationRequestView):
    """Leads to the provider, but only whoever presses the button: a link alone signs nobody in (ASVS 7.6.2)."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect(f"{reverse('login')}?{request.GET.urlencode()}" if request.GET else "login")

    def post(self, request: HttpRequest) -> HttpResponse:
        return super().get(request)


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
