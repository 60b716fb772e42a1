"""How fast a pasted list is read, beside the least that anybody could do: split it and drop the duplicates.

Run it with `python -m bench.intake`. Both are measured in turns in one run; the ratio is what counts.
"""

import statistics
import time

from cancellations.intake import read_text

COUNT, ROUNDS = 100_000, 9


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


def seconds(function, text):
    start = time.perf_counter()
    function(text)
    return time.perf_counter() - start


def main():
    print(f"{COUNT:,} numbers, median of {ROUNDS}, in seconds\n")
    print(f"{'text':8}{'floor':>10}{'read_text':>12}{'ratio':>8}")
    for name, text in (("clean", clean_text()), ("messy", messy_text())):
        pairs = [(seconds(floor, text), seconds(read_text, text)) for _ in range(ROUNDS)]
        least, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{name:8}{least:10.3f}{ours:12.3f}{ours / least:8.1f}")


if __name__ == "__main__":
    main()
