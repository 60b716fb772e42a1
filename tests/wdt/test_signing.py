import pytest

from cancellations.wdt.signing import sign, timestamp

COMMON = {"sid": "demo_sid", "key": "demo_key", "salt": "demosalt", "v": "1.0", "timestamp": "450444516"}
CANCEL = "purchase.PurchaseOrder.cancelByType"
QUERY = "purchase.PurchaseOrder.queryWithDetail"


# The vectors of the reference, section 1: from the vendor's documentation and public clients, not from our stand-in.
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"method": "system.Core.now", "body": "[]"}, "ced2ee9927e0f01700081b3e0e38ffd7"),
        (
            {
                "method": CANCEL,
                "body": '[{"operate_type":0,"purchase_no_list":["CG202601010001","CG202601010002"],'
                '"allow_cancel_checked_order":0}]',
            },
            "e4b221e90e334e369327ab800c1446af",
        ),
        (
            {
                "method": CANCEL,
                "body": '[{"operate_type":0,"purchase_no_list":["采购-2026-001"],"allow_cancel_checked_order":1}]',
            },
            "cde1f43edc01bd4db4c37aa14fdc7c5c",
        ),
        (
            {
                "method": QUERY,
                "body": '[{"start_time":"2026-01-01 00:00:00","end_time":"2026-01-02 00:00:00","status":"10"}]',
                "page_size": "100",
                "page_no": "0",
                "calc_total": "1",
            },
            "0a58eb8b24fcdb42dc97e605d0852884",
        ),
        ({"method": "system.Core.now", "body": "[]", "salt": "demo:salt"}, "3debee37c26fccb438baf454093dfa18"),
    ],
)
def test_it_signs_as_the_vectors_say(parameters, expected):
    assert sign(COMMON | parameters, "demosecret") == expected


def test_it_signs_as_the_published_example_says():
    parameters = {
        "body": "[]",
        "key": "wdt_test",
        "method": "system.Core.now",
        "salt": "dd",
        "sid": "wdtapi3",
        "timestamp": "100",
        "v": "1.0",
    }
    assert sign(parameters, "aa") == "b5745bf1f4721a0d16e9a68cb7513032"


def test_a_timestamp_counts_from_2012_in_china():
    assert timestamp(1_325_347_200.9) == "0"
    assert timestamp(1_775_791_716) == "450444516"
