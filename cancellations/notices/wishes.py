"""What a person wants to be told, and when they want to be left alone."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from cancellations.models import NoticeSettings, Person, Shop
from cancellations.workflow import working_days

MOST_STEPS = 40  # days off in a row, and the hours of a day


class Wishes(NamedTuple):
    language: str
    not_by_mail: frozenset[str]
    settings: NoticeSettings

    def wants_mail(self, kind: str) -> bool:
        return kind not in self.not_by_mail

    def awake_at(self, at: datetime, shop: Shop | None = None) -> datetime:
        """The first moment from `at` on at which the person is told of what is not urgent, and concerns the account.

        Not while notices are muted, not in the person's quiet hours, which on a day off last all day, and not outside
        of the account's working hours.
        """
        at = max(at, self.settings.muted_until or at)
        for _step in range(MOST_STEPS):
            later = self._after_quiet_hours(at)
            later = shop.opens_at(later) if shop else later
            if later == at:
                break
            at = later
        return at

    def _after_quiet_hours(self, at: datetime) -> datetime:
        """`at` if it is not quiet then, else the next end of the quiet hours."""
        start, end = self.settings.quiet_from, self.settings.quiet_until
        if start is None or end is None:
            return at
        local = timezone.localtime(at)
        time, past_midnight = local.time(), start > end
        in_hours = (time >= start or time < end) if past_midnight else start <= time < end
        if not in_hours and working_days.is_working_day(local.date()):
            return at
        ends = datetime.combine(local.date(), end, local.tzinfo)
        return ends if ends > local else ends + timedelta(days=1)


def wishes_of(person: Person) -> Wishes:
    """The person's own wishes, or the defaults."""
    own = NoticeSettings.objects.filter(person=person).first()
    own = own or NoticeSettings(person=person, language=settings.LANGUAGE_CODE)
    return Wishes(own.language, frozenset(own.not_by_mail), own)
