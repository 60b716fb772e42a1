"""The same job in three ways: hand a list in, and read what became of each order. A test runs them."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Example(NamedTuple):
    title: Promise | str
    language: str  # of the fence in docs/api.md
    text: str


CURL = """\
curl -sS {base}/api/v1/requests \\
  -H "Authorization: Bearer $WDTADMIN_TOKEN" -H "Content-Type: application/json" \\
  -H "Idempotency-Key: 4500017-1" \\
  -d '{{"seller_account": {account}, "operation": "cancel", "reason_kind": "out_of_stock",
       "orders": ["CG202611010001", "CG202611010002"], "external_id": "4500017", "submit": true}}'
curl -sS -G {base}/api/v1/orders -H "Authorization: Bearer $WDTADMIN_TOKEN" \\
  -d seller_account={account} -d number=CG202611010001 -d number=CG202611010002
"""
PYTHON = """\
import os, time, requests

api = requests.Session()
api.headers["Authorization"] = f"Bearer {{os.environ['WDTADMIN_TOKEN']}}"
base = "{base}/api/v1"

wish = {{"seller_account": {account}, "operation": "cancel", "reason_kind": "out_of_stock",
        "orders": ["CG202611010001", "CG202611010002"], "external_id": "4500017", "submit": True}}
made = api.post(f"{{base}}/requests", json=wish, headers={{"Idempotency-Key": "4500017-1"}}, timeout=60)
made.raise_for_status()
number = made.json()["request"]["number"]

after, over = 0, False
while not over:  # every few minutes is enough
    news = api.get(f"{{base}}/events", params={{"after": after}}, timeout=60).json()
    after = news["last"]
    request = api.get(f"{{base}}/requests/{{number}}", timeout=60).json()
    over = request["is_settled"]{once}
    time.sleep(0 if over else 300)

for order in api.get(f"{{base}}/requests/{{number}}/orders", timeout=60).json()["orders"]:
    print(order["order_number"], order["outcome"], order["erp_message"])
"""
ABAP = """\
POST /api/v1/requests HTTP/1.1
Host: {host}
Authorization: Bearer wdt_…
Content-Type: application/json; charset=utf-8
Accept-Language: zh-CN
Idempotency-Key: 4500017-1

{{"seller_account":{account},"operation":"cancel","reason_kind":"out_of_stock","orders":["CG202611010001"],"submit":true}}

HTTP/1.1 201 Created
Location: /api/v1/requests/CR20261126-0001
"""


def examples(base: str, account: int | str, *, once: bool = False) -> Iterator[Example]:
    """The examples for a site and a seller account; with `once` the program does not wait for the end."""
    given = {"base": base.rstrip("/"), "account": account, "host": base.split("//")[-1].rstrip("/")}
    yield Example("curl", "bash", CURL.format(**given))
    yield Example("Python", "python", PYTHON.format(**given, once=" or True" if once else ""))
    yield Example(_("HTTP, as ABAP's CL_HTTP_CLIENT sends it"), "http", ABAP.format(**given))
