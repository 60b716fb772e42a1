"""The second factor: where a setting requires it, and who may remove it."""

import pytest
from django.urls import reverse

from cancellations.access import verbs
from cancellations.workflow import people
from cancellations.workflow.errors import FactorExists, FactorMissing, FactorRequired, NotAllowed
from tests.access.signing_in import ACCOUNT, CODE, LIST, SET_UP, SIGN_IN, code_now, give_factor, give_password, is_in
from tests.people import confirm, make_shop

pytestmark = pytest.mark.django_db


def test_a_required_factor_must_be_set_up_first(shop, cast, clock, settings):
    settings.SECOND_FACTOR_FOR = ["manager", "administrator"]
    boss, _answer = give_password("wangqiang")
    for page in (LIST, ACCOUNT, reverse("shop-list"), reverse("cancellation-new"), "/nowhere/"):
        assert boss.get(page).headers["Location"] == SET_UP
    assert boss.post(reverse("shop-pause", args=[shop.pk])).headers["Location"] == SET_UP
    assert boss.get(reverse("worker-list"), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert boss.post(reverse("set_language"), {"language": "en"}).headers["Location"] != SET_UP
    assert "Your roles require a second factor." in boss.get(SET_UP).content.decode()
    assert boss.post(SET_UP, {"code": code_now(boss.session["new_factor_key"])}).status_code == 200
    assert is_in(boss)
    assert is_in(give_password("lina")[0])


def test_a_session_without_the_required_factor_signs_in_anew(cast, clock, settings, browser_of):
    give_factor(cast.root, clock)
    settings.SECOND_FACTOR_FOR = ["administrator"]
    answer = browser_of(cast.root).get(LIST)
    assert answer.headers["Location"].startswith(SIGN_IN)


def test_remove_factor_after_a_phone_was_lost(shop, cast, clock, settings):
    settings.SECOND_FACTOR_FOR = ["manager"]
    key, _codes = give_factor(cast.wangqiang, clock)
    boss, _answer = give_password("wangqiang")
    boss.post(CODE, {"code": code_now(key)})
    clock.shift(1)
    people.remove_second_factor(cast.wangqiang, by=cast.zhaolei)
    assert is_in(boss)
    confirm(cast.wangqiang, by=cast.root)
    assert not is_in(boss)
    boss, answer = give_password("wangqiang")
    assert boss.get(answer.headers["Location"]).headers["Location"] == SET_UP


def test_who_may_touch_whose_factor(shop, shop_of_others, cast, clock):
    give_factor(cast.heping, clock)
    give_factor(cast.root, clock)
    give_factor(cast.lina, clock)
    make_shop("第三家", sid="third", members=[cast.lina], with_credential=False)  # where the administrator has no say
    for person, by in ((cast.lina, cast.wangqiang), (cast.heping, cast.zhaolei), (cast.lina, cast.zhaolei)):
        with pytest.raises(NotAllowed):
            people.remove_second_factor(person, by=by)
    with pytest.raises(NotAllowed):
        people.remove_second_factor(cast.root, by=cast.zhaolei)
    with pytest.raises(NotAllowed):
        verbs.remove_second_factor(cast.lina, by=cast.root)
    people.remove_second_factor(cast.lina, by=cast.root)
    for verb in (verbs.make_recovery_codes, verbs.remove_second_factor):
        with pytest.raises(FactorMissing):
            verb(cast.lina, by=cast.lina)
    for verb, details in (
        (verbs.make_recovery_codes, {}),
        (verbs.add_second_factor, {"key": "00" * 20, "code": "123456"}),
        (verbs.change_password, {"password": "whatever it is"}),
    ):
        with pytest.raises(NotAllowed):
            verb(cast.heping, by=cast.root, **details)


def test_a_required_factor_cannot_be_removed_or_doubled(cast, clock, settings):
    key, _codes = give_factor(cast.lina, clock)
    with pytest.raises(FactorExists):
        verbs.add_second_factor(cast.lina, by=cast.lina, key=key, code=code_now(key))
    settings.SECOND_FACTOR_FOR = ["clerk"]
    with pytest.raises(FactorRequired):
        verbs.remove_second_factor(cast.lina, by=cast.lina)
