"""How fast lists and files are read, beside the least or the usual that anybody could do.

A text beside splitting it and dropping the duplicates, a CSV beside Python's csv module, a workbook beside openpyxl.
Run it with `python -m bench.intake`. Both are measured in turns in one run; the ratio is what counts.
"""

import csv
import functools
import io
import statistics
import time

from cancellations.intake import read_file, read_text

COUNT, ROUNDS, FEWER_ROUNDS = 100_000, 9, 3


def floor(text):
    return dict.fromkeys(text.split())


def clean_text():
    return "\n".join(f"CG2026{number:08}" for number in range(COUNT))


def messy_text():
    """Full-width and invisible characters, quotes, duplicates, pieces to reject, every separator."""
    shapes = ["CG{}", "ＣＧ{}", "\u200bCG{}", "“CG{}”", "CG{}", "采购-{}", "CG#{}", "CG{}", "CG1", "C–{}"]
    separators = ["\n", "，", ", ", "、", "\t", "；", " ", "\r\n"]
    return "".join(
        shapes[number % len(shapes)].format(f"2026{number:08}") + separators[number % len(separators)]
        for number in range(COUNT)
    )


def rows():
    yield "日期", "采购单号", "供应商", "金额"
    for number in range(COUNT):
        yield f"2026-11-{number % 28 + 1:02}", f"CG2026{number:08}", f"供应商{number % 300}", number * 1.25


def csv_file():
    text = io.StringIO()
    csv.writer(text).writerows(rows())
    return text.getvalue().encode("gb18030")


def xlsx_file():
    import openpyxl

    book, content = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in rows():
        sheet.append(row)
    book.save(content)
    return content.getvalue()


def bare_csv(content):
    return list(csv.reader(io.StringIO(content.decode("gb18030"))))


def openpyxl_read_only(content):
    import openpyxl

    [sheet] = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return list(sheet.iter_rows(values_only=True))


def seconds(function, content):
    start = time.perf_counter()
    function(content)
    return time.perf_counter() - start


def compare(name, content, other, ours, rounds=ROUNDS):
    pairs = [(seconds(other, content), seconds(ours, content)) for _ in range(rounds)]
    theirs, our_time = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{name:8}{theirs:10.3f}{our_time:10.3f}{our_time / theirs:8.2f}")


def main():
    print(f"{COUNT:,} numbers, in seconds; median of {ROUNDS}, of workbooks {FEWER_ROUNDS}\n")
    print(f"{'':8}{'other':>10}{'ours':>10}{'ratio':>8}")
    # Both are made before any is read: the floor takes a third less where memory was used and given back before.
    for name, text in (("clean", clean_text()), ("messy", messy_text())):
        compare(name, text, floor, read_text)
    compare("csv", csv_file(), bare_csv, functools.partial(read_file, "orders.csv"))
    compare("xlsx", xlsx_file(), openpyxl_read_only, functools.partial(read_file, "orders.xlsx"), FEWER_ROUNDS)


if __name__ == "__main__":
    main()
