"""The robots in the groups of a seller account, as its administrators see and change them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access.sudo import for_administrators, needs_password
from cancellations.models import GroupRobot, Notice, Shop
from cancellations.notices import groups as speaking
from cancellations.notices.verdict import State
from cancellations.pages.shops.views import of_a_shop
from cancellations.workflow import groups, limits
from cancellations.workflow.errors import TooOften, WorkflowError

SHOWN = 20
HIDDEN = {"autocomplete": "off", "spellcheck": "false"}


class RobotForm(forms.Form):
    """A robot as the chat shows it once: its webhook, and the secret that signs where one was chosen there."""

    kind = forms.ChoiceField(label=pgettext_lazy("robot", "Chat"), choices=GroupRobot.Kind.choices)
    name = forms.CharField(label=pgettext_lazy("robot", "Name"), max_length=60)
    address = forms.CharField(
        label=gettext_lazy("Webhook address"),
        max_length=300,
        widget=forms.PasswordInput(attrs=HIDDEN),
        help_text=gettext_lazy("As the chat shows it, with its key or token. Never shown again after saving."),
    )
    secret = forms.CharField(
        label=gettext_lazy("Signing secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs=HIDDEN),
        help_text=gettext_lazy("Only if “sign” was chosen for the robot in DingTalk or Feishu."),
    )
    unmarked = ("secret",)

    def __init__(self, *arguments: Any, robot: GroupRobot | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if robot is not None:
            del self.fields["kind"]
            self.fields["name"].initial = robot.name
            self.fields["address"].required = False
            self.fields["address"].help_text = gettext_lazy("Leave it empty to keep the stored one.")
            self.unmarked = ("address", "secret")


def _of_a_robot(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the view the robot instead of its id: not there for others, and for administrators only."""

    def found(request, pk):
        robots = GroupRobot.objects.select_related("shop").filter(shop__in=Shop.objects.for_user(request.user))
        return for_administrators(view)(request, get_object_or_404(robots, pk=pk))

    return found


@of_a_shop
@needs_password
@sensitive_post_parameters("address", "secret")
def add(request: HttpRequest, shop: Shop) -> HttpResponse:
    form = RobotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            robot = groups.add_robot(shop, by=request.user, **form.cleaned_data)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Group robot added. Send a test to see whether the group hears it."))
            return redirect("robot", robot.pk)
    return _form_page(request, form, _("Add a group robot to %(shop)s") % {"shop": shop.name}, shop)


@_of_a_robot
def page(request: HttpRequest, robot: GroupRobot) -> HttpResponse:
    """What the robot said last, and what the chat answered."""
    waiting = robot.notices.filter(state=Notice.State.DUE)
    refused = waiting.exclude(code="").first()
    context = {
        "robot": robot,
        "shop": robot.shop,
        "why_off": words.notices.why_off(robot.kind, robot.off_code) if robot.off_code else "",
        "notices": robot.notices.select_related("cancellation").order_by("-pk")[:SHOWN],
        "waiting": waiting.count(),
        "trouble": words.notices.why_off(robot.kind, refused.code) if robot.failures and refused else "",
    }
    return render(request, "shops/robot.html", context)


@_of_a_robot
@needs_password
@sensitive_post_parameters("address", "secret")
def change(request: HttpRequest, robot: GroupRobot) -> HttpResponse:
    form = RobotForm(request.POST or None, robot=robot)
    if request.method == "POST" and form.is_valid():
        try:
            groups.change_robot(robot, by=request.user, **form.cleaned_data)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Group robot saved. It is on."))
            return redirect("robot", robot.pk)
    return _form_page(request, form, _("Group robot %(name)s") % {"name": robot.name}, robot.shop)


def _form_page(request, form, title, shop):
    context = {"form": form, "title": title, "shop": shop}
    return render(request, "shops/form.html", context, status=422 if form.errors else 200)


@require_POST
@_of_a_robot
def switch(request: HttpRequest, robot: GroupRobot) -> HttpResponse:
    on = request.POST.get("on") == "1"
    groups.switch_robot(robot, by=request.user, on=on)
    messages.success(request, _("Group robot switched on.") if on else _("Group robot switched off."))
    return redirect("robot", robot.pk)


@require_POST
@_of_a_robot
def remove(request: HttpRequest, robot: GroupRobot) -> HttpResponse:
    groups.remove_robot(robot, by=request.user)
    messages.success(request, _("Group robot removed."))
    return redirect("shop", robot.shop_id)


@require_POST
@_of_a_robot
def test(request: HttpRequest, robot: GroupRobot) -> HttpResponse:
    """Says one sentence in the group, and on the page what the chat answered."""
    try:
        limits.consume(limits.TEST, by=request.user)
    except TooOften as error:
        messages.error(request, str(error))
        return redirect("robot", robot.pk)
    verdict = speaking.say_test(robot, request.user)
    if verdict.state is State.SENT:
        messages.success(
            request, _("The chat took the message (%(code)s). Look into the group.") % {"code": verdict.code}
        )
    else:
        messages.error(request, words.notices.why(verdict.meaning, verdict.code))
    return redirect("robot", robot.pk)
