import random
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from cancellations.figures import counting, reading
from cancellations.history import search
from cancellations.models import CancellationRequest, OrderLine, Person
from cancellations.models.figures import Trait
from cancellations.pages.history.forms import HistoryForm
from tests.made_requests import make
from tests.people import approved, submitted

pytestmark = pytest.mark.django_db
PAGE, LIST, HISTORY = reverse("figures"), reverse("cancellation-list"), reverse("history")
UNDER_WAY = ["SUBMITTED", "APPROVED", "RUNNING", "PAUSED"]
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
OF_A_LINE = ("outcome", "known_by", "why", "supplier", "warehouse", "purchaser")
OF_EVERY_PAGE = 6  # session; person, with roles; unread notices; of a manager also what waits, in three ways
OWN = 5  # the shops with how far it is counted, the figures, the names of people, the reasons, the shares


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def counted(shop, shop_of_others, cast, clock):
    """Requests of both shops; He Ping's shop has requests of He Ping only."""
    make([shop], [cast.lina, cast.sunyue], cast.wangqiang, count=120, around=NOON, random=random.Random(5))
    make([shop_of_others], [cast.heping], cast.lina, count=40, around=NOON, random=random.Random(6))
    call_command("recount", verbosity=0)
    counting.catch_up()
    return shop


def submitted_orders():
    return OrderLine.objects.filter(cancellation__submitted_at__isnull=False)


def number(text):
    return int(text.replace(",", ""))


def links_of(page):
    """(path, query, number) of each number that leads to a list."""
    found = re.findall(r'<a href="(/(?:requests|history)/\?[^"]*)">([\d,]+)</a>', page.content.decode())
    for url, shown in found:
        address = urlsplit(unescape(url))
        yield address.path, parse_qs(address.query), number(shown)


@pytest.mark.parametrize("person", ["wangqiang", "chenjing", "zhaolei", "root"])
def test_managers_auditors_and_administrators_see_figures(person, counted, cast, browser_of):
    client = browser_of(getattr(cast, person))
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Orders by outcome" in page.content.decode()
    assert f'href="{PAGE}"' in client.get(LIST, {"view": "all"}).content.decode()


def test_clerks_do_not(counted, cast, browser_of):
    client = browser_of(cast.lina)
    assert client.get(PAGE).status_code == 403
    assert f'href="{PAGE}"' not in client.get(LIST, {"view": "all"}).content.decode()


def test_a_manager_sees_only_the_figures_of_their_shop(counted, shop_of_others, cast, browser_of):
    page = browser_of(cast.wangqiang).get(PAGE)
    own = CancellationRequest.objects.filter(shop=counted, submitted_at__isnull=False)
    assert page.context["total"]["requests"].value == own.count()
    text = page.content.decode()
    assert shop_of_others.name not in text
    assert "何平" not in text
    for asked in ({"shop": shop_of_others.pk}, {"requester": "heping"}):
        text = browser_of(cast.wangqiang).get(PAGE, asked).content.decode()
        assert "何平" not in text
        assert shop_of_others.name not in text


def test_a_shop_of_others_is_no_choice(counted, shop_of_others, cast, browser_of):
    page = browser_of(cast.wangqiang).get(PAGE, {"shop": shop_of_others.pk})
    assert page.status_code == 422
    assert "total" not in page.context


@pytest.mark.parametrize("trait", Trait)
def test_every_number_is_the_count_behind_its_link(trait, counted, cast, browser_of):
    compared = 0
    page = browser_of(cast.wangqiang).get(PAGE, {"by": trait})
    assert f"by={trait}#shares" in page.content.decode() or trait == Trait.REASON
    for path, query, shown in links_of(page):
        if path == HISTORY:
            assert found_by(query, cast.wangqiang) == shown, query
            lines = OrderLine.objects.filter(shop=counted, **day_of_submission(query))
            if "requester" in query:
                lines = lines.filter(cancellation__requester__username=query["requester"][0])
            wanted = {name: query[name][0] for name in OF_A_LINE if name in query}
            if "reason_kind" in query:
                wanted["cancellation__reason_kind"] = query["reason_kind"][0]
            assert "words" in query or lines.filter(**wanted).count() == shown, query
            compared += 1
    assert compared > 50


def found_by(query, person):
    """How many orders the page of the history finds."""
    reader = search.Reader(person)
    form = HistoryForm({name: value for name, [value] in query.items()}, shops=reader.shops)
    assert form.is_valid(), form.errors
    return search.select(form.filters(), reader).count(at_most=100_000)


HOSTILE = (
    "采购单 {} 状态不正确，不能取消",
    "采购单 {} 状态不正确，不能取消 {}",
    "100% _ \\ # ' \" {} &amp; <b>",
    "_% _ \\ # ' \" {} &amp; <b>",
    '"',
    "“{}”",
    "#",
    "",
    "字" * 500,
)


def test_each_reason_leads_to_the_orders_refused_for_it(shop, cast, clock, browser_of):
    make([shop], [cast.lina], cast.wangqiang, count=150, around=NOON, random=random.Random(12))
    lines = list(OrderLine.objects.filter(outcome="REFUSED", known_by="reported"))
    for number, line in enumerate(lines):
        line.message = HOSTILE[number % len(HOSTILE)].format(f"CG{number}-{number}", number)
    OrderLine.objects.bulk_update(lines, ["message"])
    call_command("recount", verbosity=0)
    boss = browser_of(cast.wangqiang)
    reasons = {chart.name: chart for chart in boss.get(PAGE).context["charts"]}["reasons"]
    assert sum(cells[0].value for _, cells in reasons.rows) > 50
    for label, [cell] in reasons.rows:
        address = urlsplit(cell.url)
        assert found_by(parse_qs(address.query), cast.wangqiang) == cell.value > 0, label
        page = boss.get(cell.url)
        assert page.context["total"].split()[0] == str(cell.value)
        assert len(page.context["rows"]) == min(100, cell.value)
    assert len(reasons.rows) == reading.REASONS_SHOWN


def day_of_submission(query):
    first, last = (datetime.fromisoformat(f"{query[name][0]}T00:00+08:00") for name in ("since", "until"))
    return {"cancellation__submitted_at__gte": first, "cancellation__submitted_at__lt": last + timedelta(days=1)}


def test_the_list_behind_a_number_of_requests_shows_just_these(counted, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.pages.requests.lists.PAGE_SIZE", 1000)
    client = browser_of(cast.wangqiang)
    compared = 0
    for path, query, shown in links_of(client.get(PAGE)):
        if path == LIST and query.get("status") != UNDER_WAY:  # of orders under way, the link leads to their requests
            assert len(client.get(path, query).context["cancellations"]) == shown, query
            compared += 1
    assert compared > 20


def test_orders_under_way_lead_to_the_requests_that_they_are_in(counted, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.pages.requests.lists.PAGE_SIZE", 1000)
    client = browser_of(cast.wangqiang)
    links = [link for link in links_of(client.get(PAGE)) if link[1].get("status") == UNDER_WAY]
    assert links
    for _, query, shown in links:
        listed = client.get(LIST, query).context["cancellations"]
        assert OrderLine.objects.filter(cancellation__in=listed, outcome__in=["WAITING", "SENDING"]).count() == shown


def test_the_page_costs_the_same_queries_with_many_rows(
    counted, shop_of_others, cast, browser_of, django_assert_num_queries
):
    shop_of_others.members.add(cast.wangqiang)
    boss = browser_of(cast.wangqiang)
    for days in ("7", "365"):
        with django_assert_num_queries(OF_EVERY_PAGE + OWN):
            boss.get(PAGE, {"days": days})


def test_each_chart_has_its_numbers_as_a_table(counted, cast, browser_of):
    page = browser_of(cast.wangqiang).get(PAGE)
    text = page.content.decode()
    assert [chart.name for chart in page.context["charts"]] == ["requests", "orders", "times", "sources", "reasons"]
    for chart in page.context["charts"]:
        assert f'data-chart="{chart.name}"' in text
        for label, cells in chart.rows:
            assert (label in unescape(text)) or not any(cell.value for cell in cells)
            assert all(not cell.url or f">{cell.value}</a>" in text for cell in cells)
        drawn = [series["values"] for series in chart.drawn["series"]]
        assert drawn == [[cells[n].value for _, cells in chart.rows] for n in range(len(chart.series))]


def test_the_charts_show_the_numbers_of_their_tables(counted, cast, browser_of):
    page = browser_of(cast.chenjing).get(PAGE)
    by_shop, by_person = page.context["compared"]
    assert [row["name"] for row in by_shop["rows"]] == [counted.name]
    assert {row["name"] for row in by_person["rows"]} == {"李娜", "孙悦"}
    for by in (by_shop, by_person):
        assert f'data-chart="{by["chart"].name}"' in page.content.decode()
        assert by["chart"].rows == [(row["name"], row["cells"]) for row in by["rows"]]
        assert by["chart"].size == "low"


def test_a_single_other_person_has_a_bar_too(shop, cast, clock, browser_of):
    people = [Person.objects.create_user(f"clerk-{number}") for number in range(16)]
    make([shop], people, cast.wangqiang, count=300, around=NOON, random=random.Random(13))
    call_command("recount", verbosity=0)
    _, by_person = browser_of(cast.wangqiang).get(PAGE).context["compared"]
    assert {label for label, _ in by_person["chart"].rows} == {person.username for person in people}
    assert len(by_person["rows"]) == 16
    assert by_person["chart"].size == "high"


def test_people_with_few_orders_share_a_bar_and_a_row(shop, cast, clock, browser_of):
    people = [Person.objects.create_user(f"clerk-{number}") for number in range(60)]
    make([shop], people, cast.wangqiang, count=400, around=NOON, random=random.Random(11))
    call_command("recount", verbosity=0)
    page = browser_of(cast.wangqiang).get(PAGE)
    _, by_person = page.context["compared"]
    rows, bars = by_person["rows"], by_person["chart"].rows
    requesters = CancellationRequest.objects.filter(submitted_at__isnull=False).values("requester").distinct().count()
    assert [label for label, _ in bars] == [row["name"] for row in rows[:16]]
    assert bars[15][0] == f"{requesters - 15} others"
    assert len(rows) == 51
    assert by_person["is_cut"]
    drawn = by_person["chart"].drawn["series"]
    for number, total in enumerate(page.context["total"]["cells"]):
        assert sum(drawn[number]["values"]) == total.value
    assert not any(cell.url for cell in rows[15]["cells"])
    assert rows[15]["orders"].value == submitted_orders().count() - sum(row["orders"].value for row in rows[:15])


def test_the_range_is_thirty_days_unless_asked_otherwise(counted, cast, browser_of):
    boss = browser_of(cast.wangqiang)
    assert len(boss.get(PAGE).context["charts"][0].rows) == 30
    assert len(boss.get(PAGE, {"days": "7"}).context["charts"][0].rows) == 7
    some = boss.get(PAGE, {"from": "2026-11-20", "until": "2026-11-21"})
    assert [label for label, _ in some.context["charts"][0].rows] == ["2026-11-20", "2026-11-21"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2026-11-20", "until": "2026-11-19"}, "until"),
        ({"from": "2020-01-01", "until": "2026-11-19"}, "from"),
        ({"from": "nonsense", "until": "2026-11-19"}, "from"),
        ({"from": "2026-11-19"}, "until"),
        ({"operation": "9"}, "operation"),
        ({"requester": "x" * 151}, "requester"),
    ],
)
def test_a_range_that_makes_no_sense_comes_back_with_its_error(asked, field, counted, cast, browser_of):
    page = browser_of(cast.wangqiang).get(PAGE, asked)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]


def test_before_the_first_request_the_page_explains_itself(shop, cast, browser_of):
    text = browser_of(cast.wangqiang).get(PAGE).content.decode()
    assert "No requests in this period" in text
    assert "Nothing has been counted yet." in text


def test_whoever_has_no_shop_is_told_so(cast, browser_of):
    assert "An administrator can assign one." in browser_of(cast.wangqiang).get(PAGE).content.decode()
    assert f'href="{reverse("shop-list")}">Seller accounts</a>' in browser_of(cast.root).get(PAGE).content.decode()


def test_a_chart_without_numbers_says_so(shop, cast, clock, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    counting.catch_up()
    text = browser_of(cast.wangqiang).get(PAGE).content.decode()
    for sentence in (
        "No order was refused.",
        "No request has been decided yet.",
        "No order is done or refused yet.",
    ):
        assert sentence in text
    assert 'data-chart="requests"' in text
    assert 'data-chart="reasons"' not in text


def test_the_page_says_until_when_it_was_counted(shop, cast, clock, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    counting.catch_up()
    boss = browser_of(cast.wangqiang)
    assert "Counted up to 2026-11-24 12:00." in boss.get(PAGE).content.decode()
    clock.move_to(NOON + timedelta(minutes=11), tick=False)
    assert "Not updated since 2026-11-24 12:00" in boss.get(PAGE).content.decode()


def test_a_day_that_is_being_counted_is_told(shop, cast, clock, browser_of):
    counting.catch_up()
    counting.note([timezone.localdate()])
    assert "Some days are still being counted" in browser_of(cast.wangqiang).get(PAGE).content.decode()


def test_the_erps_words_are_only_words(shop, cast, clock, browser_of):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1"])
    make([shop], [cast.lina], cast.wangqiang, count=40, around=NOON, random=random.Random(2))
    OrderLine.objects.filter(outcome="REFUSED", known_by="reported").update(message="</script><img src=x onerror=a()>")
    call_command("recount", verbosity=0)
    text = browser_of(cast.wangqiang).get(PAGE).content.decode()
    assert "<img" not in text
    assert "&lt;img src=x onerror=a()&gt;" in text
    assert cancellation.status == "APPROVED"


def test_nonsense_in_the_address_of_a_list_is_left_out(counted, cast, browser_of):
    nonsense = {"view": "all", "status": "X", "shop": "x", "from": "2026-99-99", "decided": "17", "operation": "9"}
    page = browser_of(cast.wangqiang).get(LIST, nonsense)
    assert page.status_code == 200
    assert page.context["applied"] == []


def test_filters_are_shown_removable_and_kept_when_paging(counted, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.pages.requests.lists.PAGE_SIZE", 2)
    boss = browser_of(cast.wangqiang)
    page = boss.get(LIST, {"view": "all", "status": "FINISHED", "requester": "lina"})
    assert [label for label, _ in page.context["applied"]] == ["Finished", "李娜"]
    assert page.context["applied"][0][1] == "requester=lina"
    older = boss.get(page.context["older_url"]).context["cancellations"]
    assert {(found.status, found.requester) for found in older} == {("FINISHED", cast.lina)}
    nothing = boss.get(LIST, {"view": "all", "from": "2030-01-01", "requester": "heping"})
    assert "No matching requests" in nothing.content.decode()
    assert "何平" not in nothing.content.decode()
