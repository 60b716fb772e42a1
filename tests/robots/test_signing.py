from urllib.parse import quote_plus

import pytest

from cancellations.robots.signing import sign_dingtalk, sign_feishu

# Computed apart from this code and from the stand-in.


@pytest.mark.parametrize(
    ("milliseconds", "secret", "expected"),
    [
        (1_700_000_000_000, "SECdemo0123456789", "ww0uYz9hgC//la1LzHCxhiH8ja6t5XU0VlJXBRQKVAA="),
        (1_795_599_755_394, "this is secret", "GYSOS6MRPc8JVrv7tSGBJziQ2DVgZbOHHfp47rCMQV8="),
    ],
)
def test_dingtalk_signs_the_moment_with_the_secret(milliseconds, secret, expected):
    assert sign_dingtalk(milliseconds, secret) == expected


def test_dingtalks_signature_is_encoded_once_for_the_address():
    encoded = quote_plus(sign_dingtalk(1_700_000_000_000, "SECdemo0123456789"))
    assert encoded == "ww0uYz9hgC%2F%2Fla1LzHCxhiH8ja6t5XU0VlJXBRQKVAA%3D"


@pytest.mark.parametrize(
    ("seconds", "secret", "expected", "in_the_wrong_order"),
    [
        (
            1_700_000_000,
            "demo",
            "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo=",
            "Jo+BcIpYOGJCAvpJ++qSw87Rqhi9JUu1uVQKqanKycY=",
        ),
        (
            1_599_360_473,
            "SECdemo0123456789",
            "XLHVRvYgnAseoGUO7czBteC5zo2BFEuSffcLADVmkZ4=",
            "yzrIVshfn56zslzragMFPijXny0XnWEjn2qdK86icvY=",
        ),
    ],
)
def test_feishu_signs_nothing_with_moment_and_secret(seconds, secret, expected, in_the_wrong_order):
    assert sign_feishu(seconds, secret) == expected
    assert sign_dingtalk(seconds, secret) == in_the_wrong_order
