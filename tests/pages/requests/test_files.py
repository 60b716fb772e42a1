"""Bringing a file: what a clerk is shown of it, what can be chosen, and what hostile files do to nobody."""

import csv
import io
import os
import re
import time
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cancellations.models import CancellationRequest, Upload
from cancellations.pages.requests.list_forms import NewRequestForm
from tests.intake import binary_workbooks as binary
from tests.intake import made_files as made
from tests.people import draft_of, submitted

pytestmark = pytest.mark.django_db
NEW = reverse("cancellation-new")
ROWS = [["供应商", "采购单号"], ["明达", "CG1"], ["恒丰", "CG2"], ["恒丰", "CG–3"], ["恒丰", 20261101001]]


def brought(name, content):
    return SimpleUploadedFile(name, content)


def filled(shop, **changes):
    basis = {"shop": shop.pk, "operation": 0, "reason": "供应商停产", "token": uuid.uuid4(), "step": "preview"}
    return basis | changes


def hidden(page, name):
    return re.search(rf'name="{name}"\s+value="([^"]*)"', page)[1]


@pytest.fixture
def clerk(shop, cast, browser_of):
    return browser_of(cast.lina)


@pytest.fixture
def previewed(clerk, shop):
    """The page after a workbook with a title sheet was brought."""
    content = made.xlsx(("说明", [["请勿修改"]]), ("明细", ROWS), ("旧", [["单号"], ["OLD1"]]))
    return clerk.post(NEW, filled(shop, file=brought("采购.xlsx", content))).content.decode()


def go_on(shop, page, **changes):
    state = {name: hidden(page, name) for name in ("upload", "sheet", "column", "first_row")}
    return filled(shop, **state) | changes


def test_the_preview_names_the_column_and_rejected_cells(previewed):
    assert "采购.xlsx" in previewed
    page = " ".join(previewed.split())
    assert re.search(r'<option value="1" selected ?> ?明细 \(5 rows\)', page)
    assert re.search(r'<option value="1" selected> ?B “采购单号”: CG1, CG2, CG–3', page)
    assert "明细!B4" in previewed
    assert "U+2013 EN DASH" in previewed
    assert "明细!B5" in previewed
    assert "20261101001" in previewed
    assert "Continue with the 2 recognized numbers" in previewed
    assert not CancellationRequest.objects.exists()


def test_draft_from_a_file_names_it_and_deletes_it(previewed, clerk, shop, cast):
    answer = clerk.post(NEW, go_on(shop, previewed, step="draft"))
    cancellation = CancellationRequest.objects.get()
    assert answer.url == cancellation.get_absolute_url()
    assert list(cancellation.lines.values_list("order_no", "source_line")) == [("CG1", 2), ("CG2", 3)]
    data = cancellation.events.get(kind="drafted").data
    assert (data["file"], data["place"], len(data["sha256"])) == ("采购.xlsx", "明细!B2", 64)
    assert not Upload.objects.exists()
    page = clerk.get(answer.url).content.decode()
    assert "from <bdi>采购.xlsx</bdi> <bdi>明细!B2</bdi>" in page


def test_the_same_form_sent_twice_makes_one_draft(previewed, clerk, shop):
    form = go_on(shop, previewed, step="draft")
    first, second = (clerk.post(NEW, form).url for _ in range(2))
    assert first == second
    assert CancellationRequest.objects.count() == 1


def test_another_sheet_is_read_and_its_column_guessed(previewed, clerk, shop):
    page = clerk.post(
        NEW, go_on(shop, previewed, step="again", other_sheet=2, other_column=1, other_first_row=2)
    ).content.decode()
    assert (hidden(page, "sheet"), hidden(page, "column"), hidden(page, "first_row")) == ("2", "0", "2")
    assert "OLD1" in page


def test_another_column_and_row_are_read_as_they_are_chosen(previewed, clerk, shop):
    page = clerk.post(
        NEW, go_on(shop, previewed, step="again", other_sheet=1, other_column=0, other_first_row=3)
    ).content.decode()
    assert (hidden(page, "column"), hidden(page, "first_row")) == ("0", "3")
    assert "No entry is surely an order number." in page  # 恒丰, three times
    assert "Continue with the ticked numbers" in page


def test_every_column_can_be_read(previewed, clerk, shop):
    page = clerk.post(
        NEW, go_on(shop, previewed, step="again", other_sheet=1, other_column=-1, other_first_row=2)
    ).content.decode()
    assert hidden(page, "column") == "-1"
    assert "Continue with 2 numbers and the ticked ones" in page


def test_what_is_chosen_but_not_looked_at_is_not_drafted(previewed, clerk, shop):
    clerk.post(NEW, go_on(shop, previewed, step="draft", other_sheet=2, other_column=0, other_first_row=1))
    assert list(CancellationRequest.objects.get().lines.values_list("order_no", flat=True)) == ["CG1", "CG2"]


@pytest.mark.parametrize(
    "nonsense", [{"sheet": 99}, {"column": 500}, {"first_row": 10**6}, {"sheet": "x"}, {"column": -9}]
)
def test_a_choice_that_does_not_fit_is_guessed_anew_or_refused(nonsense, previewed, clerk, shop):
    answer = clerk.post(NEW, go_on(shop, previewed) | nonsense)
    assert answer.status_code in (200, 422)


def test_a_column_without_numbers_offers_the_others(clerk, shop):
    answer = clerk.post(NEW, filled(shop, file=brought("x.csv", "采购单号,供应商\n!!!,明达\n".encode())))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "No order numbers were recognized here." in page
    assert 'value="draft"' not in page
    assert "B “供应商”: 明达" in " ".join(page.split())


def test_the_rejected_rows_can_be_taken_along(previewed, clerk, shop):
    answer = clerk.post(NEW, go_on(shop, previewed, step="not_taken"))
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer.headers["Content-Type"].startswith("text/csv")
    heading, *rows = csv.reader(io.StringIO(content))
    assert heading == ["Location", "Value", "Problem"]
    assert [row[:2] for row in rows] == [["明细!B4", "CG–3"], ["明细!B5", "20261101001"]]
    assert "leading zeros" in rows[1][2]


def test_no_rejected_cell_becomes_a_formula(clerk, shop):
    hostile = ["=HYPERLINK(1)", "+1+1", "-2-2", "@SUM(1)", "＝1＋1", "CG1"]
    answer = clerk.post(NEW, filled(shop, orders="\n".join(hostile), step="not_taken"))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))[1:]
    assert len(rows) >= 4
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@＝＋－＠\t\r\0")]


def test_ten_thousand_rejected_rows_stay_readable(clerk, shop):
    rows = "\n".join(f"CG#{number}" for number in range(10_000))
    page = clerk.post(NEW, filled(shop, file=brought("x.txt", f"采购单号\n{rows}\nCG1".encode()))).content.decode()
    assert "Showing the first 200 of 10,000." in page
    assert len(page) < 200_000
    answer = clerk.post(NEW, go_on(shop, page, step="not_taken"))
    assert b"".join(answer.streaming_content).count(b"\n") == 10_001


MIXED = "CG2304260001\nCG2304260002~04\ncg 谢谢\nCG2304260005…\n"


def test_doubtful_numbers_are_drafted_only_if_they_are_ticked(clerk, shop):
    page = clerk.post(NEW, filled(shop, orders=MIXED)).content.decode()
    assert "Continue with 1 number and the ticked ones" in page
    clerk.post(NEW, filled(shop, orders=MIXED, step="draft", take=["CG2304260004", "CG9999999999"]))
    [cancellation] = CancellationRequest.objects.all()
    assert list(cancellation.lines.values_list("order_no", flat=True)) == ["CG2304260001", "CG2304260004"]
    assert cancellation.events.get(kind="drafted").data["taken_in_doubt"] == 1
    assert cancellation.events.get(kind="drafted").data["left_out"] == 3
    assert "doubtful numbers taken: 1" in clerk.get(cancellation.get_absolute_url()).content.decode()


def test_all_of_a_kind_of_doubt_are_taken_by_one_tick(clerk, shop):
    clerk.post(NEW, filled(shop, orders=MIXED, step="draft", take_all=["range", "cut"]))
    taken = CancellationRequest.objects.get().lines.values_list("order_no", flat=True)
    assert list(taken) == ["CG2304260001", "CG2304260002", "CG2304260004", "CG2304260005"]


def test_a_piece_with_more_numbers_than_are_offered_says_so(clerk, shop):
    address = "https://erp/" + "/".join(f"45000{number:05}" for number in range(30))
    page = clerk.post(NEW, filled(shop, orders=address)).content.decode()
    assert page.count('name="take"') == 20
    assert "10 more in this entry" in page


def test_many_doubts_are_looked_through_once(clerk, shop, monkeypatch):
    looked = []
    monkeypatch.setattr(NewRequestForm, "_in_doubt", lambda form, kinds: looked.append(kinds) or [])
    page = clerk.post(NEW, filled(shop, orders=MIXED + "谢谢\n" * 500, take_all=["word"])).content.decode()
    assert page.count('name="take"') > 100
    assert len(looked) == 1


def test_a_list_of_doubts_alone_is_shown_and_makes_no_draft_without_a_tick(clerk, shop):
    page = clerk.post(NEW, filled(shop, orders="谢谢")).content.decode()
    assert "No entry is surely an order number." in page
    answer = clerk.post(NEW, filled(shop, orders="谢谢", step="draft"))
    assert answer.status_code == 422
    assert "No entry is surely an order number." in answer.content.decode()
    assert not CancellationRequest.objects.exists()


FILTERED = [["采购单号"], ["CG1"], ["CG2"], ["CG3"]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("筛选.xlsx", made.filtered_xlsx(FILTERED, {3})),
        ("筛选.xlsb", binary.xlsb(("采购", FILTERED), hidden_rows={3})),
    ],
)
def test_hidden_rows_and_further_sheets_are_read_by_their_buttons(name, content, clerk, shop):
    page = clerk.post(NEW, filled(shop, file=brought(name, content))).content.decode()
    assert "1 order number stands in a row that a filter or a person has hidden." in " ".join(page.split())
    assert re.search(
        r'<th scope="row" class="number">\s*<span class="state tone-warning">hidden</span>\s*3\s*</th>', page
    )
    page = clerk.post(NEW, go_on(shop, page, step="with_hidden")).content.decode()
    clerk.post(NEW, go_on(shop, page, step="draft", hidden=hidden(page, "hidden")))
    [cancellation] = CancellationRequest.objects.all()
    assert cancellation.line_count == 3
    assert cancellation.events.get(kind="drafted").data["hidden_rows"] == 1


def test_set_shapes_decide_what_is_an_order(clerk, shop):
    shop.order_shapes = "CG##########"
    shop.save()
    page = clerk.post(NEW, filled(shop, orders="取消CG2304260001谢谢 PO-88")).content.decode()
    assert "Continue with 1 number and the ticked ones" in page
    assert '<input type="checkbox" name="take" value="PO-88">' in page


def test_changing_the_list_keeps_the_file_and_everything_typed(previewed, clerk, shop):
    page = clerk.post(NEW, go_on(shop, previewed, step="change")).content.decode()
    assert "采购.xlsx" in page
    assert "供应商停产</textarea>" in page
    again = clerk.post(NEW, filled(shop, upload=hidden(page, "upload"))).content.decode()
    assert "Continue with the 2 recognized numbers" in again


def test_a_file_can_be_taken_away_again(previewed, clerk, shop):
    page = clerk.post(NEW, go_on(shop, previewed, step="without_file")).content.decode()
    assert "采购.xlsx" not in page
    assert 'name="orders"' in page
    assert not Upload.objects.exists()


def test_a_file_is_kept_when_another_field_is_wrong(clerk, shop):
    answer = clerk.post(NEW, filled(shop, file=brought("x.csv", b"CG1\nCG2"), reason=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a reason. The approver needs it to decide." in page
    assert "x.csv" in page
    page = clerk.post(NEW, filled(shop, upload=hidden(page, "upload"))).content.decode()
    assert "Continue with 2 orders" in page


def test_a_file_of_somebody_else_is_as_unknown_as_none(previewed, shop, cast, browser_of):
    answer = browser_of(cast.sunyue).post(NEW, go_on(shop, previewed))
    assert answer.status_code == 422
    assert "The file is no longer stored. Choose it again." in answer.content.decode()
    browser_of(cast.sunyue).post(NEW, go_on(shop, previewed, step="without_file"))
    assert Upload.objects.exists()


def test_a_file_beside_pasted_numbers_is_refused(clerk, shop):
    answer = clerk.post(NEW, filled(shop, file=brought("x.csv", b"CG1"), orders="CG2"))
    page = answer.content.decode()
    assert "You pasted numbers and chose a file." in page
    assert "CG2</textarea>" in page


def test_pasted_spreadsheet_columns_are_read_as_a_table(clerk, shop):
    text = "采购单号\t供应商\t金额\nCG1\t明达\t12.50\nCG2\t恒丰\t8\n"
    page = clerk.post(NEW, filled(shop, orders=text)).content.decode()
    assert "Continue with 2 orders" in page
    assert "A “采购单号”: CG1, CG2" in " ".join(page.split())
    state = {name: hidden(page, name) for name in ("sheet", "column", "first_row")}
    clerk.post(NEW, filled(shop, orders=text, step="draft", **state))
    assert list(CancellationRequest.objects.get().lines.values_list("order_no", flat=True)) == ["CG1", "CG2"]


def test_far_too_long_a_paste_gets_a_sentence(clerk, shop):
    page = clerk.post(NEW, filled(shop, orders="CG1 " * 300_001)).content.decode()
    assert "The pasted text is far longer than one request allows." in page


HOSTILE = {
    "empty": ("a.xlsx", lambda: b"", "The file is empty."),
    "a web page without a table": ("a.xls", lambda: b"<html><p>CG1", "it is a web page"),
    "an archive": ("a.xlsx", lambda: made.archive({"x.txt": "CG1"}), "it is an archive or another Office document"),
    "a program": ("a.csv", lambda: os.urandom(2000), "The file is not a readable table"),
    "another kind": ("a.docx", lambda: b"x", "This file type is not supported."),
    "protected": ("a.xlsx", made.encrypted_xlsx, "password-protected"),
    "an old one that is protected": ("a.xls", made.encrypted_xls, "password-protected"),
    "an archive bomb": ("a.xlsx", lambda: made.bomb(100), "The file is too large when unpacked"),
    "a bomb whose headers lie": ("a.xlsx", made.lying_bomb, "too large when unpacked"),
    "only the first and the last cell": ("a.xlsx", made.far_corners, "declares cells that do not exist"),
    "a billion laughs": ("a.xlsx", made.billion_laughs, "The file is damaged"),
    "cut off": ("a.xlsx", lambda: made.xlsx(("S", [["CG1"]]))[:-200], "The file is damaged"),
    "a cut record": ("a.xlsb", lambda: binary.workbook([("S", binary.row(1)[:-1])]), "The file is damaged"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_time_at_its_field(what, clerk, shop):
    name, make, sentence = HOSTILE[what]
    content, process, started = make(), os.getpid(), time.monotonic()
    answer = clerk.post(NEW, filled(shop, file=brought(name, content)))
    page = answer.content.decode()
    assert time.monotonic() - started < 12
    assert answer.status_code == 422
    at_the_field = re.search(r'id="id_file_error">(.*?)</ul>', page, re.DOTALL)[1]
    assert sentence in at_the_field.replace("&#x27;", "'")
    assert not Upload.objects.exists()
    assert os.getpid() == process
    assert clerk.post(NEW, filled(shop, orders="CG1")).status_code == 200


def test_a_file_beyond_the_limit_is_refused_with_the_limit(clerk, shop, settings):
    settings.UPLOAD_MAX_MB = 1
    answer = clerk.post(NEW, filled(shop, file=brought("a.csv", b"CG1\n" * 300_000)))
    assert answer.status_code == 422
    assert "The file is larger than 1 MB." in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_file_many_times_beyond_the_limit_is_not_even_read(clerk, shop, settings):
    settings.UPLOAD_MAX_MB = 1
    assert clerk.post(NEW, filled(shop, file=brought("a.csv", b"x" * 11_000_000))).status_code == 400


def test_the_template_has_a_text_column_and_a_known_heading(clerk, shop):
    answer = clerk.get(reverse("template"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    assert sheet.column_dimensions["A"].number_format == "@" or sheet["A1"].number_format == "@"
    sheet["A2"] = "CG1"
    page = clerk.post(NEW, filled(shop, file=brought("wdtadmin.xlsx", made.saved(book)))).content.decode()
    assert "Continue with 1 order" in page


def test_orders_that_are_open_elsewhere_are_named_and_left_out(clerk, shop, cast):
    other = submitted(shop, cast.sunyue, ["CG1", "CG9"])
    page = clerk.post(NEW, filled(shop, orders="CG1 CG2")).content.decode()
    assert f'href="{other.get_absolute_url()}">{other.number}</a>' in page
    assert "1 order open in another request will be skipped." in page
    assert "Continue with the 1 recognized number" in page
    answer = clerk.post(NEW, filled(shop, orders="CG1 CG2", step="draft"), follow=True)
    mine = CancellationRequest.objects.get(requester=cast.lina)
    assert list(mine.lines.values_list("order_no", flat=True)) == ["CG2"]
    assert "1 order was skipped" in answer.content.decode()


def test_orders_open_for_another_operation_are_no_obstacle(clerk, shop, cast):
    submitted(shop, cast.sunyue, ["CG1"], operation=1)
    page = clerk.post(NEW, filled(shop, orders="CG1 CG2")).content.decode()
    assert "Continue with 2 orders" in page


def test_with_every_order_open_elsewhere_nothing_remains(clerk, shop, cast):
    submitted(shop, cast.sunyue, ["CG1"])
    page = clerk.post(NEW, filled(shop, orders="cg1")).content.decode()
    assert "Nothing is left to request" in page
    assert clerk.post(NEW, filled(shop, orders="CG1", step="draft")).status_code == 422


def done(shop, person, order_nos, outcome="DONE"):
    """A request whose orders were carried out, as far as this page is concerned."""
    from django.utils import timezone

    from cancellations.models import ApiCall

    cancellation = draft_of(shop, person, order_nos)
    call = ApiCall.objects.create(
        credential=shop.credentials.get(), purpose="send", method="x", body="[]", started_at=timezone.now()
    )
    known_by = "reported" if outcome == "DONE" else ""
    cancellation.lines.update(outcome=outcome, known_by=known_by, sent_in=call)
    return cancellation


@pytest.mark.parametrize("outcome", ["DONE", "UNKNOWN"])
def test_orders_done_before_can_be_left_out(outcome, clerk, shop, cast):
    other = done(shop, cast.sunyue, ["CG1"], outcome)
    page = clerk.post(NEW, filled(shop, orders="CG1 CG2")).content.decode()
    assert "Already done, or outcome unknown" in page
    assert other.number in page
    assert "Continue with 2 orders" in page
    clerk.post(NEW, filled(shop, orders="CG1 CG2", step="draft", without_done="on"))
    assert list(CancellationRequest.objects.get(requester=cast.lina).lines.values_list("order_no", flat=True)) == [
        "CG2"
    ]


def test_a_draft_drops_orders_taken_meanwhile_by_one_click(clerk, shop, cast):
    mine = draft_of(shop, cast.lina, ["CG1", "CG2"])
    other = submitted(shop, cast.sunyue, ["CG1"])
    page = clerk.get(mine.get_absolute_url()).content.decode()
    assert other.number in page
    assert "The draft cannot be submitted while it contains them." in page
    clerk.post(reverse("cancellation-drop", args=[mine.number]), {"what": "taken"})
    assert list(mine.lines.values_list("order_no", flat=True)) == ["CG2"]
