"""What a person wants to be told, and when they want to be left alone."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from cancellations.models import NoticeSettings, Person


class Wishes(NamedTuple):
    language: str
    not_by_mail: frozenset[str]
    settings: NoticeSettings

    def wants_mail(self, kind: str) -> bool:
        return kind not in self.not_by_mail

    def is_quiet(self, at: datetime) -> bool:
        """Whether the person has muted notices, or the moment is in their quiet hours."""
        own = self.settings
        if own.muted_until and at < own.muted_until:
            return True
        if own.quiet_from is None:
            return False
        time = timezone.localtime(at).time()
        if own.quiet_from <= own.quiet_until:
            return own.quiet_from <= time < own.quiet_until
        return time >= own.quiet_from or time < own.quiet_until

    def awake_at(self, at: datetime) -> datetime:
        """The first moment from `at` on that is not quiet."""
        own = self.settings
        if own.muted_until and at < own.muted_until:
            at = own.muted_until
        if not self.is_quiet(at) or own.quiet_until is None:
            return at
        local = timezone.localtime(at)
        end = local.replace(
            hour=own.quiet_until.hour, minute=own.quiet_until.minute, second=own.quiet_until.second, microsecond=0
        )
        return end if end > local else end + timedelta(days=1)


def wishes_of(person: Person) -> Wishes:
    """The person's own wishes, or the defaults."""
    own = NoticeSettings.objects.filter(person=person).first()
    own = own or NoticeSettings(person=person, language=settings.LANGUAGE_CODE)
    return Wishes(own.language, frozenset(own.not_by_mail), own)
