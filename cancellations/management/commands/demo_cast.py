"""Makes the people and the shop of the demo where they are missing, and lists who signs in how. Not for real use."""

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction

from cancellations.models import Person, Shop
from cancellations.models.secrets import Secret
from cancellations.workflow import administrator

CAST = (
    # user name, name, role
    ("lina", "李娜", "clerk"),
    ("wangqiang", "王强", "manager"),
    ("chenjing", "陈静", "auditor"),
    ("admin", "赵磊", "administrator"),
)


def password_of(username):
    return f"demo-{username}-2026"


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, **options):
        people = {role: self._person(*person, role) for *person, role in CAST}
        if not Shop.objects.exists():
            administrator.add_shop(
                by=people["administrator"],
                name="演示旗舰店",
                sid="demo_sid",
                environment="demo",
                app_key="demo_key",
                app_secret=Secret("demosecret:demosalt"),
                members=people.values(),
            )
        self.stdout.write(f"    {'role':15}{'user name':12}{'password':22}name")
        for username, name, role in CAST:
            self.stdout.write(f"    {role:15}{username:12}{password_of(username):22}{name}")

    def _person(self, username, name, role):
        person, made = Person.objects.get_or_create(username=username, defaults={"name": name})
        if made:
            person.set_password(password_of(username))
            person.save()
            person.groups.add(Group.objects.get(name=role))
        return person
