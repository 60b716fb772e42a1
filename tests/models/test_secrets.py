import io
import pickle
import traceback

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import translation

from cancellations.models import Credential
from cancellations.models.secrets import AppSecret, BadAppSecret, Secret, SecretUnreadable
from tests.people import APP_SECRET

pytestmark = pytest.mark.django_db


def stored_text():
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_secret FROM cancellations_credential")
        return cursor.fetchone()[0]


def test_the_database_holds_no_part_of_it(shop):
    assert stored_text().startswith("gAAAA")
    assert "demosecret" not in stored_text()
    assert Credential.objects.get().app_secret.reveal() == APP_SECRET


def test_it_does_not_show_itself(shop):
    credential = Credential.objects.get()
    shown = f"{credential!r} {credential} {credential.app_secret} {credential.app_secret!r} {credential.__dict__}"
    assert "demosecret" not in shown
    assert "***" in shown
    with pytest.raises(TypeError):
        pickle.dumps(credential.app_secret)


def test_a_dump_carries_it_encrypted(shop):
    dump = io.StringIO()
    call_command("dumpdata", "cancellations.credential", stdout=dump)
    assert "demosecret" not in dump.getvalue()
    assert "gAAAA" in dump.getvalue()


def test_a_dump_can_be_loaded_again(shop, tmp_path):
    dump = str(tmp_path / "dump.json")
    call_command("dumpdata", "cancellations.credential", output=dump)
    call_command("loaddata", dump, verbosity=0)
    assert Credential.objects.get().app_secret.reveal() == APP_SECRET


def test_cleaning_a_secret_leaves_it_as_it_is(shop):
    credential = Credential.objects.get()
    credential.app_secret = Credential._meta.get_field("app_secret").clean(credential.app_secret, credential)
    credential.save()
    assert Credential.objects.get().app_secret.reveal() == APP_SECRET


def test_text_in_its_place_is_never_stored_as_it_is(shop):
    credential = Credential.objects.get()
    credential.app_secret = Credential._meta.get_field("app_secret").to_python("canary:salt")
    with pytest.raises(SecretUnreadable), transaction.atomic():
        credential.save()
    assert "canary" not in stored_text()


def test_a_secret_without_its_key_cannot_be_read(shop, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SecretUnreadable) as unreadable:
        Credential.objects.get().app_secret.reveal()
    assert "gAAAA" not in str(unreadable.value)


def test_an_old_key_still_reads_what_it_wrote(shop, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), *settings.CREDENTIAL_KEYS]
    assert Credential.objects.get().app_secret.reveal() == APP_SECRET


@pytest.mark.parametrize("keys", [[], ["rubbish"]])
def test_without_a_usable_key_nothing_is_stored(shop, settings, keys):
    settings.CREDENTIAL_KEYS = keys
    with pytest.raises(SecretUnreadable) as refused:
        Credential.objects.create(shop=shop, app_key="k", app_secret=Secret("canary:salt"), is_active=False)
    assert "canary" not in str(refused.value)
    assert "rubbish" not in str(refused.value)


def test_what_the_library_says_of_a_bad_key_is_in_no_traceback(settings):
    settings.CREDENTIAL_KEYS = ["rubbish"]
    with pytest.raises(SecretUnreadable) as refused:
        Credential._meta.get_field("app_secret").get_prep_value(Secret("canary:salt"))
    assert "Fernet key must be" not in "".join(traceback.format_exception(refused.value))


def test_an_app_secret_is_parsed_on_the_first_colon_only():
    parsed = AppSecret.parse(" demosecret:demo:salt ")
    assert (parsed.secret, parsed.salt, parsed.reveal()) == ("demosecret", "demo:salt", "demosecret:demo:salt")
    assert "demo" not in f"{parsed!r} {parsed}"


@pytest.mark.parametrize("text", ["", "demosecret", ":demosalt", "demosecret:", " : "])
def test_parse_refuses_half_a_secret_without_showing_it(text):
    with translation.override("en"), pytest.raises(BadAppSecret, match="two parts") as refused:
        AppSecret.parse(text)
    assert "demo" not in str(refused.value)
