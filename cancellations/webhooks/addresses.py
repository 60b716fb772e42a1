"""Which addresses a webhook may have. Where a name leads to is checked at each connection, by the guarded adapter."""

import ipaddress
import re
from collections.abc import Sequence

from cancellations.wdt.addresses import Network, may_be_called

LONGEST = 500  # characters
# The whole address, letter for letter: what no parser has taken apart, no two parsers read differently.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])"
    r"(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)


class AddressRefused(ValueError):
    """Not an address that a webhook may have: another scheme, a user in it, HTTP without a private network, …"""


def check_address(url: str, private_networks: Sequence[Network]) -> None:
    """Raises AddressRefused unless it is HTTPS, or HTTP where there are private networks that it may lead into.

    An IP address in it has to be one that may be called; a name is looked up when it is called.
    """
    found = _ADDRESS.fullmatch(url) if len(url) <= LONGEST else None
    if found is None:
        raise AddressRefused("not an address")
    is_http = found["scheme"] == "http"
    if is_http and not private_networks:
        raise AddressRefused("HTTP leads into private networks only, and none is listed")
    try:
        address = ipaddress.ip_address(found["host"].strip("[]"))
    except ValueError as error:
        if found["host"].startswith("["):
            raise AddressRefused("not an address") from error
        return
    if not may_be_called(address, private_networks, only_listed=is_http):
        raise AddressRefused("an address that may not be called")
