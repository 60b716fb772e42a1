"""From an empty folder to the first approved request, by docs/operating.md, behind the nginx that is shipped."""

import re
from types import SimpleNamespace

import pytest

from tests.install.browser import Browser
from tests.install.conftest import NGINX, PASSWORD, as_ordinary_user, started
from tests.install.document import ROOT, blocks
from tests.processes import erp, listens, wait_until

pytestmark = pytest.mark.slow
OWN = "a-long-one-for-{}-5206"


@pytest.fixture(scope="module")
def site(installed, nginx, certificate):
    """The installed application, running: `visitor()` is another browser, `people` are all of them."""
    port = int(installed.environment["BIND"].rpartition(":")[2])
    configuration, proxy = nginx(behind=port)
    python = str(installed.folder / ".venv/bin/python")
    with erp("--orders", "20", "--fast") as control:
        installed.environment |= {
            "ERP_ADDRESSES": f"sandbox={control.address}",
            "ERP_PRIVATE_NETWORKS": "127.0.0.0/8",
        }
        own = {"cwd": installed.folder, "env": installed.environment}
        with (
            started(as_ordinary_user(python, "-m", "gunicorn"), **own),
            started(as_ordinary_user(python, "manage.py", "worker"), **own),
            started([NGINX, "-c", str(configuration)]),
        ):
            wait_until(lambda: listens(port) and listens(proxy), "the site answers")
            people = []

            def visitor():
                people.append(Browser(f"https://localhost:{proxy}/", certificate.pem))
                return people[-1]

            yield SimpleNamespace(visitor=visitor, people=people, erp=control)


def test_from_zero_to_the_first_approved_request(site, installed):
    """What the document says after the commands is done with a browser; the counts in it are those of here."""
    private = [installed.folder / ".env", installed.folder.parent / "data/wdtadmin.sqlite3"]
    assert [file.stat().st_mode & 0o777 for file in private] == [0o600, 0o600]
    visitor = site.visitor
    root = signed_in(visitor(), "root", PASSWORD)
    root.visit("/shops/add/").send(
        name="首家旗舰店", sid="demo_sid", environment="sandbox", app_key="demo_key", app_secret="demosecret:demosalt"
    )
    for name, role in (("lina", "clerk"), ("wangqiang", "manager")):
        root.visit("/people/add/").send(username=name, name=name.title(), roles=[role], shops=["1"])
        if name == "lina":
            set_password(visitor(), root, name)
    confirm, doctor = installed.setting_up
    code, printed = installed.run(confirm)
    assert (code, "Confirmed" in printed) == (0, True), printed
    root.visit("/people/3/").send("/link/")
    set_password(visitor(), root, "wangqiang")

    clerk = signed_in(visitor(), "lina", OWN.format("lina")).visit("/requests/new/")
    clerk.send(orders="CG202611010001 CG202611010002", reason="供应商停产", step="preview")
    clerk.send(step="draft").send("/submit/")
    path = re.search(r"/requests/CR[\d-]+/", clerk.url)[0]
    manager = signed_in(visitor(), "wangqiang", OWN.format("wangqiang")).visit(path)
    manager.send("/approve/")
    wait_until(lambda: "Finished" in manager.visit(path).page, "the worker has sent it", seconds=120)
    assert site.erp.calls("cancelByType")

    printed = installed.run(f"{doctor} --language en")[1]
    wrong = [line for line in printed.splitlines() if line.startswith("✗")]
    assert ["Mail: " in line for line in wrong] == [True], printed  # EMAIL_URL is not set
    assert f"and {sum(person.sent for person in site.people)} forms in the browser" in document()


def signed_in(person, username, password):
    return person.visit("/sign-in/").send(username=username, password=password)


def set_password(person, root, username):
    """By the one-time link that root's page shows."""
    link = re.search(r"/set-password/[^\"]+", root.page)[0]
    person.visit(link).send(new_password1=OWN.format(username), new_password2=OWN.format(username))


def test_the_document_counts_its_own_commands():
    every = list(blocks())
    root = sum(len(block.commands) for block in every if block.needs_root)
    others = sum(len(block.commands) for block in every if not block.needs_root)
    assert f"{root} commands as root, {others} as wdtadmin" in document()


def document():
    """Its words, without the breaks of lines."""
    return " ".join((ROOT / "docs/operating.md").read_text().split())
