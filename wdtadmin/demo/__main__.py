"""The demo: the stand-in ERP, a worker and the web server in one terminal, with all of its data in one folder.

`python -m wdtadmin.demo` starts it, Ctrl-C stops it. A second run keeps the data; `--reset` starts anew.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from wdtadmin.demo import folder as demo_folder
from wdtadmin.demo.processes import Processes, free_port
from wdtadmin.variables import BASE_DIR

FIRST_TRY = ("CG202611010001", "CG202611010003", "CG202611010005", "CG202611010002", "CG202611010006", "CG202699990001")
WELCOME_OF_DEVELOPERS = """
wdtadmin is running:  http://127.0.0.1:{web_port}/

{people}
The code is reloaded when it changes. Ctrl-C stops everything.
"""
WELCOME = f"""
wdtadmin is running:  http://127.0.0.1:{{web_port}}/

{{people}}
What to try first:
    1. Sign in as 'lina', choose 新建申请 (New request) and paste:
       {" ".join(FIRST_TRY[:3])}
       {" ".join(FIRST_TRY[3:])}
       Go on: the draft shows what the ERP will do with each order. Submit it for approval.
       Or bring an Excel or CSV file with a column 采购单号; the page has a template.
    2. Sign in as 'wangqiang' in a private window, open the request and approve it.
    3. Watch the outcomes come in: some orders are cancelled, others are refused in the ERP's own words.
    4. Look what the robots said in the groups of three chats: http://127.0.0.1:{{chats_port}}/
    5. Sign in as 'chenjing' and read the request's history, and that of the two months before.
    The language can be changed at the bottom of each page.

Ctrl-C stops everything. A second 'make demo' keeps the data, 'make demo RESET=1' starts anew.
"""


def main() -> None:
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="python -m wdtadmin.demo", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="throw away what the demo has stored")
    parser.add_argument("--folder", type=Path, default=BASE_DIR / "var" / "demo", help="where it stores its data")
    parser.add_argument("--develop", action="store_true", help="with DEBUG, and reloaded when the code changes")
    given = parser.parse_args()
    folder = given.folder.resolve()
    try:
        demo_folder.check(folder)
    except demo_folder.NotTheDemos as refused:
        raise SystemExit(str(refused)) from None
    if given.reset:
        demo_folder.empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    erp_port, chats_port, web_port = free_port(8390), free_port(8391), free_port(8000)
    environment = demo_folder.environment(folder, erp_port, web_port, chats_port, debug=given.develop)
    # The database, the people and the history, where they are missing; it says who signs in how.
    command = [sys.executable, "-m", "wdtadmin.demo.prepare", str(folder)]
    quietly = environment | {"LOG_LEVEL": "WARNING"}  # two months of calls would scroll by
    prepared = subprocess.run(command, cwd=BASE_DIR, env=quietly, stdout=subprocess.PIPE, text=True)
    if prepared.returncode:
        raise SystemExit("The data of the demo could not be made; why stands above.")
    commands = {
        "erp": [
            *("-m", "cancellations.wdt.sandbox", "--port", str(erp_port), "--state", str(folder / "erp.json")),
            *("--orders", str(demo_folder.ERP_ORDERS), "--accounts", "3"),
        ],
        "chats": ["-m", "cancellations.robots.stand_in", "--port", str(chats_port)],
        "worker": ["manage.py", "worker"],
        "web": ["manage.py", "runserver", f"127.0.0.1:{web_port}"] if given.develop else ["-m", "gunicorn"],
    }
    processes = Processes(commands, environment, folder, reloads=given.develop)
    welcome = WELCOME_OF_DEVELOPERS if given.develop else WELCOME
    processes.run(web_port, welcome=welcome.format(web_port=web_port, chats_port=chats_port, people=prepared.stdout))


if __name__ == "__main__":
    main()
