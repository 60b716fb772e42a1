import csv
import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cancellations.models import Event, OrderLine
from cancellations.pages.downloads import TRIGGERS
from tests.people import approved, submitted

pytestmark = pytest.mark.django_db
HISTORY = reverse("history")
CSV, XLSX = reverse("history-csv"), reverse("history-xlsx")


def orders(page):
    return [row.order_no for row in page.context["rows"]]


def text_of(answer):
    return b"".join(answer.streaming_content).decode()


def cells_of(answer):
    return list(csv.reader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))


def test_an_export_holds_the_results_of_ones_own_shops(shop, shop_of_others, cast, browser_of):
    with_time = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"])
    submitted(shop_of_others, cast.heping, ["CG3"])
    answer = browser_of(cast.chenjing).post(f"{CSV}?order_no=CG")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'attachment; filename="purchase-orders_{timezone.localdate()}.csv"' in answer["Content-Disposition"]
    heading, *rows = cells_of(answer)
    assert [row[0] for row in rows] == ["CG1", "CG2"]
    shown = dict(zip(heading, rows[0], strict=True))
    assert (shown["Request number"], shown["Seller account"]) == (with_time.number, shop.name)
    assert (shown["Requester"], shown["Approver"]) == ("李娜", "王强")
    assert shown["Submitted"].endswith("+0800")


def test_an_export_says_whose_orders_they_are_and_what_is_taken_away(shop, cast, browser_of):
    cancellation = submitted(shop, cast.lina, ["CG1", "CG2"])
    kept = {"supplier": "=杭州明达", "warehouse": "上海主仓", "purchaser": "赵敏", "amount": "52356.1"}
    cancellation.lines.filter(position=1).update(**kept)
    heading, *rows = cells_of(browser_of(cast.chenjing).post(CSV))
    second, first = (dict(zip(heading, row, strict=True)) for row in rows)
    shown = ("Supplier", "Warehouse", "Purchaser", "Amount (¥)")
    assert [first[name] for name in shown] == ["'=杭州明达", "上海主仓", "赵敏", "52356.10"]
    assert [second[name] for name in shown] == ["", "", "", ""]
    assert (first["Category"], first["Reason"]) == ("Other", "供应商停产")


def test_times_in_an_export_are_those_of_shanghai(shop, cast, browser_of, clock):
    submitted(shop, cast.lina, ["CG1"])
    assert "2026-11-24 09:00:05+0800" in text_of(browser_of(cast.chenjing).post(CSV))


def test_an_export_of_several_chunks_is_complete_and_in_order(shop, cast, browser_of, monkeypatch):
    monkeypatch.setattr("cancellations.exports.rows.CHUNK", 3)
    for start in (0, 5, 10):
        submitted(shop, cast.lina, [f"CG{number:02}" for number in range(start, start + 5)])
    auditor = browser_of(cast.chenjing)
    for asked in ("", "?sort=oldest", "?order_no=CG", "?outcome=WAITING"):
        seen = [row[0] for row in cells_of(auditor.post(CSV + asked))[1:]]
        assert seen == orders(auditor.get(HISTORY + asked))
        assert len(seen) == 15


def test_export_is_an_event_with_its_filters_and_count(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1", "CG2"])
    answer = browser_of(cast.chenjing).post(f"{CSV}?order_no=CG1&shop={shop.pk}")
    event = Event.objects.get(kind=Event.Kind.EXPORTED)  # before the first byte is read
    assert (event.actor, event.shop) == (cast.chenjing, shop)
    shops = {str(shop.pk): shop.name}
    filters = {"order_no": "CG1", "shop": str(shop.pk)}
    assert event.data == {"format": "csv", "filters": filters, "orders": 1, "shops": shops}
    answer.close()


def test_looking_at_the_address_of_an_export_exports_nothing(shop, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    assert {auditor.get(CSV).status_code, auditor.get(XLSX).status_code} == {405}
    assert auditor.post(f"{CSV}?outcome=WORSE").status_code == 422
    assert not Event.objects.filter(kind=Event.Kind.EXPORTED).exists()


def test_exports_are_limited_by_the_hour(shop, cast, browser_of, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"export": 1}
    auditor = browser_of(cast.chenjing)
    assert auditor.post(CSV).status_code == 200
    answer = auditor.post(XLSX)
    assert answer.status_code == 429
    assert "which is the limit" in answer.content.decode()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(
        alphabet=st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠", "a", '"', ",", "'"]), max_size=6
    )
)
def test_no_cell_of_an_export_is_a_formula(words, shop, cast, browser_of):
    if not OrderLine.objects.exists():
        submitted(shop, cast.lina, ["-CG1"])
    OrderLine.objects.update(message=words)
    cells = [cell for row in cells_of(browser_of(cast.root).post(CSV)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(TRIGGERS)]
    assert "'-CG1" in cells


def test_a_workbook_holds_texts_only(shop, cast, browser_of):
    submitted(shop, cast.lina, ["CG1", "-CG2"], reason="=HYPERLINK(1)")
    OrderLine.objects.update(message="http://example.com/ =1+1")
    answer = browser_of(cast.chenjing).post(XLSX)
    book = zipfile.ZipFile(io.BytesIO(answer.content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK(1)" in sheet
    assert "<f>" not in sheet
    assert "hyperlink " not in sheet
    assert Event.objects.get(kind=Event.Kind.EXPORTED).data["format"] == "xlsx"
