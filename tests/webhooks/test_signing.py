"""The published scheme, by a vector that its own library agrees with."""

import base64

import pytest

from cancellations.webhooks import new_secret, sign

SECRET = "whsec_d2R0YWRtaW4td2ViaG9vay10ZXN0LWtleS0wMDAxISE="
ID, AT = "msg_2026CR20261125000101", 1700000000
BODY = (
    b'{"type":"request.finished","timestamp":"2026-11-25T02:00:00Z",'
    b'"data":{"number":"CR20261125-0001","done":3,"refused":1,"unknown":0}}'
)
SIGNATURE = "v1,vAeeOcKW0GfvEhkYSrx+rDsNW0aVw6xKFhDld2hELxw="


def test_the_signature_is_that_of_the_vector():
    assert sign([SECRET], ID, AT, BODY) == SIGNATURE


def test_two_secrets_make_two_signatures():
    other = new_secret()
    assert sign([other, SECRET], ID, AT, BODY).split(" ") == [sign([other], ID, AT, BODY), SIGNATURE]


@pytest.mark.parametrize(
    "changed", [(ID + "x", AT, BODY), (ID, AT + 1, BODY), (ID, AT, BODY + b" ")], ids=["id", "time", "body"]
)
def test_whatever_is_changed_changes_the_signature(changed):
    assert sign([SECRET], *changed) != SIGNATURE


def test_a_secret_has_32_random_bytes_and_the_prefix_of_the_scheme():
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(base64.b64decode(secret.removeprefix("whsec_"))) for secret in secrets} == {32}


def test_a_secret_that_is_none_signs_nothing():
    with pytest.raises(ValueError, match="Only base64 data"):
        sign(["whsec_not base64!"], ID, AT, BODY)
