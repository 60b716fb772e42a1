"""A walk to every page, by the person whom it is for, in the states in which it looks different."""

import time
from base64 import b32decode
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

from django.core.management import call_command
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django_otp.oath import TOTP

from cancellations.access import verbs
from cancellations.exports import verbs as exports
from cancellations.models import AuditCheck, CancellationRequest, Export, Lookup, RestoredCopy, Webhook, WebhookDelivery
from cancellations.robots import Robot
from cancellations.robots.stand_in import DEMO
from cancellations.workflow import groups, maintenance, people, saved_filters, webhooks
from tests import made_machines, processes
from tests.made_exports import being_made
from tests.people import approved, make_shop, numbers, submitted
from tests.security.hostile import world_of
from tests.security.states import drafted, in_status, running

TEXT = "杭州明达，第三季度停产"


def make_world(shop, cast):
    """Requests in all statuses: of a paused shop, of one whose ERP has looked up the orders, of one without ERP."""
    members = (cast.lina, cast.wangqiang, cast.chenjing, cast.zhaolei)
    with transaction.atomic():  # at once, so that the worker finds the first account paused, and a workbook being made
        _ask_for_workbooks(cast)
        world = world_of(TEXT, shop, cast)
    # Only now: the first account is called otherwise since then.
    looked_up = make_shop("北京旗舰店", sid="demo_sid", members=members)
    away = make_shop("成都旗舰店", sid="away", members=members, environment="later")
    requests = {
        "looked up": submitted(looked_up, cast.lina, numbers(30)),
        "held": approved(looked_up, cast.lina, cast.wangqiang, numbers(3, start=40)),
        "without ERP": running(away, cast.lina, cast.wangqiang, ["CG51", "CG52", "CG53"]),
        "draft": drafted(away, cast.lina, ["CG61", "CG62"]),
    }
    for status in (CancellationRequest.Status.WITHDRAWN, CancellationRequest.Status.EXPIRED):
        requests[status.label] = in_status(status, away, cast.lina, cast.wangqiang)
    exports.record_copy("csv", {}, by=cast.lina, shops={shop.pk: shop.name, away.pk: away.name})
    saved_filters.save_filter("history", "未知的", "outcome=UNKNOWN", by=cast.chenjing)
    known = DEMO[Robot.WECOM]
    robot = groups.add_robot(shop, by=cast.zhaolei, kind="wecom", name=TEXT, address=known.url)
    webhook = webhooks.add_webhook(
        shop, by=cast.zhaolei, name=TEXT, url="https://sap.example.com/", kinds=["request.finished"]
    )
    _messages_of(webhook, requests["looked up"])
    call_command("recount", verbosity=0)
    ended = Lookup.objects.filter(cancellation=requests["looked up"], ended_at__isnull=False)
    processes.wait_until(lambda: ended.count() == requests["looked up"].lookups.count(), "the orders are looked up")
    return SimpleNamespace(requests=requests, shop=shop, cast=cast, others=world, robot=robot, webhook=webhook)


def _messages_of(webhook, cancellation):
    """One of each state; no worker here sends them, because the webhook rests."""
    now = timezone.now()
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=now, rests_until=now + timedelta(days=1))
    about = {"webhook": webhook, "cancellation": cancellation, "kind": "request.finished", "at": now, "body": "{}"}
    about |= {"due_at": now, "tried_at": now, "milliseconds": 120, "attempts": 1}
    refused = {"meaning": "refused", "http_status": 500, "answer": "<html>no client 999</html>"}
    WebhookDelivery.objects.create(**about, **refused)
    WebhookDelivery.objects.create(**about, **refused, state="failed")
    WebhookDelivery.objects.create(**about, state="sent", meaning="taken", http_status=204)


def _ask_for_workbooks(cast):
    """One of each state; no worker here takes any that waits."""
    now = timezone.now()
    made = {"orders": 80_000, "created_at": now, "language": "zh-hans", "query": {"outcome": "DONE"}}
    auditors = made | {"person": cast.chenjing, "finished_at": now}
    being_made(**made, person=cast.chenjing)
    Export.objects.create(**auditors, state="ready", size=8 << 20)
    Export.objects.create(**auditors, state="failed", why="gave_up")
    Export.objects.create(**auditors, state="expired")
    Export.objects.create(**made, person=cast.sunyue)


class Visitor:
    """Somebody who goes from page to page in one browser; `look(page, state)` is called on each."""

    def __init__(self, page, look):
        page.emulate_media(reduced_motion="reduce")  # colours are looked at when they are there, not on their way
        self.page, self._look = page, look

    def look(self, state=""):
        self._look(self.page, state)

    def open(self, *addresses, state=""):
        for address in addresses:
            self.page.goto(address)
            self.look(state)

    def send(self, address, state, button="main form.panel [type=submit]", **fields):
        """Opens the page, fills in the fields, presses the button and looks at what comes back."""
        self.page.goto(address)
        for name, text in fields.items():
            self.page.fill(f"#id_{name}", text)
        self.press(button, state)

    def press(self, button, state=""):
        """The button may be folded away."""
        self.page.evaluate("document.querySelectorAll('main details').forEach((each) => (each.open = true))")
        with self.page.expect_navigation():
            self.page.locator(button).first.click()
        self.look(state)


def stranger(world, visitor):
    visitor.open("/sign-in/")
    visitor.send("/sign-in/", "wrong")
    visitor.open("/set-password/MQ/no-token/", state="dead link")
    link = people.make_link(world.cast.sunyue, by=world.cast.root)
    visitor.open(link)
    visitor.press("main [type=submit]", "wrong")
    key = verbs.new_factor_key()
    zhoulan = world.cast.zhoulan
    verbs.add_second_factor(zhoulan, by=zhoulan, key=key, code=code_now(key))
    visitor.send("/sign-in/", "a code is asked for", username="zhoulan", password="secret-of-zhoulan")
    visitor.press("main [type=submit]", "wrong")
    visitor.page.goto("/sign-in/")
    visitor.page.context.clear_cookies()
    visitor.press("main [type=submit]", "open for too long")


def clerk(world, visitor):
    visitor.open("/requests/?view=mine", "/requests/?view=all", "/requests/?view=all&status=REJECTED")
    for cancellation in [*world.others.requests, *world.requests.values()]:
        visitor.open(cancellation.get_absolute_url(), state=cancellation.status)
    looked_up = world.requests["looked up"].get_absolute_url()
    visitor.open(f"{looked_up}?forecast=will&sort=-amount", state="filtered")
    visitor.open(f"{looked_up}?supplier=nobody", state="nothing fits")
    visitor.page.goto(world.requests["draft"].get_absolute_url())
    visitor.page.evaluate("document.querySelector('form[action$=\"/drop/\"] button').value = 'nonsense'")
    visitor.press("form[action$='/drop/'] button", "not understood")
    _change_a_draft(visitor, world.requests["draft"].get_absolute_url())
    visitor.open("/requests/?view=all&group=ended", "/requests/?view=mine&group=drafts", f"{looked_up}?print=1")
    visitor.open(f"{looked_up}orders/1/", f"{looked_up}calls/", f"{world.others.waiting.get_absolute_url()}orders/1/")
    _make_a_request(visitor)
    visitor.open("/notices/", "/notices/settings/")
    visitor.send("/notices/settings/", "wrong", "main form.panel [type=submit]", quiet_from="20:00")
    _own_account(visitor)


def _change_a_draft(visitor, draft):
    visitor.open(f"{draft}add/", f"{draft}?edit=1")
    visitor.send(f"{draft}add/", "wrong", "button[value=preview]")
    visitor.send(f"{draft}add/", "more of a draft", "button[value=preview]", orders="CG202611010070\nCG61")
    visitor.send(f"{draft}?edit=1", "wrong", "#edit-draft [type=submit]", reason=" ")
    visitor.page.goto(draft)
    visitor.page.check("#order-1 input")
    visitor.press("#drop-chosen button", "can be undone")
    visitor.press("form[action$='/withdraw/'] button", "discarded")
    visitor.press("#restore", "restored")


def _make_a_request(visitor):
    visitor.open("/requests/new/")
    visitor.send("/requests/new/", "wrong", "button[value=preview]")
    visitor.send("/requests/new/", "read from a text", "button[value=preview]", reason=TEXT, orders=PASTED)
    visitor.page.goto("/requests/new/")
    visitor.page.fill("#id_reason", TEXT)
    rows = "供应商,采购单号\n" + "\n".join(f"明达,{number}" for number in numbers(5, start=90))
    visitor.page.set_input_files("#id_file", {"name": "停产.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    visitor.press("button[value=preview]", "read from a file")
    visitor.press("button[value=change]", "with a file")


# Good, full-width, twice, of another request, and not taken.
PASTED = "CG202611010080 CG202611010081 ＣＧ２０２６１１０１００８２，CG202611010080 CG202611010001 CG–52 看一下！"


def _own_account(visitor):
    visitor.open("/account/", "/account/password/", "/confirm/", "/account/second-factor/")
    for address in ("/account/password/", "/confirm/", "/account/second-factor/"):
        visitor.send(address, "wrong")
    secret = b32decode(visitor.page.locator("dd.order-no").inner_text().replace(" ", "")).hex()
    visitor.send("/account/second-factor/", "recovery codes", code=code_now(secret))
    visitor.open("/account/", state="with a second factor")


def manager(world, visitor):
    looked_up, waiting = world.requests["looked up"].get_absolute_url(), world.others.waiting.get_absolute_url()
    visitor.open("/requests/?view=decide", looked_up, waiting)
    visitor.open("/requests/?view=settle", f"{world.others.doubtful.get_absolute_url()}by-hand/")
    visitor.page.goto("/requests/?view=decide")
    visitor.press("#queue [type=submit]", "nothing ticked")
    visitor.send(looked_up, "rejected without a note", "[formaction$='/reject/']")
    visitor.send(looked_up, "extended", "#extend [type=submit]")
    for name in ("held", "without ERP"):
        visitor.open(world.requests[name].get_absolute_url(), state=name)
    visitor.open(world.others.doubtful.get_absolute_url(), state="in doubt")
    visitor.open("/figures/", "/figures/?days=90", "/figures/?from=2026-01-02&until=2026-01-01")


def auditor(world, visitor):
    visitor.open("/history/", "/history/?order_no=CG&outcome=UNKNOWN", "/history/?order_no=nothing")
    visitor.open("/history/?since=2026-02-02&until=2026-02-01", state="wrong")
    line = world.requests["without ERP"].lines.first()
    visitor.open(f"/history/orders/{line.shop_id}/{line.order_no}/")
    visitor.open("/search/", "/search/?q=CG", f"/search/?q={line.order_no}+CG-NEVER", "/search/?q=nothing")
    visitor.open(f"{line.cancellation.get_absolute_url()}calls/", "/history/audit/copies/", "/history/exports/")
    AuditCheck.objects.create(at=timezone.now(), events=4)
    visitor.open("/history/audit/")
    AuditCheck.objects.create(at=timezone.now(), events=4, fault="changed", fault_number=5, fault_event_id=5)
    visitor.open("/history/audit/", state="with a fault")
    visitor.press("main .actions form [type=submit]", "The audit trail was checked just now.")
    visitor.open("/shops/", state="forbidden")


def administrator(world, visitor):
    shop, lina = f"/shops/{world.shop.pk}/", f"/people/{world.cast.lina.pk}/"
    visitor.open("/requests/", "/shops/", shop, "/workers/", "/about/", "/people/", "/people/?name=nobody")
    visitor.open(lina, f"/people/{world.cast.gone.pk}/", f"/people/{world.cast.zhaolei.pk}/")
    forms = (f"{shop}change/", f"{shop}members/", f"{shop}credential/", "/shops/add/", "/people/add/")
    visitor.open(*forms)
    for address in ("/shops/add/", f"{shop}credential/", "/people/add/"):
        visitor.send(address, "wrong")
    visitor.send(f"{shop}change/", "wrong", name="")
    visitor.send(lina, "wrong", "form[action$='/deactivate/'] [type=submit]")
    visitor.send(lina, "a one-time link", "form[action$='/link/'] [type=submit]")
    _calendar(visitor)
    visitor.open("/people/changes/", state="nothing waits")
    robot = f"/shops/robots/{world.robot.pk}/"
    visitor.open(robot, f"{robot}change/", f"{shop}robots/add/")
    visitor.send(f"{shop}robots/add/", "wrong", name="x")
    visitor.send(robot, "switched off", "form[action$='/switch/'] [type=submit]")
    webhook = f"/shops/webhooks/{world.webhook.pk}/"
    visitor.open(webhook, f"{webhook}change/", f"{shop}webhooks/add/")
    visitor.send(f"{shop}webhooks/add/", "wrong", name="x")
    visitor.send(webhook, "a new secret", "form[action$='/rotate/'] [type=submit]")
    visitor.send(webhook, "switched off", "form[action$='/switch/'] [type=submit]")
    wangqiang = f"/people/{world.cast.wangqiang.pk}/"
    visitor.send(wangqiang, "a link that needs a second person", "form[action$='/link/'] [type=submit]")
    visitor.open("/people/changes/", wangqiang)
    _machines(world, visitor)
    visitor.open("/restored/", state="nothing to confirm")
    RestoredCopy.objects.create(copied_at=timezone.now())
    visitor.open("/workers/", "/restored/", state="restored from a copy")
    visitor.press("main [type=submit]", "a restore that was confirmed")
    maintenance.begin(until=timezone.now() + timedelta(hours=1), note="换服务器")
    visitor.open("/workers/", state="maintenance")
    visitor.send("/shops/add/", "refused by maintenance", name="x")
    maintenance.end()
    visitor.open("/nowhere/", state="not found")
    _what_the_server_did_not_expect(visitor)


def _machines(world, visitor):
    visitor.open("/machines/", state="without any")
    visitor.send("/machines/new/", "wrong")
    machine = made_machines.machine(world.shop, responsible=world.cast.wangqiang)
    made_machines.token(machine, by=world.cast.root)
    page = f"/machines/{machine.pk}/"
    visitor.open("/machines/", "/machines/new/", "/api/v1/docs", page)
    visitor.send(page, "wrong", "form[action$='/settings/'] [type=submit]")
    visitor.send(page, "a token", "form[action$='/token/'] [type=submit]")


def _calendar(visitor):
    visitor.open("/calendar/", "/calendar/?year=2026&day=2026-10-10")
    visitor.send("/calendar/", "wrong", "#one-day [type=submit]", day="")
    visitor.send("/calendar/", "not understood", "#several-days [type=submit]", lines="2027-02-30 春节 休")
    visitor.send("/calendar/", "another year", "#several-days [type=submit]", lines="2027-02-06 春节 休\n2027-02-14 班")


def _what_the_server_did_not_expect(visitor):
    """The pages for it, in the place of another one: they are made without knowing who asks."""
    for template, state in (("500.html", "an error of the server"), ("503.html", "no database")):
        visitor.page.unroute_all()
        visitor.page.route("**/workers/", partial(_answer_with, render_to_string(template)))
        visitor.open("/workers/", state=state)


def _answer_with(text, route):
    route.fulfill(body=text, content_type="text/html")


def somebody_else(_world, visitor):
    visitor.open("/requests/?view=mine", "/history/exports/")  # hers waits for its turn


WAYS = {
    None: stranger,
    "lina": clerk,
    "sunyue": somebody_else,
    "wangqiang": manager,
    "chenjing": auditor,
    "zhaolei": administrator,
}


def code_now(key):
    """The code that an authenticator app with this secret, in hex, shows."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    return f"{totp.token():06}"
