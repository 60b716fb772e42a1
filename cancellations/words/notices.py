"""What a notice says: a title, a few lines, the page that it leads to. Made when it is shown or delivered.

No order numbers: a chat and a mailbox are not signed in. What people typed is text; each channel makes it harmless.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from cancellations.models import CancellationRequest, Event, Notice, Webhook
from cancellations.robots import CODES, Meaning, Robot
from cancellations.words import orders, people
from cancellations.words.events import told
from cancellations.words.facts import Facts, facts_of
from cancellations.workflow import permissions

Kind, Status = Notice.Kind, CancellationRequest.Status
WAITING = (Kind.WAITING, Kind.EXPIRES_SOON, Kind.REMINDER)
LONGEST_REASON = 60  # characters
OF_EVENTS = (
    Kind.DECIDED,
    Kind.WITHDRAWN,
    Kind.EXPIRED,
    Kind.OVER,
    Kind.STUCK,
    Kind.ACCESS,
)  # whose title says who did what
HEADLINES: dict[str, Promise] = {
    Event.Kind.APPROVED: gettext_lazy("%(who)s approved your request"),
    Event.Kind.REJECTED: gettext_lazy("%(who)s rejected your request"),
    Event.Kind.WITHDRAWN: gettext_lazy("%(who)s withdrew the request"),
    Event.Kind.EXPIRED: gettext_lazy("The request expired without a decision"),
    Event.Kind.FINISHED: gettext_lazy("The request has ended"),
    Event.Kind.STOPPED: gettext_lazy("%(who)s stopped the request"),
    Event.Kind.PAUSED: gettext_lazy("The request is paused"),
    Event.Kind.ACCOUNT_PAUSED: gettext_lazy("%(who)s paused the seller account"),
}
NOBODY_DECIDES = gettext_lazy(
    "Everybody who could decide is away, or there is nobody. Appoint a manager of this seller account."
)
# what `robots` calls it where no chat gave a number
OWN_CODES = {
    "no_answer": Meaning.NO_ANSWER,
    "no_connection": Meaning.NO_ANSWER,
    "no_json": Meaning.UNREADABLE,
    "no_number": Meaning.UNREADABLE,
    "address_refused": Meaning.ADDRESS_REFUSED,
}
# what a channel's answer means, for administrators
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
    """`facts` are those of the request, `own` is what the notice itself adds, `path` is the page that it leads to."""

    headline: str
    subject: str  # the request's number, or who or what it is about
    facts: tuple[str, ...]
    own: tuple[str, ...]
    path: str

    @property
    def title(self) -> str:
        return f"{self.headline}{pgettext('clause', ': ')}{self.subject}" if self.subject else self.headline

    @property
    def lines(self) -> tuple[str, ...]:
        return self.facts + self.own


class Topic(NamedTuple):
    """A request with what was said of it, the newest first; without a request each notice is a topic of its own."""

    cancellation: CancellationRequest | None
    facts: tuple[str, ...]
    notices: list[tuple[Notice, Said]]

    @property
    def url(self) -> str:
        """Where a message of them leads: to what was said last."""
        return address(max(self.notices, key=lambda one: one[0].pk)[1].path)


def said(notice: Notice) -> Said:
    """The notice in the language that is active."""
    return said_of([notice])[0]


def said_of(notices: Sequence[Notice]) -> list[Said]:
    """The same for several, with one query for the facts of all their requests."""
    facts, said = facts_of({notice.cancellation for notice in notices if notice.cancellation}), []
    for notice in notices:
        known = facts.get(notice.cancellation_id, Facts())
        cancellation, event, about = notice.cancellation, notice.event, []
        if cancellation:
            reason = cancellation.reason_in_words
            reason = f"{reason[:LONGEST_REASON]}…" if len(reason) > LONGEST_REASON else reason
            about = [
                orders.promise(cancellation.operation, cancellation.line_count, cancellation.shop),
                known.amount,
                _("Reason: %(reason)s") % {"reason": reason},
                _("Requester: %(requester)s") % {"requester": people.asker(cancellation)},
            ]
            subject, own = cancellation.number, []
            if notice.kind == Kind.OVER:
                own.append(orders.outcomes_of(known.numbers))
            if notice.kind == Kind.TO_SETTLE:
                left = known.numbers.get("for_people", 0)
                sentence = ngettext(
                    "%(n)s order is still to be settled.", "%(n)s orders are still to be settled.", left
                )
                own.append(sentence % {"n": f"{left:,}"} if left else _("All of them have been settled."))
            if event is not None and event.note:
                own.append(_("Note: %(note)s") % {"note": event.note})
            if notice.kind in WAITING and cancellation.status == Status.SUBMITTED and cancellation.expires_at:
                own.append(_("Expires: %(when)s") % {"when": day_of(cancellation.expires_at)})
            if notice.kind == Kind.NOBODY:
                own.append(str(NOBODY_DECIDES))
        else:
            is_told = notice.kind in OF_EVENTS and event is not None
            subject, own = str(event.person or notice.shop or "") if is_told else "", _about_others(notice)
        about, own = (tuple(line for line in lines if line) for lines in (about, own))
        said.append(Said(_headline(notice, known.numbers), subject, about, own, _path(notice)))
    return said


def topics(notices: Sequence[Notice]) -> list[Topic]:
    """The notices of a page by request, in the order of the newest of each."""
    found: dict[int, Topic] = {}
    for notice, one in zip(notices, said_of(notices), strict=True):
        key = notice.cancellation_id or -notice.pk
        found.setdefault(key, Topic(notice.cancellation, one.facts, [])).notices.append((notice, one))
    return list(found.values())


def address(path: str) -> str:
    """The page's address as it is reached from outside."""
    return settings.PUBLIC_URL.rstrip("/") + path


def _headline(notice, numbers):
    event = notice.event
    if notice.kind in OF_EVENTS and event is not None:
        known = HEADLINES.get(Event.Kind(event.kind), gettext_lazy("%(who)s %(what)s"))
        headline = known % {"who": event.actor_name or _("The application"), "what": event.get_kind_display()}
        if notice.kind != Kind.OVER:
            return headline
        standing = orders.standing(notice.cancellation, numbers)[1]
        return _("%(what)s (%(standing)s)") % {"what": headline, "standing": standing}
    if notice.kind == Kind.SUMMARY:
        waiting = notice.about["waiting"]
        return ngettext("%(n)s request waits for you", "%(n)s requests wait for you", waiting) % {"n": waiting}
    if notice.kind == Kind.WAITING and notice.robot_id:  # a group is nobody's "you"
        return _("A request waits for a decision")
    return str(Kind(notice.kind).label)


def _about_others(notice):
    about, event = notice.about, notice.event
    if notice.kind == Kind.EXPORT:
        if about["state"] == "ready":
            yield _("%(count)s orders; the file is kept for 24 hours.") % {"count": f"{about['orders']:,}"}
        else:
            yield _("It could not be made. The page says why.")
    elif notice.kind == Kind.AUDIT:
        yield _("The verification found something that must not be. Look at it before anything else.")
    elif notice.kind == Kind.WORKER and "host" in about:
        yield _("The worker on %(host)s has not shown itself; others go on.") % about
    elif notice.kind == Kind.WORKER and about["since"]:
        yield _("No worker is running since %(since)s: nothing is sent, looked up or verified. Start one.") % about
    elif notice.kind == Kind.WORKER:
        yield _("No worker is running: nothing is sent, looked up or verified. Start one.")
    elif notice.kind == Kind.CHANNEL_OFF:
        yield _("Robot “%(robot)s”: %(why)s") % {"robot": about["robot"], "why": why(about["meaning"], about["code"])}
    elif notice.kind == Kind.MACHINE and about["why"] == "nobody_answers":
        yield _(
            "Nobody answers for the machine “%(machine)s” any more: its requests are refused. "
            "Name somebody who works for all its seller accounts."
        ) % {"machine": about["machine"]}
    elif notice.kind == Kind.MACHINE:
        said = _("A token of the machine “%(machine)s” ends on %(when)s. Make a new one before.")
        yield said % {"machine": about["machine"], "when": day_of(datetime.fromisoformat(about["until"]))}
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


def why_off(chat: str, code: str) -> str:
    """Why a robot is off, or is not heard, by the answer that its chat gave last."""
    if code.startswith("http_"):
        return why(Meaning.HTTP, code)
    return why(OWN_CODES.get(code) or CODES[Robot(chat)].get(code, ""), code)


def why(meaning: str, code: str) -> str:
    """What a channel's answer means, with its number."""
    known = MEANINGS.get(meaning)
    return f"{known} ({code})" if known else _("The channel refused it (%(code)s).") % {"code": code}


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


def day_of(moment: datetime) -> str:
    """A moment as a message says it: in Beijing time, to the minute."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
