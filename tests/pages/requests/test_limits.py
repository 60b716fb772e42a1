"""Heavy work has a share for each person and hour; whoever has used it up is told so, and nothing is lost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.pages.requests.test_files import NEW, filled
from tests.people import draft_of

pytestmark = pytest.mark.django_db


def test_a_file_too_many_says_when_the_next_may_come(shop, cast, browser_of, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"upload": 1}
    clerk = browser_of(cast.lina)
    answers = [clerk.post(NEW, filled(shop, file=SimpleUploadedFile("a.csv", b"CG1"))) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    page = answers[1].content.decode()
    assert "which is the limit" in page
    assert "供应商停产" in page


def test_a_download_too_many_is_refused_in_the_same_way(shop, cast, browser_of, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"export": 1}
    clerk = browser_of(cast.lina)
    answers = [clerk.post(NEW, filled(shop, orders="CG1 CG–2", step="not_taken")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0].headers["Content-Type"].startswith("text/csv")
    assert "which is the limit" in answers[1].content.decode()


def test_looking_up_too_often_is_refused_on_the_page(shop, cast, browser_of, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"look_up": 0}
    draft = draft_of(shop, cast.lina)
    draft.lookups.update(ended_at=draft.created_at)
    answer = browser_of(cast.lina).post(reverse("cancellation-look-again", args=[draft.number]))
    assert answer.status_code == 429
    assert "which is the limit" in answer.content.decode()
