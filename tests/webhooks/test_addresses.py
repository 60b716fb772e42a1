"""Which addresses are taken, and where the names in them may lead."""

import socket
from ipaddress import ip_network

import pytest

from cancellations.wdt import addresses
from cancellations.webhooks import AddressRefused, Meaning, check_address, deliver, new_secret
from tests.webhooks.receiver import receiver

INSIDE = [ip_network("10.1.0.0/16")]
LOOPBACK = [ip_network("127.0.0.0/8")]
TAKEN = [
    ("https://sap.example.com/hooks/wdt", []),
    ("https://sap.example.com:8443/hooks?client=100", []),
    ("https://sap", []),
    ("https://8.8.8.8/hook", []),
    ("http://sap.corp.local/hook", INSIDE),
    ("http://10.1.2.3:8000/hook", INSIDE),
    ("https://10.1.2.3/hook", INSIDE),
]
REFUSED = [
    *("", "x", "sap.example.com/hook", "//sap.example.com/", "ftp://sap.example.com/", "file:///etc/passwd"),
    *("gopher://127.0.0.1:6379/_", "javascript:alert(1)", "HTTPS://sap.example.com/", "https:///hook", "https://"),
    *("https://user:password@sap.example.com/", "https://sap.example.com@127.0.0.1/", "https://sap.example.com#@x/"),
    *("https://sap.example.com\\@127.0.0.1/", "https://sap.example.com/a b", "https://sap.example.com/\r\nX: y"),
    *("https://sap.example.com/\x00", "https://例子.cn/", "https://-sap.example.com/", f"https://a/{'x' * 500}"),
    *("https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/", "https://169.254.169.254/latest/meta-data/"),
    *("https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/", "https://100.64.0.1/"),
    *("http://sap.example.com/", "https://a..example.com/", f"https://{'a' * 64}.com/", "https://[:::]/"),
]


@pytest.mark.parametrize(("url", "networks"), TAKEN)
def test_an_address_is_taken(url, networks):
    check_address(url, networks)


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_is_refused(url):
    with pytest.raises(AddressRefused):
        check_address(url, [])


@pytest.mark.parametrize("url", ["http://10.2.0.1/", "http://8.8.8.8/", "https://10.2.0.1/", "https://127.0.0.1/"])
def test_a_network_that_is_listed_opens_no_other_one(url):
    with pytest.raises(AddressRefused):
        check_address(url, INSIDE)


def leads_to(*found, monkeypatch):
    entries = [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, 443)) for one in found]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: entries)


def meaning_of(url, networks):
    return deliver(url, [new_secret()], "msg_1", b"{}", private_networks=networks).meaning


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["192.168.1.1"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["fd00::1"],
        ["93.184.215.14", "10.0.0.1"],
    ],
    ids=str,
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_inside_is_not_called(scheme, found, monkeypatch):
    leads_to(*found, monkeypatch=monkeypatch)
    with receiver() as other:
        assert meaning_of(f"{scheme}://hooks.example.com/", INSIDE) is Meaning.ADDRESS_REFUSED
    assert not other.got


def test_a_name_that_python_itself_refuses_is_no_connection(monkeypatch):
    def refuse(*_, **__):
        raise UnicodeError("label empty or too long")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", refuse)
    assert meaning_of("https://hooks.example.com/", []) is Meaning.NO_CONNECTION


def test_http_does_not_leave_the_private_networks(monkeypatch):
    leads_to("93.184.215.14", monkeypatch=monkeypatch)
    assert meaning_of("http://hooks.example.com/", INSIDE) is Meaning.ADDRESS_REFUSED


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_other_spellings_of_loopback_are_not_called(host, monkeypatch):
    leads_to("127.0.0.1", monkeypatch=monkeypatch)
    assert meaning_of(f"https://{host}/", INSIDE) is Meaning.ADDRESS_REFUSED


def test_a_name_is_looked_up_once_and_that_address_is_called(monkeypatch):
    """Whoever owns the name cannot answer otherwise to a second question."""
    with receiver() as other:
        asked, ask = [], socket.getaddrinfo

        def answer(host, *arguments, **options):
            if host != "hooks.example.com":
                return ask(host, *arguments, **options)
            asked.append(host)
            return [(socket.AF_INET, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.9.9.9", 80))]

        monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)
        url = other.url.replace("127.0.0.1", "hooks.example.com")
        assert meaning_of(url, LOOPBACK) is Meaning.TAKEN
    assert asked == ["hooks.example.com"]
    assert other.got[0].headers["Host"].startswith("hooks.example.com")
