"""The demo: the stand-in ERP, a worker and the web server in one terminal, with all of its data in one folder.

`python -m wdtadmin.demo` starts it, Ctrl-C stops it. A second run keeps the data; `--reset` starts anew.
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
FIRST_TRY = ("CG202611010001", "CG202611010003", "CG202611010005", "CG202611010002", "CG202611010006", "CG202699990001")


def main():
    parser = argparse.ArgumentParser(prog="python -m wdtadmin.demo", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="throw away what the demo has stored")
    parser.add_argument("--folder", type=Path, default=BASE / "var" / "demo", help="where it stores its data")
    given = parser.parse_args()
    if given.reset:
        shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True, exist_ok=True)
    erp_port, web_port = _free_port(8390), _free_port(8000)
    environment = _environment(given.folder, erp_port, web_port)
    _manage(environment, "migrate", "--verbosity=0")
    people = _manage(environment, "demo_cast")
    _manage(environment, "collectstatic", "--noinput", "--verbosity=0")
    _Processes(environment, given.folder).run(
        {
            "erp": [
                "-m", "cancellations.wdt.sandbox", "--port", str(erp_port), "--orders", "400",
                "--state", str(given.folder / "erp.json"),
            ],
            "worker": ["manage.py", "worker"],
            "web": ["-m", "gunicorn"],
        },
        web_port,
        people,
    )  # fmt: skip


def _free_port(wanted):
    """The wanted port if nobody has it, so that a second run has the same address; else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise SystemExit("There is no free port on loopback.")


def _environment(folder, erp_port, web_port):
    """The demo's settings; nothing of a .env or of the shell's own settings for the application gets in."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "wdtadmin.settings",
        "SECRET_KEY": _kept(folder / "secret_key", lambda: secrets.token_urlsafe(50)),
        "CREDENTIAL_KEYS": _kept(folder / "credential_keys", _new_key),
        "AUDIT_KEYS": _kept(folder / "audit_keys", lambda: secrets.token_urlsafe(32)),
        "AUDIT_ANCHOR_FILE": str(folder.resolve() / "anchors.txt"),
        "AUDIT_ANCHOR_EMAIL": "",
        "KEEP_RAW_DAYS": "0",
        "DATABASE_URL": f"sqlite:///{folder.resolve() / 'wdtadmin.sqlite3'}",
        "ERP_ADDRESSES": f"demo=http://127.0.0.1:{erp_port}/openapi",
        "APPROVAL_HOLD_SECONDS": "10",
        "DEBUG": "false",
        "PLAIN_HTTP": "true",
        "ERP_PRIVATE_NETWORKS": "127.0.0.0/8",
        "BEHIND_TLS_PROXY": "false",
        "TRUSTED_PROXIES": "0",
        "SECOND_FACTOR_FOR": "",
        "OIDC_RP_CLIENT_ID": "",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "CSRF_TRUSTED_ORIGINS": "",
        "BIND": f"127.0.0.1:{web_port}",
        "PYTHONUNBUFFERED": "1",
    }


def _kept(file, make):
    """A secret of the demo: made at the first run, the same ever after."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(make())
    return file.read_text()


def _new_key():
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _manage(environment, *arguments):
    """Runs a management command and returns what it prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=BASE, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"'manage.py {arguments[0]}' failed; what it says stands above.")
    return done.stdout


class _Processes:
    """Starts the processes, restarts the worker if it ends, and stops all of them together."""

    def __init__(self, environment, folder):
        self.environment = environment
        self.folder = folder
        self.commands = {}
        self.running = {}
        self.ending = False

    def run(self, commands, web_port, people):
        self.commands = commands
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        for name in commands:
            self._start(name)
        try:
            _wait_for(web_port, self.running["web"], self._log("web"))
            if not self.ending:
                _say(_welcome(web_port, people))
            self._watch()
        finally:
            self._stop_all()

    def _end(self, *_signal):
        self.ending = True

    def _log(self, name):
        return self.folder / f"{name}.log"

    def _start(self, name):
        with self._log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *self.commands[name]],
                cwd=BASE,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone: we end them in order
            )

    def _watch(self):
        while not self.ending:
            for name, process in self.running.items():
                if process.poll() is None:
                    continue
                if name != "worker":
                    raise SystemExit(f"The process '{name}' has ended; see {self._log(name)}.")
                _say("The worker has ended; starting another one.")
                time.sleep(1)
                self._start("worker")
            time.sleep(0.3)

    def _stop_all(self):
        _say("\nStopping …")
        for name in ("web", "worker", "erp"):
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(35)
            except subprocess.TimeoutExpired:
                process.kill()
        _say("Stopped. 'make demo' goes on with the same data.")


def _wait_for(port, process, log):
    for _ in range(150):
        if process.poll() is not None:
            raise SystemExit(f"The web server did not start; see {log}.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit(f"The web server does not answer; see {log}.")


def _welcome(port, people):
    return f"""
wdtadmin is running:  http://127.0.0.1:{port}/

{people}
What to try first:
    1. Sign in as 'lina', choose 新建申请 (New request) and paste:
       {" ".join(FIRST_TRY[:3])}
       {" ".join(FIRST_TRY[3:])}
       Go on: the draft shows what the ERP will do with each order. Submit it for approval.
       Or bring an Excel or CSV file with a column 采购单号; the page has a template.
    2. Sign in as 'wangqiang' in a private window, open the request and approve it.
    3. Watch the outcomes come in: some orders are cancelled, others are refused in the ERP's own words.
    4. Sign in as 'chenjing' and read the request's history.
    The language can be changed at the bottom of each page.

Ctrl-C stops everything. A second 'make demo' keeps the data, 'make demo RESET=1' starts anew.
"""


def _say(text):
    """Prints it, if there is still anybody to read it: the terminal may be closed while the processes still run."""
    try:
        print(text, flush=True)  # noqa: T201 - a command that speaks to whoever started it
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - else Python complains at exit


if __name__ == "__main__":
    main()
