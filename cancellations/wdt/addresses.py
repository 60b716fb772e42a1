"""Which machines may be called. A name is looked up once, and exactly the addresses that were checked are connected to.

Whoever can change what a name means (DNS) could otherwise have signed calls go to the server's own network, or to the
address where a cloud tells machines their secrets.
"""

import functools
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


# Networks of no public machine, whatever `is_global` of the installed Python says of them.
_REFUSED = [
    ipaddress.ip_network(text)
    for text in (
        # IPv6 addresses with an IPv4 one inside, which a gateway or the machine itself may turn into a private one
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96"),
        # protocol assignments (Oracle's cloud answers at 192.0.0.192), old 6to4 relays, benchmarking, shared, reserved
        *("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "100.64.0.0/10", "240.0.0.0/4", "0.0.0.0/8"),
        # site-local, discard, documentation, segment routing
        *("fec0::/10", "fc00::/7", "fe80::/10", "100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "2001::/23"),
    )
]


class AddressRefused(NewConnectionError):
    """The name leads into a private network that the server's settings do not list. Nothing was connected to."""


def addresses_of(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """What the name leads to now. An IPv4 address in the clothes of an IPv6 one is taken for what it is."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    addresses = [ipaddress.ip_address(text) for text in texts]
    return [getattr(address, "ipv4_mapped", None) or address for address in addresses]


def may_be_called(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, listed: Iterable[Network], *, only_listed: bool = False
) -> bool:
    """Whether it is one of a network that the server's settings list; else, unless `only_listed`, a public address."""
    if any(address in network for network in listed):
        return True
    is_refused = any(address in network for network in _REFUSED if network.version == address.version)
    is_public = address.is_global and not address.is_multicast and not is_refused
    return is_public and not only_listed


class _Connection(HTTPConnection):
    def __init__(self, *arguments: Any, listed: tuple[Network, ...], only_listed: bool, **options: Any) -> None:
        self._listed, self._only_listed = listed, only_listed
        super().__init__(*arguments, **options)

    def _new_conn(self) -> socket.socket:
        """Connects to the first of the name's addresses that answers; one that may not be called spoils all of them."""
        try:
            addresses = addresses_of(self._dns_host, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        if not all(may_be_called(address, self._listed, only_listed=self._only_listed) for address in addresses):
            raise AddressRefused(self, "the address may not be called")
        for address in addresses[:-1]:
            try:
                return self._connect_to(str(address))
            except (NewConnectionError, ConnectTimeoutError):
                continue
        return self._connect_to(str(addresses[-1]))

    def _connect_to(self, address: str) -> socket.socket:
        # The library connects to `_dns_host`; the name stays what the certificate and the Host header are about.
        name, self._dns_host = self._dns_host, address
        try:
            return super()._new_conn()
        finally:
            self._dns_host = name


class _TLSConnection(_Connection, HTTPSConnection):
    pass


class CheckingAdapter(requests.adapters.HTTPAdapter):
    """Connects to public addresses, unless `only_listed`, and to those of the `listed` networks."""

    def __init__(self, listed: Iterable[Network] = (), *, only_listed: bool = False) -> None:
        self._listed, self._only_listed = tuple(listed), only_listed
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": self._connections(_Connection)}),
            "https": type("TLSPool", (HTTPSConnectionPool,), {"ConnectionCls": self._connections(_TLSConnection)}),
        }

    def _connections(self, kind: type[_Connection]) -> Any:
        connection = functools.partial(kind, listed=self._listed, only_listed=self._only_listed)
        return staticmethod(connection)  # else a method, from Python 3.14 on
