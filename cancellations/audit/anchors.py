"""The end of the chain, written out every day to where whoever owns the database does not reach: who cuts off the end
and everything that belongs to it leaves a chain that is in order, but too short."""

import contextlib
import logging
import re
from datetime import UTC
from pathlib import Path
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation

from cancellations.models import AuditCheck, marks

logger = logging.getLogger("cancellations.audit")
ANCHOR = re.compile(r"\b([0-9]{1,18}):([0-9a-f]{64}):([0-9a-f]{64})\b")
BY_HAND = re.compile(r"\s*([0-9]{1,18}):([0-9a-f]{64})(?::[0-9a-f]{64})?\s*")


def read(text: str) -> dict[int, str]:
    """number -> mark, of all anchors in a text: what stands around them does not matter (a log, an e-mail).

    Only those that bear a seal of ours count: anybody can have text that looks like an anchor written into a log.
    """
    found = ((int(number), mac, seal) for number, mac, seal in ANCHOR.findall(text))
    return {number: mac for number, mac, seal in found if marks.fits_anchor(seal, number, mac)}


def read_by_hand(text: str) -> dict[int, str]:
    """The same of one anchor that a person gives, who may have kept number and mark only."""
    found = BY_HAND.fullmatch(text)
    return {int(found[1]): found[2]} if found else {}


def anchor(check: AuditCheck) -> str:
    """What is written out: number, mark, and a seal over both that only who has AUDIT_KEYS can make."""
    return f"{check.events}:{check.mac}:{marks.of_anchor(check.events, check.mac)}"


def at_hand() -> dict[int, str]:
    """The anchors of our own table and of the file. Neither proves anything to whoever distrusts this server."""
    kept = AuditCheck.objects.filter(is_anchor=True, fault="").values_list("events", "mac")
    return dict(kept) | of_file()


def of_file() -> dict[int, str]:
    """The anchors of AUDIT_ANCHOR_FILE, none before the first one. Raises OSError if it cannot be read."""
    text = ""
    if settings.AUDIT_ANCHOR_FILE:
        with contextlib.suppress(FileNotFoundError):
            text = Path(settings.AUDIT_ANCHOR_FILE).read_text(errors="replace")
    return read(text)


def write(check: AuditCheck) -> None:
    """Writes out what a daily verification found: the anchor, or that something is wrong."""
    when = f"{check.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if check.fault:
        with translation.override("en"):
            line = f"AUDIT FAULT {when} {check.in_words}"
        logger.error("%s", line)
    else:
        AuditCheck.objects.filter(pk=check.pk).update(is_anchor=True)
        line = f"AUDIT ANCHOR {when} {anchor(check)}"
        logger.warning("%s", line)
    if settings.AUDIT_ANCHOR_FILE:
        try:
            with Path(settings.AUDIT_ANCHOR_FILE).open("a") as file:
                file.write(f"{line}\n")
        except OSError as error:
            logger.error("AUDIT_ANCHOR_FILE could not be written: %s", error)
    try:
        # Does nothing where no address is set.
        send_mail("wdtadmin: " + " ".join(line.split()[:3]), line, None, settings.AUDIT_ANCHOR_EMAIL)
    except (SMTPException, OSError) as error:
        logger.error("The line could not be sent to AUDIT_ANCHOR_EMAIL: %s", type(error).__name__)
