import pytest

from cancellations.models import Usage
from cancellations.sending import probe
from cancellations.workflow import limits, lookups
from cancellations.workflow.errors import TooOften
from tests.people import draft_of

pytestmark = pytest.mark.django_db


def test_each_person_has_a_share_of_heavy_work_an_hour(cast, settings, time_machine):
    settings.HEAVY_WORK_PER_HOUR = {"upload": 2, "export": 1}
    time_machine.move_to("2026-11-24 09:30+08:00")
    limits.consume(limits.UPLOAD, by=cast.lina)
    limits.consume(limits.UPLOAD, by=cast.lina)
    with pytest.raises(TooOften) as refused:
        limits.consume(limits.UPLOAD, by=cast.lina)
    assert refused.value.details == {"count": 2, "when": "10:00"}
    limits.consume(limits.EXPORT, by=cast.lina)
    limits.consume(limits.UPLOAD, by=cast.sunyue)
    time_machine.move_to("2026-11-24 10:00+08:00")
    limits.consume(limits.UPLOAD, by=cast.lina)


def test_counts_of_hours_that_are_over_are_forgotten(cast, time_machine):
    time_machine.move_to("2026-11-24 09:30+08:00")
    limits.consume(limits.UPLOAD, by=cast.lina)
    time_machine.move_to("2026-11-25 13:30+08:00")
    assert limits.forget_usage() == 1
    assert not Usage.objects.exists()


def test_looking_up_again_and_again_ends_at_the_share(shop, cast, settings):
    settings.HEAVY_WORK_PER_HOUR = {"look_up": 1, "draft": 9}
    draft = draft_of(shop, cast.lina)
    draft.lookups.update(ended_at=draft.created_at)
    lookups.look_again(draft, by=cast.lina)
    draft.lookups.update(ended_at=draft.created_at)
    with pytest.raises(TooOften):
        lookups.look_again(draft, by=cast.lina)


def test_drafts_and_connection_tests_have_a_share(shop, cast, settings):
    settings.HEAVY_WORK_PER_HOUR = {"draft": 1, "test": 0}
    draft_of(shop, cast.lina)
    with pytest.raises(TooOften):
        draft_of(shop, cast.lina)
    with pytest.raises(TooOften):
        probe.test_connection(shop, by=cast.zhaolei)
    draft_of(shop, cast.sunyue)
