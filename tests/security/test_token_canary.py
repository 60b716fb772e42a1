"""A token of a machine stands in the answer that shows it, and nowhere afterwards."""

import logging

import pytest
from django.urls import reverse

from cancellations.models.machines import parse_token
from cancellations.workflow import machines
from tests import made_machines
from tests.security.conftest import database_text
from tests.security.urls import PAGES

pytestmark = pytest.mark.django_db


def test_a_token_is_kept_nowhere(shop, cast, sign_in, caplog):
    caplog.set_level(logging.DEBUG)
    machine = made_machines.machine(shop, responsible=cast.wangqiang)
    administrator = sign_in(cast.zhaolei)
    made = administrator.post(f"/machines/{machine.pk}/token/", {"days": "30"})
    token = made.context["token"]
    secret = parse_token(token).secret
    machines.tell_of_machines()
    arguments = {"nothing": [], "a_machine": [machine.pk], "a_shop": [shop.pk]}
    addresses = [
        reverse(name, args=arguments[page.about.__name__])
        for name, page in PAGES.items()
        if page.about.__name__ in arguments
    ]
    pages = {
        address: administrator.get(address, follow=True).content.decode("utf-8", "replace") for address in addresses
    }
    left = {"log": caplog.text, "database": database_text(), "session": str(dict(administrator.session)), **pages}
    assert f"/machines/{machine.pk}/" in pages
    assert not [place for place, text in left.items() if secret in text or token in text]
    assert made.headers["Cache-Control"] == administrator.get("/people/").headers["Cache-Control"]
    assert "no-store" in made.headers["Cache-Control"]
