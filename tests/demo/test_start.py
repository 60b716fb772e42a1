"""The demo as people start it: real processes, in a folder of its own."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests

from tests import processes

pytestmark = pytest.mark.slow


@contextmanager
def demo(folder, *arguments, ended_by=signal.SIGINT):
    """The demo until it is ended; gives (address, what it said)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wdtadmin.demo", "--folder", str(folder), *arguments],
        cwd=processes.BASE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = ""
        while "Ctrl-C stops everything" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert "INFO" not in said, "the calls of two months scroll by"
        yield re.search(r"http://127\.0\.0\.1:\d+/", said)[0], said
    finally:
        process.stdout.close()  # the terminal may be gone before the demo is
        process.send_signal(ended_by)
        code = process.wait(40)
    assert code == 0
    assert not processes_of(folder)


def signed_in(address, said, name):
    """A session of the person, and the first page."""
    password = re.search(rf"{name}\s+(demo-\S+)", said)[1]
    session = requests.Session()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', session.get(address + "sign-in/", timeout=9).text)[1]
    form = {"csrfmiddlewaretoken": token, "username": name, "password": password}
    return session, session.post(address + "sign-in/", form, timeout=9).text


def key_of(folder):
    return (folder / "credential_keys").read_text()


def processes_of(folder):
    """What still has a file of the demo's folder open, by /proc: nobody of ours may be left behind."""
    found = []
    for descriptor in processes.Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(folder) in str(descriptor.readlink()):
                found.append(descriptor.parts[2])
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One for all tests: making the history takes longer than they do."""
    return tmp_path_factory.mktemp("demo")


def test_the_demo_starts_keeps_its_data_and_stops(folder):
    with demo(folder) as (address, said):
        first_key = key_of(folder)
        for name, page in (
            ("lina", "我的申请"),
            ("wangqiang", "待审批"),
            ("chenjing", "全部申请"),
            ("admin", "卖家账号"),
        ):
            assert page in signed_in(address, said, name)[1]
        session, _page = signed_in(address, said, "chenjing")
        assert "演示奥莱店" in session.get(address + "figures/", timeout=9).text
        assert len(re.findall(r"CG\d{12}", session.get(address + "history/", timeout=9).text)) > 50
    with demo(folder, ended_by=signal.SIGTERM) as (address, said):
        assert key_of(folder) == first_key
        assert "我的申请" in signed_in(address, said, "lina")[1]


def answers(address):
    try:
        return requests.get(address, timeout=9).ok
    except requests.ConnectionError:
        return False


def test_run_reloads_web_server_and_worker_and_ends_as_a_whole(folder):
    (folder / "worker.log").unlink(missing_ok=True)
    with demo(folder, "--develop", ended_by=signal.SIGHUP) as (address, said):
        assert "我的申请" in signed_in(address, said, "lina")[1]
        assert "Using the URLconf defined in" in requests.get(address + "nowhere/", timeout=9).text  # DEBUG is on
        (processes.BASE / "wdtadmin" / "urls.py").touch()
        for log, words in (("web.log", "urls.py changed, reloading"), ("worker.log", "Worker ended")):
            processes.wait_until(lambda log=log, words=words: words in (folder / log).read_text(), words)
        processes.wait_until(lambda: (folder / "worker.log").read_text().count("Worker started") == 2, "it is back")
        processes.wait_until(lambda: answers(address), "the web server is back")
        assert "我的申请" in signed_in(address, said, "lina")[1]
