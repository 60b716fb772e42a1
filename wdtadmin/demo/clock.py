"""A clock that is set: what the application does under it happens at another time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from django.utils import timezone

from cancellations.sending import pace, probe

TICK = timedelta(milliseconds=40)  # whoever looks at the clock has taken some time


class Clock:
    """Shows the moment that it was set to, and a little later each time it is looked at. Never goes back."""

    def __init__(self, moment):
        self.moment = moment

    def now(self) -> datetime:
        self.moment += TICK
        return self.moment

    def move_to(self, moment: datetime) -> None:
        self.moment = max(self.moment, moment)

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def timestamp(self) -> float:
        return self.moment.timestamp()

    @contextmanager
    def counts(self) -> Iterator[None]:
        """Within it the application's time is this clock's, and nobody waits for the ERP's pace."""
        waiting = SimpleNamespace(sleep=self.sleep)
        of_the_server = SimpleNamespace(time=self.timestamp, monotonic=time.monotonic)
        with (
            patch.object(timezone, "now", self.now),
            patch.object(pace, "time", waiting),
            patch.object(probe, "time", of_the_server),  # which a test of the connection holds against the ERP's
        ):
            yield
