"""Credentials and keys change while requests are on their way: both of them finish, and nothing is sent twice."""

import time
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from cancellations.models import CancellationRequest, Credential, Event
from cancellations.models.secrets import AppSecret, Secret, SecretUnreadable
from cancellations.sending import slices
from cancellations.workflow import administrator
from tests.people import APP_SECRET, approved, make_shop
from tests.processes import wait_until
from tests.sending.conftest import outcomes, sent

NEW_SECRET = "othersecret:othersalt"


def orders(first, count):
    return [f"CG20261101{number:04}" for number in range(first, first + count)]


@pytest.fixture
def on_their_way(account, erp, shop, cast, beside):
    """Two requests whose first call is under way in another thread; `.result(20)` waits for the end of the slice."""
    shop.orders_per_call, shop.seconds_between_calls = 2, "0.3"
    shop.save()
    for first in (1, 11):
        approved(shop, cast.lina, cast.wangqiang, orders(first, 4))
    erp.api.settings.latency = 0.2
    sending = beside(lambda: slices.run_account(account.credential.pk))
    wait_until(lambda: erp.calls("cancelByType"), "the first call is made")
    return sending


def finished(shop, account):
    """Lets whatever credential is active now do what is left."""
    for _ in range(6):
        slices.run_account(shop.credentials.get(is_active=True).pk)
        account.be_patient()
        Credential.objects.update(next_call_at=None)
        if not CancellationRequest.objects.exclude(status="FINISHED").exists():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.django_db(transaction=True)
def test_replace_credential_takes_over_between_two_requests(on_their_way, account, erp, shop, cast):
    erp.api.accounts["demo_sid", "new_key"] = NEW_SECRET
    administrator.replace_credential(shop, by=cast.zhaolei, app_key="new_key", app_secret=AppSecret.parse(NEW_SECRET))
    on_their_way.result(20)
    with_the_old_one = len(erp.calls("cancelByType"))
    assert with_the_old_one < 4  # it stopped after the call that was under way
    assert finished(shop, account)
    for request in CancellationRequest.objects.all():
        assert {outcome for outcome, _ in outcomes(request).values()} <= {"DONE", "REFUSED"}
    assert len(sent(erp)) == len(set(sent(erp))) == 8
    keys = [call["key"] for call in erp.calls("cancelByType")]
    assert keys == ["demo_key"] * with_the_old_one + ["new_key"] * (4 - with_the_old_one)


@pytest.mark.django_db(transaction=True)
def test_new_keys_for_the_secrets_disturb_nobody(on_their_way, account, erp, shop, settings):
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, old]
    call_command("rotate_secret_keys", stdout=StringIO())
    settings.CREDENTIAL_KEYS = [new]
    on_their_way.result(20)
    assert finished(shop, account)
    assert len(sent(erp)) == len(set(sent(erp))) == 8


@pytest.mark.django_db
def test_after_the_rotation_the_old_key_is_needed_no_more(shop, shop_of_others, settings, capsys):
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, old]
    call_command("rotate_secret_keys")
    assert "2 secrets" in capsys.readouterr().out
    settings.CREDENTIAL_KEYS = [new]
    assert {one.app_secret.reveal() for one in Credential.objects.all()} == {APP_SECRET}
    settings.CREDENTIAL_KEYS = [old]
    with pytest.raises(SecretUnreadable):
        Credential.objects.first().app_secret.reveal()
    assert Event.objects.get(kind="keys_rotated").data == {"credentials": 2}


@pytest.mark.django_db
def test_an_unreadable_secret_stops_the_rotation_beforehand(shop, settings):
    other = make_shop("二店", sid="other")
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    lost = other.credentials.get()
    lost.app_secret = Secret(APP_SECRET)
    lost.save()  # under a key that is forgotten now
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), "XcPtf4-zXqyvzKcl7Nyi2esRnoMuPj5oPOxZtUpqLzs="]
    before = _stored()
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("rotate_secret_keys")
    assert _stored() == before


def _stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, app_secret FROM cancellations_credential ORDER BY id")
        return cursor.fetchall()
