import pytest

from cancellations.robots import AddressRefused, Robot, check_address
from tests.robots.made import url_of

CANARY = "canarytoken"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={CANARY}"


@pytest.mark.parametrize("robot", Robot)
def test_an_address_as_the_channel_shows_it_is_taken(robot):
    check_address(robot, url_of(robot))


def test_lark_has_a_host_of_its_own():
    check_address(Robot.FEISHU, "https://open.larksuite.com/open-apis/bot/v2/hook/0f1e-2d3c")


@pytest.mark.parametrize("robot", Robot)
def test_the_address_of_another_channel_is_refused(robot):
    for other in set(Robot) - {robot}:
        with pytest.raises(AddressRefused):
            check_address(robot, url_of(other))


@pytest.mark.parametrize(
    "url",
    [
        "",
        CANARY,
        WECOM.replace("https", "http"),
        WECOM.replace("https://", "//"),
        WECOM.replace("https://", "https://someone@"),
        WECOM.replace("https://", "https://qyapi.weixin.qq.com@"),
        WECOM.replace(".com/", ".com:443/"),
        WECOM.replace(".com/", ".com.example.com/"),
        WECOM.replace(".com/", ".com./"),
        WECOM.replace("qyapi.", "qyapi-"),
        WECOM.replace("/send", "/send/../../other"),
        WECOM.replace("/send", "/upload_media"),
        WECOM.replace("?key", "?debug=1&key"),
        WECOM.replace("?key", "\\?key"),
        WECOM + "&debug=1",
        WECOM + "#fragment",
        WECOM + "\n",
        WECOM + "%0d%0aHost:example.com",
        " " + WECOM,
        WECOM.replace(CANARY, ""),
        WECOM.replace("weixin", "ｗeixin"),
        "https://[::1/cgi-bin/webhook/send?key=" + CANARY,
        "https://127.0.0.1/cgi-bin/webhook/send?key=" + CANARY,
    ],
)
def test_any_other_address_is_refused_and_not_repeated(url):
    with pytest.raises(AddressRefused) as refused:
        check_address(Robot.WECOM, url)
    assert CANARY not in repr(refused.value) + str(refused.value)
    assert refused.value.__context__ is None
