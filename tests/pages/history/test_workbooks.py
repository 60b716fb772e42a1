import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from cancellations import sending, tasks
from cancellations.exports import making, queue
from cancellations.exports import verbs as exports
from cancellations.models import Event, Export
from cancellations.pages.history import export as history_export
from cancellations.sending import heartbeat
from tests.people import submitted

pytestmark = pytest.mark.django_db
HISTORY, XLSX, EXPORTS = reverse("history"), reverse("history-xlsx"), reverse("export-list")
PART = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _more_than_two_orders_are_made_in_the_background(monkeypatch):
    monkeypatch.setattr(history_export, "MAX_ROWS_OF_A_WORKBOOK", 2)


@pytest.fixture
def three(shop, cast):
    return submitted(shop, cast.lina, ["CG1", "CG2", "-CG3"])


@pytest.fixture
def make():
    """`make()` makes the export that waits, as its task does."""

    def made():
        waiting = Export.objects.get(state="waiting")
        making.make(queue.begin(waiting.pk, waiting.task_id))
        return Export.objects.get(pk=waiting.pk)

    return made


def file_of(export):
    return reverse("export-file", args=[export.pk])


def content_of(answer):
    return b"".join(answer.streaming_content)


def text_of(answer):
    return answer.content.decode()


def test_a_long_workbook_is_asked_for_made_and_downloaded(three, cast, browser_of, make):
    auditor = browser_of(cast.chenjing)
    assert auditor.post(f"{XLSX}?order_no=CG").status_code == 200  # two orders: at once
    answer = auditor.post(XLSX)
    assert (answer.status_code, answer["Location"]) == (302, EXPORTS)
    page = text_of(auditor.get(EXPORTS))
    assert "Queued" in page
    assert "Starts within seconds." in page
    export = make()
    assert (export.state, export.written, export.orders) == ("ready", 3, 3)
    page = text_of(auditor.get(EXPORTS))
    assert file_of(export) in page
    answer = auditor.get(file_of(export))
    assert f'filename="purchase-orders_{timezone.localdate()}.xlsx"' in answer["Content-Disposition"]
    content = content_of(answer)
    assert len(content) == int(answer["Content-Length"])
    heading, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
    assert heading[0] == "Order number"
    assert [row[0] for row in rows] == ["-CG3", "CG2", "CG1"]
    assert Event.objects.filter(kind=Event.Kind.EXPORTED).count() == 2


def test_the_headings_are_in_the_language_of_whoever_asked(three, cast, browser_of, make):
    browser_of(cast.chenjing, headers={"Accept-Language": "zh-CN"}).post(XLSX)
    content = io.BytesIO(content_of(browser_of(cast.chenjing).get(file_of(make()))))
    sheet = openpyxl.load_workbook(content).active
    assert (sheet.title, sheet["A1"].value) == ("采购单", "采购单号")


def test_an_export_uses_the_rights_at_the_time_it_is_made(three, shop, shop_of_others, cast, browser_of, make):
    submitted(shop_of_others, cast.heping, ["CG4"])
    shop_of_others.members.add(cast.chenjing)
    browser_of(cast.chenjing).post(XLSX)
    shop_of_others.members.remove(cast.chenjing)
    export = make()
    assert (export.orders, export.written, export.shops) == (4, 3, [shop.pk])


@pytest.mark.parametrize("asked", ["", "?shop={}"])
def test_with_no_right_left_it_fails_and_says_so(asked, three, shop, shop_of_others, cast, browser_of, make):
    auditor = browser_of(cast.chenjing)
    auditor.post(XLSX + asked.format(shop.pk))
    shop.members.remove(cast.chenjing)
    if asked:
        shop_of_others.members.add(cast.chenjing)
    assert (make().state, Export.objects.get().why) == ("failed", Export.Why.NOT_READABLE)
    page = text_of(auditor.get(EXPORTS))
    assert "You no longer have access to the orders of this export." in page
    assert ("filters no longer available to you" in page) == bool(asked)


def test_a_file_with_a_shop_that_was_lost_is_not_handed_out(three, shop, shop_of_others, cast, browser_of, make):
    shop_of_others.members.add(cast.chenjing)
    auditor = browser_of(cast.chenjing)
    auditor.post(XLSX)
    export = make()
    shop_of_others.members.remove(cast.chenjing)
    page = text_of(auditor.get(EXPORTS))
    assert "not available" in page
    assert file_of(export) not in page
    answer = auditor.get(file_of(export))
    assert answer.status_code == 403
    assert "no longer have access to" in text_of(answer)


def test_an_export_of_a_kept_shop_can_still_be_downloaded(three, shop, shop_of_others, cast, browser_of, make):
    shop_of_others.members.add(cast.chenjing)
    auditor = browser_of(cast.chenjing)
    auditor.post(f"{XLSX}?shop={shop.pk}")
    export = make()
    shop_of_others.members.remove(cast.chenjing)
    assert auditor.get(file_of(export)).status_code == 200


def test_a_file_is_its_persons_alone(three, cast, browser_of, make):
    browser_of(cast.chenjing).post(XLSX)
    export = make()
    for somebody in (cast.lina, cast.zhaolei, cast.root):
        other = browser_of(somebody)
        assert other.get(file_of(export)).status_code == 404
        assert other.post(reverse("export-delete", args=[export.pk])).status_code == 404
        assert "No exports yet" in text_of(other.get(EXPORTS))
    assert Export.objects.filter(pk=export.pk).exists()


def test_a_second_one_is_refused_while_the_first_is_on_its_way(three, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    auditor.post(XLSX)
    answer = auditor.post(XLSX)
    assert answer.status_code == 422
    assert "You already have an export queued or in progress." in text_of(answer)


def test_too_many_orders_are_refused_and_the_csv_is_named(three, cast, browser_of, monkeypatch):
    monkeypatch.setattr(exports, "MAX_ORDERS", 2)
    answer = browser_of(cast.chenjing).post(XLSX)
    assert answer.status_code == 422
    assert "Export as CSV" in text_of(answer)
    assert not Event.objects.filter(kind=Event.Kind.EXPORTED).exists()


def test_long_workbooks_have_their_share_of_the_hour_too(three, cast, browser_of, settings):
    settings.HEAVY_WORK_PER_HOUR = settings.HEAVY_WORK_PER_HOUR | {"export": 0}
    assert browser_of(cast.chenjing).post(XLSX).status_code == 429


def test_the_page_refreshes_while_an_export_is_on_its_way(three, cast, browser_of, make):
    auditor = browser_of(cast.chenjing)
    auditor.post(XLSX)
    waiting = Export.objects.get()
    export = queue.begin(waiting.pk, waiting.task_id)
    Export.objects.update(written=120_000, orders=300_000)
    part = auditor.get(EXPORTS, headers=PART)
    assert "120,000 of about 300,000 orders" in text_of(part)
    assert "hx-get" in text_of(part)
    assert "<html" not in text_of(part)
    Export.objects.update(written=300_000)
    assert "the file is being finalized" in text_of(auditor.get(EXPORTS))
    tasks.again(export, 1)
    make()
    assert f'hx-get="{EXPORTS}' not in text_of(auditor.get(EXPORTS))


def test_the_page_says_how_many_are_ahead_and_if_nobody_works(three, cast, browser_of):
    browser_of(cast.chenjing).post(XLSX)
    second = browser_of(cast.wangqiang)
    second.post(XLSX)
    page = text_of(second.get(EXPORTS))
    assert "1 export is ahead of it." in page
    assert "No worker is running" in page
    heartbeat.beat("sends", ["default"])
    assert "No worker is running" in text_of(second.get(EXPORTS))
    heartbeat.beat("w", ["exports"])
    assert "No worker is running" not in text_of(second.get(EXPORTS))


def test_what_was_removed_says_so_and_leads_to_the_same_search(three, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    auditor.post(f"{XLSX}?operation=0")
    Export.objects.update(state="expired")
    page = text_of(auditor.get(EXPORTS))
    assert "The file was removed after 24 hours." in page
    assert f'href="{HISTORY}?operation=0"' in page
    assert "Operation: Cancel" in page
    assert auditor.get(file_of(Export.objects.get())).status_code == 409


def test_search_again_is_not_offered_with_lost_filters(three, shop, cast, browser_of):
    auditor = browser_of(cast.chenjing)
    auditor.post(f"{XLSX}?shop={shop.pk}")
    Export.objects.update(state="expired")
    shop.members.remove(cast.chenjing)
    assert "Search again" not in text_of(auditor.get(EXPORTS))


def test_an_export_is_cancelled_or_deleted_by_its_person(three, cast, browser_of, make):
    auditor = browser_of(cast.chenjing)
    for how, said in ((lambda: None, "Export cancelled."), (make, "Export deleted.")):
        auditor.post(XLSX)
        how()
        answer = auditor.post(reverse("export-delete", args=[Export.objects.get().pk]), follow=True)
        assert said in text_of(answer)
        assert not Export.objects.exists()
        assert auditor.get(reverse("export-delete", args=[1])).status_code == 405


def test_the_page_costs_the_same_however_many_there_are(three, cast, browser_of, make, django_assert_num_queries):
    auditor = browser_of(cast.chenjing)
    auditor.get(EXPORTS)
    for _ in range(3):
        auditor.post(XLSX)
        make()
    auditor.get(EXPORTS)  # with what was said of them
    with django_assert_num_queries(3 + 2):  # of any page; the shops, the exports
        auditor.get(EXPORTS)


def test_the_task_of_a_cancelled_export_ends_without_a_word(three, cast, browser_of):
    browser_of(cast.chenjing).post(XLSX)
    Export.objects.all().delete()
    assert run_tasks() == ["SUCCESSFUL"]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (making.FileSizeError("zip64"), Export.Why.TOO_LARGE),
        (OSError(28, "No space left on device"), Export.Why.NO_ROOM),
        (making.FileCreateError(OSError(28, "No space left on device")), Export.Why.NO_ROOM),
    ],
)
def test_an_unwritable_export_fails_at_once_with_advice(error, why, three, cast, browser_of, make, monkeypatch):
    def fail(*_arguments, **_options):
        raise error

    auditor = browser_of(cast.chenjing)
    auditor.post(XLSX)
    monkeypatch.setattr(making.workbook, "write", fail)
    export = make()
    assert (export.state, export.why) == ("failed", why)
    assert str(Export.Why(why).label) in text_of(auditor.get(EXPORTS))


def test_an_error_that_may_pass_is_tried_again(three, cast, browser_of, monkeypatch):
    browser_of(cast.chenjing).post(XLSX)
    with monkeypatch.context() as broken:
        broken.setattr(making, "make", lambda *_, **__: 1 / 0)
        assert run_tasks() == ["FAILED"]
    tasks.retry_exports()
    assert run_tasks() == ["FAILED", "SUCCESSFUL"]
    assert Export.objects.get().state == "ready"


def test_a_worker_that_is_to_end_leaves_the_export_to_another(three, cast, browser_of, monkeypatch):
    browser_of(cast.chenjing).post(XLSX)
    monkeypatch.setattr(sending.stopping, "is_set", lambda: True)
    run_tasks()
    export = Export.objects.get()
    assert (export.state, export.written) == ("waiting", 0)
    monkeypatch.undo()
    run_tasks()
    export.refresh_from_db()
    assert (export.state, export.written) == ("ready", 3)


def run_tasks():
    """Does what waits on the queue now, as a worker does; returns how all tasks ended, the oldest first."""
    options = {"interval": 0, "batch": True, "backend_name": "default", "startup_delay": False, "max_tasks": None}
    worker = Worker(queue_names=[tasks.EXPORTS], worker_id="w", excluded_queue_names=[], **options)
    for waiting in DBTaskResult.objects.ready().filter(queue_name=tasks.EXPORTS):
        waiting.claim("w")
        worker.run_task(waiting)
    return list(
        DBTaskResult.objects.filter(queue_name=tasks.EXPORTS).order_by("enqueued_at").values_list("status", flat=True)
    )
