"""The page on which an administrator confirms that the database was restored."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cancellations.models import RestoredCopy
from tests.people import approved, submitted

pytestmark = pytest.mark.django_db
PAGE = reverse("restored")
BANNER = "The database was restored from a copy. Nothing is sent or looked up until you confirm it."


@pytest.fixture
def copy(db):
    return RestoredCopy.objects.create(copied_at=timezone.now())


def shown(browser, address=PAGE):
    return " ".join(browser.get(address).content.decode().split())


def test_every_page_of_administrators_leads_to_it_and_no_page_of_others(copy, cast, shop, browser_of):
    for address in (reverse("worker-list"), reverse("shop-list")):
        assert BANNER in shown(browser_of(cast.zhaolei), address)
        assert f'href="{PAGE}"' in shown(browser_of(cast.root), address)
    assert BANNER not in shown(browser_of(cast.lina), reverse("cancellation-list"))
    assert browser_of(cast.wangqiang).get(PAGE).status_code == 403


def test_it_lists_what_was_on_its_way_in_ones_own_accounts(copy, cast, shop, shop_of_others, browser_of):
    mine = approved(shop, cast.lina, cast.wangqiang)
    undecided = submitted(shop, cast.sunyue, ["CG9"])
    shop_of_others.members.add(cast.zhoulan)
    of_others = approved(shop_of_others, cast.heping, cast.zhoulan, ["CG7"])
    page = shown(browser_of(cast.zhaolei))
    assert mine.number in page
    assert undecided.number not in page
    assert "1 request awaits approval here and may have been approved and sent since." in page
    assert of_others.number not in page
    assert "and 1 of other seller accounts" in page
    assert of_others.number in shown(browser_of(cast.root))


def test_confirming_pauses_them_and_says_how_many(copy, cast, shop, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    answer = browser_of(cast.zhaolei).post(PAGE, follow=True)
    assert "1 request is paused until somebody resumes it." in answer.content.decode()
    assert "The last restore was confirmed by" in answer.content.decode()
    cancellation.refresh_from_db()
    assert cancellation.status == "PAUSED"
    assert "Look at the waiting orders in the ERP." in shown(browser_of(cast.lina), cancellation.get_absolute_url())
    assert BANNER not in shown(browser_of(cast.zhaolei), reverse("worker-list"))


def test_confirming_what_somebody_has_confirmed_says_so(copy, cast, browser_of):
    browser_of(cast.root).post(PAGE)
    answer = browser_of(cast.zhaolei).post(PAGE)
    assert answer.status_code == 409
    assert "Nothing is to be confirmed" in answer.content.decode()


def test_a_copy_that_a_worker_found_out_names_the_anchor(cast, browser_of):
    RestoredCopy.objects.create(anchor=4200)
    assert "Its audit trail ends before anchor 4,200" in shown(browser_of(cast.zhaolei))
