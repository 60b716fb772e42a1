"""App secrets are stored encrypted, under keys that come from the environment and never from the database."""

from collections.abc import Callable
from typing import Any, NoReturn, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _


class Secret:
    """Text that shows itself only when it is asked to: its repr and str are `***`.

    It is given as text, or as a function that finds the text when it is needed, and may raise then.
    """

    __slots__ = ("_reveal",)

    def __init__(self, text: str = "", *, reveal: Callable[[], str] | None = None) -> None:
        self._reveal = reveal or (lambda: text)

    def reveal(self) -> str:
        return self._reveal()

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


class AppSecret(Secret):
    """The two halves of an app secret, which are stored and shown by the open platform as `secret:salt`."""

    __slots__ = ("salt", "secret")

    def __init__(self, secret: str, salt: str) -> None:
        super().__init__(f"{secret}:{salt}")
        self.secret, self.salt = secret, salt

    @classmethod
    def parse(cls, text: str) -> Self:
        """Splits on the first colon only. Raises BadAppSecret if a half is empty."""
        secret, _colon, salt = text.strip().partition(":")
        if not secret or not salt:
            raise BadAppSecret
        return cls(secret, salt)


class BadAppSecret(Exception):
    sentence = _("The app secret must have two parts joined by a colon: secret:salt.")

    def __str__(self) -> str:
        return str(self.sentence)


class SecretUnreadable(Exception):
    """The stored app secret cannot be decrypted: CREDENTIAL_KEYS lacks the key it was encrypted with."""


def _fernet() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
    except ValueError:
        # The library's own words are not passed on: they may show a part of the key.
        raise SecretUnreadable("CREDENTIAL_KEYS is empty or holds something that is not a key.") from None


class EncryptedSecretField(models.TextField[Secret, Secret]):
    """A `Secret` in Python, a Fernet token in the database. Not searchable, never shown by its repr."""

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        return _fernet().encrypt(value.reveal().encode()).decode()

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        """A Secret stays what it is; text is a token, from the database or from a dump."""

        def reveal() -> str:
            try:
                return _fernet().decrypt(value.encode()).decode()
            except InvalidToken as error:
                raise SecretUnreadable(SecretUnreadable.__doc__) from error

        return Secret(reveal=reveal) if isinstance(value, str) else value

    def value_to_string(self, obj: Any) -> str:
        """A dump carries the token, not the secret."""
        return self.get_prep_value(self.value_from_object(obj))
