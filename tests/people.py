"""The fixed cast of the tests, their shops, and requests that went through the real verbs.

Li Na is a clerk, Sun Yue another one; Wang Qiang is a manager; Zhou Lan is a clerk and a manager; Chen Jing audits;
Zhao Lei administers; He Ping is a clerk of another shop; Root is a superuser.
"""

import uuid
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from cancellations.intake import Order
from cancellations.models import Credential, Operation, Person, Shop
from cancellations.models.secrets import Secret
from cancellations.workflow import access_changes, clerk, drafts, manager
from cancellations.workflow.administrator import fingerprint

APP_SECRET = "demosecret:demosalt"


def make_shop(name, *, sid, members=(), environment="sandbox", with_credential=True, **fields):
    made = Shop.objects.create(name=name, sid=sid, environment=environment, **({"seconds_between_calls": "0"} | fields))
    made.members.set(members)
    if with_credential:
        Credential.objects.create(
            shop=made, app_key="demo_key", app_secret=Secret(APP_SECRET), fingerprint=fingerprint(Secret(APP_SECRET))
        )
    return made


# name in `cast` and to sign in with -> roles, and what else is known of the person
PEOPLE = {
    "lina": (["clerk"], {"name": "李娜"}),
    "sunyue": (["clerk"], {"name": "孙悦"}),
    "wangqiang": (["manager"], {"name": "王强"}),
    "zhoulan": (["clerk", "manager"], {"name": "周岚"}),
    "chenjing": (["auditor"], {"name": "陈静"}),
    "zhaolei": (["administrator"], {"name": "赵磊"}),
    "heping": (["clerk", "manager"], {"name": "何平"}),
    "gone": (["clerk", "manager"], {"name": "离职", "is_active": False}),
    "root": ([], {"is_superuser": True, "is_staff": True}),
}


@pytest.fixture
def cast(db):
    """`cast.lina` and all the others; their passwords are `secret-of-<name>`. Stored in bulk: most tests start here."""
    users = Person.objects.bulk_create(
        Person(username=name, password=make_password(f"secret-of-{name}"), **fields)
        for name, (_, fields) in PEOPLE.items()
    )
    groups = {group.name: group for group in Group.objects.all()}
    Person.groups.through.objects.bulk_create(
        Person.groups.through(person=user, group=groups[role]) for user in users for role in PEOPLE[user.username][0]
    )
    return SimpleNamespace(**{user.username: user for user in users})


@pytest.fixture
def shop(cast):
    people = (cast.lina, cast.sunyue, cast.wangqiang, cast.zhoulan, cast.chenjing, cast.zhaolei, cast.gone)
    return make_shop("上海旗舰店", sid="demo_sid", members=people)


@pytest.fixture
def shop_of_others(cast):
    return make_shop("广州专卖店", sid="other_sid", members=[cast.heping])


def confirm(person, *, by):
    """Confirms the change of access of the person that is waiting."""
    access_changes.confirm(person.access_changes.waiting().get(), by=by)


def numbers(count, start=1):
    return [f"CG20261101{number:04}" for number in range(start, start + count)]


def draft_of(shop, by, order_nos=("CG1", "CG2", "CG3"), *, operation=Operation.CANCEL, reason="供应商停产", **fields):
    return drafts.draft(
        shop,
        by=by,
        operation=operation,
        allow_checked=fields.pop("allow_checked", False),
        reason=reason,
        orders=[Order(order_no, line, order_no) for line, order_no in enumerate(order_nos, 1)],
        token=fields.pop("token", None) or uuid.uuid4(),
    )


def submitted(shop, by, order_nos=("CG1", "CG2", "CG3"), **fields):
    cancellation = draft_of(shop, by, order_nos, **fields)
    clerk.submit(cancellation, by=by)
    return cancellation


def approved(shop, by, decider, order_nos=("CG1", "CG2", "CG3"), **fields):
    cancellation = submitted(shop, by, order_nos, **fields)
    manager.approve(cancellation, by=decider, seen_hash=cancellation.content_hash)
    return cancellation
