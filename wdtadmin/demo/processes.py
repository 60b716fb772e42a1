"""The demo's processes: started together, ended together; the worker is started again when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time

from wdtadmin.variables import BASE_DIR

LOOKED_AT_EVERY = 1.0  # seconds; of the code's files, where it is reloaded


def free_port(wanted: int) -> int:
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


class Processes:
    """Starts the processes, restarts the worker if it ends, and stops all of them together.

    With `reloads` the worker is also ended, after its call in flight, when the code has changed; `runserver` sees that
    by itself.
    """

    def __init__(self, commands, environment, folder, *, reloads=False):
        self.commands = commands
        self.environment = environment
        self.folder = folder
        self.reloads = reloads
        self.running = {}
        self.ending = False

    def run(self, web_port: int, *, welcome: str) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        try:
            for name in self.commands:
                self._start(name)
            self._wait_for(web_port)
            if not self.ending:
                _say(welcome)
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
                cwd=BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone: we end them in order
            )

    def _wait_for(self, web_port):
        """Until the web server answers, or somebody ends the demo."""
        for _ in range(150):
            if self.running["web"].poll() is not None:
                raise SystemExit(f"The web server did not start; see {self._log('web')}.")
            with socket.socket() as probe:
                if self.ending or probe.connect_ex(("127.0.0.1", web_port)) == 0:
                    return
            time.sleep(0.2)
        raise SystemExit(f"The web server does not answer; see {self._log('web')}.")

    def _watch(self):
        code = Code() if self.reloads else None
        while not self.ending:
            for name, process in self.running.items():
                if process.poll() is None:
                    continue
                if name != "worker":
                    raise SystemExit(f"The process '{name}' has ended; see {self._log(name)}.")
                _say("The worker has ended; starting another one.")
                time.sleep(1)
                self._start("worker")
            if code and code.has_changed():
                self.running["worker"].terminate()
            time.sleep(0.3)

    def _stop_all(self):
        _say("\nStopping …")
        for name in ("web", "worker", "erp", "chats"):
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(35)
            except subprocess.TimeoutExpired:
                process.kill()
        _say("Stopped. The next start goes on with the same data.")


class Code:
    """The application's Python files, by when they were changed."""

    def __init__(self):
        self.looked_at, self.seen = time.monotonic(), self._changes()

    def has_changed(self) -> bool:
        """Whether they have changed since this was last true; looks at them now and then."""
        if time.monotonic() < self.looked_at + LOOKED_AT_EVERY:
            return False
        before, self.seen, self.looked_at = self.seen, self._changes(), time.monotonic()
        return self.seen != before

    @staticmethod
    def _changes():
        folders = (BASE_DIR / "cancellations", BASE_DIR / "wdtadmin")
        return {file: file.stat().st_mtime_ns for folder in folders for file in folder.rglob("*.py")}


def _say(text):
    """Prints it, if there is still anybody to read it: the terminal may be closed while the processes still run."""
    try:
        print(text, flush=True)  # noqa: T201 - a command that speaks to whoever started it
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - else Python complains at exit
