import pytest
from django.template import Context, Template

from cancellations.models import Person
from tests.people import draft_of

pytestmark = pytest.mark.django_db


def test_a_person_is_called_by_their_name(cast):
    assert str(cast.lina) == cast.lina.get_full_name() == cast.lina.get_short_name() == "李娜"


def test_a_person_without_a_name_is_called_by_the_username(shop, cast):
    cast.lina.name = ""
    assert str(cast.lina) == cast.lina.get_full_name() == "lina"
    assert draft_of(shop, cast.lina).events.get().actor_name == "lina"


def test_a_name_is_escaped_on_pages():
    page = Template("{{ person }}").render(Context({"person": Person(name="<b>李娜</b>")}))
    assert page == "&lt;b&gt;李娜&lt;/b&gt;"


def test_the_roles_of_a_person_are_read_once(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert cast.zhoulan.roles == cast.zhoulan.roles == {"clerk", "manager"}
