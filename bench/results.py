"""What a measurement keeps for the summary of `make bench`: JSON lines in the file named by BENCH_RESULTS, if it is."""

import json
import os


def keep(what, **figures):
    if path := os.environ.get("BENCH_RESULTS"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"run": os.environ["BENCH_RUN"], "what": what, **figures}) + "\n")


def kept(path):
    """{(run, what): figures}"""
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {(row.pop("run"), row.pop("what")): row for row in rows}
