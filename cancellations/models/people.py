from django.conf import settings
from django.db import models


def name_of(person):
    """What a person is called on pages and in the history: their name, else what they sign in with."""
    return person.get_full_name() or person.get_username()


class SignOut(models.Model):
    """Since when a person's sessions count: those that began before are over, wherever they are."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="sign_out")
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.person} {self.at:%Y-%m-%d %H:%M:%S}"
