"""Encrypts all app secrets, and those of robots and webhooks, under the first of CREDENTIAL_KEYS. Afterwards the old
keys can be taken out of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cancellations.models.secrets import SecretUnreadable
from cancellations.workflow import administrator


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        try:
            count = administrator.encrypt_secrets_anew()
        except SecretUnreadable as error:
            raise CommandError(
                "A stored secret cannot be read with any of CREDENTIAL_KEYS; nothing was changed. "
                "Put the key that it was encrypted with back behind the new one."
            ) from error
        self.stdout.write(f"{count} secrets are encrypted under the first of CREDENTIAL_KEYS now.")
