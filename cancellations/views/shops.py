"""Shop accounts: the list, adding one, testing the connection."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from cancellations import tasks
from cancellations.forms.shops import AddShopForm
from cancellations.models import Credential, Event, Shop
from cancellations.sending import probe
from cancellations.workflow import administrator, control, permissions
from cancellations.workflow.errors import NotAllowed, WorkflowError


def _check_administrator(person):
    try:
        permissions.check_may_manage_shops(person)
    except NotAllowed as error:
        raise PermissionDenied from error


def shop_list(request):
    _check_administrator(request.user)
    active = Credential.objects.filter(is_active=True)
    shops = list(
        Shop.objects.for_user(request.user)
        .select_related("paused_by")
        .prefetch_related(
            Prefetch("members", queryset=get_user_model().objects.filter(is_active=True), to_attr="active_members"),
            Prefetch("credentials", queryset=active, to_attr="active_credentials"),
        )
    )
    for shop in shops:
        shop.last_test = shop.events.filter(kind=Event.Kind.CONNECTION_TESTED).last()
    return render(request, "cancellations/shops.html", {"shops": shops})


@sensitive_post_parameters("app_secret")
def shop_add(request):
    _check_administrator(request.user)
    form = AddShopForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _add(request, form):
        messages.success(request, _("The shop was added. Test the connection now."))
        return redirect("shop-list")
    return render(request, "cancellations/shop_add.html", {"form": form}, status=422 if form.errors else 200)


def _add(request, form):
    try:
        administrator.add_shop(by=request.user, **form.cleaned_data)
    except WorkflowError as error:
        form.add_error(None, str(error))
        return False
    return True


@require_POST
def shop_test(request, pk):
    _check_administrator(request.user)
    shop = get_object_or_404(Shop.objects.for_user(request.user), pk=pk)
    try:
        works, sentence = probe.test_connection(shop, by=request.user)
    except probe.AccountBusy:
        works, sentence = False, _("The account is being used for sending at this moment. Try again in a minute.")
    (messages.success if works else messages.error)(request, f"{shop.name}: {sentence}")
    return redirect("shop-list")


@require_POST
def shop_pause(request, pk):
    note = request.POST.get("note", "").replace("\x00", "")
    done = _("The account is paused. A call that is under way is still recorded.")
    return _control(request, pk, lambda shop: control.pause_account(shop, by=request.user, note=note), done)


@require_POST
def shop_resume(request, pk):
    def verb(shop):
        with transaction.atomic():
            control.resume_account(shop, by=request.user)
            tasks.wake_shop(shop)

    return _control(request, pk, verb, _("The account is used again."))


def _control(request, pk, verb, done):
    _check_administrator(request.user)
    shop = get_object_or_404(Shop.objects.for_user(request.user), pk=pk)
    try:
        verb(shop)
    except WorkflowError as error:
        messages.error(request, f"{shop.name}: {error}")
    else:
        messages.success(request, f"{shop.name}: {done}")
    return redirect("shop-list")
