"""Whatever people, files and the ERP call things: it is shown as text, everywhere, and runs nowhere."""

import csv
import io
import re
import unicodedata
import uuid
import zipfile
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from cancellations.models import ApiCall, OrderLine, Person
from cancellations.pages.downloads import TRIGGERS
from cancellations.sending import slices
from tests.intake import made_files as made
from tests.people import approved
from tests.security.hostile import BIDI, IMAGE, RIGHT_TO_LEFT, SCRIPT, TEMPLATE, TEXTS, world_of
from tests.wdt.test_client import server
from tests.wdt.test_client import text as answering

pytestmark = pytest.mark.django_db
# Unicode's marks (of no width), embeddings, overrides and isolates.
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
DIRECTIONS = ["\u061c", "\u200e", "\u200f"]
DIRECTIONS += [chr(code) for code in range(0x3000) if unicodedata.bidirectional(chr(code)) in TURNING]
if connection.vendor == "sqlite":
    TEXTS = TEXTS | {"a NUL": "a\x00<b>"}


def pages(world, cast, sign_in):
    """(address, HTML) of everything that can be opened by a link, by somebody who sees the most of it."""
    everything, undecided = world.requests, [world.waiting, world.doubtful]
    views = [(reverse("cancellation-list"), {"view": view}) for view in ("mine", "decide", "all")]
    plan = {
        "lina": [*views, (reverse("cancellation-new"), {}), *_of(everything, world), (reverse("export-list"), {})],
        "wangqiang": [*views, *_of(undecided, world)],
        "zhaolei": [(address, {}) for address in _of_administrators(world, cast)],
    }
    for name, addresses in plan.items():
        client = sign_in(getattr(cast, name))
        for address, query in addresses:
            answer = client.get(address, query)
            assert answer.status_code == 200, address
            yield address, answer.content.decode()


def _of_administrators(world, cast):
    yield from map(
        reverse, ("shop-list", "shop-add", "worker-list", "person-list", "person-add", "account", "audit-copies")
    )
    yield from (reverse(name, args=[world.waiting.shop_id]) for name in ("shop", "shop-change", "shop-members"))
    yield reverse("person", args=[cast.lina.pk])


def _of(requests, world):
    for cancellation in requests:
        yield cancellation.get_absolute_url(), {"supplier": world.text[:100]}
        yield reverse("cancellation-progress", args=[cancellation.number]), {}
        yield reverse("order", args=[cancellation.number, 1]), {}
        yield reverse("order", args=[cancellation.number, 2]), {}


@pytest.fixture(params=TEXTS)
def world(request, shop, cast):
    made_world = world_of(TEXTS[request.param], shop, cast)
    made_world.text = TEXTS[request.param]
    return made_world


RUNS = ("<img", "<script>alert", " onmouseover=alert(3) x='", 'href="javascript:')


def runs(html):
    """What of the hostile texts stands in the page as it was sent."""
    return [piece for piece in RUNS if piece in html]


def test_it_is_text_on_every_page_and_where_it_was_typed(world, shop, cast, sign_in):
    """Both in one, because to make the world takes as long as to open a dozen of its pages."""
    _it_is_text_on_every_page(world, cast, sign_in)
    _what_was_typed_comes_back_as_text(world, shop, cast, sign_in)


def _it_is_text_on_every_page(world, cast, sign_in):
    seen = {}
    for address, html in pages(world, cast, sign_in):
        assert not runs(html), address
        assert not turns_round(html), address
        seen[address] = html
    assert OrderLine.objects.filter(typed=world.text[:200]).exists()  # what is stored is what came
    shown = "\n".join(seen.values())
    kept = unescape(shown).replace("<br>", "\n")
    start = re.split(r"[\n\r\x00]", _shown(world.text))[0][:30]  # some fields take no more
    for address, html in seen.items():
        assert start in unescape(html) or address in (reverse("shop-add"), reverse("cancellation-new")), address
    assert kept.count(start) > 50


def turns_round(html):
    """What in the page turns round the direction of writing."""
    return [mark for mark in DIRECTIONS if mark in html]


def _shown(text):
    return text.translate({ord(mark): None for mark in DIRECTIONS})


def test_a_template_is_not_run(shop, cast, sign_in):
    world = world_of(TEMPLATE, shop, cast)
    page = sign_in(cast.lina).get(world.waiting.get_absolute_url()).content.decode()
    assert page.count(escape(TEMPLATE)) > 3
    assert "233331" not in re.sub(r"[0-9a-f-]{16,}|csrf.*?>", "", page)


def forms(world, shop, text):
    """name -> (address, form) whose answer shows what was typed, in the right and in the wrong place."""
    new, decide = reverse("cancellation-new"), {"seen_hash": "0" * 64, "note": text[:500]}
    list_of = {"shop": shop.pk, "operation": 0, "reason": text[:500], "token": uuid.uuid4()}
    shop_add = dict.fromkeys(("name", "sid", "environment", "app_key", "orders_per_call", "send_from"), text)
    cell = text.replace("\x00", "")
    workbook = SimpleUploadedFile(f"{text[:50]}.xlsx", made.xlsx((_sheet(text), [["采购单号"], [cell], ["CG77"]])))
    number = [world.waiting.number]
    yield "lina", new, list_of | {"orders": f"CG1\n{text}", "step": "preview"}
    yield "lina", new, list_of | {"orders": text, "step": "preview", "reason": text * 600}
    yield "lina", new, list_of | {"orders": text, "step": "change"}
    yield "lina", new, list_of | {"file": workbook, "step": "preview"}
    yield "lina", new, {"shop": text, "operation": text, "token": text, "upload": text, "column": text, "step": text}
    yield "lina", reverse("cancellation-stop", args=number), {"note": text}
    yield "lina", reverse("cancellation-copy", args=number), {"token": text}
    yield "lina", reverse("confirm-password"), {"password": text, "next": text}
    yield "wangqiang", reverse("cancellation-approve", args=number), decide
    yield "wangqiang", reverse("cancellation-reject", args=number), decide | {"note": text * 600}
    yield "zhaolei", reverse("shop-add"), shop_add
    yield "zhaolei", reverse("shop-test", args=[shop.pk]), {}
    yield "zhaolei", reverse("shop-resume", args=[shop.pk]), {}
    yield "zhaolei", reverse("shop-pause", args=[shop.pk]), {"note": text}
    yield "", reverse("login"), {"username": text, "password": text, "next": text}


def _sheet(text):
    return re.sub(r"[\[\]:*?/\\\x00-\x1f'\x85\u2028]", "", text)[:31] or "x"


def _what_was_typed_comes_back_as_text(world, shop, cast, sign_in):
    clients = {name: sign_in(getattr(cast, name, None)) for name in ("lina", "wangqiang", "zhaolei", "")}
    for name, address, posted in forms(world, shop, world.text):
        answer = clients[name].post(address, posted, follow=True)
        assert answer.status_code in (200, 400, 403, 404, 409, 422), address
        assert not runs(answer.content.decode()), address


@pytest.mark.parametrize("sid", ["an image", "a script"])
def test_who_signs_in_under_such_a_name_is_called_by_it(sid, cast, sign_in):
    person = Person.objects.create(username=TEXTS[sid])
    html = sign_in(person).get(reverse("cancellation-list"), follow=True).content.decode()
    assert escape(TEXTS[sid]) in html
    assert not runs(html)


def test_an_erp_that_says_such_things_is_quoted(shop, cast, sign_in, settings):
    """Through everything that reads its answers, and not only out of the database."""
    words = "".join((IMAGE, SCRIPT, BIDI, "🦆", "W" * 10_000)).replace('"', '\\"')
    message = f'[{{\\"purchase_no\\":\\"CG1\\",\\"error\\":\\"{words}\\\\u0000\\"}}]'.replace('\\\\"', "'")
    body = f'{{"status":0,"data":{{"code":1,"error_count":1,"message":"{message}"}}}}'
    with server(answering(body)) as erp:
        settings.ERP_ADDRESSES = {"sandbox": erp.address}
        cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"])
        slices.run_account(shop.credentials.get().pk)
    assert IMAGE in ApiCall.objects.last().answer
    assert IMAGE in OrderLine.objects.get(order_no="CG1").message
    html = sign_in(cast.lina).get(cancellation.get_absolute_url()).content.decode()
    assert escape(IMAGE) in html
    assert not runs(html)


def cells(answer):
    """The cells of a CSV or of an XLSX as text, but for those that a spreadsheet program would run."""
    content = answer.getvalue()
    if not content.startswith(b"PK"):
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    with zipfile.ZipFile(io.BytesIO(content)) as workbook:
        inside = "".join(workbook.read(name).decode() for name in workbook.namelist() if name.endswith(".xml"))
    assert not re.search(r"<f[ >/]|<hyperlink|externalLink", inside)
    return re.findall(r"<t[^>]*>([^<]*)</t>", inside)


@pytest.mark.parametrize("kind", TEXTS)
def test_no_export_holds_a_formula(kind, shop, cast, sign_in):
    client, text = sign_in(cast.lina), TEXTS[kind]
    bad = "\n".join([text, f"–{text}", *(f"{trigger}1+1–" for trigger in TRIGGERS if trigger.strip("\r\n\t\0"))])
    form = {"shop": shop.pk, "operation": 0, "reason": "x", "token": uuid.uuid4(), "step": "not_taken"}
    sheet = SimpleUploadedFile("x.xlsx", made.xlsx((_sheet(text), [["采购单号"], ["=–1"], ["CG77"]])))
    exports = [
        client.post(reverse("cancellation-new"), form | {"orders": bad}),
        client.post(reverse("cancellation-new"), form | {"file": sheet}),
        client.get(reverse("template")),
    ]
    for answer in exports:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        found = cells(answer)
        assert found
        assert not [cell for cell in found if cell.startswith(TRIGGERS)]


class Bidirectional(HTMLParser):
    """Finds text from the right to the left that could turn round what stands beside it."""

    ALONE = {
        "label",
        "td",
        "th",
        "dd",
        "li",
        "p",
        "div",
        "blockquote",
        "textarea",
        "option",
        "title",
        "h1",
        "h2",
        "button",
    }
    VOID = {"meta", "link", "input", "br", "use", "img", "hr", "wbr"}

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append([tag, dict(attributes).get("class") or "", []])

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        name, classes, texts = self.open.pop()
        turning = [text for text in texts if RIGHT_TO_LEFT in text]
        isolates = name in ("bdi", "textarea", "option") or "order-no" in classes.split()
        if turning and not isolates:
            if name in self.ALONE and len(texts) == 1:
                return
            self.found.append((name, texts))
        elif self.open and not isolates:
            self.open[-1][2].extend(texts if name not in self.ALONE else [])

    def handle_data(self, text):
        if text.strip() and self.open:
            self.open[-1][2].append(text.strip())


def test_right_to_left_text_turns_only_itself(shop, cast, sign_in):
    world = world_of(RIGHT_TO_LEFT, shop, cast)
    world.text = RIGHT_TO_LEFT
    found = {}
    for address, html in pages(world, cast, sign_in):
        parser = Bidirectional()
        parser.feed(html)
        found |= {(address, str(one)): None for one in parser.found}
    assert not found, "\n".join(f"{address}: {one}" for address, one in found)


def test_no_page_holds_any_mark_that_turns_round_the_direction_of_writing(shop, cast, sign_in):
    text = "".join(DIRECTIONS) + "x"
    world = world_of(text, shop, cast)
    world.text = text
    for address, html in pages(world, cast, sign_in):
        assert not turns_round(html), address
    assert OrderLine.objects.filter(typed=text).exists()  # what is stored is what came
