import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cancellations.models import CancellationRequest, OrderLine, SavedFilter
from cancellations.pages.requests import lists
from cancellations.workflow import control
from tests.made_calls import call_of
from tests.made_lookups import show
from tests.people import approved, draft_of, submitted

pytestmark = pytest.mark.django_db
LIST = reverse("cancellation-list")


def shown(client, view):
    return [cancellation.number for cancellation in client.get(LIST, {"view": view}).context["cancellations"]]


def test_each_list_shows_what_it_says_and_the_newest_first(shop, shop_of_others, cast, browser_of):
    mine = submitted(shop, cast.lina, ["CG1"])
    draft = draft_of(shop, cast.lina, ["CG2"])
    own_of_the_manager = submitted(shop, cast.zhoulan, ["CG3"])
    submitted(shop_of_others, cast.heping, ["CG4"])
    assert shown(browser_of(cast.lina), "mine") == [draft.number, mine.number]
    assert shown(browser_of(cast.zhoulan), "decide") == [mine.number]
    assert shown(browser_of(cast.wangqiang), "decide") == [mine.number, own_of_the_manager.number]  # the oldest first
    assert shown(browser_of(cast.chenjing), "all") == [own_of_the_manager.number, mine.number]


@pytest.mark.parametrize(("person", "view"), [("lina", "mine"), ("wangqiang", "decide"), ("chenjing", "all")])
def test_everybody_begins_with_the_list_that_is_theirs(person, view, shop, cast, browser_of):
    submitted(shop, cast.lina)
    assert browser_of(getattr(cast, person)).get("/", follow=True).redirect_chain[-1][0].endswith(f"?view={view}")


def test_the_navigation_counts_what_waits_for_the_manager(shop, cast, browser_of):
    submitted(shop, cast.lina)
    assert '<span class="count">1</span>' in browser_of(cast.wangqiang).get(LIST, {"view": "all"}).content.decode()


def test_a_list_says_what_each_request_takes_away_or_took(shop, cast, browser_of):
    waiting, over = submitted(shop, cast.lina, ["CG1", "CG2"]), approved(shop, cast.lina, cast.wangqiang, ["CG3"])
    for line in OrderLine.objects.exclude(order_no="CG2"):
        show(line, verdict="will", at_stake="1234.5")
    OrderLine.objects.filter(order_no="CG3").update(outcome="DONE", known_by="verified", sent_in=call_of(over))
    CancellationRequest.objects.filter(pk=over.pk).update(status="FINISHED", ended_at=timezone.now())
    page = " ".join(browser_of(cast.chenjing).get(LIST, {"view": "all"}).content.decode().split())
    assert "¥1,234.50 expected (amounts of 1 orders known)" in page
    assert "¥1,234.50 done" in page
    assert waiting.number in page


@pytest.mark.parametrize("view", lists.VIEWS)
def test_an_empty_list_says_what_to_do_next(view, shop, cast, browser_of):
    page = browser_of(cast.zhoulan).get(LIST, {"view": view}).content.decode()
    assert 'class="empty"' in page


def test_it_pages_by_key_and_back_again(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    newest_first = [draft_of(shop, cast.lina, [f"CG{number}"]).number for number in range(5)][::-1]
    clerk = browser_of(cast.lina)
    page = clerk.get(LIST, {"view": "mine"})
    seen = []
    while True:
        seen += [cancellation.number for cancellation in page.context["cancellations"]]
        if not page.context["older_url"]:
            break
        page = clerk.get(page.context["older_url"])
    assert seen == newest_first
    page = clerk.get(page.context["newer_url"])
    assert [cancellation.number for cancellation in page.context["cancellations"]] == newest_first[2:4]
    assert clerk.get(LIST, {"view": "mine", "before": "x"}).status_code == 404


def test_a_list_costs_the_same_queries_whatever_its_length(shop, cast, browser_of, django_assert_max_num_queries):
    for number in range(12):
        approved(shop, cast.lina, cast.wangqiang, [f"CG{number}"])
    boss = browser_of(cast.wangqiang)
    with django_assert_max_num_queries(14):
        boss.get(LIST, {"view": "all"})


def test_whoever_is_not_signed_in_is_asked_to(shop):
    for url in (LIST, reverse("cancellation-new"), reverse("shop-list"), "/requests/CR20260101-0001/"):
        answer = Client().get(url)
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("login"))


def test_only_the_right_password_reveals_a_deactivation(cast):
    def sign_in(password):
        return Client().post(reverse("login"), {"username": "gone", "password": password}).content.decode()

    assert "This account is deactivated." in sign_in("secret-of-gone")
    assert "deactivated" not in sign_in("guess")


def test_deactivating_a_person_ends_their_session_at_once(shop, cast, browser_of):
    clerk = browser_of(cast.lina)
    cast.lina.is_active = False
    cast.lina.save()
    assert clerk.get(LIST).url.startswith(reverse("login"))


def test_every_answer_has_the_policy_and_is_not_cached(cast, browser_of):
    for answer in (Client().get(reverse("login")), browser_of(cast.lina).get("/nowhere/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_no_page_has_an_inline_script_style_or_handler(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina)
    boss, admin, clerk = (browser_of(person) for person in (cast.wangqiang, cast.zhaolei, cast.lina))
    pages = [
        boss.get(cancellation.get_absolute_url()),
        boss.get(LIST, {"view": "decide"}),
        clerk.get(reverse("cancellation-new")),
        admin.get(reverse("shop-list")),
        admin.get(reverse("shop-add")),
        Client().get(reverse("login")),
    ]
    for page in (answer.content.decode() for answer in pages):
        assert "style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick=" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")


def test_what_does_not_exist_gets_a_page_in_the_persons_language(cast, browser_of):
    chinese = browser_of(cast.lina, headers={"accept-language": "zh-CN"}).get("/nowhere/")
    assert chinese.status_code == 404
    assert "页面不存在" in chinese.content.decode()
    assert "Page not found" in browser_of(cast.lina).get("/nowhere/").content.decode()


def test_a_server_error_shows_only_a_number(shop, cast, browser_of, monkeypatch):
    def broken(*arguments):
        raise RuntimeError("canary")

    monkeypatch.setattr(lists, "page_by_key", broken)
    answer = browser_of(cast.lina, raise_request_exception=False).get(LIST, {"view": "all"})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert answer.wsgi_request.number in page
    assert "canary" not in page


def test_the_language_that_a_person_chose_is_kept(cast, browser_of):
    clerk = browser_of(cast.lina)
    clerk.post(reverse("set_language"), {"language": "zh-hans", "next": LIST})
    assert "我的申请" in clerk.get(LIST, {"view": "mine"}).content.decode()


@pytest.mark.parametrize("days", [{"from": "0001-01-01"}, {"until": "9999-12-31"}, {"from": "1999-12-31"}])
def test_days_beyond_all_requests_are_no_filter(shop, cast, browser_of, days):
    submitted(shop, cast.lina)
    answer = browser_of(cast.lina).get(reverse("cancellation-list"), {"view": "mine"} | days)
    assert (answer.status_code, len(answer.context["cancellations"])) == (200, 1)


def found(answer):
    return {cancellation.number for cancellation in answer.context["cancellations"]}


def test_tabs_show_what_stands_where_with_counts(shop, cast, browser_of):
    draft, waiting = draft_of(shop, cast.lina, ["CG1"]), submitted(shop, cast.lina, ["CG2"])
    running = approved(shop, cast.lina, cast.wangqiang, ["CG3"])
    stopped = approved(shop, cast.lina, cast.wangqiang, ["CG4"])
    control.stop(stopped, by=cast.lina, note="供应商改期")
    clerk = browser_of(cast.lina)
    tabs = clerk.get(LIST, {"view": "mine"}).context["tabs"]
    assert [tab["count"] for tab in tabs] == [None, 1, 1, 1, 0, None]
    for group, expected in {
        "drafts": {draft.number},
        "waiting": {waiting.number},
        "running": {running.number},
        "unsettled": set(),
        "ended": {stopped.number},
    }.items():
        assert found(clerk.get(LIST, {"view": "mine", "group": group})) == expected
    assert len(browser_of(cast.wangqiang).get(LIST, {"view": "all"}).context["tabs"]) == 5  # drafts are their clerk's


def test_titles_tell_the_tabs_of_a_list_apart_and_my_list_names_nobody(shop, cast, browser_of):
    draft_of(shop, cast.lina, ["CG1"])
    clerk = browser_of(cast.lina)
    pages = {group: clerk.get(LIST, {"view": "mine", "group": group}).content.decode() for group in ("", "drafts")}
    titles = [" ".join(re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1].split()) for page in pages.values()]
    assert titles == ["My requests – wdtadmin", "Drafts · My requests – wdtadmin"]
    assert "Requester" not in re.search(r"<table.*</table>", pages["drafts"], re.DOTALL)[0]


def test_a_filter_is_kept_beside_a_tab(shop, cast, browser_of):
    first, second = submitted(shop, cast.lina, ["CG1"]), submitted(shop, cast.sunyue, ["CG2"])
    boss = browser_of(cast.wangqiang)
    answer = boss.get(LIST, {"view": "all", "group": "waiting", "requester": "lina"})
    assert found(answer) == {first.number}
    ended = next(
        tab for tab in answer.context["tabs"] if tab["query"].startswith("group=ended") or "ended" in tab["query"]
    )
    assert "requester=lina" in ended["query"]
    assert found(boss.get(LIST, {"view": "all", "requester": "nobody"})) == {first.number, second.number}
    assert found(boss.get(LIST, {"view": "all", "shop": "999999999999999999999"})) == {first.number, second.number}


@pytest.mark.parametrize(
    "name", ["group", "shop", "requester", "operation", "from", "until", "decided", "ended", "status"]
)
@pytest.mark.parametrize("value", ["\x00", "x", "-1", "1e9", "٣", "CR" * 500])
def test_nonsense_in_the_address_is_left_out(name, value, shop, cast, browser_of):
    submitted(shop, cast.lina)
    answer = browser_of(cast.wangqiang).get(LIST, {"view": "all", name: value})
    assert (answer.status_code, len(found(answer))) == (200, 1)


# --- saved filters ---------------------------------------------------------------------------------


def save(client, name, **asked):
    """The page after what the address asks for was saved under the name."""
    answer = client.post(reverse("request-filter-save"), {"name": name}, query_params=asked)
    return client.get(answer.url).content.decode()


def test_a_list_is_saved_opened_and_deleted(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1"])
    manager = browser_of(cast.wangqiang)
    page = save(manager, "Lina's cancellations", view="all", operation="1", requester="lina", before="3")
    saved = SavedFilter.objects.get()
    assert saved.query == "view=all&requester=lina&operation=1"
    assert f'href="{LIST}?view=all&amp;requester=lina&amp;operation=1">Lina&#x27;s cancellations</a>' in page
    assert "Lina&#x27;s" not in manager.get(reverse("history")).content.decode()
    assert manager.post(reverse("filter-delete", args=[saved.pk])).url == LIST
    assert not SavedFilter.objects.exists()


def test_a_list_is_not_saved_without_a_name(shop, cast, browser_of):
    assert "Enter a name for the filter." in save(browser_of(cast.lina), " ", view="mine")
    assert not SavedFilter.objects.exists()
