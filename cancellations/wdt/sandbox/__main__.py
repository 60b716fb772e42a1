"""Starts the stand-in ERP: `python -m cancellations.wdt.sandbox`; SIGTERM or Ctrl-C ends it."""

import argparse
import signal
import sys
from pathlib import Path

from cancellations.wdt.sandbox.api import Settings
from cancellations.wdt.sandbox.server import Sandbox


def sid_of(number: int) -> str:
    return "demo_sid" if number == 1 else f"demo_sid{number}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cancellations.wdt.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--orders", type=int, default=300, help="how many purchase orders are made up")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes up the same orders")
    parser.add_argument("--accounts", type=int, default=1, help="demo_sid, demo_sid2, demo_sid3 …, with one secret")
    parser.add_argument("--state", type=Path, help="a file that keeps the orders over restarts")
    parser.add_argument("--calls-per-minute", type=int, default=60, help="of an account; 0: no limit")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds that each call takes")
    parser.add_argument("--fast", action="store_true", help="answer at once and without limits")
    given = parser.parse_args()
    settings = Settings(0, 0, 0.0) if given.fast else Settings(given.calls_per_minute, latency=given.latency)
    sandbox = Sandbox(
        host=given.host,
        port=given.port,
        orders=given.orders,
        seed=given.seed,
        state=given.state,
        accounts={(sid_of(number), "demo_key"): "demosecret:demosalt" for number in range(1, given.accounts + 1)},
        settings=settings,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sandbox.stop())
    sys.stdout.write(f"stand-in ERP on {sandbox.address}\n")
    sys.stdout.flush()
    sandbox.serve()


if __name__ == "__main__":
    main()
