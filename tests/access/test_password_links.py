"""One-time links, with which people set a password."""

import pytest
from django.utils import timezone

from cancellations.access import verbs
from cancellations.models import Event, Person
from cancellations.workflow import errors, people

pytestmark = pytest.mark.django_db


def token_of(link):
    return link.rstrip("/").split("/")[-1]


def test_a_link_sets_one_password_once(shop, cast):
    link = people.make_link(cast.lina, by=cast.zhaolei)
    cast.lina.refresh_from_db()
    twice = Person.objects.get(pk=cast.lina.pk)
    assert people.link_tokens.check_token(cast.lina, token_of(link))
    people.set_password(cast.lina, password="ein-neues-2026")
    assert not people.link_tokens.check_token(Person.objects.get(pk=cast.lina.pk), token_of(link))
    with pytest.raises(errors.LinkUsed):
        people.set_password(twice, password="ein-anderes-2026")
    assert Person.objects.get(pk=cast.lina.pk).check_password("ein-neues-2026")
    assert list(cast.lina.events.values_list("kind", flat=True)) == ["link_made", "password_set"]
    assert token_of(link) not in repr(list(Event.objects.values()))


@pytest.mark.parametrize("what", ["sign in", "deactivate and activate", "sign out everywhere", "wait"])
def test_a_link_ends(what, shop, cast, time_machine):
    time_machine.move_to("2026-11-24T08:00:00Z", tick=False)
    token = token_of(people.make_link(cast.lina, by=cast.zhaolei))
    time_machine.move_to("2026-11-25T07:59:00Z", tick=False)
    assert people.link_tokens.check_token(Person.objects.get(pk=cast.lina.pk), token)
    if what == "sign in":
        Person.objects.filter(pk=cast.lina.pk).update(last_login=timezone.now())
    elif what == "deactivate and activate":
        people.deactivate(cast.lina, by=cast.zhaolei, note="离职")
        people.reactivate(cast.lina, by=cast.zhaolei)
    elif what == "sign out everywhere":
        verbs.sign_out_everywhere(cast.lina, by=cast.lina)
    else:
        time_machine.move_to("2026-11-25T08:00:01Z", tick=False)
    assert not people.link_tokens.check_token(Person.objects.get(pk=cast.lina.pk), token)


def test_an_inactive_person_gets_no_link_and_sets_no_password(shop, cast):
    with pytest.raises(errors.PersonInactive):
        people.make_link(cast.gone, by=cast.zhaolei)
    with pytest.raises(errors.LinkUsed):
        people.set_password(cast.gone, password="ein-neues-2026")
    assert not cast.gone.events.exists()
