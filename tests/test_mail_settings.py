"""EMAIL_URL means the same server to every Django that the application runs on."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from wdtadmin.mail import mail_server, mail_settings


def server_of(url, settings):
    for name, setting in mail_settings(url).items():
        setattr(settings, name, setting)
    return mail_server()


@pytest.mark.parametrize(
    ("url", "is_encrypted"),
    [
        ("smtp://lina:a%40b@mail.example.com:2525", (False, False)),
        ("smtp+tls://lina:a%40b@mail.example.com:2525", (True, False)),
        ("smtp+ssl://lina:a%40b@mail.example.com:2525", (False, True)),
    ],
)
def test_the_address_says_server_user_and_encryption(url, is_encrypted, settings):
    server = server_of(url, settings)
    assert (server.host, server.port, server.username, server.password) == ("mail.example.com", 2525, "lina", "a@b")
    assert (bool(server.use_tls), bool(server.use_ssl)) == is_encrypted
    assert server.timeout == 10


def test_nobody_signs_in_where_the_address_names_nobody(settings):
    server = server_of("smtp://localhost:25", settings)
    assert (server.host, server.port, server.username, server.password) == ("localhost", 25, None, None)


def test_mail_can_go_into_a_folder_or_onto_the_terminal(settings, tmp_path):
    assert server_of(f"filemail:///{tmp_path}", settings).file_path == str(tmp_path)
    assert server_of("consolemail://", settings).__class__.__module__ == "django.core.mail.backends.console"


def test_an_unknown_scheme_is_refused():
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        mail_settings("pigeon://mail.example.com")
