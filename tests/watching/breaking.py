"""A process in which much goes wrong, with canaries everywhere that something could be reported from."""

import logging
import os
from unittest import mock

import django

CANARY = os.environ["FAULT_CANARY"]


def fail(*_, **__):
    secret = CANARY
    try:
        raise ValueError(f"inner {secret}")
    except ValueError as error:
        raise RuntimeError(f"outer {secret}") from error


def main():
    django.setup()
    from django.test import Client, override_settings

    plain = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }  # nothing is collected
    browser = Client(raise_request_exception=False, headers={"Authorization": CANARY, "X-Request-Id": "0123456789ab"})
    browser.cookies["sid"] = CANARY
    with mock.patch("cancellations.access.sign_in.SignIn.post", fail), override_settings(STORAGES=plain):
        answer = browser.post(f"/sign-in/?next={CANARY}", {"username": CANARY, "password": CANARY})
    assert answer.status_code == 500
    logger = logging.getLogger("cancellations.worker")
    logger.error("without an exception: %s", CANARY)
    try:
        fail()
    except RuntimeError:
        logger.exception("a sweep failed: %s", CANARY, extra={"canary": CANARY})
    fail()


if __name__ == "__main__":
    main()
