"""A moment as people at work read it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from cancellations import words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (datetime(2026, 11, 25, 1, 5, tzinfo=UTC), "today 09:05"),
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 11, 24, 16, 0, tzinfo=UTC), "today 00:00"),
        (datetime(2026, 3, 1, 2, 0, tzinfo=UTC), "03-01 10:00"),
        (datetime(2025, 12, 31, 2, 0, tzinfo=UTC), "2025-12-31 10:00"),
    ],
)
def test_moment_leaves_out_what_everybody_knows(value, shown, english, monkeypatch):
    now = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    told = words.times.moment(value)
    assert re.sub("<.*?>", "", told) == shown
    assert f'title="{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"' in told


def test_how_long_ago_reads_without_a_comma_in_chinese(english):
    ago = timezone.now() - timedelta(hours=22, minutes=37, seconds=1)
    assert words.times.since(ago).replace("\xa0", " ") == "22 hours, 37 minutes"
    assert words.times.since(timezone.now()) == "less than a minute"
    with translation.override("zh-hans"):
        assert "，" not in words.times.since(ago)


def test_no_moment_is_nothing():
    assert words.times.moment(None) == ""
