"""Django's sessions in the database, but a copy of the database signs nobody in: keys stand in cookies alone."""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone


def digest(key: str) -> str:
    """Under which a session is kept: 160 bits, as the column is wide; the key itself has as many."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """As Django's, with the digest of the key wherever the database is asked."""

    def _get_session_from_db(self) -> Session | None:
        kept = Session.objects.filter(session_key=digest(self.session_key), expire_date__gt=timezone.now()).first()
        if kept is None:
            self._session_key = None
        return kept

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        instance = super().create_model_instance(data)
        instance.session_key = digest(instance.session_key)
        return instance

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(digest(key))
