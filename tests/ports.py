import socket
from ipaddress import ip_network


def free_port():
    """A port of loopback that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# The networks that a client of a test may call.
LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1")]
