"""The people and shops of the demo. Their passwords are known, so they get into the demo's own database only."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection

from cancellations.models import AccessChange, Person, Shop
from cancellations.models.secrets import AppSecret
from cancellations.workflow import access_changes, administrator, machines, people
from wdtadmin.demo.folder import DATABASE, MARK, NotTheDemos

APP_KEY, APP_SECRET = "demo_key", "demosecret:demosalt"  # what `wdt/sandbox --accounts` knows
# user name -> name, roles; these sign in, and are named in the order in which they do
PEOPLE = {
    "lina": ("李娜", ["clerk"]),
    "wangqiang": ("王强", ["manager"]),
    "chenjing": ("陈静", ["auditor"]),
    "admin": ("赵磊", ["administrator"]),
    "zhoulan": ("周岚", ["clerk", "manager"]),
}
# the same of people who are only part of the history: they have no password
COLLEAGUES = {"sunyue": ("孙悦", ["clerk"]), "liuyang": ("刘洋", ["clerk"])}
# name -> seller account, who works there besides the administrator
SHOPS = {
    "演示旗舰店": ("demo_sid", ["lina", "sunyue", "zhoulan", "wangqiang", "chenjing", "liuyang"]),
    "演示专卖店": ("demo_sid2", ["lina", "sunyue", "zhoulan", "wangqiang", "chenjing"]),
    "演示奥莱店": ("demo_sid3", ["sunyue", "zhoulan", "wangqiang", "chenjing", "liuyang"]),
}


def password_of(username: str) -> str:
    """What a person of the demo signs in with."""
    return f"demo-{username}-2026"


def check_database() -> None:
    """Raises NotTheDemos unless the database that Django is connected to bears the demo's mark."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            if cursor.execute("PRAGMA application_id").fetchone()[0] == MARK:
                return
    raise NotTheDemos(connection.settings_dict["NAME"] or DATABASE)


def make() -> Any:
    """Adds the people, their shops and a machine; returns `.people` by user name, `.shops` in order, and its `.token`.

    Raises NotTheDemos on any database but the demo's own.
    """
    check_database()
    # The one whom nobody could add; on a real server that is a superuser.
    name, roles = PEOPLE["admin"]
    admin = Person.objects.create_user("admin", password=password_of("admin"), name=name)
    admin.groups.set(Group.objects.filter(name__in=roles))
    made = {"admin": admin}
    for username, (name, roles) in (PEOPLE | COLLEAGUES).items():
        if username == "admin":
            continue
        made[username] = people.add_person(by=admin, username=username, name=name, roles=roles)
        _confirm()
        people.make_link(made[username], by=admin)
        if username in PEOPLE:
            people.set_password(made[username], password=password_of(username))
    account = {"environment": "demo", "app_key": APP_KEY, "app_secret": AppSecret.parse(APP_SECRET)}
    shops = []
    for name, (sid, usernames) in SHOPS.items():
        members = [made[username] for username in usernames]
        shops.append(administrator.add_shop(by=admin, name=name, sid=sid, members=members, **account))
    _confirm()
    machine = machines.add_machine(
        by=admin,
        name="SAP-01",
        shops=shops[:1],
        responsible=made["lina"],
        may_request=True,
        networks="127.0.0.0/8\n::1/128",
        amount_per_day=None,
    )
    _confirm()
    machine.person.refresh_from_db()
    token = machines.make_token(machine, by=admin, days=366)
    return SimpleNamespace(people=made, shops=shops, token=token)


def accounts() -> dict[tuple[str, str], str]:
    """The ERP's accounts of the shops, as the stand-in ERP wants them."""
    return {(sid, APP_KEY): APP_SECRET for sid, _members in SHOPS.values()}


def is_made() -> bool:
    """Whether an earlier start has made them: they are made together with the history, all or nothing."""
    return Shop.objects.exists()


def lines() -> Iterator[str]:
    """Who signs in how, for whoever starts the demo."""
    yield f"    {'role':17}{'user name':12}{'password':22}name"
    has_left = set(Person.objects.filter(is_active=False).values_list("username", flat=True))
    for username, (name, roles) in PEOPLE.items():
        if username in has_left:
            continue
        yield f"    {', '.join(roles):17}{username:12}{password_of(username):22}{name}"


def _confirm():
    """As the server's operator does it at the first set-up, when there is no second administrator."""
    for change in AccessChange.objects.waiting():
        access_changes.confirm(change, by=None)
