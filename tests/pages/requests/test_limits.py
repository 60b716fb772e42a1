"""Heavy work has a share for each person and hour; whoever has used it up is told so, and nothing is lost."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cancellations.intake import child
from cancellations.models import Upload
from tests.intake.made_files import xlsx
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


LONG_CHAT = "\n".join(f"王强 10:{n % 60:02}\n单号CG{n:010}，不要了（见附件）" for n in range(9_000))


@pytest.fixture
def many_lists_are_read(monkeypatch):
    monkeypatch.setattr(child, "_places", threading.Semaphore(0))


def test_a_paste_while_many_lists_are_read_comes_back_with_its_text(shop, cast, browser_of, many_lists_are_read):
    answer = browser_of(cast.lina).post(NEW, filled(shop, orders=LONG_CHAT))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    page = answer.content.decode()
    assert "your list is kept" in page
    assert "单号CG0000008999" in page


def test_a_file_while_many_lists_are_read_is_to_be_chosen_again(shop, cast, browser_of, many_lists_are_read):
    file = SimpleUploadedFile("a.xlsx", xlsx(("表", [["CG1"]])))
    answer = browser_of(cast.lina).post(NEW, filled(shop, file=file))
    assert answer.status_code == 503
    assert "Choose the file again in a few seconds" in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_kept_file_while_many_lists_are_read_is_still_kept(shop, cast, browser_of, monkeypatch):
    clerk = browser_of(cast.lina)
    clerk.post(NEW, filled(shop, file=SimpleUploadedFile("a.xlsx", xlsx(("表", [["CG1"]])))))
    monkeypatch.setattr(child, "_places", threading.Semaphore(0))
    answer = clerk.post(NEW, filled(shop, upload=str(Upload.objects.get().pk)))
    assert answer.status_code == 503
    assert "your list is kept" in answer.content.decode()
    assert Upload.objects.exists()


def test_a_short_paste_is_read_while_many_lists_are_read(shop, cast, browser_of, many_lists_are_read):
    assert browser_of(cast.lina).post(NEW, filled(shop, orders="CG1 CG2")).status_code == 200
