"""Where calls of the ERP go: to the addresses of the server's settings and nowhere else; nobody can type one."""

import pytest
from django.urls import reverse

from cancellations.models import ApiCall, CancellationRequest, Shop
from cancellations.sending import calls, slices
from tests.people import approved
from tests.wdt.test_client import FINE, server, text

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "新店",
    "sid": "new_sid",
    "app_key": "new_key",
    "app_secret": "secret:salt",
    "orders_per_call": 20,
    "seconds_between_calls": "0",
    "lookup_limit": "500",
}
NOT_IN_THE_LIST = [
    "http://127.0.0.1/openapi",
    "http://127.0.0.1:9/openapi",  # the address of a name in the list, but not the name
    "https://127.0.0.1",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://wdt.wangdian.cn@127.0.0.1/",
    "//127.0.0.1",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "Sandbox",
    "sandbox ",
    "sandbox\x00",
    "sandbox,production",
    "../production",
    "unlisted",
    "",
]


@pytest.mark.parametrize("environment", NOT_IN_THE_LIST)
def test_an_environment_is_a_listed_name_never_an_address(environment, cast, sign_in):
    answer = sign_in(cast.zhaolei).post(reverse("shop-add"), GIVEN | {"environment": environment})
    assert answer.status_code == 422
    assert not Shop.objects.exists()


def test_no_page_takes_an_address(cast, shop, sign_in, settings):
    """Whatever else is posted along with a shop is not stored and not called."""
    with server(text(FINE)) as erp, server(text(FINE)) as elsewhere:
        settings.ERP_ADDRESSES = {"sandbox": erp.address}
        extra = dict.fromkeys(("address", "url", "host", "base_url", "erp_address"), elsewhere.address)
        admin = sign_in(cast.zhaolei)
        admin.post(reverse("shop-add"), GIVEN | extra | {"environment": "sandbox"})
        new = Shop.objects.get(name="新店")
        admin.post(reverse("shop-test", args=[new.pk]), extra)
    assert erp.calls
    assert not elsewhere.calls


def test_an_unlisted_environment_in_the_database_leads_nowhere(cast, shop, sign_in):
    with server(text(FINE)) as elsewhere:
        Shop.objects.update(environment=elsewhere.address[:32])
        cancellation = approved(shop, cast.lina, cast.wangqiang)
        slices.run_account(shop.credentials.get().pk)
        page = sign_in(cast.zhaolei).post(reverse("shop-test", args=[shop.pk]), follow=True).content.decode()
    assert not elsewhere.calls
    assert not ApiCall.objects.exists()
    assert "contain no address for this environment" in page
    assert CancellationRequest.objects.get(pk=cancellation.pk).status == "PAUSED"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_but_verified(status, shop, cast, settings):
    with server(text(FINE)) as elsewhere, server(text("", status=status, Location=elsewhere.address)) as erp:
        settings.ERP_ADDRESSES = {"sandbox": erp.address}
        cancellation = approved(shop, cast.lina, cast.wangqiang)
        slices.run_account(shop.credentials.get().pk)
    assert erp.calls
    assert not elsewhere.calls
    assert set(cancellation.lines.values_list("outcome", flat=True)) == {"UNKNOWN"}
    assert set(ApiCall.objects.values_list("http_status", flat=True)) == {status}


def test_proxies_and_passwords_of_the_environment_are_ignored(shop, cast, settings, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password canary\n")
    with server(text(FINE)) as proxy, server(text(FINE)) as erp:
        settings.ERP_ADDRESSES = {"sandbox": erp.address}
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        approved(shop, cast.lina, cast.wangqiang)
        slices.run_account(shop.credentials.get().pk)
    assert erp.calls
    assert not proxy.calls
    assert not any("Authorization" in call.headers or "Cookie" in call.headers for call in erp.calls)


def test_the_client_gets_its_address_from_the_settings(shop, settings):
    settings.ERP_ADDRESSES = {}
    with pytest.raises(KeyError):
        calls.open_client(shop.credentials.get())
