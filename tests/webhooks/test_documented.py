"""The examples of docs/webhooks.md, run as they stand there."""

import json
import re
import subprocess
import sys
import time

import pytest
from django.conf import settings

from cancellations.webhooks import Meaning, deliver, new_secret
from tests.ports import LOOPBACK, free_port
from tests.webhooks.receiver import receiver, signed_with

DOCUMENT = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
SECRET = new_secret()
BODY = b'{"type":"request.finished","data":{"number":"CR20261125-0001"}}'


def example(language):
    [code] = re.findall(rf"(?s)```{language}\n(.*?)```", DOCUMENT)
    return code


@pytest.fixture
def documented(tmp_path):
    """The receiver of the document; gives its address, and what it has printed when it has ended."""
    (tmp_path / "receive.py").write_text(example("python"))
    port = free_port()
    environment = {"WEBHOOK_SECRET": SECRET, "PORT": str(port), "PATH": "/usr/bin"}
    command = [sys.executable, "receive.py"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes) as process:
        url = f"http://127.0.0.1:{port}/"
        for _ in range(100):
            if send(url, body=b"{}", message_id="msg_0").meaning is not Meaning.NO_CONNECTION:
                break
            time.sleep(0.1)
        yield url, process
        process.kill()


def send(url, *, body=BODY, message_id="msg_1", secrets=(SECRET,), now=None):
    return deliver(url, secrets, message_id, body, private_networks=LOOPBACK, now=now)


def test_the_python_example_takes_what_is_genuine_and_nothing_else(documented):
    url, process = documented
    assert send(url).status == 204
    assert send(url).status == 204  # a second time: it answers well and does nothing
    assert send(url, message_id="msg_2", secrets=[new_secret(), SECRET]).status == 204
    assert send(url, message_id="msg_3", secrets=[new_secret()]).status == 401
    assert send(url, message_id="msg_4", now=time.time() - 301).status == 401
    process.kill()
    assert process.stdout.read().splitlines() == ["request.finished CR20261125-0001"] * 2


def test_the_openssl_example_signs_as_the_application_does():
    with receiver() as other:
        environment = {"WEBHOOK_SECRET": SECRET, "URL": other.url, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(["bash", "-c", example("bash")], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "204"
    [message] = other.got
    assert signed_with(SECRET, message.headers, message.body)


def test_the_openssl_example_convinces_the_python_example(documented):
    url, _process = documented
    environment = {"WEBHOOK_SECRET": SECRET, "URL": url, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", example("bash")], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "204"


def test_the_message_of_the_document_is_json():
    assert json.loads(example("json"))["data"]["counts"]["done"] == 3
