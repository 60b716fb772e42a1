"""Machines and their tokens, stored without going through the verbs."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from cancellations.models import ApiToken, Machine, Person, marks
from cancellations.models.machines import Shown, new_token


def machine(*shops, responsible, name="SAP-01", may_request=True, networks="0.0.0.0/0\n::/0", **fields):
    """A machine of the shops, let in from everywhere, that may make requests."""
    person = Person(username=f"machine {name}", name=name, is_machine=True)
    person.set_unusable_password()
    person.save()
    person.groups.add(Group.objects.get(name="clerk"))
    person.shops.set(shops)
    return Machine.objects.create(
        person=person, responsible=responsible, may_request=may_request, networks=networks, **fields
    )


def token(machine, *, by, key="", expires_at=None, **fields):
    """A token of the machine as its callers show it: the text."""
    made = new_token()
    shown = Shown(key or made.key, made.secret)
    now = timezone.now()
    stored = ApiToken(
        machine=machine,
        key=shown.key,
        created_at=now,
        created_by=by,
        expires_at=expires_at or now + timedelta(days=90),
        **fields,
    )
    stored.digest = marks.of_token(*stored.sealed(shown.secret))
    stored.save()
    return str(shown)
