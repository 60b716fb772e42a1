"""Notices by mail: text and HTML, in the reader's language, one conversation for each request."""

import logging
import smtplib
import time
from collections import deque
from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cancellations.models import Notice, Person
from cancellations.notices.verdict import State, Verdict
from cancellations.notices.wishes import Wishes
from cancellations.words.notices import address, topics

logger = logging.getLogger("cancellations.notices")
LONGEST_SUBJECT = 150  # characters
REST = 30.0  # seconds, after a server that could not be reached
_rests_until: deque[float] = deque(maxlen=1)  # of this process's clock


def seconds_of_rest() -> float:
    """How long the mail server is left alone yet: one that is away would hold up the chats, mail after mail."""
    return max(0.0, _rests_until[-1] - time.monotonic()) if _rests_until else 0.0


def is_possible(person: Person) -> bool:
    """Whether there is an address to write to, and one that a link can lead to."""
    return bool(settings.PUBLIC_URL and person.email and "@" in person.email)


def send(person: Person, wishes: Wishes, notices: Sequence[Notice]) -> Verdict:
    """Sends the notices as one mail; what the server answered is the verdict."""
    with translation.override(wishes.language):
        message = compose(person, notices)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return Verdict(State.NEVER if code >= 500 else State.AGAIN, f"smtp_{code}")
    except smtplib.SMTPAuthenticationError as error:
        logger.error("The mail server refuses EMAIL_URL's user or password (%s).", error.smtp_code)
        return Verdict(State.AGAIN, f"smtp_{error.smtp_code}", wait=600)
    except smtplib.SMTPResponseException as error:
        return Verdict(State.AGAIN, f"smtp_{error.smtp_code}")
    except (OSError, smtplib.SMTPException) as error:
        _rests_until.append(time.monotonic() + REST)
        return Verdict(State.AGAIN, type(error).__name__[:32])
    return Verdict(State.SENT, "250")


def compose(person: Person, notices: Sequence[Notice]) -> EmailMultiAlternatives:
    """The mail in the language that is active. A line break in foreign text never reaches a header."""
    found = topics(notices)
    titles = [one.title for topic in found for _notice, one in topic.notices]
    subject = " ".join(titles[0].split())[:LONGEST_SUBJECT]
    if len(titles) > 1:
        subject = _("%(first)s, and %(n)s more") % {"first": subject, "n": len(titles) - 1}
    context = {
        "topics": found,
        "settings_url": address(reverse("notice-settings")),
        "subject": subject,
        "language": translation.get_language(),
    }
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": message_id(notices[0])}
    threads = {notice.cancellation.number for notice in notices if notice.cancellation}
    if len(threads) == 1:
        headers["References"] = f"<request-{threads.pop()}@{_domain()}>"
    message = EmailMultiAlternatives(
        subject, render_to_string("notices/mail.txt", context), to=[person.email], headers=headers
    )
    message.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return message


def message_id(notice: Notice) -> str:
    """Always the same for a notice: whoever gets it twice sees it once."""
    return f"<notice-{notice.pk}-{notice.at:%Y%m%d%H%M%S}@{_domain()}>"


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
