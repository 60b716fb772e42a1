"""Starts the stand-in for the robots: `python -m cancellations.robots.stand_in`; SIGTERM or Ctrl-C ends it."""

import argparse
import signal
import sys

from cancellations.robots.stand_in.groups import DEMO
from cancellations.robots.stand_in.server import StandIn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cancellations.robots.stand_in", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--fast", action="store_true", help="take any number of messages a minute")
    given = parser.parse_args()
    stand_in = StandIn(host=given.host, port=given.port, rates=not given.fast)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stand_in.stop())
    lines = [
        f"stand-in robots on {stand_in.address}",
        *(f"{known.url} {known.secret}".strip() for known in DEMO.values()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    stand_in.serve()


if __name__ == "__main__":
    main()
