"""What a notice says: a title, a few lines, the page that it leads to. Made when it is shown or delivered.

No order numbers: a chat and a mailbox are not signed in. What people typed is text; each channel makes it harmless.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from cancellations.models import CancellationRequest, Event, Forecast, Notice, Webhook
from cancellations.robots import CODES, Meaning, Robot
from cancellations.words import orders, people
from cancellations.words.events import told
from cancellations.workflow import permissions

Kind = Notice.Kind
LONGEST_REASON = 60  # characters
SENT_FOR = (Forecast.WILL, Forecast.MAY)
OF_EVENTS = (Kind.DECIDED, Kind.EXPIRED, Kind.OVER, Kind.STUCK, Kind.ACCESS)  # whose title says who did what
# what a channel's answer means, for administrators
# what `robots` calls it where no chat gave a number
OWN_CODES = {
    "no_answer": Meaning.NO_ANSWER,
    "no_connection": Meaning.NO_ANSWER,
    "no_json": Meaning.UNREADABLE,
    "no_number": Meaning.UNREADABLE,
    "address_refused": Meaning.ADDRESS_REFUSED,
}
MEANINGS: dict[str, Promise] = {
    Meaning.BUSY: gettext_lazy("The chat is busy; the message is sent again."),
    Meaning.TOO_OFTEN: gettext_lazy("The robot has spoken too often; the message is sent again later."),
    Meaning.QUOTA_USED_UP: gettext_lazy("The company's quota of robot messages for this month is used up."),
    Meaning.GONE: gettext_lazy("The robot does not exist any more. Add a new one in the group, and its address here."),
    Meaning.GROUP_DISSOLVED: gettext_lazy("The group was dissolved."),
    Meaning.ROBOT_STOPPED: gettext_lazy("The robot was stopped in the chat. Start it there."),
    Meaning.KEYWORD_SIGN_IP_OR_CLOCK: gettext_lazy(
        "The keyword, the signing secret, the IP list or this server's clock does not fit the robot's settings. "
        "The keyword is 采购取消."
    ),
    Meaning.SIGN_OR_CLOCK: gettext_lazy("The signing secret is wrong, or this server's clock is."),
    Meaning.IP_NOT_LISTED: gettext_lazy("This server's address is not in the robot's IP list."),
    Meaning.KEYWORD: gettext_lazy("The robot wants a keyword: set it to 采购取消 in the chat."),
    Meaning.NO_ANSWER: gettext_lazy("The chat cannot be reached; the message is sent again."),
    Meaning.UNREADABLE: gettext_lazy("The chat gave no usable answer; the message is sent again."),
    Meaning.HTTP: gettext_lazy("Something on the way to the chat answered instead of it; the message is sent again."),
    Meaning.ADDRESS_REFUSED: gettext_lazy("The stored address is not one of the chat's own. Enter it again."),
    "secret": gettext_lazy("The stored address cannot be decrypted: CREDENTIAL_KEYS lacks its key."),
}


class Said(NamedTuple):
    title: str
    lines: tuple[str, ...]
    path: str  # of the page that it leads to


def said(notice: Notice) -> Said:
    """The notice in the language that is active."""
    cancellation = notice.cancellation
    lines = _about_request(notice, cancellation) if cancellation else _about_others(notice)
    return Said(_title(notice), tuple(line for line in lines if line), _path(notice))


def address(path: str) -> str:
    """The page's address as it is reached from outside."""
    return settings.PUBLIC_URL.rstrip("/") + path


def _title(notice):
    cancellation, event = notice.cancellation, notice.event
    if notice.kind in OF_EVENTS and event is not None:
        who = event.actor_name or _("The application")
        what = event.get_kind_display()
        about = cancellation.number if cancellation else str(event.person or notice.shop or "")
        title = _("%(who)s %(what)s: %(about)s") % {"who": who, "what": what, "about": about}
        return f"{title} ({_standing(cancellation)})" if notice.kind == Kind.OVER else title
    label = str(Kind(notice.kind).label)
    if notice.kind == Kind.SUMMARY:
        waiting = notice.about["waiting"]
        return ngettext("%(n)s request waits for you", "%(n)s requests wait for you", waiting) % {"n": waiting}
    return f"{label}{pgettext('clause', ': ')}{cancellation.number}" if cancellation else label


def _about_request(notice, cancellation):
    yield orders.promise(cancellation.operation, cancellation.line_count, cancellation.shop)
    yield amount_of(cancellation)
    reason = cancellation.reason_in_words
    if len(reason) > LONGEST_REASON:
        reason = f"{reason[:LONGEST_REASON]}…"
    yield _("Reason: %(reason)s") % {"reason": reason}
    yield _("Requester: %(requester)s") % {"requester": people.asker(cancellation)}
    if notice.kind == Kind.OVER:
        yield outcomes_of(cancellation)
    if notice.event is not None and notice.event.note:
        yield _("Note: %(note)s") % {"note": notice.event.note}
    if notice.kind in (Kind.WAITING, Kind.EXPIRES_SOON, Kind.REMINDER) and cancellation.expires_at:
        yield _("Expires: %(when)s") % {"when": day_of(cancellation.expires_at)}
    if notice.kind == Kind.NOBODY:
        yield _("Everybody who could decide is away, or there is nobody. Appoint a manager of this seller account.")


def _about_others(notice):
    about, event = notice.about, notice.event
    if notice.kind == Kind.EXPORT:
        if about["state"] == "ready":
            yield _("%(count)s orders; the file is kept for 24 hours.") % {"count": f"{about['orders']:,}"}
        else:
            yield _("It could not be made. The page says why.")
    elif notice.kind == Kind.AUDIT:
        yield _("The verification found something that must not be. Look at it before anything else.")
    elif notice.kind == Kind.WORKER:
        yield _("The worker on %(host)s has not shown itself; others go on.") % {"host": about["host"]}
    elif notice.kind == Kind.CHANNEL_OFF:
        yield _("Robot “%(robot)s”: %(why)s") % {"robot": about["robot"], "why": why(about["meaning"], about["code"])}
    elif notice.kind == Kind.MACHINE:
        yield _about_machine(about)
    elif notice.kind == Kind.WEBHOOK_OFF:
        yield _("Webhook “%(webhook)s”: %(why)s") % {
            "webhook": about["webhook"],
            "why": Webhook.Off(about["why"]).label,
        }
    elif notice.kind == Kind.SUMMARY:
        yield _("The oldest has waited since %(since)s.") % {"since": about["since"]}
        yield about["amount"]
    elif event is not None:
        yield from told(event, of=event.person or notice.shop).lines
        if notice.kind == Kind.ACCESS:
            yield _("If you do not know why, ask the administrators of your company.")


def _about_machine(about):
    if about["why"] == "nobody_answers":
        return _(
            "Nobody answers for the machine “%(machine)s” any more: its requests are refused. "
            "Name somebody who works for all its seller accounts."
        ) % {"machine": about["machine"]}
    said = _("A token of the machine “%(machine)s” ends on %(when)s. Make a new one before.")
    return said % {"machine": about["machine"], "when": day_of(datetime.fromisoformat(about["until"]))}


def why_off(chat: str, code: str) -> str:
    """Why a robot is off, or is not heard, by the answer that its chat gave last."""
    if code.startswith("http_"):
        return why(Meaning.HTTP, code)
    return why(OWN_CODES.get(code) or CODES[Robot(chat)].get(code, ""), code)


def why(meaning: str, code: str) -> str:
    """What a channel's answer means, with its number."""
    known = MEANINGS.get(meaning)
    return f"{known} ({code})" if known else _("The channel refused it (%(code)s).") % {"code": code}


def amount_of(cancellation: CancellationRequest) -> str:
    """What the request takes away, or took, in yuan; '' if nothing is known of it."""
    found = cancellation.lines.amounts()
    zero = Decimal(0)
    return orders.amount(cancellation, found["expected"] or zero, found["done"] or zero, found["priced"])


def outcomes_of(cancellation: CancellationRequest) -> str:
    """How many orders ended how: 'Done 95, refused 3, unknown 2'."""
    numbers = _numbers(cancellation)
    labels = {str(outcome.label): numbers.get(outcome, 0) for outcome in orders.COUNTED}
    return pgettext("list", ", ").join(f"{label} {number:,}" for label, number in labels.items() if number)


def _standing(cancellation):
    return orders.standing(cancellation, _numbers(cancellation))[1]


def _numbers(cancellation) -> Mapping[str, int]:
    return dict(cancellation.lines.order_by().values_list("outcome").annotate(Count("pk")))


def _path(notice):
    if notice.cancellation is not None:
        if notice.kind == Kind.TO_SETTLE:
            return reverse("cancellation-by-hand", args=[notice.cancellation.number])
        return notice.cancellation.get_absolute_url()
    if notice.kind == Kind.EXPORT:
        return reverse("export-list")
    if notice.kind == Kind.AUDIT:
        return reverse("audit")
    if notice.kind == Kind.WORKER:
        return reverse("worker-list")
    if notice.kind == Kind.SUMMARY:
        return f"{reverse('cancellation-list')}?view=decide"
    if notice.kind == Kind.ACCESS and notice.event is not None:
        if notice.event.kind == Event.Kind.ACCESS_ASKED:
            return reverse("access-change-list")
        person = notice.event.person
        return _of_machine(notice, person.pk) if person and person.is_machine else reverse("account")
    if notice.kind == Kind.MACHINE:
        return _of_machine(notice, notice.about["pk"])
    return reverse("shop", args=[notice.shop_id]) if notice.shop_id else reverse("notices")


def _of_machine(notice, pk):
    """Its page, which administrators may open; not everybody who answers for one is."""
    is_administrator = permissions.has_role(notice.person, permissions.ADMINISTRATOR)
    return reverse("machine", args=[pk]) if is_administrator else reverse("notices")


def day_of(moment) -> str:
    """A moment as a message says it: in Beijing time, to the minute."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
