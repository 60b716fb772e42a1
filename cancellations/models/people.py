from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import pgettext_lazy


class Person(AbstractUser):
    """Somebody who signs in here. On pages and in the history they are called by their name, else by the username."""

    first_name = last_name = None
    # What it is called is read where a password that resembles it is refused.
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=150, default="")
    # Who added them; people without a seller account are this administrator's, and a superuser's, and nobody else's.
    added_by = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    # Who they are for the company's own provider, from their first sign-in through it on; their name moves neither.
    oidc_issuer = models.CharField(max_length=200, default="")
    oidc_subject = models.CharField(max_length=255, default="")
    is_machine = models.BooleanField(default=False)  # asks through the API, never signs in, never decides
    signed_out_at = models.DateTimeField(null=True)  # their sessions and one-time links of before are over

    in_maintenance = False  # whether there is one; read together with who signed in, access/sessions.py

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["oidc_issuer", "oidc_subject"], condition=~Q(oidc_subject=""), name="an_identity_is_one_person"
            ),
            models.CheckConstraint(
                condition=Q(is_machine=False)
                | Q(is_superuser=False, oidc_subject="", password__startswith=UNUSABLE_PASSWORD_PREFIX),
                name="a_machine_never_signs_in",
            ),
        ]

    def __str__(self):
        return self.name or self.username

    get_full_name = get_short_name = __str__  # Django's would read the two names that are not there

    @cached_property
    def roles(self) -> set[str]:
        """The names of the person's roles. They are read once: a person object lives for one HTTP request."""
        return frozenset(self.groups.values_list("name", flat=True))

    def _get_session_auth_hash(self, secret=None):
        """Django ends a session whose hash is another one by now: after a new password, and after signing out."""
        return f"{super()._get_session_auth_hash(secret)} {self.signed_out_at}"
