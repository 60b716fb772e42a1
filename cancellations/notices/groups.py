"""Notices in the groups of a seller account, said by a robot of WeCom, DingTalk or Feishu."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network

from django.conf import settings
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cancellations import robots
from cancellations.models import GroupRobot, Notice, NoticeSettings, Person
from cancellations.models.secrets import SecretUnreadable
from cancellations.notices.verdict import State, Verdict
from cancellations.wdt.addresses import CheckingAdapter
from cancellations.words.notices import address, said_of
from cancellations.workflow import telling

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))  # where a stand-in is
LEAST_PAUSE = 4.0  # seconds between two messages of a robot: fifteen a minute, of the channels' twenty
MENTIONED = (Notice.Kind.WAITING, Notice.Kind.EXPIRES_SOON, Notice.Kind.TO_SETTLE)  # somebody has to act
ID_FIELDS = {
    GroupRobot.Kind.WECOM: "wecom_id",
    GroupRobot.Kind.DINGTALK: "dingtalk_id",
    GroupRobot.Kind.FEISHU: "feishu_id",
}


def take_turn(pk: int) -> bool:
    """Whether the robot may speak now; if so, it is silent for all workers until its pause is over."""
    now = timezone.now()
    pause = timedelta(seconds=LEAST_PAUSE)
    free = GroupRobot.objects.filter(Q(next_at__isnull=True) | Q(next_at__lte=now), pk=pk)
    return bool(free.update(next_at=now + pause))


def send(robot: GroupRobot, notices: Sequence[Notice]) -> Verdict:
    """Says the notices as one message; what the channel answered is the verdict."""
    with translation.override(settings.LANGUAGE_CODE):
        message = compose(robot, notices)
    return _deliver(robot, message)


def _deliver(robot: GroupRobot, message: robots.Message) -> Verdict:
    try:
        url, secret = robot.address.reveal(), robot.secret.reveal() if robot.secret else ""
    except SecretUnreadable:
        return Verdict(State.AGAIN, "secret", wait=600, meaning="secret")
    given = robots.deliver(
        robots.Robot(robot.kind),
        url,
        secret,
        message,
        adapter=CheckingAdapter(LOOPBACK if settings.NOTICE_ROBOTS_BASE else ()),
        base=settings.NOTICE_ROBOTS_BASE,
    )
    return Verdict(given.state, given.code, given.wait, str(given.meaning))


def say_test(robot: GroupRobot, by: Person) -> Verdict:
    """Says in the group that this is a test; what the chat answered is the verdict."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = (_("%(who)s tests this robot.") % {"who": by}, str(robot.shop))
        message = robots.Message(_("Test"), lines, address(reverse("notices")))
    return _deliver(robot, message)


def compose(robot: GroupRobot, notices: Sequence[Notice]) -> robots.Message:
    """One message of all of them, in the language that is active; whoever has to act is called by name."""
    every = said_of(notices)
    field = ID_FIELDS[GroupRobot.Kind(robot.kind)]
    people = {
        person.pk
        for notice in notices
        if notice.kind in MENTIONED and notice.cancellation
        for person in telling.present(telling.deciders_of(notice.cancellation))
    }
    known = NoticeSettings.objects.filter(person__in=people).exclude(**{field: ""}).order_by("person")
    mentions = tuple(known.values_list(field, flat=True))
    if len(every) == 1:
        [one] = every
        return robots.Message(one.title, one.lines, address(one.path), mentions)
    lines = tuple(" · ".join([one.title, *one.lines[:2]]) for one in every)
    title = _("%(first)s, and %(n)s more") % {"first": every[0].title, "n": len(every) - 1}
    path = every[0].path if len({notice.cancellation_id for notice in notices}) == 1 else reverse("cancellation-list")
    return robots.Message(title, lines, address(path), mentions)


def note_answer(robot: GroupRobot, verdict: Verdict) -> None:
    """A robot that is told to slow down is silent for as long; one that was heard begins anew."""
    own = GroupRobot.objects.filter(pk=robot.pk)
    if verdict.state is State.SENT:
        own.filter(failures__gt=0).update(failures=0)
    elif verdict.state is State.AGAIN:
        own.update(
            failures=F("failures") + 1, next_at=timezone.now() + timedelta(seconds=max(verdict.wait, LEAST_PAUSE))
        )
