import os
import sys
import threading
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancellations.intake import FileRefused, Refusal, child, read_file
from tests.intake import made_files as made
from tests.intake.binary_workbooks import xlsb


def refusal(name, content):
    with pytest.raises(FileRefused) as refused:
        read_file(name, content)
    return refused.value.reason, refused.value.detail


HOSTILE = [
    (made.far_corners, Refusal.TOO_BIG_INSIDE),
    (made.bomb, Refusal.TOO_BIG_INSIDE),
    (made.lying_bomb, Refusal.TOO_BIG_INSIDE),
    (lambda: made.lying_bomb(megabytes=1), Refusal.BROKEN),
    (made.many_entries, Refusal.TOO_BIG_INSIDE),
    (made.many_big_cells, Refusal.TOO_BIG_INSIDE),
    (made.billion_laughs, Refusal.BROKEN),
]


@pytest.mark.slow
@pytest.mark.parametrize(("make", "reason"), HOSTILE, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_bomb_is_refused_in_time_and_the_next_file_is_read(make, reason):
    content = make()
    start, pid = time.monotonic(), os.getpid()
    assert refusal("orders.xlsx", content) == (reason, "")
    assert time.monotonic() - start < 12
    assert read_file("orders.xlsx", made.xlsx(("S", [["CG1"]]))).intake.numbers == ["CG1"]
    assert os.getpid() == pid


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.xlsx", made.encrypted_xlsx),
        ("a.xlsb", made.encrypted_xlsx),
        ("a.xls", made.encrypted_xls),
        ("a.ods", made.encrypted_ods),
    ],
)
def test_a_workbook_with_a_password_is_said_to_have_one(name, make):
    assert refusal(name, make()) == (Refusal.ENCRYPTED, "")


WORKBOOK = made.xlsx(("S", [["采购单号"], *([f"CG{number}"] for number in range(500))]))


@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
def test_half_a_workbook_is_broken(part):
    assert refusal("a.xlsx", WORKBOOK[: int(len(WORKBOOK) * part)]) == (Refusal.BROKEN, "")


def test_half_an_old_workbook_is_broken():
    content = made.xls([["采购单号"], *([f"CG{number}"] for number in range(2000))])
    assert refusal("a.xls", content[: len(content) // 2])[0] in (Refusal.BROKEN, Refusal.NOT_A_TABLE)


@pytest.mark.parametrize("name", ["a.csv", "a.TXT", "a.xlsx", "a.XLSM", "a.xlsb", "a.xls", "a.ods"])
@pytest.mark.parametrize("content", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe \x00"])
def test_nothing_is_called_empty(name, content):
    assert refusal(name, content) == (Refusal.EMPTY, "")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", made.xlsx(("S", []))),
        ("a.xlsb", xlsb(("S", []))),
        ("a.ods", made.ods([])),
        ("a.xls", made.xls([])),
        ("a.csv", b",,,\r\n,,,\r\n"),
    ],
)
def test_a_table_without_a_cell_has_no_content(name, content):
    assert refusal(name, content) == (Refusal.NO_CONTENT, "")


XLS, ODS = made.xls([["CG1"]]), made.ods([["CG1"]])


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsb", "a.xls", "a.ods", "a.csv", "a.txt"])
@pytest.mark.parametrize(
    "content",
    [
        "采购单号\nCG1".encode(),
        "采购单号\nCG1".encode("gb18030"),
        "采购单号\nCG1".encode("utf-16-le"),
        "<html><table><tr><td>采购单号<tr><td>CG1</table>".encode(),
        "\ufeff<!DOCTYPE html><table><tr><td>采购单号</td></tr><tr><td>CG1</td></tr></table>".encode(),
        made.xml_spreadsheet([["采购单号"], ["CG1"]]),
        made.xlsx(("S", [["采购单号"], ["CG1"]])),
        xlsb(("S", [["采购单号"], ["CG1"]])),
        made.xls([["采购单号"], ["CG1"]]),
        made.ods([["采购单号"], ["CG1"]]),
    ],
    ids=["utf-8", "gb18030", "utf-16 without mark", "page", "page with a mark", "xml", "xlsx", "xlsb", "xls", "ods"],
)
def test_a_file_is_read_by_what_it_is_whatever_its_name(name, content):
    assert read_file(name, content).intake.numbers == ["CG1"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", made.encrypted_xlsx(), (Refusal.ENCRYPTED, "")),
        ("a.xlsx", made.archive({"a.csv": "CG1"}), (Refusal.NOT_A_TABLE, "zip")),
        ("a.xlsx", made.archive({"[Content_Types].xml": "", "word/document.xml": ""}), (Refusal.NOT_A_TABLE, "zip")),
        ("a.xls", b"<html><p>CG1", (Refusal.NOT_A_TABLE, "html")),
        ("a.xls", b"<?xml version='1.0'?><a>CG1</a>", (Refusal.NOT_A_TABLE, "xml")),
        ("a.xls", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'CG1'>]><a>&b;</a>", (Refusal.BROKEN, "")),
        (
            "a.xls",
            "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a [<!ENTITY b 'CG1'>]><a>&b;</a>".encode("utf-16"),
            (Refusal.BROKEN, ""),
        ),
    ],
)
def test_what_holds_no_table_is_told_what_it_is(name, content, reason):
    assert refusal(name, content) == reason


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.xls"])
@pytest.mark.parametrize(
    ("content", "really"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image"),
        (b"GIF89a\x01\x00", "image"),
        (bytes(range(1, 32)) * 9, "binary"),
        (b"\x01\x02\x03\x04CG1", "binary"),
        (made.OLE + bytes(600), "binary"),
        (b"\x7fELF" + bytes(range(256)), "binary"),
    ],
)
def test_what_no_table_can_be_is_none(name, content, really):
    assert refusal(name, content) == (Refusal.NOT_A_TABLE, really)


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.xlsx.exe", "a", "", ".xlsx.", "a.xlsb.zip", "csv"])
def test_other_extensions_are_refused(name):
    assert refusal(name, b"CG1") == (Refusal.WRONG_KIND, "")


def test_too_many_rows_are_refused():
    assert refusal("a.csv", b"CG1,1\n" * 200_001) == (Refusal.TOO_MANY_ROWS, "")
    assert read_file("a.csv", b"CG1,1\n" * 200_000).intake.read == 200_000


@pytest.mark.slow
def test_too_many_rows_of_a_workbook_are_refused():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="200001"><c r="A200001"><v>1</v></c></row>'
    assert refusal("a.xlsx", made.bare_xlsx(made.sheet_of(rows))) == (Refusal.TOO_MANY_ROWS, "")


CHILDREN = {
    "raise SystemExit(3)": Refusal.BROKEN,
    "print('rubbish')": Refusal.BROKEN,
    "print('[]')": Refusal.BROKEN,
    "print('{}')": Refusal.BROKEN,
    'print(\'{"refusal": "unheard of", "detail": 1}\')': Refusal.BROKEN,
    "import os; os.abort()": Refusal.TOO_BIG_INSIDE,
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": Refusal.BROKEN,
    "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)": Refusal.TOO_SLOW,
    "import time; time.sleep(60)": Refusal.TOO_SLOW,
}


@pytest.mark.parametrize("program", CHILDREN)
def test_whatever_the_child_does_is_a_refusal(monkeypatch, program):
    monkeypatch.setattr(child, "_COMMAND", [sys.executable, "-I", "-c", program])
    monkeypatch.setattr(child, "SECONDS", 1)
    assert refusal("a.xlsx", WORKBOOK) == (CHILDREN[program], "")
    with pytest.raises(ChildProcessError):  # none is left behind
        os.waitpid(-1, os.WNOHANG)


def test_the_child_sees_nothing_of_the_environment(monkeypatch, tmp_path):
    seen = tmp_path / "seen"
    program = f"import os; open({str(seen)!r}, 'w').write(' '.join(os.environ))"
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setattr(child, "_COMMAND", [sys.executable, "-I", "-c", program])
    refusal("a.xlsx", WORKBOOK)
    assert set(seen.read_text().split()) <= {"LC_CTYPE"}  # which Python itself sets


def test_of_three_workbooks_at_once_the_third_waits(monkeypatch):
    monkeypatch.setattr(child, "_COMMAND", [sys.executable, "-I", "-c", "import time; time.sleep(1)"])
    monkeypatch.setattr(child, "SECONDS_IN_LINE", 0.1)
    reasons = []
    threads = [threading.Thread(target=lambda: reasons.append(refusal("a.xlsx", WORKBOOK)[0])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reasons) == [Refusal.BROKEN, Refusal.BROKEN, Refusal.BUSY]


@given(st.sampled_from(["a.csv", "a.txt"]), st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-16"))))
def test_arbitrary_bytes_are_read_or_refused(name, content):
    with suppress(FileRefused):
        read_file(name, content)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(12))
def test_a_damaged_workbook_is_read_or_refused(number):
    content = bytearray(WORKBOOK)
    for place in range(number * 7, len(content), 997):
        content[place] ^= 1 << number % 8
    with suppress(FileRefused):
        read_file("a.xlsx", bytes(content))
