"""Server-side request forgery: wherever a name leads, no signed call goes into a network that is not listed."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from cancellations.wdt.addresses import may_be_called
from cancellations.wdt.errors import State, Why
from tests.ports import LOOPBACK
from tests.wdt.test_client import FINE, ask, server, text

PRIVATE = [
    "127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "192.0.0.192", "192.88.99.1", "::127.0.0.1", "fec0::1", "::ffff:0:127.0.0.1", "3fff::1", "5f00::1", "2001:db8::1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::",
]  # fmt: skip
PUBLIC = ["47.92.239.46", "8.8.8.8", "2606:4700::1111"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_needs_a_listed_network(address):
    assert not may_be_called(ip_address(address), [])
    assert may_be_called(ip_address(address), [ip_network(address)])


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address):
    assert may_be_called(ip_address(address), [])


def leads_to(monkeypatch, *addresses):
    """The name server's answer to every name; an address is what it says."""
    looked_up = []

    def answer(host, port, *_, **options):
        looked_up.append(host)
        found = [host] if host in addresses else addresses
        kinds = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in found]
        return [(kind, socket.SOCK_STREAM, 6, "", (address, port)) for kind, address in zip(kinds, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return looked_up


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "0x7f.1", "2130706433", "0177.0.0.1", "[::ffff:127.0.0.1]"]
)
def test_no_way_of_writing_this_machine_gets_a_call_through(host, monkeypatch):
    with server(text(FINE)) as erp:
        port = erp.address.rpartition(":")[2]
        if host not in ("127.0.0.1", "[::1]", "localhost"):  # read as the C library reads them
            leads_to(monkeypatch, "::ffff:127.0.0.1" if ":" in host else "127.0.0.1")
        answer = ask(f"http://{host}:{port}", private_networks=[])
    assert (answer.state, answer.why) == (State.NOT_EXECUTED, Why.ADDRESS)
    assert not erp.calls


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["169.254.169.254"], ["47.92.239.46", "127.0.0.1"], ["::ffff:10.0.0.1"]]
)
def test_a_name_that_leads_into_a_private_network_is_not_called(addresses, monkeypatch):
    with server(text(FINE)) as erp:
        leads_to(monkeypatch, *addresses)
        answer = ask(f"http://wdt.example:{erp.address.rpartition(':')[2]}", private_networks=[])
    assert (answer.state, answer.why) == (State.NOT_EXECUTED, Why.ADDRESS)
    assert not erp.calls


def test_a_name_is_resolved_once_and_then_connected_to(monkeypatch):
    """Asked a second time, the name server could give another answer."""
    with server(text(FINE)) as erp:
        looked_up = leads_to(monkeypatch, "127.0.0.1")
        port = erp.address.rpartition(":")[2]
        answer = ask(f"http://wdt.example:{port}", private_networks=LOOPBACK)
    assert answer.state is State.ANSWERED
    # The library looks the checked address up once more, which asks no name server.
    assert looked_up == ["wdt.example", "127.0.0.1"]
    assert erp.calls[0].headers["Host"] == f"wdt.example:{port}"


def test_the_next_address_is_tried_when_one_does_not_answer(monkeypatch):
    with server(text(FINE)) as erp:
        leads_to(monkeypatch, "::1", "127.0.0.1")  # nobody listens at the first
        answer = ask(f"http://wdt.example:{erp.address.rpartition(':')[2]}")
    assert answer.state is State.ANSWERED


def test_a_name_that_does_not_exist_was_certainly_not_called(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    answer = ask("http://nowhere.example")
    assert (answer.state, answer.why) == (State.NOT_EXECUTED, Why.UNREACHABLE)
