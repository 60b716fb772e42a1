"""What the API costs: making a request of 10,000 orders beside the verb alone, and reading a million lines by cursor.

Run it with `python -m bench.api` (`--lines 1000000`), on DATABASE_URL, else on an SQLite of its own. Calls go through
all middleware, in this process; time is that of the processor, so that other work on the machine counts less.
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
import uuid

from bench.start import start_django

ORDERS, ROUNDS, LINES_OF_A_REQUEST = 10_000, 5, 10_000


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start_django(folder)
        from django.conf import settings

        settings.API_CALLS_PER_MINUTE = 10**9
        settings.HEAVY_WORK_PER_HOUR = dict.fromkeys(settings.HEAVY_WORK_PER_HOUR, 10**9)
        settings.ALLOWED_HOSTS = ["*"]
        from bench import history_rows

        auditor = history_rows.make(given.lines, LINES_OF_A_REQUEST)
        reading(*a_machine(list(auditor.shops.all()), auditor))
        creating(*a_machine(list(auditor.shops.all()), auditor), given.rounds)


def a_machine(shops, responsible):
    """(its client, its headers, the shops)"""
    from django.test import Client

    from cancellations.models import Credential
    from cancellations.models.secrets import Secret
    from tests import made_machines

    for shop in shops:
        Credential.objects.get_or_create(
            shop=shop, is_active=True, defaults={"app_key": "k", "app_secret": Secret("a:b"), "fingerprint": "f"}
        )
    name = uuid.uuid4().hex[:8]
    machine = made_machines.machine(
        *shops, responsible=responsible, name=name, requests_per_day=10**6, orders_per_day=10**9
    )
    token = made_machines.token(machine, by=responsible)
    return Client(), {"Authorization": f"Bearer {token}"}, shops


def reading(client, headers, _shops):
    """Every line of every request, by cursors."""
    lines, cursor, numbers = 0, {}, []
    while cursor is not None:
        page = json.loads(client.get("/api/v1/requests", {"limit": 200, **cursor}, headers=headers).content)
        numbers += [one["number"] for one in page["requests"]]
        cursor = page["next"] and {"cursor": page["next"]}
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in numbers:
        cursor = {}
        while cursor is not None:
            answer = client.get(f"/api/v1/requests/{number}/orders", {"limit": 5000, **cursor}, headers=headers).content
            lines += answer.count(b'"position":')
            following = answer.rpartition(b'"next":')[2].rstrip(b"}").strip(b'"').decode()
            cursor = None if following == "null" else {"cursor": following}
    seconds = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    print(f"{lines:,} lines of {len(numbers)} requests: {lines / seconds:,.0f} a second; memory grew by {grown:.0f} MB")


def creating(client, headers, shops, rounds):
    """A draft of 10,000 orders by the API, and by the verb that pages call, in turns."""
    from cancellations.intake import Order
    from cancellations.workflow import drafts

    clerk = a_clerk(shops)
    by_verb, by_api = [], []
    for number in range(rounds):
        names = [f"CG{number}{place:09}" for place in range(ORDERS)]
        began = time.process_time()
        drafts.draft(
            shops[0],
            by=clerk,
            operation=0,
            allow_checked=False,
            reason="x",
            orders=[Order(f"V{name}", place, f"V{name}") for place, name in enumerate(names, 1)],
            token=uuid.uuid4(),
        )
        by_verb.append(time.process_time() - began)
        wish = {"seller_account": shops[0].pk, "operation": "cancel", "reason_kind": "price", "orders": names}
        body, key = json.dumps(wish), {"Idempotency-Key": str(uuid.uuid4())}
        began = time.process_time()
        answer = client.post("/api/v1/requests", body, "application/json", headers=headers | key)
        by_api.append(time.process_time() - began)
        assert answer.status_code == 201, answer.content
    verb, api = statistics.median(by_verb), statistics.median(by_api)
    print(f"{ORDERS:,} orders, median of {rounds}: verb {verb:.2f} s, API {api:.2f} s, ratio {api / verb:.2f}")


def a_clerk(shops):
    """A clerk of the shops."""
    from django.contrib.auth.models import Group

    from cancellations.models import Person

    clerk, _ = Person.objects.get_or_create(username="clerk of the bench")
    clerk.groups.add(Group.objects.get(name="clerk"))
    clerk.shops.set(shops)
    return clerk


if __name__ == "__main__":
    main()
