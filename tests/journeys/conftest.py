"""A real Chromium against a real gunicorn, worker and stand-in ERP, each a process of its own."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

from tests import processes
from tests.ports import free_port

SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
# Playwright's synchronous interface keeps an event loop in this thread; Django would not touch its database then.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def chromium():
    # The one without windows: a page costs half the processor time.
    program = shutil.which("chromium-headless-shell") or sys.exit("'make test' says how to install Chromium.")
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that containers and root do not have; it only opens our own pages.
        yield playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])


@pytest.fixture(scope="session")
def bear(django_db_setup, tmp_path_factory):
    """`bear(life, …)` gives the process id of a new process (tests/nursery.py), with static files of its own."""
    settings = {"ERP_CONNECT_TIMEOUT": "1", "ERP_READ_TIMEOUT": "5", "SWEEP_SECONDS": "0.5"}
    settings["WEBHOOK_PRIVATE_NETWORKS"] = "127.0.0.0/8"
    settings["TEST_STATIC_ROOT"] = str(tmp_path_factory.mktemp("static"))
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(command, cwd=processes.BASE, env=os.environ | processes.SERVED | settings, check=True)
    with processes.nursery(**settings) as bear:
        yield bear


@pytest.fixture(scope="session")
def _erp_process():
    with processes.erp("--orders", "200", "--calls-per-minute", "0", "--latency", "0.05") as control:
        yield control


@pytest.fixture
def erp(_erp_process):
    """The stand-in ERP, as if it had just been started."""
    _erp_process.reset()
    return _erp_process


@pytest.fixture
def later():
    """The port of an ERP that is down until a test starts it; shops reach it in the environment 'later'."""
    return free_port()


@pytest.fixture
def hold():
    """Seconds between an approval and the first call."""
    return 0


@pytest.fixture
def changed():
    """Settings of the web server and the worker that a test wants otherwise."""
    return {}


@pytest.fixture
def web(shop, erp, later, hold, changed, bear):
    """gunicorn, with a worker behind it: its address, and its process id."""
    addresses = {"sandbox": erp.address, "later": f"http://127.0.0.1:{later}/openapi"}
    settings = {"ERP_ADDRESSES": addresses, "APPROVAL_HOLD_SECONDS": hold} | changed
    port = free_port()
    worker = bear("tests.nursery.worker", interval=0.2, **settings)
    server = bear("tests.nursery.web", bind=f"127.0.0.1:{port}", **settings)
    processes.wait_until(lambda: processes.listens(port), "the web server answers")
    yield SimpleNamespace(address=f"http://127.0.0.1:{port}", pid=server)
    processes.kill(worker, server, number=signal.SIGTERM)


@pytest.fixture
def site(web):
    """The application's address."""
    return web.address


@pytest.fixture
def visit(chromium, site):
    """`visit(person)`: a page of a browser of their own, signed in; whatever the browser complains of is a failure."""
    complaints, contexts = [], []

    def open_browser(person=None, *, width=1280, language="zh-CN", dark=False, scripts=True):
        context = chromium.new_context(
            base_url=site,
            locale=language,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith((site, "data:")) or complaints.append(request.url))
        page.goto("/sign-in/")
        if person:
            page.fill("#id_username", person)
            page.fill("#id_password", f"secret-of-{person}")
            page.click("main button[type=submit]")
            page.wait_for_url(lambda url: "/sign-in/" not in url)
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert not complaints


def _is_complaint(message):
    # Chromium reports every 4xx and 5xx as a failed resource: a refused form, also by maintenance, and a gateway that a
    # test took away.
    failed = re.search(r"responded with a status of (4\d\d|50[23])|Response Status Error Code 502", message.text)
    return message.type in ("error", "warning") and not failed


@pytest.fixture
def shoot(request):
    """`shoot(page, name)`: no page may scroll sideways; a picture for people to look at, where SCREENSHOTS is set."""
    folder = SCREENSHOTS / request.node.name
    number = itertools.count(1)
    if "SCREENSHOTS" in os.environ:
        shutil.rmtree(folder, ignore_errors=True)

    def take(page, name):
        page.wait_for_load_state()  # a click may just have led to it
        if "SCREENSHOTS" in os.environ:
            page.screenshot(path=folder / f"{next(number):02}-{name}.png", full_page=True)
        wide, seen = page.locator("html").evaluate("(html) => [html.scrollWidth, html.clientWidth]")
        assert wide <= seen, f"{name} scrolls sideways"

    return take
