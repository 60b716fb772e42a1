"""Shop accounts: what administrators see and change of them."""

import functools
from collections.abc import Callable

from django.contrib import messages
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from cancellations import words
from cancellations.access.sudo import for_administrators, needs_password
from cancellations.models import Credential, Event, Person, Shop
from cancellations.pages.loading import typed
from cancellations.pages.shops.first_steps import first_steps
from cancellations.pages.shops.forms import AddShopForm, CredentialForm, MembersForm, ShopForm
from cancellations.sending import probe
from cancellations.workflow import administrator, permissions, shapes
from cancellations.workflow.errors import TooOften, WorkflowError

EVENTS_SHOWN = 50


def of_a_shop(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the view the shop instead of its id: not there for others, and for its administrators only."""

    @functools.wraps(view)
    def found(request, pk):
        return for_administrators(view)(request, get_object_or_404(_shops(request.user), pk=pk))

    return found


def _shops(person):
    return (
        Shop.objects.for_user(person)
        .select_related("paused_by")
        .annotate(
            last_kind=Subquery(_last_test("kind")),
            test_works=Subquery(_last_test("data__works")),
            tested_at=Subquery(_last_test("at")),
        )
        .prefetch_related(
            Prefetch(
                "members",
                queryset=Person.objects.filter(is_active=True, is_machine=False).prefetch_related("groups"),
                to_attr="active_members",
            ),
            Prefetch(
                "credentials", queryset=Credential.objects.select_related("created_by", "retired_by"), to_attr="keys"
            ),
        )
    )


def _last_test(field):
    """Of the last test, or of the credential that was added since: what was tested before says nothing of it."""
    kinds = [Event.Kind.CONNECTION_TESTED, Event.Kind.CREDENTIAL_ADDED]
    return Event.objects.filter(shop=OuterRef("pk"), kind__in=kinds).order_by("-pk").values(field)[:1]


@for_administrators
def shop_list(request: HttpRequest) -> HttpResponse:
    shops = list(_shops(request.user))
    return render(request, "shops/list.html", {"shops": shops, "first_steps": first_steps(request.user)})


@of_a_shop
def shop_page(request: HttpRequest, shop: Shop) -> HttpResponse:
    events = shop.events.filter(cancellation=None).select_related("person").order_by("-id")[:EVENTS_SHOWN]
    context = {
        "shop": shop,
        "members": [(person, words.people.roles(_roles(person))) for person in shop.active_members],
        "has_approver": any(permissions.MANAGER in _roles(person) for person in shop.active_members),
        "robots": shop.robots.order_by("name"),
        "webhooks": shop.webhooks.order_by("name"),
        "known_shapes": shapes.known_shapes(shop),
        "events": [words.events.told(event, of=shop) for event in events],
    }
    return render(request, "shops/page.html", context)


def _roles(person):
    return {group.name for group in person.groups.all()}


@for_administrators
@needs_password
@sensitive_post_parameters("app_secret")
def shop_add(request: HttpRequest) -> HttpResponse:
    form = AddShopForm(request.POST or None, by=request.user)

    def verb(given):
        return administrator.add_shop(by=request.user, **given)

    return _form_page(request, form, verb, _("Add seller account"), _("Seller account added."), may_test=True)


@of_a_shop
@needs_password
def shop_change(request: HttpRequest, shop: Shop) -> HttpResponse:
    # The form writes what is posted into its instance before anything is checked: it gets one of its own.
    form = ShopForm(request.POST or None, instance=Shop.objects.get(pk=shop.pk))

    def verb(given):
        administrator.change_shop(shop, by=request.user, **given)
        return shop

    return _form_page(request, form, verb, _("Settings of %(shop)s") % {"shop": shop.name}, _("Settings saved."), shop)


@of_a_shop
@needs_password
def shop_members(request: HttpRequest, shop: Shop) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    form = MembersForm(given, initial={"members": shop.active_members}, by=request.user)

    def verb(given):
        administrator.change_members(shop, by=request.user, **given)
        return shop

    title = _("People with access to %(shop)s") % {"shop": shop.name}
    return _form_page(request, form, verb, title, _("Access updated."), shop)


@of_a_shop
@needs_password
@sensitive_post_parameters("app_secret")
def shop_credential(request: HttpRequest, shop: Shop) -> HttpResponse:
    form = CredentialForm(request.POST or None)

    def verb(given):
        administrator.replace_credential(shop, by=request.user, **given)
        return shop

    title = _("New credential for %(shop)s") % {"shop": shop.name}
    return _form_page(request, form, verb, title, _("The new credential is in use."), shop, may_test=True)


def _form_page(request, form, verb, title, done, shop=None, *, may_test=False):
    """A page with one form about a shop: calls `verb(what was given)` and goes on to the shop that it gives.

    Where the connection is another one then, it can be tested in the same step (`may_test`).
    """
    if request.method == "POST" and form.is_valid():
        try:
            changed = verb(form.cleaned_data)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return _test(request, changed) if request.POST.get("then") == "test" else redirect("shop", changed.pk)
    context = {"form": form, "title": title, "shop": shop, "may_test": may_test}
    return render(request, "shops/form.html", context, status=422 if form.errors else 200)


@require_POST
@of_a_shop
@needs_password
def shop_retire(request: HttpRequest, shop: Shop) -> HttpResponse:
    done = _("Credential retired. No calls are made for this seller account until a new one is added.")
    return _control(request, shop, administrator.retire_credential, done)


@require_POST
@of_a_shop
def shop_test(request: HttpRequest, shop: Shop) -> HttpResponse:
    return _test(request, shop)


def _test(request, shop):
    try:
        works, sentence = probe.test_connection(shop, by=request.user)
    except TooOften as error:
        works, sentence = False, str(error)
    except probe.AccountBusy:
        works, sentence = False, _("The seller account is being used for sending. Try again in a minute.")
    (messages.success if works else messages.error)(request, f"{shop.name}{pgettext('clause', ': ')}{sentence}")
    return redirect("shop", shop.pk)


@require_POST
@of_a_shop
def shop_pause(request: HttpRequest, shop: Shop) -> HttpResponse:
    note = typed(request.POST, "note")
    done = _("Seller account paused. A call in flight is still recorded.")
    return _control(request, shop, administrator.pause_account, done, note=note)


@require_POST
@of_a_shop
def shop_resume(request: HttpRequest, shop: Shop) -> HttpResponse:
    return _control(request, shop, administrator.resume_account, _("Seller account resumed."))


def _control(request, shop, verb, done, **given):
    """Calls the verb; its refusal is a message on the page of the shop."""
    try:
        verb(shop, by=request.user, **given)
    except WorkflowError as error:
        messages.error(request, f"{shop.name}{pgettext('clause', ': ')}{error}")
    else:
        messages.success(request, f"{shop.name}{pgettext('clause', ': ')}{done}")
    return redirect("shop", shop.pk)
