import pytest
from django.urls import reverse

from tests.made_calls import call_of
from tests.people import approved

pytestmark = pytest.mark.django_db


def test_the_calls_page_shows_what_was_sent_and_answered(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.pages.requests.calls.CALLS_OF_A_PAGE", 2)
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1"])
    made = [call_of(cancellation, body=f'[["CG{number}"]]', answer=f"<b>{number}</b>") for number in range(3)]
    url = reverse("cancellation-calls", args=[cancellation.number])
    auditor = browser_of(cast.chenjing)
    page = auditor.get(url)
    assert page.context["calls"] == made[:0:-1]
    assert "&lt;b&gt;2&lt;/b&gt;" in page.content.decode()
    assert "cancelByType" in page.content.decode()
    assert auditor.get(url + page.context["older_url"]).context["calls"] == made[:1]
    link = f'href="{url}"'
    assert link in auditor.get(cancellation.get_absolute_url()).content.decode()
    assert link not in browser_of(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    assert browser_of(cast.heping).get(url).status_code == 404
