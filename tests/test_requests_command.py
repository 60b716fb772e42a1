"""`manage.py requests`: the verbs of the pages for scripts, in the name of somebody who may use them."""

import io
import json
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from cancellations.management.commands import requests as command
from cancellations.models import CancellationRequest, Event
from cancellations.workflow import manager
from tests import made_machines
from tests.intake import made_files
from tests.made_calls import call_of
from tests.people import approved, draft_of, submitted
from tests.workflow.test_at_once import at_once

pytestmark = pytest.mark.django_db
KNOWN = "CG20261101{:04}"
LIST = "\n".join(KNOWN.format(number) for number in range(1, 4))


@pytest.fixture(autouse=True)
def english_terminal(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def run(*arguments):
    """(exit code, what it printed, what it complained of), as a script has it."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("requests", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), f"{err.getvalue()}{error}"
    except SystemExit as end:
        return end.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def creating(shop, tmp_path):
    """`creating(content, *options, by=…)`: the arguments with which a request is made of a file with this content."""

    def of(content=LIST, *options, by="lina", name="orders.txt", reason="供应商停产"):
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        about = ("--shop", shop.name, "--operation", "cancel", "--reason", reason)
        return ("create", str(file), "--as", by, *about, *options)

    return of


@pytest.fixture
def create(creating):
    """The same, carried out."""
    return lambda *content, **options: run(*creating(*content, **options))


@pytest.fixture
def time_stands(monkeypatch):
    """`time_stands(*steps)`: instead of a pause of `wait` the next step is taken."""

    def with_steps(*steps):
        left = list(steps)
        monkeypatch.setattr(command.time, "sleep", lambda seconds: left.pop(0)())

    return with_steps


def ended_with(cancellation, **fields):
    """The request has ended, and its orders are as `fields` say."""
    line = {"sent_in": call_of(cancellation), "settle_at": None} | fields
    cancellation.lines.update(**line)
    CancellationRequest.objects.filter(pk=cancellation.pk).update(status="FINISHED", ended_at=timezone.now())


def test_a_list_becomes_a_draft_as_on_the_pages(create, cast):
    code, printed, complaints = create()
    draft = CancellationRequest.objects.get()
    assert (code, printed, complaints) == (0, f"{draft.number}\n", "")
    assert (draft.status, draft.requester, draft.reason) == ("DRAFT", cast.lina, "供应商停产")
    assert list(draft.lines.values_list("order_no", flat=True)) == LIST.split()
    assert draft.lookups.count() == 1
    assert draft.events.get().data["file"] == "orders.txt"


def test_every_event_says_that_it_was_done_on_the_server(create, shop, cast):
    create(LIST, "--submit")
    assert list(Event.objects.values_list("kind", "actor_name", "data__via")) == [
        ("drafted", "李娜", "server"),
        ("submitted", "李娜", "server"),
    ]
    draft_of(shop, cast.lina)
    assert "via" not in Event.objects.last().data


def test_a_workbook_and_standard_input_are_read(create, shop, cast, monkeypatch):
    workbook = made_files.xlsx(("明细", [["采购单号", "数量"], [KNOWN.format(1), 5], [KNOWN.format(2), 6]]))
    assert create(workbook, name="采购.xlsx")[0] == 0
    monkeypatch.setattr(command.sys, "stdin", SimpleNamespace(buffer=io.BytesIO(LIST.encode("gbk"))))
    about = ("--shop", shop.sid, "--operation", "stop-waiting", "--reason-kind", "price")
    assert run("create", "-", "--as", "lina", *about)[0] == 0
    requests = CancellationRequest.objects.order_by("pk")
    assert list(requests.values_list("line_count", "operation", "reason_kind")) == [(2, 0, "other"), (3, 1, "price")]


def test_nothing_is_made_of_a_list_in_doubt(create):
    code, printed, complaints = create(f"{LIST}\ncg202611010007\nCG\x002\n谢谢")
    assert (code, printed) == (4, "")
    assert "4\tcg202611010007\tUpper and lower case differ from the other order numbers\n" in complaints
    assert "A5\tCG 2\tcontains “□” (U+0000), which order numbers cannot have\n" in complaints
    assert "A6\t谢谢\tText without a digit\n" in complaints
    assert "Nothing was made" in complaints
    assert not CancellationRequest.objects.exists()


def test_what_is_in_doubt_is_taken_if_the_script_says_so(create):
    code, _printed, complaints = create(f"{LIST}\ncg202611010007\n---", "--take-doubtful")
    assert code == 0
    assert [line.split("\t")[1] for line in complaints.splitlines()] == ["---", "cg202611010007"]
    draft = CancellationRequest.objects.get()
    assert list(draft.lines.values_list("order_no", flat=True)) == [*LIST.split(), "CG202611010007"]
    assert draft.events.get().data["taken_in_doubt"] == 1


def test_hidden_rows_and_further_sheets_are_not_left_out_unseen(create):
    rows = [["采购单号"], *([order_no] for order_no in LIST.split())]
    code, _printed, complaints = create(made_files.filtered_xlsx(rows, {3}), name="筛选.xlsx")
    assert code == 4
    assert "hidden row" in complaints
    months = [("1月", [["采购单号"], [KNOWN.format(1)]]), ("2月", [["采购单号"], [KNOWN.format(2)]])]
    code, _printed, complaints = create(made_files.xlsx(*months), name="按月.xlsx")
    assert code == 4
    assert "2月!A\t采购单号\ta column with 1 order number\n" in complaints


def test_a_heading_and_a_repeated_number_are_no_doubt(create):
    assert create(f"采购单号\n{LIST}\n{KNOWN.format(1)}\n")[0] == 0
    assert CancellationRequest.objects.get().line_count == 3


def test_orders_open_elsewhere_are_named_and_nothing_is_made(create, shop, cast):
    other = submitted(shop, cast.sunyue, [KNOWN.format(2)])
    code, _printed, complaints = create()
    assert code == 4
    assert f"{KNOWN.format(2)} ({other.number})" in complaints
    assert CancellationRequest.objects.get() == other


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"by": "wangqiang"}, "You do not have permission to do this."),
        ({"by": "heping"}, "This seller account does not exist, or you have no access to it."),
        ({"by": "gone"}, "There is no active person or machine with the username “gone”."),
        ({"reason": ""}, "Enter a reason."),
        ({"content": ""}, "The file is empty."),
        ({"content": b"%PDF-1.7"}, "it is a PDF"),
        ({"content": LIST, "name": "orders.exe"}, "This file type is not supported."),
        ({"reason": "a\x00b"}, "An argument is not valid UTF-8, or holds a NUL character."),
    ],
)
def test_what_the_pages_refuse_is_refused(create, cast, options, complaint):
    code, printed, complaints = create(**options)
    assert (code, printed) == (4, "")
    assert complaint in complaints
    assert not CancellationRequest.objects.exists()


def test_a_huge_file_is_refused_before_it_is_read(create, cast, settings):
    settings.UPLOAD_MAX_MB = 1
    code, _printed, complaints = create(b"CG1\n" * 500_000)
    assert (code, complaints) == (4, "Or choose a file: The file is larger than 1 MB.")


def test_a_file_that_is_not_there_is_said_to_be_missing(shop, cast):
    about = ("--shop", shop.name, "--operation", "cancel", "--reason", "x")
    code, _printed, complaints = run("create", "/nowhere/list.txt", "--as", "lina", *about)
    assert (code, complaints) == (4, "/nowhere/list.txt cannot be read: No such file or directory.")


def test_checked_orders_are_included_by_cancelling_only(create, shop):
    code, _printed, complaints = create(LIST, "--operation", "stop-waiting", "--include-checked")
    assert (code, "Only “Cancel” can include checked orders." in complaints) == (4, True)
    assert create(LIST, "--include-checked")[0] == 0
    assert CancellationRequest.objects.get().allow_checked


def test_an_external_id_finds_what_is_there(create):
    first = create(LIST, "--external-id", "4500017", "--submit")
    again = create(LIST, "--external-id", "4500017", "--submit")
    assert first == again
    assert again[0] == 0
    assert CancellationRequest.objects.get().external_id == "4500017"
    assert list(Event.objects.values_list("kind", flat=True)) == ["drafted", "submitted"]


@pytest.mark.parametrize("other", [{"content": LIST + "\n" + KNOWN.format(9)}, {"reason": "价格"}])
def test_an_external_id_is_not_given_to_something_else(create, other):
    create(LIST, "--external-id", "4500017")
    number = CancellationRequest.objects.get().number
    content = other.pop("content", LIST)
    code, printed, complaints = create(content, "--external-id", "4500017", **other)
    assert (code, printed) == (4, "")
    assert complaints == f"{number} has this external ID and holds something else. Nothing was made."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("submit", [(), ("--submit",)])
def test_one_external_id_makes_one_request_of_many_at_once(creating, submit):
    arguments = creating(LIST, "--external-id", "4500017", *submit)
    answers = at_once(lambda _: run(*arguments), range(4))
    cancellation = CancellationRequest.objects.get()
    assert set(answers) == {(0, f"{cancellation.number}\n", "")}
    assert cancellation.lines.count() == 3
    assert cancellation.events.filter(kind="drafted").count() == 1


def test_a_machine_asks_and_one_that_only_reads_does_not(create, shop, cast):
    asking = made_machines.machine(shop, responsible=cast.zhaolei).person
    reading = made_machines.machine(shop, responsible=cast.zhaolei, name="BI-01", may_request=False).person
    assert create(by=asking.username)[0] == 0
    assert CancellationRequest.objects.get().requester == asking
    assert create(by=reading.username)[0] == 4
    assert run("list", "--as", reading.username)[0] == 0


def test_submitting_withdrawing_and_stopping_are_the_verbs_of_the_pages(shop, cast):
    first, second = draft_of(shop, cast.lina), approved(shop, cast.lina, cast.wangqiang, ["CG8"])
    assert run("submit", first.number, "--as", "lina")[:2] == (0, f"{first.number}\tAwaiting approval\n")
    assert run("withdraw", first.number, "--as", "sunyue")[0] == 4
    assert run("withdraw", first.number, "--as", "lina")[:2] == (0, f"{first.number}\tWithdrawn\n")
    assert run("stop", second.number, "--as", "lina", "--note", " ")[0] == 4
    assert run("stop", second.number, "--as", "lina", "--note", "已到货")[:2] == (0, f"{second.number}\tStopped\n")
    assert second.events.get(kind="stopped").note == "已到货"
    assert run("stop", second.number, "--as", "lina", "--note", "x")[0] == 4


@pytest.mark.parametrize("verb", ["approve", "reject", "extend", "resume", "decide_by_hand", "handle"])
def test_nobody_decides_here(shop, cast, verb):
    cancellation = submitted(shop, cast.lina)
    assert run(verb, cancellation.number, "--as", "wangqiang")[0] != 0
    cancellation.refresh_from_db()
    assert cancellation.status == "SUBMITTED"


@pytest.mark.parametrize("arguments", [["approve", "CR1"], ["list"], ["wait", "CR1", "--as", "lina", "--timeout", "x"]])
def test_what_cannot_be_parsed_ends_with_4(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        command.Command().run_from_argv(["manage.py", "requests", *arguments])
    assert end.value.code == 4
    assert "Error: " in capsys.readouterr().err


def test_a_list_holds_what_the_person_may_read(shop, shop_of_others, cast):
    own, hidden = draft_of(shop, cast.lina), draft_of(shop, cast.sunyue)
    theirs, seen = submitted(shop_of_others, cast.heping), submitted(shop, cast.sunyue, ["CG9"])
    _code, printed, _complaints = run("list", "--as", "lina")
    assert [line.split("\t")[0] for line in printed.splitlines()] == ["Request number", seen.number, own.number]
    assert run("show", hidden.number, "--as", "lina")[0] == 4
    assert run("show", theirs.number, "--as", "lina")[0] == 4


def test_a_list_is_narrowed(shop, cast):
    old, new = submitted(shop, cast.lina, ["CG1"]), draft_of(shop, cast.lina)
    CancellationRequest.objects.filter(pk=old.pk).update(created_at="2026-01-02T00:00+08:00")

    def listed(*options):
        return [one["number"] for one in json.loads(run("list", "--json", "--as", "lina", *options)[1])]

    assert listed() == [new.number, old.number]
    assert listed("--status", "draft") == [new.number]
    assert listed("--status", "draft", "--status", "submitted", "--shop", shop.sid) == [new.number, old.number]
    assert listed("--since", "2026-01-02") == [new.number, old.number]
    assert listed("--since", "2026-01-03") == [new.number]
    assert run("list", "--as", "lina", "--shop", "?")[0] == 4
    assert run("list", "--as", "lina", "--since", "0001-01-01")[0] != 0


def test_a_request_is_shown_with_what_the_erp_said(shop, cast):
    cancellation = approved(shop, cast.lina, cast.wangqiang, ["CG1", "CG2"])
    ended_with(cancellation, outcome="REFUSED", known_by="reported", message="状态\x1b[31m不正确\n", amount="12.5")
    shown = json.loads(run("show", cancellation.number, "--as", "chenjing", "--json")[1])
    assert (shown["status"], shown["counts"]["refused"], shown["amounts"]["done"]) == ("finished", 2, "0.00")
    assert shown["orders"][0]["message"] == "状态\x1b[31m不正确\n"
    assert shown["orders"][0]["amount"] == "12.50"
    assert shown["created_at"].endswith("+00:00")
    text = run("show", cancellation.number, "--as", "chenjing")[1]
    assert "CG1\tRefused\treported by the ERP\t¥12.50\t状态 [31m不正确 \t\n" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"outcome": "DONE", "known_by": "verified"}, 0),
        ({"outcome": "REFUSED", "known_by": "reported"}, 1),
        ({"outcome": "SKIPPED", "sent_in": None}, 1),
        ({"outcome": "UNKNOWN", "why": "no_answer"}, 2),
        ({"outcome": "REFUSED", "known_by": "verified", "why": "contradicted"}, 2),
    ],
)
def test_waiting_ends_with_what_became_of_the_orders(shop, cast, fields, code):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    ended_with(cancellation, **fields)
    assert run("wait", cancellation.number, "--as", "lina")[0] == code


def test_waiting_goes_on_until_the_last_order_is_verified(shop, cast, time_stands):
    cancellation = submitted(shop, cast.lina)
    looks = []
    time_stands(
        lambda: manager.approve(cancellation, by=cast.wangqiang, seen_hash=cancellation.content_hash),
        lambda: ended_with(cancellation, outcome="DONE", known_by="reported", settle_at=timezone.now()),
        lambda: looks.append(cancellation.lines.update(known_by="verified", settle_at=None)),
    )
    assert run("wait", cancellation.number, "--as", "lina") == (0, f"{cancellation.number}\tFinished\tDone 3\n", "")
    assert looks == [3]


@pytest.mark.django_db(transaction=True)
def test_waiting_outlives_a_database_that_is_away(shop, cast, time_stands, monkeypatch):
    cancellation = approved(shop, cast.lina, cast.wangqiang)
    ended_with(cancellation, outcome="DONE", known_by="verified")
    find, away = command.find, [OperationalError("gone")]

    def find_later(*arguments):
        if away:
            raise away.pop()
        return find(*arguments)

    monkeypatch.setattr(command, "find", find_later)
    time_stands(lambda: None)
    assert run("wait", cancellation.number, "--as", "lina")[0] == 0
    assert not away


def test_waiting_ends_when_its_time_is_over(shop, cast):
    cancellation = submitted(shop, cast.lina)
    code, printed, complaints = run("wait", cancellation.number, "--as", "lina", "--timeout", "0")
    assert (code, printed, complaints) == (3, "", "The time is over; the request goes on.\n")


def test_who_loses_the_account_waits_no_longer(shop, cast, time_stands):
    cancellation = submitted(shop, cast.lina)
    time_stands(lambda: shop.members.remove(cast.lina))
    assert run("wait", cancellation.number, "--as", "lina")[0] == 4


def test_it_speaks_the_language_of_the_terminal_or_the_one_asked_for(shop, cast, monkeypatch):
    number = draft_of(shop, cast.lina).number
    assert "\t草稿\t" in run("list", "--as", "lina", "--language", "zh-hans")[1]
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LC_MESSAGES", "")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert run("withdraw", number, "--as", "lina")[1] == f"{number}\t已撤回\n"
