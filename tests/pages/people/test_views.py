"""The pages with which administrators manage people."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from cancellations.models import Person
from cancellations.pages.people import views as pages
from cancellations.workflow import granting, people
from tests.people import confirm, make_shop, submitted

pytestmark = pytest.mark.django_db
LIST, ADD, CONFIRM = reverse("person-list"), reverse("person-add"), reverse("confirm-password")
ACTIONS = ["person-roles", "person-shops", "person-details", "person-deactivate", "person-reactivate", "person-link"]


@pytest.fixture
def confirmed(cast, browser_of):
    """`confirmed(person)`: the browser of somebody who has just given their password once more."""

    def confirm(person, **options):
        client = browser_of(person, **options)
        client.post(CONFIRM, {"password": f"secret-of-{person.username}"})
        return client

    return confirm


def page_of(person):
    return reverse("person", args=[person.pk])


def act(client, name, person, given=None, **options):
    return client.post(reverse(name, args=[person.pk]), given or {}, **options)


def text_of(answer):
    return answer.content.decode()


def link_in(answer):
    return re.search(r'id="link" value="([^"]+)"', text_of(answer))[1]


def names_in(answer):
    return {person.username for person in answer.context["people"]}


def test_the_list_says_of_each_person_what_they_may_do_and_where(shop, shop_of_others, cast, browser_of):
    shop_of_others.members.add(cast.zhoulan)
    make_shop("杭州店", sid="third_sid", members=[cast.zhoulan, cast.zhaolei])
    answer = browser_of(cast.zhaolei).get(LIST)
    assert names_in(answer) == {"lina", "sunyue", "wangqiang", "zhoulan", "chenjing", "zhaolei"}
    row = re.search(r"周岚</bdi></a>.*?</tr>", text_of(answer), re.DOTALL)[0]
    assert "Clerk, Manager" in row
    assert "上海旗舰店" in row
    assert "杭州店" in row
    assert "广州专卖店" not in row
    assert "never" in row


def test_the_list_is_searched_by_name_and_activity(shop, cast, browser_of):
    admin = browser_of(cast.zhaolei)
    assert names_in(admin.get(LIST, {"name": "李"})) == {"lina"}
    assert names_in(admin.get(LIST, {"name": "SUN"})) == {"sunyue"}
    assert names_in(admin.get(LIST, {"name": "离职"})) == set()
    assert names_in(admin.get(LIST, {"name": "离职", "inactive": "on"})) == {"gone"}
    assert admin.get(LIST, {"name": "\x00"}).status_code == 200


def test_a_long_list_says_that_there_are_more(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr(pages, "MAX_SHOWN", 3)
    assert "Only the first 3 are shown." in text_of(browser_of(cast.zhaolei).get(LIST))


def test_the_list_costs_the_same_queries_for_5_and_for_50_people(shop, cast, browser_of):
    admin = browser_of(cast.zhaolei)
    costs = []
    for count in (5, 50):
        for number in range(count):
            person = Person.objects.create(username=f"p{count}-{number}")
            person.shops.add(shop)
            person.groups.add(*Group.objects.all())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(names_in(admin.get(LIST))) >= count
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 9


@pytest.mark.parametrize("person", ["lina", "wangqiang", "chenjing"])
def test_only_administrators_come_here(person, shop, cast, browser_of):
    client = browser_of(getattr(cast, person))
    answers = [client.get(LIST), client.get(ADD), client.post(ADD), client.get(page_of(cast.sunyue))]
    answers += [act(client, name, cast.sunyue) for name in ACTIONS]
    assert {answer.status_code for answer in answers} == {403}
    assert LIST not in text_of(client.get(reverse("cancellation-list"), {"view": "all"}))


def test_whoever_is_not_signed_in_is_asked_to(shop, cast):
    for url in (LIST, ADD, page_of(cast.lina), reverse("person-roles", args=[cast.lina.pk])):
        assert Client().post(url).headers["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("who", ["of another shop", "unknown"])
def test_who_is_not_theirs_is_not_found(who, shop, shop_of_others, cast, confirmed):
    admin = confirmed(cast.zhaolei)
    if who == "unknown":
        cast.heping.pk = 999_999_999_999_999_999_999
    answers = [admin.get(page_of(cast.heping))] + [act(admin, name, cast.heping) for name in ACTIONS]
    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("name", ACTIONS)
def test_every_change_is_a_post_that_asks_for_the_password(name, shop, cast, browser_of):
    admin = browser_of(cast.zhaolei)
    assert act(admin, name, cast.lina, {"note": "x"}).headers["Location"].startswith(CONFIRM)
    assert admin.get(reverse(name, args=[cast.lina.pk])).status_code == 405
    assert admin.get(ADD).headers["Location"].startswith(CONFIRM)
    assert not cast.lina.events.exists()


def test_a_form_of_another_site_does_nothing(shop, cast, confirmed):
    admin = confirmed(cast.zhaolei)
    admin.handler.enforce_csrf_checks = True
    assert act(admin, "person-deactivate", cast.lina, {"note": "x"}).status_code == 403
    assert not cast.lina.events.exists()


def test_the_page_shows_its_forms_only_after_the_password(shop, cast, browser_of):
    admin = browser_of(cast.zhaolei)
    page = text_of(admin.get(page_of(cast.lina)))
    assert "李娜" in page
    assert f'href="{CONFIRM}?next={page_of(cast.lina)}"' in page
    assert reverse("person-roles", args=[cast.lina.pk]) not in page
    answer = admin.post(CONFIRM, {"password": "secret-of-zhaolei", "next": page_of(cast.lina)}, follow=True)
    for name in set(ACTIONS) - {"person-reactivate"}:
        assert f'action="{reverse(name, args=[cast.lina.pk])}"' in text_of(answer)


def test_add_person_lets_them_set_a_password_and_sign_in(shop, cast, confirmed):
    given = {"username": "qianwei", "name": "钱伟", "email": "", "roles": ["clerk", "auditor"], "shops": [shop.pk]}
    admin = confirmed(cast.zhaolei)
    shown = admin.post(ADD, given)
    person = Person.objects.get(username="qianwei")
    link = link_in(shown)
    assert link not in text_of(admin.get(page_of(person)))
    browser = Client()
    form = browser.get(link, follow=True)
    assert link.rsplit("/", 2)[1] not in form.redirect_chain[-1][0]
    twice = {"new_password1": "pflaumen-1867", "new_password2": "pflaumen-1867"}
    answer = browser.post(form.redirect_chain[-1][0], twice, follow=True)
    assert "Password set. Sign in with the new password." in text_of(answer)
    signed_in = browser.post(reverse("login"), {"username": "qianwei", "password": "pflaumen-1867"}, follow=True)
    assert "My requests" in text_of(signed_in)
    assert Client().get(link, follow=True).status_code == 404
    history = text_of(admin.get(page_of(person)))
    for sentence in (
        "added the person",
        "Roles: Clerk, Auditor",
        "gained access to 上海旗舰店",
        "set a new password",
    ):
        assert sentence in history


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": "LINA"}, "Username: This username is already taken"),
        ({"username": "qian wei"}, "Username: Enter a valid username"),
        ({"name": " "}, "Name: This field is required."),
        ({"email": "nobody"}, "Email: Enter a valid email address."),
        ({"roles": ["king"]}, "Roles: Select a valid choice."),
        ({"shops": [999_999]}, "Seller accounts: Select a valid choice."),
    ],
)
def test_what_cannot_be_added_comes_back_as_it_was_typed(changes, sentence, shop, cast, confirmed):
    given = {"username": "qianwei", "name": "钱伟", "email": "q@example.com", "roles": ["auditor"], "shops": [shop.pk]}
    answer = confirmed(cast.zhaolei).post(ADD, given | changes)
    page = text_of(answer)
    assert answer.status_code == 422
    assert sentence in page
    for name in {"username", "name", "email"} - set(changes):
        assert f'value="{given[name]}"' in page
    if "roles" not in changes:
        assert re.search(r'value="auditor"[^>]* checked', page)
    assert Person.objects.count() == 9


def test_shops_of_others_are_neither_offered_nor_taken(shop, shop_of_others, cast, confirmed):
    shop_of_others.members.add(cast.lina)
    admin = confirmed(cast.zhaolei)
    page = text_of(admin.get(page_of(cast.lina)))
    assert shop_of_others.name not in page
    assert "and others you do not manage" in page
    answer = act(admin, "person-shops", cast.lina, {"shops": [shop_of_others.pk, shop.pk], "seen": shop.pk})
    assert answer.status_code == 422
    answer = act(admin, "person-roles", cast.lina, {"roles": ["auditor"], "seen": "clerk"})
    assert answer.status_code == 403
    assert "Ask an administrator of all of them" in text_of(answer)


def test_taking_the_last_shared_shop_leads_to_the_list(shop, shop_of_others, cast, confirmed):
    shop_of_others.members.add(cast.lina)
    answer = act(confirmed(cast.zhaolei), "person-shops", cast.lina, {"seen": shop.pk}, follow=True)
    assert answer.redirect_chain[-1][0] == LIST
    assert "Seller accounts changed, effective immediately." in text_of(answer)
    assert list(cast.lina.shops.all()) == [shop_of_others]


def test_the_events_tell_what_was_before_in_ones_own_shops(shop, shop_of_others, cast, confirmed):
    admin = confirmed(cast.zhaolei)
    act(admin, "person-roles", cast.lina, {"roles": ["clerk", "auditor"], "seen": "clerk"})
    act(admin, "person-details", cast.lina, {"username": "lina2", "name": "李娜娜"})
    people.change_shops(cast.lina, by=cast.root, shops=[shop, shop_of_others])
    page = text_of(admin.get(page_of(cast.lina)))
    for sentence in ("Clerk → Clerk, Auditor", "Username: lina → lina2", "Name: 李娜 → 李娜娜"):
        assert sentence in page
    assert "广州专卖店" not in page
    assert "gained access to 广州专卖店" in text_of(confirmed(cast.root).get(page_of(cast.lina)))


def test_roles_changed_meanwhile_are_not_overwritten(shop, cast, confirmed):
    admin = confirmed(cast.zhaolei)
    people.change_roles(cast.lina, by=cast.root, roles=["clerk", "manager"])
    confirm(cast.lina, by=cast.zhaolei)
    answer = act(admin, "person-roles", cast.lina, {"roles": ["clerk", "auditor"], "seen": "clerk"})
    assert answer.status_code == 422
    assert "Someone else has changed this since you opened the page." in text_of(answer)
    assert granting.roles_of(cast.lina) == ["clerk", "manager"]


def test_a_deactivated_person_is_out_at_the_next_click(shop, cast, browser_of, confirmed):
    cancellation = submitted(shop, cast.lina)
    clerk, admin, boss = browser_of(cast.lina), confirmed(cast.zhaolei), browser_of(cast.wangqiang)
    link = people.make_link(cast.lina, by=cast.zhaolei)
    answer = act(admin, "person-deactivate", cast.lina, {"note": "离职了"}, follow=True)
    assert "signed out everywhere and unable to sign in" in text_of(answer)
    assert "离职了" in text_of(answer)
    assert clerk.get(cancellation.get_absolute_url()).headers["Location"].startswith(reverse("login"))
    assert Client().get(link).status_code == 404
    assert cancellation.number in text_of(boss.get(reverse("cancellation-list"), {"view": "decide"}))


def test_an_inactive_person_is_offered_no_link_and_gets_none(shop, cast, confirmed):
    shop.members.add(cast.gone)
    admin = confirmed(cast.zhaolei)
    assert reverse("person-link", args=[cast.gone.pk]) not in text_of(admin.get(page_of(cast.gone)))
    assert "This person is deactivated." in text_of(act(admin, "person-link", cast.gone, follow=True))
    assert not cast.gone.events.exists()


def test_deactivate_without_a_reason_asks_for_it(shop, cast, confirmed):
    answer = act(confirmed(cast.zhaolei), "person-deactivate", cast.lina, {"note": " "})
    assert answer.status_code == 422
    assert "Reason: Enter a reason. It is kept in the audit trail." in text_of(answer)
    assert "<details open>" in text_of(answer)


def test_a_person_is_activated_again(shop, cast, confirmed):
    shop.members.add(cast.gone)
    cast.gone.groups.remove(Group.objects.get(name="manager"))
    answer = act(confirmed(cast.zhaolei), "person-reactivate", cast.gone, {"note": ""}, follow=True)
    assert "Person reactivated" in text_of(answer)
    assert Person.objects.get(pk=cast.gone.pk).is_active


def test_nobody_finds_a_form_for_their_own_roles(shop, cast, confirmed):
    admin = confirmed(cast.zhaolei)
    page = text_of(admin.get(page_of(cast.zhaolei)))
    assert "You cannot change your own roles" in page
    assert reverse("person-roles", args=[cast.zhaolei.pk]) not in page
    assert reverse("person-deactivate", args=[cast.zhaolei.pk]) not in page
    answer = act(admin, "person-roles", cast.zhaolei, {"roles": [], "seen": "administrator"})
    assert answer.status_code == 403
    assert "Another administrator has to do it" in text_of(answer)


def test_a_superuser_can_be_looked_at_and_not_changed(shop, cast, confirmed):
    admin = confirmed(cast.zhaolei)
    shop.members.add(cast.root)
    page = text_of(admin.get(page_of(cast.root)))
    assert "Only another superuser can change them" in page
    assert "<form" not in page.split('id="facts-title"')[1].split('id="timeline-title"')[0]
    assert act(admin, "person-deactivate", cast.root, {"note": "x"}).status_code == 403


def test_no_page_has_an_inline_script_style_or_handler(shop, cast, confirmed):
    admin = confirmed(cast.zhaolei)
    link = people.make_link(cast.lina, by=cast.zhaolei)
    answers = [admin.get(LIST), admin.get(ADD), admin.get(page_of(cast.lina)), Client().get(link, follow=True)]
    for page in map(text_of, answers):
        assert not re.search(r"style=|<style|<script>| on\w+=|http://(?!www\.w3\.org)", page)


def test_the_admin_of_django_is_gone(cast, browser_of):
    assert browser_of(cast.root).get("/admin/").status_code == 404


def test_an_administrator_removes_the_factor_of_a_lost_phone(shop, cast, browser_of):
    TOTPDevice.objects.create(user=cast.lina, name="TOTP")
    admin = browser_of(cast.zhaolei, confirmed=True)
    page = reverse("person", args=[cast.lina.pk])
    assert "Remove second factor" in admin.get(page).content.decode()
    admin.post(reverse("person-factor", args=[cast.lina.pk]))
    assert not TOTPDevice.objects.exists()
    assert cast.lina.events.get().kind == "factor_removed"
    assert (
        "No second factor is set up."
        in admin.post(reverse("person-factor", args=[cast.lina.pk]), follow=True).content.decode()
    )


def test_a_person_is_signed_out_everywhere_by_an_administrator(shop, cast, browser_of):
    clerk = browser_of(cast.lina)
    assert clerk.get("/account/").status_code == 200
    browser_of(cast.zhaolei, confirmed=True).post(reverse("person-sign-out", args=[cast.lina.pk]))
    assert clerk.get("/account/").status_code == 302


@pytest.mark.parametrize("verb", ["person-sign-out", "person-factor"])
def test_only_administrators_end_sessions_or_remove_factors(verb, shop, cast, browser_of):
    TOTPDevice.objects.create(user=cast.lina, name="TOTP")
    for person, status in (("wangqiang", 403), ("lina", 403)):
        assert (
            browser_of(getattr(cast, person), confirmed=True).post(reverse(verb, args=[cast.lina.pk])).status_code
            == status
        )
    assert TOTPDevice.objects.exists()
    assert not cast.lina.events.exists()


def test_an_administrator_sees_failed_sign_ins_and_from_where(shop, cast, client, browser_of):
    client.post(reverse("login"), {"username": "LiNa", "password": "guess"}, REMOTE_ADDR="203.0.113.9")
    administrator = browser_of(cast.zhaolei, confirmed=True)
    page = administrator.get(reverse("person", args=[cast.lina.pk])).content.decode()
    assert "Failed sign-ins of the last day" in page
    assert "203.0.113.9" in page
    assert "203.0.113.9" not in administrator.get(reverse("person", args=[cast.sunyue.pk])).content.decode()
