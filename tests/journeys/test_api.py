"""Another system hands a list in, a person approves it, and the other system is told of each order."""

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from cancellations.api.examples import examples
from cancellations.models import CancellationRequest, Webhook
from cancellations.workflow import webhooks
from tests import made_machines, processes
from tests.ports import LOOPBACK
from tests.webhooks.receiver import receiver, signed_with


@pytest.fixture
def other(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with receiver() as running:
        yield running


def test_the_documented_program_gets_its_list_approved_and_the_outcomes(site, visit, shoot, shop, cast, erp, other):
    webhook = webhooks.add_webhook(shop, by=cast.zhaolei, name="SAP", url=other.url, kinds=Webhook.Kind.values)
    token = made_machines.token(made_machines.machine(shop, responsible=cast.zhoulan), by=cast.zhaolei)
    [program] = [one.text for one in examples(site, shop.pk) if one.language == "python"]
    command = [sys.executable, "-c", program.replace("else 300", "else 0.5")]
    environment = os.environ | {"WDTADMIN_TOKEN": token}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        processes.wait_until(CancellationRequest.objects.filter(status="SUBMITTED").exists, "the list has come in", 30)
        manager = visit("wangqiang", width=375)
        expect(manager.get_by_text("SAP-01（接口）").first).to_be_visible()
        shoot(manager, "asked-by-a-machine")
        manager.get_by_role("link", name=re.compile("^CR")).click()
        manager.get_by_role("button", name="批准").click()
        expect(manager.get_by_text("申请已批准")).to_be_visible()
        said, complaints = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 0, complaints
    lines = CancellationRequest.objects.get().lines.order_by("position")
    assert [tuple(line.split(" ")[:2]) for line in said.splitlines()] == [
        (line.order_no, line.outcome.lower()) for line in lines
    ]
    executed = {number for call in erp.calls("cancelByType") for number in call["executed"]}
    assert executed == {line.order_no for line in lines if line.outcome == "DONE"}

    processes.wait_until(lambda: "request.finished" in kinds(other), "the webhook was called", 30)
    assert kinds(other)[:2] == ["request.submitted", "request.approved"]
    assert all(signed_with(webhook.secret.reveal(), message.headers, message.body) for message in other.got)
    told = next(json.loads(one.body)["data"] for one in other.got if kind_of(one) == "request.finished")
    assert told["external_id"] == "4500017"
    assert told["counts"]["done"] == len(executed)


def kind_of(message):
    return json.loads(message.body)["type"]


def kinds(other):
    return [kind_of(message) for message in other.got]
