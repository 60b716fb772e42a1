import socket

import pytest
import requests

from tests.conftest import NetworkBlocked


@pytest.mark.parametrize("host", ["192.0.2.1", "wdt.wangdian.cn", "169.254.169.254"])
def test_no_test_reaches_beyond_this_machine(host):
    with pytest.raises(NetworkBlocked):
        requests.get(f"http://{host}/", timeout=1)


def test_no_name_server_is_asked():
    with pytest.raises(NetworkBlocked):
        socket.getaddrinfo("wdt.wangdian.cn", 80)
