"""Texts that somebody might send to hurt us, and a world that has one of them in every field that takes text."""

from types import SimpleNamespace

from django.utils import timezone

from cancellations.models import (
    CancellationRequest,
    Event,
    Export,
    Lookup,
    OrderLine,
    Shop,
    Upload,
    Worker,
)
from cancellations.sending import heartbeat
from cancellations.workflow import control, machine, manager
from tests.made_lookups import show
from tests.people import draft_of, submitted
from tests.security.states import running

IMAGE = "<img src=x onerror=alert(1)>"
SCRIPT = '"><script>alert(2)</script>'
TEMPLATE = "{{77777*3}}{% now 'Y' %}"
BIDI = "CG\u202egpj.\u2066exe"
RIGHT_TO_LEFT = "שלום 2026"
TEXTS = {
    "an image": IMAGE,
    "a script": SCRIPT,
    "an attribute": "' onmouseover=alert(3) x='",
    "a template": TEMPLATE,
    "bidirectional": BIDI,
    "closing bidirectional": "\u2069\u202c\u202eabc",
    "from the right": RIGHT_TO_LEFT,
    "an emoji": "🦆👩‍👩‍👧💥",
    "a formula": '=HYPERLINK("http://evil.example","x")',
    "a wide formula": "＝1+1",
    "long": "W" * 10_000,
    "an entity": "&lt;b&gt;&#x202e;",
    "lines": "a\n\r\t\u2028b\u0085c",
    "an address": "javascript:alert(4)",
}


def world_of(text, shop, cast):
    """Requests in many statuses; everything that people, files and the ERP can name or say is `text`."""
    rejected = submitted(shop, cast.lina, ["CG21", "CG22"])
    manager.reject(rejected, by=cast.wangqiang, seen_hash=rejected.content_hash, note="不")
    doubtful = running(shop, cast.lina, cast.wangqiang, ["CG51", "CG52", "CG53"])
    finished = running(shop, cast.lina, cast.wangqiang, ["CG61", "CG62", "CG63"])
    machine.finish(finished)
    paused = running(shop, cast.lina, cast.wangqiang, ["CG71", "CG72", "CG73"])
    machine.pause(paused, reason="sign", message=text[:500])
    stopped = running(shop, cast.lina, cast.wangqiang, ["CG81", "CG82", "CG83"])
    control.stop(stopped, by=cast.lina, note="供应商改期")
    waiting = submitted(shop, cast.lina, ["CG31", "CG32"])
    draft = draft_of(shop, cast.lina, ["CG41", "CG42"])
    for cancellation in (waiting, draft):
        _show(cancellation, text)
    requests = [rejected, doubtful, finished, paused, stopped, waiting, draft]
    _put_everywhere(text, shop, cast, requests)
    return SimpleNamespace(requests=requests, draft=draft, waiting=waiting, doubtful=doubtful)


def _show(cancellation, text):
    """As if the ERP had been asked: it shows one order and calls everything `text`, and knows nothing of the other."""
    lookup = cancellation.lookups.last()
    named = dict.fromkeys(("provider_name", "warehouse_name", "purchaser_name"), text[:100])
    goods = [{"name": text, "spec_no": text, "ordered": "1", "arrived": "0", "stocked_in": "0", "price": "2"}]
    show(
        lookup.snapshots.order_by("pk").first().line, verdict="will", because="editing", status=20, stockin_status=0,
        total_fee=1, goods=goods, changes={"provider_name": [text, text[::-1]]}, is_changed=True, **named,
    )  # fmt: skip
    Lookup.objects.filter(pk=lookup.pk).update(ended_at=timezone.now(), failure="permission", message=text[:500])


def _put_everywhere(text, shop, cast, requests):
    for number, cancellation in enumerate(requests):
        _put_in_lines(text, cancellation)
        Event.write("drafted", by=cast.lina, shop=shop, cancellation=cancellation, at=timezone.now(), note=text[:500],
                    file=text, place=text)  # fmt: skip
        Event.write("exported", by=cast.lina, shop=shop, at=timezone.now(), format="csv", orders=None,
                    filters={"requester": text[:150], "outcome": "DONE"}, shops={str(shop.pk): text[:80]})  # fmt: skip
        Event.objects.create(kind="approved", actor_name=text[:150], at=timezone.now(), cancellation=cancellation)
        Upload.objects.create(person=cast.lina, name=f"{number}{text}"[:200], content=b"", brought_at=timezone.now())
    Export.objects.create(
        person=cast.lina,
        query={"order_no": text[:200].replace("\x00", "")},
        language="en",
        orders=1,
        created_at=timezone.now(),
    )
    CancellationRequest.objects.update(reason=text[:500])
    CancellationRequest.objects.exclude(decided_by=None).update(decision_note=text[:500])
    for name in ("lina", "wangqiang", "zhaolei"):
        person = getattr(cast, name)
        person.name = f"{name}{text}"[:150]
        person.save(update_fields=["name"])
    heartbeat.beat("w")
    Worker.objects.update(host=text[:100])
    shop.credentials.update(app_key=text[:64])
    Shop.objects.filter(pk=shop.pk).update(
        name=text[:80], sid=text[:64], paused_at=timezone.now(), paused_by=cast.zhaolei, pause_note=text[:500]
    )


def _put_in_lines(text, cancellation):
    for line in cancellation.lines.all():
        OrderLine.objects.filter(pk=line.pk).update(
            order_no=f"{line.pk}{text}"[:40], typed=text[:200], message=text[:500]
        )
