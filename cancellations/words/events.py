"""How an event reads: its tone, what stands beside its kind, and the lines below; here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from cancellations.models import ApiCall, Event, Forecast, GroupRobot, OrderLine, Person, Shop
from cancellations.models.events import SERVER
from cancellations.words import calendar, drafts, machines, orders, people, webhooks
from cancellations.words.numbers import money
from cancellations.words.times import to_the_minute

Kind = Event.Kind

# kind -> tone; the others have none
TONES = {
    Kind.REJECTED: "danger",
    Kind.NOT_EXECUTED: "danger",
    Kind.DEACTIVATED: "danger",
    Kind.PAUSED: "warning",
    Kind.STOPPED: "warning",
    Kind.NOT_SENT: "warning",
    Kind.INTERRUPTED: "warning",
    Kind.APPROVED: "success",
    Kind.FINISHED: "success",
    Kind.PERSON_ADDED: "success",
    Kind.REACTIVATED: "success",
    Kind.MACHINE_ADDED: "success",
    Kind.ACCESS_ASKED: "warning",
    Kind.ACCESS_REFUSED: "danger",
}
ACCESS = (Kind.ACCESS_ASKED, Kind.ACCESS_CONFIRMED, Kind.ACCESS_REFUSED, Kind.ACCESS_WITHDRAWN)
WEBHOOK = (
    *(Kind.WEBHOOK_ADDED, Kind.WEBHOOK_CHANGED, Kind.WEBHOOK_SWITCHED),
    *(Kind.WEBHOOK_ROTATED, Kind.WEBHOOK_REMOVED),
)
CALL_TONES = {
    ApiCall.State.ANSWERED: "success",
    ApiCall.State.UNKNOWN: "warning",
    ApiCall.State.NOT_EXECUTED: "danger",
}
DROPPED = {
    "refused": gettext_lazy("Will be refused"),
    "not_visible": gettext_lazy("Not found in ERP"),
    "joined": gettext_lazy("joined or cut number"),
    "taken": gettext_lazy("open in another request"),
    "chosen": gettext_lazy("chosen one by one"),
}
MAX_NAMED = 10  # orders of an event
DETAILS = {
    "username": pgettext_lazy("label", "Username"),
    "name": pgettext_lazy("person", "Name"),
    "email": pgettext_lazy("label", "Email"),
}


@dataclass
class Told:
    """An event as a page shows it."""

    event: Event
    tone: str  # '' for none
    beside: SafeString  # follows the kind in the same line
    lines: list[str]  # below it, each on a line of its own


def told(event: Event, *, of: Shop | Person | None = None) -> Told:
    """The event as the page `of` a shop or a person shows it, or that of a request."""
    lines = _own_lines(event, of)
    if confirmed := event.data.get("confirmed"):
        lines.append(people.confirmation(confirmed))
    if event.data.get("via") == SERVER:
        lines.append(_("by a command on the server"))
    return Told(event, TONES.get(event.kind, ""), _beside(event.kind, event.data), lines)


def _beside(kind, data):
    if kind == Kind.LOOKED_UP:
        parts = [_("%(wanted)s of %(total)s") % {"wanted": intcomma(data["wanted"]), "total": intcomma(data["of"])}]
        verdicts = [(verdict.label, data["verdicts"].get(verdict)) for verdict in Forecast]
        parts += [f"{label} {intcomma(count)}" for label, count in verdicts if count]
        parts += [_("incomplete lookup")] if data["failure"] else []
        return format_html("{}{}", pgettext("clause", ": "), _joined(parts))
    if kind == Kind.DROPPED:
        why = DROPPED.get(data["why"]) or _("already done, or outcome unknown")
        return format_html("{}{}", pgettext("clause", ": "), _joined([orders.how_many(data["dropped"]), why]))
    if kind == Kind.DECIDED_BY_HAND:
        done = pgettext("outcome", "executed") if data["as_done"] else _("not executed")
        return format_html("{}{}", pgettext("clause", ": "), _joined([orders.how_many(data["decided"]), done]))
    if kind in (Kind.SENT, Kind.FINISHED) and any(data.get(outcome) for outcome in ("DONE", "REFUSED", "UNKNOWN")):
        return format_html("{}{}", pgettext("clause", ": "), orders.counts(data))
    if kind == Kind.SETTLED:
        return _numbers({OrderLine.Outcome.DONE: data.get("done"), OrderLine.Outcome.REFUSED: data.get("refused")})
    if kind in (Kind.STOPPED, Kind.NOT_SENT) and data.get("not_sent"):
        return _numbers({OrderLine.Outcome.SKIPPED: data["not_sent"]})
    if kind in (Kind.EXPORTED, Kind.DRAFT_CHANGED, Kind.HANDED_OVER, Kind.TOKEN_MADE, *ACCESS):
        return SafeString("")
    return format_html_join("", " · {}", ((part,) for part in _parts(data)))


def _parts(data):
    """How many orders it was about, where they came from, what was known of them at the decision."""
    if data.get("orders"):
        yield orders.how_many(data["orders"])
    if data.get("expires_at"):
        yield _("deadline %(when)s") % {"when": to_the_minute(data["expires_at"])}
    if data.get("file"):
        yield _filled(_("from %(file)s %(place)s"), file=_bdi(data["file"]), place=_bdi(data["place"]))
    if data.get("hidden_rows"):
        yield _("orders of hidden rows: %(count)s") % {"count": intcomma(data["hidden_rows"])}
    if data.get("read_together"):
        yield _filled(_("further columns read: %(names)s"), names=_bdi(", ".join(data["read_together"])))
    if data.get("taken_in_doubt"):
        yield _("doubtful numbers taken: %(count)s") % {"count": intcomma(data["taken_in_doubt"])}
    if data.get("left_out"):
        yield _("entries left out: %(count)s") % {"count": intcomma(data["left_out"])}
    if data.get("lookup", "complete") != "complete":
        yield _("only %(known)s orders were known from the ERP") % {"known": intcomma(data["looked_up"])}
    if data.get("lookup_minutes", 0) >= 30:
        yield _("lookup %(count)s minutes old") % {"count": intcomma(data["lookup_minutes"])}
    if will := data.get("at_stake", {}).get(Forecast.WILL):
        yield _("%(amount)s expected to be taken away") % {"amount": money(will)}
    if data.get("expected_to_fail"):
        yield _("%(shown)s expected to be refused") % {"shown": intcomma(data["expected_to_fail"])}


def _numbers(numbers):
    """`: Done 5 Refused 1`; '' if there are none."""
    shown = " ".join(f"{outcome.label} {intcomma(number)}" for outcome, number in numbers.items() if number)
    return format_html("{}{}", pgettext("clause", ": "), shown) if shown else SafeString("")


def _joined(parts):
    return format_html_join(" · ", "{}", ((part,) for part in parts))


def _bdi(text):
    """Somebody else's text: writing from the right to the left does not reach beyond it."""
    return format_html("<bdi>{}</bdi>", text)


def _filled(text: str, **values: SafeString) -> SafeString:
    """A sentence of ours with HTML put in."""
    return format_html(text % {name: f"{{{name}}}" for name in values}, **values)


def _own_lines(event: Event, of: Shop | Person | None) -> list[str]:
    data: Mapping[str, Any] = event.data
    match event.kind:
        case kind if kind in ACCESS:
            return [people.asked(data["change"], dict(data))]
        case Kind.MEMBERS_CHANGED if isinstance(of, Shop):
            gained = _("%(person)s gained access") if data["after"] else _("%(person)s lost access")
            return [gained % {"person": event.person}]
        case Kind.MEMBERS_CHANGED:
            gained = _("gained access to %(shop)s") if data["after"] else _("lost access to %(shop)s")
            return [gained % {"shop": event.shop.name}]
        case Kind.SHOP_CHANGED:
            named = ((Shop._meta.get_field(name).verbose_name, change) for name, change in data["changes"].items())
            return [f"{name}{pgettext('clause', ': ')}{before} → {after}" for name, (before, after) in named]
        case Kind.DROPPED if data.get("lines"):
            numbers = [order_no for _position, order_no, *_rest in data["lines"][:MAX_NAMED]]
            return [" ".join(numbers) + (" …" if len(data["lines"]) > MAX_NAMED else "")]
        case Kind.REMINDED:
            people_asked = ngettext("%(n)s person asked", "%(n)s people asked", data["people"])
            return [people_asked % {"n": data["people"]}]
        case Kind.RESTORE_CONFIRMED:
            return [_("requests paused: %(count)s") % {"count": data["requests"]}]
        case Kind.MAINTENANCE_BEGUN:
            return [_("expected until %(when)s") % {"when": to_the_minute(data["until"])}]
        case Kind.MAINTENANCE_ENDED:
            return [_("since %(when)s") % {"when": to_the_minute(data["since"])}]
        case Kind.ROBOT_ADDED | Kind.ROBOT_CHANGED | Kind.ROBOT_REMOVED:
            return [f"{data['robot']} ({GroupRobot.Kind(data['chat']).label})"]
        case Kind.MACHINE_ADDED | Kind.MACHINE_CHANGED:
            return machines.settings(data.get("before", {}), data["after"])
        case Kind.TOKEN_MADE:
            about = {"token": machines.token(data["key"]), "when": to_the_minute(data["expires_at"])}
            return [_("%(token)s until %(when)s") % about]
        case Kind.TOKEN_REVOKED:
            return [machines.token(data["key"])]
        case kind if kind in WEBHOOK:
            return webhooks.change(data)
        case Kind.EXTENDED:
            return [f"{to_the_minute(data['before'])} → {to_the_minute(data['after'])}"]
        case Kind.CALENDAR_CHANGED:
            return [calendar.change_of_day(data["day"], data["before"], data["after"])]
        case Kind.HANDED_OVER:
            return [_change(data["before"], data["after"])]
        case Kind.DRAFT_CHANGED:
            return [drafts.change_of_draft(field, *change) for field, change in data["changes"].items()]
        case Kind.CREDENTIAL_ADDED | Kind.CREDENTIAL_RETIRED:
            return [f"{data['app_key']} ({data['fingerprint']})"]
        case Kind.ROLES_CHANGED:
            return [_change(people.roles(data["before"]), people.roles(data["after"]))]
        case Kind.PERSON_ADDED:
            return [_("Roles: %(roles)s") % {"roles": people.roles(data["after"]["roles"]) or pgettext("list", "none")}]
        case Kind.PERSON_CHANGED:
            before, after = data["before"], data["after"]
            return [
                f"{DETAILS[key]}{pgettext('clause', ': ')}{_change(before[key], after[key])}"
                for key in DETAILS
                if key in after
            ]
    return []


def _change(before, after):
    return f"{before or pgettext('list', 'none')} → {after or pgettext('list', 'none')}"


def call_tone(call: ApiCall) -> str:
    return CALL_TONES.get(call.state, "")


@dataclass
class ToldStep:
    """A history.story.Step as the page of an order's story shows it."""

    step: Any
    tone: str  # '' for none
    title: str  # in bold; '' where a person did it
    text: str


def told_step(step: Any, line: OrderLine) -> ToldStep:
    """A step in the story of `line`: an event, a call or a look-up."""
    if call := step.call:
        title = call.get_purpose_display()
        if call.pk == line.sent_in_id:
            title = _("Sent to the ERP")
        elif call.pk == line.settled_in_id:
            title = _("Outcome verified with the ERP")
        return ToldStep(step, "" if call.state == ApiCall.State.ANSWERED else call_tone(call), title, "")
    if snapshot := step.snapshot:
        known = _("not found in the ERP")
        if snapshot.found:
            status, stockin = snapshot.get_status_display() or "–", snapshot.get_stockin_status_display() or "–"
            parts = (status, stockin, money(snapshot.total_fee), snapshot.provider_name)
            known = pgettext("clause", ", ").join(parts)
        text = _("%(occasion)s: %(known)s. %(because)s") % {
            "occasion": snapshot.lookup.get_occasion_display(),
            "known": known,
            "because": snapshot.get_because_display(),
        }
        return ToldStep(step, "warning" if snapshot.is_changed else "", _("ERP lookup"), f" {text}")
    tone = TONES.get(step.what, "")
    if step.what == Kind.NOT_SENT:
        text = _("the call was not executed before the stop")
        return ToldStep(step, tone, _("No longer sent"), pgettext("clause", ": ") + text)
    return ToldStep(step, tone, "", Kind(step.what).label)
