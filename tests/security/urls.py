"""Every URL of the project: who may open it, and what it is about. A new URL needs one line in PAGES or VERBS.

The crawl compares this table, written by hand, with what the views really answer.
"""

from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from cancellations.models import AccessChange, Export, GroupRobot, Machine, SavedFilter, Webhook, WebhookDelivery
from cancellations.models.secrets import Secret
from cancellations.webhooks import new_secret
from tests import made_machines

CLERKS = {"lina", "sunyue", "zhoulan", "outsider"}
ADMINISTRATORS = {"zhaolei", "root", "outsider"}
MANAGERS = {"wangqiang", "zhoulan", "outsider"}
EVERYBODY = CLERKS | ADMINISTRATORS | {"wangqiang", "chenjing"}  # who is signed in


# What a URL is about: (arguments of mine, of another shop, of what does not exist), made of the crawl's `world`.
def nothing(world):
    return [], None, None


def a_request(world):
    return [world.mine.number], [world.of_others.number], ["CR20991231-9999"]


def an_order(world):
    return [world.mine.number, 1], [world.of_others.number, 1], [world.mine.number, 999]


def a_shop(world):
    return [world.shop.pk], [world.shop_of_others.pk], [999_999]


def a_person(world):
    """A colleague of the shop, and somebody who works for another one only."""
    mine, of_others = (world.shop.members.get(username="lina"), world.shop_of_others.members.get(username="heping"))
    return [mine.pk], [of_others.pk], [999_999]


def a_story(world):
    """Of an order that was in a request of mine, and of another shop's."""
    return [world.shop.pk, "CG1"], [world.shop_of_others.pk, "CG1"], [world.shop.pk, "CG404"]


def a_filter(world):
    """Of somebody else: one's own are different for everybody."""
    somebody = world.shop_of_others.members.get(username="heping")
    others, _ = SavedFilter.objects.get_or_create(person=somebody, kind="history", name="x", query="outcome=DONE")
    return None, [others.pk], [999_999]


def a_robot(world):
    """Of an account of mine, and of another one."""
    mine, of_others = (
        GroupRobot.objects.get_or_create(
            shop=shop, name="x", defaults={"kind": "wecom", "address": Secret("https://x")}
        )
        for shop in (world.shop, world.shop_of_others)
    )
    return [mine[0].pk], [of_others[0].pk], [999_999]


def a_machine(world):
    mine, of_others = (_machine_of(shop) for shop in (world.shop, world.shop_of_others))
    return [mine.pk], [of_others.pk], [999_999]


def a_token(world):
    mine, of_others = (_machine_of(shop) for shop in (world.shop, world.shop_of_others))
    for machine in (mine, of_others):
        if not machine.tokens.exists():
            made_machines.token(machine, by=machine.responsible)
    own, others = mine.tokens.first().pk, of_others.tokens.first().pk
    return [mine.pk, own], [of_others.pk, others], [mine.pk, others]


def _machine_of(shop):
    known = Machine.objects.filter(person__shops=shop).first()
    return known or made_machines.machine(shop, responsible=shop.members.first(), name=f"of {shop.sid}")


def a_webhook(world):
    """Of an account of mine, and of another one."""
    mine, of_others = (_webhook_of(shop) for shop in (world.shop, world.shop_of_others))
    return [mine.pk], [of_others.pk], [999_999]


def a_message_of_a_webhook(world):
    """The same."""
    now, about = timezone.now(), {"kind": "request.finished", "body": "{}"}
    mine, of_others = (
        WebhookDelivery.objects.get_or_create(webhook=_webhook_of(shop), **about, defaults={"at": now, "due_at": now})[
            0
        ]
        for shop in (world.shop, world.shop_of_others)
    )
    return [mine.pk], [of_others.pk], [999_999]


def _webhook_of(shop):
    made = {"url": "https://127.0.0.1:9/", "secret": Secret(new_secret())}
    return Webhook.objects.get_or_create(shop=shop, name="x", defaults=made)[0]


def a_kind_of_name(world):
    return ["supplier"], None, None


def an_export(world):
    """Of somebody else, as with a filter."""
    somebody = world.shop_of_others.members.get(username="heping")
    about = {"state": "ready", "language": "en", "orders": 1}
    others, _ = Export.objects.get_or_create(person=somebody, **about, defaults={"created_at": timezone.now()})
    return None, [others.pk], [999_999]


def a_change_of_access(world):
    """Of somebody of another shop: one's own are different for everybody."""
    somebody = world.shop_of_others.members.get(username="heping")
    asker = world.shop_of_others.members.exclude(pk=somebody.pk).first() or world.shop.members.first()
    about = {"person": somebody, "kind": "link", "asked_by": asker}
    others = AccessChange.objects.filter(**about).first()
    others = others or AccessChange.objects.create(**about, asked_at=timezone.now())
    others.shops.set([world.shop_of_others])
    return None, [others.pk], [999_999]


def a_session(world):
    """None is there by this name: it says so, and ends nothing."""
    return ["0" * 32], None, None


class Page(NamedTuple):
    """`only`: who may come here at all, others get 403. `part`: it also brings itself up to date as a fragment."""

    about: Callable[[SimpleNamespace], tuple] = nothing
    only: set[str] = EVERYBODY
    part: bool = False


# What is opened by a link; may take a form as well.
PAGES = {
    "home": Page(),
    "cancellation-list": Page(),
    "cancellation-new": Page(only=CLERKS),
    "template": Page(),
    "cancellation": Page(a_request),
    "cancellation-progress": Page(a_request, part=True),
    "cancellation-calls": Page(a_request),
    "cancellation-numbers": Page(a_request),
    "cancellation-add": Page(a_request, only={"lina"}),
    "cancellation-by-hand": Page(a_request, only=MANAGERS),
    "history": Page(),
    "search": Page(),
    "history-names": Page(a_kind_of_name),
    "export-list": Page(part=True),
    "export-file": Page(an_export),
    "order-story": Page(a_story),
    "order": Page(an_order),
    "confirm-password": Page(),
    "calendar": Page(only=ADMINISTRATORS),
    "worker-list": Page(only=ADMINISTRATORS, part=True),
    "about": Page(only=ADMINISTRATORS),
    "restored": Page(only=ADMINISTRATORS),
    "shop-list": Page(only=ADMINISTRATORS),
    "shop-add": Page(only=ADMINISTRATORS),
    "shop": Page(a_shop, only=ADMINISTRATORS),
    "shop-change": Page(a_shop, only=ADMINISTRATORS),
    "shop-members": Page(a_shop, only=ADMINISTRATORS),
    "shop-credential": Page(a_shop, only=ADMINISTRATORS),
    "person-list": Page(only=ADMINISTRATORS),
    "person-add": Page(only=ADMINISTRATORS),
    "person": Page(a_person, only=ADMINISTRATORS),
    "access-change-list": Page(),
    "api-docs": Page(),
    "api-openapi": Page(),
    "machine-list": Page(only=ADMINISTRATORS),
    "machine-add": Page(only=ADMINISTRATORS),
    "machine": Page(a_machine, only=ADMINISTRATORS),
    "account": Page(),
    "notices": Page(),
    "notice-bell": Page(),
    "notice-settings": Page(),
    "robot-add": Page(a_shop, only=ADMINISTRATORS),
    "robot": Page(a_robot, only=ADMINISTRATORS),
    "robot-change": Page(a_robot, only=ADMINISTRATORS),
    "webhook-add": Page(a_shop, only=ADMINISTRATORS),
    "webhook": Page(a_webhook, only=ADMINISTRATORS),
    "webhook-change": Page(a_webhook, only=ADMINISTRATORS),
    "figures": Page(only=EVERYBODY - CLERKS | {"zhoulan", "outsider"}),
    "audit": Page(only={"chenjing", "outsider"} | ADMINISTRATORS),
    "audit-copies": Page(only={"chenjing", "outsider"} | ADMINISTRATORS),
    "password-change": Page(),
    "second-factor-set-up": Page(),
}
# What changes something: takes a form and nothing else.
VERBS = {
    "logout": Page(),
    "cancellation-drop": Page(a_request),
    "cancellation-put-back": Page(a_request),
    "cancellation-edit": Page(a_request),
    "cancellation-restore": Page(a_request),
    "cancellation-look-again": Page(a_request),
    "cancellation-submit": Page(a_request),
    "cancellation-withdraw": Page(a_request),
    "cancellation-approve": Page(a_request),
    "cancellation-reject": Page(a_request),
    "cancellation-extend": Page(a_request),
    "cancellation-stop": Page(a_request),
    "cancellation-resume": Page(a_request),
    "cancellation-ask-again": Page(a_request),
    "cancellation-pause-account": Page(a_request),
    "cancellation-resume-account": Page(a_request),
    "approve-several": Page(),
    "stop-several": Page(),
    "cancellation-copy": Page(a_request),
    "calendar-set": Page(only=ADMINISTRATORS),
    "calendar-paste": Page(only=ADMINISTRATORS),
    "calendar-remove": Page(only=ADMINISTRATORS),
    "shop-pause": Page(a_shop, only=ADMINISTRATORS),
    "shop-resume": Page(a_shop, only=ADMINISTRATORS),
    "shop-test": Page(a_shop, only=ADMINISTRATORS),
    "shop-retire": Page(a_shop, only=ADMINISTRATORS),
    "person-roles": Page(a_person, only=ADMINISTRATORS),
    "person-shops": Page(a_person, only=ADMINISTRATORS),
    "person-details": Page(a_person, only=ADMINISTRATORS),
    "person-deactivate": Page(a_person, only=ADMINISTRATORS),
    "person-reactivate": Page(a_person, only=ADMINISTRATORS),
    "person-link": Page(a_person, only=ADMINISTRATORS),
    "person-unlock": Page(a_person, only=ADMINISTRATORS),
    "person-sign-out": Page(a_person, only=ADMINISTRATORS),
    "person-factor": Page(a_person, only=ADMINISTRATORS),
    "person-identity": Page(a_person, only=ADMINISTRATORS),
    "machine-settings": Page(a_machine, only=ADMINISTRATORS),
    "machine-shops": Page(a_machine, only=ADMINISTRATORS),
    "machine-deactivate": Page(a_machine, only=ADMINISTRATORS),
    "machine-reactivate": Page(a_machine, only=ADMINISTRATORS),
    "machine-token": Page(a_machine, only=ADMINISTRATORS),
    "token-revoke": Page(a_token, only=ADMINISTRATORS),
    "access-change-confirm": Page(a_change_of_access),
    "access-change-refuse": Page(a_change_of_access),
    "history-csv": Page(),
    "history-xlsx": Page(),
    "export-delete": Page(an_export),
    "history-filter-save": Page(),
    "filter-delete": Page(a_filter),
    "request-filter-save": Page(),
    "notices-read": Page(),
    "notice-mute": Page(),
    "robot-switch": Page(a_robot, only=ADMINISTRATORS),
    "robot-remove": Page(a_robot, only=ADMINISTRATORS),
    "robot-test": Page(a_robot, only=ADMINISTRATORS),
    "webhook-switch": Page(a_webhook, only=ADMINISTRATORS),
    "webhook-rotate": Page(a_webhook, only=ADMINISTRATORS),
    "webhook-remove": Page(a_webhook, only=ADMINISTRATORS),
    "webhook-test": Page(a_webhook, only=ADMINISTRATORS),
    "webhook-again": Page(a_message_of_a_webhook, only=ADMINISTRATORS),
    "cancellation-remind": Page(a_request),
    "second-factor-remove": Page(),
    "recovery-codes-new": Page(),
    "sign-out-everywhere": Page(),
    "session-end": Page(a_session),
}
# What a stranger may open, signed in or not, with its arguments.
PUBLIC = {"login": [], "sign-in-code": [], "set_language": [], "set-password": ["MQ", "no-token"], "favicon": []}
# What machines ask, answered before any page: its address, and whether everybody may read it.
PROBES = {"/health/live": True, "/health/ready": True, "/health/work": False, "/metrics": False}
KNOWN = {**PAGES, **VERBS}
# What only a machine's token opens (tests/api/test_callers.py): a person gets 401 in JSON, whoever they are.
OF_MACHINES = {
    "api-listSellerAccounts",
    "api-createRequest",
    "api-getRequest",
    "api-listOrders",
    "api-submitRequest",
    "api-withdrawRequest",
    "api-stopRequest",
    "api-findOrders",
    "api-listEvents",
}


def everywhere(world) -> list[tuple[str, Page, tuple]]:
    """(name, page, what it is about) of everything that is known; what many are about is made once."""
    made = cache(lambda about: about(world))
    return [(name, page, made(page.about)) for name, page in KNOWN.items()]


def every_url(patterns=None, namespace=()) -> Iterator[tuple[str, URLPattern]]:
    """(name, with its namespaces; else the route; the pattern) of everything that the project answers to."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            inner = (*namespace, entry.namespace) if entry.namespace else namespace
            yield from every_url(entry.url_patterns, inner)
        else:
            yield ":".join([*namespace, entry.name or str(entry.pattern)]), entry


def of_the_application() -> set[str]:
    return {name for name, _ in every_url()} - OF_MACHINES
