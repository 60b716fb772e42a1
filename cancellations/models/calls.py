from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cancellations.models.cancellations import CancellationRequest
from cancellations.models.naming import naming
from cancellations.models.shops import Credential


class ApiCall(models.Model):
    """One exchange with the ERP, written down before it is made. Holds no secret and no signature."""

    class Purpose(models.TextChoices):
        SEND = "send", pgettext_lazy("call purpose", "Send")
        SETTLE = "settle", pgettext_lazy("call purpose", "Verify")
        LOOK_UP = "look_up", _("Look up")
        PROBE = "probe", _("Connection test")

    class State(models.TextChoices):
        IN_FLIGHT = "in_flight", _("in flight")
        ANSWERED = "answered", pgettext_lazy("call state", "answered")
        NOT_EXECUTED = "not_executed", _("not executed")
        UNKNOWN = "unknown", pgettext_lazy("call state", "unknown")

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="calls")
    cancellation = models.ForeignKey(CancellationRequest, models.PROTECT, related_name="calls", null=True)
    purpose = models.CharField(max_length=8, choices=Purpose)
    method = models.CharField(max_length=64)
    body = models.TextField()  # exactly the text that was signed and sent
    page_no = models.PositiveIntegerField(null=True)
    lease_token = models.CharField(max_length=36, default="")
    state = models.CharField(max_length=12, choices=State, default=State.IN_FLIGHT)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(default="")  # the ERP's words; cut when longer than a page can use
    problem = models.CharField(max_length=16, default="")  # why it was not executed, or is unknown
    pruned_at = models.DateTimeField(null=True)  # when body and answer were emptied; workflow/retention.py
    problem_message = models.CharField(max_length=500, default="")

    get_purpose_display, get_state_display = naming("purpose", Purpose), naming("state", State)

    class Meta:
        ordering = ["-id"]
        indexes = [
            # calls whose sender may be gone
            models.Index(fields=["credential"], condition=Q(state="in_flight"), name="calls_in_flight"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, state="in_flight")
                | Q(finished_at__isnull=False) & ~Q(state="in_flight"),
                name="a_call_is_in_flight_or_finished",
            ),
        ]

    def __str__(self):
        return f"{self.get_purpose_display()} {self.pk}"
