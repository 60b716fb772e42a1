import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import requests

from tests import processes


@contextmanager
def demo(folder, *arguments, ended_by=signal.SIGINT):
    """The demo until it is ended; gives (address, what it said)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wdtadmin.demo", "--folder", str(folder), *arguments],
        cwd=processes.BASE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        while "Ctrl-C stops everything" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        yield re.search(r"http://127\.0\.0\.1:\d+/", said)[0], said
    finally:
        process.stdout.close()  # the terminal may be gone before the demo is
        process.send_signal(ended_by)
        code = process.wait(40)
    assert code == 0
    assert not processes_of(folder)


def sign_in(address, said, name):
    password = re.search(rf"{name}\s+(demo-\S+)", said)[1]
    session = requests.Session()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', session.get(address + "sign-in/", timeout=9).text)[1]
    form = {"csrfmiddlewaretoken": token, "username": name, "password": password}
    return session.post(address + "sign-in/", form, timeout=9).text


def key_of(folder):
    return (folder / "credential_keys").read_text()


def test_the_demo_says_who_signs_in_where_keeps_its_data_and_stops_as_a_whole(tmp_path):
    with demo(tmp_path) as (address, said):
        first_key = key_of(tmp_path)
        for name, page in (
            ("lina", "我的申请"),
            ("wangqiang", "待审批"),
            ("chenjing", "全部申请"),
            ("admin", "店铺账号"),
        ):
            assert page in sign_in(address, said, name)
    with demo(tmp_path, ended_by=signal.SIGTERM) as (address, said):
        assert key_of(tmp_path) == first_key
        assert "我的申请" in sign_in(address, said, "lina")
    with demo(tmp_path, "--reset", ended_by=signal.SIGHUP) as (_address, said):
        assert key_of(tmp_path) != first_key


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
