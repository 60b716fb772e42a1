from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.people import Person
from cancellations.models.shops import Shop


class AccessChangeQuerySet(models.QuerySet["AccessChange"]):
    def waiting(self) -> Self:
        return self.filter(state=AccessChange.State.WAITING)

    def concerning(self, user: Person) -> Self:
        """Those of the person's own access, those that they asked for, and those that count in their accounts."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        there = AccessChange.shops.through.objects.filter(shop__members=user).values("accesschange")
        return self.filter(Q(person=user) | Q(asked_by=user) | Q(pk__in=there))


class AccessChange(models.Model):
    """A change that makes or recovers somebody who may decide: asked for by one, confirmed by another."""

    class Kind(models.TextChoices):
        ROLES = "roles", pgettext_lazy("access", "roles")
        SHOPS = "shops", pgettext_lazy("access", "seller accounts")
        DETAILS = "details", pgettext_lazy("access", "username")
        LINK = "link", pgettext_lazy("access", "one-time link for a new password")
        FACTOR = "factor", pgettext_lazy("access", "removal of the second factor")
        IDENTITY = "identity", pgettext_lazy("access", "new link to the company account")
        MACHINE = "machine", pgettext_lazy("access", "what a machine may do")
        REACTIVATION = "reactivation", pgettext_lazy("access", "reactivation")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for confirmation")
        CONFIRMED = "confirmed", pgettext_lazy("access", "confirmed, not used yet")  # a link that can be made once
        DONE = "done", pgettext_lazy("access", "carried out")
        REFUSED = "refused", pgettext_lazy("access", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("access", "withdrawn")

    person = models.ForeignKey(Person, models.PROTECT, related_name="access_changes")
    kind = models.CharField(max_length=12, choices=Kind)
    data = models.JSONField(default=dict)  # what the person then has: roles, keys of seller accounts, details
    shops = models.ManyToManyField(Shop, related_name="+")  # where it counts
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # carried out then, because nobody else could confirm it
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    confirmed = models.JSONField(null=True)  # as the events of the change keep it: how, by whom
    ended_at = models.DateTimeField(null=True)

    objects = AccessChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state="waiting") & ~Q(kind="shops"),
                name="one_change_of_a_kind_waits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "refused", "withdrawn"]) | Q(confirmed__isnull=False),
                name="a_change_is_confirmed_before_it_is_done",
            ),
            models.CheckConstraint(condition=~Q(asked_by=models.F("person")), name="nobody_asks_for_themselves"),
        ]

    def __str__(self):
        return f"{self.kind} {self.person_id} {self.state}"
