"""Makes the demo's database, its cast and its history where they are missing, and prints who signs in how.

`python -m wdtadmin.demo.prepare FOLDER`, with the environment of the demo; `python -m wdtadmin.demo` calls it.
"""

import gc
import sys
from pathlib import Path

import django

from wdtadmin.demo import folder as demo_folder


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    gc.disable()  # it lives for seconds, of which looking for garbage would take a fifth
    try:
        demo_folder.claim(folder)
        django.setup()
        from wdtadmin.demo import data

        data.complete(folder)
    except demo_folder.NotTheDemos as refused:
        raise SystemExit(str(refused)) from None
    token = f"    {'machine':17}{'SAP-01':12}its token stands in {folder / demo_folder.MACHINE_FILE}; see /api/v1/docs"
    print(*data.cast.lines(), token, sep="\n")  # noqa: T201 - read by whoever starts the demo


if __name__ == "__main__":
    main()
