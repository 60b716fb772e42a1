"""The webhooks of a seller account, as its administrators see and change them."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access.sudo import for_administrators, needs_password
from cancellations.models import Shop, Webhook, WebhookDelivery
from cancellations.notices import webhooks as delivering
from cancellations.pages.shops.views import of_a_shop
from cancellations.workflow import webhooks
from cancellations.workflow.errors import TooOften, WorkflowError

SHOWN = 50


class WebhookForm(forms.Form):
    """Where another system wants to be told, and of what."""

    name = forms.CharField(label=pgettext_lazy("webhook", "Name"), max_length=60)
    url = forms.CharField(
        label=pgettext_lazy("webhook", "Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"spellcheck": "false", "placeholder": "https://"}),
        help_text=gettext_lazy("HTTPS. People who administer this seller account see it: put no password into it."),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("It is told when"),
        widget=forms.CheckboxSelectMultiple,
    )
    unmarked = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["kinds"].choices = [(str(kind), f"{kind.label} ({kind})") for kind in Webhook.Kind]


def _loaded(view, rows, shop):
    """Gives the view the row instead of its id: not there for others, and for administrators only."""

    def found(request, pk):
        own = rows.select_related(shop).filter(**{f"{shop}__in": Shop.objects.for_user(request.user)})
        return for_administrators(view)(request, get_object_or_404(own, pk=pk))

    return found


_of_a_webhook = partial(_loaded, rows=Webhook.objects, shop="shop")
_of_a_delivery = partial(_loaded, rows=WebhookDelivery.objects, shop="webhook__shop")


@of_a_shop
@needs_password
def add(request: HttpRequest, shop: Shop) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhook = webhooks.add_webhook(shop, by=request.user, **form.cleaned_data)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return _secret_page(request, webhook)
    return _form_page(request, form, _("Add a webhook to %(shop)s") % {"shop": shop.name}, shop)


def _secret_page(request, webhook):
    """Shown once, in the answer itself: a secret that waited in a session or a message could be read there."""
    context = {"webhook": webhook, "shop": webhook.shop, "secret": webhook.secret.reveal()}
    return render(request, "shops/webhook_secret.html", context)


@_of_a_webhook
def page(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    """Its latest messages, and what the address answered."""
    deliveries = list(webhook.deliveries.select_related("cancellation").order_by("-pk")[:SHOWN])
    context = {
        "webhook": webhook,
        "shop": webhook.shop,
        "deliveries": [(delivery, words.webhooks.answered(delivery)) for delivery in deliveries],
        "waiting": webhook.deliveries.filter(state=WebhookDelivery.State.DUE).count(),
        "old_until": webhook.old_until if webhook.old_until and webhook.old_until > timezone.now() else None,
    }
    return render(request, "shops/webhook.html", context)


@_of_a_webhook
@needs_password
def change(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    initial = {"name": webhook.name, "url": webhook.url, "kinds": webhook.kinds}
    form = WebhookForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            webhooks.change_webhook(webhook, by=request.user, **form.cleaned_data)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Webhook saved."))
            return redirect("webhook", webhook.pk)
    return _form_page(request, form, _("Webhook %(name)s") % {"name": webhook.name}, webhook.shop)


def _form_page(request, form, title, shop):
    context = {"form": form, "title": title, "shop": shop}
    return render(request, "shops/form.html", context, status=422 if form.errors else 200)


@require_POST
@_of_a_webhook
def switch(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    on = request.POST.get("on") == "1"
    webhooks.switch_webhook(webhook, by=request.user, on=on)
    messages.success(request, _("Webhook switched on.") if on else _("Webhook switched off."))
    return redirect("webhook", webhook.pk)


@require_POST
@_of_a_webhook
@needs_password
def rotate(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    webhooks.rotate_secret(webhook, by=request.user)
    return _secret_page(request, webhook)


@require_POST
@_of_a_webhook
def remove(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    webhooks.remove_webhook(webhook, by=request.user)
    messages.success(request, _("Webhook removed."))
    return redirect("shop", webhook.shop_id)


@require_POST
@_of_a_webhook
def test(request: HttpRequest, webhook: Webhook) -> HttpResponse:
    """Sends a test at once, and says what the address answered."""
    try:
        delivery = delivering.send_test(webhook, by=request.user)
    except TooOften as error:
        messages.error(request, str(error))
        return redirect("webhook", webhook.pk)
    tell = messages.success if delivery.state == WebhookDelivery.State.SENT else messages.error
    tell(request, words.webhooks.answered(delivery))
    return redirect("webhook", webhook.pk)


@require_POST
@_of_a_delivery
def send_again(request: HttpRequest, delivery: WebhookDelivery) -> HttpResponse:
    """The message is due at once; it stands in the list with the same id."""
    try:
        webhooks.send_again(delivery, by=request.user)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The message is sent again."))
    return redirect("webhook", delivery.webhook_id)
