"""A PostgreSQL cluster of the tests' own: made in a temporary folder, gone afterwards."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port


def programs():
    """The folder with initdb and pg_ctl, of the newest version that is installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if folders:
        return folders[-1]
    if found := shutil.which("initdb"):
        return Path(found).parent
    sys.exit("PostgreSQL is not installed; 'make test' says how to install it.")


def _run(folder, program, *arguments):
    # PostgreSQL refuses to run as root.
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_postgres, programs() / program, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL)


def _options(folder, port, memory="128MB"):
    durability = "-c fsync=off -c full_page_writes=off"
    return f"-p {port} -h 127.0.0.1 -k {folder} {durability} -c shared_buffers={memory}"


@contextmanager
def away():
    """The cluster that this process, or the one that started it, has made is stopped, and started again at the end."""
    folder, _, port = os.environ["WDTADMIN_TEST_CLUSTER"].rpartition(":")
    data = Path(folder) / "data"
    _run(folder, "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
    try:
        yield
    finally:
        _run(folder, "pg_ctl", "-D", data, "-w", "-o", _options(folder, port), "-l", f"{folder}/log", "start")


@contextmanager
def cluster(memory="128MB"):
    """Starts the cluster on a free port of loopback; gives the DATABASE_URL. `memory` is its cache."""
    folder = Path(tempfile.mkdtemp(prefix="wdtadmin-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port = free_port()

    def run(program, *arguments):
        _run(folder, program, *arguments)

    data, options = folder / "data", _options(folder, port, memory)
    os.environ["WDTADMIN_TEST_CLUSTER"] = f"{folder}:{port}"
    try:
        run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
